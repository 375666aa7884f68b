package io.chainrule.core.op;

import static io.chainrule.core.op.Definitions.*;
import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.elementary.Hyperbolic;
import io.chainrule.core.elementary.TanhGelu;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Unary;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Smooth activation functions, most of them x times a gate; where the gate is 0 the product is 0, at −∞ too. */
final class SmoothActivations {
    private static final Tensor SAMPLE = Tensor.vector(-2, -0.5, 0.5, 2);
    private static final double ROOT_TWO_BY_PI = Math.sqrt(2 / Math.PI);
    private static final double CUBIC = 0.044715;
    /** Numbers as they are, infinities as the largest number. */
    private static final KernelLoop FINITE_PART = KernelLoop.clamped(-Double.MAX_VALUE, Double.MAX_VALUE);

    static final OpDefinition GELU = OpDefinition.define("gelu", Family.ELEMENTWISE, "x")
            .attribute(Attribute.optional("approximate", Attribute.Type.TEXT, "none", "'none' or 'tanh'"))
            .formula("x\\,\\Phi(x),\\ \\text{or}\\ x\\,\\sigma(2u),\\ u = \\sqrt{2/\\pi}\\,(x + 0.044715\\,x^3)",
                    "\\Phi(x) + x\\,\\varphi(x),\\ \\text{or}\\ \\sigma(2u) + 2 x u' \\sigma(2u)\\,\\sigma(-2u)")
            .example("y = gelu(x)\nf = sum(y)", SAMPLE)
            .as(a -> a.choice("approximate", "none", "tanh").equals("none") ? gelu(a) : approximateGelu(a))
            .traits(FINITE, ISOLATED_ZEROS, ACTIVATION);
    static final OpDefinition SILU = unary("silu", Unary.SILU,
            (x, y) -> add(sigmoid(x), strongBoth(x, slopeOfSigmoid(x))))
            .formula("x\\,\\sigma(x)", "\\sigma(x) + x\\,\\sigma(x)\\,\\sigma(-x)").alias("swish").domain(-4, 4)
            .circuit(x -> mul(x[0], sigmoid(x[0]))).equivalentForms(x -> div(x[0], add(1, exp(neg(x[0])))))
            .accuracy(Accuracy.gated(Accuracy.smooth(16), 1)).traits(FINITE, ISOLATED_ZEROS, ACTIVATION)
            .code(OpCode.scalar("$0 / (1.0 + exp(-$0))"));
    static final OpDefinition MISH = unary("mish", Unary.MISH, (x, y) -> {
        return add(Slopes.mishGate(x), strongBoth(x, Slopes.ofMishGate(x)));
    }).formula("x \\tanh \\log(1 + e^x)", "\\tanh s + x\\,\\sigma(x) / \\cosh^2 s,\\ s = \\log(1 + e^x)").domain(-4, 4)
            .circuit(x -> mul(x[0], tanh(x[0].graph().add(Activations.SOFTPLUS.create(Map.of(), 1), x[0]))))
            .accuracy(Accuracy.gated(Accuracy.smooth(16), 2)).traits(FINITE, ISOLATED_ZEROS, ACTIVATION)
            .code(OpCode.scalar("$0 * tanh(relu($0) + log1p(exp(-fabs($0))))").numpy("$0 * np.tanh(np.logaddexp(0.0, $0))"));
    static final OpDefinition CELU = OpDefinition.define("celu", Family.ELEMENTWISE, "x")
            .attribute(Attribute.optional("alpha", Attribute.Type.NUMBER, 1.0, "minus the limit at −∞"))
            .formula("x \\text{ if } x > 0 \\text{ else } \\alpha (e^{x / \\alpha} - 1)",
                    "1 \\text{ if } x > 0 \\text{ else } e^{x / \\alpha}")
            .example("y = celu(x, alpha=2)\nf = sum(y)", SAMPLE).as(a -> {
                double alpha = a.nonzero("alpha");
                return selecting("celu", a.written(), x -> x > 0 ? x : alpha * Exponential.expm1(x / alpha),
                        KernelLoop.atZero(KernelLoop.SAME, KernelLoop.of(Binary.DIV, alpha).then(KernelLoop.of(Unary.EXPM1))
                                .then(KernelLoop.of(Binary.MUL, alpha))),
                        (t, x, y) -> where(gt(x, 0), t, strong(t, exp(div(x, alpha)))))
                        .accuracy((op, x, e, y) -> Accuracy.smooth(4).bound(op, x, e, y)
                                + (x[0] < 0 ? Math.abs(alpha) * Double.MIN_VALUE : 0));
            }).traits(ACTIVATION)
            .code(OpCode.scalar("$0 > 0.0 ? $0 : $alpha * expm1($0 / $alpha)"));
    static final OpDefinition SOFTSIGN = unary("softsign", x -> Double.isInfinite(x) ? Math.signum(x) : x / (1 + Math.abs(x)),
            KernelLoop.of(Binary.DIV, FINITE_PART, FINITE_PART.then(KernelLoop.of(Unary.ABS)).then(KernelLoop.of(Binary.ADD, 1))),
            (x, y) -> Slopes.ofSoftsign(x)).formula("\\frac{x}{1 + |x|}", "\\frac{1}{(1 + |x|)^2}")
            .circuit(x -> div(x[0], add(1, abs(x[0])))).traits(FINITE, ISOLATED_ZEROS, ACTIVATION)
            .cautions(Cautions.NONE.limits(-1, 1))
            .code(OpCode.scalar("$0 / (1.0 + fabs($0))"))
            .accuracy(Accuracy.monotone(2));
    static final OpDefinition TANHSHRINK = unary("tanhshrink", SmoothActivations::tanhShrink,
            (x, y) -> square(Maths.unary(Trigonometry.TANH, x))).formula("x - \\tanh x", "\\tanh^2 x")
            .circuit(x -> sub(x[0], tanh(x[0]))).accuracy(Accuracy.smooth(16)).traits(ACTIVATION)
            .code(OpCode.scalar("$0 - tanh($0)"));
    static final OpDefinition LOG_SIGMOID = unary("log_sigmoid", Unary.LOG_SIGMOID,
            (x, y) -> sigmoid(neg(x))).formula("\\log \\sigma(x) = -\\log(1 + e^{-x})", "\\sigma(-x)").alias("logsigmoid")
            .circuit(x -> neg(log(add(1, exp(neg(x[0])))))).equivalentForms(x -> log(sigmoid(x[0])))
            .traits(FINITE, ISOLATED_ZEROS, ACTIVATION)
            .code(OpCode.scalar("-relu(-$0) - log1p(exp(-fabs($0)))").numpy("-np.logaddexp(0.0, -$0)"))
            .accuracy(Accuracy.monotone(4));
    static final OpDefinition GLU = OpDefinition.define("glu", Family.COMPOSITE, "x")
            .attribute(Attribute.optional("axis", Attribute.Type.INT, -1, "the axis whose second half gates the first"))
            .formula("a\\,\\sigma(b),\\ x = [a, b]", "\\bar a = \\bar y\\,\\sigma(b),\\ \\bar b = \\bar y\\,a\\,\\sigma(b)\\,\\sigma(-b)")
            .example("y = glu(x)\nf = sum(y^2)", SAMPLE).as(a -> {
                int axis = a.integer("axis");
                return new Composite("glu", a.written(), shapes -> half(shapes[0], axis), x -> glu(x[0], axis));
            }).traits(ACTIVATION);

    static final List<OpDefinition> ALL = List.of(GELU, SILU, MISH, CELU, SOFTSIGN, TANHSHRINK, LOG_SIGMOID, GLU);

    private SmoothActivations() {}

    private static double gated(double x, double gate) {
        return gate == 0 ? 0 : x * gate;
    }

    private static Node slopeOfSigmoid(Node x) {
        return Slopes.ofSigmoid(x, sigmoid(x));
    }

    private static Elementwise gelu(Attributes a) {
        return Elementwise.unary("gelu", a.written(), Unary.GELU).partial(0, (x, y) -> {
            return add(Slopes.normal(x[0]), strongBoth(x[0], Slopes.density(x[0])));
        }).circuit(x -> mul(mul(0.5, x[0]), add(1, unary(SpecialFunctions.ERF, div(x[0], Math.sqrt(2))))))
                .accuracy(Accuracy.gated(Accuracy.smooth(16), 8));
    }

    private static Elementwise approximateGelu(Attributes a) {
        return Elementwise.unary("gelu", a.written(), x -> gated(x, TanhGelu.gate(x)))
                .partial(0, (x, y) -> add(Slopes.geluGate(x[0]), strongBoth(x[0], Slopes.ofGeluGate(x[0])))).circuit(x -> {
                    Node u = mul(ROOT_TWO_BY_PI, add(x[0], mul(CUBIC, pow(x[0], number(x[0].graph(), 3)))));
                    return mul(mul(0.5, x[0]), add(1, tanh(u)));
                }).accuracy(Accuracy.gated(Accuracy.smooth(16), 2));
    }

    /** Near 0 as (x cosh x − sinh x) / cosh x, whose numerator has the terms 2k x^(2k+1) / (2k + 1)!, all of one sign. */
    private static double tanhShrink(double x) {
        if (!(Math.abs(x) < 2)) {
            return x - Hyperbolic.tanh(x);
        }
        double term = x;
        double sum = 0;
        for (int k = 1; k <= 14; k++) {
            term *= x * x / (2 * k * (2 * k + 1));
            sum += 2 * k * term;
        }
        return sum / Hyperbolic.cosh(x);
    }

    private static Shape half(Shape x, int axis) {
        int at = x.axis(axis);
        if (x.dim(at) % 2 != 0) {
            throw new ShapeException("axis " + axis + " of " + x + " does not divide into halves", "an even length",
                    String.valueOf(x.dim(at)));
        }
        return x.with(at, x.dim(at) / 2);
    }

    private static Node glu(Node x, int axis) {
        int at = x.shape().axis(axis);
        int middle = x.shape().dim(at) / 2;
        List<Object> place = new ArrayList<>(Collections.nCopies(at, ":"));
        place.add(":" + middle);
        Node value = index(x, List.copyOf(place));
        place.set(at, middle + ":");
        return mul(value, sigmoid(index(x, List.copyOf(place))));
    }
}
