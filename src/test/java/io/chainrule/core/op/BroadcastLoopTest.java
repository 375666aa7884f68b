package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.ShapeTables;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A loop over a result and its operands pairs the elements that broadcasting pairs, in as few runs as the shapes allow. */
class BroadcastLoopTest {

    /** Of each result the element of each operand, by NumPy's rule: shapes are aligned at their last axes; an axis of length 1 repeats. */
    private static int[][] pairs(Shape result, Shape... operands) {
        int[][] pairs = new int[result.length()][operands.length];
        for (int i = 0; i < pairs.length; i++) {
            for (int k = 0; k < operands.length; k++) {
                int left = i;
                int width = 1;
                for (int axis = 1; axis <= result.rank(); axis++) {
                    int at = left % result.dim(result.rank() - axis);
                    left /= result.dim(result.rank() - axis);
                    if (axis <= operands[k].rank()) {
                        int length = operands[k].dim(operands[k].rank() - axis);
                        pairs[i][k] += length == 1 ? 0 : at * width;
                        width *= length;
                    }
                }
            }
        }
        return pairs;
    }

    private static Shape[] shapes(String table) {
        return Arrays.stream(table.split(" ", -1)).map(ShapeTables::shape).toArray(Shape[]::new);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # operands       | runs
            6 6              | 1
            2,3 2,3          | 1
            2,3 3            | 2
            2,3 2,1          | 2
            2,3 1,1          | 1
            2,3,4 4          | 6
            2,3,4 3,4        | 2
            2,3,4 2,1,1      | 2
            2,3,4 2,1,4      | 6
            2,3,4 3,1        | 6
            2,1,4 2,4        | 4
            2,1,4 1,3,1 4    | 6
            1,2,1 1,2,1      | 1
            1,5,1 5,1        | 1
            2,3 2,3 3        | 2
            3,1 1,4          | 3
            2,2,2,2 2,1,2,1  | 8
            2,2,2,2 1,2,2    | 4
            """)
    void elements_are_paired_in_as_few_runs_as_there_are_changes_of_pace(String operands, int runs) {
        Shape[] shapes = shapes(operands);
        Shape result = shapes[0];
        for (Shape shape : shapes) {
            result = result.broadcast(shape);
        }
        BroadcastLoop loop = new BroadcastLoop(result, shapes);
        int[][] expected = pairs(result, shapes);
        assertThat(loop.length()).isEqualTo(expected.length);
        for (int first = 0; first < expected.length; first++) {
            for (int end = first; end <= expected.length; end++) {
                int[][] found = new int[expected.length][];
                int[] count = {0};
                loop.forEach(first, end, Checkpoint.NONE, (from, stride, o, n) -> {
                    count[0]++;
                    for (int i = 0; i < n; i++) {
                        int[] at = from.clone();
                        for (int k = 0; k < at.length; k++) {
                            at[k] += i * stride[k];
                        }
                        assertThat(found[o + i]).as("result %s comes once", o + i).isNull();
                        found[o + i] = at;
                    }
                });
                for (int i = 0; i < found.length; i++) {
                    assertThat(found[i]).as("%s to %s, result %s", first, end, i).isEqualTo(i >= first && i < end ? expected[i] : null);
                }
                if (end - first == expected.length) {
                    assertThat(count[0]).as("runs").isEqualTo(runs);
                    assertThat(loop.runLength()).as("length of a run").isEqualTo(expected.length / runs);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2,3,4 3,4
            2,3,4 2,1,4
            2,3,4 3,1
            2,3,4 2,3,4
            1,1 1
            3,1 1,4
            5 1
            """)
    void elements_of_an_operand_are_copied_for_any_part_of_the_result(String operands) {
        Shape[] shapes = shapes(operands);
        Shape result = shapes[0].broadcast(shapes[1]);
        BroadcastLoop loop = new BroadcastLoop(result, shapes);
        int[][] expected = pairs(result, shapes);
        for (int k = 0; k < shapes.length; k++) {
            double[] x = new double[shapes[k].length()];
            Arrays.setAll(x, i -> 10 + i);
            for (int first = 0; first < expected.length; first++) {
                for (int n = 0; n <= expected.length - first; n++) {
                    double[] copy = new double[n + 1];
                    loop.copy(k, x, first, n, copy);
                    for (int i = 0; i < n; i++) {
                        assertThat(copy[i]).as("operand %s, %s from %s, %s", k, n, first, i).isEqualTo(10 + expected[first + i][k]);
                    }
                    assertThat(copy[n]).as("behind the copy").isZero();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # operands  | first | second
            2,3 2,3     | true  | true
            2,3 3       | true  | false
            2,3 2,1     | true  | false
            2,3 1       | true  | false
            2,3,4 2,1,4 | true  | false
            2,3,4 1,3,4 | true  | false
            1,2,1 2,1   | true  | true
            1 1         | true  | true
            2,1 1,3     | false | false
            1,3 2,1     | false | false
            """)
    void an_operand_is_dense_if_it_has_an_element_of_its_own_for_each_result(String operands, boolean first, boolean second) {
        Shape[] shapes = shapes(operands);
        BroadcastLoop loop = new BroadcastLoop(shapes[0].broadcast(shapes[1]), shapes);
        assertThat(loop.isDense(0)).isEqualTo(first);
        assertThat(loop.isDense(1)).isEqualTo(second);
    }

    @Test
    void a_result_without_elements_has_no_run() {
        BroadcastLoop loop = new BroadcastLoop(Shape.of(2, 0), Shape.of(2, 0), Shape.of(2, 1));
        assertThat(loop.length()).isZero();
        loop.forEach(Checkpoint.NONE, (from, stride, o, n) -> {
            throw new AssertionError("a run of " + n);
        });
    }

    /** 2¹⁸ elements take about 0.1 ms. */
    @ParameterizedTest
    @CsvSource({"1048576, 1, 4", "4, 262144, 4", "1024, 1024, 4", "3, 100, 0", "262143, 1, 0", "262144, 1, 1", "2, 400000, 2"})
    void whether_the_loop_may_go_on_is_asked_about_every_quarter_of_a_million_elements(int rows, int columns, int asked) {
        int[] count = {0};
        List<Integer> longest = new ArrayList<>(List.of(0));
        BroadcastLoop loop = new BroadcastLoop(Shape.of(rows, columns), Shape.of(rows, columns), Shape.of(columns == 1 ? 1 : rows, 1));
        loop.forEach(() -> count[0]++, (from, stride, o, n) -> longest.set(0, Math.max(longest.getFirst(), n)));
        assertThat(count[0]).isEqualTo(asked);
        assertThat(longest.getFirst()).isLessThanOrEqualTo(1 << 18);
    }

    @Test
    void nothing_is_computed_after_the_refusal_to_go_on() {
        BroadcastLoop loop = new BroadcastLoop(Shape.of(1 << 20), Shape.of(1 << 20));
        assertThatThrownBy(() -> loop.forEach(() -> {
            throw new IllegalStateException("late");
        }, (from, stride, o, n) -> {
            throw new AssertionError("computes");
        })).hasMessage("late");
    }
}
