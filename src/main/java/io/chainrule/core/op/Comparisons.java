package io.chainrule.core.op;

import static io.chainrule.core.op.Definitions.*;
import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Unary;
import io.chainrule.core.tensor.Tensor;
import java.util.List;

/** Comparisons (0 or 1), logic, rounding, and the ops that pass, stop or choose a gradient. */
final class Comparisons {
    private static final String JUMP = "the derivative is 0, at the jump too";

    static final OpDefinition EQ = flat("eq", Binary.EQ, (a, b) -> bit(a == b)).formula("[a = b]", "0").alias("equal").traits(FINITE,
            TRUTH_VALUE)
            .code(OpCode.scalar("$0 == $1 ? 1.0 : 0.0"))
            .accuracy(new Equality());
    static final OpDefinition NE = flat("ne", Binary.NE, (a, b) -> bit(a != b)).formula("[a \\ne b]", "0").alias("not_equal")
            .traits(FINITE, TRUTH_VALUE)
            .code(OpCode.scalar("$0 != $1 ? 1.0 : 0.0"))
            .accuracy((op, x, e, y) -> Accuracy.comparison(x[0], x[1], e[0], e[1]));
    static final OpDefinition LT = flat("lt", Binary.LT, (a, b) -> bit(a < b)).formula("[a < b]", "0").alias("less").traits(FINITE,
            TRUTH_VALUE)
            .code(OpCode.scalar("$0 < $1 ? 1.0 : 0.0"))
            .accuracy((op, x, e, y) -> Accuracy.comparison(x[0], x[1], e[0], e[1]));
    static final OpDefinition LE = flat("le", Binary.LE, (a, b) -> bit(a <= b)).formula("[a \\le b]", "0").alias("less_equal")
            .traits(FINITE, TRUTH_VALUE)
            .code(OpCode.scalar("$0 <= $1 ? 1.0 : 0.0"))
            .accuracy((op, x, e, y) -> Accuracy.comparison(x[0], x[1], e[0], e[1]));
    static final OpDefinition GT = flat("gt", Binary.GT, (a, b) -> bit(a > b)).formula("[a > b]", "0").alias("greater").traits(FINITE,
            TRUTH_VALUE)
            .code(OpCode.scalar("$0 > $1 ? 1.0 : 0.0"))
            .accuracy((op, x, e, y) -> Accuracy.comparison(x[0], x[1], e[0], e[1]));
    static final OpDefinition GE = flat("ge", Binary.GE, (a, b) -> bit(a >= b)).formula("[a \\ge b]", "0").alias("greater_equal")
            .traits(FINITE, TRUTH_VALUE)
            .code(OpCode.scalar("$0 >= $1 ? 1.0 : 0.0"))
            .accuracy((op, x, e, y) -> Accuracy.comparison(x[0], x[1], e[0], e[1]));
    static final OpDefinition LOGICAL_AND = flat("logical_and", Binary.AND, (a, b) -> bit(a != 0 && b != 0)).formula("a \\land b", "0")
            .traits(FINITE, TRUTH_VALUE)
            .code(OpCode.scalar("$0 != 0.0 && $1 != 0.0 ? 1.0 : 0.0"))
            .accuracy(Comparisons::ofTruth);
    static final OpDefinition LOGICAL_OR = flat("logical_or", Binary.OR, (a, b) -> bit(a != 0 || b != 0)).formula("a \\lor b", "0")
            .traits(FINITE, TRUTH_VALUE)
            .code(OpCode.scalar("$0 != 0.0 || $1 != 0.0 ? 1.0 : 0.0"))
            .accuracy(Comparisons::ofTruth);
    static final OpDefinition LOGICAL_XOR = flat("logical_xor", Binary.XOR, (a, b) -> bit(a != 0 ^ b != 0)).formula("a \\oplus b", "0")
            .traits(TRUTH_VALUE)
            .code(OpCode.scalar("($0 != 0.0) != ($1 != 0.0) ? 1.0 : 0.0"))
            .accuracy(Comparisons::ofTruth);
    static final OpDefinition LOGICAL_NOT = flat("logical_not", Unary.NOT).formula("\\lnot x", "0").traits(FINITE, TRUTH_VALUE)
            .code(OpCode.scalar("$0 == 0.0 ? 1.0 : 0.0"))
            .accuracy(Comparisons::ofTruth);
    static final OpDefinition ISNAN = flat("isnan", Unary.IS_NAN).formula("[x \\text{ is NaN}]", "0").traits(FINITE,
            TRUTH_VALUE)
            .code(OpCode.scalar("$0 != $0 ? 1.0 : 0.0").numpy("np.isnan($0) * 1.0"))
            .accuracy((op, x, e, y) -> Double.isFinite(e[0]) ? 0 : 1);
    static final OpDefinition ISFINITE = flat("isfinite", Unary.IS_FINITE).formula("[|x| < \\infty]", "0").traits(FINITE,
            TRUTH_VALUE)
            .code(OpCode.scalar("$0 - $0 == 0.0 ? 1.0 : 0.0").numpy("np.isfinite($0) * 1.0"))
            .accuracy((op, x, e, y) -> Double.isFinite(e[0]) ? 0 : 1);

    static final OpDefinition FLOOR = flat("floor", Unary.FLOOR).formula("\\lfloor x \\rfloor", "0").domain(0.1, 0.9).convention(JUMP)
            .traits(FINITE).latex("\\lfloor ", "\\rfloor{}")
            .code(OpCode.scalar("floor($0)"))
            .accuracy(Accuracy.monotone(0));
    static final OpDefinition CEIL = flat("ceil", Unary.CEIL).formula("\\lceil x \\rceil", "0").domain(0.1, 0.9).convention(JUMP)
            .traits(FINITE).latex("\\lceil ", "\\rceil{}")
            .code(OpCode.scalar("ceil($0)"))
            .accuracy(Accuracy.monotone(0));
    static final OpDefinition ROUND = flat("round", Unary.ROUND).formula("\\operatorname{round} x", "0").domain(0.6, 1.4)
            .convention("half to even; " + JUMP).traits(FINITE)
            .code(OpCode.scalar("rint($0)"))
            .accuracy(Accuracy.monotone(0));
    static final OpDefinition TRUNC = flat("trunc", Unary.TRUNC).formula("\\operatorname{trunc} x", "0")
            .domain(0.1, 0.9).convention(JUMP)
            .code(OpCode.scalar("trunc($0)"))
            .accuracy(Accuracy.monotone(0));

    static final OpDefinition WHERE = define(
            Elementwise.select("where").rule(1, (t, x, y) -> where(x[0], t, 0)).rule(2, (t, x, y) -> where(x[0], 0, t)),
            "condition", "a", "b").formula("a \\text{ if } c \\ne 0 \\text{ else } b", "0,\\ [c \\ne 0],\\ [c = 0]")
            .convention("the branch not taken gets a gradient of exactly 0, even where its derivative is infinite or NaN")
            .traits(FINITE, ROUTES)
            .vanishes(", which takes the other branch everywhere")
            .latex("\\begin{cases} $1 & \\text{if } $0 \\\\ $2 & \\text{otherwise} \\end{cases}", "")
            .code(OpCode.scalar("$0 != 0.0 ? $1 : $2"))
            .accuracy(Comparisons::ofBranch);
    static final OpDefinition HEAVISIDE = define(
            Elementwise.binary("heaviside", null, (x, value) -> Double.isNaN(x) ? x : x < 0 ? 0 : x == 0 ? value : 1)
                    .rule(1, (t, x, y) -> where(eq(x[0], 0), t, 0)),
            "x", "value").formula("[x > 0] + [x = 0]\\, v", "0,\\ [x = 0]").domain(0.1, 2)
            .convention("the derivative by x is 0, at the jump too").traits(FINITE)
            .code(OpCode.scalar("$0 == 0.0 ? $1 : $0 > 0.0 ? 1.0 : $0 < 0.0 ? 0.0 : $0").numpy("np.heaviside($0, $1)"))
            .accuracy((op, x, e, y) -> Accuracy.isDoubtful(x[0], e[0]) ? 1 + Math.abs(x[1]) + e[1] : x[0] == 0 ? e[1] : 0);
    static final OpDefinition FMOD = define("fmod",
            Elementwise.binary("fmod", null, (a, b) -> a % b).rule(0, (t, x, y) -> t)
                    .partial(1, (x, y) -> neg(Maths.unary(ROUND, div(sub(x[0], y), x[1])))))
            .formula("a - b \\operatorname{trunc}(a / b)", "1,\\ -\\operatorname{trunc}(a / b)").domain(2.1, 2.9)
            .convention("the sign of a; at a jump the derivative is that of the branch taken")
            .code(OpCode.scalar("fmod($0, $1)"))
            .accuracy(Comparisons::ofRemainder);
    static final OpDefinition REMAINDER = define("remainder",
            Elementwise.binary("remainder", null, Comparisons::remainder).rule(0, (t, x, y) -> t)
                    .partial(1, (x, y) -> neg(x[0].graph().add(Comparisons.FLOOR_DIVIDE.op(), x[0], x[1]))))
            .formula("a - b \\lfloor a / b \\rfloor", "1,\\ -\\lfloor a / b \\rfloor").domain(2.1, 2.9)
            .convention("the sign of b; at a jump the derivative is that of the branch taken").alias("mod")
            .code(OpCode.scalar("python_mod($0, $1)").numpy("np.mod($0, $1)"))
            .accuracy(Comparisons::ofRemainder);
    static final OpDefinition FLOOR_DIVIDE = flat("floor_divide", null, Comparisons::floorDivide).formula("\\lfloor a / b \\rfloor", "0")
            .domain(2.1, 2.9).convention(JUMP)
            .code(OpCode.scalar("floor_div($0, $1)").numpy("np.floor_divide($0, $1)"))
            .accuracy((op, x, e, y) -> Accuracy.isDoubtful(x[1], e[1])
                    ? Double.POSITIVE_INFINITY
                    : Accuracy.monotone(0).bound(op, x, e, y));

    static final OpDefinition CLIP = OpDefinition.define("clip", Family.ELEMENTWISE, "x")
            .attribute(Attribute.optional("min", Attribute.Type.NUMBER, null, "lower bound, none if left out"),
                    Attribute.optional("max", Attribute.Type.NUMBER, null, "upper bound, none if left out"))
            .formula("\\min(\\max(x, l), u)", "[l \\le x \\le u]").convention("the gradient passes at the bounds, as in PyTorch")
            .alias("clamp")
            .example("y = clip(x, min=-1, max=1)\nf = sum(y)", Tensor.vector(-3, -1, 0.5, 2)).as(Comparisons::clip).traits(FINITE)
            .vanishes(", whose operand is outside the bounds everywhere")
            .code(OpCode.scalar("$0 < $min ? $min : $0 > $max ? $max : $0"));
    static final OpDefinition NAN_TO_NUM = OpDefinition.define("nan_to_num", Family.ELEMENTWISE, "x")
            .attribute(Attribute.optional("nan", Attribute.Type.NUMBER, 0.0, "what NaN becomes"),
                    Attribute.optional("posinf", Attribute.Type.NUMBER, Double.MAX_VALUE, "what +∞ becomes"),
                    Attribute.optional("neginf", Attribute.Type.NUMBER, -Double.MAX_VALUE, "what −∞ becomes"))
            .formula("x \\text{ if finite, else the number given}", "[|x| < \\infty]").as(a -> {
                double nan = a.number("nan");
                double posinf = a.number("posinf");
                double neginf = a.number("neginf");
                return selecting("nan_to_num", a.written(), x -> Double.isNaN(x) ? nan : Double.isInfinite(x) ? x > 0 ? posinf : neginf : x,
                        (t, x, y) -> where(isFinite(x), t, 0)).accuracy(Accuracy.EXACT);
            })
            .code(OpCode.scalar("$0 != $0 ? $nan : $0 == INFINITY ? $posinf : $0 == -INFINITY ? $neginf : $0"));
    static final OpDefinition STOP_GRADIENT = flat("stop_gradient", x -> x).formula("x", "0")
            .convention("the value passes, the gradient does not").traits(FINITE, VIEW)
            .code(OpCode.scalar("$0"))
            .accuracy(Accuracy.EXACT);

    static final List<OpDefinition> ALL = List.of(EQ, NE, LT, LE, GT, GE, LOGICAL_AND, LOGICAL_OR, LOGICAL_XOR, LOGICAL_NOT, ISNAN,
            ISFINITE,
            FLOOR, CEIL, ROUND, TRUNC, WHERE, HEAVISIDE, FMOD, REMAINDER, FLOOR_DIVIDE, CLIP, NAN_TO_NUM, STOP_GRADIENT);

    private Comparisons() {}

    /** A truth value: 1 where an operand may be 0 or not. */
    private static double ofTruth(Elementwise op, double[] x, double[] e, double y) {
        boolean isDoubtful = Accuracy.isDoubtful(x[0], e[0]) || x.length > 1 && Accuracy.isDoubtful(x[1], e[1]);
        return isDoubtful ? 1 : 0;
    }

    /** The error of the branch that is taken; where the condition is in doubt it may be the other. */
    private static double ofBranch(Elementwise op, double[] x, double[] e, double y) {
        if (!Accuracy.isDoubtful(x[0], e[0])) {
            return x[0] != 0 ? e[1] : e[2];
        }
        return x[1] == x[2] ? Math.max(e[1], e[2]) : Math.abs(x[1] - x[2]) + e[1] + e[2];
    }

    /** The quotient is a step function: where it is in doubt, the remainder may be any. */
    private static double ofRemainder(Elementwise op, double[] x, double[] e, double y) {
        double own = 4 * Accuracy.UNIT * Math.abs(y);
        if (e[0] == 0 && e[1] == 0) {
            return own;
        }
        double quotient = Math.abs((x[0] - y) / x[1]);
        double moved = e[0] + (quotient + 1) * e[1];
        boolean isSure = Math.abs(y) > 2 * moved && Math.abs(x[1]) - Math.abs(y) > 2 * moved && Math.abs(x[1]) > 2 * e[1];
        return isSure ? moved + own : Math.abs(x[1]) + e[1] + moved;
    }

    private static double bit(boolean condition) {
        return condition ? 1 : 0;
    }

    private static double remainder(double a, double b) {
        double rest = a % b;
        return rest != 0 && rest < 0 != b < 0 ? rest + b : rest == 0 ? Math.copySign(0, b) : rest;
    }

    /** From the remainder, as in Python, so that a = b · floor_divide(a, b) + remainder(a, b) whichever way a / b is rounded. */
    private static double floorDivide(double a, double b) {
        if (b == 0) {
            return a / b;
        }
        double rest = a % b;
        double quotient = Math.rint((a - rest) / b) - (rest != 0 && rest < 0 != b < 0 ? 1 : 0);
        return quotient == 0 ? Math.copySign(0, a / b) : quotient;
    }

    private static Elementwise clip(Attributes a) {
        double min = a.has("min") ? a.number("min") : Double.NEGATIVE_INFINITY;
        double max = a.has("max") ? a.number("max") : Double.POSITIVE_INFINITY;
        Elementwise clip = selecting("clip", a.written(), x -> Math.min(Math.max(x, min), max), KernelLoop.clamped(min, max),
                (t, x, y) -> where(or(lt(x, min), gt(x, max)), 0, t)).accuracy(Accuracy.EXACT);
        return a.has("min") || a.has("max")
                ? clip.kinkWhere((x, y) -> or(eq(x[0], min), eq(x[0], max)))
                : clip;
    }
}
