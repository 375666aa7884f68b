package io.chainrule.benchmark;

import io.chainrule.benchmark.GradientDescent.Slope;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * Row q, the eval saddle of GradBench, by Siskind and Pearlmutter: the p of least f(p, q) for the q of greatest f(p, q), and that q. Both
 * are searched for by gradient descent, so that the search for p differentiates through those for q.
 *
 * <p>Ours is the variant fr: a search for q takes gradients in reverse mode; it carries its tangents by p in forward mode, for which a step
 * takes a Hessian–vector product. PyTorch's is rr: TorchScript has no forward mode, and records all steps of a search for q.
 */
final class SaddlePoint {
    private static final Program F = Program.parse("(x1^2 + y1^2) - (x2^2 + y2^2)");
    private static final Shapes SCALARS = Shapes.of("x1", "y1", "x2", "y2");
    private static final double[] START = {1, 1};
    private static final String METHODS = """
            def greatest(self: __torch__.Peer, p: Tensor, start: Tensor, isNested: bool) -> Tensor:
              q = start
              g = start
              next = start.detach().requires_grad_()
              value = -inf
              rate = 1e-05
              steps = -1
              searches = True
              while searches:
                there = (p * p).sum() - (next * next).sum()
                if float(there) > value:
                  q = next
                  value = float(there)
                  g = unchecked_cast(Tensor, torch.autograd.grad([there], [q], None, True, isNested)[0])
                  steps = steps + 1
                else:
                  rate = rate / 2.
                  steps = 0
                if steps == 10:
                  rate = rate * 2.
                  steps = 0
                step = g * rate
                searches = float(torch.norm(g)) > 1e-05 and float(torch.norm(step)) > 1e-05
                next = q + step
                if not isNested:
                  next = next.detach().requires_grad_()
              return q
            def least(self: __torch__.Peer, start: Tensor) -> Tensor:
              p = start
              g = start
              next = start.detach().requires_grad_()
              value = inf
              rate = 1e-05
              steps = -1
              searches = True
              while searches:
                q = self.greatest(next, start, True)
                there = (next * next).sum() - (q * q).sum()
                if float(there) < value:
                  p = next
                  value = float(there)
                  g = unchecked_cast(Tensor, torch.autograd.grad([there], [p])[0])
                  steps = steps + 1
                else:
                  rate = rate / 2.
                  steps = 0
                if steps == 10:
                  rate = rate * 2.
                  steps = 0
                step = g * rate
                searches = float(torch.norm(g)) > 1e-05 and float(torch.norm(step)) > 1e-05
                next = (p - step).detach().requires_grad_()
              return p
            """;
    private static final String SCRIPT = """
            p = self.least(start).detach()
            f = torch.cat([p, self.greatest(p, start, False).detach()])
            """;

    private final CompiledFunction gradient = F.valueAndGradient("x2", "y2").compile(SCALARS);
    private final CompiledFunction tangents = F.hvp(SCALARS, "x2", "y2").compile(SCALARS);
    private final CompiledFunction tangent = F.jvp(SCALARS).compile(SCALARS);

    private SaddlePoint() {}

    static Comparison comparison() {
        return Comparison.of("q", "saddle: gradient descent to a minimum, through gradient ascents to maxima", () -> {
            SaddlePoint search = new SaddlePoint();
            return Contender.of(() -> {
                double[] p = GradientDescent.minimum(search::greatest, 2, START);
                double[] q = GradientDescent.maximum(point -> search.slope(p, point), 2, START);
                return DoubleStream.concat(DoubleStream.of(p), DoubleStream.of(q)).toArray();
            });
        }).peer("PyTorch", 1, () -> Torch.derivative(METHODS, SCRIPT, Map.of("start", Tensor.vector(START)))).build();
    }

    /** f and its gradient by q. */
    private Slope slope(double[] p, double[] q) {
        Outcome there = gradient.call(p[0], p[1], q[0], q[1]);
        return new Slope(there.value().item(), new double[]{there.gradient("x2").item(), there.gradient("y2").item()});
    }

    /** The greatest f(p, q) of all q, and its gradient by p: a search for q along each axis. */
    private Slope greatest(double[] p) {
        Outcome alongX = greatest(p, new double[]{1, 0});
        Outcome alongY = greatest(p, new double[]{0, 1});
        return new Slope(alongX.value().item(), new double[]{alongX.tangent().item(), alongY.tangent().item()});
    }

    /** The greatest f(p, q) of all q, and its tangent where p moves in a direction. */
    private Outcome greatest(double[] p, double[] direction) {
        double[] q = GradientDescent.maximum(point -> slope(p, point, direction), 2, START[0], START[1], 0, 0);
        return tangent.call(scalars(p[0], p[1], q[0], q[1]), scalars(direction[0], direction[1], q[2], q[3]));
    }

    /** f, and its gradient by q, with the tangent of that gradient, where p moves in a direction and q by its own tangent. */
    private Slope slope(double[] p, double[] q, double[] direction) {
        Outcome there = tangents.call(scalars(p[0], p[1], q[0], q[1]), scalars(direction[0], direction[1], q[2], q[3]));
        return new Slope(there.value().item(), new double[]{there.gradient("x2").item(), there.gradient("y2").item(),
                there.product("x2").item(), there.product("y2").item()});
    }

    private static Map<String, Tensor> scalars(double x1, double y1, double x2, double y2) {
        return Map.of("x1", Tensor.scalar(x1), "y1", Tensor.scalar(y1), "x2", Tensor.scalar(x2), "y2", Tensor.scalar(y2));
    }
}
