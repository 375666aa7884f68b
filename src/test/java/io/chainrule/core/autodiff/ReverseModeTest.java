package io.chainrule.core.autodiff;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReverseModeTest {
    private final GraphBuilder program = GraphBuilder.withShapes();

    /** A sweep and what it left behind. */
    private record Swept(Graph primal, GraphBuilder builder, int[] cotangents) {
        List<String> added() {
            return IntStream.range(primal.size(), builder.size()).mapToObj(i -> builder.op(i).name()).toList();
        }
    }

    private Swept sweep(List<Node> seeded, Node... wrt) {
        Graph primal = program.build();
        GraphBuilder builder = GraphBuilder.extending(primal, Allowance.UNBOUNDED);
        Map<Integer, Node> seeds = new HashMap<>();
        for (Node node : seeded) {
            seeds.put(node.index(), builder.input("seed", node.shape()));
        }
        BitSet sources = new BitSet();
        Arrays.stream(wrt).forEach(node -> sources.set(node.index()));
        return new Swept(primal, builder, ReverseMode.cotangents(primal, builder, seeds, sources));
    }

    private Node scalar(String id) {
        return program.input(id, Shape.SCALAR);
    }

    @Test
    void contributions_of_several_uses_add_up() {
        GraphFunction f = GraphFunction.of(x -> call("add", call("mul", x[0], x[1]), call("sin", x[0])), Shape.SCALAR, Shape.SCALAR);
        assertThat(f.vjp(0).at(0, 5, 1)).isEqualTo(6);
        GraphFunction square = GraphFunction.of(x -> call("mul", x[0], x[0]), Shape.SCALAR);
        assertThat(square.vjp(0).at(3, 1)).as("both operands are one node").isEqualTo(6);
        GraphFunction stretched = GraphFunction.of(x -> call("mul", x[0], x[0].graph().constant(Tensor.vector(1, 2, 3))), Shape.SCALAR);
        assertThat(stretched.vjp(0).apply(Tensor.scalar(7), Tensor.vector(1, 10, 100)).item()).as("stretched operand").isEqualTo(321);
    }

    @Test
    void the_cotangent_of_a_result_is_its_seed() {
        Node x = scalar("x");
        Swept swept = sweep(List.of(x), x);
        assertThat(swept.cotangents()[x.index()]).isEqualTo(swept.primal().size());
        assertThat(swept.added()).containsExactly("input");
    }

    @Test
    void cotangents_of_several_results_meet() {
        GraphFunction f = GraphFunction.of(x -> call("exp", x[0]), Shape.SCALAR);
        GraphFunction twice = new GraphFunction(f.graph(), f.inputs(), new int[]{f.outputs()[0], f.inputs()[0], f.outputs()[0]});
        assertThat(twice.vjp(0).at(0, 1, 10, 100)).isEqualTo(111);
    }

    @Test
    void what_does_not_matter_has_no_cotangent() {
        Node x = scalar("x");
        Node unused = scalar("unused");
        Node flat = scalar("flat");
        Node aside = call("exp", x);
        Node result = call("add", call("sin", x), call("floor", flat));
        Swept swept = sweep(List.of(result), x, unused, flat);
        assertThat(swept.cotangents()[unused.index()]).isEqualTo(-1);
        assertThat(swept.cotangents()[flat.index()]).isEqualTo(-1);
        assertThat(swept.cotangents()[aside.index()]).isEqualTo(-1);
        assertThat(swept.cotangents()[x.index()]).isNotNegative();
        assertThat(swept.added()).containsExactly("input", "cos", "strong_mul");
    }

    @Test
    void only_paths_to_what_is_wanted_are_walked() {
        Node x = scalar("x");
        Node y = scalar("y");
        Node other = call("tanh", call("exp", y));
        Node result = call("mul", call("sin", x), other);
        Swept byX = sweep(List.of(result), x);
        assertThat(byX.added()).containsExactly("input", "strong_mul", "cos", "strong_mul");
        assertThat(byX.cotangents()[other.index()]).isEqualTo(-1);
        Swept byOther = sweep(List.of(result), other);
        assertThat(byOther.cotangents()[other.index()]).isNotNegative();
        assertThat(byOther.cotangents()[y.index()]).as("beyond the perturbed node").isEqualTo(-1);
        assertThat(sweep(List.of(result)).added()).as("nothing wanted").containsExactly("input");
    }

    @Test
    void results_that_do_not_depend_on_what_is_wanted_are_left_out() {
        Node x = scalar("x");
        Node y = scalar("y");
        Node product = call("mul", y, y);
        Node result = call("mul", product, x);
        Swept swept = sweep(List.of(product, result), x);
        assertThat(swept.cotangents()[product.index()]).isEqualTo(-1);
        assertThat(swept.cotangents()[x.index()]).isNotNegative();
    }

    private static Node element(Node x, int i) {
        return call("index", Map.of("at", List.of(i)), x);
    }

    private static long count(GraphFunction function, String op) {
        return IntStream.range(0, function.graph().size()).filter(i -> function.graph().op(i).name().equals(op)).count();
    }

    @Test
    void cotangents_of_elements_land_in_one_array() {
        int n = 50;
        GraphFunction f = GraphFunction.of(x -> {
            Node sum = element(x[0], 0);
            for (int i = 1; i < n; i++) {
                sum = call("add", sum, call("mul", element(x[0], i), x[0].graph().literal(i)));
            }
            return call("mul", sum, element(x[0], -1));
        }, Shape.of(n));
        GraphFunction gradient = f.vjp(0);
        double[] x = new double[n];
        Arrays.fill(x, 1);
        double sum = 1 + n * (n - 1) / 2.0;
        double[] exact = IntStream.range(0, n).mapToDouble(i -> i == 0 ? 1 : i == n - 1 ? i + sum : i).toArray();
        assertThat(gradient.apply(Tensor.vector(x), Tensor.scalar(1)).data()).containsExactly(exact);
        assertThat(count(gradient, "index_transpose")).as("nodes made and left aside, and the one that is used").isEqualTo(n + 1 + 1);
        int result = gradient.outputs()[0];
        assertThat(gradient.graph().op(result).name()).isEqualTo("index_transpose");
        assertThat(gradient.graph().operandCount(result)).isEqualTo(n + 1);
    }

    @Test
    void elements_and_the_whole_array_add_up() {
        GraphFunction f = GraphFunction.of(
                x -> call("add", call("mul", element(x[0], 0), element(x[0], 2)), call("sum", call("square", x[0]))),
                Shape.of(3));
        assertThat(f.vjp(0).apply(Tensor.vector(1, 2, 3), Tensor.scalar(1)).data()).containsExactly(5, 4, 7);
    }

    /** An unrolled loop that carries a state and reads an element of it: each step's cotangent holds those of the later ones. */
    @Test
    void elements_of_a_state_carried_through_a_loop_cost_no_more_with_every_step() {
        int steps = 400;
        GraphFunction f = GraphFunction.of(x -> {
            Node state = x[0];
            Node sum = element(state, 0);
            for (int i = 0; i < steps; i++) {
                state = call("add", state, x[1]);
                sum = call("add", sum, element(state, 1));
            }
            return sum;
        }, Shape.of(3), Shape.of(3));
        GraphFunction gradient = f.vjp();
        List<Tensor> cotangents = gradient.run(List.of(Tensor.zeros(Shape.of(3)), Tensor.zeros(Shape.of(3)), Tensor.scalar(1)));
        assertThat(cotangents).containsExactly(Tensor.vector(1, steps, 0), Tensor.vector(0, steps * (steps + 1) / 2.0, 0));
        Graph graph = gradient.graph();
        assertThat(IntStream.range(0, graph.size()).map(graph::operandCount).sum()).isLessThan(20 * steps);
    }

    @Test
    void derivatives_extend_the_graph_and_leave_its_nodes_alone() {
        Node x = scalar("x");
        Node y = call("exp", x);
        Swept swept = sweep(List.of(y), x);
        Graph extended = swept.builder().build();
        assertThat(extended.op(y.index())).isSameAs(swept.primal().op(y.index()));
        assertThat(extended.op(x.index())).isInstanceOf(Leaf.Input.class);
    }

    @Test
    void gates_must_be_opened_first() {
        Node x = program.input("x", Shape.of(2));
        Node mean = call("mean", x);
        assertThatThrownBy(() -> sweep(List.of(mean), x)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("mean must be expanded first");
    }

    @Test
    void tangents_are_zero_where_nothing_moves_and_perturbations_add_to_them() {
        Node x = scalar("x");
        Node y = scalar("y");
        Node inner = call("exp", x);
        Node outer = call("mul", inner, y);
        Node flat = call("floor", outer);
        Graph primal = program.build();
        GraphBuilder builder = GraphBuilder.extending(primal, Allowance.UNBOUNDED);
        List<Node> seeds = new ArrayList<>(List.of(builder.input("dx", Shape.SCALAR), builder.input("dinner", Shape.SCALAR)));
        int[] tangents = ForwardMode.tangents(primal, builder, Map.of(x.index(), seeds.get(0), inner.index(), seeds.get(1)));
        assertThat(tangents[y.index()]).isEqualTo(-1);
        assertThat(tangents[flat.index()]).isEqualTo(-1);
        assertThat(tangents[x.index()]).isEqualTo(seeds.get(0).index());
        GraphFunction f = new GraphFunction(builder.build(), new int[]{x.index(), y.index(), seeds.get(0).index(), seeds.get(1).index()},
                new int[]{tangents[outer.index()]});
        assertThat(f.at(0, 3, 1, 10)).isEqualTo(33);
    }
}
