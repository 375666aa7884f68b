package io.chainrule.core.simplify;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import java.util.BitSet;
import java.util.Set;

/** What is known of the values of nodes, from their ops alone. What is not listed may do anything. */
final class Traits {
    /** Finite wherever their operands are, however large these are within reason. */
    private static final Set<String> TAME = Set.of("neg", "abs", "sign", "square", "add", "sub", "mul", "sin", "cos", "tanh", "sigmoid",
            "atan",
            "erf", "relu", "silu", "gelu", "mish", "softsign", "softplus", "log_sigmoid", "softmax", "log_softmax", "logsumexp",
            "logaddexp",
            "maximum", "minimum", "max", "min", "clip", "where", "eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or",
            "logical_not", "isfinite", "isnan", "heaviside", "floor", "ceil", "round", "sum", "matmul", "outer", "reshape", "transpose",
            "broadcast_to", "index", "index_transpose", "stack", "concatenate", "zeros", "ones", "full", "eye", "arange", "linspace",
            "stop_gradient", "copysign", "asinh", "hypot", "strong_mul", "strong_mul_both");
    /** The same, but they overflow soon. */
    private static final Set<String> STEEP = Set.of("exp", "exp2", "expm1", "sinh", "cosh");
    /** Zero at single points where their operands are not zero by choice. */
    private static final Set<String> SMOOTH = Set.of("neg", "abs", "square", "add", "sub", "mul", "div", "pow", "sqrt", "rsqrt", "cbrt",
            "sin",
            "tan", "asin", "atan", "sinh", "tanh", "asinh", "acosh", "atanh", "erf", "expm1", "log", "log2", "log10", "log1p",
            "log_softmax", "logsumexp", "softplus", "silu", "gelu", "mish", "softsign", "log_sigmoid", "sum", "matmul", "outer", "reshape",
            "transpose", "broadcast_to", "index", "full", "lgamma", "digamma", "hypot", "atan2", "strong_mul", "strong_mul_both",
            "logaddexp", "norm");
    /** Not zero where their operands are. */
    private static final Set<String> NONZERO = Set.of("exp", "exp2", "cos", "acos", "cosh", "sigmoid", "reciprocal", "softmax", "erfc",
            "ones");
    private static final Set<String> NOT_NEGATIVE = Set.of("square", "abs", "relu", "sqrt", "softmax", "sigmoid", "norm", "softplus");
    private static final Set<String> POSITIVE = Set.of("exp", "exp2", "cosh", "ones");

    private final BitSet selecting = new BitSet();
    private final BitSet singular = new BitSet();
    private final BitSet steep = new BitSet();
    private final BitSet positive = new BitSet();
    private final BitSet notNegative = new BitSet();

    /** In topological order. */
    void note(Node node) {
        String op = node.op().name();
        int i = node.index();
        positive.set(i, isPositive(node, op));
        notNegative.set(i, positive.get(i) || NOT_NEGATIVE.contains(op) || op.equals("pow") && exponent(node) % 2 == 0);
        selecting.set(i, !SMOOTH.contains(op) && !NONZERO.contains(op));
        steep.set(i, STEEP.contains(op));
        singular.set(i, !isTame(node, op) && !STEEP.contains(op));
        for (int k = 0; k < node.operandCount(); k++) {
            int operand = node.operand(k).index();
            pass(steep, operand, i);
            pass(singular, operand, i);
            if (!NONZERO.contains(op) && !(op.equals("div") && k == 1)) {
                pass(selecting, operand, i);
            }
        }
    }

    private static void pass(BitSet trait, int from, int to) {
        if (trait.get(from)) {
            trait.set(to);
        }
    }

    private boolean isTame(Node node, String op) {
        return switch (op) {
            case "pow" -> exponent(node) >= 0 && exponent(node) == Math.rint(exponent(node)) || isPositive(node.operand(0));
            case "div" -> isPositive(node.operand(1)) || node.operand(1).op() instanceof Leaf.Literal(double d) && d != 0;
            case "sqrt" -> isNotNegative(node.operand(0));
            case "log" -> isPositive(node.operand(0));
            default -> TAME.contains(op);
        };
    }

    private boolean isPositive(Node node, String op) {
        return switch (op) {
            case "add" -> isPositive(node.operand(0)) && isNotNegative(node.operand(1))
                    || isNotNegative(node.operand(0)) && isPositive(node.operand(1));
            case "mul", "div" -> isPositive(node.operand(0)) && isPositive(node.operand(1));
            case "sqrt", "pow", "broadcast_to", "reshape" -> isPositive(node.operand(0));
            default -> POSITIVE.contains(op);
        };
    }

    private boolean isPositive(Node x) {
        return positive.get(x.index()) || x.op() instanceof Leaf.Literal(double value) && value > 0;
    }

    private boolean isNotNegative(Node x) {
        return notNegative.get(x.index()) || x.op() instanceof Leaf.Literal(double value) && value >= 0;
    }

    private static double exponent(Node power) {
        return power.operand(1).op() instanceof Leaf.Literal(double n) ? n : Double.NaN;
    }

    /**
     * Whether a · b may stand for the strong product, which is 0 where a is 0: b is finite, or a vanishes at single
     * points at most.
     */
    boolean isPlainProduct(Node a, Node b) {
        return !selecting.get(a.index()) || !singular.get(b.index()) && !steep.get(b.index());
    }
}
