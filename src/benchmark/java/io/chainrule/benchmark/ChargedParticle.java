package io.chainrule.benchmark;

import io.chainrule.benchmark.GradientDescent.Slope;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;

/**
 * Row q, the eval particle of GradBench, by Siskind and Pearlmutter: how far one of two charges has to stand from (10, 10) so that a
 * particle, which both repel, comes down at the origin. Its path is found by Euler's method, with the gradient of the potential as the
 * force. How far from the origin it ends is differentiated by the charge's place, so that derivatives are nested.
 *
 * <p>It is the variant fr: a step takes a Hessian–vector product of the potential, which is the force in reverse mode with its tangent in
 * forward mode; the loop over the steps carries the tangents of the path. PyTorch differentiates the force backward once more for its
 * tangent, since TorchScript has no forward mode; to record all steps and go back through them, as in rr, is no faster.
 */
final class ChargedParticle {
    private static final double STEP = 0.1;
    private static final String METHODS = """
            def slope(self: __torch__.Peer, w: Tensor, x: Tensor, v: Tensor, charges: Tensor, shift: Tensor) -> Tuple[float, Tensor]:
              w = w.detach().requires_grad_()
              charges = charges - shift * w
              x_ = torch.zeros_like(x)
              v_ = torch.zeros_like(v)
              while float(x[1] + 0.1 * v[1]) > 0.:
                at = x.detach().requires_grad_()
                d = at - charges
                potential = torch.rsqrt((d * d).sum([1])).sum()
                g = torch.autograd.grad([potential], [at, w], None, True, True)
                force = unchecked_cast(Tensor, g[0])
                along = torch.dot(force, x_) + unchecked_cast(Tensor, g[1])
                h = unchecked_cast(Tensor, torch.autograd.grad([along], [at], None, True)[0])
                x = x + 0.1 * v
                x_ = x_ + 0.1 * v_
                v = v - 0.1 * force.detach()
                v_ = v_ - 0.1 * h
              r = x[1] / v[1]
              end = x[0] - r * v[0]
              end_ = x_[0] - r * v_[0] - (x_[1] - r * v_[1]) / v[1] * v[0]
              return (float(end * end), 2. * end * end_)
            """;
    private static final String SCRIPT = """
            value, g = self.slope(w, x, v, charges, shift)
            rate = 1e-05
            steps = 0
            searches = True
            while searches and abs(float(g)) > 1e-05:
              if steps == 10:
                rate = rate * 2.
                steps = 0
              step = g * rate
              if abs(float(step)) <= 1e-05:
                searches = False
              else:
                next = w - step
                there, slope = self.slope(next, x, v, charges, shift)
                if there < value:
                  w = next
                  value = there
                  g = slope
                  steps = steps + 1
                else:
                  rate = rate / 2.
                  steps = 0
            f = w
            """;

    private final CompiledFunction potential = Program.parse("1 / sqrt((x - 10)^2 + (y - 10 + w)^2) + 1 / sqrt((x - 10)^2 + y^2)")
            .hvp(Shapes.of("x", "y", "w"), "x", "y").compile(Shapes.of("x", "y", "w"));
    private final CompiledFunction miss = Program.parse("(x - y / dy * dx)^2").jvp(Shapes.of("x", "y", "dx", "dy"))
            .compile(Shapes.of("x", "y", "dx", "dy"));

    private ChargedParticle() {}

    static Comparison comparison() {
        return Comparison.of("q", "particle: gradient descent to the place of a charge, through the steps of Euler's method", () -> {
            ChargedParticle particle = new ChargedParticle();
            return Contender.of(() -> GradientDescent.minimum(w -> particle.miss(w[0]), 1, 0));
        }).peer("PyTorch", 1, () -> Torch.derivative(METHODS, SCRIPT, inputs())).build();
    }

    private static Map<String, Tensor> inputs() {
        return Data.with(Map.of("w", Tensor.scalar(0)), Map.of("x", Tensor.vector(0, 8), "v", Tensor.vector(0.75, 0), "charges",
                Tensor.matrix(new double[][]{{10, 10}, {10, 0}}), "shift", Tensor.matrix(new double[][]{{0, 1}, {0, 0}})));
    }

    /** The square of how far from the origin the particle comes down, and its derivative by {@code w}. */
    private Slope miss(double w) {
        double[] path = {0, 8, 0.75, 0};
        double[] tangent = new double[4];
        while (path[1] + STEP * path[3] > 0) {
            Outcome there = potential.call(
                    Map.of("x", Tensor.scalar(path[0]), "y", Tensor.scalar(path[1]), "w", Tensor.scalar(w)),
                    Map.of("x", Tensor.scalar(tangent[0]), "y", Tensor.scalar(tangent[1]), "w", Tensor.scalar(1)));
            move(path, there.gradient("x"), there.gradient("y"));
            move(tangent, there.product("x"), there.product("y"));
        }
        Outcome end = miss.call(state(path), state(tangent));
        return new Slope(end.value().item(), new double[]{end.tangent().item()});
    }

    /** A step of Euler's method, which is linear: tangents go the way of what they are tangents of. */
    private static void move(double[] path, Tensor slopeX, Tensor slopeY) {
        path[0] += STEP * path[2];
        path[1] += STEP * path[3];
        path[2] -= STEP * slopeX.item();
        path[3] -= STEP * slopeY.item();
    }

    private static Map<String, Tensor> state(double[] path) {
        return Map.of("x", Tensor.scalar(path[0]), "y", Tensor.scalar(path[1]), "dx", Tensor.scalar(path[2]), "dy",
                Tensor.scalar(path[3]));
    }
}
