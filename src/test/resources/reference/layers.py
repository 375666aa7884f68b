"""Writes layers.txt beside this file: losses and layers by PyTorch 1.13 in double precision, which is not needed to run the tests.

A line is `expression | operands | value | gradients`; operands are shapes, filled with sin(1 + i + 7 k) for element i of
operand k, or shape=values. Gradients are those of sum(y * cos(1 + i)), by each operand that has one.
"""
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
lines = []


def text(t):
    return ",".join(repr(float(v)) for v in t.detach().reshape(-1))


def case(expression, operands, f):
    values = []
    for k, operand in enumerate(operands):
        dims, _, given = operand.partition("=")
        shape = [int(d) for d in dims.split(",") if d]
        n = math.prod(shape)
        data = [float(v) for v in given.split(",")] if given else [math.sin(1 + i + 7 * k) for i in range(n)]
        values.append(torch.tensor(data).reshape(shape).requires_grad_(not given))
    y = f(*values)
    c = torch.tensor([math.cos(1 + i) for i in range(y.numel())]).reshape(y.shape)
    free = [v for v in values if v.requires_grad]
    gradients = torch.autograd.grad((y * c).sum(), free, allow_unused=True)
    shown = ["-" if not v.requires_grad else "" for v in values]
    for v, g in zip(free, gradients):
        shown[[w is v for w in values].index(True)] = text(torch.zeros_like(v) if g is None else g)
    lines.append(" | ".join([expression, ";".join(operands), text(y), ";".join(shown)]))


def cosine_embedding(a, b, t, margin):
    """The documented formula; PyTorch's own code adds 1e-12 to the squared lengths."""
    c = F.cosine_similarity(a, b)
    return torch.where(t == 1, 1 - c, torch.clamp(c - margin, min=0))


REDUCE = {"mean": torch.mean, "sum": torch.sum, "none": lambda v: v}
LABELS = "4=2,0,1,1"
for reduction in ("mean", "sum", "none"):
    for ignored in (-100, 1):
        tail = f"reduction='{reduction}', ignore_index={ignored}"
        case(f"nll_loss(a, b, {tail})", ["4,3", LABELS], lambda x, t: F.nll_loss(x, t.long(), reduction=reduction, ignore_index=ignored))
        for smoothing in (0, 0.2):
            case(f"cross_entropy(a, b, {tail}, label_smoothing={smoothing})", ["4,3", LABELS],
                 lambda x, t: F.cross_entropy(x, t.long(), reduction=reduction, ignore_index=ignored, label_smoothing=smoothing))
    case(f"cross_entropy(a, b, reduction='{reduction}', label_smoothing=0.3)", ["2,3", "2,3"],
         lambda x, t: F.cross_entropy(x, t, reduction=reduction, label_smoothing=0.3))
    case(f"hinge_loss(a, b, margin=0.7, reduction='{reduction}')", ["4,3", LABELS],
         lambda x, t: REDUCE[reduction](3 * F.multi_margin_loss(x, t.long(), margin=0.7, reduction="none")))
    case(f"cosine_embedding_loss(a, b, c, margin=0.1, reduction='{reduction}')", ["4,3", "4,3", "4=1,-1,1,-1"],
         lambda a, b, t: REDUCE[reduction](cosine_embedding(a, b, t, 0.1)))
    for p, swap in ((2, False), (2, True), (3.5, False), (1, False)):
        case(f"triplet_loss(a, b, c, p={p}, swap={str(swap).lower()}, reduction='{reduction}')", ["3,4", "3,4", "3,4"],
             lambda a, b, c: F.triplet_margin_loss(a, b, c, p=p, swap=swap, reduction=reduction))
case("cross_entropy(a, b, axis=1)", ["2,3,2", "2,2=0,2,1,1"], lambda x, t: F.cross_entropy(x, t.long()))
case("nll_loss(a, b, axis=1, ignore_index=2)", ["2,3,2", "2,2=0,2,1,1"], lambda x, t: F.nll_loss(x, t.long(), ignore_index=2))

case("batch_norm(a, b, c, d, exp(e))", ["3,2,2", "2", "2", "2", "2"],
     lambda x, w, b, m, v: (x - m[:, None]) / torch.sqrt(torch.exp(v)[:, None] + 1e-5) * w[:, None] + b[:, None])
case("batch_norm(a, b, c, d, e, training=true, eps=0.01)", ["3,2,2", "2", "2", "2=0,0", "2=1,1"],
     lambda x, w, b, m, v: F.batch_norm(x, None, None, w, b, training=True, eps=0.01))
case("batch_norm(a, b, c, d, e, training=true, axis=-1)", ["4,3", "3", "3", "3=0,0,0", "3=1,1,1"],
     lambda x, w, b, m, v: F.batch_norm(x, None, None, w, b, training=True))
case("group_norm(a, b, c, groups=2)", ["2,4,3", "4", "4"], lambda x, w, b: F.group_norm(x, 2, w, b))
case("group_norm(a, b, c, groups=1, eps=0.1)", ["2,4", "4", "4"], lambda x, w, b: F.group_norm(x, 1, w, b, eps=0.1))
case("layer_norm(a, b, c)", ["2,4", "4", "4"], lambda x, w, b: F.layer_norm(x, [4], w, b))
case("embedding(a, b)", ["2,3=2,0,2,1,1,1", "4,2"], lambda i, w: F.embedding(i.long(), w))


def attention(q, k, v, mask=None, causal=False, scale=None):
    scores = q @ k.transpose(-1, -2) * (scale if scale else 1 / math.sqrt(q.shape[-1]))
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -math.inf)
    if causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:]).tril() == 0, -math.inf)
    return torch.softmax(scores, -1) @ v


case("scaled_dot_product_attention(a, b, c)", ["2,3,2", "2,4,2", "2,4,3"], attention)
case("scaled_dot_product_attention(a, b, c, d, scale=0.3)", ["3,2", "4,2", "4,3", "3,4=1,0,0,1,0,1,0,0,1,1,1,1"],
     lambda q, k, v, m: attention(q, k, v, m, scale=0.3))
case("scaled_dot_product_attention(a, b, c, causal=true)", ["2,3,2", "2,3,2", "2,3,1"], lambda q, k, v: attention(q, k, v, causal=True))
case("rnn_cell(a, b, c, d, e)", ["2,3", "2,4", "3,4", "4,4", "4"],
     lambda x, h, w, u, b: torch.rnn_tanh_cell(x, h, w.T, u.T, b, torch.zeros(4)))
case("lstm_cell(a, b, c, d, e, f)", ["2,3", "2,4", "2,4", "3,16", "4,16", "16"],
     lambda x, h, c, w, u, b: torch.cat(torch.lstm_cell(x, [h, c], w.T, u.T, b, torch.zeros(16)), -1))
case("gru_cell(a, b, c, d, e, f)", ["2,3", "2,4", "3,12", "4,12", "12", "12"],
     lambda x, h, w, u, b, d: torch.gru_cell(x, h, w.T, u.T, b, d))
for p in (0.5, 3, -1.5):
    case(f"norm(a, ord={p}, axis=1)", ["2,3"], lambda x: torch.linalg.vector_norm(x, p, dim=1))
case("normalize(a, ord=3)", ["2,3"], lambda x: F.normalize(x, p=3))
case("cosine_similarity(a, b)", ["2,3", "2,3"], F.cosine_similarity)

pathlib.Path(__file__).with_name("layers.txt").write_text("\n".join(lines) + "\n")
