package io.chainrule.core.autodiff;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a derivative visits, and what is added to its graph. */
class ActivityTest {
    private final GraphBuilder builder = GraphBuilder.withShapes();
    private final Node x = builder.input("x", Shape.SCALAR);
    private final Node y = builder.input("y", Shape.SCALAR);

    private static BitSet set(Node... nodes) {
        BitSet set = new BitSet();
        Arrays.stream(nodes).forEach(node -> set.set(node.index()));
        return set;
    }

    @Test
    void dependents_and_ancestors_include_the_nodes_themselves() {
        Node exp = call("exp", x);
        Node product = call("mul", exp, y);
        Node aside = call("sin", y);
        Graph graph = builder.build();
        assertThat(Activity.dependents(graph, graph.size(), set(x))).isEqualTo(set(x, exp, product));
        assertThat(Activity.dependents(graph, graph.size(), set(y))).isEqualTo(set(y, product, aside));
        assertThat(Activity.dependents(graph, product.index(), set(x))).as("of the first nodes").isEqualTo(set(x, exp));
        assertThat(Activity.ancestors(graph, set(product))).isEqualTo(set(x, y, exp, product));
        assertThat(Activity.ancestors(graph, set(x))).isEqualTo(set(x));
        assertThat(Activity.ancestors(graph, new BitSet())).isEqualTo(new BitSet());
    }

    @Test
    void behind_a_comparison_the_derivative_is_zero_everywhere() {
        Node above = call("greater", x, y);
        Node chosen = call("where", above, y, builder.literal(0));
        Graph graph = builder.build();
        assertThat(Activity.differentiableAncestors(graph, set(chosen)).stream()).contains(y.index()).doesNotContain(x.index(),
                above.index());
        assertThat(Activity.ancestors(graph, set(chosen)).stream()).contains(x.index(), above.index());
    }

    @Test
    void kinks_are_counted_where_a_cotangent_is_not_zero() {
        Node vector = builder.input("v", Shape.of(4));
        Node relu = call("relu", vector);
        Node smooth = call("exp", vector);
        Node unused = call("abs", vector);
        Graph graph = builder.build();
        GraphBuilder extended = GraphBuilder.extending(graph, Allowance.UNBOUNDED);
        int[] cotangents = new int[graph.size()];
        Arrays.fill(cotangents, -1);
        cotangents[relu.index()] = extended.constant(Tensor.vector(1, 0, 2, 3)).index();
        cotangents[smooth.index()] = cotangents[relu.index()];
        Map<Integer, Integer> counts = Kinks.counts(graph, extended, cotangents);
        assertThat(counts).containsOnlyKeys(relu.index()).doesNotContainKey(unused.index());
        Node count = extended.node(counts.getOrDefault(relu.index(), -1));
        GraphFunction function = new GraphFunction(extended.build(), new int[]{vector.index()},
                new int[]{count.index()});
        assertThat(function.apply(Tensor.vector(0, 0, 0, 1)).item()).isEqualTo(2);
        assertThat(function.apply(Tensor.vector(0, 0, 1, 0)).item()).isEqualTo(2);
        assertThat(function.apply(Tensor.vector(1, 0, -1, 2)).item()).as("a kink without a cotangent").isZero();
    }

    @Test
    void a_perturbation_is_an_input_that_is_added_to_a_node_and_changes_nothing_at_first() {
        Node exp = call("exp", x);
        Node product = call("mul", exp, y);
        Graph graph = builder.build();
        Perturbations perturbed = Perturbations.of(graph, List.of(exp.index(), product.index(), x.index()), Allowance.UNBOUNDED);
        assertThat(perturbed.points()).as("inputs are left as they are").containsOnlyKeys(exp.index(), product.index());
        int first = perturbed.points().getOrDefault(exp.index(), -1);
        int second = perturbed.points().getOrDefault(product.index(), -1);
        assertThat(perturbed.graph().op(first)).isInstanceOf(Leaf.Input.class);
        assertThat(Arrays.copyOf(perturbed.source(), perturbed.graph().size())).containsExactly(x.index(), y.index(), exp.index(),
                exp.index(), exp.index(), product.index(), product.index(), product.index());
        assertThat(perturbed.image()).containsExactly(0, 1, 4, 7);
        GraphFunction function = new GraphFunction(perturbed.graph(), new int[]{0, 1, first, second},
                new int[]{perturbed.image()[product.index()]});
        assertThat(function.at(0, 3, 0.5, 10)).isEqualTo(14.5);
        assertThat(1 / Perturbations.none(Shape.SCALAR).item()).as("−0, which leaves −0 as it is").isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Perturbations.none(Shape.of(2)).shape()).isEqualTo(Shape.of(2));
    }
}
