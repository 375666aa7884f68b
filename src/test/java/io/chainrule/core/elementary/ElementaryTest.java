package io.chainrule.core.elementary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Elementary functions against true values of 60 digits and more. {@code -Delementary.arguments=10000000} looks at more
 * arguments, {@code -Delementary.seed=2} at others; the largest errors are in the report.
 */
class ElementaryTest {
    private static final int ARGUMENTS = Integer.getInteger("elementary.arguments", 20_000);
    private static final long SEED = Long.getLong("elementary.seed", 1);

    @ParameterizedTest
    @MethodSource("io.chainrule.core.elementary.ElementaryCase#all")
    void errors_are_within_the_bound(ElementaryCase f, TestReporter reporter) {
        double[] landmarks = f.landmarks().stream().mapToDouble(Double::doubleValue).toArray();
        double largest = 0;
        double at = 0;
        for (double x : ElementaryArguments.of(f.from(), f.to(), landmarks, SEED, ARGUMENTS)) {
            double y = f.function().applyAsDouble(x);
            if (!(x > f.least() && x < f.most() && Double.isFinite(x))) {
                continue; // exact_values has the ends of domains, and the infinities
            }
            double error = f.reference().apply(Real.of(x)).ulps(y);
            if (!(error <= f.bound(y))) {
                fail("%s errs by %s ulp at %s", f, error, x);
            }
            if (error > largest) {
                largest = error;
                at = x;
            }
        }
        reporter.publishEntry(f.name(), "%.4f ulp at %s".formatted(largest, at));
    }

    /**
     * Zeros, and what is not finite, are compared with fdlibm elsewhere. x³ and x⁴ have bounds of their own, and are rows of
     * ElementaryCase.
     */
    @ParameterizedTest
    @MethodSource("io.chainrule.core.elementary.ElementaryPairCase#all")
    void errors_of_functions_of_two_arguments_are_within_the_bound(ElementaryPairCase f, TestReporter reporter) {
        double[] largest = new double[3];
        ElementaryArguments.forEachPair(SEED, ARGUMENTS, (x, y) -> {
            if (x == 0 || y == 0 || !Double.isFinite(x) || !Double.isFinite(y) || y == 3 || y == 4) {
                return;
            }
            double z = f.function().applyAsDouble(x, y);
            assertThat(Double.isNaN(z)).as("%s at %s, %s is %s", f, x, y, z).isEqualTo(!f.isDefined(x, y));
            double error = Double.isNaN(z) ? 0 : f.error(x, y, z);
            if (error > largest[0]) {
                largest[0] = error;
                largest[1] = x;
                largest[2] = y;
            }
        });
        reporter.publishEntry(f.name(), "%.4f ulp at %s, %s".formatted(largest[0], largest[1], largest[2]));
        assertThat(largest[0]).as("error in ulp of %s at %s, %s", f, largest[1], largest[2]).isLessThanOrEqualTo(f.bound());
    }

    @ParameterizedTest
    @MethodSource("io.chainrule.core.elementary.ElementaryCase#all")
    void nan_is_canonical_and_only_where_the_function_is_not_defined(ElementaryCase f) {
        long canonical = Double.doubleToRawLongBits(Double.NaN);
        double[] landmarks = f.landmarks().stream().mapToDouble(Double::doubleValue).toArray();
        for (long nan : new long[]{canonical, 0xfff8000000000000L, 0x7ff0000000000001L, 0xfff00000deadbeefL, 0x7fffffffffffffffL}) {
            assertThat(Double.doubleToRawLongBits(f.function().applyAsDouble(Double.longBitsToDouble(nan)))).isEqualTo(canonical);
        }
        for (double x : ElementaryArguments.of(f.from(), f.to(), landmarks, SEED + 1, ARGUMENTS)) {
            double y = f.function().applyAsDouble(x);
            assertThat(Double.doubleToRawLongBits(y) == canonical).as("%s at %s is %s", f, x, y)
                    .isEqualTo(!(x >= f.least() && x <= f.most()));
        }
    }

    @ParameterizedTest
    @CsvSource({
            "exp, 0, 1", "exp, -0.0, 1", "exp, -Infinity, 0", "exp, Infinity, Infinity", "exp, 1e308, Infinity", "exp, -1e308, 0",
            "exp2, -0.0, 1", "exp2, -Infinity, 0", "exp2, Infinity, Infinity", "exp2, -1074, 4.9e-324", "exp2, -1075, 0",
            "exp2, 1023, 0x1p1023", "exp2, 10, 1024", "exp2, -3, 0.125", "exp2, 1024, Infinity",
            "expm1, 0, 0", "expm1, -0.0, -0.0", "expm1, -Infinity, -1", "expm1, -1e300, -1", "expm1, Infinity, Infinity",
            "expm1, 4.9e-324, 4.9e-324", "expm1, -4.9e-324, -4.9e-324",
            "log, 1, 0", "log, 0, -Infinity", "log, -0.0, -Infinity", "log, Infinity, Infinity",
            "log2, 1, 0", "log2, 8, 3", "log2, 0.25, -2", "log2, 4.9e-324, -1074", "log2, 0x1p1023, 1023", "log2, 0, -Infinity",
            "log2, Infinity, Infinity", "log10, 1, 0", "log10, 10, 1", "log10, 1000, 3", "log10, 1e15, 15", "log10, 1e22, 22",
            "log10, -0.0, -Infinity", "log10, Infinity, Infinity",
            "log1p, 0, 0", "log1p, -0.0, -0.0", "log1p, -1, -Infinity", "log1p, Infinity, Infinity", "log1p, -4.9e-324, -4.9e-324",
            "sinh, 0, 0", "sinh, -0.0, -0.0", "sinh, Infinity, Infinity", "sinh, -Infinity, -Infinity", "sinh, -1e300, -Infinity",
            "cosh, 0, 1", "cosh, -0.0, 1", "cosh, -Infinity, Infinity", "cosh, 1e300, Infinity",
            "tanh, 0, 0", "tanh, -0.0, -0.0", "tanh, Infinity, 1", "tanh, -Infinity, -1", "tanh, -4.9e-324, -4.9e-324", "tanh, 25, 1",
            "sigmoid, 0, 0.5", "sigmoid, -0.0, 0.5", "sigmoid, Infinity, 1", "sigmoid, -Infinity, 0", "sigmoid, 40, 1",
            "silu, Infinity, Infinity", "silu, -Infinity, -0.0", "silu, -0.0, -0.0", "silu, -1e300, -0.0",
            "density, 0, 0.25", "density, -0.0, 0.25", "density, Infinity, 0", "density, -Infinity, 0", "density, -1e300, 0",
            "sechSquared, 0, 1", "sechSquared, -0.0, 1", "sechSquared, Infinity, 0", "sechSquared, -Infinity, 0",
            "sechSquared, 1.7976931348623157e308, 0", "softplus, Infinity, Infinity", "softplus, -Infinity, 0", "softplus, 1e300, 1e300",
            "logsigmoid, Infinity, -0.0", "logsigmoid, -Infinity, -Infinity", "logsigmoid, -1e300, -1e300"})
    void exact_values(String name, double x, double y) {
        ElementaryCase f = ElementaryCase.all().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
        assertThat(Double.toHexString(f.function().applyAsDouble(x))).isEqualTo(Double.toHexString(y));
    }
}
