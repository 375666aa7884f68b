package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.graph.Family;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoublePredicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The traits that an op's definition claims hold for its values, inside its domain and far outside. */
class TraitTest {
    private static final double[] VALUES = {0, -0.0, 1, -1, 0.5, -0.5, 2, -3, 1e-8, -1e-8, 20, -20, 1e4, -1e4};

    static Stream<OpCases> finite() {
        return OpCases.of(having(Trait.FINITE));
    }

    static Stream<OpCases> nonzeroAtZero() {
        return OpCases.of(having(Trait.NONZERO_AT_ZERO));
    }

    static Stream<OpCases> nonnegative() {
        return OpCases.of(Stream.of(Trait.NONNEGATIVE, Trait.POSITIVE).flatMap(TraitTest::having));
    }

    static Stream<OpCases> commutative() {
        return OpCases.of(having(Trait.COMMUTATIVE));
    }

    static Stream<OpDefinition> activations() {
        return OpCatalogue.all().stream().filter(definition -> definition.has(Trait.ACTIVATION));
    }

    static Stream<OpDefinition> comparing() {
        return OpCatalogue.all().stream().filter(definition -> definition.has(Trait.COMPARES));
    }

    private static Stream<OpCase> having(Trait trait) {
        return OpCase.all().filter(one -> one.definition().has(trait));
    }

    @ParameterizedTest
    @MethodSource("finite")
    void finite_operands_have_a_finite_value(OpCases cases) {
        cases.each(one -> assertAll(one, Double::isFinite));
    }

    @ParameterizedTest
    @MethodSource("nonzeroAtZero")
    void zeros_are_not_passed_on(OpCases cases) {
        cases.each(one -> assertThat(one.function().run(values(one, x -> x == 0)).getFirst().data()).doesNotContain(0, -0.0));
    }

    @ParameterizedTest
    @MethodSource("nonnegative")
    void no_value_is_negative(OpCases cases) {
        cases.each(one -> assertAll(one, value -> !(value < 0)));
    }

    @ParameterizedTest
    @MethodSource("commutative")
    void operands_may_change_places(OpCases cases) {
        cases.each(one -> {
            List<Tensor> x = values(one, value -> true);
            GraphFunction swapped = GraphFunction.of(y -> GraphFunction.call(one.definition().name(), one.attributes(), y[1], y[0]),
                    one.shapes().toArray(Shape[]::new));
            assertThat(swapped.run(x)).isEqualTo(one.function().run(x));
        });
    }

    /** The output of a layer, and in one case a slope that is a parameter. */
    @ParameterizedTest
    @MethodSource("activations")
    void an_activation_has_one_operand_or_another_that_is_a_number(OpDefinition definition) {
        assertThat(definition.operands()).hasSizeBetween(1, 2);
        assertThat(definition.operands().size() == 1 || definition.family() == Family.ELEMENTWISE).isTrue();
    }

    @ParameterizedTest
    @MethodSource("comparing")
    void what_compares_has_two_operands_or_more(OpDefinition definition) {
        assertThat(definition.operands()).hasSizeGreaterThanOrEqualTo(2);
    }

    private static void assertAll(OpCase one, DoublePredicate expected) {
        assertThat(Arrays.stream(one.function().run(values(one, value -> true)).getFirst().data())).allMatch(expected::test);
    }

    private static List<Tensor> values(OpCase one, DoublePredicate usable) {
        double[] values = Arrays.stream(VALUES).filter(usable).toArray();
        Random random = new Random(1);
        List<Tensor> operands = one.shapes().stream().map(Tensor::zeros).toList();
        operands.forEach(operand -> Arrays.setAll(operand.data(), i -> values[random.nextInt(values.length)]));
        return operands;
    }
}
