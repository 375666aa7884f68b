package io.chainrule.core.op;

import static io.chainrule.core.op.Definitions.*;
import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.elementary.InverseErrorFunction;
import io.chainrule.core.graph.Family;
import io.chainrule.core.kernel.Kernels.Unary;
import io.chainrule.core.linalg.GammaFunctions;
import io.chainrule.core.linalg.Polygamma;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** The error function, the gamma function, their derivatives and inverses. */
final class SpecialFunctions {
    private static final int MAX_ORDER = 100;
    private static final double ROOT_PI = Math.sqrt(Math.PI);
    private static final String POLES = "poles at 0, −1, −2, …, where the value is infinite, or NaN where the sides have opposite signs";

    static final OpDefinition ERF = unary("erf", Unary.ERF, (x, y) -> mul(2 / ROOT_PI, Slopes.bell(x)))
            .formula("\\frac{2}{\\sqrt\\pi} \\int_0^x e^{-t^2} dt", "\\frac{2}{\\sqrt\\pi} e^{-x^2}").traits(FINITE, ISOLATED_ZEROS)
            .code(OpCode.scalar("erf($0)"))
            .accuracy(Accuracy.monotone(4));
    static final OpDefinition ERFC = unary("erfc", Unary.ERFC, (x, y) -> mul(-2 / ROOT_PI, Slopes.bell(x)))
            .formula("1 - \\operatorname{erf} x = \\frac{2}{\\sqrt\\pi} \\int_x^\\infty e^{-t^2} dt", "-\\frac{2}{\\sqrt\\pi} e^{-x^2}")
            .traits(NONZERO_AT_ZERO, ZERO_BY_OPERANDS)
            .code(OpCode.scalar("erfc($0)"))
            .accuracy(Accuracy.monotone(8));
    static final OpDefinition ERFINV = unary("erfinv", InverseErrorFunction::erfinv, (x, y) -> Slopes.ofErfinv(x))
            .formula("\\operatorname{erf}^{-1} x", "\\frac{\\sqrt\\pi}{2} e^{y^2}").domain(-0.8, 0.8)
            .convention("infinite at ±1, with an infinite derivative; NaN beyond")
            .accuracy(Accuracy.monotone(8));
    static final OpDefinition LGAMMA = unary("lgamma", GammaFunctions::logGamma, (x, y) -> Maths.unary(SpecialFunctions.DIGAMMA, x))
            .formula("\\log |\\Gamma(x)|", "\\psi(x)").alias("gammaln").domain(0.7, 4)
            .convention("at 0, −1, −2, … the value is +∞ and the derivative that of digamma").traits(ISOLATED_ZEROS)
            .code(OpCode.scalar("lgamma($0)"))
            .accuracy(Accuracy.gammaLike(8, 1));
    static final OpDefinition DIGAMMA = unary("digamma", GammaFunctions::digamma, (x, y) -> x.graph().add(polygamma(1), x))
            .formula("\\psi(x) = \\frac{\\Gamma'(x)}{\\Gamma(x)}", "\\psi^{(1)}(x)").domain(0.7, 4).convention(POLES)
            .traits(ISOLATED_ZEROS)
            .accuracy(Accuracy.gammaLike(8, 1));
    static final OpDefinition POLYGAMMA = OpDefinition.define("polygamma", Family.ELEMENTWISE, "x")
            .attribute(Attribute.required("n", Attribute.Type.INT, "how often digamma is differentiated, from 0 to " + MAX_ORDER))
            .formula("\\psi^{(n)}(x) = \\frac{d^n}{dx^n} \\psi(x)", "\\psi^{(n+1)}(x)").domain(0.7, 4).convention(POLES)
            .example("polygamma(x, n=1)", Tensor.scalar(1.5)).as(a -> polygamma(a.integer("n", 0, MAX_ORDER)));

    static final List<OpDefinition> ALL = Definitions.all(ROUNDED, List.of(ERF, ERFC, ERFINV, LGAMMA, DIGAMMA, POLYGAMMA));

    private SpecialFunctions() {}

    private static Elementwise polygamma(int n) {
        double[] cotangentDerivative = Polygamma.cotangentDerivative(n);
        return Elementwise.unary("polygamma", Map.of("n", n),
                x -> n == 0 ? GammaFunctions.digamma(x) : Polygamma.value(n, cotangentDerivative, x))
                .partial(0, (x, y) -> x[0].graph().add(polygamma(n + 1), x[0]))
                // Below 0 a cotangent is raised to the power n + 1.
                .accuracy(Accuracy.gammaLike(16 + 2 * n, 0));
    }
}
