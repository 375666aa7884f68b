"""Times derivatives in PyTorch: derivatives.py neuron|jacobian|hessian FOLDER.

Reads the inputs from the folder as float64, writes the result there, and prints nanoseconds of a call, one measurement a line.
"""
import sys
import time

import numpy as np
import torch
from torch.autograd.functional import hessian, jacobian

MEASUREMENTS = 3
SECONDS = 0.5

torch.set_num_threads(1)
function, folder = sys.argv[1:]


def read(name):
    return torch.from_numpy(np.fromfile(f"{folder}/{name}"))


def neuron():
    leaves = [read(name)[0].requires_grad_() for name in ("w0", "x0", "w1", "x1", "w2")]

    def work():
        w0, x0, w1, x1, w2 = leaves
        f = torch.sigmoid(w0 * x0 + w1 * x1 + w2)
        return f, *torch.autograd.grad(f, leaves)

    return work


def jacobian_of_layer():
    x = read("x")
    W = read("W").reshape(-1, len(x))
    return lambda: (jacobian(lambda x: torch.tanh(W @ x), x, vectorize=True),)


def hessian_of_rosenbrock():
    def f(x):
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    x = read("x")
    return lambda: (hessian(f, x, vectorize=True),)


work = {"neuron": neuron, "jacobian": jacobian_of_layer, "hessian": hessian_of_rosenbrock}[function]()
torch.cat([result.detach().reshape(-1) for result in work()]).numpy().tofile(f"{folder}/result")
for measurement in range(MEASUREMENTS + 1):
    start = time.perf_counter_ns()
    calls = 0
    while calls == 0 or time.perf_counter_ns() - start < SECONDS * 1e9:
        work()
        calls += 1
    elapsed = (time.perf_counter_ns() - start) / calls
    # The first warms up.
    if measurement > 0:
        print(elapsed)
