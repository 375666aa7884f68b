package io.chainrule.core.op;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.elementary.Power;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.OneHot;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/**
 * Ops as functions of nodes, so that derivative rules read as mathematics. Literals are folded and factors 1 are dropped,
 * which changes neither value nor shape. Only derived nodes are built here, never those that a client wrote.
 */
public final class Maths {
    private Maths() {}

    public static Node number(GraphBuilder graph, double value) {
        return graph.literal(value);
    }

    private static Node number(Node like, double value) {
        return like.graph().literal(value);
    }

    public static Node add(Node a, Node b) {
        return binary(Arithmetic.ADD, a, b, Double::sum);
    }

    static Node add(Node a, double b) {
        return add(a, number(a, b));
    }

    static Node add(double a, Node b) {
        return add(number(b, a), b);
    }

    public static Node sub(Node a, Node b) {
        return b.isLiteral(0) ? a : binary(Arithmetic.SUB, a, b, (x, y) -> x - y);
    }

    static Node sub(double a, Node b) {
        return sub(number(b, a), b);
    }

    static Node sub(Node a, double b) {
        return sub(a, number(a, b));
    }

    public static Node mul(Node a, Node b) {
        Node left = unstretched(a, b);
        Node right = unstretched(b, a);
        return left.isLiteral(1) ? b : right.isLiteral(1) ? a : binary(Arithmetic.MUL, left, right, (x, y) -> x * y);
    }

    public static Node mul(double a, Node b) {
        return a == -1 ? neg(b) : mul(number(b, a), b);
    }

    public static Node div(Node a, Node b) {
        return b.isLiteral(1) ? a : binary(Arithmetic.DIV, a, b, (x, y) -> x / y);
    }

    public static Node div(Node a, double b) {
        return div(a, number(a, b));
    }

    static Node div(double a, Node b) {
        return div(number(b, a), b);
    }

    static Node pow(Node a, Node b) {
        return b.isLiteral(1) ? a : binary(Arithmetic.POW, a, b, Power::pow);
    }

    /** The strong product: a · b, and 0 where a is 0 whatever b is. */
    public static Node strong(Node a, Node b) {
        Node left = unstretched(a, b);
        Node right = unstretched(b, a);
        if (left.isLiteral(1) || right.isLiteral(1)) {
            return left.isLiteral(1) ? b : a;
        }
        if (right.isLiteral(-1)) {
            return neg(a);
        }
        boolean finite = Double.isFinite(right.literal().orElse(Double.NaN));
        return finite ? mul(left, right) : binary(Arithmetic.STRONG, left, right, (x, y) -> x == 0 ? 0 : x * y);
    }

    /** a · b, and 0 where either is 0: the derivative of the strong product in its right operand. */
    static Node strongBoth(Node a, Node b) {
        Node left = unstretched(a, b);
        Node right = unstretched(b, a);
        if (left.isLiteral(1) || right.isLiteral(1)) {
            return left.isLiteral(1) ? b : a;
        }
        return binary(Arithmetic.STRONG_BOTH, left, right, (x, y) -> x == 0 || y == 0 ? 0 : x * y);
    }

    /** The operand before {@code broadcast_to}, where its partner has that shape anyway and broadcasting does the same. */
    private static Node unstretched(Node a, Node partner) {
        boolean stretched = a.op() instanceof Shaping.BroadcastTo && a.shape().equals(partner.shape())
                && !(partner.op() instanceof Shaping.BroadcastTo);
        return stretched ? a.operand(0) : a;
    }

    static Node neg(Node x) {
        OptionalDouble literal = x.literal();
        return literal.isPresent() ? number(x, -literal.getAsDouble()) : unary(Arithmetic.NEG, x);
    }

    public static Node abs(Node x) {
        return unary(Arithmetic.ABS, x);
    }

    static Node sign(Node x) {
        return unary(Arithmetic.SIGN, x);
    }

    static Node square(Node x) {
        return unary(Arithmetic.SQUARE, x);
    }

    static Node sqrt(Node x) {
        return unary(Arithmetic.SQRT, x);
    }

    static Node reciprocal(Node x) {
        return unary(Arithmetic.RECIPROCAL, x);
    }

    static Node exp(Node x) {
        return unary(Exponentials.EXP, x);
    }

    static Node log(Node x) {
        OptionalDouble literal = x.literal();
        return literal.isPresent() ? number(x, Logarithm.log(literal.getAsDouble())) : unary(Exponentials.LOG, x);
    }

    static Node sigmoid(Node x) {
        return unary(Exponentials.SIGMOID, x);
    }

    static Node tanh(Node x) {
        return unary(Trigonometry.TANH, x);
    }

    static Node unary(OpDefinition op, Node x) {
        return x.graph().add(op.op(), x);
    }

    static Node isNan(Node x) {
        return unary(Comparisons.ISNAN, x);
    }

    static Node isFinite(Node x) {
        return unary(Comparisons.ISFINITE, x);
    }

    static Node not(Node x) {
        return unary(Comparisons.LOGICAL_NOT, x);
    }

    static Node and(Node a, Node b) {
        return a.graph().add(Comparisons.LOGICAL_AND.op(), a, b);
    }

    static Node or(Node a, Node b) {
        return a.graph().add(Comparisons.LOGICAL_OR.op(), a, b);
    }

    static Node eq(Node a, Node b) {
        return binary(Comparisons.EQ, a, b, (x, y) -> x == y ? 1 : 0);
    }

    static Node eq(Node a, double b) {
        return eq(a, number(a, b));
    }

    public static Node isNonzero(Node x) {
        return x.graph().add(Comparisons.NE.op(), x, number(x, 0));
    }

    public static Node lt(Node a, Node b) {
        return a.graph().add(Comparisons.LT.op(), a, b);
    }

    static Node lt(Node a, double b) {
        return lt(a, number(a, b));
    }

    static Node gt(Node a, Node b) {
        return a.graph().add(Comparisons.GT.op(), a, b);
    }

    static Node gt(Node a, double b) {
        return gt(a, number(a, b));
    }

    /** {@code a} where the condition is not 0, else {@code b}, in the shape to which all three broadcast. */
    public static Node where(Node condition, Node a, Node b) {
        OptionalDouble known = condition.literal();
        if (known.isPresent()) {
            return broadcastTo(known.getAsDouble() != 0 ? a : b, a.shape().broadcast(b.shape()));
        }
        return condition.graph().add(Comparisons.WHERE.op(), condition, unstretched(a, condition), unstretched(b, condition));
    }

    static Node where(Node condition, Node a, double b) {
        return where(condition, a, number(a, b));
    }

    static Node where(Node condition, double a, Node b) {
        return where(condition, number(b, a), b);
    }

    public static Node sum(Node x, List<Integer> axes, boolean keepdims) {
        return axes.isEmpty() ? x : x.graph().add(new Reductions.Sum(axes, keepdims), x);
    }

    public static Node reshape(Node x, Shape shape) {
        return x.shape().equals(shape) ? x : x.graph().add(new Shaping.Reshape(shape.toList()), x);
    }

    public static Node broadcastTo(Node x, Shape shape) {
        return x.shape().equals(shape) ? x : x.graph().add(new Shaping.BroadcastTo(shape), x);
    }

    static Node transpose(Node x, List<Integer> axes) {
        return x.graph().add(new Shaping.Transpose(axes), x);
    }

    /** The last two axes swapped. */
    public static Node matrixTranspose(Node x) {
        int rank = x.shape().rank();
        List<Integer> axes = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        axes.set(rank - 1, rank - 2);
        axes.set(rank - 2, rank - 1);
        return rank == 2 ? x.graph().add(new Shaping.Transpose(null), x) : transpose(x, axes);
    }

    public static Node matmul(Node a, Node b) {
        return a.graph().add(Products.MATMUL.op(), a, b);
    }

    /** The arrays of a one-hot batch with all their zeros. */
    public static Node arrays(OneHot hot) {
        return OneHotArrays.of(hot);
    }

    static Node index(Node x, List<Object> at) {
        return x.graph().add(new Indexing.Index(at), x);
    }

    /** Undoes broadcasting: sums over the axes that {@code shape} does not have or has with length 1; a smaller x is stretched. */
    public static Node sumTo(Node x, Shape shape) {
        Shape from = x.shape();
        if (from.equals(shape)) {
            return x;
        }
        if (from.broadcastsTo(shape)) {
            return broadcastTo(x, shape);
        }
        int extra = from.rank() - shape.rank();
        List<Integer> axes = new ArrayList<>();
        for (int i = 0; i < from.rank(); i++) {
            if (i < extra || shape.dim(i - extra) == 1 && from.dim(i) != 1) {
                axes.add(i);
            }
        }
        return reshape(sum(x, axes, false), shape);
    }

    private static Node binary(OpDefinition op, Node a, Node b, DoubleBinaryOperator fold) {
        OptionalDouble left = a.literal();
        OptionalDouble right = b.literal();
        return left.isPresent() && right.isPresent()
                ? number(a, fold.applyAsDouble(left.getAsDouble(), right.getAsDouble()))
                : a.graph().add(op.op(), a, b);
    }
}
