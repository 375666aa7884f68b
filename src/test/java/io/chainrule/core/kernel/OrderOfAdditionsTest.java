package io.chainrule.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.kernel.simd.KernelSets;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Threads;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kernel set adds in the order that {@link Blocks} describes, which is written here once more as plainly as possible. */
@Tag("kernel")
@Tag("bits")
class OrderOfAdditionsTest {
    private static final int FROM = 3;
    private static final double[] SPECIAL = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0, Double.MIN_VALUE,
            -Double.MIN_VALUE, 1e-310, Double.MAX_VALUE, -Double.MAX_VALUE, 1e-170, -1e-170};

    /** Numbers of very different sizes, so that each order of additions gives other bits. */
    private static double[] numbers(long seed, int length) {
        Random random = new Random(seed);
        return random.doubles(length, -1, 1).map(x -> x * Math.scalb(1.0, random.nextInt(40) - 20)).toArray();
    }

    private static double[] withSpecial(long seed, int length) {
        Random random = new Random(seed);
        return Arrays.stream(numbers(seed, length)).map(x -> random.nextInt(20) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : x)
                .toArray();
    }

    /** A sum of products; with {@code b} null, a sum. */
    private static double ordered(double[] a, double @Nullable [] b) {
        List<Double> sums = new ArrayList<>();
        for (int from = 0; from < a.length; from += 256) {
            double[] lanes = new double[8];
            Arrays.fill(lanes, b == null ? -0.0 : 0.0);
            for (int i = from; i < Math.min(a.length, from + 256); i++) {
                int lane = (i - from) % 8;
                lanes[lane] = b == null ? lanes[lane] + a[i] : Math.fma(a[i], b[i], lanes[lane]);
            }
            sums.add(((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7])));
        }
        return sums.isEmpty() ? 0 : tree(sums);
    }

    private static double tree(List<Double> sums) {
        if (sums.size() == 1) {
            return sums.getFirst();
        }
        int left = 1;
        while (2 * left < sums.size()) {
            left *= 2;
        }
        return tree(sums.subList(0, left)) + tree(sums.subList(left, sums.size()));
    }

    private static double chain(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum = Math.fma(a[i], b[i], sum);
        }
        return sum;
    }

    /** Equal bits, but for the payload of a NaN. */
    private static void assertSame(double actual, double expected, String description, Object... of) {
        if (Double.doubleToLongBits(actual) != Double.doubleToLongBits(expected)) {
            assertThat(actual).as(description, of).isEqualTo(Double.valueOf(expected));
        }
    }

    static IntStream lengths() {
        return IntStream.concat(IntStream.rangeClosed(0, 100),
                IntStream.of(255, 256, 257, 263, 511, 512, 513, 768, 1000, 1023, 1024, 1025, 1281, 2048, 3000, 4096, 5000, 65_537));
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void sums(int n) {
        for (Kernels kernels : KernelSets.all()) {
            for (double[] x : List.of(numbers(n, n), withSpecial(n, n))) {
                double[] array = DoubleStream.concat(DoubleStream.generate(() -> 1e9).limit(FROM), Arrays.stream(x)).toArray();
                assertSame(kernels.sum(array, FROM, n), ordered(x, null), "sum of %d numbers, %s", n, kernels.name());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void sums_of_products(int n) {
        double[] x = withSpecial(n, FROM + n);
        double[] y = withSpecial(-n, 1 + n);
        double expected = ordered(line(x, FROM, 1, n), line(y, 1, 1, n));
        for (Kernels kernels : KernelSets.all()) {
            assertSame(kernels.dot(x, FROM, y, 1, n), expected, "sum of %d products, %s", n, kernels.name());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 9, 100, 256, 300, 1024, 2000})
    void negative_zeros_add_up_to_negative_zero(int n) {
        double[] x = new double[n];
        Arrays.fill(x, -0.0);
        for (Kernels kernels : KernelSets.all()) {
            assertThat(kernels.sum(x, 0, n)).isEqualTo(Double.valueOf(-0.0));
        }
    }

    /** A power of two of blocks can be added apart. */
    @ParameterizedTest
    @ValueSource(ints = {256, 512, 1024, 4096})
    void parts_of_a_sum_join_to_the_whole(int part) {
        double[] x = numbers(part, 2 * part);
        for (Kernels kernels : KernelSets.all()) {
            assertThat(kernels.sum(x, 0, part) + kernels.sum(x, part, part)).isEqualTo(kernels.sum(x, 0, 2 * part));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7, 8, 9, 33, 256, 257, 700, 1100})
    void sums_of_columns(int rows) {
        for (int columns : new int[]{0, 1, 3, 8, 40, 511, 512, 513, 600}) {
            double[] x = withSpecial(rows, FROM + rows * columns);
            for (Kernels kernels : KernelSets.all()) {
                double[] out = new double[columns + 1];
                kernels.sumRows(x, FROM, rows, columns, out, 1, Checkpoint.NONE);
                for (int j = 0; j < columns; j++) {
                    assertSame(out[1 + j], ordered(line(x, FROM + j, columns, rows), null), "column %d of [%d, %d]", j, rows, columns);
                }
            }
        }
    }

    private static double[] line(double[] x, int from, int step, int n) {
        return IntStream.range(0, n).mapToDouble(i -> x[from + i * step]).toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 15, 16, 17, 23, 24, 25, 31, 33, 65})
    void products_with_few_rows_or_columns(int few) {
        for (int other : new int[]{1, 2, 8, 19, 40}) {
            for (int k : new int[]{0, 1, 5, 31}) {
                checkProduct(few, other, k, 1);
                checkProduct(other, few, k, 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 257, 520, 1300})
    void long_products(int k) {
        for (int m : new int[]{1, 3, 4, 9, 33, 130}) {
            for (int n : new int[]{1, 2, 15, 16, 17, 50, 1030}) {
                if ((long) m * n * k < 1_000_000) {
                    checkProduct(m, n, k, 1);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8})
    void products_by_several_threads(int threads) {
        for (int m : new int[]{1, 5, 16, 37, 300}) {
            for (int n : new int[]{1, 2, 17, 64}) {
                for (int k : new int[]{1, 20, 300}) {
                    checkProduct(m, n, k, threads);
                }
            }
        }
    }

    /** All four ways in which the operands can be stored. */
    private static void checkProduct(int m, int n, int k, int threads) {
        double[] a = withSpecial(m, FROM + m * k);
        double[] b = withSpecial(n, 1 + k * n);
        double[] expected = new double[m * n];
        double[] chains = new double[m * n];
        for (int i = 0; i < m; i++) {
            double[] row = line(a, FROM + i * k, 1, k);
            for (int j = 0; j < n; j++) {
                double[] column = line(b, 1 + j, n, k);
                chains[i * n + j] = chain(row, column);
                expected[i * n + j] = n == 1 ? ordered(row, column) : chains[i * n + j];
            }
        }
        double[] aTransposed = transpose(a, FROM, m, k);
        double[] bTransposed = transpose(b, 1, k, n);
        try (Threads parallel = Threads.of(threads)) {
            for (Kernels kernels : KernelSets.all()) {
                for (Matrix left : List.of(Matrix.rows(a, FROM, k), Matrix.transposed(aTransposed, 0, m))) {
                    for (Matrix right : List.of(Matrix.rows(b, 1, n), Matrix.transposed(bTransposed, 0, k))) {
                        String what = "[%d, %d] by [%d, %d], %s, %s, %s".formatted(m, k, k, n, left, right, kernels.name());
                        double[] c = new double[m * n + 2];
                        Arrays.fill(c, 7);
                        kernels.gemm(m, n, k, left, right, c, 1, threads == 1 ? Parallel.NONE : parallel);
                        assertElements(c, expected, what);
                        int half = k / 2;
                        kernels.chains(true, m, n, half, left, right, c, 1, Checkpoint.NONE);
                        kernels.chains(false, m, n, k - half, part(left, 0, half), part(right, half, 0), c, 1, Checkpoint.NONE);
                        assertElements(c, chains, what);
                    }
                }
            }
        }
    }

    /** A matrix from this row and column on. */
    private static Matrix part(Matrix x, int row, int column) {
        return new Matrix(x.values(), x.index(row, column), x.rowStride(), x.columnStride());
    }

    /** The elements stand between two sentinels. */
    private static void assertElements(double[] c, double[] expected, String what) {
        for (int i = 0; i < expected.length; i++) {
            assertSame(c[1 + i], expected[i], "element %d of %s", i, what);
        }
        assertThat(c[0]).isEqualTo(7);
        assertThat(c[expected.length + 1]).isEqualTo(7);
    }

    private static double[] transpose(double[] x, int from, int rows, int columns) {
        double[] out = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                out[j * rows + i] = x[from + i * columns + j];
            }
        }
        return out;
    }

    /** Nonnegative numbers, whose sums are as large as the sums of their magnitudes. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 16, 100, 256, 257, 1000, 5000})
    void products_are_rounded_as_often_as_they_say(int k) {
        double[] a = Arrays.stream(numbers(k, k)).map(Math::abs).toArray();
        double[] b = Arrays.stream(numbers(k + 1, 2 * k)).map(Math::abs).toArray();
        for (int n = 1; n <= 2; n++) {
            BigDecimal exact = BigDecimal.ZERO;
            for (int p = 0; p < k; p++) {
                exact = exact.add(new BigDecimal(a[p]).multiply(new BigDecimal(b[p * n])));
            }
            double[] c = new double[n];
            Kernels.best().gemm(1, n, k, a, 0, b, 0, c, 0, Checkpoint.NONE);
            BigDecimal error = exact.subtract(new BigDecimal(c[0])).abs();
            assertThat(error.doubleValue()).isCloseTo(0, within(Kernels.roundings(n, k) * 0x1p-53 * exact.doubleValue()));
        }
    }
}
