package io.chainrule.core.reduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.reduction.Moments.Order;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Sums, means and variances are the exact ones, rounded once, whatever the order of the terms and the way they are divided. */
class MomentsTest {
    private static final double MAX = Double.MAX_VALUE;
    private static final double MIN = Double.MIN_VALUE;
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    /** What terms look like. */
    enum Terms {
        ORDINARY(r -> r.nextGaussian()),
        OF_ALL_SIZES(r -> finite(r)),
        CANCELLING(r -> (r.nextBoolean() ? 1 : -1) * (1e300 + r.nextInt(3) * 1e284) + r.nextInt(2) * 1e-300),
        SUBNORMAL(r -> (r.nextInt(2001) - 1000) * MIN),
        AROUND_SUBNORMAL(r -> r.nextGaussian() * Double.MIN_NORMAL),
        HUGE(r -> r.nextGaussian() * 0x1p1022),
        INTEGERS(r -> r.nextInt(7) - 3),
        HALF_UNITS(r -> r.nextInt(9) == 0 ? 1 : (r.nextInt(5) - 2) * 0x1p-53),
        ONE_VALUE(r -> 0.1),
        ZEROS(r -> r.nextBoolean() ? 0.0 : -0.0);

        private final ToDoubleFunction<Random> next;

        Terms(ToDoubleFunction<Random> next) {
            this.next = next;
        }

        double[] draw(Random random, int n) {
            return DoubleStream.generate(() -> next.applyAsDouble(random)).limit(n).toArray();
        }

        private static double finite(Random random) {
            double value = Double.longBitsToDouble(random.nextLong());
            return Double.isFinite(value) ? value : 1;
        }
    }

    @ParameterizedTest
    @EnumSource
    void results_are_the_exact_ones_rounded_once(Terms terms) {
        Random random = new Random(11);
        for (int n : new int[]{1, 2, 3, 10, 100, 1000}) {
            double[] values = terms.draw(random, n);
            Moments moments = moments(values);
            BigDecimal sum = Arrays.stream(values).mapToObj(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
            BigDecimal squares = Arrays.stream(values).mapToObj(x -> new BigDecimal(x).pow(2)).reduce(BigDecimal.ZERO, BigDecimal::add);
            BigDecimal deviations = squares.multiply(BigDecimal.valueOf(n)).subtract(sum.pow(2));
            assertThat(moments.count()).isEqualTo(n);
            assertThat(moments.sum().item()).as("sum").isEqualTo(sum.doubleValue());
            assertThat(moments.mean().item()).as("mean").isEqualTo(ratio(sum, n));
            assertThat(moments.variance(0).item()).as("variance").isEqualTo(ratio(deviations, (double) n * n));
            if (n == 1) {
                assertThat(moments.variance(1).item()).as("unbiased, of one").isNaN();
            } else {
                assertThat(moments.variance(1).item()).as("unbiased").isEqualTo(ratio(deviations, (double) n * (n - 1)));
            }
        }
    }

    /** A tie between two doubles has fewer digits than are kept, so that it is seen. */
    private static double ratio(BigDecimal numerator, double denominator) {
        return numerator.divide(new BigDecimal(denominator), new MathContext(2500, RoundingMode.DOWN)).doubleValue();
    }

    private static Moments moments(double... values) {
        Moments moments = new Moments(Shape.SCALAR, Order.SECOND);
        IntStream.range(0, values.length).forEach(i -> moments.add(values, i));
        return moments;
    }

    @ParameterizedTest
    @EnumSource
    void neither_order_nor_partition_changes_a_bit(Terms terms) {
        Random random = new Random(12);
        double[][] rows = Stream.generate(() -> terms.draw(random, 6)).limit(700).toArray(double[][]::new);
        Shape shape = Shape.of(2, 3);
        byte[] expected = accumulated(shape, List.of(rows)).toBytes();
        for (int i = 0; i < 10; i++) {
            List<double[]> shuffled = new ArrayList<>(List.of(rows));
            Collections.shuffle(shuffled, random);
            Moments merged = merged(shape, shuffled, random);
            assertThat(merged.toBytes()).isEqualTo(expected);
            assertThat(List.of(merged.sum(), merged.mean(), merged.variance(0), merged.variance(1))).isEqualTo(List.of(
                    Moments.of(expected).sum(), Moments.of(expected).mean(), Moments.of(expected).variance(0),
                    Moments.of(expected).variance(1)));
        }
    }

    private static Moments accumulated(Shape shape, List<double[]> rows) {
        Moments moments = new Moments(shape, Order.SECOND);
        rows.forEach(row -> moments.add(row, 0));
        return moments;
    }

    /** Divides the rows at random, again and again, and merges the parts, of which some have travelled as bytes. */
    private static Moments merged(Shape shape, List<double[]> rows, Random random) {
        if (rows.size() < 2 || random.nextInt(8) == 0) {
            return accumulated(shape, rows);
        }
        int cut = random.nextInt(rows.size() + 1);
        Moments left = merged(shape, rows.subList(0, cut), random);
        Moments right = merged(shape, rows.subList(cut, rows.size()), random);
        byte[] before = right.toBytes();
        left.add(random.nextBoolean() ? right : Moments.of(before));
        assertThat(right.toBytes()).as("what is added stays as it is").isEqualTo(before);
        return left;
    }

    static Stream<Arguments> specials() {
        return Stream.of(
                special(0, NAN, NAN),
                special(0, 0, 0, 0.0), special(-0.0, -0.0, 0, -0.0, -0.0), special(0, 0, 0, -0.0, 0), special(0, 0, 2.0 / 3, 1, -1, 0),
                special(INF, INF, NAN, 1, INF), special(INF, INF, NAN, INF, INF, -MAX), special(-INF, -INF, NAN, -INF, 5),
                special(NAN, NAN, NAN, INF, -INF), special(NAN, NAN, NAN, NAN), special(NAN, NAN, NAN, NAN, INF),
                special(NAN, NAN, NAN, 1, NAN, 2),
                special(MAX, MAX / 3, INF, MAX, MAX, -MAX), special(INF, MAX, 0, MAX, MAX), special(-INF, -MAX, 0, -MAX, -MAX),
                special(MIN, 0, 0, MIN, 0), special(3 * MIN, 2 * MIN, 0, MIN, 2 * MIN), special(-MIN, -0.0, 0, -MIN, 0));
    }

    private static Arguments special(double sum, double mean, double variance, double... values) {
        return Arguments.of(values, sum, mean, variance);
    }

    @ParameterizedTest
    @MethodSource("specials")
    void special_terms_count_as_in_IEEE_arithmetic(double[] values, double sum, double mean, double variance) {
        Moments moments = moments(values);
        assertThat(moments.sum()).isEqualTo(Tensor.scalar(sum));
        assertThat(moments.mean()).isEqualTo(Tensor.scalar(mean));
        assertThat(moments.variance(0)).isEqualTo(Tensor.scalar(variance));
    }

    /** As many terms as can be counted: the exact sum has 63 bits more than its largest term. */
    @Test
    void nearly_2_to_the_63_of_the_largest_terms_fit() {
        for (double term : new double[]{MAX, -MAX, MIN, 1}) {
            Moments moments = moments(term);
            for (int i = 0; i < 62; i++) {
                moments.add(Moments.of(moments.toBytes()));
            }
            moments.add(moments(term, term, term));
            assertThat(moments.count()).isEqualTo((1L << 62) + 3);
            assertThat(moments.mean().item()).isEqualTo(term);
            assertThat(moments.variance(0).item()).isZero();
            assertThat(moments.sum().item()).isEqualTo(0x1p62 * term);
        }
        Moments full = moments(1);
        IntStream.range(0, 62).forEach(_ -> full.add(full));
        assertThat(full.sum().item()).isEqualTo(0x1p62);
        assertThatThrownBy(() -> full.add(full)).isInstanceOf(ArithmeticException.class);
    }

    /** Carries go through many limbs, also where a number changes its sign after each term. */
    @Test
    void long_carries_are_carried() {
        Moments moments = new Moments(Shape.of(2), Order.FIRST);
        for (int i = 0; i < 2000; i++) {
            moments.add(new double[]{i % 2 == 0 ? -MIN : MIN, 0x1p500}, 0);
            moments.add(new double[]{0, -0x1p500 + 0x1p448}, 0);
        }
        moments.add(new double[]{-MIN, 1}, 0);
        BigDecimal expected = BigDecimal.TWO.pow(448).multiply(BigDecimal.valueOf(2000)).add(BigDecimal.ONE);
        assertThat(moments.sum()).isEqualTo(Tensor.vector(-MIN, expected.doubleValue()));
    }

    @Test
    void moments_take_memory_for_the_sizes_that_terms_have() {
        Moments moments = new Moments(Shape.of(100), Order.SECOND);
        moments.add(new double[100], 0);
        assertThat(moments.bytes()).isZero();
        moments.add(DoubleStream.generate(() -> 3).limit(100).toArray(), 0);
        assertThat(moments.bytes()).isBetween(100L * 6 * 8, 100L * 8 * 8);
        moments.add(DoubleStream.generate(() -> MAX).limit(100).toArray(), 0);
        moments.add(DoubleStream.generate(() -> MIN).limit(100).toArray(), 0);
        moments.add(DoubleStream.generate(() -> NAN).limit(100).toArray(), 0);
        moments.add(DoubleStream.generate(() -> -0.0).limit(100).toArray(), 0);
        moments.toBytes();
        assertThat(moments.bytes()).isGreaterThan(100L * 190 * 8).isLessThanOrEqualTo(Moments.mostBytes(Shape.of(100), Order.SECOND));
    }

    @Test
    void only_like_moments_are_added() {
        Moments moments = new Moments(Shape.of(2), Order.FIRST);
        for (Moments others : List.of(new Moments(Shape.of(3), Order.FIRST), new Moments(Shape.of(2), Order.SECOND))) {
            assertThatIllegalArgumentException().isThrownBy(() -> moments.add(others))
                    .withMessageContaining("shape [2], FIRST").withMessageContaining("shape " + others.shape() + ", " + others.order());
        }
        assertThatIllegalStateException().isThrownBy(() -> moments.variance(0)).withMessageContaining("first order");
        assertThatIllegalArgumentException().isThrownBy(() -> new Moments(Shape.of(1 << 30), Order.FIRST))
                .withMessageContaining("elements");
    }

    @Test
    void bytes_that_are_no_moments_are_refused() {
        byte[] bytes = moments(1, -0.0, INF).toBytes();
        byte[] otherVersion = bytes.clone();
        otherVersion[3]++;
        byte[] otherOrder = bytes.clone();
        otherOrder[4] = 7;
        byte[] limbs = new Moments(Shape.of(1), Order.FIRST).toBytes();
        limbs[limbs.length - 4] = 60;
        limbs[limbs.length - 3] = 60;
        byte[] large = new Moments(Shape.of(1), Order.FIRST).toBytes();
        large[6] = 1;
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatIllegalArgumentException().isThrownBy(() -> Moments.of(part)).withMessageContaining("end too early");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Moments.of(Arrays.copyOf(bytes, bytes.length + 1)))
                .withMessageContaining("after their end");
        assertThatIllegalArgumentException().isThrownBy(() -> Moments.of(otherVersion)).withMessageContaining("not with");
        assertThatIllegalArgumentException().isThrownBy(() -> Moments.of(otherOrder)).withMessageContaining("order 7");
        assertThatIllegalArgumentException().isThrownBy(() -> Moments.of(limbs)).withMessageContaining("limb 119");
        assertThatIllegalArgumentException().isThrownBy(() -> Moments.of(large)).withMessageContaining("end too early");
    }
}
