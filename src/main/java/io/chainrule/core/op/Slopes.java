package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.elementary.InverseErrorFunction;
import io.chainrule.core.elementary.Logistic;
import io.chainrule.core.elementary.Power;
import io.chainrule.core.elementary.TanhGelu;
import io.chainrule.core.graph.Node;
import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Unary;
import java.util.Map;

/**
 * Derivatives of ops for which an expression in other ops would lose digits: the expression is inaccurate, or differentiating it cancels,
 * overflows or underflows. A slope takes the place of the expression, and its own derivative is given by a rule. Slopes are no ops of the
 * catalogue. Each has a circuit, the textbook's expression, and texts and code show that.
 */
final class Slopes {
    private static final double ROOT_PI = Math.sqrt(Math.PI);
    private static final double BY_ROOT_TWO_PI = Math.sqrt(0.5 / Math.PI);

    private static final Elementwise SIGMOID = Elementwise.given("sigmoid_slope", 2)
            .partial(1, (x, s) -> neg(mul(s, tanh(mul(0.5, x[1]))))).circuit(x -> mul(x[2], sigmoid(neg(x[1]))));
    private static final Elementwise TANH = Elementwise.given("tanh_slope", 2).partial(1, (x, s) -> mul(-2, mul(s, x[2])))
            .circuit(x -> sechSquared(x[1]));
    private static final Elementwise ARC = Elementwise.given("arc_slope", 1).partial(1, (x, s) -> mul(mul(mul(x[1], s), s), s));
    private static final Elementwise ATAN = Elementwise.given("atan_slope", 1).partial(1, (x, s) -> mul(mul(mul(-2, x[1]), s), s));
    private static final Elementwise ATANH = Elementwise.given("atanh_slope", 1).partial(1, (x, s) -> mul(mul(mul(2, x[1]), s), s));
    private static final Elementwise CBRT = Elementwise.given("cbrt_slope", 1).partial(1, (x, s) -> mul(-2 / 3.0, div(s, x[1])));
    private static final Elementwise LOG = logarithm("log_slope", 1);
    private static final Elementwise LOG2 = logarithm("log2_slope", Exponentials.LN2);
    private static final Elementwise LOG10 = logarithm("log10_slope", Exponentials.LN10);
    private static final Elementwise LOGIT = Elementwise.given("logit_slope", 1)
            .partial(1, (x, s) -> mul(mul(sub(mul(2, x[1]), 1), s), s));
    private static final Elementwise SOFTSIGN = Elementwise.given("softsign_slope", 1)
            .partial(1, (x, s) -> div(mul(mul(-2, sign(x[1])), s), add(abs(x[1]), 1)));
    private static final Elementwise HYPOT = Elementwise.given("hypot_slope", 2)
            .partial(1, (x, s) -> where(eq(length(x), 0), 0, div(square(div(x[2], length(x))), length(x))))
            .partial(2, (x, s) -> where(eq(length(x), 0), 0, neg(div(mul(s, div(x[2], length(x))), length(x)))));
    private static final Elementwise TURN = Elementwise.given("turn", 2)
            .partial(1, (x, s) -> div(mul(div(sub(x[2], x[1]), length(x)), div(div(add(x[2], x[1]), length(x)), length(x))), length(x)))
            .partial(2, (x, s) -> div(mul(mul(-2, s), div(x[2], length(x))), length(x)));

    /** The values of the slopes of sigmoid and tanh, with one exponential each. The slopes give the derivatives, so these have none. */
    private static final Elementwise LOGISTIC_DENSITY = Elementwise.unary("logistic_density", Map.of(), Unary.LOGISTIC_DENSITY)
            .circuit(x -> mul(sigmoid(x[0]), sigmoid(neg(x[0]))));
    private static final Elementwise SECH_SQUARED = Elementwise.unary("sech_squared", Map.of(), Unary.SECH_SQUARED)
            .circuit(x -> sechSquared(x[0]));
    private static final Elementwise BELL = Elementwise.unary("bell", Map.of(), Unary.BELL)
            .partial(0, (x, y) -> mul(mul(-2, x[0]), y)).circuit(x -> exp(neg(square(x[0]))));
    private static final Elementwise DENSITY = Elementwise.unary("normal_density", Map.of(), Unary.NORMAL_DENSITY)
            .partial(0, (x, y) -> neg(mul(x[0], y))).circuit(x -> mul(BY_ROOT_TWO_PI, exp(mul(-0.5, square(x[0])))));
    private static final Elementwise NORMAL = Elementwise.unary("normal", Map.of(), Unary.NORMAL).partial(0, (x, y) -> density(x[0]))
            .circuit(x -> mul(0.5, Maths.unary(SpecialFunctions.ERFC, mul(-Math.sqrt(0.5), x[0]))));
    private static final Elementwise ERFINV = Elementwise.unary("erfinv_slope", Map.of(), InverseErrorFunction::slope)
            .partial(0, (x, s) -> mul(mul(mul(2, Maths.unary(SpecialFunctions.ERFINV, x[0])), s), s))
            .circuit(x -> mul(ROOT_PI / 2, exp(square(Maths.unary(SpecialFunctions.ERFINV, x[0]))))).accuracy(Accuracy.monotone(4));
    private static final Elementwise SHARE = Elementwise.binary("share", Binary.SHARE, Logistic::share)
            .partial(0, (x, s) -> mul(s, share(x[1], x[0]))).partial(1, (x, s) -> neg(mul(s, share(x[1], x[0]))))
            .circuit(x -> sigmoid(where(and(eq(x[0], x[1]), not(isFinite(x[0]))), 0, sub(x[0], x[1])))).accuracy(Accuracy.monotone(4));

    private static final Elementwise MISH_GATE = Elementwise.unary("mish_gate", Map.of(), Unary.MISH_GATE)
            .partial(0, (x, y) -> ofMishGate(x[0])).circuit(x -> tanh(softplus(x[0]))).accuracy(Accuracy.monotone(4));
    private static final Elementwise MISH_GATE_SLOPE = Elementwise.unary("mish_gate_slope", Map.of(), Unary.MISH_GATE_SLOPE)
            .partial(0, (x, s) -> mul(s, bendOfMish(x[0])))
            .circuit(x -> mul(square(reciprocal(Maths.unary(Trigonometry.COSH, softplus(x[0])))), sigmoid(x[0])))
            .accuracy(Accuracy.smooth(8));
    private static final double ROOT_EIGHT_BY_PI = Math.sqrt(8 / Math.PI);
    private static final double CUBIC = 0.044715;
    private static final Elementwise GELU_GATE = Elementwise.unary("gelu_gate", Map.of(), TanhGelu::gate)
            .partial(0, (x, y) -> ofGeluGate(x[0])).circuit(x -> sigmoid(geluArgument(x[0]))).accuracy(Accuracy.monotone(4));
    private static final Elementwise GELU_GATE_DENSITY = Elementwise.unary("gelu_gate_density", Map.of(), TanhGelu::slope)
            .circuit(x -> mul(sigmoid(geluArgument(x[0])), sigmoid(neg(geluArgument(x[0]))))).accuracy(Accuracy.smooth(8));
    /** The derivative of σ(u) by u, as a function of x. */
    private static final Elementwise GELU_GATE_SLOPE = Elementwise.given("gelu_gate_slope", 1)
            // For large |x| the slope of u overflows, and the cotangent may be infinite, while the slope of the gate is 0.
            .rule(1, (t, x, s) -> neg(strongBoth(t, strongBoth(s, mul(geluSlope(x[1]), tanh(mul(0.5, geluArgument(x[1]))))))))
            .circuit(x -> mul(sigmoid(geluArgument(x[1])), sigmoid(neg(geluArgument(x[1])))));

    private Slopes() {}

    /** The derivative of y = σ(x), which is y σ(−x). */
    static Node ofSigmoid(Node x, Node y) {
        return with(SIGMOID, x.graph().add(LOGISTIC_DENSITY, x), x, y);
    }

    /** The derivative of y = tanh x, computed as 1 / cosh² x, since 1 − y² would lose every digit in the tails. */
    static Node ofTanh(Node x, Node y) {
        return with(TANH, x.graph().add(SECH_SQUARED, x), x, y);
    }

    private static Node sechSquared(Node x) {
        return square(reciprocal(Maths.unary(Trigonometry.COSH, x)));
    }

    /** The derivative of the cube root y, which is 1 / (3 y²). */
    static Node ofCbrt(Node x, Node y) {
        return with(CBRT, reciprocal(mul(3, square(y))), x);
    }

    /** The derivative of arc sine or arc cosine, given its value as an expression: 1 / √(1 − x²) or the negative of that. */
    static Node ofArc(Node x, Node slope) {
        return with(ARC, slope, x);
    }

    static Node ofAtan(Node x) {
        return with(ATAN, reciprocal(add(square(x), 1)), x);
    }

    /** The derivative of artanh, given its value 1 / (1 − x²) as an expression. */
    static Node ofAtanh(Node x, Node slope) {
        return with(ATANH, slope, x);
    }

    private static Elementwise logarithm(String name, double unit) {
        return Elementwise.given(name, 1).partial(1, (x, s) -> unit == 1 ? neg(square(s)) : mul(unit, neg(square(s))));
    }

    /** The derivative of log, given its value 1 / x as an expression; also that of log1p, given 1 / (1 + x). */
    static Node ofLog(Node x, Node slope) {
        return with(LOG, slope, x);
    }

    /** The derivative of log2, given its value as an expression. */
    static Node ofLog2(Node x, Node slope) {
        return with(LOG2, slope, x);
    }

    /** The derivative of log10, given its value as an expression. */
    static Node ofLog10(Node x, Node slope) {
        return with(LOG10, slope, x);
    }

    /** The derivative of logit, given its value 1 / (x (1 − x)) as an expression. */
    static Node ofLogit(Node x, Node slope) {
        return with(LOGIT, slope, x);
    }

    static Node ofSoftsign(Node x) {
        return with(SOFTSIGN, square(reciprocal(add(abs(x), 1))), x);
    }

    /** The derivative of y = √(a² + b²) by a, which is a / y. */
    static Node ofHypot(Node a, Node b, Node y) {
        return with(HYPOT, where(eq(y, 0), 0, div(a, y)), a, b);
    }

    /** Returns a / (a² + b²), computed without overflow; derivatives of atan2 consist of it. */
    static Node turn(Node a, Node b) {
        Node length = hypot(a, b);
        return with(TURN, div(div(a, length), length), a, b);
    }

    static Node ofErfinv(Node x) {
        return x.graph().add(ERFINV, x);
    }

    /** e^(−x²). */
    static Node bell(Node x) {
        return x.graph().add(BELL, x);
    }

    /** The density of the standard normal distribution. */
    static Node density(Node x) {
        return x.graph().add(DENSITY, x);
    }

    /** The standard normal distribution function. */
    static Node normal(Node x) {
        return x.graph().add(NORMAL, x);
    }

    /** σ(a − b), accurate even where the difference is rounded; ½ for two equal infinities. */
    static Node share(Node a, Node b) {
        return a.graph().add(SHARE, a, b);
    }

    /** The derivative of softplus, σ(βx), accurate even where the product is rounded. */
    static Node ofSoftplus(double beta, Node x) {
        return beta == 1 ? sigmoid(x) : x.graph().add(softplus(beta), x);
    }

    private static Elementwise softplus(double beta) {
        return Elementwise.unary("softplus_slope", Map.of("beta", beta), x -> Logistic.sigmoid(beta, x))
                .partial(0, (x, s) -> mul(beta, mul(s, ofSoftplus(-beta, x[0])))).circuit(x -> sigmoid(mul(beta, x[0])))
                .accuracy(Accuracy.monotone(4));
    }

    /** σ(u) for u = √(8/π) (x + 0.044715 x³). */
    static Node geluGate(Node x) {
        return x.graph().add(GELU_GATE, x);
    }

    static Node ofGeluGate(Node x) {
        return strongBoth(geluSlope(x), with(GELU_GATE_SLOPE, x.graph().add(GELU_GATE_DENSITY, x), x));
    }

    private static Node geluArgument(Node x) {
        return mul(mul(ROOT_EIGHT_BY_PI, x), add(mul(CUBIC, square(x)), 1));
    }

    private static Node geluSlope(Node x) {
        return mul(ROOT_EIGHT_BY_PI, add(mul(3 * CUBIC, square(x)), 1));
    }

    /** tanh log(1 + eˣ). */
    static Node mishGate(Node x) {
        return x.graph().add(MISH_GATE, x);
    }

    static Node ofMishGate(Node x) {
        return x.graph().add(MISH_GATE_SLOPE, x);
    }

    private static Node softplus(Node x) {
        return x.graph().add(Activations.SOFTPLUS.create(Map.of(), 1), x);
    }

    /**
     * The derivative of the logarithm of mish's gate's slope: (2 + 2n − 3n² − 2n³) / ((1 + n) (2 + 2n + n²)) for n = eˣ. For positive x it
     * is computed from 1/n, which does not overflow.
     */
    private static Node bendOfMish(Node x) {
        Node isRight = gt(x, 0);
        Node e = exp(where(isRight, neg(x), x));
        Node right = div(sub(mul(mul(2, square(e)), add(e, 1)), add(mul(3, e), 2)), add(mul(mul(2, e), add(e, 1)), 1));
        Node left = div(sub(mul(2, add(e, 1)), mul(square(e), add(mul(2, e), 3))), add(mul(e, add(e, 2)), 2));
        return div(where(isRight, right, left), add(e, 1));
    }

    /** Returns aᵇ⁻¹ without the error of rounding b − 1. */
    static Node power(Node a, Node b) {
        boolean isExact = b.literal().isPresent() && b.literal().getAsDouble() - 1 + 1 == b.literal().getAsDouble();
        return isExact ? pow(a, sub(b, 1)) : a.graph().add(power(1), a, b);
    }

    private static Elementwise power(int less) {
        return Elementwise.binary("lower_power", Map.of("less", less), null, (a, b) -> Power.pow(a, b, less))
                .partial(0, (x, y) -> where(eq(x[1], less), 0, mul(sub(x[1], less), x[0].graph().add(power(less + 1), x[0], x[1]))))
                .partial(1, (x, y) -> where(and(eq(x[0], 0), gt(x[1], less)), 0, mul(y, log(x[0]))))
                .circuit(x -> pow(x[0], sub(x[1], less))).accuracy(Accuracy::power);
    }

    private static Node with(Elementwise slope, Node value, Node... x) {
        Node[] operands = new Node[x.length + 1];
        operands[0] = value;
        System.arraycopy(x, 0, operands, 1, x.length);
        return value.graph().add(slope, operands);
    }

    private static Node length(Node[] x) {
        return hypot(x[1], x[2]);
    }

    private static Node hypot(Node a, Node b) {
        return a.graph().add(Trigonometry.HYPOT.op(), a, b);
    }
}
