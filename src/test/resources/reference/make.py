"""Writes the references that AccuracyTest and SecondDerivativesTest read: scalars.csv, arrays.csv and seconds.csv, beside this file.

Run it after a change as `python3 make.py`, with mpmath 1.2 or newer; it takes some seconds and always writes the same
files. Every op is defined here once more, by its formula, apart from the Java code, and evaluated with hundreds of digits
at exactly the doubles written in the column `operands`. Its derivatives are central differences of that: with a step
of 1e-200 in a function known to 900 digits they are right to far more digits than the 21 that are written.

Columns: a call as a client would write it; its operands, separated by ';', arrays as [shape] and their elements in
row-major order; the value; by each operand, separated by ';', the whole Jacobian (row-major, result by operand; '-' where
the operand is an index or a label); the relative bound where 2e-15 is out of reach (or ± an absolute one), and why.
In seconds.csv a row has the first derivatives, the second ones (row-major), and the largest terms that both are sums of, where these
may cancel.
"""
import csv
import itertools
import re
from pathlib import Path

from mpmath import mp, mpf

HERE = Path(__file__).parent
FINE = (900, 200)  # digits, and minus the exponent of the step
COARSE = (150, 35)  # for functions that are slow to compute


# --- Elementwise ops: formulas, and where they are evaluated.

def sign(x):
    return mpf((x > 0) - (x < 0))


def softplus(x):
    return mp.log(1 + mp.exp(x))


def sinc(x):
    return mpf(1) if x == 0 else mp.sin(mp.pi * x) / (mp.pi * x)


def clipped(x, low, high):
    return max(min(x, mpf(high)), mpf(low))


def half_to_even(x):
    floor = mp.floor(x)
    rest = x - floor
    return floor + (1 if rest > 0.5 or rest == 0.5 and floor % 2 == 1 else 0)


def trunc(x):
    return sign(x) * mp.floor(abs(x))


def atan2(y, x):
    return mp.atan2(y, x)


def sinc_derivative(n):
    # The integral of cos(π x t) over t from 0 to 1, n times under the integral sign, as a power series.
    def f(x):
        z, total, k = mp.pi * x, mpf(0), 0
        while True:
            if 2 * k >= n:
                term = (-1) ** k * mp.pi ** n * z ** (2 * k - n) / mp.factorial(2 * k - n) / (2 * k + 1)
                total += term
                if k > abs(z) + n and abs(term) < mpf(10) ** -(mp.dps - 20):
                    return total
            k += 1
    return f


SELU_SCALE = '1.05070098735548049341933498529460'
SELU_ALPHA = '1.67326324235437728481704299167170'


def selu(x):
    return mpf(SELU_SCALE) * (x if x > 0 else mpf(SELU_ALPHA) * mp.expm1(x))


def gelu(x):
    return x * mp.erfc(-x / mp.sqrt(2)) / 2


def gelu_tanh(x):
    return x / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (x + mpf('0.044715') * x ** 3)))


ELEMENTWISE = [
    ('neg(x)', lambda x: -x, '2.5'),
    ('abs(x)', abs, '-3.5 1e-300 7e300'),
    ('sign(x)', sign, '-3.5 1e-300'),
    ('reciprocal(x)', lambda x: 1 / x, '3.0 -1e-200'),
    ('square(x)', lambda x: x * x, '-3.0 1e-100'),
    ('sqrt(x)', mp.sqrt, '2.0 1e-300 1e300 5e-324'),
    ('rsqrt(x)', lambda x: 1 / mp.sqrt(x), '2.0 1e-20 1e200'),
    ('cbrt(x)', lambda x: sign(x) * mp.cbrt(abs(x)), '2.0 -27.5 1e-30'),
    ('exp(x)', mp.exp, '-708.0 -40.0 1e-20 1.5 709.0'),
    ('exp2(x)', lambda x: mpf(2) ** x, '-1022.0 0.5 1023.0 10.0'),
    ('expm1(x)', lambda x: mp.exp(x) - 1, '1e-300 -1e-10 1e-05 -40.0 2.0 700.0'),
    ('log(x)', mp.log, '1e-300 0.9999999 1.0000001 5e300'),
    ('log2(x)', lambda x: mp.log(x) / mp.log(2), '3.0 0.9999999 1.5e-323 1e300'),
    ('log10(x)', lambda x: mp.log(x) / mp.log(10), '1000.0 0.2 1e-300 7.0'),
    ('log1p(x)', lambda x: mp.log(1 + x), '1e-300 1e-10 -1e-10 -0.9999999999 1e300'),
    ('sigmoid(x)', lambda x: 1 / (1 + mp.exp(-x)), '-700.0 -40.0 0.0 1e-10 2.0 40.0'),
    ('logit(x)', lambda x: mp.log(x / (1 - x)), '1e-300 0.3 0.5000001 0.49999999999 0.75 0.9999999999'),
    ('sin(x)', mp.sin, '1e-10 3.14159265358979 100000.0 1.5 1e22'),
    ('cos(x)', mp.cos, '1e-10 1.5707963267948966 100000.0 1e22'),
    ('tan(x)', mp.tan, '1.5707963 1e-10 3.0 -1.2'),
    ('asin(x)', mp.asin, '1e-10 0.5 0.9999999999 -0.9999999999'),
    ('acos(x)', mp.acos, '1e-10 0.5 0.9999999999 -0.9999999999'),
    ('atan(x)', mp.atan, '1e-10 10000000000.0 -2.0 1e200'),
    ('sinh(x)', mp.sinh, '1e-10 -20.0 700.0'),
    ('cosh(x)', mp.cosh, '1e-05 -20.0 700.0'),
    ('tanh(x)', mp.tanh, '1e-10 -0.5 5.0 20.0 300.0'),
    ('asinh(x)', lambda x: sign(x) * mp.log(abs(x) + mp.sqrt(x * x + 1)), '1e-300 1e-10 -1e-05 0.7 -3.0 100000000.0 -1e300 1e20'),
    ('acosh(x)', lambda x: mp.log(x + mp.sqrt(x * x - 1)), '1.0000000001 1.5 3.0 100000000.0 1e300'),
    ('atanh(x)', lambda x: mp.log((1 + x) / (1 - x)) / 2, '1e-300 1e-10 -0.5 0.9999999999 -0.3'),
    ('sinc(x)', sinc, '1e-10 0.001 0.31 0.32 0.5 1.5 100.25 1000000.5'),
    *[(f'sinc_derivative(x, order={n})', sinc_derivative(n), '1e-05 0.3 0.7 1.0 2.25 -10.5') for n in range(1, 9)],
    ('erf(x)', mp.erf, '1e-300 1e-10 -0.49 0.51 1.0 2.5 -5.5'),
    ('erfc(x)', mp.erfc, '-3.0 -0.4 1e-10 0.49 0.51 1.7 5.3 12.7 26.1'),
    ('erfinv(x)', mp.erfinv, '1e-300 1e-10 -0.3 0.499 0.501 0.9 -0.999999 0.9999999999999998'),
    ('lgamma(x)', lambda x: mp.re(mp.loggamma(x)), '1e-300 1e-10 0.3 0.75 0.9999999 1.0000001 1.4616321449683622 1.9999999 2.0000001 2.4 3.7 '
     '14.9 15.1 100.5 10000000000.0 1e300 -1e-10 -0.3 -0.5 -1.5 -2.9999999 -10.25 -1000.5'),
    ('digamma(x)', mp.digamma, '1e-300 1e-10 0.3 0.75 1.2 1.46 1.4616321449683622 1.4617 1.72 2.0 2.6 7.3 14.9 15.1 10000000000.0 1e300 -1e-10 '
     '-0.3 -1.5 -2.9999999 -10.25 -1000.5'),
    *[(f'polygamma(x, n={n})', lambda x, n=n: mp.psi(n, x), points) for n, points in [
        (0, '0.3 -1.25'), (1, '0.001 0.3 1.0 2.5 17.3 1000.0 -0.3 -1.25 -10.75'), (2, '0.001 0.3 1.0 2.5 1000.0 -0.3 -10.75'),
        (3, '0.001 0.3 1.0 2.5 1000.0 -0.3 -10.75'), (7, '0.001 0.3 1.0 2.5 17.3 1000.0 -0.3 -1.25 -10.75'),
        (20, '0.001 0.3 1.0 2.5 17.3 1000.0 -0.3 -1.25 -10.75'), (100, '0.001 0.3 1.0 2.5 17.3 1000.0 -0.3 -1.25 -10.75')]],
    ('floor(x)', mp.floor, '-2.5 4503599627370495.5'),
    ('ceil(x)', mp.ceil, '-2.5 0.1'),
    ('round(x)', half_to_even, '-1.6 2.4 4503599627370497.0'),
    ('trunc(x)', trunc, '-2.7 2.7'),
    ('isnan(x)', lambda x: mpf(0), '0.5'),
    ('isfinite(x)', lambda x: mpf(1), '1.7976931348623157e308'),
    ('logical_not(x)', lambda x: mpf(x == 0), '0.5'),
    ('nan_to_num(x)', lambda x: x, '-1.7e308'),
    ('stop_gradient(x)', None, '0.1'),
    ('clip(x, min=-1, max=1)', lambda x: clipped(x, -1, 1), '-3.0 -0.9999999 0.1 7.0'),

    ('relu(x)', lambda x: max(x, mpf(0)), '-1e-300 1e-300 1e300'),
    ('leaky_relu(x)', lambda x: x if x > 0 else mpf('0.01') * x, '-3.0 1e-300 2.0'),
    ('elu(x, alpha=0.5)', lambda x: x if x > 0 else mp.expm1(x) / 2, '-40.0 -1.0 -1e-10 2.5'),
    ('selu(x)', selu, '-40.0 -1.0 -1e-10 2.5'),
    ('celu(x, alpha=2)', lambda x: x if x > 0 else 2 * (mp.exp(x / 2) - 1), '-40.0 -1e-10 2.5'),
    ('gelu(x)', gelu, '-30.7 -10.3 -1.5 -0.3 1e-10 0.8 5.5'),
    ("gelu(x, approximate='tanh')", gelu_tanh, '-16.3 -10.3 -1.5 -0.3 1e-10 0.8 5.5'),
    ('silu(x)', lambda x: x / (1 + mp.exp(-x)), '-700.0 -40.0 -2.0 1e-10 0.5 30.0'),
    ('mish(x)', lambda x: x * mp.tanh(softplus(x)), '-700.0 -40.0 -2.0 1e-10 0.5 30.0'),
    ('softplus(x)', softplus, '-700.0 -40.0 0.0 1.0 40.0 1000.0'),
    ('softplus(x, beta=3.5)', lambda x: softplus(mpf('3.5') * x) / mpf('3.5'), '-190.0 0.3 20.0'),
    ('softsign(x)', lambda x: x / (1 + abs(x)), '-1e300 -2.0 1e-10 0.3'),
    ('relu6(x)', lambda x: clipped(x, 0, 6), '-1.0 5.999999 7.0'),
    ('hard_tanh(x)', lambda x: clipped(x, -1, 1), '-1.5 0.999999 3.0'),
    ('hard_sigmoid(x)', lambda x: clipped(x + 3, 0, 6) / 6, '-2.999999 0.1 4.0'),
    ('hard_swish(x)', lambda x: x * clipped(x + 3, 0, 6) / 6, '-2.999999 -0.7 5.0'),
    ('softshrink(x)', lambda x: x - clipped(x, '-0.5', '0.5'), '-0.75 0.3 2.0'),
    ('hardshrink(x)', lambda x: x if abs(x) > 0.5 else mpf(0), '-0.75 0.3 2.0'),
    ('tanhshrink(x)', lambda x: x - mp.tanh(x), '1e-100 -1e-05 0.01 0.6 -1.9 2.1 30.0'),
    ('log_sigmoid(x)', lambda x: -softplus(-x), '-700.0 -1.5 0.0 3.0 40.0 700.0'),
    ('threshold(x, threshold=1, value=20)', lambda x: x if x > 1 else mpf(20), '0.9 1.1'),
    ('prelu(x, y)', lambda x, a: x if x > 0 else a * x, '-3.0,0.25 3.0,0.25'),

    ('add(x, y)', lambda a, b: a + b, '1.5,-0.25'),
    ('sub(x, y)', lambda a, b: a - b, '1.5,-0.25'),
    ('mul(x, y)', lambda a, b: a * b, '1.5,-0.25'),
    ('strong_mul(x, y)', lambda a, b: a * b, '1.5,-0.25'),
    ('strong_mul_both(x, y)', lambda a, b: a * b, '1.5,-0.25'),
    ('div(x, y)', lambda a, b: a / b, '1.0,3.0 1e-300,1e-300'),
    ('pow(x, y)', lambda a, b: a ** b, '2.0,0.5 1.0000001,1000000.0 1e-10,-3.5 0.5,60.0'),
    ('maximum(x, y)', max, '1.0,2.0 3.0,-1e300'),
    ('minimum(x, y)', min, '1.0,2.0 3.0,-1e300'),
    ('fmax(x, y)', max, '1.0,2.0 3.0,-1e300'),
    ('fmin(x, y)', min, '1.0,2.0 3.0,-1e300'),
    ('atan2(x, y)', atan2, '1.0,-1.0 -1e-300,1e-300 1e200,1e200 2.0,3.0'),
    ('hypot(x, y)', lambda a, b: mp.sqrt(a * a + b * b), '3.0,4.0 1e300,1e300 1e-200,2e-200 1e-10,1.0'),
    ('logaddexp(x, y)', lambda a, b: a + softplus(b - a), '1000.0,1000.0 0.0,-40.0 -1000.0,-1001.0 0.001,2.0'),
    ('xlogy(x, y)', lambda a, b: a * mp.log(b), '2.0,1e-300 0.5,1.0000001'),
    ('xlog1py(x, y)', lambda a, b: a * mp.log(1 + b), '2.0,1e-300 0.5,-0.9999999'),
    ('fmod(x, y)', lambda a, b: a - b * trunc(a / b), '7.5,2.0 -7.5,2.0 7.5,-2.0 1e15,0.7'),
    ('remainder(x, y)', lambda a, b: a - b * mp.floor(a / b), '7.5,2.0 -7.5,2.0 7.5,-2.0'),
    ('floor_divide(x, y)', lambda a, b: mp.floor(a / b), '7.5,2.0 -7.5,2.0 1.0,0.1'),
    ('copysign(x, y)', lambda a, b: abs(a) * sign(b), '-3.0,0.5 3.0,-1e-300'),
    ('heaviside(x, y)', lambda x, v: mpf(x > 0), '-1.0,0.3 2.0,0.3'),
    *[(f'{name}(x, y)', f, '1.0,2.0 2.0,1.0') for name, f in [
        ('eq', lambda a, b: mpf(a == b)), ('ne', lambda a, b: mpf(a != b)), ('lt', lambda a, b: mpf(a < b)), ('le', lambda a, b: mpf(a <= b)),
        ('gt', lambda a, b: mpf(a > b)), ('ge', lambda a, b: mpf(a >= b)), ('logical_and', lambda a, b: mpf(a != 0 and b != 0)),
        ('logical_or', lambda a, b: mpf(a != 0 or b != 0)), ('logical_xor', lambda a, b: mpf((a != 0) != (b != 0)))]],
    ('lerp(x, y, z)', lambda a, b, w: a + w * (b - a), '1.0,3.0,0.25 1e16,1.0,1.0'),
    ('where(x, y, z)', lambda c, a, b: a if c != 0 else b, '1.0,0.1,0.2 0.0,0.1,0.2'),
]

# --- Where second derivatives are evaluated.

LINE = '1e-300 -1e-131 1e-20 -1e-10 1e-05 -0.001 0.1 -0.3 0.5 -0.7 0.9999 1.0 -1.7 2.2 -5.3 8.7 -12.9 19.7 -26.1 37.1 -99.3 299.7 -699.1'
AXIS = LINE + ' 100000.0 -10000000000.0 1e20 -1e100 1e140'
POSITIVE = '1e-100 1e-20 1e-05 0.1 0.5 0.9999999 1.0000001 1.7 8.7 299.7 10000000000.0 1e100'
UNIT = '1e-300 -1e-131 1e-20 -1e-10 0.001 -0.3 0.5 -0.7 0.9 0.9999999 -0.99999999999999'
PLANE = '3.0,4.0 1e-10,1.0 1.0,-1e-10 1e100,3e100 -5.0,12.0 1.0,1.0000001 2e-100,3e-100'
SECONDS = {
    **dict.fromkeys(['exp(x)', 'exp2(x)', 'expm1(x)', 'sin(x)', 'cos(x)', 'tan(x)', 'sinh(x)', 'cosh(x)', 'selu(x)', 'elu(x, alpha=0.5)',
                     'celu(x, alpha=2)'], LINE),
    **dict.fromkeys(['atan(x)', 'asinh(x)', 'tanh(x)', 'sigmoid(x)', 'softsign(x)', 'softplus(x)', 'log_sigmoid(x)', 'silu(x)', 'gelu(x)',
                     "gelu(x, approximate='tanh')", 'mish(x)', 'tanhshrink(x)', 'erf(x)', 'softplus(x, beta=3.5)'], AXIS),
    **dict.fromkeys(['sqrt(x)', 'log(x)', 'log2(x)', 'log10(x)', 'cbrt(x)', 'reciprocal(x)'], POSITIVE),
    **dict.fromkeys(['asin(x)', 'acos(x)', 'atanh(x)'], UNIT),
    'rsqrt(x)': POSITIVE + ' 2e-206',
    'erfc(x)': '-12.9 -3.1 -1e-10 1e-131 0.3 0.9 1.7 5.3 12.7 19.7 26.1',
    'erfinv(x)': '1e-10 -0.3 0.499 0.501 0.9 -0.999999 0.9999999999999998',
    'log1p(x)': '1e-300 1e-10 -0.3 -0.9999999999 1.7 1e100',
    'acosh(x)': '1.0000000001 1.3 3.1 100.5 10000000000.0 1e100',
    'logit(x)': '1e-150 1e-20 0.001 0.3 0.49999999999 0.5000001 0.7 0.9999999999',
    'div(x, y)': '1.0,3.0 1e-100,1e-100 -7.0,1e50',
    'pow(x, y)': '2.0,0.5 1e-300,0.3 1e300,0.3 5.5,-0.7 0.001,1.3 1.0000001,1000000.0 0.37,3.0 3.0,7.1',
    'hypot(x, y)': PLANE,
    'atan2(x, y)': PLANE,
    'logaddexp(x, y)': '0.0,-40.0 1000.1,999.3 -1000.0,-1001.7 0.1,700.3 0.3,0.30000001 -300.1,399.7',
    'xlogy(x, y)': '2.0,1e-100 0.5,1.0000001 3.0,7.0',
    'xlog1py(x, y)': '2.0,1e-100 0.5,-0.9999999 3.0,7.0 1e-10,1e10',
    'square(x)': '1e-100 -0.3 1e100',
    'lgamma(x)': '1.4616 1.46163214496836 1e-100 1e-10 0.1 0.9999999 1.0000001 1.3 1.999999 2.000001 8.7 299.7 10000000000.0 1e100 -0.3 -1.7 -5.3',
    'digamma(x)': '1e-100 1e-10 0.1 0.9999999 1.3 2.000001 8.7 299.7 10000000000.0 1e100 -0.3 -1.7 -5.3',
    'polygamma(x, n=1)': '1e-60 1e-10 0.1 0.9999999 1.3 2.000001 8.7 299.7 10000000000.0 1e60 -0.3 -1.7 -5.3',
    'sinc(x)': '1.4303 1.43029665312 0.6626 0.66258 1e-300 1e-131 1e-10 1e-05 -0.001 0.1 -0.3 0.5 0.9999 1.0 -1.7 2.2 -5.3 19.7 -99.3 10000.7',
}
# Functions x · g(x), whose derivatives g + x g' and 2 g' + x g'' have irrational zeros.
GATED = {'silu(x)', 'gelu(x)', "gelu(x, approximate='tanh')", 'mish(x)'}

SLOW = {'erfinv', 'lgamma', 'digamma', 'polygamma', 'eigvalsh', 'eigh_vectors', 'svd_u', 'svdvals', 'svd_vh', 'matrix_norm', 'expm'}

# Operands that are labels or signs, by which there is no derivative: op and operand.
LABELS = {('nll_loss', 1), ('hinge_loss', 1), ('cosine_embedding_loss', 2)}

# Where the last digits are out of reach: relative bound and reason, by op or by call.
TERMS = 'terms of both signs add up'
BOUNDS = {
    'sinc_derivative': ('1e-13', TERMS),
    'polygamma': ('1e-13', 'a power of high order, and terms of both signs'),
    'solve': ('1e-14', TERMS),
    'cholesky': ('±2e-15', TERMS),
    'cross_entropy': ('1e-14', TERMS),
    'softmax': ('±1e-16', 'a probability that rounds to 1 does not tell how far from 1 it is; that of log_softmax does'),
    'scaled_dot_product_attention': ('1e-13', TERMS),
    'cofactor_derivative': ('±1e-13', TERMS),
    **dict.fromkeys(['eigh_vectors', 'svd_u', 'svd_vh', 'matrix_norm'], ('1e-13', 'rotations add up, and gaps between values divide')),
    'expm': ('1e-13', 'squared repeatedly'),
}


# --- Ops of arrays. An operand is a list of numbers in row-major order with its shape.

def total(x):
    return mp.fsum(x)


def product(x):
    result = mpf(1)
    for value in x:
        result *= value
    return result


def logsumexp(x):
    top = max(x)
    return top + mp.log(total(mp.exp(v - top) for v in x))


def log_softmax(x):
    at = logsumexp(x)
    return [v - at for v in x]


def variance(x, correction=1):
    mean = total(x) / len(x)
    return total((v - mean) ** 2 for v in x) / (len(x) - correction)


def norm(x, p=2):
    return total(abs(v) ** p for v in x) ** (mpf(1) / p)


def running(f):
    return lambda x: [f(x[:i + 1]) for i in range(len(x))]


def interpolated(q):
    def f(x):
        s, at = sorted(x), mpf(q) * (len(x) - 1)
        low = int(mp.floor(at))
        return s[low] + (at - low) * (s[min(low + 1, len(x) - 1)] - s[low])
    return f


def square_of(a):
    n = int(round(len(a) ** 0.5))
    return mp.matrix([a[i * n:(i + 1) * n] for i in range(n)])


def flat(m):
    return [m[i, j] for i in range(m.rows) for j in range(m.cols)]


def determinant(m):
    # Leibniz, so that neither pivots nor singular matrices matter.
    n = m.rows
    return total((-1) ** sum(p[i] > p[j] for i in range(n) for j in range(i + 1, n)) * product(m[i, p[i]] for i in range(n))
                 for p in itertools.permutations(range(n)))


def minor(m, i, j):
    rest = range(m.rows)
    return mp.matrix([[m[r, c] for c in rest if c != j] for r in rest if r != i]) if m.rows > 1 else None


def cofactors(m):
    return mp.matrix([[(-1) ** (i + j) * (determinant(minor(m, i, j)) if m.rows > 1 else 1) for j in range(m.rows)] for i in range(m.rows)])


def inverse(m):
    return cofactors(m).T / determinant(m)


def triangle(m, lower=True):
    return mp.matrix([[m[i, j] if (i >= j if lower else i <= j) else mpf(0) for j in range(m.rows)] for i in range(m.rows)])


def cholesky(m):
    n = m.rows
    s, c = (m + m.T) / 2, mp.zeros(n)
    for j in range(n):
        c[j, j] = mp.sqrt(s[j, j] - total(c[j, k] ** 2 for k in range(j)))
        for i in range(j + 1, n):
            c[i, j] = (s[i, j] - total(c[i, k] * c[j, k] for k in range(j))) / c[j, j]
    return c


def power(m, n):
    return mp.eye(m.rows) if n == 0 else power(inverse(m), -n) if n < 0 else m * power(m, n - 1)


def matmul(a, b, n, k, m):
    return [total(a[i * k + l] * b[l * m + j] for l in range(k)) for i in range(n) for j in range(m)]


def mean_of(f):
    return lambda x, t: total(f(a, b) for a, b in zip(x, t)) / len(x)


def each(f):
    return lambda x, t: [f(a, b) for a, b in zip(x, t)]


def parabola(width, slope):
    return lambda x, t: slope * (x - t) ** 2 / (2 * width) if abs(x - t) < width else slope * (abs(x - t) - mpf(width) / 2)


def xlogx(t):
    return t * mp.log(t) if t != 0 else mpf(0)


def cross_entropy(x, t, n):
    rows = [total(-p * l for p, l in zip(t[i:i + n], log_softmax(x[i:i + n]))) for i in range(0, len(x), n)]
    return total(rows) / len(rows)


def layer_norm(x, w, b):
    mean, deviation = total(x) / len(x), mp.sqrt(variance(x, 0) + mpf(1e-5))
    return [(v - mean) / deviation * g + o for v, g, o in zip(x, w, b)]


def conv2d(x, k, n, m, transposed=False):
    if transposed:
        return [total(x[a * n + b] * k[(i - a) * m + j - b] for a in range(n) for b in range(n) if 0 <= i - a < m and 0 <= j - b < m)
                for i in range(n + m - 1) for j in range(n + m - 1)]
    return [total(x[(i + a) * n + j + b] * k[a * m + b] for a in range(m) for b in range(m))
            for i in range(n - m + 1) for j in range(n - m + 1)]


def householder(a, m, n):
    """Q and R with the signs of LAPACK: each reflection leaves the diagonal with the sign that avoids cancellation."""
    r, q = mp.matrix([a[i * n:(i + 1) * n] for i in range(m)]), mp.eye(m)
    for k in range(min(m - 1, n)):
        v = mp.matrix(m, 1)
        for i in range(k, m):
            v[i] = r[i, k]
        v[k] += (1 if v[k] >= 0 else -1) * mp.sqrt(total(v[i] ** 2 for i in range(m)))
        h = mp.eye(m) - (2 / total(v[i] ** 2 for i in range(m))) * (v * v.T)
        r, q = h * r, q * h
    k = min(m, n)
    return q[:, :k], r[:k, :]


def turned(u, *others):
    """The largest component of each column positive; columns or rows that go along turn with it."""
    for j in range(u.cols):
        if max((u[i, j] for i in range(u.rows)), key=abs) < 0:
            u[:, j] = -u[:, j]
            for o in others:
                o[j, :] = -o[j, :]
    return (u, *others)


def eigen(a):
    m = square_of(a)
    values, vectors = mp.eigsy((m + m.T) / 2)
    return [values[i] for i in range(len(values))], flat(turned(vectors)[0])


def singular(a, m, n):
    u, s, vh = mp.svd_r(mp.matrix([a[i * n:(i + 1) * n] for i in range(m)]))
    u, vh = turned(u, vh)
    return flat(u), [s[i] for i in range(len(s))], flat(vh)


def pseudoinverse(a):
    m = mp.matrix([a[i * 2:(i + 1) * 2] for i in range(3)])
    return flat(inverse(m.T * m) * m.T)


def expm(a):
    m = square_of(a)
    result, term, k = mp.eye(m.rows), mp.eye(m.rows), 0
    while mp.mnorm(term, 1) > mpf(10) ** -mp.dps:
        k += 1
        term = term * m / k
        result += term
    return flat(result)


def cosine(a, b):
    return total(p * q for p, q in zip(a, b)) / norm(a) / norm(b)


def triplet(a, p, n):
    def distance(u, v):
        return norm([s - t + mpf(1e-6) for s, t in zip(u, v)])
    return max(mpf(0), distance(a, p) - distance(a, n) + 1)


def hinge(x, c, n):
    rows = [(x[i * n:(i + 1) * n], int(c[i])) for i in range(len(c))]
    return total(max(mpf(0), v - r[k] + 1) for r, k in rows for j, v in enumerate(r) if j != k) / len(rows)


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def gates(x, w, h, u, b, n):
    return [p + q + r for p, q, r in zip(matmul(x, w, 1, len(x), n), matmul(h, u, 1, len(h), n), b)]


def lstm(x, h, c, w, u, b):
    i, f, g, o = gates(x, w, h, u, b, 4)
    state = sigmoid(f) * c[0] + sigmoid(i) * mp.tanh(g)
    return [sigmoid(o) * mp.tanh(state), state]


def gru(x, h, w, u, b, bh):
    (r, z, n), (rh, zh, nh) = [p + q for p, q in zip(matmul(x, w, 1, 2, 3), b)], [p + q for p, q in zip(matmul(h, u, 1, 1, 3), bh)]
    update = sigmoid(z + zh)
    return (1 - update) * mp.tanh(n + sigmoid(r + rh) * nh) + update * h[0]


def attention(q, k, v):
    result = []
    for i in range(2):
        scores = [total(q[i * 2 + l] * k[j * 2 + l] for l in range(2)) / mp.sqrt(2) for j in range(2)]
        p = [mp.exp(t) for t in log_softmax(scores)]
        result += [p[0] * v[l] + p[1] * v[2 + l] for l in range(2)]
    return result


def cofactor_derivative(x, t):
    # The cofactors of 3 × 3 matrices are of degree 2, for which a central difference of any step is exact.
    a, b = square_of(x), square_of(t)
    return [(p - q) / 2 for p, q in zip(flat(cofactors(a + b)), flat(cofactors(a - b)))]


A3 = '[3,3] 1.5 -1.5 1.75 0.5 1.5 -0.5 -0.25 -2 5.5'
A32 = '[3,2] 1.5 -1.5 1.75 0.5 -0.5 2'
A4 = '[4,4] 2.25 -1.25 -3 2.75 -1 3.25 0.5 -0.25 -2.75 1.25 0.25 -2.5 2.5 -1.75 0.75 4'
S3 = '[3,3] 14.3125 -8.3125 0.5625 -8.3125 13.125 7.375 0.5625 7.375 12.1875'
SCORES = ['[2] 1000 0', '[2] -1000 0', '[2] 0 -40', '[2] -745 -746', '[2] 1e8 100000001', '[3] 100000 99997 99999', '[3] 0.5 2 -5', '[1] 7',
          '[2] 1000 1000', '[3] -1000 -1000 -1001']
NUMBERS = ['[4] 1 2 4 5.5', '[3] 1e8 100000001 100000003', '[3] 1e-200 -2e-200 3e-200']
LENGTHS = ['[2] 3 -4', '[2] 1e200 1e200', '[2] 3e-200 4e-200', '[3] 1e300 1 -1e-300', '[3] 0.1 0.2 0.3']
PAIRS = ['[4] 0.25 -1.5 3 -40; [4] 0.5 1 0 1']
CHANCES = ['[3] 0.2 0.9 1e-10; [3] 0.5 0.75 0.25']

ARRAYS = [
    ('sum(x)', total, NUMBERS),
    ('mean(x)', lambda x: total(x) / len(x), NUMBERS),
    ('prod(x)', product, ['[4] 1 2 4 5.5', '[3] 0 2 3', '[3] 0 0 3', '[3] 1e-200 1e200 3', '[5] 1.1 -0.3 2.7 1e-5 8']),
    ('max(x)', max, NUMBERS),
    ('min(x)', min, NUMBERS),
    ('logsumexp(x)', logsumexp, SCORES),
    ('softmax(x)', lambda x: [mp.exp(v) for v in log_softmax(x)], SCORES),
    ('log_softmax(x)', log_softmax, SCORES),
    ('var(x)', variance, NUMBERS[:2]),
    ('var(x, correction=0)', lambda x: variance(x, 0), NUMBERS[:2]),
    ('std(x)', lambda x: mp.sqrt(variance(x)), NUMBERS + ['[2] 1e200 -1e200']),
    ('norm(x)', norm, LENGTHS),
    ('norm(x, ord=1)', lambda x: norm(x, 1), LENGTHS[:3]),
    ('norm(x, ord=3)', lambda x: norm(x, 3), LENGTHS),
    ('norm(x, ord=0.5)', lambda x: norm(x, mpf('0.5')), ['[3] 0.1 0.2 0.3']),
    ("norm(x, ord='Infinity')", lambda x: max(abs(v) for v in x), ['[3] 1 -3 2']),
    ('squared_norm(x)', lambda x: total(v * v for v in x), LENGTHS[:1] + LENGTHS[4:]),
    ('cumsum(x)', running(total), NUMBERS),
    ('cumprod(x)', running(product), ['[4] 1 2 4 5.5', '[4] 0 2 3 0.1', '[4] 0.3 0 0 7']),
    ('cummax(x)', running(max), ['[4] 1 0.5 3 2']),
    ('cummin(x)', running(min), ['[4] 1 2 0.5 0.7']),
    ('logcumsumexp(x)', running(logsumexp), ['[3] 0.5 2 -5', '[3] 1000 0 1001', '[3] -40 0 -40']),
    ('median(x)', interpolated('0.5'), ['[5] 3 1 4 1.5 9', '[4] 0.1 0.3 0.2 0.4']),
    ('quantile(x, q=0.25)', interpolated('0.25'), ['[4] 0.1 0.3 0.2 0.4']),
    ('sort(x)', sorted, ['[4] 3 1 4 1.5']),
    ('topk(x, k=2)', lambda x: sorted(x, reverse=True)[:2], ['[4] 3 1 4 1.5']),
    ('maxout(x, pieces=2)', lambda x: [max(x[0], x[1]), max(x[2], x[3])], ['[4] 1 2 4 -5.5']),
    ('glu(x)', lambda x: [x[0] / (1 + mp.exp(-x[2])), x[1] / (1 + mp.exp(-x[3]))], ['[4] 1 2 -40 0.3']),

    ('matmul(x, y)', lambda a, b: matmul(a, b, 2, 3, 2), ['[2,3] 1 2 3 0.5 -1 0.1; [3,2] -5 1 3 2 1 0.7']),
    ('dot(x, y)', lambda a, b: matmul(a, b, 1, 3, 1), ['[3] 1 2 0.1; [3] -5 1 0.3']),
    ('inner(x, y)', lambda a, b: matmul(a, b, 1, 3, 1), ['[3] 1 2 0.1; [3] -5 1 0.3']),
    ('vecdot(x, y)', lambda a, b: matmul(a, b, 1, 3, 1), ['[3] 1 2 0.1; [3] -5 1 0.3']),
    ('outer(x, y)', lambda a, b: matmul(a, b, 2, 1, 3), ['[2] 1 0.1; [3] -5 1 0.3']),
    ('kron(x, y)', lambda a, b: matmul(a, b, 2, 1, 3), ['[2] 1 0.1; [3] -5 1 0.3']),
    ('matvec(x, y)', lambda a, b: matmul(a, b, 2, 3, 1), ['[2,3] 1 2 3 0.5 -1 0.1; [3] -5 1 0.3']),
    ('tensordot(x, y, axes=1)', lambda a, b: matmul(a, b, 2, 3, 2), ['[2,3] 1 2 3 0.5 -1 0.1; [3,2] -5 1 3 2 1 0.7']),
    ("einsum(x, y, equation='ij,jk->ik')", lambda a, b: matmul(a, b, 2, 3, 2), ['[2,3] 1 2 3 0.5 -1 0.1; [3,2] -5 1 3 2 1 0.7']),
    ('cross(x, y)', lambda a, b: [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]],
     ['[3] 1 2 0.1; [3] -5 1 0.3']),
    ('trace(x)', lambda a: a[0] + a[3], ['[2,2] 1 2 3 0.1']),
    ('linear(x, y, z)', lambda x, w, b: [p + q for p, q in zip(matmul(x, w, 1, 2, 2), b)], ['[2] 1 0.1; [2,2] 1 2 3 4; [2] 0.3 -1']),

    ('det(x)', lambda a: determinant(square_of(a)), [A3, A4, '[2,2] 1 2 2 4']),
    ('cofactor(x)', lambda a: flat(cofactors(square_of(a))), [A3, '[2,2] 1 2 2 4']),
    ('logdet(x)', lambda a: mp.log(determinant(square_of(a))), [A3]),
    ('slogdet(x)', lambda a: mp.log(abs(determinant(square_of(a)))), [A3, '[2,2] 0.1 2 3 4']),
    ('inv(x)', lambda a: flat(inverse(square_of(a))), [A3, '[2,2] 1 2 3 4.5']),
    ('solve(x, y)', lambda a, b: flat(inverse(square_of(a)) * mp.matrix(b)), [A3 + '; [3] -0.75 0.1 -2']),
    ('triangular_solve(x, y)', lambda a, b: flat(inverse(triangle(square_of(a))) * mp.matrix(b)), [A3 + '; [3] -0.75 0.1 -2']),
    ('cholesky(x)', lambda a: flat(cholesky(square_of(a))), [S3]),
    *[(f'matrix_power(x, n={n})', lambda a, n=n: flat(power(square_of(a), n)), [A3]) for n in (3, -2)],
    ('cofactor_derivative(x, y)', cofactor_derivative, [A3 + '; ' + S3]),
    ('qr_q(x)', lambda a: flat(householder(a, 3, 2)[0]), [A32]),
    ('qr_r(x)', lambda a: flat(householder(a, 3, 2)[1]), [A32]),
    ('eigvalsh(x)', lambda a: eigen(a)[0], [S3]),
    ('eigh_vectors(x)', lambda a: eigen(a)[1], [S3]),
    ('svd_u(x)', lambda a: singular(a, 3, 2)[0], [A32]),
    ('svdvals(x)', lambda a: singular(a, 3, 2)[1], [A32]),
    ('svd_vh(x)', lambda a: singular(a, 3, 2)[2], [A32]),
    ('pinv(x)', pseudoinverse, [A32]),
    ('expm(x)', expm, [A3, '[2,2] 0 1e-5 -2e-5 0', '[2,2] 0 20 -20 0.5']),
    ('matrix_norm(x)', norm, [A3]),
    ("matrix_norm(x, ord='nuc')", lambda a: total(singular(a, 3, 2)[1]), [A32]),
    ('matrix_norm(x, ord=2)', lambda a: singular(a, 3, 2)[1][0], [A32]),
    ('matrix_norm(x, ord=1)', lambda a: max(total(abs(a[i * 2 + j]) for i in range(3)) for j in range(2)), [A32]),

    ('mse_loss(x, y)', mean_of(lambda x, t: (x - t) ** 2), PAIRS),
    ('l1_loss(x, y)', mean_of(lambda x, t: abs(x - t)), PAIRS),
    ('smooth_l1_loss(x, y, beta=2)', mean_of(parabola(2, 1)), PAIRS),
    ('huber_loss(x, y, delta=2)', mean_of(parabola(2, 2)), PAIRS),
    ('binary_cross_entropy(x, y)', mean_of(lambda x, t: -t * mp.log(x) - (1 - t) * mp.log(1 - x)), CHANCES),
    ("binary_cross_entropy_with_logits(x, y, reduction='none')", each(lambda x, t: t * softplus(-x) + (1 - t) * softplus(x)),
     ['[4] 0.3 -2 50 -50; [4] 0.25 1 0.5 0.125', '[4] 50 -50 700 -700; [4] 1 0 1 0']),
    ('kl_div(x, y)', mean_of(lambda x, t: xlogx(t) - t * x), ['[3] -1.5 -0.25 -3; [3] 0.4 0.6 1e-10']),
    ('kl_div(x, y, log_target=true)', mean_of(lambda x, t: mp.exp(t) * (t - x)), ['[3] -1.5 -0.25 -3; [3] -0.5 -2 -700']),
    ('hinge_embedding_loss(x, y)', mean_of(lambda x, t: x if t == 1 else max(mpf(0), 1 - x)), ['[3] 2 0.75 3; [3] 1 -1 -1']),
    ('poisson_nll_loss(x, y)', mean_of(lambda x, t: mp.exp(x) - t * x), ['[3] 0.5 -1 -40; [3] 2 3 0']),
    ('cross_entropy(x, y)', lambda x, t: cross_entropy(x, t, 3), ['[2,3] 1 2 3 0.5 -1 0; [2,3] 0.25 0.25 0.5 1 0 0']),
    ('cross_entropy(x, y)', lambda x, c: -total(log_softmax(x[i * 3:i * 3 + 3])[int(k)] for i, k in enumerate(c)) / 2,
     ['[2,3] 1 2 3 0.5 -1 0; [2] 2 0', '[2,3] 0 -40 -50 1000 0 1001; [2] 0 2']),
    ('nll_loss(x, y)', lambda x, c: -total(x[i * 3 + int(k)] for i, k in enumerate(c)) / 2, ['[2,3] -1 -2 -3 -0.5 -1 -0.1; [2] 2 0']),
    ('hinge_loss(x, y)', lambda x, c: hinge(x, c, 3), ['[2,3] 1.5 2.25 3 0.25 -1 0; [2] 2 0']),
    ('cosine_embedding_loss(x, y, z)', lambda a, b, t: 1 - cosine(a, b) if t[0] == 1 else max(mpf(0), cosine(a, b)),
     ['[3] 1 2 0.1; [3] -5 1 0.3; 1', '[3] 1 2 0.1; [3] 5 1 0.3; -1']),
    ('triplet_loss(x, y, z)', triplet, ['[3] 1 2 0.1; [3] 1.5 1 0.3; [3] 0.2 2.5 -0.3']),
    ('cosine_similarity(x, y, axis=-1)', cosine,
     ['[3] 1 2 0.1; [3] -5 1 0.3', '[2] 3e100 4e100; [2] 1 1']),
    ('normalize(x, axis=-1)', lambda x: [v / norm(x) for v in x], ['[3] 1 2 0.1', '[2] 3e200 4e200']),
    ('layer_norm(x, y, z)', layer_norm, ['[3] 1 2 4; [3] 1 2 0.5; [3] 0.1 1 -1']),
    ('batch_norm(x, y, z, u, v)', lambda x, w, b, mean, var: [(p - m) / mp.sqrt(s + mpf(1e-5)) * g + o for p, g, o, m, s in zip(x, w, b, mean, var)],
     ['[1,3] 1 2 4; [3] 1 2 0.5; [3] 0.1 1 -1; [3] 2 1 1.5; [3] 1 9 0.25']),
    ('group_norm(x, y, z, groups=1)', layer_norm, ['[1,3] 1 2 4; [3] 1 2 0.5; [3] 0.1 1 -1']),
    ('rnn_cell(x, y, z, u, v)', lambda x, h, w, u, b: [mp.tanh(v) for v in gates(x, w, h, u, b, 1)],
     ['[2] 1 -0.5; [1] 0.4; [2,1] 0.3 -0.1; [1,1] 0.7; [1] 0.2']),
    ('lstm_cell(x, y, z, u, v, w)', lstm, ['[2] 1 -0.5; [1] 0.4; [1] -0.2; [2,4] 0.3 -0.1 0.5 2 1 -3 0.7 0.1; [1,4] 0.3 -0.1 0.2 1; [4] 1 0.1 -1 2']),
    ('gru_cell(x, y, z, u, v, w)', gru, ['[2] 1 -0.5; [1] 0.4; [2,3] 0.3 -0.1 0.5 1 -3 0.7; [1,3] 0.3 -0.1 0.2; [3] 1 0.1 -1; [3] 0.5 -0.5 0.25']),
    ('scaled_dot_product_attention(x, y, z)', attention, ['[2,2] 1 -0.5 0.25 2; [2,2] 0.4 3 -1 0.1; [2,2] 0.3 -0.1 0.5 2']),

    ('conv1d(x, y)', lambda x, k: [x[0] * k[0] + x[1] * k[1], x[1] * k[0] + x[2] * k[1]], ['[1,1,3] 1 2 0.1; [1,1,2] 0.3 -1']),
    ('conv2d(x, y)', lambda x, k: conv2d(x, k, 3, 2), ['[1,1,3,3] 1 2 0.1 -1 3 1 0.5 2 -2; [1,1,2,2] 0.3 -1 0.5 2']),
    ('conv_transpose2d(x, y)', lambda x, k: conv2d(x, k, 2, 2, True), ['[1,1,2,2] 1 2 0.1 -1; [1,1,2,2] 0.3 -1 0.5 2']),
    ('convolution(x, y)', lambda x, k: conv2d(x, k, 3, 2), ['[1,1,3,3] 1 2 0.1 -1 3 1 0.5 2 -2; [1,1,2,2] 0.3 -1 0.5 2']),
    ('scatter_add(x, y, z, axis=0)', lambda x, i, u: [v + total(u[k] for k in range(len(u)) if i[k] == j) for j, v in enumerate(x)],
     ['[2] 1 0.1; [3] 0 1 0; [3] 0.3 -1 0.5']),
    ('max_pool2d(x, kernel_size=2)', lambda x: max(x), ['[1,1,2,2] 1 2 0.1 -1']),
    ('avg_pool2d(x, kernel_size=2)', lambda x: total(x) / 4, ['[1,1,2,2] 1 2 0.1 -1']),
    ('global_avg_pool2d(x)', lambda x: total(x) / 4, ['[1,1,2,2] 1 2 0.1 -1']),
]


# --- Derivatives and files.

def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def derivatives(f, x, step):
    """By each operand the Jacobian, row-major, by central differences."""
    result = []
    for k, operand in enumerate(x):
        columns = []
        for j, value in enumerate(operand):
            h = mpf(10) ** -step * (abs(value) or 1)
            moved = [[[v + s * h if (a, b) == (k, j) else v for b, v in enumerate(o)] for a, o in enumerate(x)] for s in (1, -1)]
            columns.append([(p - m) / (2 * h) for p, m in zip(as_list(f(*moved[0])), as_list(f(*moved[1])))])
        result.append([column[i] for i in range(len(columns[0])) for column in columns])
    return result


def written(numbers):
    # Nothing that small is a number of double precision, subnormal ones included: it is the rounding of a zero.
    return ' '.join('0' if abs(v) < mpf(10) ** -380 else mp.nstr(v, 21) for v in numbers)


def row(call, f, operands, x):
    op = re.match(r'\w+', call).group()
    mp.dps, step = COARSE if op in SLOW else FINE
    x = [[mpf(float(v)) for v in operand] for operand in x]
    if f is None:  # The derivative is 0 by definition, not by calculus.
        value, slopes = x[0], [[mpf(0)]]
    else:
        value, slopes = as_list(f(*x)), derivatives(f, x, step)
    bound, why = BOUNDS.get(call, BOUNDS.get(op, ('', '')))
    labels = {k for k in range(len(x)) if (op, k) in LABELS or op == 'cross_entropy' and k == 1 and len(x[1]) < len(x[0])}
    return [call, operands, written(value), '; '.join('-' if k in labels else written(s) for k, s in enumerate(slopes)), bound, why]


def elementwise():
    for call, f, points in ELEMENTWISE:
        for point in points.split():
            numbers = point.split(',')
            yield row(call, f and (lambda *x, f=f: f(*[v[0] for v in x])), '; '.join(repr(float(v)) for v in numbers), [[v] for v in numbers])


def arrays():
    for call, f, points in ARRAYS:
        for point in points:
            yield row(call, f, point, [[v for v in operand.split() if '[' not in v] for operand in point.split(';')])


def second_derivatives(f, x, step):
    """First and second derivatives by central differences, the second ones row-major."""
    h = [mpf(10) ** -step * (abs(v) or 1) for v in x]

    def at(*moves):
        moved = list(x)
        for k, s in moves:
            moved[k] += s * h[k]
        return f(*moved)
    n = range(len(x))
    first = [(at((k, 1)) - at((k, -1))) / (2 * h[k]) for k in n]
    second = [(at((k, 1)) - 2 * at() + at((k, -1))) / h[k] ** 2 if k == m else
              (at((k, 1), (m, 1)) - at((k, 1), (m, -1)) - at((k, -1), (m, 1)) + at((k, -1), (m, -1))) / (4 * h[k] * h[m])
              for k in n for m in n]
    return first, second


def seconds():
    functions = {call: f for call, f, _ in ELEMENTWISE}
    for call, points in SECONDS.items():
        f = functions[call]
        # The square of the step, and 700 digits more.
        mp.dps, step = (150, 30) if re.match(r'\w+', call).group() in SLOW else (1500, 60)
        for point in points.split():
            x = [mpf(float(v)) for v in point.split(',')]
            first, second = second_derivatives(f, x, step)
            terms = ['', '']
            if call in GATED:
                slope, bend = second_derivatives(lambda t: f(t) / t, x, step)
                terms = [written([max(abs(f(*x) / x[0]), abs(x[0] * slope[0]))]), written([max(abs(2 * slope[0]), abs(x[0] * bend[0]))])]
            if call == 'sinc(x)' and abs(x[0]) > 0.5:
                # Nearer to 0 the derivatives are power series. Here their terms cancel near the zeros, which are irrational.
                a = mp.pi * x[0]
                terms = [written([max(abs(mp.cos(a)), abs(mp.sin(a) / a)) / abs(x[0])]),
                         written([max(abs(mp.pi * mp.sin(a) / x[0]), abs(2 * mp.cos(a) / x[0] ** 2), abs(2 * mp.sin(a) / (a * x[0] ** 2)))])]
            yield [call, '; '.join(repr(float(v)) for v in x), written(first), written(second), *terms]


def write(name, rows, columns=('call', 'operands', 'value', 'derivatives', 'bound', 'why')):
    with open(HERE / name, 'w', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(columns)
        writer.writerows(rows)


if __name__ == '__main__':
    write('scalars.csv', elementwise())
    write('arrays.csv', arrays())
    write('seconds.csv', seconds(), ('call', 'operands', 'first', 'second', 'term of first', 'term of second'))
