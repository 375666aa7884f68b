package io.chainrule.core.simplify;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Axes;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules for linear ops of one operand: sums, and ops that move or repeat elements. */
final class LinearRules {
    private final UniqueNodes graph;
    private final Rules rules;

    LinearRules(UniqueNodes graph, Rules rules) {
        this.graph = graph;
        this.rules = rules;
    }

    /** Moves scalar factors to the front of the op, and merges or cancels two ops in a row; null if no rule applies. */
    @Nullable
    Node of(Op op, Shape shape, Node x) {
        boolean isFilled = x.op().name().equals("broadcast_to") && x.operand(0).literal().isPresent();
        Node one = isFilled ? x.operand(0) : x;
        boolean isSame = !op.name().equals("index") && shape.equals(x.shape()) && (!op.name().equals("transpose") || shape.rank() < 2);
        if (isSame) {
            return x;
        } else if (one.literal().isPresent()) {
            return stretched(op, shape, x, one.literal().getAsDouble());
        }
        Quotient quotient = Quotient.of(graph, x);
        if (quotient.isNumber()) {
            return quotient.timesScalars(graph.broadcastTo(graph.literal(1), shape)).node(shape);
        } else if (quotient.hasScalars() && !x.shape().isScalar()) {
            Node rest = rules.node(op, shape, quotient.withoutScalars().node(x.shape()));
            return quotient.timesScalars(rest).node(shape);
        }
        String inner = x.op().name();
        return switch (op.name()) {
            case "sum" -> sum(op, shape, x);
            case "transpose" -> shape.rank() == 2 && op.attributes().isEmpty() && (inner.equals("eye") || inner.equals("diag"))
                    && x.op().attributes().keySet().stream().allMatch("n"::equals)
                            ? x
                            : inner.equals("reshape") && movesNothing(op, x.shape())
                                    ? reshape(x.operand(0), shape)
                                    : inner.equals("transpose") && op.attributes().isEmpty() && x.op().attributes().isEmpty()
                                            ? x.operand(0)
                                            : null;
            case "broadcast_to" -> inner.equals("broadcast_to") || inner.equals("reshape") && x.operand(0).shape().broadcastsTo(x.shape())
                    ? graph.broadcastTo(x.operand(0), shape)
                    : null;
            case "reshape" -> x.shape().isScalar()
                    ? graph.broadcastTo(x, shape)
                    : inner.equals("reshape") || inner.equals("transpose") && movesNothing(x.op(), x.operand(0).shape())
                            ? reshape(x.operand(0), shape)
                            : identity(shape, x);
            default -> null;
        };
    }

    /** A sum of all elements needs no axes, and the sum of a deviation from the mean is 0. */
    private @Nullable Node sum(Op op, Shape shape, Node x) {
        Deviation deviation = Deviation.of(x);
        if (deviation != null && deviation.vanishesAlong(Axes.of(op, x.shape().rank()))) {
            return graph.broadcastTo(graph.literal(0), shape);
        }
        return shape.size() == 1 && !op.attributes().isEmpty() ? graph.broadcastTo(graph.call("sum", x), shape) : null;
    }

    /** Whether a transposition leaves the axes longer than 1 in their order, so that it moves no element. */
    private static boolean movesNothing(Op transpose, Shape x) {
        int last = -1;
        for (int i = 0; i < x.rank(); i++) {
            int axis = transpose.attributes().get("axes") instanceof List<?> axes && axes.get(i) instanceof Integer listed
                    ? x.axis(listed)
                    : x.rank() - 1 - i;
            if (x.dim(axis) != 1 && axis < last) {
                return false;
            }
            last = x.dim(axis) == 1 ? last : axis;
        }
        return true;
    }

    /** The reshaped node, simplified. */
    Node reshaped(Node x, Shape shape) {
        return rules.node(UniqueNodes.op("reshape", Map.of("shape", shape.toList()), 1), shape, x);
    }

    Node reshape(Node x, Shape shape) {
        return x.shape().equals(shape) ? x : graph.call("reshape", Map.of("shape", shape.toList()), x);
    }

    /** Applies the op to an array whose elements all equal this number. */
    private Node stretched(Op op, Shape shape, Node x, double value) {
        double each = op.name().equals("sum") ? value * ((double) x.shape().size() / Math.max(1, shape.size())) : value;
        return shape.size() == 0 || op.name().equals("sum") && x.shape().size() == 0
                ? graph.add(op, x)
                : graph.broadcastTo(graph.literal(each), shape);
    }

    /** A multiple of the identity matrix, if the node scatters a number onto its diagonal, as the cotangent of a trace does; or null. */
    private @Nullable Node identity(Shape shape, Node x) {
        if (!x.op().name().equals("index_transpose") || shape.rank() != 2 || x.operandCount() != 1 || shape.dim(0) != shape.dim(1)
                || x.shape().rank() != 1) {
            return null;
        }
        Object places = List.of(List.of("...", "::" + (shape.dim(0) + 1)));
        Node ones = x.operand(0);
        boolean isFilled = ones.op().name().equals("broadcast_to") && ones.operand(0).literal().isPresent();
        if (!isFilled || !places.equals(x.op().attributes().get("at"))) {
            return null;
        }
        Node eye = graph.add(eye(shape.dim(0)));
        return ones.operand(0).isLiteral(1) ? eye : graph.call("mul", ones.operand(0), eye);
    }

    static Op eye(int n) {
        return UniqueNodes.op("eye", Map.of("n", n), 0);
    }
}
