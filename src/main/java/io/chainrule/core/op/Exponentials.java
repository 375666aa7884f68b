package io.chainrule.core.op;

import static io.chainrule.core.op.Definitions.*;
import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.elementary.Logistic;
import io.chainrule.core.graph.Node;
import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Unary;
import java.util.List;

/** Exponentials, logarithms and functions composed of them. Outside its domain a logarithm and its derivative are NaN. */
final class Exponentials {
    static final double LN2 = Logarithm.log(2);
    static final double LN10 = Logarithm.log(10);

    static final OpDefinition EXP = unary("exp", Unary.EXP, (x, y) -> y).formula("e^x", "e^x")
            .traits(OVERFLOWS, NONZERO_AT_ZERO, POSITIVE, ZERO_BY_OPERANDS)
            .latex("e^{$0}")
            .code(OpCode.scalar("exp($0)"))
            .accuracy(Accuracy.monotone(1));
    static final OpDefinition EXP2 = unary("exp2", Unary.EXP2, (x, y) -> mul(LN2, y)).formula("2^x", "2^x \\log 2")
            .traits(OVERFLOWS, NONZERO_AT_ZERO, POSITIVE, ZERO_BY_OPERANDS)
            .code(OpCode.scalar("pow(2.0, $0)").numpy("np.exp2($0)"))
            .accuracy(Accuracy.monotone(1));
    static final OpDefinition EXPM1 = unary("expm1", Unary.EXPM1, (x, y) -> Maths.exp(x)).formula("e^x - 1", "e^x").traits(OVERFLOWS,
            ISOLATED_ZEROS)
            .code(OpCode.scalar("expm1($0)"))
            .accuracy(Accuracy.monotone(1));
    static final OpDefinition LOG = unary("log", Unary.LOG, (x, y) -> Slopes.ofLog(x, inside(x, 0, reciprocal(x))))
            .formula("\\log x", "\\frac{1}{x}")
            .alias("ln")
            .domain(0.2, 4).traits(ISOLATED_ZEROS).latex("\\log\\left(", "\\right)")
            .code(OpCode.scalar("log($0)"))
            .accuracy(Accuracy.monotone(1));
    static final OpDefinition LOG2 = unary("log2", Unary.LOG2, (x, y) -> Slopes.ofLog2(x, inside(x, 0, reciprocal(mul(LN2, x)))))
            .formula("\\log_2 x", "\\frac{1}{x \\log 2}").domain(0.2, 4).traits(ISOLATED_ZEROS)
            .code(OpCode.scalar("log2($0)"))
            .accuracy(Accuracy.monotone(3));
    static final OpDefinition LOG10 = unary("log10", Unary.LOG10, (x, y) -> Slopes.ofLog10(x, inside(x, 0, reciprocal(mul(LN10, x)))))
            .formula("\\log_{10} x", "\\frac{1}{x \\log 10}").domain(0.2, 4).traits(ISOLATED_ZEROS)
            .code(OpCode.scalar("log10($0)"))
            .accuracy(Accuracy.monotone(1));
    static final OpDefinition LOG1P = unary("log1p", Unary.LOG1P, (x, y) -> Slopes.ofLog(x, inside(x, -1, reciprocal(add(x, 1)))))
            .formula("\\log(1 + x)", "\\frac{1}{1 + x}").domain(-0.5, 3).traits(ISOLATED_ZEROS)
            .code(OpCode.scalar("log1p($0)"))
            .accuracy(Accuracy.monotone(1));
    static final OpDefinition SIGMOID = unary("sigmoid", Unary.SIGMOID, Slopes::ofSigmoid)
            .formula("\\sigma(x) = \\frac{1}{1 + e^{-x}}", "\\sigma(x)\\,(1 - \\sigma(x))").alias("expit").domain(-3, 3)
            .circuit(x -> div(1, add(1, exp(neg(x[0])))))
            .equivalentForms(x -> reciprocal(add(1, exp(neg(x[0])))), x -> pow(add(1, exp(neg(x[0]))), number(x[0].graph(), -1)),
                    x -> div(exp(x[0]), add(1, exp(x[0]))), x -> mul(0.5, add(1, tanh(div(x[0], 2)))),
                    x -> mul(0.5, add(1, tanh(mul(0.5, x[0])))), x -> div(add(1, tanh(div(x[0], 2))), 2),
                    x -> div(add(1, tanh(mul(0.5, x[0]))), 2), x -> add(0.5, mul(0.5, tanh(div(x[0], 2)))),
                    x -> add(0.5, mul(0.5, tanh(mul(0.5, x[0])))), x -> sub(1, div(1, add(1, exp(x[0])))))
            .traits(FINITE, NONZERO_AT_ZERO, ZERO_BY_OPERANDS, SATURATES, NONNEGATIVE, ACTIVATION).latex("\\sigma\\left(", "\\right)")
            .cautions(Cautions.NONE.limits(0, 1))
            .vanishes(", which is saturated: so far out its slope rounds to 0")
            .code(OpCode.scalar("1.0 / (1.0 + exp(-$0))"))
            .accuracy(Accuracy.monotone(3));
    static final OpDefinition LOGIT = unary("logit", Exponentials::logitOf,
            (x, y) -> Slopes.ofLogit(x, where(or(lt(x, 0), gt(x, 1)), Double.NaN, reciprocal(mul(x, sub(1, x))))))
            .formula("\\log\\frac{x}{1 - x}", "\\frac{1}{x (1 - x)}")
            .domain(0.1, 0.9).circuit(x -> log(div(x[0], sub(1, x[0])))).equivalentForms(x -> sub(log(x[0]), log(sub(1, x[0]))))
            .code(OpCode.scalar("log($0 / (1.0 - $0))"))
            .accuracy(Accuracy.monotone(5));
    static final OpDefinition LOGADDEXP = define("logaddexp",
            Elementwise.binary("logaddexp", Binary.LOG_ADD_EXP, Logistic::logAddExp).partial(0, (x, y) -> Slopes.share(x[0], x[1]))
                    .partial(1, (x, y) -> Slopes.share(x[1], x[0])))
            .formula("\\log(e^a + e^b)", "\\sigma(a - b),\\ \\sigma(b - a)").convention("two equal infinities share equally")
            .circuit(x -> log(add(exp(x[0]), exp(x[1])))).traits(FINITE, ISOLATED_ZEROS, COMMUTATIVE)
            .code(OpCode.scalar("log_add_exp($0, $1)").numpy("np.logaddexp($0, $1)"))
            .accuracy((op, x, e, y) -> Math.max(e[0], e[1]) + 4 * Accuracy.UNIT * (Math.abs(y) + Math.max(Math.abs(x[0]), Math.abs(x[1]))));
    static final OpDefinition XLOGY = define("xlogy",
            Elementwise.binary("xlogy", null, (x, y) -> x == 0 && !Double.isNaN(y) ? 0 : x * Logarithm.log(y))
                    .partial(0, (x, y) -> log(x[1]))
                    .rule(1, (t, x, y) -> strong(t, strong(x[0], Slopes.ofLog(x[1], inside(x[1], 0, reciprocal(x[1])))))))
            .formula("a \\log b", "\\log b,\\ \\frac{a}{b}").convention("0 where a is 0").domain(0.3, 3)
            .code(OpCode.scalar("$0 == 0.0 && $1 == $1 ? 0.0 : $0 * log($1)"))
            .accuracy(Accuracy.monotone(3));
    static final OpDefinition XLOG1PY = define("xlog1py",
            Elementwise.binary("xlog1py", null, (x, y) -> x == 0 && !Double.isNaN(y) ? 0 : x * Logarithm.log1p(y))
                    .partial(0, (x, y) -> Maths.unary(LOG1P, x[1]))
                    .rule(1, (t, x, y) -> strong(t, strong(x[0], Slopes.ofLog(x[1], inside(x[1], -1, reciprocal(add(x[1], 1))))))))
            .formula("a \\log(1 + b)", "\\log(1 + b),\\ \\frac{a}{1 + b}").convention("0 where a is 0").domain(0.3, 3)
            .code(OpCode.scalar("$0 == 0.0 && $1 == $1 ? 0.0 : $0 * log1p($1)"))
            .accuracy(Accuracy.monotone(3));

    static final List<OpDefinition> ALL = Definitions.all(ROUNDED,
            List.of(EXP, EXP2, EXPM1, LOG, LOG2, LOG10, LOG1P, SIGMOID, LOGIT, LOGADDEXP, XLOGY, XLOG1PY));

    private Exponentials() {}

    /** The derivative, but NaN where x is below {@code low}. Nothing may differentiate it: the derivative of that NaN would be 0. */
    private static Node inside(Node x, double low, Node derivative) {
        return where(lt(x, low), Double.NaN, derivative);
    }

    /** log x − log (1 − x); near 1/2, where these cancel, by log1p of 2x − 1, which is exact. */
    private static double logitOf(double x) {
        return x > 0.25 && x < 0.75 ? Logarithm.log1p((2 * x - 1) / (1 - x)) : Logarithm.log(x / (1 - x));
    }
}
