package io.chainrule.core.simplify;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A graph under construction in which equal ops on equal operands become one node (common subexpression elimination). */
final class UniqueNodes {
    private final GraphBuilder builder;
    private final Map<Key, Integer> known = new HashMap<>();
    private final Map<String, Op> plain = new HashMap<>();
    private final KnownValues knownValues = new KnownValues();
    private @Nullable Domain domain;

    private record Key(String op, Map<String, Object> attributes, List<Integer> operands) {}

    UniqueNodes(Allowance allowance) {
        builder = GraphBuilder.withShapes(allowance);
    }

    /** Begins the textbook form, in which rules may need conditions. */
    Domain restrict(Set<String> written, Map<String, Graph> known) {
        domain = new Domain(this, written, known);
        return domain;
    }

    /** The conditions of the textbook form; null in the stable form, which has none. */
    @Nullable
    Domain domain() {
        return domain;
    }

    Node add(Op op, Node... operands) {
        List<Integer> indices = new ArrayList<>(operands.length);
        for (Node operand : operands) {
            indices.add(operand.index());
        }
        Key key = new Key(op.name(), op.attributes(), indices);
        Integer found = known.get(key);
        if (found != null) {
            return builder.node(found);
        }
        Node node = builder.add(op, operands);
        known.put(key, node.index());
        knownValues.note(node);
        return node;
    }

    /** Adds an op without attributes. */
    Node call(String op, Node... operands) {
        return add(plain.computeIfAbsent(op, name -> op(name, Map.of(), operands.length)), operands);
    }

    Node call(String op, Map<String, ?> attributes, Node... operands) {
        return add(op(op, attributes, operands.length), operands);
    }

    static Op op(String name, Map<String, ?> attributes, int operands) {
        return Objects.requireNonNull(OpCatalogue.find(name), name).create(attributes, operands);
    }

    /** Adds a leaf; equal leaves are not merged. */
    Node leaf(Op leaf) {
        return builder.node(builder.add(leaf, new int[0]));
    }

    Node input(String id, Shape shape) {
        return builder.input(id, shape);
    }

    Node node(int index) {
        return builder.node(index);
    }

    Node literal(double value) {
        return builder.literal(value);
    }

    Node broadcastTo(Node x, Shape shape) {
        return x.shape().equals(shape) ? x : call("broadcast_to", Map.of("shape", shape.toList()), x);
    }

    KnownValues knownValues() {
        return knownValues;
    }

    Graph build() {
        return builder.build();
    }
}
