"""Writes circular.txt, beside this file: values of the circular, error, inverse and power functions, which
ReferenceValuesTest reads.

Run it after a change as `python3 circular.py`, with mpmath 1.3 or newer (some seconds with gmpy2); it always writes the same
file. The values are computed with 60 digits at the very doubles that are written, and more where cancellation asks for it.

A line has the function's name, its arguments and the nearest double to the value, all as the 16 hexadecimal digits of their
bits, and what the value has beyond that double, in units of its last place.
"""
import math
import random
import struct
from pathlib import Path

from mpmath import mp, mpf

mp.prec = 200
FAR = 1400  # bits, for the multiples of pi/2 near large doubles
HALF_PI = math.pi / 2


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def double(b):
    return struct.unpack("<d", struct.pack("<Q", b))[0]


def line(name, arguments, value):
    exponent = -1074 if value == 0 else max(mp.frexp(value)[1] - 53, -1074)
    scaled = mp.ldexp(value, -exponent)
    whole = mp.nint(scaled)
    nearest = math.ldexp(int(whole), exponent)
    if nearest == 0 and value < 0:
        nearest = -0.0
    return "%s %s %016x %.5f" % (name, " ".join("%016x" % bits(x) for x in arguments), bits(nearest), float(scaled - whole))


def precise(function):
    def at(x):
        with mp.workprec(FAR):
            return function(mpf(x))
    return at


def erf(x):
    return mp.erf(max(min(x, 40), -40))


def erfc(x):
    """Beyond 40 the value is 0 or 2 for every purpose, and mpmath gives up."""
    return mp.erfc(max(min(x, 40), -40))


def phi(x):
    return erfc(-x / mp.sqrt(2)) / 2


def gelu(x):
    return x * phi(x)


# --- Arguments.

class Arguments:
    def __init__(self, name):
        self.random = random.Random(name)

    def any(self):
        """Random bits."""
        while True:
            x = double(self.random.getrandbits(64))
            if math.isfinite(x):
                return x

    def even(self, size):
        return self.random.uniform(-size, size)

    def spread(self, low, high):
        """Every order of magnitude is as likely as another."""
        return self.random.choice((-1, 1)) * math.exp(self.random.uniform(math.log(low), math.log(high)))

    def near(self, x):
        for _ in range(self.random.randrange(6)):
            x = math.nextafter(x, self.random.choice((-math.inf, math.inf)))
        return x

    def below_one(self):
        return self.random.choice((-1, 1)) * (1 - abs(self.spread(1e-16, 0.5)))


def circular(a):
    kinds = (a.any, lambda: a.even(10), lambda: a.even(1e4), lambda: a.spread(1e-10, 1e10), lambda: a.spread(1e9, 1e308),
             lambda: a.near(a.random.randrange(1 << 20) * HALF_PI), lambda: a.near(a.spread(1, 1e300) // 1 * HALF_PI),
             lambda: a.near(a.random.choice((2.0 ** 32, HALF_PI / 2, 1e-8))))
    return lambda: (a.random.choice(kinds)(),)


def error(end):
    def make(a):
        kinds = (a.any, lambda: a.even(1), lambda: a.even(end / 4), lambda: a.even(end), lambda: a.spread(1e-18, 1),
                 lambda: a.near(a.random.choice((0.5, -0.5, 6.0, -6.0, end, -end, 3.0))))
        return lambda: (a.random.choice(kinds)(),)
    return make


def unbounded(a):
    kinds = (a.any, lambda: a.even(4), lambda: a.spread(1e-10, 1e10),
             lambda: a.near(a.random.choice((0.5, 1.0, 2.0, -2.0, 8.0, 2.0 ** -10, 2.0 ** 30, 5e-324, 2.2e-308, 1.7e308))))
    return lambda: (a.random.choice(kinds)(),)


def bounded(a):
    kinds = (lambda: a.even(1), lambda: a.spread(1e-300, 1), a.below_one, lambda: a.near(a.random.choice((0.5, -0.5, 2.0 ** -10))))
    return lambda: (a.random.choice(kinds)(),)


def above_one(a):
    kinds = (lambda: 1 + abs(a.spread(2.3e-16, 10)), lambda: abs(a.spread(1, 1e300)), lambda: abs(a.near(2.0 ** 30)))
    return lambda: (a.random.choice(kinds)(),)


def plane(a):
    kinds = (lambda: (a.any(), a.any()), lambda: (a.even(1), a.even(1)), lambda: (a.spread(1e-5, 1e5), a.spread(1e-5, 1e5)))

    def close():
        x = a.any()
        return x, a.near(x * a.random.choice((0.5, 1, 2, -1)))

    def beside():
        x = a.spread(1e-290, 1e290)
        return x, x * a.spread(1e-17, 1e17)
    return lambda: a.random.choice(kinds + (close, beside))()


def powers(a):
    def toward(ends):
        x = abs(a.spread(1e-4, 1e4))
        return x, a.random.choice(ends) / math.log(x) * a.random.uniform(0.95, 1)
    kinds = (lambda: (abs(a.any()), a.even(1)), lambda: (abs(a.spread(1e-10, 1e10)), a.spread(1e-3, 30)),
             lambda: (1 + a.spread(1e-16, 0.5), a.spread(1e-3, 1e15)), lambda: toward((709, -708)), lambda: toward((-744,)),
             lambda: (a.random.randrange(-1000, 1000) + 0.0, a.random.randrange(-60, 60) + 0.0))
    return lambda: a.random.choice(kinds)()


FUNCTIONS = {
    "sin": (precise(mp.sin), circular, 1500), "cos": (precise(mp.cos), circular, 1500), "tan": (precise(mp.tan), circular, 1500),
    "erf": (erf, error(6.0), 1500), "erfc": (erfc, error(28.0), 1500), "phi": (phi, error(39.0), 1500),
    "gelu": (gelu, error(38.0), 1500),
    "atan": (mp.atan, unbounded, 1500), "asin": (mp.asin, bounded, 1000), "acos": (mp.acos, bounded, 1000),
    "atan2": (mp.atan2, plane, 1000), "asinh": (precise(mp.asinh), unbounded, 1000), "acosh": (precise(mp.acosh), above_one, 1000),
    "atanh": (precise(mp.atanh), bounded, 1000), "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), unbounded, 1000),
    "hypot": (lambda x, y: mp.sqrt(x ** 2 + y ** 2), plane, 1000), "pow": (mp.power, powers, 1500)}


def lines():
    for name, (function, arguments, count) in FUNCTIONS.items():
        draw = arguments(Arguments(name))
        written = 0
        while written < count:
            x = draw()
            if name == "pow" and (x[0] == 0 or x[0] < 0 and not x[1].is_integer()):
                continue
            value = function(*map(mpf, x))
            if not all(map(math.isfinite, x)) or not mpf(2) ** -1100 < abs(value) < mpf(2) ** 1024 * (1 - mpf(2) ** -54):
                continue
            yield line(name, x, value)
            written += 1


(Path(__file__).parent / "circular.txt").write_text("".join(text + "\n" for text in lines()), encoding="utf-8")
