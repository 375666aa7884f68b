"""Writes the requests beside this file: data for small trainings, the same ones every time."""
import json
import math
import pathlib
import random

FONT = """
.XXXX... ..XX.... .XXXX... .XXXX... ....XX.. .XXXXX.. ..XXX... .XXXXX.. .XXXX... .XXXX...
XX..XX.. .XXX.... XX..XX.. XX..XX.. ...XXX.. .XX..... .XX..... XX..XX.. XX..XX.. XX..XX..
XX.XXX.. ..XX.... ....XX.. ....XX.. ..XXXX.. .XXXX... XX...... ....XX.. XX..XX.. XX..XX..
XXX.XX.. ..XX.... ...XX... ..XXX... .XX.XX.. ....XX.. XXXXX... ...XX... .XXXX... .XXXXX..
XX..XX.. ..XX.... .XX..... ....XX.. XXXXXXX. ....XX.. XX..XX.. ..XX.... XX..XX.. ....XX..
XX..XX.. ..XX.... XX..XX.. XX..XX.. ....XX.. XX..XX.. XX..XX.. ..XX.... XX..XX.. ...XX...
.XXXX... .XXXXX.. XXXXXX.. .XXXX... ...XXXX. .XXXX... .XXXX... ..XX.... .XXXX... .XXX....
........ ........ ........ ........ ........ ........ ........ ........ ........ ........
"""
ROWS = [line.split() for line in FONT.strip().splitlines()]


def digit(n, rng):
    """A digit of the font, moved by up to one place each way, from 0 to 9 in ink, with noise."""
    down, right = rng.randint(0, 1), rng.randint(0, 1)
    return [[[min(9, max(0, round((7 if i >= down and j >= right and ROWS[i - down][n][j - right] == "X" else 1) + rng.gauss(0, 1))))
              for j in range(8)] for i in range(8)]]


def digits(count, seed):
    rng = random.Random(seed)
    labels = [k % 10 for k in range(count)]
    return {"image": [digit(n, rng) for n in labels], "digit": labels}


def spirals(each, seed):
    rng = random.Random(seed)
    points, classes = [], []
    for c in range(3):
        for k in range(each):
            r = k / (each - 1)
            angle = 4 * c + 4 * r + rng.gauss(0, 0.15)
            points.append([round(r * math.sin(angle), 3), round(r * math.cos(angle), 3)])
            classes.append(c)
    return {"x": points, "y": classes}


def echoes(count, length, late, seed):
    rng = random.Random(seed)
    heard = [[rng.randint(0, 1) for _ in range(length)] for _ in range(count)]
    return {"x": [[[bit] for bit in bits] for bits in heard],
            "y": [[[bits[t - late] if t >= late else 0] for t in range(length)] for bits in heard]}


def write(name, request):
    lines = ",\n ".join(json.dumps(key) + ": " + json.dumps(value, separators=(",", ":")) for key, value in request.items())
    pathlib.Path(__file__).with_name(name + ".json").write_text("{" + lines + "}\n")


write("xor", {
    "network": {"input": {"name": "x", "shape": [2]}, "layers": [
        {"type": "dense", "name": "hidden", "units": 4, "activation": "tanh"},
        {"type": "dense", "name": "out", "units": 1, "activation": "sigmoid"}],
        "loss": {"type": "binary_cross_entropy", "target": "y"}},
    "initializer": {"scheme": "glorot_uniform", "seed": 1}, "optimizer": {"type": "adam", "lr": 0.1}, "epochs": 200,
    "metrics": ["accuracy"],
    "inputs": {"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[0], [1], [1], [0]]}})
write("spirals", {
    "network": {"input": {"name": "x", "shape": [2]}, "layers": [
        {"type": "dense", "name": "hidden", "units": 64, "activation": "relu"}, {"type": "dense", "name": "scores", "units": 3}],
        "loss": {"type": "cross_entropy", "target": "y"}, "regularization": {"l2": 0.0002}},
    "initializer": {"scheme": "he_normal", "seed": 1}, "optimizer": {"type": "adam", "lr": 0.02}, "epochs": 150,
    "metrics": ["accuracy"], "inputs": spirals(100, 1), "validation": {"inputs": spirals(50, 2)}})
write("echo", {
    "network": {"input": {"name": "x", "shape": [8, 1]}, "layers": [
        {"type": "lstm", "units": 16, "return_sequences": True}, {"type": "dense", "units": 1, "activation": "sigmoid"}],
        "loss": {"type": "binary_cross_entropy", "target": "y"}},
    "initializer": {"scheme": "glorot_uniform", "seed": 2}, "optimizer": {"type": "adam", "lr": 0.02}, "epochs": 60, "clip_norm": 1,
    "metrics": ["accuracy"], "inputs": echoes(128, 8, 3, 2), "validation": {"inputs": echoes(64, 8, 3, 3)}})
write("digits", {
    "network": {"input": {"name": "image", "shape": [1, 8, 8]}, "layers": [
        {"type": "conv2d", "filters": 8, "kernel_size": 3, "padding": "same", "activation": "relu"},
        {"type": "max_pool2d", "kernel_size": 2}, {"type": "flatten"}, {"type": "dense", "units": 10}],
        "loss": {"type": "cross_entropy", "target": "digit"}},
    "initializer": {"scheme": "he_normal", "seed": 3}, "optimizer": {"type": "adam", "lr": 0.005}, "epochs": 15,
    "metrics": ["accuracy"], "inputs": digits(400, 4), "validation": {"inputs": digits(100, 5)}})
