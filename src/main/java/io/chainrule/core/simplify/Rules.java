package io.chainrule.core.simplify;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rules that simplify an op whose operands have already been simplified. {@link Terms} and {@link Quotient} have the rules for sums and
 * products.
 */
final class Rules {
    /** The depth of nested selections into which a factor is moved; without a limit, deep nests would take quadratic time. */
    private static final int MOST_SELECTIONS = 4;

    private final UniqueNodes graph;
    private final LinearRules linear;
    private final @Nullable TextbookRules textbook;

    Rules(UniqueNodes graph) {
        this.graph = graph;
        this.linear = new LinearRules(graph, this);
        this.textbook = graph.domain() == null ? null : new TextbookRules(graph, graph.domain());
    }

    Node node(Op op, Shape shape, Node... x) {
        Node simple = x.length == 0 ? null : simple(op, shape, x);
        return simple == null ? graph.add(op, x) : simple;
    }

    private @Nullable Node simple(Op op, Shape shape, Node... x) {
        Node folded = op instanceof Elementwise elementwise ? folded(elementwise, x) : null;
        if (folded == null && textbook != null) {
            folded = textbook.of(op, shape, x);
        }
        if (folded != null) {
            return folded;
        }
        Node simple = switch (op.name()) {
            case "square" -> power(x[0], 2);
            case "pow" -> x[1].literal().isPresent() ? power(x[0], x[1].literal().getAsDouble()) : null;
            case "strong_mul" -> strong(x[0], x[1], MOST_SELECTIONS);
            case "strong_mul_both" -> isPlain(x[0], x[1]) && isPlain(x[1], x[0]) ? product(x[0], x[1]) : null;
            case "logical_and" -> x[0].isLiteral(0) || x[1].isLiteral(0) ? graph.broadcastTo(graph.literal(0), shape) : null;
            case "div" -> div(shape, x[0], x[1]);
            case "where" -> where(shape, x);
            case "matmul" -> matmul(shape, x[0], x[1]);
            case "outer", "einsum" -> multilinear(op, shape, x);
            case "diag" -> op.attributes().isEmpty() ? diagonal(op, shape, x[0]) : null;
            case "solve", "triangular_solve" -> columnSolved(op, shape, x[0], x[1]);
            case "sum", "transpose", "reshape", "index", "broadcast_to" -> linear.of(op, shape, x[0]);
            default -> null;
        };
        return simple == null && op instanceof Elementwise ? unstretched(op, shape, x) : simple;
    }

    /** Evaluates an op on numbers. A value that is not finite stays an operation, such as {@code 1 / 0}, which tells the reader more. */
    private @Nullable Node folded(Elementwise op, Node... x) {
        double[] values = new double[3];
        for (int k = 0; k < x.length; k++) {
            if (x[k].literal().isEmpty()) {
                return null;
            }
            values[k] = x[k].literal().getAsDouble();
        }
        double value = op.apply(values[0], values[1], values[2]);
        return Double.isFinite(value) ? graph.literal(value) : null;
    }

    private @Nullable Node power(Node base, double exponent) {
        if (exponent == 1) {
            return base;
        } else if (exponent == 0) {
            // By convention NaN to the power 0 is 1.
            return graph.broadcastTo(graph.literal(1), base.shape());
        } else if (base.op().name().equals("div") && base.operand(0).isLiteral(1)) {
            return graph.call("div", graph.literal(1), graph.call("pow", base.operand(1), graph.literal(exponent)));
        }
        return graph.call("pow", base, graph.literal(exponent));
    }

    /** Moves a selection with a branch 0 in front of the product, which can then be a plain product. */
    private @Nullable Node strong(Node a, Node b, int selections) {
        if (isPlain(a, b)) {
            return product(a, b);
        } else if (selections > 0 && a.op().name().equals("where")) {
            Node condition = a.operand(0);
            if (a.operand(2).isLiteral(0)) {
                return graph.call("where", condition, strongly(a.operand(1), b, selections - 1), a.operand(2));
            } else if (a.operand(1).isLiteral(0)) {
                return graph.call("where", condition, a.operand(1), strongly(a.operand(2), b, selections - 1));
            }
        }
        return null;
    }

    private Node strongly(Node a, Node b, int selections) {
        Node simple = strong(a, b, selections);
        return simple == null ? graph.call("strong_mul", a, b) : simple;
    }

    private boolean isPlain(Node a, Node b) {
        return graph.knownValues().isPlainProduct(a, b);
    }

    private Node product(Node a, Node b) {
        return a.isLiteral(1) ? b : b.isLiteral(1) ? a : graph.call("mul", a, b);
    }

    private @Nullable Node where(Shape shape, Node... x) {
        Node taken = decided(x[1], x[0], 1);
        Node other = decided(x[2], x[0], 2);
        if (taken.index() != x[1].index() || other.index() != x[2].index()) {
            return graph.call("where", x[0], taken, other);
        } else if (x[0].literal().isPresent()) {
            return graph.broadcastTo(x[0].literal().getAsDouble() != 0 ? taken : other, shape);
        }
        boolean isNan = taken.literal().isPresent() && Double.isNaN(taken.literal().getAsDouble());
        if (isNan && (other.op().name().equals("div") || x[0].op().name().equals("isnan"))) {
            return graph.broadcastTo(other, shape);
        }
        boolean isOther = taken.index() == other.index() || taken.isLiteral(0) && isZeroWhere(x[0], other);
        return isOther && other.shape().equals(shape) ? other : null;
    }

    /** Simplifies a branch whose op reads another selection by the same condition: in this branch it is known what that selection takes. */
    private Node decided(Node branch, Node condition, int taken) {
        if (!(branch.op() instanceof Elementwise)) {
            return branch;
        }
        Node[] operands = new Node[branch.operandCount()];
        boolean isDecided = false;
        for (int k = 0; k < operands.length; k++) {
            operands[k] = branch.operand(k);
            if (isOf("where", operands[k], condition)) {
                operands[k] = graph.broadcastTo(operands[k].operand(taken), operands[k].shape());
                isDecided = true;
            }
        }
        return isDecided ? node(branch.op(), branch.shape(), operands) : branch;
    }

    /** Whether a product is 0 where the condition x = 0 holds, provided that all its factors are finite there. */
    private boolean isZeroWhere(Node condition, Node product) {
        boolean isJoined = condition.op().name().equals("logical_and");
        Node equal = isJoined ? condition.operand(0) : condition;
        if (!equal.op().name().equals("eq") || !equal.operand(1).isLiteral(0)) {
            return false;
        }
        Node x = equal.operand(0);
        return Quotient.of(graph, product).hasFactor(factor -> factor.index() == x.index() || isOf("sign", factor, x)
        // The second part of the condition then says that the exponent is positive.
                || isJoined && isOf("pow", factor, x));
    }

    private static boolean isOf(String op, Node node, Node x) {
        return node.op().name().equals(op) && node.operand(0).index() == x.index();
    }

    /** Numbers go to the front; a column times a row is an outer product; the identity changes nothing. */
    private @Nullable Node matmul(Shape shape, Node a, Node b) {
        if (isIdentity(a) && b.shape().equals(shape)) {
            return b;
        } else if (isIdentity(b) && a.shape().equals(shape)) {
            return a;
        }
        if (a.shape().size() == 1 && a.shape().rank() == 2 && b.shape().rank() == 2) {
            return div(shape, product(linear.reshaped(a, Shape.SCALAR), b), graph.literal(1));
        } else if (b.shape().size() == 1 && a.shape().rank() == 2 && b.shape().rank() == 2) {
            return div(shape, product(linear.reshaped(b, Shape.SCALAR), a), graph.literal(1));
        }
        Quotient left = Quotient.of(graph, a);
        Quotient right = Quotient.of(graph, b);
        if (left.hasScalars()) {
            return left.timesScalars(matmulOf(left.withoutScalars().node(a.shape()), b)).node(shape);
        } else if (right.hasScalars()) {
            return right.timesScalars(matmulOf(a, right.withoutScalars().node(b.shape()))).node(shape);
        }
        boolean isOuter = a.shape().rank() == 2 && b.shape().rank() == 2 && a.shape().last() == 1;
        Node column = isOuter ? vector(a) : null;
        Node row = isOuter ? vector(b) : null;
        return column == null || row == null ? null : graph.call("outer", column, row);
    }

    /** Moves scalar factors of the operands to the front. */
    private @Nullable Node multilinear(Op op, Shape shape, Node... x) {
        for (int k = 0; k < x.length; k++) {
            Quotient quotient = Quotient.of(graph, x[k]);
            boolean isFilled = x[k].op().name().equals("broadcast_to") && x[k].operand(0).literal().isPresent();
            if (isFilled && !x[k].operand(0).isLiteral(1) || !x[k].shape().isScalar() && !quotient.isNumber() && quotient.hasScalars()) {
                Node[] rest = x.clone();
                Quotient front = isFilled ? Quotient.of(graph, x[k].operand(0)) : quotient;
                rest[k] = isFilled ? graph.broadcastTo(graph.literal(1), x[k].shape()) : quotient.withoutScalars().node(x[k].shape());
                return front.timesScalars(node(op, shape, rest)).node(shape);
            }
        }
        return null;
    }

    private @Nullable Node diagonal(Op op, Shape shape, Node x) {
        boolean isOnes = x.op().name().equals("broadcast_to") && x.operand(0).isLiteral(1) && x.shape().rank() == 1;
        return isOnes ? graph.add(LinearRules.eye(x.shape().dim(0))) : multilinear(op, shape, x);
    }

    private Node matmulOf(Node a, Node b) {
        Node product = graph.call("matmul", a, b);
        Node simple = matmul(product.shape(), a, b);
        return simple == null ? product : simple;
    }

    /** Solves for a vector if the right-hand side is a column that was reshaped from one; otherwise null. */
    private @Nullable Node columnSolved(Op op, Shape shape, Node a, Node column) {
        Node vector = column.op().name().equals("reshape") && a.shape().rank() == 2 ? column.operand(0) : column;
        boolean isColumn = vector.shape().rank() == 1 && column.shape().rank() == 2 && column.shape().last() == 1;
        return isColumn ? linear.reshape(graph.add(op, a, vector), shape) : null;
    }

    private static boolean isIdentity(Node x) {
        return x.op().name().equals("eye");
    }

    /** The vector that was reshaped to this row or column, or null. */
    private static @Nullable Node vector(Node x) {
        Node inner = x;
        while (Set.of("reshape", "transpose").contains(inner.op().name())) {
            inner = inner.operand(0);
            if (inner.shape().rank() == 1) {
                return inner;
            }
        }
        return null;
    }

    /** Drops a {@code broadcast_to} if the other operands give the result its shape anyway; null if there is none to drop. */
    private @Nullable Node unstretched(Op op, Shape shape, Node... x) {
        for (int k = 0; k < x.length && x.length > 1; k++) {
            int operand = k;
            Shape others = IntStream.range(0, x.length).filter(i -> i != operand).mapToObj(i -> x[i].shape())
                    .reduce(Shape.SCALAR, Shape::broadcast);
            if (x[k].op().name().equals("broadcast_to") && others.equals(shape)) {
                Node[] smaller = x.clone();
                smaller[k] = x[k].operand(0);
                return node(op, shape, smaller);
            }
        }
        return null;
    }

    /** The softmax if a is exp(x − y) and b its sum, as in the derivative of log-sum-exp; otherwise a fraction. */
    private Node div(Shape shape, Node a, Node b) {
        Node softmax = softmax(a, small(b));
        if (softmax != null) {
            return softmax;
        }
        Quotient quotient = new Quotient(graph);
        quotient.multiply(a, false);
        quotient.multiply(b, true);
        return quotient.node(shape);
    }

    private @Nullable Node softmax(Node weights, Node sum) {
        boolean isShare = weights.op().name().equals("exp") && isOf("sum", sum, weights);
        Node shifted = isShare ? weights.operand(0) : null;
        if (shifted == null || !shifted.op().name().equals("where") || !shifted.operand(2).op().name().equals("sub")) {
            return null;
        }
        Node x = shifted.operand(2).operand(0);
        Node y = small(shifted.operand(2).operand(1));
        boolean isShifted = isOf("logsumexp", y, x) && shifted.operand(1).isLiteral(0) && isInfinite(shifted.operand(0), y);
        List<?> axes = sum.op().attributes().get("axis") instanceof List<?> list ? list : List.of();
        if (!isShifted || x.shape().rank() != 1 && !(axes.size() == 1 && axes.equals(y.op().attributes().get("axis")))) {
            return null;
        }
        int last = x.shape().rank() - 1;
        int axis = last == 0 ? 0 : x.shape().axis((Integer) axes.getFirst());
        return axis == last ? graph.call("softmax", x) : graph.call("softmax", Map.of("axis", axis), x);
    }

    /** Whether a condition holds only where y is not finite. */
    private static boolean isInfinite(Node condition, Node y) {
        return condition.op().name().equals("where") && isOf("isfinite", small(condition.operand(0)), y)
                && condition.operand(1).isLiteral(0);
    }

    private static Node small(Node x) {
        Node small = x;
        while (Set.of("broadcast_to", "reshape").contains(small.op().name())) {
            small = small.operand(0);
        }
        return small;
    }
}
