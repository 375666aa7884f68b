"""Writes values.csv: elementary functions at some doubles, to 70 digits, from mpmath.

    python3 make.py > values.csv
"""
import random

import mpmath as mp

mp.mp.dps = 900  # so that 1 + e^x and e^x - 1 keep 70 digits at every double here


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


FUNCTIONS = {
    "exp": (mp.exp, -745, 709),
    "exp2": (lambda x: mp.mpf(2) ** x, -1074, 1023),
    "expm1": (mp.expm1, -50, 709),
    "log": (mp.log, 0, 10),
    "log2": (lambda x: mp.log(x) / mp.log(2), 0, 10),
    "log10": (lambda x: mp.log(x) / mp.log(10), 0, 10),
    "log1p": (mp.log1p, -1, 10),
    "sinh": (mp.sinh, -700, 700),
    "cosh": (mp.cosh, -700, 700),
    "tanh": (mp.tanh, -30, 30),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), -745, 40),
    "softplus": (softplus, -745, 40),
    "logsigmoid": (lambda x: -softplus(-x), -40, 745),
    "density": (lambda x: mp.exp(x) / (1 + mp.exp(x)) ** 2, -745, 745),
    "sechSquared": (lambda x: 1 / mp.cosh(x) ** 2, -373, 373),
    "sin": (mp.sin, -1e22, 1e22),
    "cos": (mp.cos, -1e22, 1e22),
    "tan": (mp.tan, -1e22, 1e22),
    "asin": (mp.asin, -1, 1),
    "acos": (mp.acos, -1, 1),
    "atan": (mp.atan, -100, 100),
    "asinh": (mp.asinh, -100, 100),
    "acosh": (mp.acosh, 1, 100),
    "atanh": (mp.atanh, -1, 1),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), -100, 100),
    "erf": (mp.erf, -7, 7),
    "erfc": (mp.erfc, -7, 27),
    "phi": (lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, -38, 9),
    "gelu": (lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2, -38, 40),
}

DOMAINS = {"asin": (-1, 1), "acos": (-1, 1), "atanh": (-1 + 2e-16, 1 - 2e-16), "acosh": (1, 1e308)}

random.seed(1)
print("function,x,value")
for name, (f, low, high) in FUNCTIONS.items():
    positive = low == 0
    some = [random.uniform(low, high) for _ in range(12)] + [random.uniform(max(low, -1), 1) for _ in range(6)]
    some += [1 + random.choice([-1, 1]) * random.uniform(1, 2) * 2.0 ** -random.randint(2, 40) for _ in range(4)]
    some += [(1 if positive else random.choice([-1, 1])) * random.uniform(1, 2) * 2.0 ** -random.randint(1, 70) for _ in range(6)]
    some += [1e-300, 1e100] if name.startswith("log") and positive else [-1e-200, 5e-324]
    for x in some:
        if name in DOMAINS and not DOMAINS[name][0] <= x <= DOMAINS[name][1]:
            continue
        print(name, x.hex(), mp.nstr(f(mp.mpf(x)), 70, min_fixed=0, max_fixed=0), sep=",")
