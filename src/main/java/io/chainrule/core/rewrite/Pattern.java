package io.chainrule.core.rewrite;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Axes;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Circuit;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A circuit that a gate stands for, as a graph whose first nodes are inputs for the gate's operands. Circuits nested in it are closed, as
 * {@link Closing} closes them in the graph before it compares.
 */
record Pattern(OpDefinition gate, Graph graph, int root) {
    /** All patterns, by the op of their last node; made from the definitions in the catalogue. */
    private static final Map<String, List<Pattern>> ALL = read();

    static Map<String, List<Pattern>> all() {
        return Collections.unmodifiableMap(ALL);
    }

    /** Makes the patterns. A gate's equivalent forms come before its own circuit, which may contain one of them. */
    private static Map<String, List<Pattern>> read() {
        Map<String, List<Pattern>> known = new HashMap<>();
        for (OpDefinition gate : OpCatalogue.all()) {
            if (gate.attributes().stream().noneMatch(Attribute::required) && !gate.operands().isEmpty()) {
                gate.equivalentForms().forEach(form -> add(known, gate, form.of(operands(gate))));
                for (boolean keepdims : has(gate, "keepdims") ? new boolean[]{false, true} : new boolean[1]) {
                    Op op = gate.create(sample(gate, keepdims), gate.operands().size());
                    if (op.isGate() && (!op.isComposite() || !gate.equivalentForms().isEmpty())) {
                        Node[] operands = operands(gate);
                        Node circuit = op.expand(operands);
                        if (circuit != null) {
                            add(known, gate, circuit);
                        }
                    }
                }
            }
        }
        return known;
    }

    static boolean has(OpDefinition gate, String attribute) {
        return gate.attributes().stream().anyMatch(each -> each.name().equals(attribute));
    }

    private static Map<String, Object> sample(OpDefinition gate, boolean keepdims) {
        Map<String, Object> attributes = new HashMap<>();
        if (has(gate, "axis")) {
            attributes.put("axis", Circuit.SAMPLE_AXIS);
        }
        if (keepdims) {
            attributes.put("keepdims", true);
        }
        return attributes;
    }

    private static Node[] operands(OpDefinition gate) {
        GraphBuilder builder = GraphBuilder.withShapes();
        Shape shape = has(gate, "axis") ? Circuit.SAMPLE_SHAPE : Shape.SCALAR;
        return gate.operands().stream().map(name -> builder.input(name, shape)).toArray(Node[]::new);
    }

    private static void add(Map<String, List<Pattern>> known, OpDefinition gate, Node circuit) {
        BitSet root = new BitSet();
        root.set(circuit.index());
        Gates.Expansion closed = new Closing(circuit.graph().build(), known, root, new BitSet()).result();
        int at = closed.image()[circuit.index()];
        String op = closed.graph().op(at).name();
        boolean isGateItself = op.equals(gate.name()) && closed.graph().operand(at, 0) < gate.operands().size();
        if (!isGateItself) {
            known.computeIfAbsent(op, _ -> new ArrayList<>()).add(new Pattern(gate, closed.graph(), at));
        }
    }

    /**
     * The gate along these axes of an operand of this rank, without and with reduced dimensions kept; empty if the gate takes exactly one
     * axis and there is not exactly one.
     */
    List<Op> candidates(BitSet axes, int rank) {
        Map<String, Object> attributes = new HashMap<>();
        for (Attribute attribute : gate.attributes()) {
            if (attribute.name().equals("axis") && !axes.equals(Axes.of(attribute.defaultValue(), rank))) {
                if (attribute.type() == Attribute.Type.INT && axes.cardinality() != 1) {
                    return List.of();
                }
                attributes.put("axis",
                        attribute.type() == Attribute.Type.INT
                                ? axes.nextSetBit(0)
                                : Arrays.stream(axes.stream().toArray()).boxed().toList());
            }
        }
        List<Op> ops = new ArrayList<>();
        ops.add(gate.create(attributes, gate.operands().size()));
        if (has(gate, "keepdims")) {
            attributes.put("keepdims", true);
            ops.add(gate.create(attributes, gate.operands().size()));
        }
        return ops;
    }
}
