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
 * @param most the upper end of the domain
 * @param from where the range in which its values are finite and not constant begins
 * @param to where that range ends
 * @param landmarks arguments at which, or beside which, something changes
 */
record ElementaryCase(String name, DoubleUnaryOperator function, UnaryOperator<Real> reference, double bound, double least, double most,
        double from, double to, List<Double> landmarks) {
    private static final double EVERYWHERE = Double.NEGATIVE_INFINITY;
    private static final double LARGEST = Double.MAX_VALUE;
    private static final double BOUND_WHERE_NORMAL = 0.67;
    /** Below it the gate, which mish multiplies by its argument, is subnormal. */
    private static final double LEAST_OF_MISH = 800 * Double.MIN_NORMAL;

    static Stream<ElementaryCase> all() {
        return Stream.concat(exponentials(), others());
    }

    private static Stream<ElementaryCase> others() {
        return Stream.of(
                row("sin", Circular::sin, RealFunctions::sin, 0.73, -LARGEST, LARGEST, -LARGEST / 2, LARGEST / 2, Math.PI / 4, Math.PI / 2,
                        Math.PI, 1.5 * Math.PI),
                row("cos", Circular::cos, RealFunctions::cos, 0.73, -LARGEST, LARGEST, -LARGEST / 2, LARGEST / 2, Math.PI / 4, Math.PI / 2,
                        Math.PI, 1.5 * Math.PI),
                row("tan", Circular::tan, RealFunctions::tan, 0.85, -LARGEST, LARGEST, -LARGEST / 2, LARGEST / 2, Math.PI / 4, Math.PI / 2,
                        Math.PI, 1.5 * Math.PI),
                row("asin", InverseCircular::asin, RealFunctions::asin, 0.66, -1, 1, -1, 1, 0.5, 0.975, 1),
                row("acos", InverseCircular::acos, RealFunctions::acos, 0.66, -1, 1, -1, 1, 0.5, 0.975, 1),
                row("atan", InverseCircular::atan, RealFunctions::atan, 0.72, EVERYWHERE, -EVERYWHERE, -1e6, 1e6, 1, 0x1p27, 0x1p60),
                row("asinh", InverseHyperbolic::asinh, RealFunctions::asinh, 0.51, EVERYWHERE, -EVERYWHERE, -1e6, 1e6, 1, 0x1p28, 0x1p60),
                row("acosh", InverseHyperbolic::acosh, RealFunctions::acosh, 0.52, 1, -EVERYWHERE, 1, 1e6, 1, 2, 0x1p28, 0x1p60),
                row("atanh", InverseHyperbolic::atanh, RealFunctions::atanh, 0.51, -1, 1, -1, 1, 0.5, 1),
                row("cbrt", Root::cbrt, RealFunctions::cbrt, 0.51, EVERYWHERE, -EVERYWHERE, -1e6, 1e6, 1, 8, Double.MIN_NORMAL),
                row("cube", x -> Power.pow(x, 3), x -> x.times(x).times(x), 1.4, EVERYWHERE, -EVERYWHERE, -1e6, 1e6),
                row("fourthPower", x -> Power.pow(x, 4), x -> x.times(x).times(x).times(x), 2, EVERYWHERE, -EVERYWHERE, -1e6, 1e6),
                row("erf", ErrorFunction::erf, RealFunctions::erf, 1.3, EVERYWHERE, -EVERYWHERE, -6.5, 6.5, 0.5, 1, 2, 4, 5.9),
                row("erfc", ErrorFunction::erfc, RealFunctions::erfc, 1.75, EVERYWHERE, -EVERYWHERE, -6.5, 28, 0.5, 1, 2, 4, 26.5, 27.2),
                row("phi", ErrorFunction::phi, RealFunctions::phi, 1.75, EVERYWHERE, -EVERYWHERE, -39, 9, 0.5, 1, 2, 4, 37.5, 38.4),
                row("bell", Gaussian::bell, RealFunctions::bell, 0.8, EVERYWHERE, -EVERYWHERE, -28, 28, 1, 26.6, 27.2),
                row("normalDensity", Gaussian::density, RealFunctions::normalDensity, 0.8, EVERYWHERE, -EVERYWHERE, -39, 39, 1, 37.6, 38.5),
                row("mishGate", Mish::gate, RealFunctions::mishGate, 4, EVERYWHERE, -EVERYWHERE, -752, 40, 1, -708, -745, 20),
                row("mish", Mish::mish, x -> RealFunctions.mishGate(x).times(x), 4, EVERYWHERE, -EVERYWHERE, -700, 40, 1, 20),
                row("mishSlope", Mish::slope, RealFunctions::mishSlope, 4.5, EVERYWHERE, -EVERYWHERE, -752, 40, 1, -708, -745, 20),
                row("gate of gelu's approximation", TanhGelu::gate, x -> RealFunctions.sigmoid(RealFunctions.ofTanhGelu(x)), 1.5,
                        EVERYWHERE,
                        -EVERYWHERE, -25, 25, 1, 5, 20, 21, 30),
                row("slope of gelu's approximation", TanhGelu::slope, x -> RealFunctions.logisticDensity(RealFunctions.ofTanhGelu(x)), 3.5,
                        EVERYWHERE, -EVERYWHERE, -25, 25, 1, 5, 20, 21, 30),
                row("erfinv", InverseErrorFunction::erfinv, RealFunctions::erfinv, 4, -1, 1, -1, 1, 0.5, 0.9, 1),
                row("erfinvSlope", InverseErrorFunction::slope, RealFunctions::erfinvSlope, 4, -1, 1, -1, 1, 0.5, 0.9, 1),
                row("gelu", ErrorFunction::gelu, RealFunctions::gelu, 1.65, EVERYWHERE, -EVERYWHERE, -39, 40, 0.5, 1, 2, 4, 37.5, 38.4));
    }

    private static Stream<ElementaryCase> exponentials() {
        return Stream.of(
                row("exp", Exponential::exp, RealFunctions::exp, 0.80, EVERYWHERE, -EVERYWHERE, -746, 710, -745.1332191019412,
                        -708.3964185322641,
                        709.782712893384),
                row("exp2", Exponential::exp2, RealFunctions::exp2, 0.80, EVERYWHERE, -EVERYWHERE, -1076, 1025, -1075, -1074, -1022, 0.5,
                        1.5, 1024),
                row("expm1", Exponential::expm1, RealFunctions::expm1, 0.88, EVERYWHERE, -EVERYWHERE, -45, 710, 0x1p-54, -37.42994775023705,
                        -36.7368005696771,
                        0.34657359027997264, 709.782712893384),
                row("log", Logarithm::log, RealFunctions::log, 0.58, 0, -EVERYWHERE, 0, 10, 1, Math.sqrt(0.5), Math.sqrt(2),
                        Double.MIN_NORMAL),
                row("log2", Logarithm::log2, RealFunctions::log2, 0.58, 0, -EVERYWHERE, 0, 10, 1, Math.sqrt(0.5), Math.sqrt(2),
                        Double.MIN_NORMAL, 8),
                row("log10", Logarithm::log10, RealFunctions::log10, 0.58, 0, -EVERYWHERE, 0, 10, 1, Math.sqrt(0.5), Math.sqrt(2),
                        Double.MIN_NORMAL,
                        1000),
                row("log1p", Logarithm::log1p, RealFunctions::log1p, 0.58, -1, -EVERYWHERE, -1, 10, -1, 0x1p-54, Math.sqrt(0.5) - 1,
                        Math.sqrt(2) - 1,
                        0x1p53,
                        0x1p54),
                row("sinh", Hyperbolic::sinh, RealFunctions::sinh, 0.78, EVERYWHERE, -EVERYWHERE, -711, 711, 0x1p-28, 0.34657359027997264,
                        710.475860073944),
                row("cosh", Hyperbolic::cosh, RealFunctions::cosh, 0.66, EVERYWHERE, -EVERYWHERE, -711, 711, 0x1p-28, 0.34657359027997264,
                        710.475860073944),
                row("tanh", Hyperbolic::tanh, RealFunctions::tanh, 0.70, EVERYWHERE, -EVERYWHERE, -21, 21, 0.17328679513998632,
                        19.061547465398498, 20),
                row("sigmoid", Logistic::sigmoid, RealFunctions::sigmoid, 0.80, EVERYWHERE, -EVERYWHERE, -746, 40, -745.1332191019412,
                        -708.3964185322641,
                        36.7368005696771),
                row("silu", Logistic::silu, x -> RealFunctions.sigmoid(x).times(x), 1.5, EVERYWHERE, -EVERYWHERE, -760, 40, -751.9,
                        -745.1332191019412,
                        -708.3964185322641),
                row("density", Logistic::density, RealFunctions::logisticDensity, 2.4, EVERYWHERE, -EVERYWHERE, -746, 746,
                        -745.1332191019412,
                        -708.3964185322641, -40, 40, 708.3964185322641, 745.1332191019412, 760),
                row("sechSquared", Hyperbolic::sechSquared, RealFunctions::sechSquared, 2.3, EVERYWHERE, -EVERYWHERE, -374, 374,
                        -373.2597567401807,
                        -354.8913564467, 20, 354.8913564467, 373.2597567401807, 380),
                row("softplus", Logistic::softplus, RealFunctions::softplus, 0.80, EVERYWHERE, -EVERYWHERE, -746, 40, 40,
                        -745.1332191019412,
                        -708.3964185322641,
                        36.7368005696771),
                row("logsigmoid", Logistic::logsigmoid, x -> RealFunctions.softplus(x.negated()).negated(), 0.80, EVERYWHERE, -EVERYWHERE,
                        -40, 746,
                        -40, 745.1332191019412, 708.3964185322641, -36.7368005696771));
    }

    /** The largest error in ulp at this value. */
    double bound(double value) {
        return switch (name) {
            case "exp", "exp2", "sigmoid" -> Math.abs(value) < Double.MIN_NORMAL ? bound : BOUND_WHERE_NORMAL;
            case "mish" -> Math.abs(value) < LEAST_OF_MISH ? Double.POSITIVE_INFINITY : bound;
            default -> bound;
        };
    }

    private static ElementaryCase row(String name, DoubleUnaryOperator function, UnaryOperator<Real> reference, double bound, double least,
            double most, double from, double to, double... landmarks) {
        return new ElementaryCase(name, function, reference, bound, least, most, from, to, DoubleStream.of(landmarks).boxed().toList());
    }

    @Override
    public String toString() {
        return name;
    }
}
