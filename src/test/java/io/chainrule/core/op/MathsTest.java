package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Derivative rules write as few nodes as a reader would: numbers are computed, and what changes nothing is left out. */
class MathsTest {
    private final GraphBuilder graph = GraphBuilder.withShapes();
    private final Node x = graph.input("x", Shape.of(2, 3));
    private final Node y = graph.input("y", Shape.of(2, 3));

    private Node number(double value) {
        return graph.literal(value);
    }

    static Stream<Arguments> ofNumbers() {
        return Stream.of(of("add", Maths::add, 9), of("sub", Maths::sub, 5), of("mul", Maths::mul, 14), of("div", Maths::div, 3.5),
                of("pow", Maths::pow, 49), of("eq", Maths::eq, 0), of("strong", Maths::strong, 14), of("strongBoth", Maths::strongBoth, 14),
                of("a + number", (a, b) -> Maths.add(a, 2), 9), of("number + b", (a, b) -> Maths.add(7.0, b), 9),
                of("a - number", (a, b) -> Maths.sub(a, 2), 5), of("number - b", (a, b) -> Maths.sub(7.0, b), 5),
                of("number · b", (a, b) -> Maths.mul(7.0, b), 14), of("a / number", (a, b) -> Maths.div(a, 2), 3.5),
                of("number / b", (a, b) -> Maths.div(7.0, b), 3.5), of("−a", (a, b) -> Maths.neg(a), -7),
                of("−1 · a", (a, b) -> Maths.mul(-1.0, a), -7), of("log", (a, b) -> Maths.log(a), Math.log(7)),
                of("a == a", (a, b) -> Maths.eq(a, 7), 1), of("a − 0", (a, b) -> Maths.sub(a, 0), 7),
                of("number", (a, b) -> Maths.number(a.graph(), 4), 4));
    }

    private static Arguments of(String name, BiFunction<Node, Node, Node> op, double expected) {
        return Arguments.of(name, op, expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ofNumbers")
    void numbers_are_computed_at_once(String name, BiFunction<Node, Node, Node> op, double of7And2) {
        assertThat(op.apply(number(7), number(2)).literal()).hasValue(of7And2);
    }

    @ParameterizedTest
    @CsvSource({"0, Infinity, 0, 0", "0, NaN, 0, 0", "-0.0, NaN, 0, 0", "Infinity, 0, NaN, 0", "Infinity, 2, Infinity, Infinity",
            "0, 3, 0, 0"})
    void strong_products_of_numbers_are_zero_whatever_the_other_is(double a, double b, double left, double both) {
        assertThat(Maths.strong(number(a), number(b)).literal()).hasValue(left);
        assertThat(Maths.strongBoth(number(a), number(b)).literal()).hasValue(both);
    }

    static Stream<Arguments> unchanged() {
        return Stream.of(unchanged("x − 0", a -> Maths.sub(a, 0)), unchanged("x · 1", a -> Maths.mul(a, a.graph().literal(1))),
                unchanged("1 · x", a -> Maths.mul(1, a)), unchanged("x / 1", a -> Maths.div(a, 1)),
                unchanged("x ^ 1", a -> Maths.pow(a, a.graph().literal(1))),
                unchanged("strong x · 1", a -> Maths.strong(a, a.graph().literal(1))),
                unchanged("strong 1 · x", a -> Maths.strong(a.graph().literal(1), a)),
                unchanged("both x · 1", a -> Maths.strongBoth(a, a.graph().literal(1))),
                unchanged("both 1 · x", a -> Maths.strongBoth(a.graph().literal(1), a)),
                unchanged("reshape", a -> Maths.reshape(a, Shape.of(2, 3))),
                unchanged("broadcast", a -> Maths.broadcastTo(a, Shape.of(2, 3))), unchanged("sum", a -> Maths.sum(a, List.of(), true)),
                unchanged("sum to its shape", a -> Maths.sumTo(a, Shape.of(2, 3))),
                unchanged("where yes", a -> Maths.where(a.graph().literal(1), a, 0)),
                unchanged("where no", a -> Maths.where(a.graph().literal(0), 0, a)));
    }

    private static Arguments unchanged(String name, Function<Node, Node> op) {
        return Arguments.of(name, op);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unchanged")
    void what_changes_nothing_is_left_out(String name, Function<Node, Node> op) {
        assertThat(op.apply(x)).isEqualTo(x);
    }

    /** An op's name, and its operands' names: x, y, numbers, or ops. */
    private String text(Node node) {
        if (node.equals(x)) {
            return "x";
        }
        if (node.equals(y)) {
            return "y";
        }
        if (node.literal().isPresent()) {
            return String.valueOf(node.literal().getAsDouble());
        }
        return node.op().name() + Stream.of(node.operands()).map(this::text).toList();
    }

    static Stream<Arguments> written() {
        return Stream.of(written("add[x, y]", Maths::add), written("sub[x, y]", Maths::sub), written("mul[x, y]", Maths::mul),
                written("div[x, y]", Maths::div), written("pow[x, y]", Maths::pow), written("add[x, 2.0]", (a, b) -> Maths.add(a, 2)),
                written("add[2.0, y]", (a, b) -> Maths.add(2.0, b)), written("sub[x, 2.0]", (a, b) -> Maths.sub(a, 2)),
                written("sub[0.0, y]", (a, b) -> Maths.sub(0.0, b)), written("mul[2.0, y]", (a, b) -> Maths.mul(2, b)),
                written("neg[y]", (a, b) -> Maths.mul(-1, b)), written("div[x, 2.0]", (a, b) -> Maths.div(a, 2)),
                written("div[1.0, y]", (a, b) -> Maths.div(1.0, b)), written("neg[x]", (a, b) -> Maths.neg(a)),
                written("abs[x]", (a, b) -> Maths.abs(a)), written("sign[x]", (a, b) -> Maths.sign(a)),
                written("square[x]", (a, b) -> Maths.square(a)), written("sqrt[x]", (a, b) -> Maths.sqrt(a)),
                written("reciprocal[x]", (a, b) -> Maths.reciprocal(a)), written("exp[x]", (a, b) -> Maths.exp(a)),
                written("log[x]", (a, b) -> Maths.log(a)), written("sigmoid[x]", (a, b) -> Maths.sigmoid(a)),
                written("tanh[x]", (a, b) -> Maths.tanh(a)), written("isnan[x]", (a, b) -> Maths.isNan(a)),
                written("isfinite[x]", (a, b) -> Maths.isFinite(a)), written("logical_not[x]", (a, b) -> Maths.not(a)),
                written("logical_and[x, y]", Maths::and), written("logical_or[x, y]", Maths::or), written("eq[x, y]", Maths::eq),
                written("eq[x, 3.0]", (a, b) -> Maths.eq(a, 3)), written("ne[x, 0.0]", (a, b) -> Maths.isNonzero(a)),
                written("lt[x, y]", Maths::lt), written("lt[x, 3.0]", (a, b) -> Maths.lt(a, 3)), written("gt[x, y]", Maths::gt),
                written("gt[x, 3.0]", (a, b) -> Maths.gt(a, 3)), written("where[x, x, y]", (a, b) -> Maths.where(a, a, b)),
                written("where[x, y, 5.0]", (a, b) -> Maths.where(a, b, 5)), written("where[x, 5.0, y]", (a, b) -> Maths.where(a, 5, b)),
                written("mul[x, 2.0]", (a, b) -> Maths.strong(a, a.graph().literal(2))),
                written("neg[x]", (a, b) -> Maths.strong(a, a.graph().literal(-1))),
                // The factor is infinite: 0 · ∞ is to be 0.
                written("strong_mul[x, Infinity]", (a, b) -> Maths.strong(a, a.graph().literal(Double.POSITIVE_INFINITY))),
                written("strong_mul[x, y]", Maths::strong), written("sum[x]", (a, b) -> Maths.sum(a, List.of(0), false)),
                written("transpose[x]", (a, b) -> Maths.transpose(a, List.of(1, 0))),
                written("transpose[x]", (a, b) -> Maths.matrixTranspose(a)), written("reshape[x]", (a, b) -> Maths.reshape(a, Shape.of(6))),
                written("broadcast_to[x]", (a, b) -> Maths.broadcastTo(a, Shape.of(4, 2, 3))),
                written("matmul[x, transpose[y]]", (a, b) -> Maths.matmul(a, Maths.matrixTranspose(b))));
    }

    private static Arguments written(String expected, BiFunction<Node, Node, Node> op) {
        return Arguments.of(expected, op);
    }

    @ParameterizedTest
    @MethodSource("written")
    void other_operands_make_one_node(String expected, BiFunction<Node, Node, Node> op) {
        assertThat(text(op.apply(x, y))).isEqualTo(expected);
    }

    /** Broadcasting stretches by itself, unless both operands are stretched: then the result would be smaller. */
    @Test
    void an_operand_is_not_stretched_where_its_partner_has_the_shape() {
        Node row = graph.input("row", Shape.of(3));
        Node stretched = Maths.broadcastTo(row, Shape.of(2, 3));
        for (BiFunction<Node, Node, Node> op : List.<BiFunction<Node, Node, Node>>of(Maths::mul, Maths::strong, Maths::strongBoth)) {
            assertThat(op.apply(stretched, x).operands()).containsExactly(row, x);
            assertThat(op.apply(x, stretched).operands()).containsExactly(x, row);
            assertThat(op.apply(stretched, stretched).operands()).containsExactly(stretched, stretched);
        }
        assertThat(Maths.where(x, stretched, stretched).operands()).containsExactly(x, row, row);
        assertThat(Maths.where(stretched, x, stretched).operands()).containsExactly(stretched, x, stretched);
        // A partner with another shape may need the stretching.
        Node larger = graph.input("larger", Shape.of(4, 2, 3));
        assertThat(Maths.mul(stretched, larger).operands()).containsExactly(stretched, larger);
    }

    @Test
    void a_number_that_is_stretched_counts_as_one() {
        Node ones = Maths.broadcastTo(number(1), Shape.of(2, 3));
        Node infinities = Maths.broadcastTo(number(Double.POSITIVE_INFINITY), Shape.of(2, 3));
        assertThat(Maths.mul(ones, x)).isEqualTo(x);
        assertThat(Maths.strong(x, ones)).isEqualTo(x);
        assertThat(Maths.strongBoth(ones, x)).isEqualTo(x);
        assertThat(text(Maths.strong(x, infinities))).isEqualTo("strong_mul[x, Infinity]");
        assertThat(text(Maths.strong(x, Maths.broadcastTo(number(2), Shape.of(2, 3))))).isEqualTo("mul[x, 2.0]");
    }

    /** Both branches broadcast, also if the condition is known. */
    @Test
    void a_known_condition_leaves_the_shape_of_both_branches() {
        Node row = graph.input("row", Shape.of(3));
        Node chosen = Maths.where(number(1), row, y);
        assertThat(chosen.shape()).isEqualTo(Shape.of(2, 3));
        assertThat(chosen.operand(0)).isEqualTo(row);
        assertThat(Maths.where(number(0), row, y)).isEqualTo(y);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # shape | swapped
            2,3     | 3,2
            4,2,3   | 4,3,2
            5,4,2,3 | 5,4,3,2
            """)
    void the_last_two_axes_are_swapped(String shape, String swapped) {
        Node matrix = graph.input("m", ShapeTables.shape(shape));
        assertThat(Maths.matrixTranspose(matrix).shape()).isEqualTo(ShapeTables.shape(swapped));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # from  | to    | summed
            2,3     | 3     | [0]
            2,3     | 1,3   | [0]
            2,3     | 2,1   | [1]
            2,3     | 1     | [0, 1]
            4,2,3   | 2,1   | [0, 2]
            4,1,3   | 1,3   | [0]
            """)
    void what_broadcasting_stretched_is_summed(String from, String to, String summed) {
        Shape wanted = ShapeTables.shape(to);
        Node found = Maths.sumTo(graph.input("z", ShapeTables.shape(from)), wanted);
        assertThat(found.shape()).isEqualTo(wanted);
        Node sum = found.op().name().equals("reshape") ? found.operand(0) : found;
        assertThat(sum.op().name()).isEqualTo("sum");
        assertThat(sum.op().attributes().get("axis")).hasToString(summed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            3   | 2,3
            1,3 | 2,3
            1   | 4,2
            """)
    void what_is_smaller_is_stretched(String from, String to) {
        Node found = Maths.sumTo(graph.input("z", ShapeTables.shape(from)), ShapeTables.shape(to));
        assertThat(found.shape()).isEqualTo(ShapeTables.shape(to));
        assertThat(found.op().name()).isEqualTo("broadcast_to");
    }
}
