package io.chainrule.core.elementary;

import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Stream;

/**
 * A function of two arguments with its true values.
 *
 * @param bound the largest error that its documentation claims
 * @param isOfOperands whether the error is in units of the larger operand, since the terms of a sum may cancel
 */
record ElementaryPairCase(String name, DoubleBinaryOperator function, BinaryOperator<Real> reference, double bound, boolean isOfOperands) {

    static Stream<ElementaryPairCase> all() {
        return Stream.of(new ElementaryPairCase("atan2", InverseCircular::atan2, RealFunctions::atan2, 0.78, false),
                new ElementaryPairCase("hypot", Root::hypot, RealFunctions::hypot, 0.75, false),
                new ElementaryPairCase("pow", Power::pow, RealFunctions::pow, 0.95, false),
                new ElementaryPairCase("share", Logistic::share, (a, b) -> RealFunctions.sigmoid(a.minus(b)), 1.5, false),
                new ElementaryPairCase("sigmoid of a product", Logistic::sigmoid, (a, b) -> RealFunctions.sigmoid(a.times(b)), 1.5, false),
                new ElementaryPairCase("softplus of a product", Logistic::softplus, (a, b) -> RealFunctions.softplus(a.times(b)), 1.5,
                        false),
                new ElementaryPairCase("logAddExp", Logistic::logAddExp, RealFunctions::logAddExp, 1.5, true));
    }

    /** Whether a number, and not NaN, is the value at these finite numbers, of which neither is 0. */
    boolean isDefined(double x, double y) {
        return !name.equals("pow") || x > 0 || y == Math.rint(y);
    }

    double error(double x, double y, double z) {
        Real exact = reference.apply(Real.of(x), Real.of(y));
        if (isOfOperands && Double.isFinite(z)) {
            return Math.abs(exact.minus(Real.of(z)).toDouble()) / Math.ulp(Math.max(Math.max(Math.abs(x), Math.abs(y)), Math.abs(z)));
        }
        return exact.ulps(z);
    }

    @Override
    public String toString() {
        return name;
    }
}
