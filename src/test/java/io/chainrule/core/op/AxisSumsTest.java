package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.RowKernel;
import io.chainrule.core.kernel.BlockSums;
import io.chainrule.core.kernel.Blocks;
import io.chainrule.core.kernel.RunningSums;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums along axes, of whole arrays and of elements that come one after another. */
class AxisSumsTest {

    /** For each axis whether it is reduced. */
    private static AxisSums sums(String dims, String reduced) {
        Shape shape = ShapeTables.shape(dims);
        boolean[] axes = new boolean[shape.rank()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = reduced.charAt(i) == '+';
        }
        return AxisSums.of(shape, axes);
    }

    private static double[] sums(AxisSums sums, double[] x, int results) {
        double[] result = new double[results];
        sums.run(new double[][]{x}, result, Parallel.NONE);
        return result;
    }

    /** Sums that are known as soon as the last of their elements is: of rows, of columns, and of everything. */
    @ParameterizedTest
    @CsvSource({"'2,300', -+, 2", "'300,2', +-, 2", "'2,300', ++, 1", "'2,3,100', -++, 2", "'3,100,2', ++-, 2", "600, +, 1",
            "'1,300,1', -+-, 0",
            "'2,300', --, 0", "600, -, 0", "'2,3,4', +-+, 0", "'2,3,4', -+-, 0", "'', '', 0", "'2,10000', +-, 0"})
    void running_sums_have_the_bits_of_others(String dims, String reduced, int results) {
        AxisSums sums = sums(dims, reduced);
        assertThat(sums.isRunning()).isEqualTo(results > 0);
        if (results > 0) {
            double[] x = new Random(2).doubles(600, -1, 1).toArray();
            double[] found = new double[results];
            RunningSums running = sums.running(found, 0);
            for (int i = 0; i < 600; i += 7) {
                running.add(x, i, Math.min(7, 600 - i));
            }
            assertThat(found).isEqualTo(sums(sums, x, results));
        }
    }

    /** A sum of its own is a part where a part has more elements, and else a block of rows is. */
    @Test
    void parts_that_are_added_apart() {
        assertThat(sums("5,6", "-+").unit(7)).isEqualTo(6);
        assertThat(sums("5,6", "-+").unit(6)).isEqualTo(Blocks.BLOCK);
        assertThat(sums("2,300", "+-").unit(601)).isEqualTo(600);
        assertThat(sums("2,300", "+-").unit(600)).isEqualTo(300L * Blocks.BLOCK);
        assertThat(sums("600", "+").unit(600)).isEqualTo(Blocks.BLOCK);
        assertThat(sums("70000,70000", "++").unit(Integer.MAX_VALUE)).as("more than an int holds").isNotNegative();
    }

    @Test
    void parts_of_one_sum_are_joined() {
        int n = 5 * Blocks.BLOCK + 3;
        double[] x = new Random(3).doubles(n, -1, 1).toArray();
        AxisSums sums = sums(String.valueOf(n), "+");
        double[] found = new double[1];
        int first = (int) sums.unit(1) * 2;
        RunningSums whole = sums.running(found, 0);
        RunningSums rest = sums.running(found, first);
        whole.add(x, 0, first);
        rest.add(x, first, n - first);
        whole.add(rest);
        assertThat(found).containsExactly(BlockSums.sum(x, 0, n));
    }

    @Test
    void what_running_sums_hold_is_told() {
        assertThat(sums("2,300", "-+").held()).isEqualTo(RunningSums.held(300, 1));
        assertThat(sums("300,2", "+-").held()).isEqualTo(RunningSums.held(300, 2));
        assertThat(sums("300", "+").held()).isEqualTo(RunningSums.held(300, 1));
    }

    @Test
    void only_sums_of_the_last_axes_go_by_rows() {
        assertThat(sums("2,3", "+-").byRows()).isNull();
        assertThat(sums("6", "+").byRows()).isNull();
        assertThat(sums("2,3,4", "-+-").byRows()).isNull();
        assertThat(sums("4,3,2", "+-+").byRows()).isNull();
        RowKernel rows = Objects.requireNonNull(sums("2,3,2", "-++").byRows());
        assertThat(rows.rows()).isEqualTo(2);
        double[] result = new double[2];
        rows.run(new double[][]{{1, 2, 3, 4, 5, 6, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0}}, result, Parallel.NONE);
        assertThat(result).containsExactly(21, 0.0);
    }

    /** Element i of an array of 120 is i; whole numbers are added without roundings. */
    @ParameterizedTest
    @CsvSource({"'2,3,4,5', ++++", "'2,3,4,5', ----", "'2,3,4,5', +-+-", "'2,3,4,5', -+-+", "'2,3,4,5', +--+", "'2,3,4,5', -++-",
            "'2,3,4,5', --+-",
            "'2,3,4,5', ++-+", "'5,1,4,6', +-+-", "'5,4,3,2', +-+-"})
    void whole_numbers_along_any_axes(String dims, String reduced) {
        int[] lengths = ShapeTables.shape(dims).dims();
        int results = 1;
        for (int axis = 0; axis < 4; axis++) {
            results *= reduced.charAt(axis) == '+' ? 1 : lengths[axis];
        }
        double[] x = new double[120];
        double[] expected = new double[results];
        for (int i = 0; i < 120; i++) {
            x[i] = i;
            int place = 0;
            int rest = i;
            int length = 1;
            for (int axis = 3; axis >= 0; axis--) {
                if (reduced.charAt(axis) == '-') {
                    place += rest % lengths[axis] * length;
                    length *= lengths[axis];
                }
                rest /= lengths[axis];
            }
            expected[place] += i;
        }
        assertThat(sums(sums(dims, reduced), x, results)).isEqualTo(expected);
    }

    @Test
    void a_sum_of_negative_zeros_is_zero() {
        double[] zeros = {-0.0, -0.0, -0.0, -0.0};
        for (String reduced : new String[]{"++", "+-", "-+", "--"}) {
            assertThat(sums(sums("2,2", reduced), zeros, reduced.equals("++") ? 1 : reduced.equals("--") ? 4 : 2)).as(reduced)
                    .containsOnly(0.0);
        }
    }

    /** Each 2¹⁶ elements of short lines, and each part of at most 2¹⁸ of a long one. */
    @ParameterizedTest
    @CsvSource({"'8,16384', -+, 8, 2", "'3,65536', -+, 3, 3", "262144, +, 1, 1", "262145, +, 1, 2", "'2,262145', -+, 2, 4"})
    void loops_ask_whether_they_may_go_on(String dims, String reduced, int results, int times) {
        int[] asked = {0};
        double[] x = new double[ShapeTables.shape(dims).length()];
        Arrays.fill(x, 0.5);
        double[] found = new double[results];
        sums(dims, reduced).run(new double[][]{x}, found, Parallel.onThisThread(() -> asked[0]++));
        assertThat(asked[0]).isEqualTo(times);
        assertThat(found).containsOnly(0.5 * x.length / results);
    }
}
