package io.chainrule.core.elementary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values against those that mpmath computed to 60 digits (resource {@code elementary}, written by its {@code circular.py}). */
class ReferenceValuesTest {
    /** The distance from the nearest double is written with five digits. */
    private static final double WRITTEN_DIGITS = 6e-6;

    private record Line(double[] arguments, double nearest, double rest) {
        static Line of(String[] words) {
            double[] arguments = new double[words.length - 3];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = number(words[i + 1]);
            }
            return new Line(arguments, number(words[words.length - 2]), Double.parseDouble(words[words.length - 1]));
        }

        private static double number(String bits) {
            return Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));
        }

        /** Units in the last place from the value; the unit is that of the value, also where it rounds to a power of 2. */
        double error(double result) {
            boolean isBelow = rest * nearest < 0;
            double unit = Math.ulp(isBelow ? Math.nextDown(Math.abs(nearest)) : nearest);
            return Math.abs((result - nearest) / unit - rest);
        }
    }

    private static List<Line> lines(String function) throws IOException {
        List<Line> lines = new ArrayList<>();
        try (var stream = Objects.requireNonNull(ReferenceValuesTest.class.getResourceAsStream("/elementary/circular.txt"));
                var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            reader.lines().map(line -> line.split(" ")).filter(words -> words[0].equals(function)).map(Line::of).forEach(lines::add);
        }
        return lines;
    }

    @ParameterizedTest
    @CsvSource({"sin, 0.75", "cos, 0.75", "tan, 0.85", "erf, 1.3", "erfc, 1.6", "phi, 1.6", "gelu, 1.3", "atan, 0.7", "asin, 0.65",
            "acos, 0.65",
            "atan2, 0.7", "asinh, 0.51", "acosh, 0.52", "atanh, 0.51", "cbrt, 0.51", "hypot, 0.75", "pow, 0.8"})
    void errorsAreBounded(String function, double bound) throws IOException {
        List<Line> lines = lines(function);
        assertThat(lines).hasSizeGreaterThanOrEqualTo(1000);
        for (Line line : lines) {
            double[] x = line.arguments;
            double result = x.length == 1
                    ? ElementaryFunctions.unary(function).applyAsDouble(x[0])
                    : ElementaryFunctions.binary(function).applyAsDouble(x[0], x[1]);
            if (!(line.error(result) <= bound)) {
                fail("%s of %s is %s, not %s", function, List.of(x[0], x[x.length - 1]), result, line.nearest);
            }
        }
    }

    /** The references of {@link ElementaryPairCase} themselves. */
    @ParameterizedTest
    @CsvSource({"atan2", "hypot", "pow"})
    void theReferencesOfTwoArgumentsAgree(String function) throws IOException {
        ElementaryPairCase f = ElementaryPairCase.all().filter(row -> row.name().equals(function)).findFirst().orElseThrow();
        for (Line line : lines(function)) {
            double distance = f.reference().apply(Real.of(line.arguments[0]), Real.of(line.arguments[1])).ulps(line.nearest);
            assertThat(Math.abs(distance - Math.abs(line.rest))).as("%s at %s", function, Arrays.toString(line.arguments))
                    .isLessThan(WRITTEN_DIGITS);
        }
    }

    @ParameterizedTest
    @CsvSource({"sin", "cos", "tan", "asin", "acos", "atan", "cbrt"})
    void fdlibmIsNear(String function) {
        DoubleUnaryOperator ours = ElementaryFunctions.unary(function);
        DoubleUnaryOperator theirs = switch (function) {
            case "sin" -> StrictMath::sin;
            case "cos" -> StrictMath::cos;
            case "tan" -> StrictMath::tan;
            case "asin" -> StrictMath::asin;
            case "acos" -> StrictMath::acos;
            case "atan" -> StrictMath::atan;
            default -> StrictMath::cbrt;
        };
        Random random = new Random(11);
        for (int i = 0; i < 100_000; i++) {
            double x = ElementaryFunctions.argument(random);
            assertNear(ours.applyAsDouble(x), theirs.applyAsDouble(x), function, x, x);
        }
    }

    @Test
    void fdlibmIsNearInTwoArguments() {
        Random random = new Random(12);
        for (int i = 0; i < 100_000; i++) {
            double x = ElementaryFunctions.argument(random);
            double y = i % 3 == 0
                    ? ElementaryFunctions.argument(random)
                    : i % 3 == 1 ? x * random.nextDouble(-3, 3) : random.nextInt(-40, 40);
            // IEEE 754 has 1 where Java has NaN, and fourth powers may err by 2 units.
            boolean isOther = x == 1 || x == -1 && Double.isInfinite(y) || y == 4;
            assertNear(Power.pow(x, y), isOther ? Power.pow(x, y) : StrictMath.pow(x, y), "pow", x, y);
            assertNear(Root.hypot(x, y), StrictMath.hypot(x, y), "hypot", x, y);
            assertNear(InverseCircular.atan2(x, y), StrictMath.atan2(x, y), "atan2", x, y);
        }
    }

    /** Both err by at most one unit. Zeros, infinities and NaNs are the same bits. */
    private static void assertNear(double ours, double theirs, String function, double x, double y) {
        boolean isNear = theirs != 0 && Double.isFinite(theirs)
                ? Math.abs(ours - theirs) <= 2 * Math.ulp(theirs)
                : Double.doubleToRawLongBits(ours) == Double.doubleToLongBits(theirs);
        if (!isNear) {
            fail("%s of %s, %s is %s, and by fdlibm %s", function, x, y, ours, theirs);
        }
    }
}
