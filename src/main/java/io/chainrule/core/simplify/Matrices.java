package io.chainrule.core.simplify;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;

/** Products of matrices as a textbook writes them: {@code (A + Aᵀ) x} rather than {@code A x + x A}. */
final class Matrices {
    private Matrices() {}

    static Node transposed(UniqueNodes graph, Node x) {
        boolean isTransposed = x.op().name().equals("transpose") && x.op().attributes().isEmpty();
        return x.shape().rank() < 2 ? x : isTransposed ? x.operand(0) : graph.call("transpose", x);
    }

    /** A row times a matrix is the transposed matrix times a column. */
    static Node product(UniqueNodes graph, Node a, Node b) {
        boolean isRow = a.shape().rank() == 1 && b.shape().rank() == 2 && isShort(b);
        return isRow ? graph.call("matmul", transposed(graph, b), a) : graph.call("matmul", a, b);
    }

    /** A sum or difference of two products with the same right or left factor, factored out; other nodes as they are. */
    static Node sum(UniqueNodes graph, String op, Node a, Node b) {
        if (a.op().name().equals("matmul") && b.op().name().equals("matmul")) {
            boolean isLeft = a.operand(0).index() == b.operand(0).index();
            boolean isRight = a.operand(1).index() == b.operand(1).index();
            int other = isRight ? 0 : 1;
            if ((isLeft || isRight) && isShort(a.operand(other)) && isShort(b.operand(other))
                    && a.operand(other).shape().equals(b.operand(other).shape())) {
                Node sum = graph.call(op, a.operand(other), b.operand(other));
                return isRight ? graph.call("matmul", sum, a.operand(1)) : graph.call("matmul", a.operand(0), sum);
            }
        }
        return graph.call(op, a, b);
    }

    /** Whether a matrix is an input or constant, transposed or not. */
    static boolean isShort(Node x) {
        return x.op() instanceof Leaf || x.op().name().equals("transpose") && x.operand(0).op() instanceof Leaf;
    }
}
