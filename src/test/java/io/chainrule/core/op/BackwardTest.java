package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
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

    private static final Backward.Rule RULE = (attributes, operands, cotangent, operand) -> operand == 0 ? cotangent : null;

    @Test
    void letters_are_told_in_their_order_beside_one_rule() {
        Backward all = Backward.attribute("\\beta", "beta").and(Backward.count("n")).and(Backward.rule(RULE))
                .and(Backward.told("m", "mask")).and(Backward.rule((attributes, operands, cotangent, operand) -> null))
                .and(Backward.regardless("axis", "keepdims"));
        assertThat(all.letters()).containsExactly(new Backward.Letter("\\beta", Backward.Meaning.ATTRIBUTE, "beta"),
                new Backward.Letter("n", Backward.Meaning.COUNT, ""), new Backward.Letter("m", Backward.Meaning.TOLD, "mask"),
                new Backward.Letter("", Backward.Meaning.NONE, "axis"), new Backward.Letter("", Backward.Meaning.NONE, "keepdims"));
        assertThat(all.rule()).isSameAs(RULE);
    }

    @Test
    void nothing_is_written_without_a_rule_or_where_it_has_no_form() {
        OpDefinition definition = OpDefinition.define("f", Family.CUSTOM, "x");
        GraphBuilder graph = GraphBuilder.withShapes();
        Node x = graph.input("x", Shape.SCALAR);
        Op op = Elementwise.binary("f", null, (a, b) -> a);
        assertThat(Backward.PLAIN.written(definition, op, new Node[]{x, x}, x, 0)).isNull();
        assertThat(Backward.rule(RULE).written(definition, op, new Node[]{x, x}, x, 0)).isEqualTo(x);
        assertThat(Backward.rule(RULE).written(definition, op, new Node[]{x, x}, x, 1)).isNull();
    }
}
