package io.chainrule.core.autodiff;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.autodiff.Jacobian.Mode;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JacobianTest {
    private final GraphBuilder builder = GraphBuilder.withShapes();
    private final Node x = builder.input("x", Shape.of(2));
    private final Node s = builder.input("s", Shape.SCALAR);
    private final Node square = call("square", x);
    private final Node product = call("mul", square, s);
    private final Node sum = call("sum", product);
    private final Node nothing = call("index", Map.of("at", List.of("2:")), x);

    private Jacobian jacobian(Mode mode, List<Node> of, List<Node> wrt) {
        return Jacobian.of(builder.build(), indices(of), indices(wrt), mode, Allowance.nodes(1000));
    }

    private Jacobian.Result run(Mode mode, List<Node> of, List<Node> wrt) {
        return jacobian(mode, of, wrt).run(Map.of(x.index(), Tensor.vector(3, 5), s.index(), Tensor.scalar(10)), Checkpoint.NONE);
    }

    private static List<Integer> indices(List<Node> nodes) {
        return nodes.stream().map(Node::index).toList();
    }

    @ParameterizedTest
    @EnumSource
    void every_result_by_every_operand(Mode mode) {
        Jacobian.Result result = run(mode, List.of(product, sum), List.of(x, s));
        assertThat(result.values()).containsExactly(Tensor.vector(90, 250), Tensor.scalar(340));
        assertThat(result.jacobians()).containsExactly(
                List.of(Tensor.matrix(new double[]{60, 0}, new double[]{0, 100}), Tensor.vector(9, 25)),
                List.of(Tensor.vector(60, 100), Tensor.scalar(34)));
    }

    @ParameterizedTest
    @EnumSource
    void nodes_inside_and_nodes_apart(Mode mode) {
        assertThat(run(mode, List.of(sum), List.of(square)).jacobians()).containsExactly(List.of(Tensor.vector(10, 10)));
        assertThat(run(mode, List.of(square), List.of(s)).jacobians()).as("independent").containsExactly(List.of(Tensor.vector(0, 0)));
        assertThat(run(mode, List.of(x), List.of(x)).jacobians()).as("of itself")
                .containsExactly(List.of(Tensor.matrix(new double[]{1, 0}, new double[]{0, 1})));
        assertThat(run(mode, List.of(product), List.of(square, product)).jacobians().getFirst().getLast()).as("of itself, beside another")
                .isEqualTo(Tensor.matrix(new double[]{1, 0}, new double[]{0, 1}));
    }

    @ParameterizedTest
    @EnumSource
    void results_without_elements(Mode mode) {
        assertThat(run(mode, List.of(nothing), List.of(x)).jacobians()).containsExactly(List.of(Tensor.zeros(Shape.of(0, 2))));
        assertThat(run(mode, List.of(sum), List.of(nothing)).jacobians()).containsExactly(List.of(Tensor.zeros(Shape.of(0))));
    }

    @Test
    void the_cheaper_mode_has_fewer_passes() {
        assertThat(Jacobian.cheaper(builder.build(), indices(List.of(product)), indices(List.of(s)))).isEqualTo(Mode.FORWARD);
        assertThat(Jacobian.cheaper(builder.build(), indices(List.of(sum)), indices(List.of(x)))).isEqualTo(Mode.REVERSE);
        assertThat(Jacobian.cheaper(builder.build(), indices(List.of(product)), indices(List.of(x)))).isEqualTo(Mode.REVERSE);
        assertThat(jacobian(Mode.FORWARD, List.of(sum), List.of(x, s)).passes()).isEqualTo(3);
        assertThat(jacobian(Mode.REVERSE, List.of(sum), List.of(x, s)).passes()).isEqualTo(1);
        assertThat(jacobian(Mode.FORWARD, List.of(sum), List.of(x)).cost().flops())
                .isGreaterThan(jacobian(Mode.REVERSE, List.of(sum), List.of(x)).cost().flops());
    }

    @Test
    void derived_nodes_are_limited() {
        assertThatThrownBy(() -> Jacobian.of(builder.build(), indices(List.of(sum)), indices(List.of(x)), Mode.REVERSE, Allowance.nodes(7)))
                .isInstanceOf(LimitException.class);
    }
}
