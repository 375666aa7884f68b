package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The axes of an op as a set, and ops that mean the same for an array with one more axis behind. */
class AxesTest {
    private static BitSet set(int... axes) {
        BitSet set = new BitSet();
        IntStream.of(axes).forEach(set::set);
        return set;
    }

    static Stream<Arguments> ops() {
        return Stream.of(Arguments.of("sum", Map.of(), set(0, 1, 2)), Arguments.of("sum", Map.of("axis", 1), set(1)),
                Arguments.of("sum", Map.of("axis", 0), set(0)), Arguments.of("sum", Map.of("axis", List.of(-1, 0)), set(0, 2)),
                Arguments.of("sum", Map.of("axis", List.of()), set()), Arguments.of("softmax", Map.of(), set(2)),
                Arguments.of("softmax", Map.of("axis", -2), set(1)), Arguments.of("exp", Map.of(), null));
    }

    @ParameterizedTest
    @MethodSource("ops")
    void of_an_op_are_those_written_or_else_its_default(String op, Map<String, ?> attributes, @Nullable BitSet axes) {
        assertThat(Axes.of(GraphFunction.op(op, attributes, 1), 3)).isEqualTo(axes);
    }

    @Test
    void of_an_input_there_are_none() {
        assertThat(Axes.of(GraphBuilder.withShapes().input("x", Shape.of(2)).op(), 1)).isNull();
    }

    @Test
    void lead_where_none_is_left_out_before_them() {
        assertThat(Stream.of(set(), set(0), set(0, 1)).allMatch(Axes::areLeading)).isTrue();
        assertThat(Stream.of(set(1), set(0, 2), set(1, 2)).noneMatch(Axes::areLeading)).isTrue();
    }

    static Stream<Arguments> countedFromTheEnd() {
        return Stream.of(Arguments.of("index", Map.of("at", List.of("...", -1)), 1),
                Arguments.of("index", Map.of("at", List.of(1, "...")), 1),
                Arguments.of("index", Map.of("at", List.of("...", "::-2", 0)), 1),
                Arguments.of("index", Map.of("at", List.of(":", "1:")), 1),
                Arguments.of("concatenate", Map.of("axis", -1), 2), Arguments.of("concatenate", Map.of("axis", -2), 2),
                Arguments.of("concatenate", Map.of("axis", 0), 2), Arguments.of("concatenate", Map.of("axis", 1), 2));
    }

    @ParameterizedTest
    @MethodSource("countedFromTheEnd")
    void counted_from_the_first_an_op_means_the_same_with_more_axes_behind(String name, Map<String, ?> attributes, int operands) {
        Same written = new Same(GraphFunction.op(name, attributes, operands), operands);
        Same counted = new Same(Axes.countedFromFirst(written.op, Shape.of(2, 3), operands), operands);
        Tensor x = Tensor.zeros(Shape.of(2, 3, 4));
        Arrays.setAll(x.data(), i -> i);
        Tensor y = counted.at(x);
        for (int j = 0; j < 4; j++) {
            int last = j;
            Tensor part = Tensor.zeros(Shape.of(2, 3));
            Arrays.setAll(part.data(), i -> 4 * i + last);
            double[] behind = IntStream.range(0, y.length()).filter(i -> i % 4 == last).mapToDouble(i -> y.data()[i]).toArray();
            assertThat(behind).containsExactly(written.at(part).data());
        }
    }

    /** An op whose operands are all the same. */
    private record Same(Op op, int operands) {
        Tensor at(Tensor x) {
            List<Tensor> all = Collections.nCopies(operands, x);
            Tensor y = Tensor.zeros(op.shape(all.stream().map(Tensor::shape).toArray(Shape[]::new)));
            GraphFunction.write(op, all, y, Parallel.NONE);
            return y;
        }
    }
}
