package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Products of arrays. */
final class Products {
    private static final Tensor W = Tensor.matrix(new double[]{0.1, 0.5}, new double[]{-0.3, 0.8});
    private static final Tensor X = Tensor.vector(0.2, 0.4);

    static final OpDefinition MATMUL = OpDefinition.define("matmul", Family.BILINEAR, "a", "b").as(new MatMul())
            .formula("y_{ij} = \\sum_k a_{ik} b_{kj}", "\\bar a = \\bar y\\, b^\\mathsf{T},\\ \\bar b = a^\\mathsf{T}\\, \\bar y")
            .example("q = a @ b\nf = sum(q^2)", W, X).traits(FINITE, ISOLATED_ZEROS, POLYNOMIAL, ROW_BY_ROW)
            .vanishes(", where it is multiplied by 0")
            .code(OpCode.product("$0 @ $1"));
    static final OpDefinition DOT = OpDefinition.define("dot", Family.COMPOSITE, "a", "b")
            .as(new Composite("dot", Map.of(), Products::dotShape, x -> dot(x[0], x[1])))
            .formula("\\sum_k a_{\\dots k} b_{\\dots k \\dots}", "\\bar a = \\bar y\\, b^\\mathsf{T},\\ \\bar b = a^\\mathsf{T}\\, \\bar y")
            .example("dot(a, b)", X, Tensor.vector(3, -1)).latex("#0 \\cdot #1").vanishes(", where it is multiplied by 0");
    static final OpDefinition OUTER = OpDefinition.define("outer", Family.COMPOSITE, "a", "b")
            .as(new Composite("outer", Map.of(), s -> Shape.of(s[0].length(), s[1].length()), x -> outer(x[0], x[1])))
            .formula("y_{ij} = a_i b_j", "\\bar a = \\bar y\\, b,\\ \\bar b = \\bar y^\\mathsf{T} a")
            .example("y = outer(a, b)\nf = sum(y^2)", X, Tensor.vector(3, -1)).traits(FINITE, ISOLATED_ZEROS, POLYNOMIAL)
            .latex("#0 \\, #1^{\\mathsf{T}}")
            .vanishes(", where it is multiplied by 0");

    static final List<OpDefinition> ALL = List.of(MATMUL, DOT, OUTER);

    private Products() {}

    private static Shape dotShape(Shape... operands) {
        Shape a = operands[0];
        Shape b = operands[1];
        if (a.isScalar() || b.isScalar()) {
            return a.broadcast(b);
        }
        int contracted = Math.max(0, b.rank() - 2);
        if (a.last() != b.dim(contracted)) {
            throw new ShapeException("shapes " + a + " and " + b + " do not fit: " + a.last() + " elements meet " + b.dim(contracted),
                    "equal lengths", a + " and " + b);
        }
        return a.sub(0, a.rank() - 1).concat(b.without(contracted));
    }

    /** NumPy's dot: the last axis of a against the last but one of b. */
    private static Node dot(Node a, Node b) {
        Shape left = a.shape();
        Shape right = b.shape();
        if (left.isScalar() || right.isScalar()) {
            return mul(a, b);
        }
        if (left.rank() <= 2 && right.rank() <= 2 || right.rank() == 1) {
            return matmul(a, b);
        }
        int contracted = right.rank() - 2;
        List<Integer> order = new ArrayList<>();
        order.add(contracted);
        for (int i = 0; i < right.rank(); i++) {
            if (i != contracted) {
                order.add(i);
            }
        }
        int k = left.last();
        Node rows = reshape(a, Shape.of(left.sub(0, left.rank() - 1).length(), k));
        Node columns = transpose(b, order);
        Node product = matmul(rows, reshape(columns, Shape.of(k, columns.shape().without(0).length())));
        return reshape(product, dotShape(left, right));
    }

    private static Node outer(Node a, Node b) {
        return mul(reshape(a, Shape.of(a.shape().length(), 1)), reshape(b, Shape.of(1, b.shape().length())));
    }

    /** The cotangent of a matrix product by its left operand, or its right one. */
    static Node matmulTransposed(Node a, Node b, boolean left, Node cotangent) {
        Shape as = a.shape();
        Shape bs = b.shape();
        if (as.rank() == 2 && bs.rank() == 1 && !left) {
            return matmul(matrixTranspose(a), cotangent);
        }
        if (as.rank() == 1 && bs.rank() == 2 && left) {
            return matmul(b, cotangent);
        }
        if (as.rank() == 1 && bs.rank() == 1) {
            return mul(cotangent, left ? b : a);
        }
        Node rows = as.rank() == 1 ? reshape(a, Shape.of(1, as.last())) : a;
        Node columns = bs.rank() == 1 ? reshape(b, Shape.of(bs.last(), 1)) : b;
        Shape full = MatMul.matrices(rows.shape(), columns.shape());
        Node product = reshape(cotangent, full);
        Node result = left ? matmul(product, matrixTranspose(columns)) : matmul(matrixTranspose(rows), product);
        return reshape(sumTo(result, left ? rows.shape() : columns.shape()), left ? as : bs);
    }
}
