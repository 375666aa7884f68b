package io.chainrule.core.graph;

import static io.chainrule.core.GraphFunction.call;
import static io.chainrule.core.GraphFunction.op;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphTest {
    private final GraphBuilder builder = GraphBuilder.withShapes();

    @Test
    void nodes_know_their_op_operands_and_shape() {
        Node x = builder.input("x", Shape.of(2, 3));
        Node y = builder.constant(Tensor.vector(1, 2, 3));
        Node product = call("mul", x, y);
        Node sum = call("sum", Map.of("axis", 0), product);
        Graph graph = builder.build();
        assertThat(graph.size()).isEqualTo(4);
        assertThat(graph.op(product.index()).name()).isEqualTo("mul");
        assertThat(graph.operandCount(product.index())).isEqualTo(2);
        assertThat(graph.operand(product.index(), 1)).isEqualTo(y.index());
        assertThat(graph.operandShapes(product.index())).containsExactly(Shape.of(2, 3), Shape.of(3));
        assertThat(graph.shape(sum.index())).isEqualTo(Shape.of(3));
        assertThat(graph.isLeaf(y.index())).isTrue();
        assertThat(graph.isLeaf(sum.index())).isFalse();
        assertThat(sum.operand(0)).isEqualTo(product);
        assertThat(x.op().attributes()).isEqualTo(Map.of("shape", java.util.List.of(2, 3)));
    }

    @Test
    void equal_literals_share_a_node() {
        assertThat(builder.literal(2)).isEqualTo(builder.literal(2.0)).isNotEqualTo(builder.literal(3));
        assertThat(builder.literal(Double.NaN)).isEqualTo(builder.literal(Double.NaN));
        assertThat(builder.literal(0.0)).isNotEqualTo(builder.literal(-0.0));
        assertThat(builder.literal(2).literal()).hasValue(2);
        assertThat(builder.literal(2).isLiteral(2)).isTrue();
        assertThat(builder.input("x", Shape.SCALAR).literal()).isEmpty();
        assertThat(builder.build().isLiteral(0)).isTrue();
    }

    @Test
    void a_built_graph_does_not_change_while_the_builder_goes_on() {
        Node x = builder.input("x", Shape.SCALAR);
        Graph graph = builder.build();
        for (int i = 0; i < 100; i++) {
            x = call("neg", x);
        }
        assertThat(graph.size()).isEqualTo(1);
        assertThat(graph.operandCount(0)).isZero();
        assertThat(builder.build().size()).isEqualTo(101);
    }

    @Test
    void an_extended_graph_keeps_its_numbers_and_literals() {
        Node x = builder.input("x", Shape.of(2));
        Node y = call("mul", x, builder.literal(3));
        Graph graph = builder.build();
        GraphBuilder longer = GraphBuilder.extending(graph, Allowance.nodes(100));
        assertThat(longer.size()).isEqualTo(graph.size());
        assertThat(longer.literal(3).index()).isEqualTo(builder.literal(3).index());
        Node z = call("neg", longer.node(y.index()));
        assertThat(z.index()).isEqualTo(graph.size());
        assertThat(z.operand(0).op()).isSameAs(y.op());
        assertThat(z.shape()).isEqualTo(Shape.of(2));
    }

    @Test
    void a_graph_can_be_extended_in_two_ways_while_its_own_builder_goes_on() {
        Node x = builder.input("x", Shape.of(2));
        Graph graph = builder.build();
        GraphBuilder one = GraphBuilder.extending(graph, Allowance.UNBOUNDED);
        GraphBuilder other = GraphBuilder.extending(graph, Allowance.UNBOUNDED);
        Node own = call("neg", x);
        Node sin = call("sin", one.node(x.index()));
        Node five = other.literal(5);
        assertThat(List.of(own.index(), sin.index(), five.index())).containsOnly(1);
        assertThat(builder.build().op(1).name()).isEqualTo("neg");
        assertThat(one.build().op(1).name()).isEqualTo("sin");
        assertThat(other.build().isLiteral(1)).isTrue();
        assertThat(one.literal(5).index()).isEqualTo(2);
        assertThat(graph.size()).isEqualTo(1);
    }

    @Test
    void equal_literals_share_a_node_by_their_bits() {
        double[] values = new Random(1).doubles(1000, -1, 1).toArray();
        int[] nodes = Arrays.stream(values).mapToInt(builder::literalIndex).toArray();
        GraphBuilder longer = GraphBuilder.extending(builder.build(), Allowance.UNBOUNDED);
        for (GraphBuilder each : List.of(builder, longer)) {
            assertThat(Arrays.stream(values).mapToInt(each::literalIndex).toArray()).isEqualTo(nodes);
            assertThat(each.size()).isEqualTo(1000);
            assertThat(each.literalIndex(0.0)).isEqualTo(1000);
            assertThat(each.literalIndex(-0.0)).isEqualTo(1001);
            assertThat(each.literalIndex(Double.NaN)).isEqualTo(1002).isEqualTo(each.literalIndex(Double.NaN));
        }
    }

    /** What is told of while a graph is built is told at once to who extends it, and both go on alike. */
    @ParameterizedTest
    @ValueSource(ints = {1, 100, 1000, 1366, 2731, 5000})
    void an_extended_graph_counts_as_if_it_had_been_built(int size) {
        List<Long> built = new ArrayList<>();
        List<Long> extended = new ArrayList<>();
        GraphBuilder first = GraphBuilder.withShapes(new Allowance(20_000, built::add));
        grow(first, size);
        GraphBuilder second = GraphBuilder.extending(first.build(), new Allowance(20_000, extended::add));
        assertThat(total(extended)).isEqualTo(total(built));
        grow(first, 3000);
        grow(second, 3000);
        assertThat(total(extended)).isEqualTo(total(built)).isPositive();
        assertThat(extended.subList(size < 1000 ? 0 : 1, extended.size()))
                .isEqualTo(built.subList(built.size() - extended.size() + (size < 1000 ? 0 : 1), built.size()));
    }

    private static void grow(GraphBuilder graph, int nodes) {
        Node x = graph.input("x", Shape.of(2));
        for (int i = 1; i < nodes; i++) {
            x = i % 7 == 0 ? call("transpose", x) : call("mul", x, graph.literal(i % 3));
        }
    }

    private static long total(List<Long> told) {
        return told.stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void what_does_not_fit_is_not_added() {
        Node x = builder.input("x", Shape.of(2));
        Node y = builder.input("y", Shape.of(3));
        assertThatThrownBy(() -> call("add", x, y)).isInstanceOf(ShapeException.class);
        assertThat(builder.size()).isEqualTo(2);
    }

    @Test
    void nodes_are_limited_and_literals_are_free() {
        GraphBuilder limited = GraphBuilder.withShapes(Allowance.nodes(2));
        Node x = limited.input("x", Shape.SCALAR);
        Node y = call("mul", x, limited.literal(2));
        limited.literal(3);
        assertThatThrownBy(() -> call("neg", y)).isInstanceOfSatisfying(LimitException.class, e -> {
            assertThat(e.limit()).isEqualTo("nodes");
            assertThat(e.asked()).isEqualTo(3);
            assertThat(e.allowed()).isEqualTo(2);
        });
        assertThatThrownBy(() -> call("neg", GraphBuilder.extending(limited.build(), Allowance.nodes(2)).node(x.index())))
                .isInstanceOf(LimitException.class);
    }

    @Test
    void without_shapes_nothing_is_checked_yet() {
        GraphBuilder open = GraphBuilder.withoutShapes(Allowance.nodes(10));
        int x = open.add(new Leaf.Input("x", null), new int[0]);
        int y = open.add(op("matmul", Map.of(), 2), x, x);
        Graph graph = open.build();
        assertThat(graph.hasShapes()).isFalse();
        assertThat(graph.op(y).name()).isEqualTo("matmul");
        assertThatThrownBy(() -> graph.shape(y)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> open.shape(y)).isInstanceOf(IllegalStateException.class);
    }
}
