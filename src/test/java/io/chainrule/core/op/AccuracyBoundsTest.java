package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bounds on the errors of elementwise ops and of sums, beside exact arithmetic: never less than the error, and no more than is written. */
class AccuracyBoundsTest {
    private static final MathContext DIGITS = new MathContext(80);
    private static final double LEAST = Double.MIN_VALUE;
    private static final double CLOSE = 1e-11;

    private static BigDecimal exact(double x) {
        return new BigDecimal(x);
    }

    private static Elementwise op(String name, int arity) {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node[] x = Stream.generate(() -> graph.input("x", Shape.SCALAR)).limit(arity).toArray(Node[]::new);
        return (Elementwise) GraphFunction.call(name, x).op();
    }

    private static double[] numbers(String text) {
        return Arrays.stream(text.strip().split("[, ]+", -1)).mapToDouble(Double::parseDouble).toArray();
    }

    /** The farthest that a function of two operands within their errors can be from what was computed. */
    private static double farthest(BinaryOperator<BigDecimal> f, double a, double b, double ea, double eb, double y) {
        BigDecimal most = BigDecimal.ZERO;
        for (int corner = 0; corner < 4; corner++) {
            BigDecimal x = exact(a).add(exact(corner % 2 == 0 ? ea : -ea));
            BigDecimal z = exact(b).add(exact(corner < 2 ? eb : -eb));
            most = most.max(f.apply(x, z).subtract(exact(y)).abs());
        }
        return most.doubleValue();
    }

    /** Two operands, and the errors of each: a, b, ea, eb. */
    private static Stream<double[]> pairs() {
        Random random = new Random(5);
        double[] sizes = {0, 1e-13, 1e-6, 0.1};
        return Stream.iterate(0, i -> i + 1).limit(400).map(i -> {
            double scale = i % 5 == 0 ? 0x1p-700 : 1;
            double a = i % 17 == 0 ? 0 : (random.nextDouble() * 4 - 2) * scale;
            double b = i % 7 == 0 ? Math.rint(random.nextDouble() * 8) + 1 : random.nextDouble() * 4 - 2;
            return new double[]{a, b, Math.abs(a) * sizes[i % 4], Math.abs(b) * sizes[i / 4 % 4]};
        });
    }

    @Test
    void ofASum() {
        pairs().forEach(given -> {
            double a = given[0];
            double b = given[1];
            double y = a + b;
            double bound = Accuracy.sum(a, b, given[2], given[3], y);
            assertThat(bound * (1 + CLOSE)).isGreaterThanOrEqualTo(farthest(BigDecimal::add, a, b, given[2], given[3], y));
            double rounding = exact(a).add(exact(b)).subtract(exact(y)).abs().doubleValue();
            assertThat(bound).isCloseTo(given[2] + given[3] + rounding, within(1e-15 * bound));
        });
    }

    @Test
    void ofASumOfExactOperandsIsItsRounding() {
        Random random = new Random(6);
        for (int i = 0; i < 2000; i++) {
            double a = Math.scalb(random.nextDouble() - 0.5, random.nextInt(60));
            double b = Math.scalb(random.nextDouble() - 0.5, random.nextInt(60));
            assertThat(Accuracy.sum(a, b, 0, 0, a + b)).as("%s + %s", a, b)
                    .isEqualTo(exact(a).add(exact(b)).subtract(exact(a + b)).abs().doubleValue());
        }
    }

    @Test
    void ofAProduct() {
        pairs().forEach(given -> {
            double a = given[0];
            double b = given[1];
            double y = a * b;
            double bound = Accuracy.product(a, b, given[2], given[3], y);
            assertThat(bound * (1 + CLOSE)).isGreaterThanOrEqualTo(farthest(BigDecimal::multiply, a, b, given[2], given[3], y));
            double rounding = exact(a).multiply(exact(b)).subtract(exact(y)).abs().doubleValue();
            double moved = Math.abs(a) * given[3] + Math.abs(b) * given[2] + given[2] * given[3];
            assertThat(bound).isCloseTo(moved + rounding, within(CLOSE * bound));
        });
    }

    @Test
    void ofAQuotient() {
        pairs().forEach(given -> {
            double a = given[0];
            double b = given[1];
            double y = a / b;
            double bound = Accuracy.quotient(a, b, given[2], given[3], y);
            double truth = farthest((x, z) -> x.divide(z, DIGITS), a, b, given[2], given[3], y);
            assertThat(bound).isGreaterThanOrEqualTo(truth);
            double moved = (given[2] + Math.abs(y) * given[3]) / (Math.abs(b) - given[3]);
            double rounding = a == 0 ? 0 : exact(a).divide(exact(b), DIGITS).subtract(exact(y)).abs().doubleValue();
            assertThat(bound).isCloseTo(moved + rounding * Math.abs(b) / (Math.abs(b) - given[3]), within(CLOSE * bound));
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # a      | b         | ea       | eb       | y         | bound
            Infinity | 1         | 0        | 0        | Infinity  | 0
            Infinity | 1         | 0.5      | 0.25     | Infinity  | 0
            1        | -Infinity | 0.5      | 0.25     | -Infinity | 0
            Infinity | 1         | Infinity | 0.25     | Infinity  | Infinity
            Infinity | 1         | 0.25     | Infinity | Infinity  | Infinity
            1e308    | 1e308     | 0        | 0        | Infinity  | NaN
            """)
    void ofSumsThatAreInfinite(double a, double b, double ea, double eb, double y, double bound) {
        assertThat(Accuracy.sum(a, b, ea, eb, y)).isEqualTo(Double.valueOf(bound));
    }

    /** An infinity stays one if the other factor cannot be 0. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # a      | b        | ea       | eb | y        | bound
            Infinity | 3        | 0        | 1  | Infinity | 0
            3        | Infinity | 1        | 0  | Infinity | 0
            Infinity | 3        | 0        | 3  | Infinity | Infinity
            3        | Infinity | 3        | 0  | Infinity | Infinity
            3        | Infinity | 4        | 0  | Infinity | Infinity
            Infinity | 3        | Infinity | 1  | Infinity | Infinity
            Infinity | 0        | 0        | 0  | NaN      | Infinity
            1e200    | 1e200    | 0        | 0  | Infinity | Infinity
            0        | 3        | 0        | 1  | 0        | 0
            0        | 3        | 0        | Infinity | 0  | 0
            3        | 0        | Infinity | 0  | 0        | 0
            1e-200   | 1e-200   | 0        | 0  | 0        | 4.9e-324
            1e-200   | 1e-200   | 0        | 1e-200 | 0    | 9.9e-324
            """)
    void ofProductsThatAreInfiniteOrVanish(double a, double b, double ea, double eb, double y, double bound) {
        assertThat(Accuracy.product(a, b, ea, eb, y)).isEqualTo(Double.valueOf(bound));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # a | b        | ea     | eb  | y | bound
            1   | 1        | 0      | 1   | 1 | Infinity
            1   | 1        | 0      | 2   | 1 | Infinity
            1   | NaN      | 0      | 0   | 1 | Infinity
            1   | Infinity | 0      | 0   | 0 | 0
            1   | Infinity | 0.5    | 0.5 | 0 | 0
            6   | 3        | 0      | 0   | 2 | 0
            0   | 3        | 0      | 1   | 0 | 0
            0   | 3        | 1e-330 | 0   | 0 | 0
            0   | 3        | 4.9e-324 | 0 | 0 | 4.9e-324
            1e-300 | 1e20  | 0      | 0   | 1e-320 | 4.9e-324
            # moved by 1e-320, and a rounding of the least double that half the divisor makes twice as large
            1e-300 | 1e20  | 0      | 5e19 | 1e-320 | 1.0015e-320
            """)
    void ofQuotientsWithDivisorsThatMayBeZeroOrInfinite(double a, double b, double ea, double eb, double y, double bound) {
        assertThat(Accuracy.quotient(a, b, ea, eb, y)).isEqualTo(Double.valueOf(bound));
    }

    /** Where the rest of a product or quotient may be too small for a double, the last place is taken for it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # a       | b        | of a product, in last places
            0x1p-480  | 0x1p-480 | 0
            0x1p-480  | 0x1p-481 | 1
            -0x1p-480 | 0x1p-480 | 0
            """)
    void ofSmallProducts(double a, double b, double units) {
        assertThat(Accuracy.product(a, b, 0, 0, a * b)).isEqualTo(units * Math.ulp(a * b));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # a       | b       | of a quotient, in last places
            0x1p-960  | 1       | 0
            0x1p-950  | 0x1p10  | 0
            0x1p-950  | 0x1p11  | 1
            0x1p-960  | 0x1p-10 | 0
            -0x1p-961 | 0x1p-11 | 1
            """)
    void ofSmallQuotients(double a, double b, double units) {
        assertThat(Accuracy.quotient(a, b, 0, 0, a / b)).isEqualTo(units * Math.ulp(a / b));
    }

    @ParameterizedTest
    @CsvSource({"0x1p-960, 0", "0x1p-962, 1"})
    void ofRootsOfSmallNumbers(double x, double units) {
        assertThat(Accuracy.squareRoot(x, 0, Math.sqrt(x))).isEqualTo(units * Math.ulp(Math.sqrt(x)));
    }

    @ParameterizedTest
    @CsvSource({"2, 0", "4, 1", "4, 0.5", "4, 1e-9", "9, 2", "2, 1e-9", "2, 0.5", "2, 1.9", "1e-200, 0", "1e-200, 1e-201", "3e200, 1e190",
            "1e-310, 0"})
    void ofARoot(double x, double e) {
        double y = Math.sqrt(x);
        double bound = Accuracy.squareRoot(x, e, y);
        double truth = Stream.of(e, -e).map(by -> exact(x).add(exact(by)).sqrt(DIGITS).subtract(exact(y)).abs())
                .reduce(BigDecimal.ZERO, BigDecimal::max).doubleValue();
        assertThat(bound).isGreaterThanOrEqualTo(truth)
                .isLessThanOrEqualTo(truth * (1 + CLOSE) + (e > 0 ? 2 * Math.ulp(y) : x < Accuracy.SAFE ? Math.ulp(y) : 0));
    }

    @ParameterizedTest
    @CsvSource({"4, 0, 2, 0", "0, 0, 0, 0", "0, 1e-300, 0, Infinity", "1, 1, 1, Infinity", "1, 2, 1, Infinity",
            "1, NaN, 1, 0", "NaN, 1, NaN, Infinity",
            "1, 4.9e-324, 1, 4.9e-324"})
    void ofRootsThatAreExactOrReachZero(double x, double e, double y, double bound) {
        assertThat(Accuracy.squareRoot(x, e, y)).isEqualTo(Double.valueOf(bound));
    }

    @ParameterizedTest
    @CsvSource({"0, Infinity, 0", "Infinity, 0, 0", "2, 3, 6", "1e-200, 1e-200, 4.9e-324", "0.5, 3e-323, 2e-323"})
    void ofTwoFactorsNeverVanishUnlessOneIsZero(double a, double b, double product) {
        assertThat(Accuracy.times(a, b)).isEqualTo(product);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0, 0, 0", "1, 1, 1e-9, 0, 1", "1, 1, 0, 1e-9, 1", "1, 2, 0, 0, 0", "1, 2, 0.5, 0.25, 0", "1, 2, 0.25, 0.5, 0",
            "1, 2, 0.5, 0.5, 1", "2, 1, 0.5, 0.5, 1", "2, 1, 0.5, 0.4, 0", "1, 2, 3, 0, 1", "1, NaN, 0.1, 0, 1"})
    void ofAComparison(double a, double b, double ea, double eb, double bound) {
        assertThat(Accuracy.comparison(a, b, ea, eb)).isEqualTo(bound);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, false", "1, 0, false", "1, 0.5, false", "-1, 0.5, false", "1, 1, true", "-1, 1, true", "1, 2, true", "0, 0.1, true",
            "4, 3.9, false"})
    void whetherAnOperandMayBeZero(double x, double e, boolean isDoubtful) {
        assertThat(Accuracy.isDoubtful(x, e)).isEqualTo(isDoubtful);
    }

    /** In units in the last place of {@code of}. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # ulps | operands    | value | scale | units | of
            2      | 3           | 7     | 0     | 2     | 7
            2      | 3           | 7     | 100   | 2     | 100
            2      | 3           | -700  | 100   | 2     | 700
            0      | 3           | 7     | 0     | 0     | 1
            2      | Infinity    | 7     | 0     | 0     | 1
            2      | Infinity, 3 | 7     | 0     | 0     | 1
            2      | 3, -Infinity | 7    | 0     | 0     | 1
            2      | 0           | 0     | 0     | 0     | 1
            2      | 0           | 0.5   | 0     | 0     | 1
            2      | 0, 0        | 1     | 0     | 0     | 1
            2      | 0           | 2     | 0     | 0     | 1
            2      | 0           | 3     | 0     | 2     | 3
            2      | 0, 3        | 2     | 0     | 2     | 2
            2      | 3           | 1     | 0     | 2     | 1
            2      | -3          | 0.5   | 0     | 2     | 0.5
            2      | 1           | 0     | 0     | 0     | 1
            2      | 0.5         | 0     | 0     | 0     | 1
            2      | -2          | 0     | 0     | 0     | 1
            2      | 2.5         | 0     | 0     | 2     | 0
            2      | 0.25        | 0     | 0     | 2     | 0
            """)
    void ofTheRoundingOfAFunction(double ulps, String operands, double value, double scale, double units, double of) {
        assertThat(Accuracy.rounding(ulps, numbers(operands), value, scale)).isEqualTo(units * Math.ulp(of));
    }

    /** The value at the farther end of what the operand may be, and the rounding there and here. */
    @Test
    void ofAMonotoneFunction() {
        Elementwise exp = op("exp", 1);
        double y = Math.exp(1);
        double far = Math.exp(1.1) - y;
        assertThat(bound(Accuracy.monotone(1), exp, "1", "0.1", y)).isGreaterThan(far)
                .isCloseTo(far + Math.ulp(y) + Math.ulp(Math.exp(1.1)), within(1e-15));
        assertThat(bound(Accuracy.monotone(0), exp, "1", "0.1", y)).isGreaterThan(far).isCloseTo(far, within(1e-15));
        assertThat(bound(Accuracy.monotone(1), exp, "1", "0", y)).isEqualTo(Math.ulp(y));
        assertThat(bound(Accuracy.monotone(1), exp, "-800", "10", 0)).isEqualTo(LEAST);
        assertThat(bound(Accuracy.monotone(1), op("log", 1), "1", "2", 0)).as("beyond the domain").isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(bound(Accuracy.monotone(1), exp, "800", "1", Double.POSITIVE_INFINITY)).as("overflow")
                .isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(bound(Accuracy.monotone(1), exp, "Infinity", "1", Double.POSITIVE_INFINITY)).as("no overflow").isZero();
    }

    /** Only operands that are not exact have two ends. */
    @ParameterizedTest
    @CsvSource({"0, 0, 0", "0.1, 0, 2", "0, 0.1, 2", "0.1, 0.2, 4"})
    void computesEachEndOnce(double ea, double eb, int times) {
        int[] computed = {0};
        Elementwise counted = Elementwise.binary("counted", null, (a, b) -> {
            computed[0]++;
            return a + b;
        });
        Accuracy.monotone(1).bound(counted, new double[]{1, 2}, new double[]{ea, eb}, 3);
        assertThat(computed[0]).isEqualTo(times);
    }

    /** The distances to all four corners differ: (2.9, 3.8), (2.9, 4.2), (3.1, 3.8) and the farthest, (3.1, 4.2). */
    @Test
    void ofAFunctionOfTwoOperands() {
        Elementwise hypot = op("hypot", 2);
        double far = Math.hypot(3.1, 4.2) - 5;
        assertThat(bound(Accuracy.monotone(1), hypot, "3, 4", "0.1, 0.2", 5)).isCloseTo(far + 2 * Math.ulp(5.0), within(2e-15));
        assertThat(bound(Accuracy.monotone(1), hypot, "3, 4", "0, 0.2", 5))
                .isCloseTo(Math.hypot(3, 4.2) - 5 + 2 * Math.ulp(5.0), within(2e-15));
        assertThat(bound(Accuracy.monotone(1), hypot, "3, 4", "0.1, 0", 5))
                .isCloseTo(Math.hypot(3.1, 4) - 5 + 2 * Math.ulp(5.0), within(2e-15));
        assertThat(bound(Accuracy.lipschitz(2), hypot, "3, 4", "0.1, 0.2", 5)).isCloseTo(0.3 + 2 * Math.ulp(5.0), within(1e-16));
    }

    @Test
    void ofASmoothFunction() {
        Elementwise sin = op("sin", 1);
        double y = Math.sin(3);
        double far = y - Math.sin(3.25);
        assertThat(bound(Accuracy.smooth(2), sin, "3", "0.25", y)).isCloseTo(far * 1.5, within(1e-14));
        assertThat(bound(Accuracy.smooth(2, 8), sin, "3", "0", y)).isEqualTo(2 * Math.ulp(8.0));
        assertThat(bound(Accuracy.smooth(2), sin, "3", "0.26", y)).isEqualTo(Double.POSITIVE_INFINITY);
        Accuracy gated = Accuracy.gated(Accuracy.smooth(2), 3);
        assertThat(bound(gated, sin, "1e300", "0", 1)).isCloseTo(2 * Math.ulp(1.0) + 3 * LEAST * 1e300, within(1e-24));
        assertThat(bound(gated, sin, "-Infinity", "0", 1)).isZero();
    }

    /** Errors of a quarter of the way to the next pole, and roundings that grow near it. */
    @Test
    void ofAFunctionWithPoles() {
        Elementwise gamma = op("lgamma", 1);
        Accuracy accuracy = Accuracy.gammaLike(2, 0);
        double far = gamma.apply(3.25, 0, 0) - gamma.apply(3, 0, 0);
        assertThat(bound(accuracy, gamma, "3", "0.25", gamma.apply(3, 0, 0))).isCloseTo(1.5 * far, within(1e-14));
        assertThat(bound(accuracy, gamma, "3", "0.26", 1)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(bound(accuracy, gamma, "0.5", "0.13", 1)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(bound(accuracy, gamma, "0.5", "0.12", gamma.apply(0.5, 0, 0))).isFinite();
        assertThat(bound(accuracy, gamma, "-2.75", "0.0625", gamma.apply(-2.75, 0, 0))).isFinite();
        assertThat(bound(accuracy, gamma, "-2.75", "0.07", 1)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(bound(accuracy, gamma, "-2.75", "0", 5)).isEqualTo(1.5 * 2 * (1 + 2.75 / 0.25) * Math.ulp(5.0));
        assertThat(bound(accuracy, gamma, "2.75", "0", 5)).isEqualTo(1.5 * 2 * Math.ulp(5.0));
        assertThat(bound(accuracy, gamma, "0", "1e-9", 5)).isEqualTo(Double.POSITIVE_INFINITY);
    }

    private static double bound(Accuracy accuracy, Elementwise op, String x, String e, double y) {
        return accuracy.bound(op, numbers(x), numbers(e), y);
    }

    /** {@code units} in the last place of the value, beside {@code bound}. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # x       | e        | bound    | units
            2, 0      | 0.5, 0   | 0        | 0
            2, 1      | 0.5, 0   | 0.5      | 0
            0.3, 1    | 0, 0     | 0        | 0
            1.5, 2    | 0, 0     | 0        | 0
            2, 53     | 0, 0     | 0        | 0
            2, 54     | 0, 0     | 0        | 1
            3, 2      | 0.1, 0   | 0.61     | 0
            3, 2      | 0, 0     | 0        | 0
            3, 4      | 0, 0     | 0        | 0
            1, 0.3    | 0, 0     | 0        | 0
            0, 0.3    | 0, 0     | 0        | 0
            2.5, 3    | 0, 0     | 0        | 2
            2.5, 4    | 0, 0     | 0        | 2
            2.5, 5    | 0, 0     | 0        | 1
            3, 1.5    | 0, 0     | 0        | 1
            3, -1     | 0, 0     | 0        | 1
            1e10, 3   | 0, 0     | 0        | 2
            0, 2.5    | 0, 0.1   | 0        | 0
            0.1, -1   | 0.2, 0   | Infinity | 0
            0.1, 0.5  | 0.2, 0   | Infinity | 0
            0.1, 3    | 0.2, 0   | 0.026    | 1
            0.1, 2.5  | 0.2, 0.1 | Infinity | 0
            0, 2.5    | 0.2, 0.1 | Infinity | 0
            0, 0.1    | 0, 0.2   | Infinity | 0
            0, 0.2    | 0, 0.2   | Infinity | 0
            -2, 3     | 0, 0.1   | Infinity | 0
            # All doubles near this exponent are even.
            -1, 18014398509481984   | 0, 4    | Infinity | 0
            0.25, 18014398509481984 | 0.25, 4 | Infinity | 0
            -2, 3     | 0.1, 0   | 1.261    | 1
            2, 3      | 0.1, 0   | 1.261    | 1
            2, -1     | 0.1, 0   | 0.02631578947368421 | 1
            2, 0.5    | 0, 0.1   | 0.10150300413730284 | 1
            2.5, 3    | 0, 0.1   | 1.4993472872690212 | 1
            """)
    void ofAPower(String x, String e, double bound, double units) {
        Elementwise pow = op("pow", 2);
        double[] at = numbers(x);
        double y = Math.pow(at[0], at[1]);
        double found = Accuracy.power(pow, at, numbers(e), y);
        if (Double.isInfinite(bound) || bound == 0) {
            assertThat(found).isEqualTo(bound == 0 ? units * Math.ulp(y) : bound);
        } else {
            assertThat(found).isCloseTo(bound, within(1e-13 * bound + 4 * units * Math.ulp(y)));
        }
    }

    /** Whole numbers have exact powers; other powers are rounded where they are computed, and at the end that is farthest. */
    @Test
    void ofAPowerAddsTheRoundingsOfBothEnds() {
        Elementwise pow = op("pow", 2);
        double ofWhole = Math.pow(Math.nextUp(3 + 0.1), 3) - 27;
        assertThat(bound(Accuracy::power, pow, "3, 3", "0.1, 0", 27)).isEqualTo(ofWhole);
        double y = Math.pow(2.5, 5);
        double end = Math.pow(Math.nextUp(2.5 + 0.1), 5);
        assertThat(bound(Accuracy::power, pow, "2.5, 5", "0.1, 0", y))
                .isBetween(end - y + Math.ulp(y) + Math.ulp(end), end - y + 2 * Math.ulp(y) + Math.ulp(end) + Math.ulp(end - y));
    }

    /** An exponent that a rule made of a rounded literal is off by some roundings, however small the error of the literal is. */
    @Test
    void ofAPowerWhoseExponentIsRounded() {
        double y = Math.sqrt(20);
        double moved = y * Math.log(20) * 0x1p-51;
        assertThat(moved).as("more than roundings").isGreaterThan(5 * Math.ulp(y));
        assertThat(bound(Accuracy::power, op("pow", 2), "20, 0.5", "0, 1e-17", y)).isBetween(moved, moved + 8 * Math.ulp(y));
    }

    /** What is beyond the two doubles in which a sum is added up again is bounded by the size of what those leave out. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1, 2, 3, 4
            0.1, 0.2, 0.3
            1e16, 1, -1e16, 0.3
            1, 1e-17, 1e-17, 1e-34, -3e-17
            1, 0x1p-54, 0x1p-54, 0x1p-60
            0.1, -0.30000000000000004, 1e-30, 0.2, 1e300, -1e300
            -7
            """)
    void ofASumOfManyTerms(String elements) {
        double[] x = numbers(elements);
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal lost = BigDecimal.ZERO;
        double high = 0;
        double low = 0;
        for (double each : x) {
            double next = high + each;
            double rest = exact(high).add(exact(each)).subtract(exact(next)).doubleValue();
            low += rest;
            lost = lost.add(exact(rest).abs());
            sum = sum.add(exact(each));
            high = next;
        }
        double again = high + low;
        double left = exact(high).add(exact(low)).subtract(exact(again)).abs().doubleValue() + 2 * x.length * 0x1p-53 * lost.doubleValue();
        for (double y : new double[]{again, high, again * (1 + 0x1p-50)}) {
            double expected = Math.abs(again - y) + left;
            double[] bound = new double[1];
            new SumRounding(null, false).prepare(new Shape[]{Shape.of(x.length), Shape.SCALAR}, Shape.SCALAR)
                    .run(new double[][]{x, {y}}, bound, Parallel.NONE);
            assertThat(bound[0]).isGreaterThanOrEqualTo(sum.subtract(exact(y)).abs().doubleValue() * (1 - 0x1p-50))
                    .isCloseTo(expected, within(1e-14 * expected));
        }
    }

    @Test
    void ofASumThatIsNoNumberIsInfinite() {
        double[] bound = new double[1];
        new SumRounding(null, false).prepare(new Shape[]{Shape.of(2), Shape.SCALAR}, Shape.SCALAR)
                .run(new double[][]{{Double.POSITIVE_INFINITY, 1}, {Double.POSITIVE_INFINITY}}, bound, Parallel.NONE);
        assertThat(bound).containsExactly(Double.POSITIVE_INFINITY);
    }
}
