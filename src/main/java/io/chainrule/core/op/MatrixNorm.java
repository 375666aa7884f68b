package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** Norms of the matrices in the last two axes. */
final class MatrixNorm {
    private static final String ORDERS = "'fro', 'nuc', 1, -1, 2, -2, \"Infinity\" or \"-Infinity\"";

    static final OpDefinition DEFINITION = OpDefinition.define("matrix_norm", Family.COMPOSITE, "x")
            .attribute(Attribute.optional("ord", Attribute.Type.NUMBER_OR_TEXT, "fro",
                    "'fro' for the root of squares, 'nuc' for the sum of singular values, ±2 for the largest or smallest of them, "
                            + "±1 for that of sums of columns, ±\"Infinity\" of rows"),
                    Attribute.optional("keepdims", Attribute.Type.BOOLEAN, false, "keep the last two axes with length 1"))
            .formula("\\lVert x \\rVert_F = \\sqrt{\\textstyle\\sum x_{ij}^2},\\ \\lVert x \\rVert_* = \\textstyle\\sum \\sigma_i,\\ "
                    + "\\lVert x \\rVert_2 = \\max \\sigma_i,\\ \\lVert x \\rVert_1 = \\max_j \\textstyle\\sum_i |x_{ij}|",
                    "\\bar x_F = \\bar y\\, \\frac{x}{y},\\ \\bar x_* = \\bar y\\, u v^\\mathsf{T},\\ "
                            + "\\bar x_2 = \\bar y\\, u_1 v_1^\\mathsf{T}")
            .convention("a tie is shared equally; at 0 the derivative of a magnitude, length or singular value is 0")
            .example("f = matrix_norm(x, ord='nuc')", Tensor.matrix(new double[]{4, 1}, new double[]{2, 3}, new double[]{0, -1}))
            .as(a -> {
                UnaryOperator<Node> norm = norm(a);
                boolean keepdims = a.flag("keepdims");
                return Composite.of("matrix_norm", a.written(), x -> shaped(norm, x[0], keepdims));
            });

    private MatrixNorm() {}

    private static UnaryOperator<Node> norm(Attributes a) {
        Object ord = a.numberOrText("ord");
        if (ord.equals("fro")) {
            return x -> x.graph().add(new Statistics.Norm(List.of(-2, -1), false), x);
        }
        if (ord.equals("nuc")) {
            return x -> sum(singular(x), List.of(-1), false);
        }
        double p = ord instanceof Double number ? number : 0;
        if (Math.abs(p) == 2) {
            return x -> extreme(p, singular(x), x);
        }
        if (Math.abs(p) == 1) {
            return x -> extreme(p, sum(abs(x), List.of(-2), false), x);
        }
        if (Double.isInfinite(p)) {
            return x -> extreme(p, sum(abs(x), List.of(-1), false), x);
        }
        throw new ProblemException(a.problem("ord", "attribute 'ord' is none of the norms of matrices").expected(ORDERS, ord.toString()));
    }

    private static Node singular(Node x) {
        return unary(Decompositions.SVDVALS, x);
    }

    private static Node extreme(double sign, Node numbers, Node x) {
        if (numbers.shape().last() == 0) {
            throw new ShapeException("an empty matrix has no matrix_norm of this order: there is nothing to take the "
                    + (sign > 0 ? "largest" : "smallest") + " of in shape " + x.shape(), "at least one row and column",
                    x.shape().toString());
        }
        return numbers.graph().add(new Reductions.Extremum(sign > 0, List.of(-1), false), numbers);
    }

    private static Node shaped(UnaryOperator<Node> norm, Node x, boolean keepdims) {
        Shape shape = x.shape();
        if (shape.rank() < 2) {
            throw new ShapeException("matrix_norm takes matrices, not shape " + shape, "[…, m, n]", shape.toString());
        }
        Node result = norm.apply(x);
        Shape batch = shape.sub(0, shape.rank() - 2);
        return keepdims ? reshape(result, batch.concat(Shape.of(1, 1))) : result;
    }
}
