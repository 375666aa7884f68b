package io.chainrule.core.elementary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that are exact, ends of domains, and symmetries. */
class SpecialValuesTest {
    @ParameterizedTest
    @CsvSource({"sin, 0.0, 0.0", "sin, -0.0, -0.0", "sin, 4.9E-324, 4.9E-324", "sin, Infinity, NaN", "sin, -Infinity, NaN",
            "cos, 0.0, 1", "cos, -0.0, 1", "cos, 4.9E-324, 1", "cos, Infinity, NaN",
            "tan, 0.0, 0.0", "tan, -0.0, -0.0", "tan, -4.9E-324, -4.9E-324", "tan, -Infinity, NaN",
            "erf, 0.0, 0.0", "erf, -0.0, -0.0", "erf, 4.9E-324, 4.9E-324", "erf, 6, 1", "erf, Infinity, 1", "erf, -Infinity, -1",
            "erfc, 0.0, 1", "erfc, -0.0, 1", "erfc, -4.9E-324, 1", "erfc, Infinity, 0.0", "erfc, -Infinity, 2", "erfc, 27.3, 0.0",
            "phi, 0.0, 0.5", "phi, -0.0, 0.5", "phi, 1e-300, 0.5", "phi, Infinity, 1", "phi, -Infinity, 0.0",
            "gelu, 0.0, 0.0", "gelu, Infinity, Infinity", "gelu, -Infinity, 0.0", "gelu, 1e300, 1e300",
            "atan, 0.0, 0.0", "atan, -0.0, -0.0", "atan, 1, 0.7853981633974483", "atan, Infinity, 1.5707963267948966",
            "atan, -1.7976931348623157E308, -1.5707963267948966", "atan, 4.9E-324, 4.9E-324",
            "asin, 0.0, 0.0", "asin, -0.0, -0.0", "asin, 1, 1.5707963267948966", "asin, -1, -1.5707963267948966",
            "asin, 1.0000000000000002, NaN", "asin, -Infinity, NaN", "asin, 4.9E-324, 4.9E-324",
            "acos, 1, 0.0", "acos, -1, 3.141592653589793", "acos, 0.0, 1.5707963267948966", "acos, -1.0000000000000002, NaN",
            "asinh, 0.0, 0.0", "asinh, -0.0, -0.0", "asinh, Infinity, Infinity", "asinh, -Infinity, -Infinity", "asinh, 4.9E-324, 4.9E-324",
            "acosh, 1, 0.0", "acosh, 0.9999999999999999, NaN", "acosh, Infinity, Infinity", "acosh, -Infinity, NaN",
            "atanh, 0.0, 0.0", "atanh, -0.0, -0.0", "atanh, 1, Infinity", "atanh, -1, -Infinity", "atanh, 1.0000000000000002, NaN",
            "atanh, Infinity, NaN", "atanh, 4.9E-324, 4.9E-324",
            "cbrt, 0.0, 0.0", "cbrt, -0.0, -0.0", "cbrt, Infinity, Infinity", "cbrt, -Infinity, -Infinity", "cbrt, 27, 3"})
    void unary(String function, double x, double value) {
        assertThat(ElementaryFunctions.unary(function).applyAsDouble(x)).isEqualTo(Double.valueOf(value));
    }

    @Test
    void anyNaNGivesTheCanonicalOne() {
        for (long bits : new long[]{0x7ff8000000000000L, 0xfff8000000000000L, 0x7ff0000000000001L, 0xffffffffffffffffL}) {
            double nan = Double.longBitsToDouble(bits);
            ElementaryFunctions.UNARY.forEach((name, function) -> assertCanonical(function.applyAsDouble(nan), name));
            ElementaryFunctions.BINARY.forEach((name, function) -> {
                assertCanonical(function.applyAsDouble(nan, 2), name);
                assertCanonical(function.applyAsDouble(2, nan), name);
                assertCanonical(function.applyAsDouble(nan, nan), name);
            });
        }
        assertThat(Root.hypot(Double.NaN, Double.NEGATIVE_INFINITY)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(Power.pow(Double.NaN, -0.0)).isEqualTo(1);
    }

    private static void assertCanonical(double result, String name) {
        assertThat(Double.doubleToRawLongBits(result)).as(name).isEqualTo(0x7ff8000000000000L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sin", "tan", "erf", "atan", "asin", "asinh", "atanh", "cbrt"})
    void oddFunctionsAreOdd(String name) {
        DoubleUnaryOperator function = ElementaryFunctions.unary(name);
        Random random = new Random(13);
        for (int i = 0; i < 20_000; i++) {
            double x = ElementaryFunctions.argument(random);
            assertThat(function.applyAsDouble(-x)).as(name).isEqualTo(Double.valueOf(-function.applyAsDouble(x)));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, NaN, 1", "1, -Infinity, 1", "-1, Infinity, 1", "NaN, 0, 1", "0.5, Infinity, 0", "-8, 3, -512", "-8, 0.5, NaN",
            "-Infinity, 0.5, Infinity", "-0.0, 0.5, 0.0", "-0.0, -1, -Infinity", "-0.0, 3, -0.0", "-1e200, 3, -Infinity", "1e-200, 4, 0.0",
            "-Infinity, -3, -0.0", "2, 0.5, 1.4142135623730951"})
    void powers(double x, double y, double power) {
        assertThat(Power.pow(x, y)).isEqualTo(Double.valueOf(power));
    }

    @Test
    void powersRootsAndLengthsOfWholeNumbersAreExact() {
        for (int n = -1000; n <= 1000; n++) {
            assertThat(Root.cbrt((double) n * n * n)).isEqualTo(n);
            assertThat(Root.hypot(3 * n, 4 * n)).isEqualTo(5 * Math.abs(n));
            assertThat(Power.pow(n, 3)).isEqualTo((double) n * n * n);
            assertThat(Power.pow((double) n * n, 0.5)).isEqualTo(Math.abs(n));
        }
        for (int n = -1074; n <= 1023; n++) {
            assertThat(Power.pow(2, n)).isEqualTo(Math.scalb(1.0, n));
        }
    }
}
