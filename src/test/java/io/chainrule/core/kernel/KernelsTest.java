package io.chainrule.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.elementary.Logistic;
import io.chainrule.core.elementary.Power;
import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Unary;
import io.chainrule.core.tensor.Checkpoint;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels that this JVM runs, against loops that anybody believes; run with and without the incubator module. */
@Tag("kernel")
class KernelsTest {
    private static final Kernels KERNELS = Kernels.best();
    private static final int LONGEST = 70;
    private static final int FROM = 3;
    /** What stands in an output where nothing may be written. */
    private static final double UNTOUCHED = 123.456;
    private static final double[] SPECIAL = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0, 1, -1,
            Double.MIN_VALUE,
            Double.MAX_VALUE, -Double.MAX_VALUE, 0.1, -3.7, 1e-300};

    private static double[] numbers(long seed, int length) {
        Random random = new Random(seed);
        return random.doubles(length).map(x -> random.nextInt(3) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : 20 * x - 10).toArray();
    }

    private static double[] finite(long seed, int length) {
        return new Random(seed).doubles(length, -1, 1).toArray();
    }

    private static double[] output() {
        double[] out = new double[LONGEST + 2 * FROM];
        Arrays.fill(out, UNTOUCHED);
        return out;
    }

    /** {@code expected} within 2 ulp at {@code from}, and nothing written beside it. */
    private static void assertWritten(double[] out, int from, double[] expected) {
        double[] whole = new double[out.length];
        Arrays.fill(whole, UNTOUCHED);
        System.arraycopy(expected, 0, whole, from, expected.length);
        assertAllClose(out, whole);
    }

    private static void assertAllClose(double[] actual, double[] expected) {
        for (int i = 0; i < expected.length && !Arrays.equals(actual, expected); i++) {
            assertClose(actual[i], expected[i]);
        }
    }

    private static void assertClose(double actual, double expected) {
        if (Double.isFinite(expected) && expected != 0) {
            assertThat(actual).isCloseTo(expected, within(2 * Math.ulp(expected)));
        } else {
            assertThat(actual).isEqualTo(Double.valueOf(expected));
        }
    }

    private static DoubleUnaryOperator meaning(Unary op) {
        return switch (op) {
            case NEG -> x -> -x;
            case ABS -> Math::abs;
            case SQUARE -> x -> x * x;
            case SQRT -> Math::sqrt;
            case RECIPROCAL -> x -> 1 / x;
            case RELU -> x -> Math.max(0.0, x);
            default -> op.function();
        };
    }

    private static DoubleBinaryOperator meaning(Binary op) {
        return switch (op) {
            case ADD -> (a, b) -> a + b;
            case SUB -> (a, b) -> a - b;
            case MUL -> (a, b) -> a * b;
            case DIV -> (a, b) -> a / b;
            case POWER -> Power::pow;
            case MAXIMUM -> Math::max;
            case MINIMUM -> Math::min;
            case STRONG -> (a, b) -> a == 0 ? 0 : a * b;
            case STRONG_BOTH -> (a, b) -> a == 0 || b == 0 ? 0 : a * b;
            case LOG_ADD_EXP -> Logistic::logAddExp;
            case SHARE -> Logistic::share;
            case EQ -> (a, b) -> a == b ? 1 : 0;
            case NE -> (a, b) -> a != b ? 1 : 0;
            case LT -> (a, b) -> a < b ? 1 : 0;
            case LE -> (a, b) -> a <= b ? 1 : 0;
            case GT -> (a, b) -> a > b ? 1 : 0;
            case GE -> (a, b) -> a >= b ? 1 : 0;
            case AND -> (a, b) -> a != 0 && b != 0 ? 1 : 0;
            case OR -> (a, b) -> a != 0 || b != 0 ? 1 : 0;
            case XOR -> (a, b) -> (a != 0) != (b != 0) ? 1 : 0;
            case LEAK -> (a, b) -> a >= 0 ? a : a * b;
        };
    }

    @ParameterizedTest
    @EnumSource
    void of_one_operand(Unary op) {
        for (int n = 0; n <= LONGEST; n++) {
            double[] x = numbers(n, n + FROM);
            double[] expected = Arrays.stream(x, FROM, FROM + n).map(meaning(op)).toArray();
            double[] out = output();
            KERNELS.unary(op, x, FROM, out, 1, n);
            assertWritten(out, 1, expected);
            KERNELS.unary(op, x, FROM, x, FROM, n);
            assertAllClose(Arrays.copyOfRange(x, FROM, FROM + n), expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void of_two_operands(Binary op) {
        for (int n = 0; n <= LONGEST; n++) {
            for (int strides = 0; strides < 4; strides++) {
                int aStride = strides & 1;
                int bStride = strides >> 1;
                double[] a = numbers(n, n + FROM + 1);
                double[] b = numbers(-n - 1, n + 2);
                double[] expected = IntStream.range(0, n)
                        .mapToDouble(i -> meaning(op).applyAsDouble(a[FROM + i * aStride], b[1 + i * bStride])).toArray();
                double[] out = output();
                KERNELS.binary(op, a, FROM, aStride, b, 1, bStride, out, 2, n);
                assertWritten(out, 2, expected);
                if (aStride == 1) {
                    KERNELS.binary(op, a, FROM, 1, b, 1, bStride, a, FROM, n);
                    assertAllClose(Arrays.copyOfRange(a, FROM, FROM + n), expected);
                }
            }
        }
    }

    /** Every pair of special numbers meets. */
    @ParameterizedTest
    @EnumSource
    void of_two_special_numbers(Binary op) {
        for (double a : SPECIAL) {
            double[] out = new double[SPECIAL.length];
            KERNELS.binary(op, new double[]{a}, 0, 0, SPECIAL, 0, 1, out, 0, SPECIAL.length);
            assertWritten(out, 0, Arrays.stream(SPECIAL).map(b -> meaning(op).applyAsDouble(a, b)).toArray());
            KERNELS.binary(op, SPECIAL, 0, 1, new double[]{a}, 0, 0, out, 0, SPECIAL.length);
            assertWritten(out, 0, Arrays.stream(SPECIAL).map(b -> meaning(op).applyAsDouble(b, a)).toArray());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void select_takes_the_first_where_the_condition_is_not_0(int strides) {
        int cStride = strides & 1;
        int aStride = strides >> 1 & 1;
        int bStride = strides >> 2;
        for (int n = 0; n <= LONGEST; n++) {
            double[] c = Arrays.stream(numbers(n, n + FROM + 1)).map(x -> x < -5 ? 0 : x).toArray();
            double[] a = numbers(n + 1000, n + 1);
            double[] b = numbers(n + 2000, n + 3);
            double[] expected = IntStream.range(0, n)
                    .mapToDouble(i -> c[FROM + i * cStride] != 0 ? a[i * aStride] : b[2 + i * bStride]).toArray();
            double[] out = output();
            KERNELS.select(c, FROM, cStride, a, 0, aStride, b, 2, bStride, out, 1, n);
            assertWritten(out, 1, expected);
        }
    }

    static IntStream lengths() {
        return IntStream.concat(IntStream.rangeClosed(0, LONGEST), IntStream.of(255, 256, 257, 511, 512, 513, 1000, 65_537));
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void sums_are_exact_to_their_bound(int n) {
        double[] x = Arrays.stream(finite(n, n + FROM)).map(v -> v * Math.exp(20 * v)).toArray();
        BigDecimal exact = BigDecimal.ZERO;
        double magnitude = 0;
        for (int i = 0; i < n; i++) {
            exact = exact.add(new BigDecimal(x[FROM + i]));
            magnitude += Math.abs(x[FROM + i]);
        }
        assertThat(KERNELS.sum(x, FROM, n)).isCloseTo(exact.doubleValue(), within((n + 1) * 0x1p-53 * magnitude));
    }

    /** Added up by pairs, whatever comes of a million tenths is closer to it than the plain loop gets. */
    @Test
    void errors_of_long_sums_do_not_pile_up() {
        int n = 1_000_000;
        double[] x = new double[n];
        Arrays.fill(x, 0.1);
        assertThat(KERNELS.sum(x, 0, n)).isCloseTo(100_000, within(1e-9));
    }

    @Test
    void sums_of_infinities() {
        for (int n : new int[]{2, 17, 70, 600}) {
            double[] x = finite(n, n);
            x[0] = Double.POSITIVE_INFINITY;
            assertThat(KERNELS.sum(x, 0, n)).isEqualTo(Double.POSITIVE_INFINITY);
            x[n - 1] = Double.NEGATIVE_INFINITY;
            assertThat(KERNELS.sum(x, 0, n)).isNaN();
        }
    }

    @Test
    void finite_is_what_is_neither_infinite_nor_nan() {
        for (int n : new int[]{0, 1, 5, 4096, 4097, 9000}) {
            double[] x = finite(n, n + FROM);
            Arrays.fill(x, 0, FROM, Double.NaN);
            assertThat(KERNELS.isFinite(x, FROM, n)).isTrue();
            for (int at = 0; at < n; at += 1 + n / 20) {
                for (double value : new double[]{Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY,
                        Double.longBitsToDouble(0xfff0_0000_0000_0001L)}) {
                    double[] changed = x.clone();
                    changed[FROM + at] = value;
                    assertThat(KERNELS.isFinite(changed, FROM, n)).isFalse();
                }
                for (double value : new double[]{Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE, -0.0}) {
                    double[] changed = x.clone();
                    changed[FROM + at] = value;
                    assertThat(KERNELS.isFinite(changed, FROM, n)).isTrue();
                }
            }
        }
    }

    @Test
    void the_largest_of_some_numbers() {
        for (int n = 0; n <= LONGEST; n++) {
            double[] x = finite(n, n + FROM);
            Arrays.fill(x, 0, FROM, 100);
            assertThat(KERNELS.max(x, FROM, n)).isEqualTo(Arrays.stream(x, FROM, FROM + n).max().orElse(Double.NEGATIVE_INFINITY));
            for (int at = 0; at < n; at++) {
                double[] changed = x.clone();
                changed[FROM + at] = Double.NaN;
                assertThat(KERNELS.max(changed, FROM, n)).isNaN();
                changed[FROM + at] = 7;
                assertThat(KERNELS.max(changed, FROM, n)).isEqualTo(7);
            }
        }
        assertThat(KERNELS.max(new double[]{-0.0, 0.0, -0.0}, 0, 3)).isEqualTo(Double.valueOf(0.0));
    }

    @Test
    void the_largest_of_zeros_and_infinities() {
        double[] x = new double[LONGEST];
        Arrays.fill(x, -0.0);
        assertThat(KERNELS.max(x, 0, LONGEST)).isEqualTo(Double.valueOf(-0.0));
        x[LONGEST / 2] = 0;
        assertThat(KERNELS.max(x, 0, LONGEST)).isEqualTo(Double.valueOf(0.0));
        x[1] = Double.POSITIVE_INFINITY;
        x[2] = Double.NEGATIVE_INFINITY;
        assertThat(KERNELS.max(x, 0, LONGEST)).isEqualTo(Double.POSITIVE_INFINITY);
        Arrays.fill(x, Double.NEGATIVE_INFINITY);
        assertThat(KERNELS.max(x, 0, LONGEST)).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void the_first_number_that_equals_another() {
        for (int n = 0; n <= LONGEST; n++) {
            double[] x = finite(n, n + FROM);
            Arrays.fill(x, 0, FROM, 7);
            assertThat(KERNELS.find(7, x, FROM, n)).isEqualTo(n);
            for (int at = n - 1; at >= 0; at--) {
                x[FROM + at] = at % 2 == 0 ? 7 : Double.NaN;
                assertThat(KERNELS.find(7, x, FROM, n)).isEqualTo(Math.min(n, at + at % 2));
            }
        }
        assertThat(KERNELS.find(0, new double[]{1, -0.0, 0}, 0, 3)).isEqualTo(1);
    }

    static Stream<Arguments> products() {
        List<Integer> sides = List.of(0, 1, 2, 3, 5, 8, 17, 33);
        return Stream.of(Arguments.of(sides, sides, sides), Arguments.of(List.of(1, 5), List.of(1, 7, 300), List.of(2, 259, 1031)),
                Arguments.of(List.of(70), List.of(65), List.of(67)));
    }

    @ParameterizedTest
    @MethodSource("products")
    void matrix_products(List<Integer> ms, List<Integer> ns, List<Integer> ks) {
        for (int m : ms) {
            for (int n : ns) {
                for (int k : ks) {
                    checkProduct(m, n, k);
                }
            }
        }
    }

    private static void checkProduct(int m, int n, int k) {
        double[] a = finite(1, 2 + m * k);
        double[] b = finite(2, 1 + k * n);
        double[] c = new double[m * n + 2 * FROM];
        Arrays.fill(c, UNTOUCHED);
        KERNELS.gemm(m, n, k, a, 2, b, 1, c, FROM, Checkpoint.NONE);
        double worst = 0;
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                double magnitude = 0;
                for (int p = 0; p < k; p++) {
                    double product = a[2 + i * k + p] * b[1 + p * n + j];
                    sum += product;
                    magnitude += Math.abs(product);
                }
                worst = Math.max(worst, Math.abs(c[FROM + i * n + j] - sum) - (k + 1) * 0x1p-52 * magnitude);
            }
        }
        assertThat(worst).as("beyond the error bound, [%d, %d] by [%d, %d]", m, k, k, n).isZero();
        assertThat(Arrays.stream(c, 0, FROM)).containsOnly(UNTOUCHED);
        assertThat(Arrays.stream(c, FROM + m * n, c.length)).containsOnly(UNTOUCHED);
    }

    /** 0 · ∞ is NaN in a product of matrices: nothing is skipped. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 9, 40})
    void matrix_products_follow_ieee_arithmetic(int n) {
        double[] a = new double[n * n];
        double[] b = finite(n, n * n);
        b[0] = Double.POSITIVE_INFINITY;
        double[] c = new double[n * n];
        KERNELS.gemm(n, n, n, a, 0, b, 0, c, 0, Checkpoint.NONE);
        assertThat(c[0]).isNaN();
        assertThat(c[(n - 1) * n]).isNaN();
        assertThat(c[n * n - 1]).isEqualTo(Double.valueOf(n == 1 ? Double.NaN : 0));
    }

    @Test
    void a_long_matrix_product_can_be_stopped() {
        int[] asked = {0};
        double[] x = new double[256 * 256];
        assertThatThrownBy(() -> KERNELS.gemm(256, 256, 256, x, 0, x, 0, new double[x.length], 0, () -> {
            if (++asked[0] == 3) {
                throw new IllegalStateException("enough");
            }
        })).hasMessage("enough");
    }

    @Test
    void without_simd_kernels_the_scalar_ones_serve() {
        assertThat(KernelLookup.find("io.chainrule.core.kernel.simd.Missing").name()).isEqualTo("scalar");
        assertThat(Kernels.best()).isSameAs(KERNELS);
        if (ModuleLayer.boot().findModule(KernelLookup.MODULE).isEmpty()) {
            assertThat(KERNELS.name()).isEqualTo("scalar");
        }
    }
}
