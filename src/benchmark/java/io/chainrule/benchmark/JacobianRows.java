package io.chainrule.benchmark;

import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Row l: whole Jacobians and Hessians. PyTorch's batched forms are written out: what {@code torch.func} with {@code vmap} computes, in
 * TorchScript; {@code derivatives.py} has Python's own.
 */
final class JacobianRows {
    static final int N = 500;
    static final String LAYER = "y = tanh(W @ x)";
    static final String ROSENBROCK = "f = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)";

    private JacobianRows() {}

    static List<Comparison> all() {
        return List.of(
                Comparison.of("l", "Jacobian of tanh(W @ x) by x, 500²", JacobianRows::jacobian)
                        .peer("PyTorch, all rows as one batch", 10, () -> Torch.derivative("""
                                y = torch.tanh(torch.mv(W, x))
                                seeds = torch.eye(500, dtype=7)
                                f = torch.matmul(seeds * (1. - y * y), W)
                                """, layer())).build(),
                Comparison.of("l", "Hessian of Rosenbrock's function, n = 500", JacobianRows::hessian)
                        .peer("PyTorch, all rows as one batch", 10, () -> Torch.derivative("""
                                x = torch.expand(x, [500, 500]).detach().requires_grad_()
                                u = x[:, :-1]
                                v = x[:, 1:] - u * u
                                s = (100. * v * v + (1. - u) * (1. - u)).sum()
                                g = torch.autograd.grad([s], [x], None, None, True)[0]
                                seeds = annotate(List[Optional[Tensor]], [torch.eye(500, dtype=7)])
                                f = torch.autograd.grad([unchecked_cast(Tensor, g)], [x], seeds)[0]
                                """, point())).build());
    }

    static Map<String, Tensor> layer() {
        return Data.normal(0.05, "W", N, N, "x", N);
    }

    static Map<String, Tensor> point() {
        return Data.normal(1, "x", N);
    }

    private static Contender jacobian() {
        Map<String, Tensor> inputs = layer();
        return Chainrule.of(Program.parse(LAYER).jacobian("x").compile(Shapes.ofValues(inputs)), inputs, "y", "x");
    }

    private static Contender hessian() {
        Map<String, Tensor> inputs = point();
        return Chainrule.of(Program.parse(ROSENBROCK).hessian("x").compile(Shapes.ofValues(inputs)), inputs, "x", "x");
    }
}
