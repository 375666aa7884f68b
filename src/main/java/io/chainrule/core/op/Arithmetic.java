package io.chainrule.core.op;

import static io.chainrule.core.op.Definitions.*;
import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.elementary.Power;
import io.chainrule.core.graph.Node;
import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Unary;
import java.util.List;
import java.util.Map;

/** Sums, products, powers, roots, maxima and minima. */
final class Arithmetic {
    static final OpDefinition NEG = unary("neg", Unary.NEG, (x, y) -> number(x.graph(), -1)).formula("-x", "-1").alias("negative")
            .traits(FINITE, ISOLATED_ZEROS, ZERO_BY_OPERANDS, POLYNOMIAL, EXACT)
            .code(OpCode.scalar("-$0"))
            .accuracy(Accuracy.EXACT);
    static final OpDefinition ABS = define("abs",
            Elementwise.unary("abs", Map.of(), Unary.ABS)
                    .rule(0, (t, x, y) -> where(eq(x[0], 0), 0, strong(t, sign(x[0])))).kinkWhere((x, y) -> eq(x[0], 0)))
            .formula("|x|", "\\operatorname{sign} x").convention("at 0 the derivative is 0, the minimum-norm subgradient")
            .alias("absolute").traits(FINITE, ISOLATED_ZEROS, ZERO_BY_OPERANDS, NONNEGATIVE, EXACT).latex("\\left|", "\\right|")
            .code(OpCode.scalar("fabs($0)"))
            .accuracy(Accuracy.EXACT);
    static final OpDefinition SIGN = flat("sign", Unary.SIGN).formula("\\operatorname{sign} x", "0")
            .convention("the derivative is 0, at the jump too").domain(0.1, 2).traits(FINITE)
            .code(OpCode.scalar("$0 > 0.0 ? 1.0 : $0 < 0.0 ? -1.0 : $0").numpy("np.sign($0)"))
            .accuracy(Accuracy.monotone(0));
    static final OpDefinition RECIPROCAL = unary("reciprocal", Unary.RECIPROCAL, (x, y) -> neg(square(y)))
            .formula("\\frac{1}{x}", "-\\frac{1}{x^2}").domain(0.5, 3).traits(NONZERO_AT_ZERO, ZERO_BY_OPERANDS).latex("\\frac{1}{$0}")
            .code(OpCode.scalar("1.0 / $0"))
            .accuracy((op, x, e, y) -> Accuracy.quotient(1, x[0], 0, e[0], y));
    static final OpDefinition SQUARE = unary("square", Unary.SQUARE, (x, y) -> mul(2, x)).formula("x^2", "2x")
            .traits(FINITE, ISOLATED_ZEROS, ZERO_BY_OPERANDS, NONNEGATIVE, POLYNOMIAL).latex("#0^{2}")
            .cautions(Cautions.NONE.exactWhere((x, y) -> Math.fma(x[0], x[0], -y) == 0))
            .code(OpCode.scalar("$0 * $0").numpy("np.square($0)"))
            .accuracy((op, x, e, y) -> Accuracy.product(x[0], x[0], e[0], e[0], y));
    static final OpDefinition SQRT = unary("sqrt", Unary.SQRT, (x, y) -> div(0.5, y))
            .formula("\\sqrt{x}", "\\frac{1}{2\\sqrt{x}}")
            .domain(0.2, 4).traits(ISOLATED_ZEROS, ZERO_BY_OPERANDS, NONNEGATIVE).latex("\\sqrt{$0}")
            .cautions(Cautions.NONE.exactWhere((x, y) -> Math.fma(y, y, -x[0]) == 0))
            .code(OpCode.scalar("sqrt($0)"))
            .accuracy((op, x, e, y) -> Accuracy.squareRoot(x[0], e[0], y));
    static final OpDefinition RSQRT = unary("rsqrt", x -> 1 / Math.sqrt(x), (x, y) -> mul(mul(-0.5, y), square(y)))
            .formula("\\frac{1}{\\sqrt{x}}", "-\\frac{1}{2 x \\sqrt{x}}").domain(0.3, 4).traits(ISOLATED_ZEROS, ROUNDED)
            .code(OpCode.scalar("1.0 / sqrt($0)"))
            .accuracy(Accuracy.monotone(2));
    static final OpDefinition CBRT = unary("cbrt", Unary.CBRT, Slopes::ofCbrt)
            .formula("\\sqrt[3]{x}", "\\frac{1}{3 \\sqrt[3]{x^2}}").domain(0.2, 3).traits(ISOLATED_ZEROS, ROUNDED)
            .code(OpCode.scalar("cbrt($0)"))
            .accuracy(Accuracy.monotone(1));

    static final OpDefinition ADD = define("add",
            Elementwise.binary("add", Binary.ADD, Double::sum).rule(0, (t, x, y) -> t).rule(1, (t, x, y) -> t)).formula("a + b", "1,\\ 1")
            .traits(FINITE, ISOLATED_ZEROS, POLYNOMIAL, COMMUTATIVE, SUMS)
            .cautions(Cautions.NONE.exactWhere((x, y) -> isExactSum(x[0], x[1], y)))
            .code(OpCode.scalar("$0 + $1"))
            .accuracy((op, x, e, y) -> Accuracy.sum(x[0], x[1], e[0], e[1], y));
    static final OpDefinition SUB = define("sub",
            Elementwise.binary("sub", Binary.SUB, (a, b) -> a - b).rule(0, (t, x, y) -> t).rule(1, (t, x, y) -> neg(t)))
            .formula("a - b", "1,\\ -1").alias("subtract").traits(FINITE, ISOLATED_ZEROS, POLYNOMIAL, COMPARES, SUMS)
            .cautions(Cautions.NONE.exactWhere((x, y) -> isExactSum(x[0], -x[1], y)))
            .code(OpCode.scalar("$0 - $1"))
            .accuracy(new Difference());
    static final OpDefinition MUL = define("mul",
            Elementwise.binary("mul", Binary.MUL, (a, b) -> a * b).partial(0, (x, y) -> x[1]).partial(1, (x, y) -> x[0]))
            .formula("a \\cdot b", "b,\\ a").alias("multiply").traits(FINITE, ISOLATED_ZEROS, ZERO_BY_OPERANDS, POLYNOMIAL, COMMUTATIVE)
            .vanishes(", where it is multiplied by 0").cautions(Cautions.NONE.exactWhere((x, y) -> Math.fma(x[0], x[1], -y) == 0))
            .code(OpCode.scalar("$0 * $1"))
            .accuracy((op, x, e, y) -> Accuracy.product(x[0], x[1], e[0], e[1], y));
    static final OpDefinition DIV = define("div",
            Elementwise.binary("div", Binary.DIV, (a, b) -> a / b).partial(0, (x, y) -> reciprocal(x[1]))
                    .partial(1, (x, y) -> neg(div(y, x[1]))))
            .formula("\\frac{a}{b}", "\\frac{1}{b},\\ -\\frac{a}{b^2}").alias("divide", "true_divide").domain(0.5, 3)
            .traits(ISOLATED_ZEROS, ZERO_BY_OPERANDS).cautions(Cautions.NONE.exactWhere((x, y) -> Math.fma(y, x[1], -x[0]) == 0))
            .code(OpCode.scalar("$0 / $1"))
            .accuracy((op, x, e, y) -> Accuracy.quotient(x[0], x[1], e[0], e[1], y));
    static final OpDefinition POW = define("pow",
            Elementwise.binary("pow", Binary.POWER, Power::pow)
                    .partial(0, (x, y) -> where(eq(x[1], 0), 0, mul(x[1], Slopes.power(x[0], x[1]))))
                    .partial(1, (x, y) -> where(and(eq(x[0], 0), gt(x[1], 0)), 0, mul(y, log(x[0])))))
            .formula("a^b", "b\\,a^{b-1},\\ a^b \\log a").alias("power").domain(0.3, 3)
            .convention(
                    "for b = 0 the derivative by a is 0; for a = 0 < b the derivative by b is 0; NaN for a < 0 unless b is a whole number")
            .traits(ISOLATED_ZEROS, ZERO_BY_OPERANDS, ROUNDED)
            .code(OpCode.scalar("pow($0, $1)").numpy("np.power($0, $1)"))
            .accuracy(Accuracy::power);

    static final OpDefinition MAXIMUM = define("maximum",
            Elementwise.binary("maximum", Binary.MAXIMUM, Math::max).rule(0, (t, x, y) -> share(t, gt(x[0], x[1]), x))
                    .rule(1, (t, x, y) -> share(t, lt(x[0], x[1]), x)).kinkWhere((x, y) -> eq(x[0], x[1])))
            .formula("\\max(a, b)", "[a > b],\\ [b > a]").convention("a tie is shared equally")
            .traits(FINITE, COMMUTATIVE, CLOSED_AT_OPERAND, ROUTES)
            .latex("\\max\\left(", "\\right)")
            .vanishes(", where the other operand is larger everywhere")
            .code(OpCode.scalar("$0 >= $1 || $0 != $0 ? $0 : $1").numpy("np.maximum($0, $1)"))
            .accuracy(Arithmetic::ofChosen);
    static final OpDefinition MINIMUM = define("minimum",
            Elementwise.binary("minimum", Binary.MINIMUM, Math::min).rule(0, (t, x, y) -> share(t, lt(x[0], x[1]), x))
                    .rule(1, (t, x, y) -> share(t, gt(x[0], x[1]), x)).kinkWhere((x, y) -> eq(x[0], x[1])))
            .formula("\\min(a, b)", "[a < b],\\ [b < a]").convention("a tie is shared equally")
            .traits(FINITE, COMMUTATIVE, CLOSED_AT_OPERAND, ROUTES)
            .latex("\\min\\left(", "\\right)")
            .vanishes(", where the other operand is smaller everywhere")
            .code(OpCode.scalar("$0 <= $1 || $0 != $0 ? $0 : $1").numpy("np.minimum($0, $1)"))
            .accuracy(Arithmetic::ofChosen);
    static final OpDefinition FMAX = define("fmax",
            Elementwise.binary("fmax", null, (a, b) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b))
                    .rule(0, (t, x, y) -> share(t, or(gt(x[0], x[1]), and(isNan(x[1]), not(isNan(x[0])))), x))
                    .rule(1, (t, x, y) -> share(t, or(lt(x[0], x[1]), and(isNan(x[0]), not(isNan(x[1])))), x))
                    .kinkWhere((x, y) -> eq(x[0], x[1])))
            .formula("\\max(a, b)", "[a > b],\\ [b > a]").convention("NaN gives way to the other operand; a tie is shared equally")
            .code(OpCode.scalar("$0 >= $1 || $1 != $1 ? $0 : $1").numpy("np.fmax($0, $1)")).traits(ROUTES)
            .accuracy(Arithmetic::ofChosen);
    static final OpDefinition FMIN = define("fmin",
            Elementwise.binary("fmin", null, (a, b) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b))
                    .rule(0, (t, x, y) -> share(t, or(lt(x[0], x[1]), and(isNan(x[1]), not(isNan(x[0])))), x))
                    .rule(1, (t, x, y) -> share(t, or(gt(x[0], x[1]), and(isNan(x[0]), not(isNan(x[1])))), x))
                    .kinkWhere((x, y) -> eq(x[0], x[1])))
            .formula("\\min(a, b)", "[a < b],\\ [b < a]").convention("NaN gives way to the other operand; a tie is shared equally")
            .code(OpCode.scalar("$0 <= $1 || $1 != $1 ? $0 : $1").numpy("np.fmin($0, $1)")).traits(ROUTES)
            .accuracy(Arithmetic::ofChosen);

    /**
     * Multiplies a cotangent, the left operand, by a partial derivative. A zero cotangent gives 0, even if the partial is infinite or NaN.
     */
    static final OpDefinition STRONG = define("strong_mul",
            Elementwise.binary("strong_mul", Binary.STRONG, (a, b) -> a == 0 ? 0 : a * b).partial(0, (x, y) -> x[1])
                    .rule(1, (t, x, y) -> strongBoth(x[0], t)).absorbing(0))
            .formula("a \\cdot b\\ (0 \\text{ where } a = 0)", "b,\\ a")
            .convention("0 where a is 0, whatever b is, also in the derivatives")
            .traits(FINITE, ISOLATED_ZEROS, ZERO_BY_OPERANDS, POLYNOMIAL)
            .code(OpCode.scalar("$0 == 0.0 ? 0.0 : $0 * $1"))
            .accuracy((op, x, e, y) -> x[0] == 0 && e[0] == 0 ? 0 : Accuracy.product(x[0], x[1], e[0], e[1], y));
    static final OpDefinition STRONG_BOTH = define("strong_mul_both",
            Elementwise.binary("strong_mul_both", Binary.STRONG_BOTH, (a, b) -> a == 0 || b == 0 ? 0 : a * b)
                    .rule(0, (t, x, y) -> strongBoth(t, x[1])).rule(1, (t, x, y) -> strongBoth(x[0], t))
                    .absorbing(0, 1))
            .formula("a \\cdot b\\ (0 \\text{ where } a = 0 \\text{ or } b = 0)", "b,\\ a")
            .convention("0 where either is 0, also in the derivatives").traits(FINITE, ISOLATED_ZEROS, ZERO_BY_OPERANDS)
            .code(OpCode.scalar("$0 == 0.0 || $1 == 0.0 ? 0.0 : $0 * $1"))
            .accuracy((op, x, e, y) -> x[0] == 0 && e[0] == 0 || x[1] == 0 && e[1] == 0 ? 0 : Accuracy.product(x[0], x[1], e[0], e[1], y));

    static final OpDefinition COPYSIGN = define("copysign",
            Elementwise.binary("copysign", null, Math::copySign)
                    .rule(0, (t, x, y) -> where(eq(x[0], 0), 0, strong(t, mul(sign(x[0]), sign(y))))).kinkWhere((x, y) -> eq(x[0], 0)))
            .formula("|a| \\operatorname{sign} b", "\\operatorname{sign} a \\operatorname{sign} b,\\ 0")
            .convention("at a = 0 the derivative is 0").traits(FINITE)
            .code(OpCode.scalar("copysign($0, $1)"))
            .accuracy((op, x, e, y) -> e[0] + (Accuracy.isDoubtful(x[1], e[1]) ? 2 * Math.abs(x[0]) : 0));
    static final OpDefinition LERP = define(
            Elementwise.ternary("lerp", (a, b, w) -> w < 0.5 ? a + w * (b - a) : b - (b - a) * (1 - w)).partial(0, (x, y) -> sub(1, x[2]))
                    .partial(1, (x, y) -> x[2]).partial(2, (x, y) -> sub(x[1], x[0])),
            "a", "b", "weight").formula("a + w (b - a)", "1 - w,\\ w,\\ b - a")
            .code(OpCode.scalar("$0 + $2 * ($1 - $0)"))
            .accuracy((op, x, e, y) -> Accuracy.monotone(1).bound(op, x, e, y) + 8 * Accuracy.UNIT * (Math.abs(x[0]) + Math.abs(x[1])));

    static final List<OpDefinition> ALL = List.of(NEG, ABS, SIGN, RECIPROCAL, SQUARE, SQRT, RSQRT, CBRT, ADD, SUB, MUL, DIV, POW, MAXIMUM,
            MINIMUM,
            FMAX, FMIN, COPYSIGN, LERP, STRONG, STRONG_BOTH);

    private Arithmetic() {}

    /** The error of the operand that a maximum or minimum chooses; of both where another one might be. */
    private static double ofChosen(Elementwise op, double[] x, double[] e, double y) {
        double moved = e[0] + e[1];
        boolean isSure = Math.abs(x[0] - x[1]) > moved * Accuracy.ROOM || Double.isNaN(x[0] - x[1]) && moved < Double.POSITIVE_INFINITY;
        return !isSure ? Math.max(e[0], e[1]) : x[0] == y ? e[0] : e[1];
    }

    /** Knuth's TwoSum: whether a + b, rounded, is y without an error. */
    private static boolean isExactSum(double a, double b, double y) {
        double ofB = y - a;
        return a - (y - ofB) + (b - ofB) == 0;
    }

    /** The cotangent t where this operand is the one chosen, half of it on a tie, else 0. */
    private static Node share(Node t, Node wins, Node[] x) {
        return where(wins, t, where(eq(x[0], x[1]), mul(0.5, t), 0));
    }
}
