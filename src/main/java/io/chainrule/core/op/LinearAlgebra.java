package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.linalg.Cholesky;
import io.chainrule.core.linalg.DecompositionBounds;
import io.chainrule.core.linalg.Factorization;
import io.chainrule.core.linalg.MatrixBounds;
import io.chainrule.core.linalg.MatrixExponential;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Determinants, inverses and factors of the matrices in the last two axes. Rules: M. B. Giles, "An extended collection of
 * matrix derivative results for forward and reverse mode algorithmic differentiation", 2008; cholesky: I. Murray, 2016.
 */
final class LinearAlgebra {
    private static final Tensor A = Tensor.matrix(new double[]{4, 1}, new double[]{2, 3});
    private static final Tensor S = Tensor.matrix(new double[]{4, 1}, new double[]{1, 3});
    private static final Tensor B = Tensor.vector(1, 2);

    static final OpDefinition DET = matrix("det",
            new MatrixFunction("det", Map.of(), true, (e, y, to) -> y[to] = e.lu().determinant(),
                    (y, x, t) -> mul(spread(t), cofactors(x)), (y, x, t) -> product(cofactors(x), t)).ofFactors()
                    .bounded((a, e, y, n, bounds, c) -> bounds[0] = MatrixBounds.of(a, e, n, c).ofDeterminant(y[0])))
            .formula("\\det x", "\\bar x = \\bar y \\operatorname{cof}(x) = \\bar y\\, y\\, x^{-\\mathsf{T}}")
            .convention("a singular matrix has the gradient of cofactors").example("f = det(x)^2", A)
            .latex("\\det\\left(", "\\right)").code(OpCode.array("np.linalg.det($0)"));
    static final OpDefinition COFACTOR = matrix("cofactor",
            new MatrixFunction("cofactor", Map.of(), false,
                    (e, y, to) -> e.lu().cofactors(e.matrices(), e.from(), y, to, e.checkpoint()),
                    LinearAlgebra::cofactorRule, LinearAlgebra::cofactorRule).ofFactors()
                    .bounded((a, e, y, n, bounds, c) -> MatrixBounds.of(a, e, n, c).ofCofactors(y, bounds)))
            .formula("\\operatorname{cof}(x) = \\det(x)\\, x^{-\\mathsf{T}}",
                    "\\bar x = \\frac{\\langle y, \\bar y \\rangle\\, y - y\\, \\bar y^\\mathsf{T} y}{\\det x}")
            .convention("of a singular matrix by minors; the derivatives, of every order, are polynomials: no division")
            .example("y = cofactor(x)\nf = sum(y^2)", A)
            .latex("\\operatorname{cof}\\left(", "\\right)").code(OpCode.array("cofactor($0)"));
    static final OpDefinition LOGDET = matrix("logdet",
            new MatrixFunction("logdet", Map.of(), true, LinearAlgebra::logdet,
                    (y, x, t) -> mul(spread(positive(y, t)), inverseTransposed(x)),
                    (y, x, t) -> positive(y, product(inverseTransposed(x), t))).ofFactors()
                    .bounded(LinearAlgebra::boundLogDeterminant))
            .formula("\\log \\det x", "\\bar x = \\bar y\\, x^{-\\mathsf{T}}")
            .convention("−∞ for a singular matrix and NaN for a negative determinant; neither has a gradient").example("f = logdet(x)", A)
            .code(OpCode.array("logdet($0)"));
    static final OpDefinition SLOGDET = matrix("slogdet",
            new MatrixFunction("slogdet", Map.of(), true, (e, y, to) -> y[to] = e.lu().logAbsDeterminant(),
                    (y, x, t) -> mul(spread(t), inverseTransposed(x)), (y, x, t) -> product(inverseTransposed(x), t)).ofFactors()
                    .bounded(LinearAlgebra::boundLogDeterminant))
            .formula("\\log |\\det x|", "\\bar x = \\bar y\\, x^{-\\mathsf{T}}")
            .convention("−∞ for a singular matrix, which has no gradient").example("f = slogdet(x)", A)
            .code(OpCode.array("np.linalg.slogdet($0)[1]"));
    static final OpDefinition INV = OpDefinition.define("inv", Family.CUSTOM, "x")
            .attribute(Attribute.optional("strict", Attribute.Type.BOOLEAN, true, "refuse a singular matrix; else its inverse is NaN"))
            .formula("x^{-1}", "\\bar x = -y^\\mathsf{T} \\bar y\\, y^\\mathsf{T}").convention("a singular matrix is refused")
            .example("y = inv(x)\nf = sum(y^2)", A).as(a -> inverse(a.flag("strict"))).traits(Trait.SOLVES)
            .latex("#0^{-1}").code(OpCode.array("np.linalg.inv($0)"));
    static final OpDefinition SOLVE = OpDefinition.define("solve", Family.CUSTOM, "A", "b").as(new Solve(null))
            .formula("A^{-1} b", "\\bar b = A^{-\\mathsf{T}} \\bar y,\\ \\bar A = -A^{-\\mathsf{T}} \\bar y\\, y^\\mathsf{T}")
            .convention("a singular matrix is refused; b holds vectors where its shape is that of A without the last axis")
            .example("y = solve(A, b)\nf = sum(y^2)", A, B).traits(Trait.SOLVES)
            .latex("#0^{-1} \\, #1").code(OpCode.array("solve($0, $1)"));
    static final OpDefinition TRIANGULAR_SOLVE = OpDefinition.define("triangular_solve", Family.CUSTOM, "A", "b")
            .attribute(Attribute.optional("lower", Attribute.Type.BOOLEAN, true, "the lower triangle counts, else the upper one"),
                    Attribute.optional("trans", Attribute.Type.BOOLEAN, false, "the triangle is transposed"),
                    Attribute.optional("unit_diagonal", Attribute.Type.BOOLEAN, false, "the diagonal counts as ones"))
            .formula("\\operatorname{tri}(A)^{-1} b", "\\bar b = \\operatorname{tri}(A)^{-\\mathsf{T}} \\bar y,\\ "
                    + "\\bar A = -\\operatorname{tri}(\\bar b\\, y^\\mathsf{T})")
            .convention("a zero on the diagonal is refused; the other triangle is not read")
            .example("y = triangular_solve(A, b)\nf = sum(y^2)", A, B)
            .as(a -> new Solve(new Solve.Triangle(a.flag("lower"), a.flag("trans"), a.flag("unit_diagonal"))))
            .code(OpCode.array("solve(triangle($0, $lower, $trans, $unit_diagonal), $1)"));
    static final OpDefinition CHOLESKY = matrix("cholesky",
            new MatrixFunction("cholesky", Map.of(), false, LinearAlgebra::cholesky, (y, x, t) -> choleskyBackward(y, t),
                    (y, x, t) -> choleskyForward(y, t))
                    .bounded((a, e, y, n, bounds, c) -> MatrixBounds.ofCholesky(a, e, y, n, bounds, c)))
            .formula("y y^\\mathsf{T} = \\tfrac{1}{2} (x + x^\\mathsf{T})",
                    "\\bar x = \\operatorname{sym}(y^{-\\mathsf{T}} \\Phi(y^\\mathsf{T} \\bar y)\\, y^{-1}),\\ "
                            + "\\Phi: \\text{lower triangle, half the diagonal}")
            .convention("a function of (x + xᵀ) / 2; what is not positive definite is refused").example("y = cholesky(x)\nf = sum(y^2)", S)
            .code(OpCode.array("np.linalg.cholesky(symmetric($0))"));
    static final OpDefinition MATRIX_POWER = OpDefinition.define("matrix_power", Family.COMPOSITE, "x")
            .attribute(Attribute.required("n", Attribute.Type.INT, "how often x is a factor; negative for its inverse"))
            .formula("x^n", "\\bar x = \\textstyle\\sum_{k<n} (x^k)^\\mathsf{T}\\, \\bar y\\, (x^{n-1-k})^\\mathsf{T}",
                    Backward.attribute("n", "n"))
            .convention("the power 0 is the identity").example("y = matrix_power(x, n=3)\nf = sum(y)", A).as(a -> {
                int n = a.integer("n");
                return Composite.of("matrix_power", a.written(), x -> power(x[0], n));
            });

    static final OpDefinition EXPM = OpDefinition.define("expm", Family.CUSTOM, "x")
            .formula("\\textstyle\\sum_k \\frac{x^k}{k!}",
                    "\\dot y \\text{ of } \\exp \\begin{pmatrix} x & \\dot x \\\\ 0 & x \\end{pmatrix} = "
                            + "\\begin{pmatrix} y & \\dot y \\\\ 0 & y \\end{pmatrix},\\ "
                            + "\\bar x \\text{ likewise of } x^\\mathsf{T}, \\bar y")
            .convention("a matrix with an infinite element has the exponential NaN").example("y = expm(x)\nf = sum(y^2)",
                    Tensor.matrix(new double[]{0, 1}, new double[]{-1, 0.5}))
            .as(new MatrixFunction("expm", Map.of(), false,
                    (e, y, to) -> MatrixExponential.write(e.matrices(), e.from(), e.n(), y, to, e.checkpoint()),
                    (y, x, t) -> expmDerivative(matrixTranspose(x), t), (y, x, t) -> expmDerivative(x, t))
                    .bounded((a, e, y, n, bounds, c) -> DecompositionBounds.ofExponential(a, e, n, bounds)).costing(40));

    static final List<OpDefinition> ALL = List.of(DET, COFACTOR, LOGDET, SLOGDET, INV, SOLVE, TRIANGULAR_SOLVE, CHOLESKY, MATRIX_POWER,
            CofactorDerivative.DEFINITION, EXPM, MatrixNorm.DEFINITION);

    private LinearAlgebra() {}

    private static OpDefinition matrix(String name, MatrixFunction op) {
        return OpDefinition.define(name, Family.CUSTOM, "x").as(op);
    }

    /** Reshapes numbers to 1 × 1 matrices. */
    private static Node spread(Node numbers) {
        int rank = numbers.shape().rank();
        return reshape(numbers, numbers.shape().inserted(rank, 1).inserted(rank, 1));
    }

    /** Σ a ∘ b of each pair of matrices. */
    private static Node product(Node a, Node b) {
        return sum(mul(a, b), List.of(-2, -1), false);
    }

    private static Node cofactors(Node x) {
        return unary(COFACTOR, x);
    }

    /** The second derivative of det, a symmetric bilinear form; for small matrices a polynomial (Cayley–Hamilton). */
    private static @Nullable Node cofactorRule(Node y, Node x, Node t) {
        int n = x.shape().last();
        if (n < 2) {
            return null;
        }
        Node transposed = matrixTranspose(t);
        if (n == 2) {
            return sub(mul(spread(trace(t)), MatrixFunction.identity(x)), transposed);
        }
        if (n == 3) {
            Node byProducts = add(matmul(x, t), matmul(t, x));
            Node byTraces = add(mul(spread(trace(x)), t), mul(spread(trace(t)), x));
            Node diagonal = sub(mul(trace(x), trace(t)), product(x, transposed));
            return matrixTranspose(add(sub(byProducts, byTraces), mul(spread(diagonal), MatrixFunction.identity(x))));
        }
        return x.graph().add(CofactorDerivative.DEFINITION.op(), x, t);
    }

    private static Node trace(Node x) {
        return sum(Contractions.diagonal(x, 0), List.of(-1), false);
    }

    private static void logdet(MatrixFunction.Element element, double[] y, int to) {
        Factorization lu = element.lu();
        double sign = lu.sign();
        y[to] = lu.isSingular() ? Double.NEGATIVE_INFINITY : sign > 0 ? lu.logAbsDeterminant() : Double.NaN;
    }

    /** The cotangent or tangent; NaN, with a derivative that is NaN, where the determinant is negative. */
    private static Node positive(Node y, Node t) {
        return mul(t, where(isNan(y), Double.NaN, number(y.graph(), 1)));
    }

    private static Node inverseTransposed(Node x) {
        return matrixTranspose(x.graph().add(inverse(false), x));
    }

    static MatrixFunction inverse(boolean strict) {
        return new MatrixFunction("inv", strict ? Map.of() : Map.of("strict", false), false, (e, y, to) -> {
            Factorization lu = e.lu();
            if (lu.isSingular() && strict) {
                throw MatrixFunction.refused("inv", "singular", e.number(), e.count());
            }
            if (lu.isSingular()) {
                Arrays.fill(y, to, to + e.n() * e.n(), Double.NaN);
            } else {
                lu.inverse(y, to, e.checkpoint());
            }
        }, (y, x, t) -> neg(matmul(matmul(matrixTranspose(y), t), matrixTranspose(y))), (y, x, t) -> neg(matmul(matmul(y, t), y)))
                .ofFactors().bounded((a, e, y, n, bounds, c) -> MatrixBounds.of(a, e, n, c).ofInverse(y, bounds));
    }

    private static void boundLogDeterminant(double[] a, double[] e, double[] y, int n, double[] bounds, Checkpoint checkpoint) {
        bounds[0] = MatrixBounds.of(a, e, n, checkpoint).ofLogDeterminant(y[0]);
    }

    private static void cholesky(MatrixFunction.Element element, double[] y, int to) {
        if (!Cholesky.write(element.matrices(), element.from(), element.n(), y, to, element.checkpoint())) {
            throw MatrixFunction.refused("cholesky", "not positive definite", element.number(), element.count());
        }
    }

    private static Node choleskyBackward(Node y, Node t) {
        Solve transposed = new Solve(new Solve.Triangle(true, true, false));
        Node half = MatrixFunction.halved(matmul(matrixTranspose(y), t));
        Node left = y.graph().add(transposed, y, symmetric(half));
        return symmetric(y.graph().add(transposed, y, matrixTranspose(left)));
    }

    private static Node choleskyForward(Node y, Node t) {
        Solve solve = new Solve(new Solve.Triangle(true, false, false));
        Node left = y.graph().add(solve, y, symmetric(t));
        return matmul(y, MatrixFunction.halved(y.graph().add(solve, y, matrixTranspose(left))));
    }

    private static Node symmetric(Node x) {
        return mul(0.5, add(x, matrixTranspose(x)));
    }

    /** By squaring. */
    private static Node power(Node x, int n) {
        MatrixFunction.checkSquare("matrix_power", x.shape());
        if (n == 0) {
            return MatrixFunction.identity(x);
        }
        Node square = n < 0 ? x.graph().add(inverse(true), x) : x;
        Node result = null;
        for (long rest = Math.abs((long) n); rest > 0; rest /= 2) {
            if (rest % 2 == 1) {
                result = result == null ? square : matmul(result, square);
            }
            if (rest > 1) {
                square = matmul(square, square);
            }
        }
        return Objects.requireNonNull(result);
    }

    /**
     * The derivative of expm at x in the direction t: a block of the exponential of a matrix of blocks, at every order.
     * R. Mathias, 1996; A. H. Al-Mohy and N. J. Higham, 2009.
     */
    private static Node expmDerivative(Node x, Node t) {
        int n = x.shape().last();
        if (x.shape().size() == 0) {
            return t;
        }
        int columns = x.shape().rank() - 1;
        Node zeros = broadcastTo(number(x.graph(), 0), x.shape());
        Node above = x.graph().add(new Join(false, columns), x, t);
        Node below = x.graph().add(new Join(false, columns), zeros, x);
        Node whole = unary(EXPM, x.graph().add(new Join(false, columns - 1), above, below));
        return index(whole, List.of("...", "0:" + n, n + ":" + 2 * n));
    }
}
