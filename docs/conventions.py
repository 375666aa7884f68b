"""Measures the column of PyTorch in conventions.md and writes it there.

Run it as `python3 docs/conventions.py` with PyTorch installed. Expressions mean what they mean to Chainrule; the names
below say which function of PyTorch stands for an op. An op without a name here keeps a dash, one that refuses says `error`.
"""
import re
from pathlib import Path

import torch
import torch.nn.functional as F

PAGE = Path(__file__).with_name('conventions.md')
inf, NaN = float('inf'), float('nan')

NAMES = dict(
    relu=F.relu, abs=torch.abs, leaky_relu=F.leaky_relu, prelu=lambda x, a: F.prelu(x, a.reshape(1)), elu=F.elu, celu=F.celu, selu=F.selu,
    relu6=F.relu6, hard_tanh=F.hardtanh, hard_sigmoid=F.hardsigmoid, hard_swish=F.hardswish, softshrink=F.softshrink,
    hardshrink=F.hardshrink, threshold=F.threshold, clip=torch.clip, hypot=torch.hypot, copysign=torch.copysign,
    norm=lambda x, ord=2: torch.linalg.vector_norm(x, inf if ord == 'Infinity' else ord), std=torch.std,
    cosine_similarity=lambda a, b, axis: F.cosine_similarity(a, b, dim=axis), normalize=lambda x, axis: F.normalize(x, dim=axis),
    l1_loss=F.l1_loss, huber_loss=F.huber_loss, smooth_l1_loss=F.smooth_l1_loss, hinge_embedding_loss=F.hinge_embedding_loss, kl_div=F.kl_div,
    binary_cross_entropy=F.binary_cross_entropy, maximum=torch.maximum, minimum=torch.minimum, fmax=torch.fmax, fmin=torch.fmin,
    max=torch.amax, min=torch.amin, max_pool2d=F.max_pool2d, sort=lambda x: torch.sort(x).values, topk=lambda x, k: torch.topk(x, k).values,
    median=torch.median, quantile=torch.quantile, cummax=lambda x: torch.cummax(x, 0).values, cummin=lambda x: torch.cummin(x, 0).values,
    sign=torch.sign, floor=torch.floor, ceil=torch.ceil, round=torch.round, trunc=torch.trunc, floor_divide=torch.floor_divide,
    heaviside=torch.heaviside, fmod=torch.fmod, remainder=torch.remainder, argmax=torch.argmax, argsort=torch.argsort, eq=torch.eq,
    where=lambda c, a, b: torch.where(c.bool(), a, torch.as_tensor(b, dtype=torch.float64)),
    masked_fill=lambda x, m, value: torch.masked_fill(x, m.bool(), value), nan_to_num=torch.nan_to_num, stop_gradient=lambda x: x.detach(),
    xlogy=torch.xlogy, xlog1py=torch.special.xlog1py, prod=torch.prod, cumprod=lambda x: torch.cumprod(x, 0), pow=torch.pow,
    scatter_add=lambda x, i, u, axis: torch.scatter_add(x, axis, i.long(), u), sqrt=torch.sqrt, rsqrt=torch.rsqrt, log=torch.log,
    log2=torch.log2, log10=torch.log10, log1p=torch.log1p, logit=torch.logit, asin=torch.asin, acos=torch.acos, acosh=torch.acosh,
    atanh=torch.atanh, atan2=torch.atan2, sinc=torch.sinc, erfinv=torch.erfinv, lgamma=torch.lgamma, digamma=torch.digamma,
    polygamma=lambda x, n: torch.polygamma(n, x), det=torch.linalg.det, logdet=torch.logdet, slogdet=lambda x: torch.linalg.slogdet(x).logabsdet,
    cholesky=torch.linalg.cholesky, logaddexp=torch.logaddexp, logsumexp=lambda x: torch.logsumexp(x, 0),
    cosine_embedding_loss=F.cosine_embedding_loss, triplet_loss=lambda a, p, n, eps: F.triplet_margin_loss(a[None], p[None], n[None], eps=eps),
    matrix_norm=lambda x, ord='fro': torch.linalg.matrix_norm(x, ord), svdvals=torch.linalg.svdvals,
    eigvalsh=torch.linalg.eigvalsh, eigh_vectors=lambda x: torch.linalg.eigh(x).eigenvectors, svd_u=lambda x: torch.linalg.svd(x).U,
    svd_vh=lambda x: torch.linalg.svd(x).Vh, pinv=torch.linalg.pinv, qr_q=lambda x: torch.linalg.qr(x).Q,
    qr_r=lambda x: torch.linalg.qr(x).R, expm=torch.linalg.matrix_exp,
    logcumsumexp=lambda x: torch.logcumsumexp(x, 0), mean=torch.mean, silu=F.silu, mish=F.mish, gelu=F.gelu)


def shown(number):
    return 'NaN' if number != number else repr(int(number)) if abs(number) < 1e15 and number == int(number) else repr(number)


def written(gradient):
    return '[' + ', '.join(written(g) for g in gradient) + ']' if isinstance(gradient, list) else shown(gradient)


def measured(expression, at):
    if any(op not in NAMES for op in re.findall(r'(\w+)\(', expression)):
        return '–'
    inputs = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
              for name, value in eval('dict(' + at + ')', dict(inf=inf, NaN=NaN)).items()}
    text = re.sub(r'\[.*?\]', lambda match: f'torch.tensor({match.group()})', expression)
    try:
        total = eval(text, dict(NAMES, torch=torch, **inputs)).sum()
        if total.requires_grad:
            total.backward()
    except (RuntimeError, NotImplementedError) as e:
        print(expression, at, str(e).splitlines()[0])
        return 'error'
    return ', '.join(written((torch.zeros_like(x) if x.grad is None else x.grad).tolist()) for x in inputs.values())


def row(line):
    cells = [cell.strip() for cell in line.split('|')]
    if len(cells) == 8 and cells[1].startswith('`'):
        cells[4] = measured(cells[1].strip('`'), cells[2])
        return ' | '.join(cells).strip()
    return line


if __name__ == '__main__':
    PAGE.write_text('\n'.join(row(line) for line in PAGE.read_text().split('\n')))
