package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A circuit under one name has the shape and the derivatives of the circuit. */
class CompositeTest {
    private final GraphBuilder graph = GraphBuilder.withShapes();
    private final Node x = graph.input("x", Shape.of(2, 3));

    private static Node productOfSum(Node[] x) {
        return Maths.mul(Maths.add(x[0], x[1]), x[1]);
    }

    private static Attributes attributes(Map<String, ?> given) {
        return new Attributes(OpDefinition.define("f", Family.COMPOSITE, "x").attribute(Attribute.number("beta", 1, "")), given);
    }

    @Test
    void a_circuit_has_a_name_attributes_and_a_shape_of_its_own() {
        Composite op = Composite.of("f", attributes(Map.of("beta", 2)), CompositeTest::productOfSum);
        assertThat(op.name()).isEqualTo("f");
        assertThat(op.attributes()).isEqualTo(Map.of("beta", 2.0));
        assertThat(op.family()).isEqualTo(Family.COMPOSITE);
        assertThat(op.isComposite()).isTrue();
        assertThat(op.isGate()).isTrue();
        assertThat(op.shape(Shape.of(2, 1), Shape.of(3))).isEqualTo(Shape.of(2, 3));
        assertThat(Stream.of(0, 1).filter(op::ignores)).isEmpty();
    }

    /** (a + b) · b at a = 2, b = 3 is 15, with derivatives b = 3 and a + 2b = 8. */
    @Test
    void its_value_and_derivatives_are_those_of_the_circuit() {
        Composite op = Composite.of("f", Map.of(), CompositeTest::productOfSum);
        GraphFunction f = GraphFunction.of(a -> a[0].graph().add(op, a), Shape.SCALAR, Shape.SCALAR);
        assertThat(f.at(2, 3)).isEqualTo(15);
        assertThat(f.vjp(0).at(2, 3, 1)).isEqualTo(3);
        assertThat(f.vjp(1).at(2, 3, 1)).isEqualTo(8);
        assertThat(f.jvp().at(2, 3, 10, 1)).isEqualTo(38);
    }

    @Test
    void a_circuit_that_moves_data_is_of_that_family() {
        Function<Node[], Node> flat = a -> Maths.reshape(a[0], Shape.of(6));
        for (Composite op : List.of(Composite.moving("f", Map.of("beta", 2.0), flat),
                Composite.moving("f", attributes(Map.of("beta", 2)), flat))) {
            assertThat(op.family()).isEqualTo(Family.MOVEMENT);
            assertThat(op.isComposite()).isTrue();
            assertThat(op.attributes()).isEqualTo(Map.of("beta", 2.0));
            assertThat(op.shape(Shape.of(2, 3))).isEqualTo(Shape.of(6));
            assertThat(Objects.requireNonNull(op.expand(new Node[]{x})).op().name()).isEqualTo("reshape");
        }
    }

    @Test
    void operands_that_are_named_get_no_gradient() {
        Composite op = Composite.of("f", Map.of("a", 1), CompositeTest::productOfSum).ignoring(1, 2);
        assertThat(op.ignores(0)).isFalse();
        assertThat(op.ignores(1)).isTrue();
        assertThat(op.ignores(2)).isTrue();
        assertThat(op.name()).isEqualTo("f");
        assertThat(op.attributes()).isEqualTo(Map.of("a", 1));
        assertThat(op.shape(Shape.of(2, 1), Shape.of(3))).isEqualTo(Shape.of(2, 3));
        assertThat(Objects.requireNonNull(op.expand(new Node[]{x, x})).op().name()).isEqualTo("mul");
    }

    @Test
    void a_shape_rule_can_be_given() {
        Composite op = Composite.of("f", Map.of(), a -> {
            throw new AssertionError("traced");
        }).shapedBy(shape -> shape.concat(Shape.of(7)));
        assertThat(op.shape(Shape.of(2))).isEqualTo(Shape.of(2, 7));
        assertThat(op.name()).isEqualTo("f");
        Composite ruled = new Composite("f", Map.of(), shapes -> shapes[1], CompositeTest::productOfSum);
        assertThat(ruled.shape(Shape.of(2), Shape.of(3))).isEqualTo(Shape.of(3));
    }

    @Test
    void what_a_circuit_needs_is_said_where_it_is_missing() {
        Composite.needs("bias", Shape.of(2, 3), x);
        assertThatThrownBy(() -> Composite.needs("bias", Shape.of(3), x)).isInstanceOf(ShapeException.class)
                .hasMessage("needs bias [3], got [2, 3]");
    }

    @Test
    void nothing_is_computed_before_it_is_expanded() {
        Composite op = Composite.of("f", Map.of(), CompositeTest::productOfSum);
        Shape[] shapes = {Shape.of(2), Shape.of(2)};
        for (ThrowingCallable use : List.<ThrowingCallable>of(() -> op.prepare(shapes, Shape.of(2)), () -> op.flops(shapes, Shape.of(2)),
                () -> op.vjp(x, 0, x), () -> op.jvp(x, new Node[]{x}), () -> op.batch(new Node[]{x}, new boolean[]{true}, 2))) {
            assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessage("composite op f must be expanded first");
        }
    }
}
