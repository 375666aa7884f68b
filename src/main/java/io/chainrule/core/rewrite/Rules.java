package io.chainrule.core.rewrite;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What an op on operands that are simple already is written as. Sums and products are {@link Terms} and {@link Quotient}. */
final class Rules {
    /** How many selections a factor is carried into: nests of them would take quadratic time. */
    private static final int MOST_SELECTIONS = 4;

    private final UniqueNodes graph;

    Rules(UniqueNodes graph) {
        this.graph = graph;
    }

    Node node(Op op, Shape shape, Node... x) {
        Node simple = x.length == 0 ? null : simple(op, shape, x);
        return simple == null ? graph.add(op, x) : simple;
    }

    private @Nullable Node simple(Op op, Shape shape, Node... x) {
        Node folded = op instanceof Elementwise elementwise ? folded(elementwise, x) : null;
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
            case "sum", "transpose", "reshape", "index", "broadcast_to" -> moved(op, shape, x[0]);
            default -> null;
        };
        return simple == null && op instanceof Elementwise ? unstretched(op, shape, x) : simple;
    }

    /** Numbers only. A result that is not finite stays an operation, which says more. */
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
            // Also of NaN.
            return graph.broadcastTo(graph.literal(1), base.shape());
        } else if (base.op().name().equals("div") && base.operand(0).isLiteral(1)) {
            return graph.call("div", graph.literal(1), graph.call("pow", base.operand(1), graph.literal(exponent)));
        }
        return graph.call("pow", base, graph.literal(exponent));
    }

    /** A zero that a selection makes stays a selection, outside the product. */
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
        return graph.traits().isPlainProduct(a, b);
    }

    private Node product(Node a, Node b) {
        return a.isLiteral(1) ? b : b.isLiteral(1) ? a : graph.call("mul", a, b);
    }

    private @Nullable Node where(Shape shape, Node... x) {
        Node taken = x[1];
        Node other = x[2];
        if (x[0].literal().isPresent()) {
            return graph.broadcastTo(x[0].literal().getAsDouble() != 0 ? taken : other, shape);
        }
        if (!other.shape().equals(shape)) {
            return null;
        }
        boolean isNan = taken.literal().isPresent() && Double.isNaN(taken.literal().getAsDouble());
        boolean isGuard = isNan && (other.op().name().equals("div") || x[0].op().name().equals("isnan"));
        if (taken.index() == other.index() || isGuard || taken.isLiteral(0) && isZeroWhere(x[0], other)) {
            return other;
        }
        return null;
    }

    /** Whether a product is 0 where the condition holds, as long as its factors are finite there. */
    private boolean isZeroWhere(Node condition, Node product) {
        boolean isJoined = condition.op().name().equals("logical_and");
        Node equal = isJoined ? condition.operand(0) : condition;
        if (!equal.op().name().equals("eq") || !equal.operand(1).isLiteral(0)) {
            return false;
        }
        Node x = equal.operand(0);
        return Quotient.of(graph, product).hasFactor(factor -> factor.index() == x.index() || isOf("sign", factor, x)
        // The condition is then that the exponent is positive.
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

    private Node matmulOf(Node a, Node b) {
        Node product = graph.call("matmul", a, b);
        Node simple = matmul(product.shape(), a, b);
        return simple == null ? product : simple;
    }

    private static boolean isIdentity(Node x) {
        return x.op().name().equals("eye");
    }

    /** The vector of which this is a row or a column, or null. */
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

    /** Linear ops of one operand: numbers go to the front, and two in a row may be one or none. */
    private @Nullable Node moved(Op op, Shape shape, Node x) {
        boolean isFilled = x.op().name().equals("broadcast_to") && x.operand(0).literal().isPresent();
        Node one = isFilled ? x.operand(0) : x;
        boolean isSame = !op.name().equals("transpose") && !op.name().equals("index") && shape.equals(x.shape());
        if (isSame && (!op.name().equals("sum") || x.shape().isScalar())) {
            return x;
        } else if (x.literal().isPresent() && op.name().equals("broadcast_to")) {
            return null;
        } else if (one.literal().isPresent()) {
            return stretched(op, shape, x, one.literal().getAsDouble());
        }
        Quotient quotient = Quotient.of(graph, x);
        if (quotient.isNumber()) {
            return quotient.timesScalars(graph.broadcastTo(graph.literal(1), shape)).node(shape);
        } else if (quotient.hasScalars() && !x.shape().isScalar()) {
            Node rest = node(op, shape, quotient.withoutScalars().node(x.shape()));
            return quotient.timesScalars(rest).node(shape);
        }
        String inner = x.op().name();
        return switch (op.name()) {
            case "sum" -> shape.isScalar() && op.attributes().containsKey("axis") ? graph.call("sum", x) : null;
            case "transpose" ->
                inner.equals("transpose") && op.attributes().isEmpty() && x.op().attributes().isEmpty() ? x.operand(0) : null;
            case "broadcast_to" -> inner.equals("broadcast_to") ? graph.broadcastTo(x.operand(0), shape) : null;
            case "reshape" -> inner.equals("reshape") ? reshape(x.operand(0), shape) : identity(shape, x);
            default -> null;
        };
    }

    private Node reshape(Node x, Shape shape) {
        return x.shape().equals(shape) ? x : graph.call("reshape", Map.of("shape", shape.toList()), x);
    }

    /** One number everywhere, before and after. */
    private Node stretched(Op op, Shape shape, Node x, double value) {
        double each = op.name().equals("sum") ? value * ((double) x.shape().size() / Math.max(1, shape.size())) : value;
        return shape.size() == 0 || op.name().equals("sum") && x.shape().size() == 0
                ? graph.add(op, x)
                : graph.broadcastTo(graph.literal(each), shape);
    }

    /** Ones put on the diagonal of zeros: what the cotangent of a trace is. */
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

    private static Op eye(int n) {
        return UniqueNodes.op("eye", Map.of("n", n), 0);
    }

    /** What was stretched only to the shape that the other operands have is left to broadcasting. */
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

    /** A softmax as the derivative of log-sum-exp spells it, exp(x − y) over its sum, or any quotient. */
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
        boolean isEach = sum.op().attributes().get("axis") instanceof List<?> axes && !(axes.size() == 1);
        if (!isOf("logsumexp", y, x) || isEach || !sum.op().attributes().containsKey("axis") && x.shape().rank() != 1) {
            return null;
        }
        int last = x.shape().rank() - 1;
        int axis = sum.op().attributes().get("axis") instanceof List<?> axes && axes.getFirst() instanceof Integer only
                ? x.shape().axis(only)
                : last;
        return axis == last ? graph.call("softmax", x) : graph.call("softmax", Map.of("axis", axis), x);
    }

    private static Node small(Node x) {
        Node small = x;
        while (Set.of("broadcast_to", "reshape").contains(small.op().name())) {
            small = small.operand(0);
        }
        return small;
    }
}
