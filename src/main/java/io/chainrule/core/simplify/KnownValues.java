package io.chainrule.core.simplify;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Trait;
import java.util.BitSet;

/**
 * What is known about the values of nodes from their ops: the traits of each op, and whether the nodes that read it pass them on. A node
 * about which nothing is known may have any value.
 */
final class KnownValues {
    /** Nodes that may be zero on a whole region, such as where a selection takes a branch that is 0. */
    private final BitSet selecting = new BitSet();
    /** Nodes that may be infinite or NaN although the inputs are finite. */
    private final BitSet singular = new BitSet();
    /** Nodes that overflow for inputs of moderate size. */
    private final BitSet steep = new BitSet();
    private final BitSet positive = new BitSet();
    private final BitSet notNegative = new BitSet();

    /** Records a node. Must be called for every node, operands first. */
    void note(Node node) {
        String op = node.op().name();
        OpDefinition definition = OpCatalogue.of(node.op());
        int i = node.index();
        boolean overflows = definition.has(Trait.OVERFLOWS);
        boolean nonzeroAtZero = definition.has(Trait.NONZERO_AT_ZERO);
        positive.set(i, isPositive(node, definition));
        notNegative.set(i, positive.get(i) || definition.has(Trait.NONNEGATIVE) || op.equals("pow") && exponent(node) % 2 == 0);
        selecting.set(i, !definition.has(Trait.ISOLATED_ZEROS) && !nonzeroAtZero);
        steep.set(i, overflows);
        singular.set(i, !isFinite(node, definition) && !overflows);
        for (int k = 0; k < node.operandCount(); k++) {
            int operand = node.operand(k).index();
            pass(steep, operand, i);
            pass(singular, operand, i);
            if (!nonzeroAtZero && !(op.equals("div") && k == 1)) {
                pass(selecting, operand, i);
            }
        }
    }

    private static void pass(BitSet trait, int from, int to) {
        if (trait.get(from)) {
            trait.set(to);
        }
    }

    private boolean isFinite(Node node, OpDefinition op) {
        return switch (op.name()) {
            case "pow" -> exponent(node) >= 0 && exponent(node) == Math.rint(exponent(node)) || isPositive(node.operand(0));
            case "div" -> isPositive(node.operand(1)) || node.operand(1).op() instanceof Leaf.Literal(double d) && d != 0;
            case "sqrt" -> isNotNegative(node.operand(0));
            case "log" -> isPositive(node.operand(0));
            default -> op.has(Trait.FINITE);
        };
    }

    private boolean isPositive(Node node, OpDefinition op) {
        return switch (op.name()) {
            case "add" -> isPositive(node.operand(0)) && isNotNegative(node.operand(1))
                    || isNotNegative(node.operand(0)) && isPositive(node.operand(1));
            case "mul", "div" -> isPositive(node.operand(0)) && isPositive(node.operand(1));
            case "sqrt", "pow", "broadcast_to", "reshape" -> isPositive(node.operand(0));
            default -> op.has(Trait.POSITIVE);
        };
    }

    /** Whether the value is a positive number, or NaN. */
    boolean isPositive(Node x) {
        return positive.get(x.index()) || x.op() instanceof Leaf.Literal(double value) && value > 0;
    }

    /** Whether the value is not negative, or NaN. */
    boolean isNotNegative(Node x) {
        return notNegative.get(x.index()) || x.op() instanceof Leaf.Literal(double value) && value >= 0;
    }

    /** Whether the value is finite wherever the inputs are, unless a product of theirs overflows. */
    boolean isFiniteAsOperandsAre(Node x) {
        return x.op() instanceof Leaf || !singular.get(x.index()) && !steep.get(x.index());
    }

    private static double exponent(Node power) {
        return power.operand(1).op() instanceof Leaf.Literal(double n) ? n : Double.NaN;
    }

    /**
     * Whether a · b may replace the strong product, which is 0 where a is 0. The two differ only where a is 0 and b is not
     * finite; so b has to be finite, or a to be zero at isolated points at most.
     */
    boolean isPlainProduct(Node a, Node b) {
        return !selecting.get(a.index()) || !singular.get(b.index()) && !steep.get(b.index());
    }
}
