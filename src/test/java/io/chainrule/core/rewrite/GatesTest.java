package io.chainrule.core.rewrite;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GatesTest {
    private final GraphBuilder builder = GraphBuilder.withShapes();

    @Test
    void a_graph_without_gates_is_left_alone() {
        call("exp", builder.input("x", Shape.of(3)));
        Graph graph = builder.build();
        assertThat(Gates.expand(graph, Allowance.nodes(1)).graph()).isSameAs(graph);
    }

    @Test
    void a_gate_becomes_its_circuit_and_everything_knows_where_it_stands() {
        Node x = builder.input("x", Shape.of(2, 3));
        Node mean = call("mean", x);
        Node twice = call("mul", mean, builder.literal(2));
        Graph graph = builder.build();
        Gates.Expansion opened = Gates.expand(graph, Allowance.nodes(100));
        Graph circuit = opened.graph();
        assertThat(IntStream.range(0, circuit.size()).mapToObj(i -> circuit.op(i).name())).containsExactly("input", "sum", "literal", "div",
                "literal", "mul");
        assertThat(circuit.op(opened.image()[mean.index()]).name()).isEqualTo("div");
        assertThat(circuit.operand(opened.image()[twice.index()], 0)).isEqualTo(opened.image()[mean.index()]);
        int[] origin = opened.origin();
        assertThat(IntStream.range(0, circuit.size()).map(i -> origin[i])).containsExactly(0, 1, 1, 1, 2, 3);
    }

    /** Two results that are one node would have one gradient. */
    @Test
    void a_gate_that_does_nothing_still_has_a_node_of_its_own() {
        Node x = builder.input("x", Shape.SCALAR);
        Node mean = call("mean", x);
        Node prod = call("prod", x);
        int[] image = Gates.expand(builder.build(), Allowance.nodes(100)).image();
        assertThat(image[mean.index()]).isNotIn(image[x.index()], image[prod.index()]);
    }

    @Test
    void circuits_count_against_the_limit() {
        call("prod", builder.input("x", Shape.of(1000)));
        Graph graph = builder.build();
        assertThatThrownBy(() -> Gates.expand(graph, Allowance.nodes(10))).isInstanceOf(LimitException.class);
    }
}
