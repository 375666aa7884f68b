package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The backward pass that a definition writes for a reader has the numbers of the one that is computed. */
class BackwardTest {
    static Stream<OpCases> cases() {
        return OpCases.of(OpCase.all().filter(one -> one.definition().backward().rule() != null && !isOfProbabilities(one)));
    }

    /** The usual rule of cross entropy holds for probabilities that add up to 1; those of the cases do not. */
    private static boolean isOfProbabilities(OpCase one) {
        return one.definition().name().equals("cross_entropy") && one.shapes().get(0).equals(one.shapes().get(1));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void is_told_as_it_is_computed(OpCases cases) {
        int[] told = {0};
        cases.each(one -> IntStream.range(0, one.shapes().size()).filter(k -> !one.isDiscrete(k)).forEach(k -> {
            GraphFunction written = written(one, k);
            if (written != null) {
                told[0]++;
                assertSame(one, k, written);
            }
        }));
        assertThat(told[0]).as("operands that are told of").isPositive();
    }

    /** A function of the operands and the cotangent; null if the rule has no form for this use and operand, or one for other shapes. */
    private static @Nullable GraphFunction written(OpCase one, int operand) {
        Shape[] shapes = Stream.concat(one.shapes().stream(), Stream.of(one.shape())).toArray(Shape[]::new);
        int last = shapes.length - 1;
        boolean[] isTold = {true};
        GraphFunction function = GraphFunction.of(x -> {
            Node told = one.definition().backward().written(one.definition(), one.op(), Arrays.copyOf(x, last), x[last], operand);
            isTold[0] = told != null && told.shape().equals(x[operand].shape());
            return told == null ? x[last] : told;
        }, shapes);
        return isTold[0] ? function : null;
    }

    private static void assertSame(OpCase one, int operand, GraphFunction written) {
        List<Tensor> x = new ArrayList<>(one.operands(9));
        Tensor cotangent = Tensor.zeros(one.shape());
        Arrays.setAll(cotangent.data(), i -> Math.cos(1 + i));
        x.add(cotangent);
        double[] expected = one.function().vjp(operand).run(x).getFirst().data();
        double[] told = written.run(x).getFirst().data();
        assertThat(told).as("by operand %s", operand).hasSameSizeAs(expected);
        for (int i = 0; i < told.length; i++) {
            assertThat(told[i]).as("by operand %s, element %s", operand, i).isCloseTo(expected[i],
                    within(1e-12 * (1 + Math.abs(expected[i]))));
        }
    }
}
