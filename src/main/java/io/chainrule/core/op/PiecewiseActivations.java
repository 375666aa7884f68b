package io.chainrule.core.op;

import static io.chainrule.core.op.Definitions.*;
import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Unary;
import java.util.List;
import java.util.Map;

/** Activation functions with kinks. At each the derivative is the one-sided derivative of least magnitude. */
final class PiecewiseActivations {
    private static final Tensor SAMPLE = Tensor.vector(-2, -0.5, 0.5, 2);
    private static final Tensor WIDE = Tensor.vector(-4, -1, 1, 7);
    private static final double SELU_SCALE = 1.0507009873554805;
    private static final double SELU_ALPHA_SCALE = 1.7580993408473768;
    private static final String FLAT_AT_ENDS = "at both ends of the slope the derivative is 0";
    private static final String BRANCH = "where a branch begins the derivative is 0, that of the other branch";

    static final OpDefinition SELU = define(
            "selu",
            selecting("selu", Map.of(), x -> x > 0 ? SELU_SCALE * x : SELU_ALPHA_SCALE * Exponential.expm1(x),
                    KernelLoop.atZero(KernelLoop.of(Binary.MUL, SELU_SCALE),
                            KernelLoop.of(Unary.EXPM1).then(KernelLoop.of(Binary.MUL, SELU_ALPHA_SCALE))),
                    (t, x, y) -> where(lt(x, 0), strong(t, mul(SELU_ALPHA_SCALE, exp(x))), mul(SELU_SCALE, t)))
                    .kinkWhere((x, y) -> eq(x[0], 0)))
            .formula("\\lambda x \\text{ if } x > 0 \\text{ else } \\lambda \\alpha (e^x - 1),\\ \\lambda = 1.0507,\\ \\alpha = 1.6733",
                    "\\lambda \\text{ if } x > 0 \\text{ else } \\lambda \\alpha e^x")
            .convention("at 0 the one-sided derivative of least magnitude, λ").example("y = selu(x)\nf = sum(y)", SAMPLE)
            .traits(ACTIVATION)
            .code(OpCode.scalar("$0 > 0.0 ? 1.0507009873554805 * $0 : 1.7580993408473766 * expm1($0)"));
    static final OpDefinition RELU6 = define("relu6", ramp("relu6", Map.of(), 0, 6)).formula("\\min(\\max(x, 0), 6)", "[0 < x < 6]")
            .domain(-6, 18).convention(FLAT_AT_ENDS).example("y = relu6(x)\nf = sum(y)", WIDE).traits(ACTIVATION, CLOSED_AT_ZERO)
            .vanishes(", whose operand is nowhere between 0 and 6")
            .code(OpCode.scalar("$0 < 0.0 ? 0.0 : $0 > 6.0 ? 6.0 : $0"));
    static final OpDefinition HARD_TANH = OpDefinition.define("hard_tanh", Family.ELEMENTWISE, "x")
            .attribute(Attribute.optional("min", Attribute.Type.NUMBER, -1.0, "lower bound"),
                    Attribute.optional("max", Attribute.Type.NUMBER, 1.0, "upper bound"))
            .formula("\\min(\\max(x, l), u)", "[l < x < u]").convention(FLAT_AT_ENDS).alias("hardtanh")
            .example("y = hard_tanh(x)\nf = sum(y)", SAMPLE).as(a -> ramp("hard_tanh", a.written(), a.number("min"), a.number("max")))
            .traits(ACTIVATION)
            .vanishes(", which is saturated")
            .code(OpCode.scalar("$0 < $min ? $min : $0 > $max ? $max : $0"));
    static final OpDefinition HARD_SIGMOID = define(
            "hard_sigmoid",
            selecting("hard_sigmoid", Map.of(), x -> x <= -3 ? 0 : x >= 3 ? 1 : (x + 3) / 6,
                    KernelLoop.of(Binary.ADD, 3).then(KernelLoop.of(Binary.DIV, 6)).then(KernelLoop.clamped(0, 1)),
                    (t, x, y) -> where(between(x, -3, 3), div(t, 6), 0)).kinkWhere((x, y) -> eq(abs(x[0]), 3)))
            .formula("\\min(\\max(x / 6 + 1 / 2, 0), 1)", "\\frac{1}{6} [-3 < x < 3]").alias("hardsigmoid").domain(-4, 4)
            .convention(FLAT_AT_ENDS)
            .example("y = hard_sigmoid(x)\nf = sum(y)", WIDE).traits(ACTIVATION, CLOSED_AT_ZERO).cautions(Cautions.NONE.limits(0, 1))
            .vanishes(", which is saturated")
            .code(OpCode.scalar("$0 < -3.0 ? 0.0 : $0 > 3.0 ? 1.0 : $0 / 6.0 + 0.5"));
    static final OpDefinition HARD_SWISH = define("hard_swish",
            selecting("hard_swish", Map.of(), x -> x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6,
                    (t, x, y) -> where(gt(x, -3), where(lt(x, 3), strong(t, div(add(mul(2, x), 3), 6)), t), 0))
                    .kinkWhere((x, y) -> eq(abs(x[0]), 3)))
            .formula("x \\min(\\max(x / 6 + 1 / 2, 0), 1)", "0 \\text{ to } -3,\\ \\frac{2 x + 3}{6} \\text{ to } 3,\\ \\text{then } 1")
            .alias("hardswish").domain(-4, 4).convention("at −3 the derivative is 0, at 3 it is 1")
            .example("y = hard_swish(x)\nf = sum(y)", WIDE).traits(ACTIVATION)
            .code(OpCode.scalar("$0 < -3.0 ? 0.0 : $0 > 3.0 ? $0 : $0 * ($0 + 3.0) / 6.0"));
    static final OpDefinition SOFTSHRINK = shrink("softshrink")
            .code(OpCode.scalar("$0 > $lambd ? $0 - $lambd : $0 < -$lambd ? $0 + $lambd : 0.0"))
            .formula("x - \\operatorname{sign}(x) \\lambda \\text{ if } |x| > \\lambda \\text{ else } 0", "[|x| > \\lambda]")
            .convention(BRANCH)
            .as(a -> {
                double lambda = a.nonnegative("lambd");
                return beyond(selecting("softshrink", a.written(),
                        x -> x > lambda ? x - lambda : x < -lambda ? x + lambda : Double.isNaN(x) ? x : 0,
                        (t, x, y) -> outside(t, x, lambda)), lambda)
                        .accuracy((op, x, e, y) -> y == 0 ? e[0] : Accuracy.sum(x[0], y > 0 ? -lambda : lambda, e[0], 0, y));
            }).traits(ACTIVATION);
    static final OpDefinition HARDSHRINK = shrink("hardshrink").code(OpCode.scalar("$0 > $lambd || $0 < -$lambd ? $0 : 0.0"))
            .formula("x \\text{ if } |x| > \\lambda \\text{ else } 0", "[|x| > \\lambda]").convention(BRANCH).as(a -> {
                double lambda = a.nonnegative("lambd");
                return beyond(selecting("hardshrink", a.written(), x -> Math.abs(x) <= lambda ? 0 : x,
                        (t, x, y) -> outside(t, x, lambda)), lambda).accuracy(Accuracy.monotone(0));
            }).traits(ACTIVATION);
    static final OpDefinition THRESHOLD = OpDefinition.define("threshold", Family.ELEMENTWISE, "x")
            .attribute(Attribute.required("threshold", Attribute.Type.NUMBER, "up to here the result is the value given"),
                    Attribute.required("value", Attribute.Type.NUMBER, "the result up to the threshold"))
            .formula("x \\text{ if } x > \\theta \\text{ else } v", "[x > \\theta]").convention(BRANCH)
            .example("y = threshold(x, threshold=1, value=0.5)\nf = sum(y)", SAMPLE).as(a -> {
                double threshold = a.number("threshold");
                double value = a.number("value");
                return selecting("threshold", a.written(), x -> x <= threshold ? value : x, (t, x, y) -> where(gt(x, threshold), t, 0))
                        .kinkWhere((x, y) -> eq(x[0], threshold))
                        .accuracy((op, x, e, y) -> e[0] == 0 ? 0 : e[0] + Accuracy.monotone(0).bound(op, x, e, y));
            }).traits(ACTIVATION)
            .code(OpCode.scalar("$0 > $threshold ? $0 : $value"));
    static final OpDefinition PRELU = define(
            Elementwise.binary("prelu", Binary.LEAK, (x, slope) -> x >= 0 ? x : slope * x)
                    .rule(0, (t, x, y) -> where(gt(x[0], 0), t, strong(t, slopeUpTo0(x[0], x[1]))))
                    .rule(1, (t, x, y) -> where(lt(x[0], 0), strong(t, x[0]), 0))
                    .kinkWhere((x, y) -> and(eq(x[0], 0), not(eq(x[1], 1)))),
            "x", "slope").formula("\\max(x, 0) + s \\min(x, 0)", "1 \\text{ if } x > 0 \\text{ else } s,\\ \\min(x, 0)")
            .convention("at 0 the slope of least magnitude; the minimum-norm subgradient").traits(ACTIVATION)
            .code(OpCode.scalar("$0 > 0.0 ? $0 : $1 * $0"));

    static final List<OpDefinition> ALL = List.of(SELU, RELU6, HARD_TANH, HARD_SIGMOID, HARD_SWISH, SOFTSHRINK, HARDSHRINK, THRESHOLD,
            PRELU);

    private PiecewiseActivations() {}

    private static Node between(Node x, double low, double high) {
        return and(gt(x, low), lt(x, high));
    }

    private static Elementwise ramp(String name, Map<String, Object> attributes, double low, double high) {
        return selecting(name, attributes, x -> Math.min(Math.max(x, low), high), KernelLoop.clamped(low, high),
                (t, x, y) -> where(between(x, low, high), t, 0))
                .kinkWhere((x, y) -> or(eq(x[0], low), eq(x[0], high))).accuracy(Accuracy.EXACT);
    }

    private static OpDefinition shrink(String name) {
        return OpDefinition.define(name, Family.ELEMENTWISE, "x")
                .attribute(Attribute.optional("lambd", Attribute.Type.NUMBER, 0.5, "up to this magnitude the result is 0"))
                .example("y = " + name + "(x, lambd=0.25)\nf = sum(y)", SAMPLE);
    }

    /** Passes t beyond ±lambda; everywhere where lambda is 0 and the op the identity. */
    private static Node outside(Node t, Node x, double lambda) {
        return lambda == 0 ? t : where(gt(abs(x), lambda), t, 0);
    }

    private static Elementwise beyond(Elementwise op, double lambda) {
        return lambda == 0 ? op : op.kinkWhere((x, y) -> eq(abs(x[0]), lambda));
    }

    /** The derivative of prelu below 0; at 0 the number of least magnitude between it and 1. */
    private static Node slopeUpTo0(Node x, Node slope) {
        Node atKink = eq(x, 0);
        return where(and(atKink, gt(slope, 1)), 1, where(and(atKink, lt(slope, 0)), 0, slope));
    }
}
