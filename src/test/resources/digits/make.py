"""Writes programs.jsonl: programs with inputs, and their true gradients from mpmath.

Each program is evaluated as it stands, in numbers of 600 digits, and differentiated by central differences with a relative
step of 1e-70, so that 60 digits and more are right. Literals are the decimal numbers that stand in the text, inputs the doubles.

    python3 make.py > programs.jsonl

Another seed as an argument gives other programs and values, for a look at what the tests do not see.
"""
import json
import random
import re
import sys

import mpmath as mp
import numpy as np

mp.mp.dps = 600
STEP = mp.mpf(10) ** -70


def each(f):
    return lambda x: np.vectorize(f, otypes=[object])(x) if isinstance(x, np.ndarray) and x.ndim else f(scalar(x))


def scalar(x):
    return x.item() if isinstance(x, np.ndarray) else x


def two(f):
    return lambda a, b: scalar_or(np.vectorize(f, otypes=[object])(a, b))


def scalar_or(x):
    return x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x


def total(x, axis=None):
    return scalar_or(np.sum(np.asarray(x, dtype=object), axis=axis))


def mean(x, axis=None):
    x = np.asarray(x, dtype=object)
    return total(x, axis) / (x.size if axis is None else x.shape[axis])


def extremum(f):
    return lambda x, axis=None: scalar_or(f.reduce(np.asarray(x, dtype=object), axis=axis) if axis is not None
                                          else f.reduce(np.asarray(x, dtype=object).ravel()))


def softmax(x, axis=-1):
    e = EXP(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def matrix(a):
    return mp.matrix(a.tolist())


def array(m):
    return np.array(m.tolist(), dtype=object)


def solve(a, b):
    x = mp.lu_solve(matrix(a), mp.matrix(b.tolist()))
    return np.array([x[i] for i in range(len(x))], dtype=object)


def cholesky(a):
    n = a.shape[0]
    low = np.full((n, n), mp.mpf(0), dtype=object)
    for i in range(n):
        for j in range(i + 1):
            rest = (a[i, j] + a[j, i]) / 2 - sum((low[i, k] * low[j, k] for k in range(j)), mp.mpf(0))
            low[i, j] = mp.sqrt(rest) if i == j else rest / low[j, j]
    return low


def conv1d(x, kernel):
    n, c, length = x.shape
    filters, _, k = kernel.shape
    return np.array([[[np.sum(x[i, :, t:t + k] * kernel[f]) for t in range(length - k + 1)] for f in range(filters)]
                     for i in range(n)], dtype=object)


EXP = each(mp.exp)
NAMES = {
    'exp': EXP, 'log': each(mp.log), 'sin': each(mp.sin), 'cos': each(mp.cos), 'tan': each(mp.tan), 'tanh': each(mp.tanh),
    'sinh': each(mp.sinh), 'cosh': each(mp.cosh), 'sqrt': each(mp.sqrt), 'abs': each(abs), 'atan': each(mp.atan),
    'asin': each(mp.asin), 'acos': each(mp.acos), 'asinh': each(mp.asinh), 'acosh': each(mp.acosh), 'atanh': each(mp.atanh),
    'log1p': each(lambda x: mp.log(1 + x)), 'expm1': each(lambda x: mp.exp(x) - 1), 'log2': each(lambda x: mp.log(x) / mp.log(2)),
    'log10': each(mp.log10), 'cbrt': each(mp.cbrt), 'square': each(lambda x: x * x), 'reciprocal': each(lambda x: 1 / x),
    'rsqrt': each(lambda x: 1 / mp.sqrt(x)), 'xlogy': two(lambda a, b: a * mp.log(b)), 'xlog1py': two(lambda a, b: a * mp.log(1 + b)),
    'lerp': lambda a, b, w: a + w * (b - a), 'mod': two(lambda a, b: a - b * mp.floor(a / b)),
    'softshrink': each(lambda x: x - mp.sign(x) / 2 if abs(x) > mp.mpf(1) / 2 else mp.mpf(0)),
    'sigmoid': each(lambda x: 1 / (1 + mp.exp(-x))), 'softplus': each(lambda x: mp.log(1 + mp.exp(x))),
    'log_sigmoid': each(lambda x: -mp.log(1 + mp.exp(-x))), 'relu': each(lambda x: x if x > 0 else mp.mpf(0)),
    'silu': each(lambda x: x / (1 + mp.exp(-x))), 'gelu': each(lambda x: x * mp.ncdf(x)),
    'elu': each(lambda x: x if x > 0 else mp.exp(x) - 1), 'softsign': each(lambda x: x / (1 + abs(x))),
    'mish': each(lambda x: x * mp.tanh(mp.log(1 + mp.exp(x)))), 'erf': each(mp.erf), 'erfc': each(mp.erfc),
    'erfinv': each(mp.erfinv), 'lgamma': each(lambda x: mp.log(abs(mp.gamma(x)))), 'digamma': each(mp.digamma),
    'sinc': each(lambda x: mp.mpf(1) if x == 0 else mp.sin(mp.pi * x) / (mp.pi * x)),
    'logit': each(lambda x: mp.log(x / (1 - x))), 'exp2': each(lambda x: mp.mpf(2) ** x),
    'floor': each(mp.floor), 'sign': each(mp.sign),
    'maximum': two(lambda a, b: a if a > b else b), 'minimum': two(lambda a, b: a if a < b else b),
    'hypot': two(mp.hypot), 'atan2': two(mp.atan2), 'logaddexp': two(lambda a, b: mp.log(mp.exp(a) + mp.exp(b))),
    'where': lambda c, a, b: scalar_or(np.where(c, a, b)), 'sum': total, 'mean': mean,
    'max': extremum(np.maximum), 'min': extremum(np.minimum), 'prod': lambda x: np.prod(x),
    'softmax': softmax, 'log_softmax': lambda x, axis=-1: NAMES['log'](softmax(x, axis)),
    'logsumexp': lambda x: mp.log(total(EXP(x))), 'norm': lambda x: mp.sqrt(total(x * x)), 'dot': lambda a, b: np.dot(a, b),
    'cumsum': lambda x, axis=0: np.cumsum(x, axis=axis), 'cumprod': lambda x, axis=0: np.cumprod(x, axis=axis),
    'sort': lambda x: np.sort(x), 'outer': lambda a, b: np.outer(a, b), 'trace': lambda a: np.trace(a), 'conv1d': conv1d,
    'solve': solve, 'inv': lambda a: array(matrix(a) ** -1), 'det': lambda a: mp.det(matrix(a)),
    'logdet': lambda a: mp.log(mp.det(matrix(a))), 'cholesky': cholesky, 'pi': mp.pi, 'stack': lambda *x: np.stack(x),
    'concatenate': lambda *x: np.concatenate(x), 'reshape': lambda x, shape: np.reshape(x, shape),
    'eigvalsh': lambda a: np.array(list(mp.eigsy(matrix((a + a.T) / 2), eigvals_only=True)), dtype=object),
    'eigh_vectors': lambda a: array(mp.eigsy(matrix((a + a.T) / 2))[1]), 'svdvals': lambda a: np.array(list(mp.svd_r(matrix(a), compute_uv=False))),
    'svd_u': lambda a: array(mp.svd_r(matrix(a))[0]), 'qr_q': lambda a: array(mp.qr(matrix(a), mode='skinny')[0]),
    'qr_r': lambda a: array(mp.qr(matrix(a), mode='skinny')[1]), 'expm': lambda a: array(mp.expm(matrix(a), method='taylor')),
    'pinv': lambda a: array((matrix(a).T * matrix(a)) ** -1 * matrix(a).T),
    'clip': lambda x, low, high: each(lambda v: min(max(v, low), high))(x), 'lit': mp.mpf, 'range': range,
}
LITERAL = re.compile(r'(?<![\w.\[:])(\d+\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+)')


def value(text, inputs):
    text = LITERAL.sub(r"lit('\1')", text).replace('^', '**')
    names = dict(NAMES, **inputs)
    exec(text, names)  # the programs are those below
    last = [line for line in text.splitlines() if line and not line.startswith(' ')][-1]
    return scalar(names[last.split('=')[0].strip()])


def numbers(x):
    return mp.mpf(x) if not isinstance(x, list) else np.vectorize(mp.mpf, otypes=[object])(np.array(x, dtype=float))


def gradients(text, inputs, wrt):
    values = {name: numbers(x) for name, x in inputs.items()}
    found = {}
    for name in wrt or inputs:
        x = values[name]
        flat = [x] if not isinstance(x, np.ndarray) else x.ravel().tolist()
        slopes = []
        for i in range(len(flat)):
            sides = []
            step = STEP * (abs(flat[i]) or 1)
            for sign in (1, -1):
                moved = list(flat)
                moved[i] = moved[i] + sign * step
                at = moved[0] if not isinstance(x, np.ndarray) else np.array(moved, dtype=object).reshape(x.shape)
                sides.append(value(text, dict(values, **{name: at})))
            slope = (sides[0] - sides[1]) / (2 * step)
            slopes.append('0' if abs(slope) < mp.mpf(10) ** -450 else mp.nstr(slope, 60, min_fixed=0, max_fixed=0).replace('e+', 'e'))
        found[name] = slopes
    return found


def add(kind, text, inputs, wrt=None):
    line = {'kind': kind, 'expression': text, 'inputs': inputs, 'gradients': gradients(text, inputs, wrt)}
    if wrt:
        line['wrt'] = wrt
    print(json.dumps(line))
    sys.stdout.flush()


R = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 7)


def vec(n, low=-2.0, high=2.0):
    return [R.uniform(low, high) for _ in range(n)]


def mat(m, n, low=-2.0, high=2.0):
    return [vec(n, low, high) for _ in range(m)]


def main():
    arithmetic()
    cancellation()
    sums()
    matrices()
    probabilities()
    functions()
    solving()
    recurrences()
    corners()
    networks()
    others()
    factors()
    chains()
    underflows()


def factors():
    for n in (2, 3, 4):
        add('factors', 'f = sum(eigvalsh(A)^3)', {'A': mat(n, n)})
        add('factors', 'f = eigvalsh(A)[0]*2', {'A': mat(n, n)})
        add('factors', 'f = sum(eigh_vectors(A)^2*W)', {'A': mat(n, n), 'W': mat(n, n)}, ['A'])
        add('factors', 'f = sum(svdvals(A)^3)', {'A': mat(n + 1, n)})
        add('factors', 'f = svdvals(A)[0]*3', {'A': mat(n, n)})
        add('factors', 'f = sum(svd_u(A)^2*W)', {'A': mat(n, n), 'W': mat(n, n)}, ['A'])
        add('factors', 'f = sum(abs(qr_r(A))*W)', {'A': mat(n + 1, n), 'W': mat(n, n)}, ['A'])
        add('factors', 'f = sum(qr_q(A)^2*W)', {'A': mat(n, n), 'W': mat(n, n)}, ['A'])
        add('factors', 'f = sum(expm(A)*W)', {'A': mat(n, n), 'W': mat(n, n)}, ['A'])
        add('factors', 'f = sum(pinv(A)*W)', {'A': mat(n + 1, n), 'W': mat(n, n + 1)}, ['A'])


def chains():
    functions = ['exp', 'sin', 'cos', 'tanh', 'sigmoid', 'softplus', 'atan', 'erf', 'asinh', 'square', 'sinh', 'silu', 'gelu', 'expm1', 'log_sigmoid',
                 'softsign', 'cosh', 'elu', 'relu', 'abs']
    for k in range(60):
        names = ['x', 'y']
        lines = []
        for i in range(R.randint(2, 9)):
            p, q = R.choice(names), R.choice(names)
            form = R.choice(['{f}({p})', '{f}({p})', '{f}({p} - {q})', '{f}(0.5*{p})*{q}', '{f}({p})/(1 + {q}^2)', '{p}*{q}', '{p} - {q}/3',
                             'log(1 + {p}^2)', 'sqrt({p}^2 + 0.25)', 'maximum({p}, {q})', 'where({p} > {q}, {p}, sin({q}))', 'atan2({p}, 1 + {q}^2)'])
            lines.append('t%d = ' % i + form.format(f=R.choice(functions), p=p, q=q))
            names.append('t%d' % i)
        n = R.choice([0, 0, 3])
        lines.append('f = ' + ('%s + x*y' if n == 0 else 'sum(%s*y + x)') % names[-1])
        try:
            add('chains', '\n'.join(lines), {v: R.uniform(-2, 2) if n == 0 else vec(n) for v in 'xy'})
        except (ZeroDivisionError, OverflowError):
            continue


def arithmetic():
    for _ in range(30):
        names = ['a', 'b', 'c', 'd']
        lines = []
        for i in range(R.randint(3, 14)):
            p, q = R.choice(names), R.choice(names)
            form = R.choice(['{p} + {q}', '{p} - {q}', '{p} * {q}', '{p} / {q}', '{p} * {q} + 0.7', '3 * {p} - {q} / 4', '{p}^2 - {q}'])
            lines.append('t%d = ' % i + form.format(p=p, q=q))
            names.append('t%d' % i)
        lines.append('f = %s + a * b' % names[-1])
        try:
            add('arithmetic', '\n'.join(lines), {n: R.uniform(0.5, 2) for n in 'abcd'})
        except ZeroDivisionError:
            continue
    for n in (2, 3, 5, 10, 25):
        add('arithmetic', 'f = x^%d / (1 + x)' % n, {'x': R.uniform(0.5, 2)})
    for text in ('f = x*y*z + x/y - y/z', 'f = (x + y)*(x - y)*z', 'f = 1/(x + 1/(y + 1/z))', 'f = (x*y + 0.1)/(z - 0.3)^2',
                 'f = ((x + 1)*x + 1)*x + y*z', 'f = x/3 + y/7 + z/11', 'f = sqrt(x*y) + cbrt(z)', 'f = x^y + y^z', 'f = x^2.5*y^-1.5 + z^1.1'):
        add('arithmetic', text, {'x': R.uniform(1, 3), 'y': R.uniform(0.5, 2), 'z': R.uniform(1, 2)})


def cancellation():
    for d in (1e-3, 1e-6, 1e-9, 1e-12):
        add('cancellation', 'f = (x - y)^3 + (x - y)*x', {'x': 1.0 + d, 'y': 1.0})
        add('cancellation', 'f = (1 - cos(x))/x^2', {'x': d})
        add('cancellation', 'f = log(1 + x)/x', {'x': d})
        add('cancellation', 'f = (exp(x) - 1)/x', {'x': d})
        add('cancellation', 'f = expm1(x)/x', {'x': d})
        add('cancellation', 'f = (sqrt(x + 1) - sqrt(x))*x', {'x': 1 / d})
        add('cancellation', 'f = (-b + sqrt(b^2 - 4*a*c))/(2*a)', {'a': 1.0, 'b': 1 / d, 'c': 1.3})
        add('cancellation', 'f = (sin(x) - x)/x^3', {'x': d})
        add('cancellation', 'f = exp(x)*exp(-x) - 1 + x*y', {'x': d, 'y': 0.3})
    for big in (1e2, 1e4, 1e6, 1e8):
        x = [big + v for v in vec(6)]
        add('cancellation', 'f = mean(x^2) - mean(x)^2', {'x': x})
        add('cancellation', 'f = mean((x - mean(x))^2)', {'x': x})
        add('cancellation', 'f = (x[0]*x[3] - x[1]*x[2])^2', {'x': x})
    for x in (1.99, 2.001, 2.0001):
        add('cancellation', 'f = x^9 - 18*x^8 + 144*x^7 - 672*x^6 + 2016*x^5 - 4032*x^4 + 5376*x^3 - 4608*x^2 + 2304*x - 512', {'x': x})
    for root in (1.001, 3.999, 7.5, 9.9999):
        product = '*'.join('(x - %d)' % k for k in range(1, 11))
        add('cancellation', 'f = ' + product, {'x': root})
    for x in (1e-8, 0.5, 3.14159265358979):
        add('cancellation', 'f = sin(x)^2 + cos(x)^2 - 1 + x^2', {'x': x})
        add('cancellation', 'f = tan(x/2) - sin(x)/(1 + cos(x)) + x', {'x': x / 2})


def sums():
    for n in (10, 30, 100, 300, 1000):
        add('sums', 'f = sum(exp(a*x))', {'a': 0.3, 'x': vec(n)}, ['a'])
        add('sums', 'f = sum((x*a)^3)', {'a': 1.1, 'x': vec(n)}, ['a'])
        add('sums', 'f = a*mean(sin(x + a))', {'a': 0.7, 'x': vec(n)}, ['a'])
        add('sums', 'f = log(sum(x^2*a))', {'a': 0.7, 'x': vec(n)}, ['a'])
    add('sums', 'f = sum(x*y)^2', {'x': vec(100), 'y': vec(100)}, ['x'])
    for n in (5, 20, 60):
        add('sums', 'f = sum(cumsum(x)^2)', {'x': vec(n)})
        add('sums', 'f = sum(cumprod(x))', {'x': vec(n, 0.7, 1.3)})
        add('sums', 'f = prod(x)', {'x': vec(n, 0.7, 1.3)})
        add('sums', 'f = norm(x)', {'x': vec(n)})
        add('sums', 'f = sum(sqrt(x^2 + 1e-6))', {'x': vec(n)})
        add('sums', 'f = sum(x)^2/sum(x^2)', {'x': vec(n)})


def matrices():
    for n in (2, 3, 5, 8):
        add('matmul', 'f = sum((A @ x)^2)', {'A': mat(n, n), 'x': vec(n)})
        add('matmul', 'f = sum(A @ B)', {'A': mat(n, n), 'B': mat(n, n)})
        add('matmul', 'h = A @ x\ng = A @ h\nf = sum(A @ g)', {'A': mat(n, n), 'x': vec(n)})
        add('matmul', 'f = dot(x, A @ x)/dot(x, x)', {'A': mat(n, n), 'x': vec(n)})
        add('matmul', 'f = trace(A @ B @ A)', {'A': mat(n, n), 'B': mat(n, n)})
        add('matmul', 'f = sum(outer(x, y)*A)', {'A': mat(n, n), 'x': vec(n), 'y': vec(n)})
    for n in (20, 64):
        add('matmul', 'f = sum(tanh(A @ x))', {'A': mat(6, n, -0.5, 0.5), 'x': vec(n)}, ['x'])


def probabilities():
    for spread in (1, 5, 20, 60, 300):
        for n in (3, 10):
            x = vec(n, -spread, spread)
            add('probabilities', 'f = softmax(x)[0]', {'x': x})
            add('probabilities', 'f = logsumexp(x)', {'x': x})
            add('probabilities', 'f = -log_softmax(x)[1]', {'x': x})
    for x in (0.1, 3.0, 20.0, 40.0, -40.0, 300.0, -300.0):
        add('probabilities', 'f = sigmoid(x)', {'x': x})
        add('probabilities', 'f = log_sigmoid(x) + softplus(x)', {'x': x})
        add('probabilities', 'f = tanh(x)', {'x': x})
    add('probabilities', 'p = softmax(x)\nf = -sum(p*log(p))', {'x': vec(5)})
    add('probabilities', 'p = exp(x)/sum(exp(x))\nf = -log(p[2])', {'x': vec(4)})
    add('probabilities', 'f = -mean(y*log(sigmoid(x)) + (1 - y)*log(1 - sigmoid(x)))', {'x': vec(6), 'y': [0.0, 1.0, 1.0, 0.0, 1.0, 0.0]}, ['x'])
    add('probabilities', 'f = -sum(log_softmax(X @ W)*Y)', {'X': mat(4, 3), 'W': mat(3, 3), 'Y': [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1.0, 0, 0]]}, ['W', 'X'])


def functions():
    points = {
        'sin': (0.7, 1e5), 'cos': (0.7, 3e4), 'tan': (0.7, 1.5), 'tanh': (0.01, 2.0), 'sinh': (0.4, 30.0), 'cosh': (0.4, 30.0), 'atan': (0.5, 1e6),
        'asin': (0.5, 0.999999), 'acos': (0.5, -0.99999), 'asinh': (0.3, 1e9), 'acosh': (1.5, 1.00001), 'atanh': (0.3, 0.99999),
        'log2': (0.3, 1.001), 'log10': (3.0, 1.0001), 'log1p': (0.5, -0.99999), 'exp2': (0.3, -30.0), 'cbrt': (2.0, 1e-9),
        'erf': (0.3, 4.0), 'erfc': (0.3, 9.0), 'erfinv': (0.3, 0.9999), 'lgamma': (2.3, 40.5), 'digamma': (1.4, 20.3), 'sinc': (0.3, 5.2),
        'logit': (0.3, 0.9999), 'gelu': (0.5, -5.0), 'silu': (0.5, -30.0), 'mish': (0.5, -10.0), 'elu': (-0.5, 2.0), 'softsign': (0.5, -40.0),
        'reciprocal': (0.3, 1e5), 'square': (0.3, 7e5), 'softplus': (0.4, -20.0)}
    for name, xs in points.items():
        for x in xs:
            add('functions', 'f = %s(x)' % name, {'x': x})
        add('functions', 'f = y*%s(x*y)' % name, {'x': xs[0], 'y': 1.02})
    for text in ('f = atan2(x, y) + hypot(x, y)', 'f = logaddexp(x, y)', 'f = lgamma(x + y) - lgamma(x) - lgamma(y)',
                 'f = x^y', 'f = exp(sin(x*y))', 'f = log(log(x + 3))*y', 'f = erf(x/sqrt(2*pi))*y', 'f = sin(10*x)*cos(20*y)'):
        add('functions', text, {'x': R.uniform(0.5, 2), 'y': R.uniform(0.5, 2)})


def solving():
    def hilbert(n):
        return [[1 / (i + j + 1) for j in range(n)] for i in range(n)]

    def positive(n):
        m = np.array(mat(n, n))
        return (m @ m.T + n * np.eye(n)).tolist()

    for n in (2, 3, 4, 6):
        well = (np.array(mat(n, n)) + 3 * np.eye(n)).tolist()
        add('solving', 'f = sum(solve(A, b)^2)', {'A': well, 'b': vec(n)})
        add('solving', 'f = sum(inv(A)*B)', {'A': well, 'B': mat(n, n)}, ['A'])
        add('solving', 'f = det(A)', {'A': well})
        add('solving', 'f = logdet(A)', {'A': positive(n)})
        add('solving', 'f = sum(cholesky(A)^3)', {'A': positive(n)})
        add('solving', 'f = dot(b, solve(A, b)) + logdet(A)', {'A': positive(n), 'b': vec(n)})
    for n in (4, 5, 6, 7, 8):
        add('solving', 'f = sum(solve(A, b)^2)', {'A': hilbert(n), 'b': vec(n)}, ['b'])
        add('solving', 'f = sum(solve(A, b))', {'A': hilbert(n), 'b': vec(n)})
        add('solving', 'f = log(det(A))', {'A': hilbert(n)})
        add('solving', 'f = logdet(A)', {'A': hilbert(n)})
        if n < 8:
            add('solving', 'f = sum(cholesky(A))', {'A': hilbert(n)})


def recurrences():
    for steps in (3, 8, 15, 20, 40, 60):
        add('recurrences', 'x = a\nfor i in range(%d):\n    x = r*x*(1 - x)\nf = x + 0' % steps, {'a': 0.3, 'r': 3.9})
    for steps in (5, 20, 50):
        add('recurrences', 'y = a\nfor i in range(%d):\n    y = 0.5*(y + b/y)\nf = y + 0' % steps, {'a': 3.0, 'b': 2.0}, ['b'])
        add('recurrences', 'y = a\nfor i in range(%d):\n    y = y + 0.01*(b - y^2)\nf = y + 0' % steps, {'a': 0.5, 'b': 1.5})
        add('recurrences', 'y = a\nfor i in range(%d):\n    y = b + 1/y\nf = y + 0' % steps, {'a': 1.5, 'b': 1.1})
        add('recurrences', 'h = a\nfor i in range(%d):\n    h = tanh(w*h + b)\nf = h^2' % steps, {'a': 0.2, 'w': 1.3, 'b': 0.1})
        add('recurrences', 'p = a\nq = b\nfor i in range(%d):\n    p = p + 0.05*q\n    q = q - 0.05*sin(p)\nf = p*q' % steps, {'a': 1.0, 'b': 0.3})
        add('recurrences', 'y = a\nfor i in range(%d):\n    y = 1.0 - y*b\nf = y + 0' % steps, {'a': 0.4, 'b': 0.9})


def corners():
    for text, x in (('f = x^2', 1e-170), ('f = exp(x)', -740.0), ('f = exp(x)', -700.0), ('f = exp(-x^2)', 27.2), ('f = x*1e-300', 1e-10),
                    ('f = x^3', 1e-160), ('f = (x*1e200)*1e-200', 1.7), ('f = 1/x', 1e160), ('f = sqrt(x)', 1e-310), ('f = x^2*1e-5', 3e-310),
                    ('f = exp(x)/exp(x + 1)', 700.0), ('f = sigmoid(x)', -745.0), ('f = x^4', 3e-110), ('f = erfc(x)', 26.5),
                    ('f = log(x)', 5e-320), ('f = x/1e-200', 1e90), ('f = x*x*x*x', 1e-80)):
        add('corners', text, {'x': x})
    for d in (1e-3, 1e-12):
        add('kinks', 'f = relu(x - y)*x', {'x': 0.3 + d, 'y': 0.3})
        add('kinks', 'f = abs(x*y - 1)*x', {'x': 3.0, 'y': 1 / 3 + d})
        add('kinks', 'f = maximum(x*x, y)*y', {'x': 1.5, 'y': 2.25 + d})
        add('kinks', 'f = where(x > y, x^2, y^3)', {'x': 1.0 + d, 'y': 1.0})
        add('kinks', 'f = clip(x*y, 0, 1)*x', {'x': 0.7, 'y': (1 - d) / 0.7})
        add('kinks', 'f = max(x*x)', {'x': [1.5, -1.5 - d, 0.2]})
        add('kinks', 'f = floor(x*y)*x', {'x': 3.0, 'y': 1 / 3 + d})


def underflows():
    """Operands of which nothing is known, since a difference that was divided by may be 0, and operands as small as their errors."""
    each_op = ('exp', 'log', 'log2', 'log10', 'log1p', 'log_sigmoid', 'softplus', 'sigmoid', 'tanh', 'atan', 'asinh', 'sqrt', 'rsqrt', 'cbrt', 'sin',
               'erf', 'erfc', 'abs', 'square', 'reciprocal', 'silu', 'gelu', 'mish', 'elu', 'softsign', 'relu', 'floor', 'sign', 'softshrink')
    for name in each_op:
        if name not in ('exp', 'log10', 'log_sigmoid', 'softplus', 'erf', 'sin', 'erfc', 'mish', 'gelu', 'elu'):
            add('unknown', 'f = k*%s(1/(a*3 - b))' % name, {'a': 0.1, 'b': 0.3, 'k': 1.0}, ['k'])
        add('subnormal', 'f = c*log(abs(%s(exp(a))) + 1e-320)' % name, {'a': -744.5, 'c': 1.0}, ['c'])
        add('subnormal', 'f = c*%s(exp(a))' % name, {'a': -744.5, 'c': 1.0}, ['c'])
    for text in ('log10(1/(a*3 - b))', 'xlogy(2, 1/(a*3 - b))', 'xlog1py(2, 1/(a*3 - b))', 'log(1/(a*3 - b) + 1)', '-log(1/((a*3 - b)*1e17))',
                 'mean(log(stack(1/(a*3 - b), b)))', '(1/(a*3 - b))^b', '(1/(a*3 - b))^-0.5', 'hypot(1/(a*3 - b), 1)', 'atan2(1, 1/(a*3 - b))',
                 'lerp(1/(a*3 - b), 1, 0.3)', 'maximum(1/(a*3 - b), 2)', 'minimum(1/(a*3 - b), 2)', 'log(1/(a*3 - b)*1e-17)', 'where(1/(a*3 - b) > 0, 1, 2)',
                 'log(norm(stack(1/(a*3 - b), b)))', 'mod(1/(a*3 - b), 7)', 'logsumexp(log(stack(1/(a*3 - b), b)))', 'softmax(log(stack(1/(a*3 - b), b)))[1]'):
        add('unknown', 'f = k*%s' % text, {'a': 0.1, 'b': 0.3, 'k': 1.0}, ['k'])
    for text in ('log(sigmoid(a))', 'log(exp(a))', 'log(softplus(a))', 'log(softmax(stack(a, 0))[0])', 'exp(a)^0.01', 'exp(a)^c', 'lerp(1e-320/exp(a), 1, 0.3)',
                 '-log(silu(a)*-1)', 'log(-gelu(a/20))', 'log(-mish(a))', 'sqrt(exp(a))', 'exp(a)/exp(a - 0.1)', 'atan2(exp(a), exp(a)*3)', 'log(hypot(exp(a), exp(a)))',
                 'log(exp(a)*0.3/1e-10)', 'log(exp2(a*1.443))', 'log(cbrt(exp(a)))', 'xlogy(3, exp(a))', 'softplus(log(sigmoid(a)))'):
        for a in (-744.5, -743.0, -730.0, -715.0):
            add('subnormal', 'f = c*(%s)' % text, {'a': a, 'c': 0.01}, ['c'])
    add('subnormal', 'f = c*log(x @ y)', {'x': [1e-170, 1e-171], 'y': [1.3e-150, 1.7e-150], 'c': 1.0}, ['c'])
    add('subnormal', 'f = c*log(erfc(a))', {'a': 27.2, 'c': 1.0}, ['c'])
    add('subnormal', 'f = c*log(a^2/b)', {'a': 1.6e-162, 'b': 5e-324, 'c': 1.0}, ['c'])
    add('subnormal', 'f = -sum(y*log(softmax(x)))', {'x': [-744.5, 0.0], 'y': [1.0, 0.0]}, ['y'])
    for d in (1.2e-16, 1e-16, 3e-16):
        for text in ('log((a + 1 - 1)^2)', '1/(a + 1 - 1)', 'sqrt(abs(a + 1 - 1))', 'sigmoid(1/(a + 1 - 1))', 'atan2(a + 1 - 1, a)', 'sign(a + 1 - 1)',
                     'exp((a + 1 - 1)/a)', 'log(abs(a + 1 - 1) + a)', 'tanh(1e20*(a + 1 - 1))'):
            try:
                add('doubtful', 'f = c*%s' % text, {'a': d, 'c': 1.0}, ['c'])
            except ZeroDivisionError:
                continue


def networks():
    for act in ('tanh', 'sigmoid', 'relu', 'gelu', 'softplus', 'silu', 'elu'):
        add('networks', 'h = %s(X @ W + b)\nf = mean((h @ V - y)^2)' % act,
            {'X': mat(4, 3), 'W': mat(3, 4), 'b': vec(4), 'V': vec(4), 'y': vec(4)}, ['W', 'b', 'V'])
    add('networks', 'h = tanh(X @ W)\ng = tanh(h @ V)\nf = -mean(log_softmax(g @ U)[:, 0])',
        {'X': mat(3, 3), 'W': mat(3, 4), 'V': mat(4, 4), 'U': mat(4, 3)}, ['W', 'V', 'U'])
    for n, k in ((6, 2), (10, 3)):
        add('networks', 'f = sum(relu(conv1d(x, kernel))^2)', {'x': [mat(2, n)], 'kernel': [mat(2, k), mat(2, k), mat(2, k)]})
    add('networks', 'q = X @ Q\nk = X @ K\na = softmax(q @ k.T/sqrt(3))\nf = sum((a @ X)^2)', {'X': mat(4, 3), 'Q': mat(3, 3), 'K': mat(3, 3)})
    add('networks', 'z = (x - mean(x))/sqrt(mean((x - mean(x))^2) + 1e-5)\nf = sum(z*w)', {'x': vec(8), 'w': vec(8)})
    add('networks', 'f = mean(maximum(0, 1 - y*(X @ w))) + 0.01*sum(w^2)', {'X': mat(6, 3), 'w': vec(3), 'y': [1.0, -1, 1, 1, -1, -1]}, ['w'])


def others():
    for n in (5, 12):
        x = vec(n)
        add('indexing', 'f = sum(sort(x)*y)', {'x': x, 'y': vec(n)})
        add('indexing', 'f = max(x)*min(x) + x[2]^2', {'x': x})
        add('indexing', 'f = sum(x[1:]*x[:-1]) + x[0]*x[1]*x[2]', {'x': x})
        add('indexing', 'f = sum(reshape(x[0:4], [2, 2]) @ y)^2', {'x': x, 'y': mat(2, 2)})
        add('indexing', 'f = sum((x[::2])^2)*x[1]', {'x': x})
        add('indexing', 'f = (x[0] - x[1])*(x[0] + x[1]) + (x[1] - x[2])^2', {'x': x})
    for n in (3, 6):
        add('norms', 'f = norm(x - y)', {'x': vec(n), 'y': vec(n)})
        add('norms', 'f = dot(x, y)/(norm(x)*norm(y))', {'x': vec(n), 'y': vec(n)})
        add('norms', 'f = sum(abs(x)^3)^(1.0/3.0)', {'x': vec(n)})
        add('norms', 'f = norm(x)', {'x': [v * 1e-160 for v in vec(n)]})
        add('norms', 'f = sum(x)/norm(x)', {'x': [1 + v * 1e-7 for v in vec(n)]})


main()
