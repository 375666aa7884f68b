package io.chainrule.core.simplify;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Axes;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rules for the textbook form alone: they lose digits somewhere, or hold on a {@link Domain} that they state. */
final class TextbookRules {
    /** How deep an expression of selected elements may be that is rewritten. That of a loss has a product, a negation and a function. */
    private static final int DEEPEST = 5;

    private final UniqueNodes graph;
    private final Domain domain;
    /** Class labels and the label that is ignored among them, by node. */
    private final Map<Integer, Integer> ignored = new HashMap<>();

    TextbookRules(UniqueNodes graph, Domain domain) {
        this.graph = graph;
        this.domain = domain;
    }

    @Nullable
    Node of(Op op, Shape shape, Node... x) {
        if (op instanceof Elementwise function && x.length == 1 && isOp("broadcast_to", x[0]) && x[0].operand(0).literal().isPresent()) {
            return filled(function.apply(x[0].operand(0).literal().getAsDouble(), 0, 0), shape);
        }
        return switch (op.name()) {
            case "sigmoid" -> x[0].op().name().equals("neg")
                    ? graph.call("sub", graph.literal(1), graph.call("sigmoid", x[0].operand(0)))
                    : null;
            case "exp" -> isOp("log_softmax", x[0]) ? softmax(x[0]) : null;
            case "expm1" -> isOp("log_softmax", x[0]) ? graph.call("sub", softmax(x[0]), graph.literal(1)) : null;
            case "where" -> guarded(shape, x);
            case "isfinite" -> domain.isFinite(x[0]) ? filled(1, shape) : null;
            case "stop_gradient" -> x[0];
            case "strong_mul" -> domain.isFinite(x[1]) ? graph.call("mul", x) : null;
            case "strong_mul_both" -> domain.isFinite(x[0]) && domain.isFinite(x[1]) ? graph.call("mul", x) : null;
            case "hypot" -> x[1].isLiteral(1)
                    ? graph.call("sqrt", graph.call("add", graph.call("pow", x[0], graph.literal(2)), graph.literal(1)))
                    : null;
            case "sum" -> isOp("one_hot", x[0]) && alongLast(op, x[0]) ? filled(1, shape) : sum(op, x[0]);
            case "index_transpose" ->
                x.length == 1 && isReversal(((List<?>) Objects.requireNonNull(op.attributes().get("at"))).getFirst())
                        ? graph.call("index", Map.of("at", ((List<?>) Objects.requireNonNull(op.attributes().get("at"))).getFirst()), x[0])
                        : unit(op, shape, x);
            case "index" -> isReversal(op.attributes().get("at")) && op.attributes().equals(x[0].op().attributes()) && isOp("index", x[0])
                    ? x[0].operand(0)
                    : null;
            case "class_index" -> {
                if (op.attributes().get("ignore_index") instanceof Number label) {
                    ignored.put(x[0].index(), label.intValue());
                }
                yield null;
            }
            case "eq" -> x[1].literal().isPresent() && ignored.containsKey(x[0].index())
                    && x[1].isLiteral(ignored.get(x[0].index())) && domain.isNot(x[0], x[1].literal().getAsDouble())
                            ? filled(0, shape)
                            : null;
            case "take_along_axis_transpose" -> oneHot(op, shape, x);
            case "pow" -> isWhole(x[1]) && isOp("pow", x[0]) && isWhole(x[0].operand(1))
                    ? graph.call("pow", x[0].operand(0),
                            graph.literal(x[1].literal().orElseThrow() * x[0].operand(1).literal().orElseThrow()))
                    : null;
            case "inv" -> op.attributes().isEmpty() || !domain.isNonzero(graph.call("det", x[0])) ? null : graph.call("inv", x[0]);
            case "transpose" -> op.attributes().isEmpty() && shape.rank() == 2 && isOp("matmul", x[0]) && isOfShortMatrices(x[0])
                    ? graph.call("matmul", transposed(x[0].operand(1)), transposed(x[0].operand(0)))
                    : null;
            default -> null;
        };
    }

    private static boolean isWhole(Node exponent) {
        return exponent.op() instanceof Leaf.Literal(double n) && n >= 2 && n == Math.rint(n);
    }

    private Node softmax(Node logSoftmax) {
        return graph.call("softmax", logSoftmax.op().attributes(), logSoftmax.operand(0));
    }

    private Node filled(double value, Shape shape) {
        return graph.broadcastTo(graph.literal(value), shape);
    }

    private static boolean isOp(String op, Node x) {
        return x.op().name().equals(op);
    }

    /** A quotient is not guarded against a divisor 0, which the domain leaves out. */
    private @Nullable Node guarded(Shape shape, Node... x) {
        if (isOp("broadcast_to", x[0]) && x[0].operand(0).literal().isPresent()) {
            return graph.broadcastTo(x[0].operand(0).isLiteral(0) ? x[2] : x[1], shape);
        }
        if (isClamped(x[0], x[2]) && x[1].shape().equals(shape) && domain.isAbove(x[0].operand(0), x[0].operand(1))) {
            return x[1];
        }
        boolean isGuard = isOp("eq", x[0]) && x[0].operand(1).isLiteral(0) && isZero(x[1]) && x[2].shape().equals(shape);
        return isGuard && Quotient.of(graph, x[2]).hasDivisor(x[0].operand(0)) && domain.isNonzero(x[0].operand(0)) ? x[2] : null;
    }

    /** Whether a condition says that a logarithm is above the bound at which losses clamp it, and the other branch is the tie there. */
    private static boolean isClamped(Node condition, Node other) {
        boolean isClamp = isOp("gt", condition) && condition.operand(1).isLiteral(-100)
                && (isOp("log", condition.operand(0)) || isOp("log1p", condition.operand(0)));
        return isClamp && (isZero(other) || isOp("where", other) && isOp("eq", other.operand(0))
                && other.operand(0).operand(0).index() == condition.operand(0).index());
    }

    /** Whether a product is of two inputs, one of them transposed. */
    private static boolean isOfShortMatrices(Node product) {
        Node a = product.operand(0);
        Node b = product.operand(1);
        return a.shape().rank() == 2 && b.shape().rank() == 2 && Matrices.isShort(a) && Matrices.isShort(b)
                && (isOp("transpose", a) || isOp("transpose", b));
    }

    private Node transposed(Node x) {
        return Matrices.transposed(graph, x);
    }

    private static boolean isZero(Node x) {
        return x.isLiteral(0) || isOp("broadcast_to", x) && x.operand(0).isLiteral(0);
    }

    private static boolean alongLast(Op op, Node x) {
        BitSet axes = Axes.of(op, x.shape().rank());
        return axes != null && axes.cardinality() == 1 && axes.get(x.shape().rank() - 1);
    }

    /** The sum of a unit vector is 1, and of its product with a vector it is one element of that. */
    private @Nullable Node sum(Op op, Node x) {
        if (x.shape().rank() != 1 || !op.attributes().isEmpty()) {
            return null;
        }
        Integer place = place(x);
        if (place != null) {
            return graph.literal(1);
        } else if (!isOp("mul", x)) {
            return null;
        }
        for (int k = 0; k < 2; k++) {
            Node other = x.operand(1 - k);
            place = place(x.operand(k));
            if (place != null && other.shape().equals(x.shape()) && domain.isFinite(other)) {
                return graph.call("index", Map.of("at", List.of(place)), other);
            }
        }
        return null;
    }

    /** The place of the 1 in a unit vector; null for other nodes. */
    static @Nullable Integer place(Node x) {
        return isOp("one_hot", x) && x.operand(0).op() instanceof Leaf.Literal(double place) ? (Integer) (int) place : null;
    }

    /** Whether a place is all elements, in reverse order along some axes. */
    private static boolean isReversal(@Nullable Object place) {
        return place instanceof List<?> items && items.contains("::-1") && Set.of(":", "...", "::-1").containsAll(items);
    }

    /** A vector with one element that is not 0 is a multiple of a unit vector. */
    private @Nullable Node unit(Op op, Shape shape, Node... x) {
        boolean isElement = x.length == 1 && x[0].shape().isScalar() && shape.rank() == 1
                && op.attributes().get("at") instanceof List<?> places && places.size() == 1
                && places.getFirst() instanceof List<?> place && place.size() == 1 && place.getFirst() instanceof Number;
        if (!isElement || !domain.isFinite(x[0])) {
            return null;
        }
        int at = ((Number) ((List<?>) ((List<?>) Objects.requireNonNull(op.attributes().get("at"))).getFirst()).getFirst()).intValue();
        Node unit = graph.call("one_hot", Map.of("num_classes", shape.dim(0)), graph.literal(at < 0 ? at + shape.dim(0) : at));
        return x[0].isLiteral(1) ? unit : graph.call("mul", x[0], unit);
    }

    /** Updates scattered by class labels are those of each sample times its labels as one-hot vectors. */
    private @Nullable Node oneHot(Op op, Shape shape, Node... x) {
        Node labels = x[0];
        while (isOp("reshape", labels) || isOp("broadcast_to", labels)) {
            labels = labels.operand(0);
        }
        boolean isEach = shape.rank() > 0 && x[1].shape().last() == 1 && labels.shape().rank() == shape.rank() - 1
                && x[0].shape().size() == labels.shape().size();
        if (!isOp("class_index", labels) || !isAlongLast(op, shape) || !isEach) {
            return null;
        }
        Node updates = forEveryClass(x[1], x[0], shape, DEEPEST);
        if (!domain.isFinite(updates)) {
            return null;
        }
        Node classes = labels.operand(0);
        if (labels.op().attributes().get("ignore_index") instanceof Number label && classes.literal().isEmpty()
                && !domain.isNot(classes, label.doubleValue())) {
            return null;
        }
        return graph.call("mul", updates, graph.call("one_hot", Map.of("num_classes", shape.last()), classes));
    }

    /** Whether an op that reads or writes along one axis of such an array names the last one. */
    private static boolean isAlongLast(Op op, Shape shape) {
        int axis = op.attributes().get("axis") instanceof Number number ? number.intValue() : -1;
        return shape.axis(axis) == shape.rank() - 1;
    }

    /**
     * Rewrites an expression of the elements that labels select as one of all elements of a row. Where a one-hot vector is 1, both have the
     * same value. The method does not change expressions that are deeper than {@code depth}.
     *
     * @param shape that of the arrays that the labels select from
     */
    private Node forEveryClass(Node x, Node labels, Shape shape, int depth) {
        if (isOp("take_along_axis", x) && x.operand(1).index() == labels.index() && x.operand(0).shape().equals(shape)
                && isAlongLast(x.op(), shape)) {
            return x.operand(0);
        }
        if (!(x.op() instanceof Elementwise) || depth == 0) {
            return x;
        }
        Node[] operands = IntStream.range(0, x.operandCount()).mapToObj(k -> forEveryClass(x.operand(k), labels, shape, depth - 1))
                .toArray(Node[]::new);
        return IntStream.range(0, operands.length).allMatch(k -> operands[k].index() == x.operand(k).index())
                ? x
                : graph.call(x.op().name(), x.op().attributes(), operands);
    }
}
