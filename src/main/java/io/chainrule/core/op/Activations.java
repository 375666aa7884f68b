package io.chainrule.core.op;

import static io.chainrule.core.op.Definitions.*;
import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.elementary.Logistic;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Activation functions of neural networks. */
final class Activations {
    private static final Tensor SAMPLE = Tensor.vector(-2, -0.5, 0.5, 2);

    static final OpDefinition RELU = define("relu",
            Elementwise.unary("relu", Map.of(), Kernels.Unary.RELU).rule(0, (t, x, y) -> where(gt(x[0], 0), t, 0))
                    .kinkWhere((x, y) -> eq(x[0], 0)))
            .formula("\\max(0, x)", "[x > 0]").convention("at 0 the derivative is 0").example("y = relu(x)\nf = sum(y^2)", SAMPLE)
            .traits(FINITE, NONNEGATIVE, ACTIVATION, CLOSED_AT_ZERO)
            .vanishes(", whose operand is nowhere above 0: a dead relu")
            .code(OpCode.scalar("relu($0)").numpy("np.maximum($0, 0.0)"))
            .accuracy(Accuracy.monotone(0));
    static final OpDefinition LEAKY_RELU = OpDefinition.define("leaky_relu", Family.ELEMENTWISE, "x")
            .attribute(Attribute.optional("negative_slope", Attribute.Type.NUMBER, 0.01, "slope below 0"))
            .formula("\\max(x, 0) + s \\min(x, 0)", "1 \\text{ if } x > 0 \\text{ else } s")
            .convention("at 0 the slope of least magnitude; the minimum-norm subgradient")
            .example("y = leaky_relu(x, negative_slope=0.1)\nf = sum(y)", SAMPLE)
            .as(Activations::leakyRelu).traits(ACTIVATION)
            .code(OpCode.scalar("$0 > 0.0 ? $0 : $negative_slope * $0"));
    static final OpDefinition ELU = OpDefinition.define("elu", Family.ELEMENTWISE, "x")
            .attribute(Attribute.optional("alpha", Attribute.Type.NUMBER, 1.0, "minus the limit at −∞"))
            .formula("x \\text{ if } x > 0 \\text{ else } \\alpha (e^x - 1)", "1 \\text{ if } x > 0 \\text{ else } \\alpha e^x")
            .convention("at 0 the one-sided derivative of least magnitude, of 1 and alpha").example("y = elu(x)\nf = sum(y)", SAMPLE)
            .as(Activations::elu).traits(ACTIVATION)
            .code(OpCode.scalar("$0 > 0.0 ? $0 : $alpha * expm1($0)"));
    static final OpDefinition SOFTPLUS = OpDefinition.define("softplus", Family.ELEMENTWISE, "x")
            .attribute(Attribute.optional("beta", Attribute.Type.NUMBER, 1.0, "sharpness; the limit for large beta is relu"))
            .formula("\\frac{1}{\\beta} \\log(1 + e^{\\beta x})", "\\sigma(\\beta x)").example("y = softplus(x)\nf = sum(y)", SAMPLE)
            .as(a -> {
                double beta = a.nonzero("beta");
                Elementwise softplus = beta == 1
                        ? Elementwise.unary("softplus", a.written(), Kernels.Unary.SOFTPLUS)
                        : Elementwise.unary("softplus", a.written(), x -> Logistic.softplus(beta, x) / beta);
                return softplus
                        .partial(0, (x, y) -> Slopes.ofSoftplus(beta, x[0])).circuit(x -> div(log(add(1, exp(mul(beta, x[0])))), beta))
                        .accuracy((op, x, e, y) -> Accuracy.monotone(6).bound(op, x, e, y)
                                + (beta == 1 ? 0 : Double.MIN_VALUE / Math.abs(beta)));
            }).equivalentForms(x -> Maths.unary(Exponentials.LOG1P, exp(x[0]))).traits(FINITE, ISOLATED_ZEROS, NONNEGATIVE, ACTIVATION)
            .code(OpCode.scalar("(relu($beta * $0) + log1p(exp(-fabs($beta * $0)))) / $beta")
                    .numpy("np.logaddexp(0.0, $beta * $0) / $beta"));
    static final OpDefinition MAXOUT = OpDefinition.define("maxout", Family.COMPOSITE, "x")
            .attribute(Attribute.required("pieces", Attribute.Type.INT, "how many neighbours compete"),
                    Attribute.optional("axis", Attribute.Type.INT, -1, "the axis along which they lie side by side"))
            .formula("y_j = \\max_i x_{j p + i}", "[x_{jp+i} = y_j]").convention("a tie is shared equally")
            .example("y = maxout(x, pieces=2)\nf = sum(y^2)", SAMPLE).as(a -> {
                int pieces = a.integer("pieces", 1, Integer.MAX_VALUE);
                int axis = a.integer("axis");
                return new Composite("maxout", a.written(), shapes -> maxoutShape(shapes[0], pieces, axis),
                        x -> maxout(x[0], pieces, axis));
            }).traits(ACTIVATION);

    static final List<OpDefinition> ALL = List.of(RELU, LEAKY_RELU, ELU, SOFTPLUS, MAXOUT);

    private Activations() {}

    private static Elementwise leakyRelu(Attributes a) {
        double slope = a.number("negative_slope");
        double atKink = leastMagnitude(1, slope);
        Elementwise leakyRelu = selecting("leaky_relu", a.written(), x -> x >= 0 ? x : slope * x, KernelLoop.of(Kernels.Binary.LEAK, slope),
                (t, x, y) -> where(gt(x, 0), t, where(eq(x, 0), mul(atKink, t), mul(slope, t))));
        return slope == 1 ? leakyRelu : leakyRelu.kinkWhere((x, y) -> eq(x[0], 0));
    }

    private static Elementwise elu(Attributes a) {
        double alpha = a.number("alpha");
        double atKink = leastMagnitude(1, alpha);
        Elementwise elu = selecting("elu", a.written(), x -> x > 0 ? x : alpha * Exponential.expm1(x),
                KernelLoop.atZero(KernelLoop.SAME, KernelLoop.of(Kernels.Unary.EXPM1).then(KernelLoop.of(Kernels.Binary.MUL, alpha))),
                (t, x, y) -> {
                    Node below = strong(t, mul(alpha, exp(x)));
                    return where(gt(x, 0), t, alpha == atKink ? below : where(eq(x, 0), mul(atKink, t), below));
                });
        return alpha == 1 ? elu : elu.kinkWhere((x, y) -> eq(x[0], 0));
    }

    /** The number of least magnitude between two one-sided derivatives: 0 where they have opposite signs. */
    private static double leastMagnitude(double right, double left) {
        return right * left <= 0 ? 0 : Math.abs(left) < Math.abs(right) ? left : right;
    }

    private static Shape maxoutShape(Shape x, int pieces, int axis) {
        int at = x.axis(axis);
        if (x.dim(at) % pieces != 0) {
            throw new ShapeException("axis " + axis + " of " + x + " does not divide into pieces of " + pieces, "a multiple of " + pieces,
                    String.valueOf(x.dim(at)));
        }
        return x.with(at, x.dim(at) / pieces);
    }

    private static Node maxout(Node x, int pieces, int axis) {
        int at = x.shape().axis(axis);
        Shape split = maxoutShape(x.shape(), pieces, axis).inserted(at + 1, pieces);
        return x.graph().add(new Reductions.Extremum(true, List.of(at + 1), false), reshape(x, split));
    }
}
