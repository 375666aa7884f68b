package io.chainrule.core.simplify;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The conditions under which a textbook form has the value of the stable form. Each is kept as a graph of its own, because the graph in
 * which it was found is written anew by every pass. A condition on an array is meant for each of its elements.
 */
final class Domain {
    /** A condition that reads more nodes than this is not worth reading; the rule that needs it is then not applied. */
    private static final int LONGEST = 24;

    private final UniqueNodes nodes;
    private final Set<String> written;
    private final LinkedHashMap<String, Graph> conditions;
    private int stated;

    /** {@code written} has the names of the ops that the program uses, {@code known} the conditions of earlier passes. */
    Domain(UniqueNodes nodes, Set<String> written, Map<String, Graph> known) {
        this.nodes = nodes;
        this.written = written;
        this.conditions = new LinkedHashMap<>(known);
    }

    /** Whether the program itself uses an op, so that a reader expects to find it in the derivative. */
    boolean isWritten(String op) {
        return written.contains(op);
    }

    Map<String, Graph> conditions() {
        return conditions;
    }

    /** How often a condition has been stated, new or not. */
    int stated() {
        return stated;
    }

    /** How many conditions there are, to which {@link #reset} returns. */
    int mark() {
        return conditions.size();
    }

    void reset(int mark) {
        while (conditions.size() > mark) {
            conditions.pollLastEntry();
        }
    }

    /** States that x is not 0; false if that would be too long to state. */
    boolean isNonzero(Node x) {
        if (nodes.knownValues().isPositive(x)) {
            return true;
        }
        return switch (x.op().name()) {
            case "mul" -> isNonzero(x.operand(0)) && isNonzero(x.operand(1));
            case "neg", "abs", "sqrt", "transpose", "reshape", "broadcast_to" -> isNonzero(x.operand(0));
            case "pow" -> x.operand(1).op() instanceof Leaf.Literal(double n) && n > 0 ? isNonzero(x.operand(0)) : state("ne", x, 0.0);
            default -> x.literal().isPresent() ? x.literal().getAsDouble() != 0 : state("ne", x, 0.0);
        };
    }

    /** States that x is greater than a number. */
    boolean isAbove(Node x, Node bound) {
        return bound.op() instanceof Leaf.Literal(double value) && state("gt", x, value);
    }

    boolean isNotNegative(Node x) {
        return nodes.knownValues().isNotNegative(x) || (x.literal().isPresent() ? x.literal().getAsDouble() >= 0 : state("ge", x, 0.0));
    }

    boolean isNot(Node x, double value) {
        return state("ne", x, value);
    }

    /**
     * States that x is finite, or that its inputs are if x is finite whenever they are. Returns false and states nothing if the conditions
     * would be too long.
     */
    boolean isFinite(Node x) {
        int mark = mark();
        boolean isStated = isFinite(x, new BitSet());
        if (!isStated) {
            reset(mark);
        }
        return isStated;
    }

    /** @param asked the nodes that have been asked about; of a node that expressions share, once is enough */
    private boolean isFinite(Node x, BitSet asked) {
        if (asked.get(x.index())) {
            return true;
        }
        asked.set(x.index());
        switch (x.op().name()) {
            case "div" -> {
                return isFinite(x.operand(0), asked) && isFinite(x.operand(1), asked) && isNonzero(x.operand(1));
            }
            case "mul", "add", "sub" -> {
                return isFinite(x.operand(0), asked) && isFinite(x.operand(1), asked);
            }
            case "pow" -> {
                if (Cancelling.wholeExponent(x) != 1) {
                    return isFinite(x.operand(0), asked);
                }
            }
            case "neg" -> {
                return isFinite(x.operand(0), asked);
            }
            case "expm1" -> {
                // A logarithm of a probability is at most 0.
                if (x.operand(0).op().name().equals("log_softmax")) {
                    return isFinite(x.operand(0), asked);
                }
            }
            case "one_hot" -> {
                return true;
            }
            default -> {
            }
        }
        if (!nodes.knownValues().isFiniteAsOperandsAre(x)) {
            return state("isfinite", x, null);
        }
        List<Node> leaves = leaves(x);
        return leaves != null && leaves.stream().allMatch(leaf -> switch (leaf.op()) {
            case Leaf.Literal(double value) -> Double.isFinite(value);
            case Leaf.Constant(var value) -> DoubleStream.of(value.data()).allMatch(Double::isFinite);
            default -> state("isfinite", leaf, null);
        });
    }

    private static @Nullable List<Node> leaves(Node x) {
        List<Node> leaves = new ArrayList<>();
        Deque<Node> pending = new ArrayDeque<>(List.of(x));
        for (int seen = 0; !pending.isEmpty(); seen++) {
            Node node = pending.pop();
            if (seen > LONGEST) {
                return null;
            } else if (node.op() instanceof Leaf) {
                leaves.add(node);
            }
            for (int k = node.operandCount() - 1; k >= 0; k--) {
                pending.push(node.operand(k));
            }
        }
        return leaves;
    }

    private boolean state(String relation, Node x, @Nullable Double bound) {
        if (leaves(x) == null) {
            return false;
        }
        stated++;
        GraphBuilder builder = GraphBuilder.withShapes();
        StringBuilder key = new StringBuilder(relation + " " + bound + " ");
        Node copy = copied(x, builder, new HashMap<>(), key);
        Node[] operands = bound == null ? new Node[]{copy} : new Node[]{copy, builder.literal(bound)};
        Op op = UniqueNodes.op(relation, Map.of(), operands.length);
        conditions.computeIfAbsent(key.toString(), _ -> {
            builder.add(op, operands);
            return builder.build();
        });
        return true;
    }

    /** Copies x as a tree, so that its text needs no statements beside the condition. The depth is bounded by {@link #LONGEST}. */
    private static Node copied(Node x, GraphBuilder builder, Map<String, Node> inputs, StringBuilder key) {
        key.append('(').append(x.op().name()).append(x.op().attributes());
        Node copy = switch (x.op()) {
            case Leaf.Literal(double value) -> {
                key.append(value);
                yield builder.literal(value);
            }
            case Leaf.Input(String id, var _) -> {
                key.append(id);
                yield inputs.computeIfAbsent(id, name -> builder.input(name, x.shape()));
            }
            case Leaf.Constant leaf -> {
                key.append(x.index());
                yield builder.constant(leaf.value());
            }
            default -> {
                Node[] operands = new Node[x.operandCount()];
                for (int k = 0; k < operands.length; k++) {
                    operands[k] = copied(x.operand(k), builder, inputs, key);
                }
                yield builder.add(x.op(), operands);
            }
        };
        key.append(')');
        return copy;
    }
}
