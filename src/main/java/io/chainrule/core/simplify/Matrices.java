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

    /** A sum or difference of two products with the same right or left factor, factored out; other nodes as they are. */
    static Node sum(UniqueNodes graph, String op, Node first, Node second) {
        if (!first.op().name().equals("matmul") || !second.op().name().equals("matmul")) {
            return graph.call(op, first, second);
        }
        boolean isTurned = isRow(first) != isRow(second);
        Node left = first.operand(isTurned && isRow(first) ? 1 : 0);
        Node right = first.operand(isTurned && isRow(first) ? 0 : 1);
        Node otherLeft = second.operand(isTurned && isRow(second) ? 1 : 0);
        Node otherRight = second.operand(isTurned && isRow(second) ? 0 : 1);
        boolean isRight = right.index() == otherRight.index();
        Node a = isRight ? left : right;
        Node b = isRight ? otherLeft : otherRight;
        boolean isFactor = isRight || !isTurned && left.index() == otherLeft.index();
        if (!isFactor || !isShort(a) || !isShort(b) || a.shape().rank() != 2 || b.shape().rank() != 2) {
            return graph.call(op, first, second);
        }
        Node sum = graph.call(op, isTurned && isRow(first) ? transposed(graph, a) : a,
                isTurned && isRow(second) ? transposed(graph, b) : b);
        return isRight ? graph.call("matmul", sum, right) : graph.call("matmul", left, sum);
    }

    /** Whether a product is of a row and a matrix, which is the transposed matrix times a column. */
    private static boolean isRow(Node product) {
        return product.operand(0).shape().rank() == 1 && product.operand(1).shape().rank() == 2;
    }

    /** Whether a matrix is an input or constant, transposed or not. */
    static boolean isShort(Node x) {
        return x.op() instanceof Leaf || x.op().name().equals("transpose") && x.operand(0).op() instanceof Leaf;
    }
}
