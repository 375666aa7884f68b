package io.chainrule.core.op;

import static io.chainrule.core.op.Definitions.*;
import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.elementary.InverseCircular;
import io.chainrule.core.elementary.InverseHyperbolic;
import io.chainrule.core.elementary.Power;
import io.chainrule.core.elementary.Root;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.kernel.Kernels.Unary;
import io.chainrule.core.linalg.Sinc;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Trigonometric and hyperbolic functions, their inverses, and angles and lengths in the plane. */
final class Trigonometry {
    /** The highest derivative of sinc that has a name; the time for a value is proportional to the order. */
    private static final int MAX_ORDER = 100;

    static final OpDefinition SIN = unary("sin", Unary.SIN, (x, y) -> Maths.unary(Trigonometry.COS, x)).formula("\\sin x", "\\cos x")
            .traits(FINITE, ISOLATED_ZEROS).latex("\\sin\\left(", "\\right)")
            .code(OpCode.scalar("sin($0)"))
            .accuracy(Accuracy.smooth(1));
    static final OpDefinition COS = unary("cos", Unary.COS, (x, y) -> neg(Maths.unary(SIN, x))).formula("\\cos x", "-\\sin x")
            .traits(FINITE, NONZERO_AT_ZERO).latex("\\cos\\left(", "\\right)")
            .code(OpCode.scalar("cos($0)"))
            .accuracy(Accuracy.smooth(1));
    static final OpDefinition TAN = unary("tan", Unary.TAN, (x, y) -> add(square(y), 1)).formula("\\tan x", "1 + \\tan^2 x").domain(-1.2,
            1.2).traits(ISOLATED_ZEROS).latex("\\tan\\left(", "\\right)")
            .code(OpCode.scalar("tan($0)"))
            .accuracy(Trigonometry::ofTangent);
    static final OpDefinition ASIN = unary("asin", Unary.ASIN,
            (x, y) -> Slopes.ofArc(x, reciprocal(oneMinusSquareRoot(x))))
            .formula("\\arcsin x", "\\frac{1}{\\sqrt{1 - x^2}}").alias("arcsin").domain(-0.9, 0.9).traits(ISOLATED_ZEROS)
            .latex("\\arcsin\\left(", "\\right)")
            .code(OpCode.scalar("asin($0)"))
            .accuracy(Accuracy.monotone(1));
    static final OpDefinition ACOS = unary("acos", Unary.ACOS,
            (x, y) -> Slopes.ofArc(x, neg(reciprocal(oneMinusSquareRoot(x)))))
            .formula("\\arccos x", "-\\frac{1}{\\sqrt{1 - x^2}}").alias("arccos").domain(-0.9, 0.9).traits(NONZERO_AT_ZERO)
            .latex("\\arccos\\left(", "\\right)")
            .code(OpCode.scalar("acos($0)"))
            .accuracy(Accuracy.monotone(1));
    static final OpDefinition ATAN = unary("atan", Unary.ATAN, (x, y) -> Slopes.ofAtan(x))
            .formula("\\arctan x", "\\frac{1}{1 + x^2}").alias("arctan").traits(FINITE, ISOLATED_ZEROS)
            .latex("\\arctan\\left(", "\\right)")
            .code(OpCode.scalar("atan($0)"))
            .accuracy(Accuracy.monotone(1));
    static final OpDefinition SINH = unary("sinh", Unary.SINH, (x, y) -> Maths.unary(Trigonometry.COSH, x)).formula("\\sinh x", "\\cosh x")
            .traits(OVERFLOWS, ISOLATED_ZEROS, ZERO_BY_OPERANDS).latex("\\sinh\\left(", "\\right)")
            .code(OpCode.scalar("sinh($0)"))
            .accuracy(Accuracy.monotone(2.5));
    static final OpDefinition COSH = unary("cosh", Unary.COSH, (x, y) -> Maths.unary(SINH, x)).formula("\\cosh x", "\\sinh x")
            .traits(OVERFLOWS, NONZERO_AT_ZERO, POSITIVE, ZERO_BY_OPERANDS).latex("\\cosh\\left(", "\\right)")
            .code(OpCode.scalar("cosh($0)"))
            .accuracy(Accuracy.smooth(2.5));
    static final OpDefinition TANH = unary("tanh", Unary.TANH, Slopes::ofTanh)
            .formula("\\tanh x", "1 - \\tanh^2 x = \\frac{1}{\\cosh^2 x}")
            .circuit(x -> ratio(exp(x[0]), exp(neg(x[0]))))
            .equivalentForms(x -> div(Maths.unary(SINH, x[0]), Maths.unary(COSH, x[0])), x -> sub(mul(2, sigmoid(mul(2, x[0]))), 1),
                    x -> ratio(number(x[0].graph(), 1), exp(mul(-2.0, x[0]))), x -> ratio(number(x[0].graph(), 1), exp(neg(mul(2, x[0])))),
                    x -> ratio(exp(mul(2, x[0])), number(x[0].graph(), 1)))
            .traits(FINITE, ISOLATED_ZEROS, ZERO_BY_OPERANDS, SATURATES, ACTIVATION).latex("\\tanh\\left(", "\\right)")
            .cautions(Cautions.NONE.limits(-1, 1))
            .vanishes(", which is saturated: so far out its slope rounds to 0")
            .code(OpCode.scalar("tanh($0)"))
            .accuracy(Accuracy.monotone(2.5));
    static final OpDefinition ASINH = unary("asinh", InverseHyperbolic::asinh, (x, y) -> reciprocal(hypot(x, Maths.number(x.graph(), 1))))
            .formula("\\operatorname{arsinh} x", "\\frac{1}{\\sqrt{x^2 + 1}}").alias("arcsinh").traits(FINITE, ISOLATED_ZEROS)
            .code(OpCode.scalar("asinh($0)"))
            .accuracy(Accuracy.monotone(5));
    static final OpDefinition ACOSH = unary("acosh", InverseHyperbolic::acosh,
            (x, y) -> reciprocal(mul(sqrt(sub(x, 1)), sqrt(add(x, 1))))).formula("\\operatorname{arcosh} x", "\\frac{1}{\\sqrt{x^2 - 1}}")
            .alias("arccosh").domain(1.3, 4).traits(ISOLATED_ZEROS)
            .code(OpCode.scalar("acosh($0)"))
            .accuracy(Accuracy.monotone(6));
    static final OpDefinition ATANH = unary("atanh", InverseHyperbolic::atanh,
            (x, y) -> Slopes.ofAtanh(x, where(gt(abs(x), 1), Double.NaN, reciprocal(mul(sub(1, x), add(x, 1))))))
            .formula("\\operatorname{artanh} x", "\\frac{1}{1 - x^2}")
            .alias("arctanh").domain(-0.8, 0.8).traits(ISOLATED_ZEROS)
            .code(OpCode.scalar("atanh($0)"))
            .accuracy(Accuracy.monotone(4));

    static final OpDefinition ATAN2 = define(
            Elementwise.binary("atan2", null, InverseCircular::atan2).partial(0, (x, y) -> Slopes.turn(x[1], x[0]))
                    .partial(1, (x, y) -> neg(Slopes.turn(x[0], x[1]))),
            "y", "x")
            .formula("\\operatorname{atan2}(y, x)", "\\frac{x}{x^2 + y^2},\\ -\\frac{y}{x^2 + y^2}").alias("arctan2").domain(0.3, 3)
            .convention("at the origin the derivative is NaN: the angle has no limit there").traits(ISOLATED_ZEROS)
            .code(OpCode.scalar("atan2($0, $1)"))
            .accuracy(Trigonometry::ofAngle);
    static final OpDefinition HYPOT = define("hypot",
            Elementwise.binary("hypot", null, Root::hypot).partial(0, (x, y) -> Slopes.ofHypot(x[0], x[1], y))
                    .partial(1, (x, y) -> Slopes.ofHypot(x[1], x[0], y)).kinkWhere((x, y) -> eq(y, 0)))
            .formula("\\sqrt{a^2 + b^2}", "\\frac{a}{y},\\ \\frac{b}{y}").domain(0.3, 3).convention("at the origin the derivative is 0")
            .traits(FINITE, ISOLATED_ZEROS)
            .code(OpCode.scalar("hypot($0, $1)"))
            .accuracy(Accuracy.lipschitz(1));

    static final OpDefinition SINC = OpDefinition.define("sinc", Family.ELEMENTWISE, "x").as(sinc(0))
            .formula("\\frac{\\sin \\pi x}{\\pi x}", "\\frac{\\cos \\pi x - \\operatorname{sinc} x}{x}")
            .convention("1 at 0; derivatives of every order by a series there")
            .code(OpCode.scalar("$0 == 0.0 ? 1.0 : sin(3.141592653589793 * $0) / (3.141592653589793 * $0)").numpy("np.sinc($0)"));
    static final OpDefinition SINC_DERIVATIVE = OpDefinition.define("sinc_derivative", Family.ELEMENTWISE, "x")
            .attribute(Attribute.required("order", Attribute.Type.INT, "how often sinc is differentiated, from 1 to " + MAX_ORDER))
            .formula("\\frac{d^n}{dx^n} \\operatorname{sinc} x", "\\frac{d^{n+1}}{dx^{n+1}} \\operatorname{sinc} x")
            .example("sinc_derivative(x, order=1)",
                    Tensor.scalar(0.5))
            .as(a -> sinc(a.integer("order", 1, MAX_ORDER)));

    static final List<OpDefinition> ALL = Definitions.all(ROUNDED,
            List.of(SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, TANH, ASINH, ACOSH, ATANH, ATAN2, HYPOT,
                    SINC,
                    SINC_DERIVATIVE));

    private Trigonometry() {}

    /** A tangent, which may not be too near to a pole. */
    private static double ofTangent(Elementwise op, double[] x, double[] e, double y) {
        boolean isNear = e[0] * (1 + y * y) > Accuracy.LARGEST_SMOOTH * (1 + Math.abs(y));
        return isNear ? Double.POSITIVE_INFINITY : Accuracy.smooth(1).bound(op, x, e, y) * 1.5;
    }

    /** An angle, which is not known near the origin, and turns by 2π where the sign of y is in doubt left of it. */
    private static double ofAngle(Elementwise op, double[] x, double[] e, double y) {
        double moved = Root.hypot(e[0], e[1]);
        double length = Root.hypot(x[0], x[1]);
        if (moved == 0) {
            return Accuracy.rounding(2, x, y, 0);
        }
        if (!(length > 4 * moved)) {
            return Double.POSITIVE_INFINITY;
        }
        double shortest = length - moved;
        double turned = (Math.abs(x[1]) + e[1]) / shortest * (e[0] / shortest) + (Math.abs(x[0]) + e[0]) / shortest * (e[1] / shortest)
                + Double.MIN_VALUE;
        double around = x[1] < 0 && Accuracy.isDoubtful(x[0], e[0]) ? 2 * Math.PI : 0;
        return turned + around + Accuracy.rounding(2, x, y, 0);
    }

    /** √(1 − x²) without cancellation near ±1; NaN outside. */
    private static Node oneMinusSquareRoot(Node x) {
        return sqrt(mul(sub(1, x), add(x, 1)));
    }

    private static Node ratio(Node a, Node b) {
        return div(sub(a, b), add(a, b));
    }

    private static Node hypot(Node a, Node b) {
        return a.graph().add(HYPOT.op(), a, b);
    }

    /** The derivative of sinc of an order; its own derivative is the next. */
    private static Elementwise sinc(int order) {
        String name = order == 0 ? "sinc" : "sinc_derivative";
        Map<String, Object> attributes = order == 0 ? Map.of() : Map.of("order", order);
        return Elementwise.unary(name, attributes, x -> Sinc.value(x, order)).partial(0,
                (x, y) -> x[0].graph().add(sinc(order + 1), x[0]))
                .accuracy(Accuracy.smooth(16 * (order + 1), Power.pow(Math.PI, order) / (order + 1)));
    }
}
