package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Preparation;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.linalg.Factorization;
import io.chainrule.core.linalg.MatrixBounds;
import io.chainrule.core.linalg.TriangularSystem;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** X with A X = B, where A is a matrix or a triangle of one; leading axes broadcast. Rules: Giles 2008, 2.3.1. */
final class Solve implements Op {

    /** Which triangle of the matrix counts, whether transposed, and whether with ones on its diagonal. */
    record Triangle(boolean lower, boolean transposed, boolean unit) {
        Triangle adjoint() {
            return new Triangle(lower, !transposed, unit);
        }

        Map<String, Object> attributes() {
            Map<String, Object> written = new LinkedHashMap<>();
            if (!lower) {
                written.put("lower", false);
            }
            if (transposed) {
                written.put("trans", true);
            }
            if (unit) {
                written.put("unit_diagonal", true);
            }
            return written;
        }
    }

    private final @Nullable Triangle triangle;

    Solve(@Nullable Triangle triangle) {
        this.triangle = triangle;
    }

    @Override
    public String name() {
        return triangle == null ? "solve" : "triangular_solve";
    }

    @Override
    public Map<String, Object> attributes() {
        return triangle == null ? Map.of() : triangle.attributes();
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    private static boolean isVector(Shape a, Shape b) {
        return b.rank() == 1 || b.equals(a.sub(0, a.rank() - 1));
    }

    private static Shape columns(Shape a, Shape b) {
        return isVector(a, b) ? b.inserted(b.rank(), 1) : b;
    }

    @Override
    public Shape shape(Shape... operands) {
        Shape full = full(operands[0], operands[1]);
        return isVector(operands[0], operands[1]) ? full.sub(0, full.rank() - 1) : full;
    }

    /** The result's shape, with vectors as matrices of one column. */
    private Shape full(Shape a, Shape b) {
        MatrixFunction.checkSquare(name(), a);
        if (b.isScalar() || columns(a, b).dim(columns(a, b).rank() - 2) != a.last()) {
            throw new ShapeException(name() + " takes right sides of " + a.last() + " rows, not shape " + b, "[" + a.last() + "] or […, "
                    + a.last() + ", m]", b.toString());
        }
        Shape columns = columns(a, b);
        Shape batch = a.sub(0, a.rank() - 2).broadcast(columns.sub(0, columns.rank() - 2));
        return batch.concat(columns.sub(columns.rank() - 2, columns.rank()));
    }

    @Override
    public @Nullable Preparation preparation() {
        return triangle == null ? LuFactors.OF : null;
    }

    @Override
    public boolean readsSwapped(int operand) {
        return triangle == null && operand == 0;
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        Kernel kernel = prepareSwapped(operands, result, new boolean[2]);
        return triangle == null ? LuFactors.OF.before(kernel, operands[0]) : kernel;
    }

    @Override
    public Kernel prepareSwapped(Shape[] operands, Shape result, boolean[] swapped) {
        Shape a = operands[0];
        Shape b = columns(a, operands[1]);
        Shape full = full(a, operands[1]);
        Shape batch = full.sub(0, full.rank() - 2);
        BroadcastLoop loop = new BroadcastLoop(batch, a.sub(0, a.rank() - 2), b.sub(0, b.rank() - 2));
        return (x, y, checkpoint) -> write(x, swapped[0], y, a.last(), full.last(), batch, loop, checkpoint);
    }

    private void write(double[][] operands, boolean swapped, double[] y, int n, int m, Shape batch, BroadcastLoop loop,
            Checkpoint checkpoint) {
        double[] right = operands[1];
        loop.forEach(checkpoint, (from, stride, o, count) -> {
            for (int i = 0; i < count; i++) {
                checkpoint.check();
                int matrix = from[0] + i * stride[0];
                int source = (from[1] + i * stride[1]) * n * m;
                int target = (o + i) * n * m;
                if (triangle != null) {
                    int at = matrix * n * n;
                    check(triangle.unit || hasNoZero(operands[0], at, n), o + i, batch);
                    System.arraycopy(right, source, y, target, n * m);
                    Matrix counted = triangle.transposed ? Matrix.transposed(operands[0], at, n) : Matrix.rows(operands[0], at, n);
                    TriangularSystem.solve(counted, n, triangle.lower != triangle.transposed, triangle.unit, y, target, m, checkpoint);
                    continue;
                }
                Factorization lu = LuFactors.factors(operands[2], matrix, n);
                check(!lu.isSingular(), o + i, batch);
                if (swapped) {
                    lu.solveTransposed(right, source, m, y, target, checkpoint);
                } else {
                    lu.solve(right, source, m, y, target, checkpoint);
                }
            }
        });
    }

    private static boolean hasNoZero(double[] matrix, int from, int n) {
        for (int i = 0; i < n; i++) {
            if (matrix[from + i * n + i] == 0) {
                return false;
            }
        }
        return true;
    }

    private void check(boolean regular, int element, Shape batch) {
        if (!regular) {
            throw MatrixFunction.refused(name(), "singular", element, batch.length());
        }
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return (long) (2.0 * operands[0].last() * result.size() + (triangle == null ? LuFactors.OF.flops(operands[0]) : 0));
    }

    @Override
    public Node vjp(Node node, int operand, Node cotangent) {
        Node a = node.operand(0);
        Node b = node.operand(1);
        Shape full = full(a.shape(), b.shape());
        Node g = adjoint(a, reshape(cotangent, full));
        if (operand == 1) {
            return reshape(sumTo(g, columns(a.shape(), b.shape())), b.shape());
        }
        Node y = reshape(node, full);
        boolean transposed = triangle != null && triangle.transposed;
        Node product = neg(transposed ? matmul(y, matrixTranspose(g)) : matmul(g, matrixTranspose(y)));
        return sumTo(counted(product), a.shape());
    }

    private Node adjoint(Node a, Node right) {
        return triangle == null
                ? a.graph().add(this, matrixTranspose(a), right)
                : a.graph().add(new Solve(triangle.adjoint()), a, right);
    }

    /** Keeps the elements of a matrix that the solution depends on and sets the others to 0. */
    private Node counted(Node matrix) {
        return triangle == null ? matrix : MatrixFunction.triangle(matrix, triangle.lower, triangle.unit ? 1 : 0);
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        Node a = node.operand(0);
        Shape full = full(a.shape(), node.operand(1).shape());
        Node ofA = tangents[0];
        Node ofB = tangents[1];
        Node right = null;
        if (ofB != null) {
            right = padded(reshape(ofB, columns(a.shape(), ofB.shape())), a.shape().rank());
        }
        if (ofA != null) {
            Node counted = counted(ofA);
            boolean transposed = triangle != null && triangle.transposed;
            Node moved = matmul(transposed ? matrixTranspose(counted) : counted, reshape(node, full));
            right = right == null ? neg(moved) : sub(right, moved);
        }
        return right == null ? null : reshape(node.graph().add(this, a, right), node.shape());
    }

    @Override
    public Node error(Node node, @Nullable Node[] errors) {
        Shape a = node.operand(0).shape();
        Shape b = columns(a, node.operand(1).shape());
        Shape full = full(a, node.operand(1).shape());
        int n = a.last();
        int m = full.last();
        Node right = reshape(node.operand(1), b);
        Node ofRight = errors[1] == null ? node.graph().literal(0) : reshape(errors[1], b);
        Node ofMatrix = errors[0] == null ? node.graph().literal(0) : errors[0];
        return reshape(node.graph().add(new MatrixError(name(), full.rank() - 2, 10, (x, result, checkpoint) -> {
            double[] matrix = counted(x[0], n, true);
            MatrixBounds.of(matrix, counted(x[2], n, false), n, checkpoint).ofSolution(x[1], x[3], x[4], m, result);
        }), MatrixError.stretched(full, node.operand(0), n, n), MatrixError.stretched(full, right, n, m),
                MatrixError.stretched(full, ofMatrix, n, n), MatrixError.stretched(full, ofRight, n, m), reshape(node, full)),
                node.shape());
    }

    /** The matrix that the equations have, or the errors of its elements. */
    private double[] counted(double[] matrix, int n, boolean isMatrix) {
        if (triangle == null) {
            return matrix;
        }
        double[] counted = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                boolean counts = triangle.lower ? j <= i : j >= i;
                double element = i == j && triangle.unit ? isMatrix ? 1 : 0 : counts ? matrix[i * n + j] : 0;
                counted[triangle.transposed ? j * n + i : i * n + j] = element;
            }
        }
        return counted;
    }

    /** Adds axes of length 1 in front, so that the operand is not taken for vectors. */
    private static Node padded(Node x, int rank) {
        int[] ones = new int[Math.max(0, rank - x.shape().rank())];
        Arrays.fill(ones, 1);
        return reshape(x, Shape.of(ones).concat(x.shape()));
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        Shape a = own(operands[0], batched[0]);
        Shape b = own(operands[1], batched[1]);
        Shape columns = columns(a, b);
        int rank = Math.max(a.rank(), columns.rank());
        Node left = batched[0] ? Batched.withRank(operands[0], rank) : operands[0];
        Node right = batched[1]
                ? Batched.withRank(reshape(operands[1], Shape.of(n).concat(columns)), rank)
                : padded(reshape(operands[1], columns), rank + 1);
        return reshape(left.graph().add(this, left, right), Shape.of(n).concat(shape(a, b)));
    }

    private static Shape own(Node x, boolean batched) {
        return batched ? x.shape().without(0) : x.shape();
    }
}
