"""Times PyTorch's Jacobian or Hessian: derivatives.py jacobian|hessian FOLDER.

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


x = read("x")
if function == "jacobian":
    W = read("W").reshape(-1, len(x))

    def work():
        return jacobian(lambda x: torch.tanh(W @ x), x, vectorize=True)
else:
    def rosenbrock(x):
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    def work():
        return hessian(rosenbrock, x, vectorize=True)

work().numpy().tofile(f"{folder}/result")
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
