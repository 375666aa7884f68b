package io.chainrule.core.simplify;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/** How numbers and arrays of equal elements are written, and the last rules of the textbook form, which other rules would undo. */
final class Presentation {
    private Presentation() {}

    static Node of(UniqueNodes graph, Op op, Node... x) {
        return switch (op.name()) {
            case "div" -> mean(graph, op, x);
            case "neg" -> negated(graph, x[0]);
            case "mul" -> x[0].literal().isPresent() && isOp("matmul", x[1]) && Matrices.isShort(x[1].operand(0))
                    ? graph.call("matmul", graph.call("mul", x[0], x[1].operand(0)), x[1].operand(1))
                    : graph.add(op, x);
            case "stack" -> numbers(graph, op, x);
            case "add", "sub" -> Matrices.sum(graph, op.name(), x[0], x[1]);
            default -> graph.add(op, x);
        };
    }

    /** A result that is a number is a constant, since a literal is not a node that can be a result. */
    static Leaf constant(Leaf number) {
        return number instanceof Leaf.Literal(double value) ? new Leaf.Constant(Tensor.scalar(value)) : number;
    }

    /** An array of equal elements. */
    static Node filled(UniqueNodes graph, Shape shape, double value) {
        Object dims = shape.toList();
        boolean isBit = value == 0 || value == 1;
        return isBit
                ? graph.call(value == 0 ? "zeros" : "ones", Map.of("shape", dims))
                : graph.call("full", Map.of("shape", dims, "value", value));
    }

    private static boolean isOp(String op, Node x) {
        return x.op().name().equals(op);
    }

    /** A list of numbers is a constant. */
    private static Node numbers(UniqueNodes graph, Op op, Node... x) {
        boolean areNumbers = op.attributes().isEmpty() && Arrays.stream(x).allMatch(item -> item.literal().isPresent());
        return areNumbers
                ? graph.leaf(new Leaf.Constant(Tensor.vector(Arrays.stream(x).mapToDouble(item -> item.literal().orElseThrow()).toArray())))
                : graph.add(op, x);
    }

    /** A sum over its number of elements is a mean. */
    private static Node mean(UniqueNodes graph, Op op, Node... x) {
        if (isOp("sum", x[0]) && x[1].literal().isPresent()) {
            Node sum = x[0];
            double count = (double) sum.operand(0).shape().size() / Math.max(1, sum.shape().size());
            if (x[1].isLiteral(count)) {
                return graph.call("mean", sum.op().attributes(), sum.operand(0));
            }
        }
        return graph.add(op, x);
    }

    /** A minus sign goes to the first factor of a product of matrices, and turns a difference around. */
    private static Node negated(UniqueNodes graph, Node x) {
        return isOp("sub", x)
                ? graph.call("sub", x.operand(1), x.operand(0))
                : isOp("matmul", x)
                        ? graph.call("matmul", negated(graph, x.operand(0)), x.operand(1))
                        : graph.call("neg", x);
    }
}
