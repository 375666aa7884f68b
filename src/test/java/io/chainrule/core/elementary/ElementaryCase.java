package io.chainrule.core.elementary;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * A function with its true values.
 *
 * @param bound the largest error in ulp that its documentation claims
 * @param least the lower end of the domain
 * @param from where the range in which its values are finite and not constant begins
 * @param to where that range ends
 * @param landmarks arguments at which, or beside which, something changes
 */
record ElementaryCase(String name, DoubleUnaryOperator function, UnaryOperator<Real> reference, double bound, double least, double from,
        double to, List<Double> landmarks) {
    private static final double EVERYWHERE = Double.NEGATIVE_INFINITY;

    static Stream<ElementaryCase> all() {
        return Stream.of(
                row("exp", Exponential::exp, RealFunctions::exp, 0.80, EVERYWHERE, -746, 710, -745.1332191019412, -708.3964185322641,
                        709.782712893384),
                row("exp2", Exponential::exp2, RealFunctions::exp2, 0.80, EVERYWHERE, -1076, 1025, -1075, -1074, -1022, 0.5, 1.5, 1024),
                row("expm1", Exponential::expm1, RealFunctions::expm1, 0.88, EVERYWHERE, -45, 710, 0x1p-54, -37.42994775023705,
                        -36.7368005696771,
                        0.34657359027997264, 709.782712893384),
                row("log", Logarithm::log, RealFunctions::log, 0.58, 0, 0, 10, 1, Math.sqrt(0.5), Math.sqrt(2), Double.MIN_NORMAL),
                row("log2", Logarithm::log2, RealFunctions::log2, 0.58, 0, 0, 10, 1, Math.sqrt(0.5), Math.sqrt(2), Double.MIN_NORMAL, 8),
                row("log10", Logarithm::log10, RealFunctions::log10, 0.58, 0, 0, 10, 1, Math.sqrt(0.5), Math.sqrt(2), Double.MIN_NORMAL,
                        1000),
                row("log1p", Logarithm::log1p, RealFunctions::log1p, 0.58, -1, -1, 10, -1, 0x1p-54, Math.sqrt(0.5) - 1, Math.sqrt(2) - 1,
                        0x1p53,
                        0x1p54),
                row("sinh", Hyperbolic::sinh, RealFunctions::sinh, 0.76, EVERYWHERE, -711, 711, 0x1p-28, 0.34657359027997264,
                        710.475860073944),
                row("cosh", Hyperbolic::cosh, RealFunctions::cosh, 0.66, EVERYWHERE, -711, 711, 0x1p-28, 0.34657359027997264,
                        710.475860073944),
                row("tanh", Hyperbolic::tanh, RealFunctions::tanh, 0.70, EVERYWHERE, -21, 21, 0.17328679513998632, 19.061547465398498, 20),
                row("sigmoid", Logistic::sigmoid, RealFunctions::sigmoid, 0.80, EVERYWHERE, -746, 40, -745.1332191019412,
                        -708.3964185322641,
                        36.7368005696771),
                row("silu", Logistic::silu, x -> RealFunctions.sigmoid(x).times(x), 1.5, EVERYWHERE, -760, 40, -751.9, -745.1332191019412,
                        -708.3964185322641),
                row("density", Logistic::density, RealFunctions::logisticDensity, 2.3, EVERYWHERE, -746, 746, -745.1332191019412,
                        -708.3964185322641, -40, 40, 708.3964185322641, 745.1332191019412, 760),
                row("sechSquared", Hyperbolic::sechSquared, RealFunctions::sechSquared, 2.3, EVERYWHERE, -374, 374, -373.2597567401807,
                        -354.8913564467, 20, 354.8913564467, 373.2597567401807, 380),
                row("softplus", Logistic::softplus, RealFunctions::softplus, 0.80, EVERYWHERE, -746, 40, 40, -745.1332191019412,
                        -708.3964185322641,
                        36.7368005696771),
                row("logsigmoid", Logistic::logsigmoid, x -> RealFunctions.softplus(x.negated()).negated(), 0.80, EVERYWHERE, -40, 746,
                        -40, 745.1332191019412, 708.3964185322641, -36.7368005696771));
    }

    private static ElementaryCase row(String name, DoubleUnaryOperator function, UnaryOperator<Real> reference, double bound, double least,
            double from,
            double to, double... landmarks) {
        return new ElementaryCase(name, function, reference, bound, least, from, to, DoubleStream.of(landmarks).boxed().toList());
    }

    @Override
    public String toString() {
        return name;
    }
}
