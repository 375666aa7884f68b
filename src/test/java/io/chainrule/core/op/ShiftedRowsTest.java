package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.ShapeTables;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions that read the input where it stands are what {@link Window#source} says, however results are computed together. */
class ShiftedRowsTest {

    record Case(int batch, int groups, int channels, int filters, Shape space, Shape taps, List<Window> windows) {
        static Case of(int batch, int groups, int channels, int filters, String space, String taps, Window... windows) {
            Shape lengths = ShapeTables.shape(space);
            List<Window> all = windows.length > 0 ? List.of(windows) : lengths.toList().stream().map(_ -> window(1, 0, 0, 1, 1)).toList();
            return new Case(batch, groups, channels, filters, lengths, ShapeTables.shape(taps), all);
        }

        Patches.Sizes sizes() {
            int[] places = IntStream.range(0, windows.size()).map(i -> windows.get(i).result(space.dim(i), taps.dim(i))).toArray();
            return new Patches.Sizes(batch, groups, channels, filters, space, taps, Shape.of(places));
        }

        List<Phase[]> phases() {
            return PatchesTest.phases(windows, taps, sizes().places());
        }

        Phase[] phase() {
            return phases().getFirst();
        }

        ShiftedRows.Frame frame() {
            return ShiftedRows.Frame.of(sizes(), phase());
        }
    }

    private static Window window(int stride, int before, int after, int inputDilation, int dilation) {
        return new Window(stride, before, after, inputDilation, dilation);
    }

    /** Zeros at both ends. */
    private static Window padded(int zeros) {
        return window(1, zeros, zeros, 1, 1);
    }

    static Stream<Case> cases() {
        return Stream.of(Case.of(1, 1, 1, 4, "20", "3"), Case.of(2, 2, 3, 5, "20", "3"), Case.of(2, 1, 2, 9, "7,8", "3,3"),
                Case.of(2, 2, 2, 4, "7,8", "3,2", padded(1), padded(2)), Case.of(1, 1, 1, 4, "5,4,6", "2,2,2"),
                Case.of(2, 1, 2, 4, "5,4,6", "3,3,3", padded(1), padded(1), padded(1)),
                // More than are computed together: of one image, and of many.
                Case.of(1, 1, 1, 4, "40,41", "3,3"), Case.of(1, 2, 1, 4, "36,33", "3,3", padded(1), padded(1)),
                Case.of(150, 2, 1, 4, "5,5", "3,3"), Case.of(2, 1, 1, 4, "1100", "2", window(1, 1, 0, 1, 1)),
                // Steps, gaps and zeros between elements.
                Case.of(3, 2, 2, 4, "9,10", "3,3", window(2, 0, 0, 1, 1), window(3, 0, 0, 1, 1)),
                Case.of(3, 2, 2, 4, "9,10", "3,3", window(2, 1, 1, 1, 1), window(3, 1, 2, 1, 1)),
                Case.of(2, 1, 2, 4, "12,13", "2,3", window(1, 0, 0, 1, 3), window(1, 2, 2, 1, 2)),
                Case.of(2, 1, 2, 4, "9,10", "3,4", window(1, 2, 2, 2, 1), window(1, 3, 3, 2, 1)),
                Case.of(2, 1, 2, 4, "9,20", "3,4", window(3, 1, 2, 2, 1), window(1, 0, 0, 3, 1)),
                // Windows beyond the input, or that leave out some of it.
                Case.of(2, 1, 2, 4, "3,3", "1,2", window(1, 2, 2, 1, 1), window(1, 4, 5, 1, 1)), Case.of(1, 1, 1, 4, "2", "5", padded(9)),
                Case.of(1, 1, 1, 4, "9,9", "2,2", window(1, -2, 0, 1, 1), window(1, -1, -3, 1, 1)),
                Case.of(2, 1, 1, 4, "9,9", "2,2", window(1, -2, 1, 1, 1), window(1, 1, -3, 1, 1)),
                Case.of(2, 1, 1, 4, "4,4", "1,1", padded(3), window(1, 6, -2, 1, 1)),
                // Windows that meet no element at all.
                Case.of(1, 1, 2, 4, "3", "2", window(1, -4, 6, 1, 1)), Case.of(1, 1, 2, 4, "3", "2", window(1, 9, -8, 1, 1)),
                Case.of(1, 1, 2, 4, "3,4", "2,2", window(1, -4, 6, 1, 1), padded(1)),
                Case.of(1, 1, 2, 4, "3,4", "2,2", window(1, 9, -8, 1, 1), padded(1)),
                Case.of(1, 1, 2, 4, "3,4", "2,2", padded(1), window(1, 9, -8, 1, 1)));
    }

    /** By the definition; NaN where no element of the kernel meets one of the input. */
    private static double[] naive(Case c, double[] x, double[] kernel) {
        Shape results = Shape.of(c.batch, c.groups * c.filters).concat(c.sizes().places());
        Shape read = Shape.of(c.channels).concat(c.taps);
        double[] y = new double[results.length()];
        for (int i = 0; i < y.length; i++) {
            int[] result = results.index(i);
            boolean isReached = true;
            for (int axis = 0; axis < c.windows.size(); axis++) {
                int place = result[2 + axis];
                Window window = c.windows.get(axis);
                isReached &= IntStream.range(0, c.taps.dim(axis)).anyMatch(
                        j -> ((long) place * window.stride() + (long) j * window.dilation() - window.before())
                                % window.inputDilation() == 0);
            }
            y[i] = isReached ? 0 : Double.NaN;
            for (int t = 0; t < read.length(); t++) {
                int[] tap = read.index(t);
                int at = (result[0] * c.groups + result[1] / c.filters) * c.channels + tap[0];
                boolean isInside = true;
                for (int axis = 0; axis < c.windows.size(); axis++) {
                    int source = c.windows.get(axis).source(result[2 + axis], tap[1 + axis], c.space.dim(axis));
                    isInside &= source >= 0;
                    at = at * c.space.dim(axis) + source;
                }
                y[i] += isInside ? x[at] * kernel[result[1] * read.length() + t] : 0;
            }
        }
        return y;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void each_result_is_its_sum_and_no_other_is_written(Case c) {
        Random random = new Random(1);
        double[] x = random.doubles((long) c.batch * c.groups * c.channels * c.space.length(), -1, 1).toArray();
        double[] kernel = random.doubles((long) c.groups * c.filters * c.channels * c.taps.length(), -1, 1).toArray();
        double[] expected = naive(c, x, kernel);
        for (Parallel parallel : List.of(Parallel.NONE, SharedLoopsTest.SMALLEST_PARTS)) {
            double[] result = new double[expected.length];
            Arrays.fill(result, Double.NaN);
            for (Phase[] phases : c.phases()) {
                new ShiftedRows(c.sizes(), phases).run(x, kernel, result, parallel);
            }
            for (int i = 0; i < result.length; i++) {
                assertThat(result[i]).as("result %s", i).isEqualTo(expected[i], within(1e-14));
            }
        }
    }

    /** Results of rows that are neighbours in the input; those between rows, which nobody wants, are at most as many. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # space | taps | stride | neighbours | results of an image | computed together, of 2 images
            20      | 3    | 1      | true       | 18   | 18
            18      | 3    | 1      | true       | 16   | 16
            17      | 3    | 1      | false      | 15   | 30
            9       | 3    | 1      | false      | 7    | 16
            40      | 3    | 2      | false      | 19   | 38
            1500    | 3    | 1      | true       | 1498 | 1024
            1500    | 3    | 2      | false      | 749  | 1024
            5,5     | 3,3  | 1      | false      | 9    | 18
            6,6     | 3,3  | 1      | true       | 22   | 22
            3,24    | 2,17 | 1      | true       | 32   | 32
            3,25    | 2,18 | 1      | false      | 16   | 32
            4,5,6   | 2,2,2| 1      | true       | 83   | 83
            """)
    void neighbours_are_computed_together_where_few_are_computed_in_vain(String space, String taps, int stride, boolean areNeighbours,
            int count, int together) {
        Window[] windows = ShapeTables.shape(space).toList().stream().map(_ -> window(stride, 0, 0, 1, 1)).toArray(Window[]::new);
        Case c = Case.of(2, 1, 3, 4, space, taps, windows);
        ShiftedRows rows = new ShiftedRows(c.sizes(), c.phase());
        assertThat(rows.areNeighbours).isEqualTo(areNeighbours);
        assertThat(rows.count).isEqualTo(count);
        assertThat(rows.together).isEqualTo(together);
    }

    @ParameterizedTest
    @CsvSource({"1, 8, 1024", "8, 8, 1024", "9, 16, 1024", "512, 512, 512", "513, 520, 504", "30000, 30000, 16"})
    void the_more_filters_the_fewer_results_are_held(int filters, int held, int together) {
        Case c = Case.of(1, 1, 1, filters, "1500", "1");
        ShiftedRows rows = new ShiftedRows(c.sizes(), c.phase());
        assertThat(rows.filters).as("in whole panels").isEqualTo(held);
        assertThat(rows.together).isEqualTo(together);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # before | after | padded | begins at | length
            0        | 0     | false  | 0         | 20
            1        | 0     | true   | -1        | 21
            0        | 1     | true   | 0         | 21
            2        | 3     | true   | -2        | 25
            -2       | 0     | false  | 2         | 20
            -1       | 1     | true   | 1         | 20
            """)
    void an_image_is_copied_where_results_read_beyond_it(int before, int after, boolean isPadded, int low, int length) {
        Case c = Case.of(1, 1, 3, 4, "20", "3", window(1, before, after, 1, 1));
        assertThat(c.frame().isPadded()).isEqualTo(isPadded);
        assertThat(c.frame().low()).containsExactly(low);
        assertThat(c.frame().space()).isEqualTo(Shape.of(length));
        assertThat(c.frame().copied(c.sizes())).isEqualTo(isPadded ? 3 * length : 0);
    }

    /** How many parts each shared loop is cut into, where so many operations are worth another thread. */
    private static List<Integer> parts(Case c, int operations) {
        List<Integer> parts = new ArrayList<>();
        Parallel parallel = new Parallel() {
            @Override
            public int threads() {
                return 1000;
            }

            @Override
            public int operationsAPart() {
                return operations;
            }

            @Override
            public void run(int n, IntConsumer part) {
                parts.add(n);
                IntStream.range(0, n).forEach(part);
            }

            @Override
            public void check() {}
        };
        double[] x = new double[c.batch * c.groups * c.channels * c.space.length()];
        double[] kernel = new double[c.groups * c.filters * c.channels * c.taps.length()];
        new ShiftedRows(c.sizes(), c.phase()).run(x, kernel, new double[c.batch * c.groups * c.filters * c.sizes().places().length()],
                parallel);
        return parts;
    }

    /**
     * Two groups of 8 filters of 72 elements: 16 of them are packed together, and a result takes 1152 operations. Of 44 · 47 + 45 that are
     * neighbours 16 are the fewest in a part, of 23 · 23 others 4.
     */
    @Test
    void a_part_is_as_much_work_as_is_worth_another_thread() {
        Window two = window(2, 0, 0, 1, 1);
        Case neighbours = Case.of(1, 2, 8, 8, "47,47", "3,3");
        Case alone = Case.of(1, 2, 8, 8, "47,47", "3,3", two, two);
        int count = 44 * 47 + 45;
        assertThat(parts(neighbours, 64)).containsExactly(72 / 4, Math.ceilDiv(2 * count, 16));
        assertThat(parts(neighbours, 1152 * 40)).containsExactly(Math.ceilDiv(2 * count, 48));
        assertThat(parts(alone, 64)).containsExactly(72 / 4, Math.ceilDiv(2 * 23 * 23, 4));
        assertThat(parts(alone, 1152 * 40)).containsExactly(Math.ceilDiv(2 * 23 * 23, 40));
    }

    private static boolean fits(Case c) {
        return ShiftedRows.fits(c.sizes(), c.phase());
    }

    @Test
    void few_filters_and_long_copies_are_left_to_others() {
        assertThat(fits(Case.of(1, 1, 1, 4, "20", "3"))).isTrue();
        assertThat(fits(Case.of(1, 1, 1, 3, "20", "3"))).isFalse();
        int most = 1 << 19;
        assertThat(fits(Case.of(1, 1, 1, 4, String.valueOf(most - 2), "3", padded(1)))).isTrue();
        assertThat(fits(Case.of(1, 1, 1, 4, String.valueOf(most - 1), "3", padded(1)))).isFalse();
        assertThat(fits(Case.of(1, 1, 2, 4, "512,512", "3,1", padded(1), padded(0)))).isFalse();
        assertThat(fits(Case.of(1, 1, 2, 4, "510,512", "3,1", padded(1), padded(0)))).isTrue();
        assertThat(fits(Case.of(1, 1, 31, 4, String.valueOf(1 << 26), "3"))).as("nothing is copied").isTrue();
        assertThat(fits(Case.of(1, 1, 32, 4, String.valueOf(1 << 26), "3"))).as("more than an array can hold").isFalse();
    }

    /** Two groups of 5 filters fill two panels of 8; an image of 3 channels with its zeros is 12 by 14, its 10 rows are of 12 results. */
    @Test
    void the_memory_is_that_of_filters_copy_products_and_positions() {
        Case c = Case.of(2, 2, 3, 5, "10,12", "3,3", padded(1), padded(1));
        double panels = 2 * 8 * 27;
        double copy = 3 * 12 * 14;
        double products = 8 * (12 + 9 * 14);
        double positions = 2 * 27 + 2 * 10 + 2 * 1024;
        assertThat(ShiftedRows.bytes(c.sizes(), c.phase())).isEqualTo(8 * (panels + copy + products) + 4 * positions);
    }
}
