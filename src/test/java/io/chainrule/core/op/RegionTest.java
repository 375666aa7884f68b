package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Threads;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A view's element at (i, j, …) is that of the array at the offset plus i, j, … times the strides. */
class RegionTest {
    private static final int SIZE = 2000;

    /** A view and whether its lines are long enough for a loop, once axes are joined that go on evenly. */
    record View(Region region, boolean hasLoop) {
        int[] places() {
            Shape shape = Shape.of(region.dims());
            return IntStream.range(0, shape.length()).map(i -> {
                int[] index = shape.index(i);
                return region.from() + IntStream.range(0, index.length).map(axis -> index[axis] * region.strides()[axis]).sum();
            }).toArray();
        }

        @Override
        public String toString() {
            return Arrays.toString(region.dims()) + " by " + Arrays.toString(region.strides()) + " from " + region.from();
        }
    }

    private static View view(boolean hasLoop, int from, List<Integer> dims, Integer... strides) {
        return new View(new Region(ints(dims), ints(List.of(strides)), from), hasLoop);
    }

    private static int[] ints(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    static Stream<View> views() {
        return Stream.of(view(false, 7, List.of()), view(false, 3, List.of(5), 1), view(false, 3, List.of(15), 1),
                view(true, 3, List.of(16), 1), view(true, 60, List.of(20), -3), view(true, 4, List.of(2, 8), 8, 1),
                view(true, 4, List.of(2, 8), 16, 2),
                view(false, 4, List.of(2, 8), 9, 1), view(true, 4, List.of(3, 20), 31, 1), view(true, 90, List.of(2, 3, 20), 500, 40, -2),
                view(true, 9, List.of(2, 3, 5, 20), 900, 200, 20, 1), view(true, 9, List.of(3, 2, 17), 300, 17, 1),
                // Transposes: without a whole tile, of whole tiles, with a rest; of the outer axes too.
                view(false, 0, List.of(7, 9), 1, 7), view(false, 5, List.of(8, 8), 1, 10), view(true, 5, List.of(8, 16), 1, 10),
                view(true, 5, List.of(19, 21), 1, 23), view(true, 5, List.of(3, 17, 18), 320, 1, 17),
                view(true, 5, List.of(17, 3, 18), 1, 17, 60), view(true, 1900, List.of(9, 17), 1, -40),
                // Stretched, with short lines, and without elements.
                view(true, 2, List.of(3, 20), 1, 0), view(true, 2, List.of(3, 20), 0, 1), view(false, 2, List.of(40, 3), 5, 1),
                view(false, 2, List.of(3, 40, 3), 300, 5, 2), view(false, 2, List.of(2, 40, 3, 4), 600, 15, 5, 1),
                view(false, 2, List.of(3, 0), 4, 1), view(false, 2, List.of(0, 20), 20, 1));
    }

    private static double[] counting(int n) {
        return IntStream.range(0, n).asDoubleStream().toArray();
    }

    private static double[] filled(double value) {
        double[] array = new double[SIZE];
        Arrays.fill(array, value);
        return array;
    }

    @ParameterizedTest
    @MethodSource("views")
    void is_read_row_major_on_any_number_of_threads(View view) {
        int[] places = view.places();
        if (places.length == 0) {
            return;
        }
        double[] array = counting(SIZE);
        for (int threads : new int[]{1, 3}) {
            double[] dense = new double[places.length];
            try (Threads parallel = Threads.of(threads)) {
                view.region.reading().run(new double[][]{array}, dense, new SmallParts(parallel));
            }
            assertThat(dense).containsExactly(Arrays.stream(places).asDoubleStream().toArray());
        }
    }

    /** Shares the shortest loops among threads. */
    private record SmallParts(Parallel parallel) implements Parallel {
        @Override
        public int threads() {
            return parallel.threads();
        }

        @Override
        public int operationsAPart() {
            return 1;
        }

        @Override
        public void run(int parts, IntConsumer part) {
            parallel.run(parts, part);
        }

        @Override
        public void check() {
            parallel.check();
        }
    }

    @ParameterizedTest
    @MethodSource("views")
    void any_run_of_elements_is_read_where_lines_are_long(View view) {
        ElementLoop loop = view.region.loop();
        assertThat(loop != null).isEqualTo(view.hasLoop);
        int[] places = view.places();
        if (loop == null || places.length == 0) {
            return;
        }
        assertThat(loop.isGathering()).isTrue();
        for (int position = 0; position < places.length; position += 7) {
            for (int n : new int[]{0, 1, 16, places.length}) {
                int most = Math.min(n, places.length - position);
                double[] out = new double[most + 3];
                loop.run(new double[][]{counting(SIZE)}, new int[1], new int[1], out, 2, position, most);
                assertThat(Arrays.copyOfRange(out, 2, 2 + most)).as("%d from %d on", most, position)
                        .containsExactly(Arrays.stream(places, position, position + most).asDoubleStream().toArray());
                assertThat(new double[]{out[0], out[1], out[most + 2]}).containsOnly(0);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("views")
    void each_element_is_paired_with_its_copy(View view) {
        int[] found = new int[view.places().length];
        Arrays.fill(found, -1);
        view.region.forEach((array, dense) -> {
            assertThat(found[dense]).isEqualTo(-1);
            found[dense] = array;
        });
        assertThat(found).containsExactly(view.places());
    }

    @ParameterizedTest
    @MethodSource("views")
    void is_written_and_added_to_where_it_lies_and_nowhere_else(View view) {
        int[] places = view.places();
        if (Arrays.stream(places).distinct().count() < places.length) {
            return;
        }
        double[] written = filled(9);
        double[] added = filled(9);
        for (int i = 0; i < places.length; i++) {
            written[places[i]] = i;
            added[places[i]] = 9 + i;
        }
        double[] target = filled(9);
        view.region.write(target, counting(places.length), Checkpoint.NONE);
        assertThat(target).containsExactly(written);
        target = filled(9);
        view.region.addTo(target, counting(places.length), Checkpoint.NONE);
        assertThat(target).containsExactly(added);
    }

    @ParameterizedTest
    @MethodSource("views")
    void a_negative_zero_is_written_as_the_sum_with_a_zero(View view) {
        int[] places = view.places();
        double[] zeros = new double[places.length];
        Arrays.fill(zeros, -0.0);
        double[] target = filled(9);
        view.region.write(target, zeros, Checkpoint.NONE);
        for (int place : places) {
            assertThat(target[place]).isEqualTo(Double.valueOf(0));
        }
    }

    @ParameterizedTest
    @MethodSource("views")
    void all_others_are_cleared(View view) {
        double[] target = filled(Double.NaN);
        view.region.clearOthers(target);
        for (int place : view.places()) {
            target[place] = 0;
        }
        assertThat(target).containsOnly(0);
    }

    /** Lines of the cache are read once where a matrix is read across them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # lengths | strides  | the axis whose elements are neighbours
            8,8       | 1,8      | 0
            8,8       | 1,-8     | 0
            3,8,8     | 64,1,8   | 1
            8,3,8     | 1,64,8   | 0
            8,8       | 8,1      | -1
            7,8       | 1,7      | -1
            8,7       | 1,8      | -1
            8,8       | 2,16     | -1
            9,17      | 1,0      | -1
            9,17      | 1,1      | -1
            9         | 1        | -1
            """)
    void tiles_are_copied_where_elements_are_neighbours_along_another_axis_than_the_last(String lengths, String strides, int axis) {
        assertThat(new Region(ints(lengths), ints(strides), 0).across()).isEqualTo(axis);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # lengths | the axis along which lines go
            40,16     | 1
            40,15     | 0
            15,15     | 1
            14,15     | 1
            16,15     | 0
            40,50,3   | 1
            50,40,3   | 1
            5,4,3     | 0
            40,16,3   | 1
            4,4,3     | 1
            9         | 0
            """)
    void lines_go_along_the_last_axis_unless_it_is_short_beside_another(String lengths, int axis) {
        int[] dims = ints(lengths);
        assertThat(new Region(dims, new int[dims.length], 0).inner()).isEqualTo(axis);
    }

    private static int[] ints(String list) {
        return Arrays.stream(list.split(",")).mapToInt(Integer::parseInt).toArray();
    }

    @Test
    void a_run_that_will_be_written_is_not_cleared_first() {
        for (Region run : List.of(new Region(new int[]{20}, new int[]{1}, 3), new Region(new int[]{4, 5}, new int[]{5, 1}, 3))) {
            double[] target = filled(9);
            run.clearOthers(target);
            assertThat(target).containsExactly(IntStream.range(0, SIZE).mapToDouble(i -> i >= 3 && i < 23 ? 9 : 0).toArray());
        }
    }

    @Test
    void long_work_asks_now_and_then_whether_it_may_go_on() {
        int[] asked = {0};
        double[] array = new double[3 << 18];
        Region least = new Region(new int[]{1 << 10, 1 << 8}, new int[]{1 << 8, 1}, 0);
        least.addTo(array, array.clone(), () -> asked[0]++);
        assertThat(asked[0]).isZero();
        Region longer = new Region(new int[]{3 << 10, 1 << 8}, new int[]{1 << 8, 1}, 0);
        longer.addTo(array, array.clone(), () -> asked[0]++);
        assertThat(asked[0]).isEqualTo(2);
    }

    static Stream<Region> others() {
        return Stream.of(new Region(new int[]{2, 3}, new int[]{3, 1}, 1), new Region(new int[]{2, 2}, new int[]{3, 1}, 0),
                new Region(new int[]{2, 3}, new int[]{6, 2}, 0), new Region(new int[]{3}, new int[]{1}, 0));
    }

    @ParameterizedTest
    @MethodSource("others")
    void is_another_if_offset_lengths_or_strides_differ(Region other) {
        Region region = new Region(new int[]{2, 3}, new int[]{3, 1}, 0);
        assertThat(region.isSameAs(other)).isFalse();
        assertThat(region.isSameAs(new Region(new int[]{2, 3}, new int[]{3, 1}, 0))).isTrue();
    }
}
