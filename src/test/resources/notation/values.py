"""Computes what functions of NumPy, or PyTorch, make of arrays, for values-numpy.json and values-torch.json beside this file, which
NotationTest holds our functions against.

Run `python3 values.py numpy http://localhost:8080` while the service runs, or `torch` where PyTorch is installed. Each function that a
table of the library names is called with vectors, matrices and arrays of rank 3, alone, in pairs and along axes; calls that the file
has already are made again. What the library or the service refuses is left out; where both answer and differ, the call is printed and
kept, so that the test fails. At most ten calls of a function are kept, besides those that the file had.
"""
import ast
import json
import math
import re
import sys
import urllib.error
import urllib.request
import warnings
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
TABLES = HERE.parent.parent.parent / "main/resources/io/chainrule/core/expression"
ALONE = ["v", "A", "S", "T", "pA", "pS", "pT", "uA", "uT", "cA", "SPD", "zA", "c"]
PAIRS = ["A, B", "S, Q", "T, U", "A, v", "T, u4", "S, v", "pA, uA", "pS, v", "v, w", "T, c", "c, A", "SPD, v", "v, A", "S, A", "A, S",
         "pT, uT"]
AXES = {"numpy": ["axis=0", "axis=1", "axis=-1", "axis=(0, 1)", "axis=0, keepdims=True", "axis=-1, keepdims=True"],
        "torch": ["dim=0", "dim=1", "dim=-1", "dim=(0, 1)", "dim=0, keepdim=True"]}
LIBRARIES = {"numpy": [("np.", "numpy.txt"), ("np.linalg.", "numpy.linalg.txt")],
             "torch": [("torch.", "torch.txt"), ("F.", "functional.txt"), ("torch.linalg.", "torch.linalg.txt")]}
# What these answer for arrays that are not sorted, or targets of another shape than the scores, is not defined.
UNDEFINED = {"searchsorted", "bucketize", "multilabel_soft_margin_loss"}
MOST_OF_A_FUNCTION = 10
MOST_NUMBERS = 36


def functions(table):
    for line in (TABLES / table).read_text().splitlines():
        names = re.match(r"([\w ]+?)\s*\(", line) if line and line[0] not in "#!? " else None
        yield from names[1].split() if names else []


def plain(value):
    if isinstance(value, list):
        return [plain(item) for item in value]
    number = float(value)
    return "NaN" if math.isnan(number) else float("%.12g" % number) if math.isfinite(number) else "Infinity" if number > 0 else "-Infinity"


def numbers(value):
    return [numbers(item) for item in value] if isinstance(value, list) else float(value)


def ours(call, inputs, service):
    body = json.dumps({"expression": call, "inputs": inputs, "diagnostics": "none"}).encode()
    request = urllib.request.Request(service + "/v1/evaluate", body, {"Content-Type": "application/json"})
    try:
        return np.array(numbers(json.load(urllib.request.urlopen(request))["value"]))
    except urllib.error.HTTPError:
        return None


def main(library, service):
    warnings.filterwarnings("ignore")
    path = HERE / f"values-{library}.json"
    known = json.loads(path.read_text())
    calls = [call["call"] for call in known["calls"]]
    had = set(calls)
    for prefix, table in LIBRARIES[library]:
        for name in dict.fromkeys(name for name in functions(table) if name not in UNDEFINED):
            arguments = ALONE + PAIRS + [f"{x}, {axis}" for x in ("A", "S", "T", "pA") for axis in AXES[library]]
            calls += [f"{prefix}{name}({argument})" for argument in arguments]
    if library == "torch":
        import torch
        torch.set_default_dtype(torch.float64)
        names, array = {"torch": torch, "F": torch.nn.functional}, torch.tensor
    else:
        names, array = {"np": np}, np.array
    kept = []
    count = {}
    for call in dict.fromkeys(calls):
        read = {node.id for node in ast.walk(ast.parse(call, mode="eval")) if isinstance(node, ast.Name)} & known["inputs"].keys()
        inputs = {name: known["inputs"][name] for name in read}
        try:
            theirs = eval(call, {name: array(numbers(value)) for name, value in inputs.items()} | names)
            theirs = np.asarray(theirs.detach() if hasattr(theirs, "detach") else theirs)
            if theirs.dtype.kind not in "fbi" or theirs.size > MOST_NUMBERS:
                continue
        except Exception:
            continue
        got = ours(call, inputs, service)
        if got is None:
            continue
        theirs = theirs.astype(float)
        if got.shape != theirs.shape or not np.allclose(got, theirs, rtol=1e-9, atol=1e-9, equal_nan=True):
            print(call, "is", theirs.tolist(), "not", got.tolist())
        function = call.split("(")[0]
        count[function] = count.get(function, 0) + 1
        if call in had or count[function] <= MOST_OF_A_FUNCTION:
            kept.append({"call": call, "value": plain(theirs.tolist())})
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in known["inputs"].items()]
    path.write_text('{"inputs": {\n' + ",\n".join(lines) + '\n},\n"calls": [\n' + ",\n".join(map(json.dumps, kept)) + "\n]}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
