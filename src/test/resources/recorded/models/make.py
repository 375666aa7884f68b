"""Adds stored texts to texts.jsonl beside this file, with what they come to, which ModelFilesTest compares.

Texts whose nodes depend on the lengths of their inputs are stored as texts, and each release reads them anew. Each line of texts.jsonl
is such a model as a release exported it: its model.json, the arrays that it keeps as NumPy saves them, in base64, and calls of it with
inputs of several lengths. Values and gradients are those of NumPy, and never what the service answers: gradients are found by complex
steps (Squire, Trapp, 1998), so that the functions below are written without absolute values and conjugates.

To add a text, add it to TEXTS, start the service with a new chainrule.data-directory, and run `python3 make.py http://localhost:8080`.
Lines that are there stay as they are: they stand for what clients have stored.
"""
import base64
import hashlib
import io
import json
import sys
import urllib.request
import zipfile
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "texts.jsonl"
STEP = 1e-30

A2 = [[0.5, -1.0], [2.0, 0.25]]
A3 = [[1.5, -0.5, 0.25], [0.75, 2.0, -1.0], [0.5, 1.25, -2.5]]
V2 = [0.5, -1.25]
V3 = [2.0, -0.5, 0.75]
V5 = [0.3, 1.7, -0.9, 2.2, 0.4]
N = {"shape": ["n"]}
NN = {"shape": ["n", "n"]}
MN = {"shape": ["m", "n"]}


def entropy(z, y):
    y = y.real.astype(int)
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[np.arange(len(y)), y])


def spectral(A):
    # The largest eigenvalue of a matrix of two rows, times its transpose.
    G = A @ A.T
    half = (G[0, 0] + G[1, 1]) / 2
    return np.sqrt(half + np.sqrt(half**2 - (G[0, 0] * G[1, 1] - G[0, 1] * G[1, 0])))


def normalized(x):
    d = x - np.mean(x, axis=-1, keepdims=True)
    return d / np.sqrt(np.mean(d**2, axis=-1, keepdims=True) + 1e-5)


def spread(x):
    return np.sum((x - np.mean(x))**2) / (len(x) - 1)


def climbing(x):
    s = 0
    for i in range(len(x)):
        s = s * x[i] + i
    return s


def windows(x, k):
    return np.array([np.sum(x[i:i + len(k)] * k) for i in range(len(x) - len(k) + 1)])


def largest(x, size):
    return np.array([max(x[i:i + size], key=lambda number: number.real) for i in range(0, len(x) - size + 1, size)])


# Name: what is put, the models that it calls, which are put before, its calls, and what it means.
TEXTS = {
    "product of vectors": ({"expression": "f = a · b", "declares": {"a": N, "b": N}}, {},
                           [{"a": V2, "b": [3, 4]}, {"a": V3, "b": [1, -2, 0.5]}], lambda a, b: np.sum(a * b)),
    "norm of a vector": ({"expression": "f = ‖x‖₂ * s", "declares": {"x": N, "s": {"shape": []}}}, {},
                         [{"x": V2, "s": 3}, {"x": V5, "s": -0.5}], lambda x, s: np.sqrt(np.sum(x**2)) * s),
    "spectral norm": ({"expression": "f = ‖A‖₂", "declares": {"A": {"shape": [2, "n"]}}}, {},
                      [{"A": A2}, {"A": [[1, 2, -1], [0.5, 0, 3]]}], spectral),
    "mean by a length": ({"expression": "f = sum(x^2) / len(x)", "declares": {"x": N}}, {}, [{"x": V2}, {"x": V5}],
                         lambda x: np.mean(x**2)),
    "length of an axis": ({"expression": "f = x.shape[1] * sum(x[0]) + x.shape[0] * x[-1, -1]", "declares": {"x": MN}}, {},
                          [{"x": A2}, {"x": [[1, 2, 3]]}, {"x": A3}], lambda x: x.shape[1] * np.sum(x[0]) + x.shape[0] * x[-1, -1]),
    "loop": ({"expression": "s = 0\nfor i in 0:len(x): s = s * x[i] + i\nf = s^2", "declares": {"x": N}}, {},
             [{"x": V3}, {"x": V5}], lambda x: climbing(x)**2),
    "loop from behind": ({"expression": "s = 1\nfor i in range(len(x) - 1, -1, -2):\n    s = s * (x[i] + i)\nreturn s",
                          "declares": {"x": N}}, {},
                         [{"x": V3}, {"x": V5}], lambda x: np.prod([x[i] + i for i in range(len(x) - 1, -1, -2)])),
    "branch": ({"expression": "if len(x) > 3:\n    f = prod(x)\nelse:\n    f = sum(x^3)", "declares": {"x": N}}, {},
               [{"x": V3}, {"x": V5}], lambda x: np.prod(x) if len(x) > 3 else np.sum(x**3)),
    "differences": ({"expression": "f = sum(np.diff(x)^2)", "declares": {"x": N}}, {}, [{"x": V2}, {"x": V5}],
                    lambda x: np.sum((x[1:] - x[:-1])**2)),
    "trapezoids": ({"expression": "f = np.trapz(y, t)", "declares": {"y": N, "t": N}}, {},
                   [{"y": V2, "t": [0, 0.5]}, {"y": V5, "t": [0, 1, 1.5, 3, 3.25]}],
                   lambda y, t: np.sum((t[1:] - t[:-1]) * (y[1:] + y[:-1]) / 2)),
    "equal steps": ({"expression": "f = sum(np.linspace(0, 1, len(x)) * x^2)", "declares": {"x": N}}, {}, [{"x": V3}, {"x": V5}],
                    lambda x: np.sum(np.linspace(0, 1, len(x)) * x**2)),
    "convolution of sequences": ({"expression": "f = sum(np.convolve(x, k)^2)", "declares": {"x": N, "k": {"shape": ["m"]}}}, {},
                                 [{"x": V3, "k": V2}, {"x": V5, "k": V3}], lambda x, k: np.sum(np.convolve(x, k)**2)),
    "diagonal and trace": ({"expression": "f = np.trace(A) * sum(np.diag(A)^2)", "declares": {"A": NN}}, {}, [{"A": A2}, {"A": A3}],
                           lambda A: np.trace(A) * np.sum(np.diag(A)**2)),
    "matrix of a diagonal": ({"expression": "f = sum((np.diag(x) @ x)^2)", "declares": {"x": N}}, {}, [{"x": V2}, {"x": V5}],
                             lambda x: np.sum(x**4)),
    "lower triangle": ({"expression": "f = sum(np.tril(A) @ x)", "declares": {"A": NN, "x": N}}, {},
                       [{"A": A2, "x": V2}, {"A": A3, "x": V3}], lambda A, x: np.sum(np.tril(A) @ x)),
    "rows that are stacked": ({"expression": "f = sum(np.vstack((x, y))[1] * x[0]) + sum(np.atleast_2d(x) @ A)",
                               "declares": {"x": N, "y": N, "A": NN}}, {},
                              [{"x": V2, "y": [3, 4], "A": A2}, {"x": V3, "y": [1, -2, 0.5], "A": A3}],
                              lambda x, y, A: np.sum(y * x[0]) + np.sum(x @ A)),
    "linear equations": ({"expression": "z = np.linalg.solve(A, b)\nf = sum(z * c)", "declares": {"A": NN, "b": N, "c": N}}, {},
                         [{"A": A2, "b": V2, "c": [1, -3]}, {"A": A3, "b": V3, "c": [2, 0.5, 1]}],
                         lambda A, b, c: np.sum(np.linalg.solve(A, b) * c)),
    "weighted average": ({"expression": "f = np.average(x, weights=w)^2", "declares": {"x": N, "w": N}}, {},
                         [{"x": V2, "w": [1, 3]}, {"x": V3, "w": [0.5, 1, 2]}], lambda x, w: (np.sum(x * w) / np.sum(w))**2),
    "covariance": ({"expression": "f = np.cov(x)", "declares": {"x": N}}, {}, [{"x": V3}, {"x": V5}], spread),
    "cross entropy": ({"expression": "f = F.cross_entropy(x @ W, y)",
                       "declares": {"x": {"shape": ["n", 2]}, "W": {"shape": [2, 3]}, "y": N}}, {},
                      [{"x": A2, "W": [[1, -1, 0.5], [0.25, 2, -0.5]], "y": [2, 0]},
                       {"x": [[1, -1], [0.5, 2], [-2, 0.1]], "W": [[1, -1, 0.5], [0.25, 2, -0.5]], "y": [1, 1, 0]}],
                      lambda x, W, y: entropy(x @ W, y)),
    "layer norm": ({"expression": "f = sum(F.layer_norm(x, (x.shape[-1],))^3)", "declares": {"x": MN}}, {},
                   [{"x": A3}, {"x": [V5]}], lambda x: np.sum(normalized(x)**3)),
    "convolution and pool": ({"expression": "h = F.conv1d(x, k)\nf = sum(F.max_pool1d(h, 2)^2)",
                              "declares": {"x": {"shape": [1, 1, "n"]}, "k": {"shape": [1, 1, 2]}}}, {},
                             [{"x": [[V3]], "k": [[V2]]}, {"x": [[V5]], "k": [[V2]]}],
                             lambda x, k: np.sum(largest(windows(x[0, 0], k[0, 0]), 2)**2)),
    "model that is called in a loop": ({"expression": "s = 0\nfor i in 0:len(x): s = s + neuron(x[i], i)\nf = s / len(x)",
                                        "declares": {"x": N}},
                                       {"neuron": {"expression": "w[0] * tanh(w[1] * x + b * t)", "inputs": {"w": [2, 0.5], "b": -0.1},
                                                   "declares": {"x": {"shape": []}, "t": {"shape": []}}}},
                                       [{"x": V2}, {"x": V5}], lambda x: np.mean(2 * np.tanh(0.5 * x - 0.1 * np.arange(len(x))))),
    "network that is called": ({"expression": "f = sum(net(x)^2)", "declares": {"x": {"shape": ["n", 2]}}},
                               {"net": {"network": {"input": {"name": "x", "shape": [2]},
                                                    "layers": [{"type": "dense", "name": "out", "units": 2, "activation": "tanh"}]},
                                        "parameters": {"out.weight": [[0.5, -1], [0.25, 2]], "out.bias": [0.1, -0.2]}}},
                               [{"x": [V2]}, {"x": A2}],
                               lambda x: np.sum(np.tanh(x @ np.array([[0.5, -1], [0.25, 2]]) + [0.1, -0.2])**2)),
    "graph that calls a text": ({"graph": {"nodes": [{"id": "a", "op": "centred", "inputs": ["x"]},
                                                     {"id": "b", "op": "mul", "inputs": ["a", "x"]},
                                                     {"id": "f", "op": "sum", "inputs": ["b"]}]}, "declares": {"x": N}},
                                {"centred": {"expression": "x - sum(x) / len(x)", "declares": {"x": N}}},
                                [{"x": V2}, {"x": V5}], lambda x: np.sum((x - np.mean(x)) * x)),
}
# Targets are whole numbers.
NOT_DIFFERENTIATED = {"y of cross entropy"}


def ask(service, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(service + path, data, {"Content-Type": "application/json"}, method=method)
    return urllib.request.urlopen(request).read()


def exported(service, name, put, models):
    """The model.json of a text, without its name and version, and the arrays that it keeps."""
    for called, body in models.items():
        ask(service, "PUT", "/v1/models/" + called, body)
    path = "/v1/models/text_" + hashlib.sha256(name.encode()).hexdigest()[:8]
    ask(service, "PUT", path, put)
    with zipfile.ZipFile(io.BytesIO(ask(service, "GET", path + "/export"))) as file:
        model = json.loads(file.read("model.json"))
        del model["name"], model["version"]
        values = {entry: base64.b64encode(file.read(entry)).decode() for entry in file.namelist() if entry != "model.json"}
    if "expression" not in model and not model.get("models"):
        raise ValueError(name + " is not stored as a text")
    return model, values


def called(name, inputs, function):
    """A call, its value, and its gradient by each number of each input."""
    arrays = {key: np.array(value, dtype=complex) for key, value in inputs.items()}
    gradients = {}
    for key, array in arrays.items():
        if key + " of " + name in NOT_DIFFERENTIATED:
            continue
        gradient = np.zeros(array.shape)
        for place in np.ndindex(array.shape):
            moved = array.copy()
            moved[place] += 1j * STEP
            gradient[place] = complex(function(**{**arrays, key: moved})).imag / STEP
        gradients[key] = gradient.tolist()
    return {"inputs": inputs, "value": complex(function(**arrays)).real, "gradients": gradients}


def main(service):
    lines = FILE.read_text("utf-8").splitlines() if FILE.exists() else []
    there = {json.loads(line)["name"] for line in lines}
    for name, (put, models, calls, function) in TEXTS.items():
        if name not in there:
            model, values = exported(service, name, put, models)
            lines.append(json.dumps({"name": name, "model": model, "values": values,
                                     "calls": [called(name, inputs, function) for inputs in calls]}, ensure_ascii=False))
    FILE.write_text("".join(line + "\n" for line in lines), "utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1])
