package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.linalg.SingularValues;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Orthogonal factors of the matrices in the last two axes. Rules: eigenvectors, M. B. Giles, 2008; singular vectors,
 * J. Townsend, 2016; QR, S. F. Walter and L. Lehmann, 2010, wide matrices by D. A. O. Roberts and L. R. Roberts, 2020;
 * pseudoinverses, G. H. Golub and V. Pereyra, 1973.
 */
final class Decompositions {
    private static final Tensor A = Tensor.matrix(new double[]{4, 1}, new double[]{2, 3}, new double[]{0, -1});
    private static final Tensor S = Tensor.matrix(new double[]{4, 1}, new double[]{1, 3});
    private static final String BETWEEN_SINGULAR = "1/(σⱼ² − σᵢ²) counts as 0 between equal σ, and 1/σ at 0; ";

    static final OpDefinition QR_Q = factor("qr_q", MatrixFactoring.QR, MatrixFactoring.Q, false, 4, (m, n) -> new int[]{m, Math.min(m, n)},
            (y, x, t) -> orthogonalBackward(y, x, t), (y, x, t) -> orthogonalForward(y, x, t), null)
            .formula("q \\text{ of } x = q\\, r,\\ q^\\mathsf{T} q = 1",
                    "\\bar x = \\big( q\\, \\operatorname{tril}_{-1}(q^\\mathsf{T} \\bar q - \\bar q^\\mathsf{T} q) "
                            + "+ (1 - q q^\\mathsf{T})\\, \\bar q \\big)\\, r^{-\\mathsf{T}}")
            .convention("reduced, with the signs of LAPACK's reflections; where the first columns are dependent the derivative is NaN")
            .example("y = qr_q(x)\nf = sum(y^3)", A)
            .code(OpCode.array("np.linalg.qr($0)[0]"));
    static final OpDefinition QR_R = factor("qr_r", MatrixFactoring.QR, MatrixFactoring.R, false, 4, (m, n) -> new int[]{Math.min(m, n), n},
            Decompositions::triangularBackward, Decompositions::triangularForward, null)
            .formula("r \\text{ of } x = q\\, r,\\ r \\text{ upper triangular}",
                    "\\dot r = \\dot q^\\mathsf{T} x + q^\\mathsf{T} \\dot x,\\ "
                            + "\\bar x = q\\, \\operatorname{triu}(\\bar r) + \\overline{q}(x \\operatorname{triu}(\\bar r)^\\mathsf{T})")
            .convention("reduced, with the signs of LAPACK's reflections; where the first columns are dependent the derivative is NaN")
            .example("y = qr_r(x)\nf = sum(y^2)", A)
            .code(OpCode.array("np.linalg.qr($0)[1]"));
    static final OpDefinition EIGVALSH = factor("eigvalsh", MatrixFactoring.EIGEN, MatrixFactoring.VALUES, true, 30, (m, n) -> new int[]{n},
            (y, x, t) -> symmetric(congruent(vectors(x), row(t))),
            (y, x, t) -> sum(mul(vectors(x), matmul(symmetric(t), vectors(x))), List.of(-2), false), y -> repeated(y, side(y)))
            .formula("\\lambda_i: \\tfrac{1}{2} (x + x^\\mathsf{T})\\, v_i = \\lambda_i v_i",
                    "\\bar x = v \\operatorname{diag}(\\bar \\lambda)\\, v^\\mathsf{T}")
            .convention("equal eigenvalues go along the eigenvectors that were found; a function of (x + xᵀ) / 2; ascending")
            .example("y = eigvalsh(x)\nf = sum(y^3)", S)
            .code(OpCode.array("np.linalg.eigvalsh(symmetric($0))"));
    static final OpDefinition EIGH_VECTORS = factor("eigh_vectors", MatrixFactoring.EIGEN, MatrixFactoring.VECTORS, true, 30,
            (m, n) -> new int[]{n, n},
            (y, x, t) -> symmetric(congruent(y, mul(gaps(x), matmul(matrixTranspose(y), t)))),
            (y, x, t) -> matmul(y, mul(gaps(x), matmul(matrixTranspose(y), matmul(symmetric(t), y)))),
            y -> broadcastTo(row(repeated(values(y.operand(0)), side(y))), y.shape()))
            .formula("v: \\tfrac{1}{2} (x + x^\\mathsf{T}) = v \\operatorname{diag}(\\lambda)\\, v^\\mathsf{T}",
                    "\\bar x = \\operatorname{sym}\\big( v\\, (F \\circ v^\\mathsf{T} \\bar v)\\, v^\\mathsf{T} \\big),\\ "
                            + "F_{ij} = \\frac{1}{\\lambda_j - \\lambda_i}")
            .convention("1/(λⱼ − λᵢ) counts as 0 between equal eigenvalues; columns, in the order of eigvalsh, "
                    + "each with its largest component positive; a function of (x + xᵀ) / 2")
            .example("y = eigh_vectors(x)\nf = sum(y^3)", S)
            .code(OpCode.array("eigenvectors($0)"));
    static final OpDefinition SVDVALS = factor("svdvals", MatrixFactoring.SVD, SingularValues.VALUES, false, 40,
            (m, n) -> new int[]{Math.min(m, n)},
            (y, x, t) -> matmul(mul(left(x), row(where(vanishing(y, x), 0, t))), right(x)),
            (y, x, t) -> where(vanishing(y, x), 0,
                    sum(mul(left(x), matmul(t, matrixTranspose(right(x)))), List.of(-2), false)),
            y -> awkward(y, y.operand(0)))
            .formula("\\sigma \\text{ of } x = u \\operatorname{diag}(\\sigma)\\, v^\\mathsf{T}",
                    "\\bar x = u \\operatorname{diag}(\\bar \\sigma)\\, v^\\mathsf{T}")
            .convention("at 0 the derivative is 0, and equal values go along the vectors that were found; descending")
            .example("y = svdvals(x)\nf = sum(y^3)", A)
            .code(OpCode.array("np.linalg.svd($0, compute_uv=False)"));
    static final OpDefinition SVD_U = factor("svd_u", MatrixFactoring.SVD, SingularValues.U, false, 40,
            (m, n) -> new int[]{m, Math.min(m, n)},
            (y, x, t) -> matmul(singularBackward(y, sigma(x), t, x), right(x)),
            (y, x, t) -> singularForward(y, matrixTranspose(right(x)), sigma(x), t, x),
            y -> broadcastTo(row(awkward(sigma(y.operand(0)), y.operand(0))), y.shape()))
            .formula("u \\text{ of } x = u \\operatorname{diag}(\\sigma)\\, v^\\mathsf{T}",
                    "\\bar x = u\\, (H + H^\\mathsf{T})\\, \\sigma v^\\mathsf{T} + (1 - u u^\\mathsf{T})\\, \\bar u\\, "
                            + "\\sigma^{-1} v^\\mathsf{T},\\ "
                            + "H_{ij} = \\frac{(u^\\mathsf{T} \\bar u)_{ij}}{\\sigma_j^2 - \\sigma_i^2}")
            .convention(BETWEEN_SINGULAR + "reduced; the largest component of each column is positive")
            .example("y = svd_u(x)\nf = sum(y^3)", A)
            .code(OpCode.array("singular_vectors($0)[0]"));
    static final OpDefinition SVD_VH = factor("svd_vh", MatrixFactoring.SVD, SingularValues.VH, false, 40,
            (m, n) -> new int[]{Math.min(m, n), n},
            (y, x, t) -> matmul(left(x), matrixTranspose(singularBackward(matrixTranspose(y), sigma(x), matrixTranspose(t), x))),
            (y, x, t) -> matrixTranspose(singularForward(matrixTranspose(y), left(x), sigma(x), matrixTranspose(t), x)),
            y -> broadcastTo(column(awkward(sigma(y.operand(0)), y.operand(0))), y.shape()))
            .formula("v^\\mathsf{T} \\text{ of } x = u \\operatorname{diag}(\\sigma)\\, v^\\mathsf{T}",
                    "\\bar x = u \\sigma\\, (H + H^\\mathsf{T})\\, "
                            + "v^\\mathsf{T} + u \\sigma^{-1} \\bar v^\\mathsf{T} (1 - v v^\\mathsf{T}),\\ "
                            + "H_{ij} = \\frac{(v^\\mathsf{T} \\bar v)_{ij}}{\\sigma_j^2 - \\sigma_i^2}")
            .convention(BETWEEN_SINGULAR + "reduced; the signs are those that go with svd_u").example("y = svd_vh(x)\nf = sum(y^3)", A)
            .code(OpCode.array("singular_vectors($0)[1]"));
    static final OpDefinition PINV = factor("pinv", MatrixFactoring.SVD, SingularValues.PINV, false, 44, (m, n) -> new int[]{n, m},
            Decompositions::pseudoBackward, Decompositions::pseudoForward, null)
            .formula("x^+",
                    "\\bar x = -y^\\mathsf{T} \\bar y\\, y^\\mathsf{T} + (1 - x y)\\, \\bar y^\\mathsf{T} y\\, y^\\mathsf{T} "
                            + "+ y^\\mathsf{T} y\\, \\bar y^\\mathsf{T} (1 - y x)")
            .convention("singular values up to max(m, n) · 2⁻⁵² times the largest count as 0; the derivative is that at constant rank")
            .example("y = pinv(x)\nf = sum(y^2)", A)
            .code(OpCode.array("np.linalg.pinv($0)"));

    static final List<OpDefinition> ALL = List.of(QR_Q, QR_R, EIGVALSH, EIGH_VECTORS, SVDVALS, SVD_U, SVD_VH, PINV);

    private Decompositions() {}

    private static OpDefinition factor(String name, MatrixFactoring whole, int number, boolean square, double flops,
            MatrixFactor.Lengths lengths, MatrixFunction.Rule backward, MatrixFunction.Rule forward, @Nullable UnaryOperator<Node> kink) {
        return OpDefinition.define(name, Family.CUSTOM, "x")
                .as(new MatrixFactor(name, whole, number, square, lengths, flops, backward, forward, kink));
    }

    private static Node symmetric(Node x) {
        return mul(0.5, add(x, matrixTranspose(x)));
    }

    /** v · middle · vᵀ, where a middle of one row stands for a diagonal matrix. */
    private static Node congruent(Node v, Node middle) {
        boolean diagonal = middle.shape().dim(middle.shape().rank() - 2) == 1;
        return matmul(diagonal ? mul(v, middle) : matmul(v, middle), matrixTranspose(v));
    }

    /** A vector as a matrix of one row, which scales columns. */
    private static Node row(Node vector) {
        return reshape(vector, vector.shape().inserted(vector.shape().rank() - 1, 1));
    }

    private static Node column(Node vector) {
        return reshape(vector, vector.shape().inserted(vector.shape().rank(), 1));
    }

    private static Node values(Node x) {
        return unary(EIGVALSH, x);
    }

    private static Node vectors(Node x) {
        return unary(EIGH_VECTORS, x);
    }

    private static Node sigma(Node x) {
        return unary(SVDVALS, x);
    }

    private static Node left(Node x) {
        return unary(SVD_U, x);
    }

    private static Node right(Node x) {
        return unary(SVD_VH, x);
    }

    /** The longer side of the operand. */
    private static int side(Node y) {
        return longerSide(y.operand(0));
    }

    private static int longerSide(Node x) {
        return Math.max(x.shape().last(), x.shape().dim(x.shape().rank() - 2));
    }

    /** The largest difference that rounding errors of a decomposition with these values can cause; the last axis has length 1. */
    private static Node noise(Node values, int side) {
        Node largest = values.graph().add(new Reductions.Extremum(true, List.of(values.shape().rank() - 1), true),
                abs(unary(Comparisons.STOP_GRADIENT, values)));
        return mul(side * Math.ulp(1.0), largest);
    }

    private static Node atMost(Node a, Node b) {
        return a.graph().add(Comparisons.LE.op(), a, b);
    }

    /** A matrix of 1 where values i and j are equal up to rounding, the diagonal included. */
    private static Node equal(Node values, int side) {
        return atMost(abs(differences(values)), column(noise(values, side)));
    }

    private static Node differences(Node values) {
        return sub(row(values), column(values));
    }

    /** 1 where a value is repeated. */
    private static Node repeated(Node values, int side) {
        return gt(sum(equal(values, side), List.of(-2), false), 1);
    }

    /** 1 / d, and 0 where it is masked. */
    private static Node inverse(Node mask, Node d) {
        return where(mask, 0, reciprocal(where(mask, 1, d)));
    }

    private static Node gaps(Node x) {
        Node values = values(x);
        return inverse(equal(values, longerSide(x)), differences(values));
    }

    private static Node vanishing(Node sigma, Node x) {
        return atMost(sigma, noise(sigma, longerSide(x)));
    }

    private static Node awkward(Node sigma, Node x) {
        return or(repeated(sigma, longerSide(x)), vanishing(sigma, x));
    }

    /** 1 / (σⱼ² − σᵢ²). */
    private static Node squareGaps(Node sigma, Node x) {
        return inverse(equal(sigma, longerSide(x)), mul(differences(sigma), add(row(sigma), column(sigma))));
    }

    /** The part of z that is orthogonal to the columns of u. */
    private static Node beside(Node u, Node z) {
        return sub(z, matmul(u, matmul(matrixTranspose(u), z)));
    }

    private static boolean isTall(Node u) {
        return u.shape().dim(u.shape().rank() - 2) > u.shape().last();
    }

    /** The tangent of u, where t is that of u σ vᵀ. */
    private static Node singularForward(Node u, Node v, Node sigma, Node t, Node x) {
        Node moved = matmul(t, v);
        Node projected = mul(matmul(matrixTranspose(u), moved), row(sigma));
        Node inside = matmul(u, mul(squareGaps(sigma, x), add(projected, matrixTranspose(projected))));
        return isTall(u) ? add(inside, mul(beside(u, moved), row(inverse(vanishing(sigma, x), sigma)))) : inside;
    }

    /** The cotangent of u σ vᵀ times v, where t is that of u. */
    private static Node singularBackward(Node u, Node sigma, Node t, Node x) {
        Node h = mul(squareGaps(sigma, x), matmul(matrixTranspose(u), t));
        Node inside = matmul(u, mul(add(h, matrixTranspose(h)), row(sigma)));
        return isTall(u) ? add(inside, mul(beside(u, t), row(inverse(vanishing(sigma, x), sigma)))) : inside;
    }

    private static Node pseudoForward(Node y, Node x, Node t) {
        Node transposed = matrixTranspose(t);
        Node yt = matrixTranspose(y);
        Node onRows = matmul(matmul(y, yt), sub(transposed, matmul(matmul(transposed, x), y)));
        Node onColumns = matmul(sub(transposed, matmul(y, matmul(x, transposed))), matmul(yt, y));
        return sub(add(onRows, onColumns), matmul(matmul(y, t), y));
    }

    private static Node pseudoBackward(Node y, Node x, Node t) {
        Node transposed = matrixTranspose(t);
        Node yt = matrixTranspose(y);
        Node onRows = matmul(sub(transposed, matmul(x, matmul(y, transposed))), matmul(y, yt));
        Node onColumns = matmul(matmul(yt, y), sub(transposed, matmul(matmul(transposed, y), x)));
        return sub(add(onRows, onColumns), matmul(matmul(yt, t), yt));
    }

    /** The columns that Q depends on: as many as there are rows, if there are more. */
    private static Node leading(Node x) {
        int m = x.shape().dim(x.shape().rank() - 2);
        return x.shape().last() <= m ? x : index(x, List.of("...", "0:" + m));
    }

    private static Node inverseTriangle(Node x) {
        return x.graph().add(LinearAlgebra.inverse(false), leading(unary(QR_R, x)));
    }

    private static Node orthogonalForward(Node q, Node x, Node t) {
        Node w = matmul(leading(t), inverseTriangle(x));
        Node c = matmul(matrixTranspose(q), w);
        Node below = MatrixFunction.triangle(c, true, 1);
        Node turned = matmul(q, sub(below, matrixTranspose(below)));
        return isTall(q) ? add(turned, sub(w, matmul(q, c))) : turned;
    }

    private static Node orthogonalBackward(Node q, Node x, Node t) {
        Node g = matmul(matrixTranspose(q), t);
        Node turned = matmul(q, MatrixFunction.triangle(sub(g, matrixTranspose(g)), true, 1));
        Node w = isTall(q) ? add(turned, sub(t, matmul(q, g))) : turned;
        Node ofLeading = matmul(w, matrixTranspose(inverseTriangle(x)));
        return ofLeading.shape().equals(x.shape())
                ? ofLeading
                : x.graph().add(new Indexing.Scatter(x.shape(), List.of(List.of("...", "0:" + q.shape().last()))), ofLeading);
    }

    private static Node triangularForward(Node r, Node x, Node t) {
        Node q = unary(QR_Q, x);
        Node ofQ = matrixTranspose(orthogonalForward(q, x, t));
        return MatrixFunction.triangle(add(matmul(ofQ, x), matmul(matrixTranspose(q), t)), false, 0);
    }

    private static Node triangularBackward(Node r, Node x, Node t) {
        Node q = unary(QR_Q, x);
        Node upper = MatrixFunction.triangle(t, false, 0);
        return add(matmul(q, upper), orthogonalBackward(q, x, matmul(x, matrixTranspose(upper))));
    }
}
