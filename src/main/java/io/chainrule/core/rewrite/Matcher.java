package io.chainrule.core.rewrite;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Axes;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares a graph with one pattern, which is read as a tree: a node that the pattern reads twice may be two nodes in the graph. An operand
 * that the pattern reads twice must be one node, or nodes of the same structure. The operands of a commutative op may be in either order.
 */
final class Matcher {
    /** Attributes that need not be equal: axes are compared by {@link Axes}, the others follow from the result's shape. */
    private static final Set<String> NOT_COMPARED = Set.of("axis", "keepdims", "shape");

    private final Wiring wiring;
    private final Pattern pattern;
    private final Graph circuit;

    Matcher(Wiring wiring, Pattern pattern) {
        this.wiring = wiring;
        this.pattern = pattern;
        this.circuit = pattern.graph();
    }

    /**
     * A pair of nodes that must be equal, one of the pattern and one of the graph, and a list of the pairs that are still to be compared.
     */
    private record Goal(int wanted, int found, @Nullable Goal next) {}

    /**
     * The match so far: the operands (−1 for one that was not met yet), the axes once an op with axes was met, and the nodes of the
     * circuit.
     */
    private record Settled(int[] operands, @Nullable BitSet axes, int[] inside) {}

    /** The circuit that ends at a node, or null. */
    @Nullable
    Match at(int node) {
        int[] none = new int[pattern.gate().operands().size()];
        Arrays.fill(none, -1);
        Settled settled = solve(new Goal(pattern.root(), node, null), new Settled(none, null, new int[0]));
        if (settled == null) {
            return null;
        }
        BitSet axes = settled.axes;
        if (axes == null) {
            axes = Axes.of((Object) null, wiring.shape(settled.operands[0]).rank());
        }
        int[] inside = Arrays.stream(settled.inside).filter(member -> member != node).sorted().distinct().toArray();
        return new Match(settled.operands, axes, inside);
    }

    private @Nullable Settled solve(@Nullable Goal goal, Settled settled) {
        if (goal == null) {
            return settled;
        }
        Op wanted = circuit.op(goal.wanted);
        Op found = wiring.op(goal.found);
        if (wanted instanceof Leaf.Input) {
            return bind(goal, settled);
        }
        if (wanted instanceof Leaf.Literal(double number)) {
            return found instanceof Leaf.Literal(double value) && value == number ? solve(goal.next, settled) : null;
        }
        int[] operands = wiring.operands(goal.found);
        if (!isSame(wanted, found) || operands.length != circuit.operandCount(goal.wanted)) {
            return null;
        }
        BitSet axes = operands.length == 0 ? null : Axes.of(found, wiring.shape(operands[0]).rank());
        if (axes != null && (settled.axes != null && !settled.axes.equals(axes) || !meetsOperand(wanted, found, axes))) {
            return null;
        }
        int[] inside = Arrays.copyOf(settled.inside, settled.inside.length + 1);
        inside[settled.inside.length] = goal.found;
        Settled next = new Settled(settled.operands, axes == null ? settled.axes : axes, inside);
        Settled inOrder = solve(pairs(goal, operands), next);
        return inOrder == null && operands.length == 2 && OpCatalogue.has(wanted, Trait.COMMUTATIVE)
                ? solve(pairs(goal, new int[]{operands[1], operands[0]}), next)
                : inOrder;
    }

    private Goal pairs(Goal goal, int[] operands) {
        Goal goals = goal.next;
        for (int k = operands.length - 1; k >= 0; k--) {
            goals = new Goal(circuit.operand(goal.wanted, k), operands[k], goals);
        }
        return Objects.requireNonNull(goals);
    }

    private @Nullable Settled bind(Goal goal, Settled settled) {
        int known = settled.operands[goal.wanted];
        if (known >= 0) {
            return wiring.standsFor(known, goal.found) ? solve(goal.next, settled) : null;
        }
        int[] operands = settled.operands.clone();
        operands[goal.wanted] = goal.found;
        return solve(goal.next, new Settled(operands, settled.axes, settled.inside));
    }

    private static boolean isSame(Op wanted, Op found) {
        return wanted.name().equals(found.name()) && compared(wanted).equals(compared(found));
    }

    private static Map<String, Object> compared(Op op) {
        if (op.attributes().isEmpty()) {
            return Map.of();
        }
        Map<String, Object> attributes = new HashMap<>(op.attributes());
        attributes.keySet().removeAll(NOT_COMPARED);
        return attributes;
    }

    /**
     * Whether a reduction broadcasts against its operand as it does in the pattern: a pattern keeps reduced dimensions where it combines
     * the result with the operand again.
     */
    private static boolean meetsOperand(Op wanted, Op found, BitSet axes) {
        boolean isKept = Boolean.TRUE.equals(found.attributes().get("keepdims"));
        return isKept || !Boolean.TRUE.equals(wanted.attributes().get("keepdims")) || Axes.areLeading(axes);
    }
}
