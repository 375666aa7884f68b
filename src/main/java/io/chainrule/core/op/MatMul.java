package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.OneHot;
import io.chainrule.core.graph.Op;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import org.jspecify.annotations.Nullable;

/** NumPy's {@code @}: it multiplies matrices in the last two axes, treats a vector as a matrix, and broadcasts leading axes. */
final class MatMul implements Op {
    @Override
    public String name() {
        return "matmul";
    }

    @Override
    public Family family() {
        return Family.BILINEAR;
    }

    @Override
    public Shape shape(Shape... operands) {
        Shape a = operands[0];
        Shape b = operands[1];
        if (a.isScalar() || b.isScalar()) {
            throw new ShapeException("a matrix product takes vectors or matrices, not " + a + " and " + b + "; for numbers use *",
                    "at least one axis each", a + " and " + b);
        }
        Shape full;
        try {
            full = matrices(rows(a), columns(b));
        } catch (ShapeException e) {
            throw new ShapeException("shapes " + a + " and " + b + " do not fit: " + e.getMessage(), e.expected(), a + " and " + b);
        }
        Shape leading = full.sub(0, full.rank() - 2);
        Shape left = a.rank() == 1 ? leading : leading.concat(Shape.of(full.dim(full.rank() - 2)));
        return b.rank() == 1 ? left : left.concat(Shape.of(full.last()));
    }

    private static Shape rows(Shape a) {
        return a.rank() == 1 ? a.inserted(0, 1) : a;
    }

    private static Shape columns(Shape b) {
        return b.rank() == 1 ? b.inserted(1, 1) : b;
    }

    /** The result's shape for operands of at least two axes. */
    static Shape matrices(Shape a, Shape b) {
        if (a.last() != b.dim(b.rank() - 2)) {
            throw new ShapeException("rows of " + a.last() + " meet columns of " + b.dim(b.rank() - 2), "equal lengths", a + " and " + b);
        }
        Shape batch = a.sub(0, a.rank() - 2).broadcast(b.sub(0, b.rank() - 2));
        return batch.concat(Shape.of(a.dim(a.rank() - 2), b.last()));
    }

    @Override
    public boolean readsSwapped(int operand) {
        return true;
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        return prepareSwapped(operands, result, new boolean[2]);
    }

    @Override
    public Kernel prepareSwapped(Shape[] operands, Shape result, boolean[] swapped) {
        Shape a = rows(operands[0]);
        Shape b = columns(operands[1]);
        Shape full = matrices(a, b);
        int m = full.dim(full.rank() - 2);
        int n = full.last();
        int k = a.last();
        Kernels kernels = Kernels.best();
        if (b.rank() == 2 && (a.rank() == 2 || !swapped[0])) {
            // If there is one matrix on the right, the matrices on the left form one tall matrix.
            int tall = full.sub(0, full.rank() - 1).length();
            return (x, y, parallel) -> kernels.gemm(tall, n, k, matrix(x[0], 0, tall, k, swapped[0]), matrix(x[1], 0, k, n, swapped[1]),
                    y, 0, parallel);
        }
        BroadcastLoop loop = new BroadcastLoop(full.sub(0, full.rank() - 2), a.sub(0, a.rank() - 2), b.sub(0, b.rank() - 2));
        return (x, y, parallel) -> {
            // Threads share whole products, each of which is packed by one of them, unless they are more than the products.
            boolean sharesEach = loop.length() < parallel.threads();
            Parallel ofEach = sharesEach ? parallel : Parallel.onThisThread(parallel);
            BroadcastLoop.Run products = (from, stride, o, count) -> {
                for (int i = 0; i < count; i++) {
                    Matrix left = matrix(x[0], (from[0] + i * stride[0]) * m * k, m, k, swapped[0]);
                    Matrix right = matrix(x[1], (from[1] + i * stride[1]) * k * n, k, n, swapped[1]);
                    kernels.gemm(m, n, k, left, right, y, (o + i) * m * n, ofEach);
                }
            };
            if (sharesEach) {
                loop.forEach(parallel, products);
            } else {
                parallel.share(loop.length(), parallel.grain(2L * m * n * k),
                        (first, end) -> loop.forEach(first, end, parallel, products));
            }
        };
    }

    private static Matrix matrix(double[] x, int from, int rows, int columns, boolean swapped) {
        return swapped ? Matrix.transposed(x, from, rows) : Matrix.rows(x, from, columns);
    }

    @Override
    public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        Shape a = rows(operands[0]);
        Shape b = columns(operands[1]);
        Shape full = matrices(a, b);
        int m = full.dim(full.rank() - 2);
        int n = full.last();
        int k = a.last();
        Shape batch = full.sub(0, full.rank() - 2);
        if (full.size() == 0) {
            return true;
        }
        new BroadcastLoop(batch, a.sub(0, a.rank() - 2), b.sub(0, b.rank() - 2)).forEach(Checkpoint.NONE, (from, stride, o, count) -> {
            for (int matrix = 0; matrix < count; matrix++) {
                int left = (from[0] + matrix * stride[0]) * m * k;
                int right = (from[1] + matrix * stride[1]) * k * n;
                int to = (o + matrix) * m * n;
                for (int i = 0; i < m; i++) {
                    dependence.all(0, new Line(left + i * k, 1, k), new Line(to + i * n, 1, n));
                }
                for (int j = 0; j < n; j++) {
                    dependence.all(1, new Line(right + j, n, k), new Line(to + j, n, m));
                }
            }
        });
        return true;
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        Shape a = own(operands[0], batched[0]);
        Shape b = own(operands[1], batched[1]);
        Shape result = shape(a, b);
        if (!batched[1] && b.rank() <= 2) {
            // If there is one matrix on the right, the rows of all matrices on the left form one tall matrix.
            return operands[0].graph().add(this, operands);
        }
        int rank = Math.max(rows(a).rank(), columns(b).rank());
        Node left = promoted(operands[0], batched[0], rows(a), rank);
        Node right = promoted(operands[1], batched[1], columns(b), rank);
        return Maths.reshape(left.graph().add(this, left, right), Shape.of(n).concat(result));
    }

    /**
     * The product of a one-hot vector takes one row, or column, of the other matrix. That of a matrix whose rows are one-hot takes one for
     * each row, and that of a matrix with a single row that is not zero takes one column.
     */
    @Override
    public @Nullable Node batchOneHot(Node[] operands, int k, OneHot hot) {
        Node matrix = operands[1 - k];
        boolean fits = k == 0 ? hot.isLast() : hot.isOfRows() || hot.isLast() && hot.values().shape().rank() == 1;
        if (matrix.shape().rank() != 2 || !fits) {
            return null;
        }
        boolean isTransposed = matrix.op() instanceof Shaping.Transpose transpose
                && transpose.swapsRowsAndColumns(matrix.operand(0).shape());
        Node stored = isTransposed ? matrix.operand(0) : matrix;
        return OneHotProduct.of(hot, stored, isTransposed == (k == 1));
    }

    private static Shape own(Node x, boolean batched) {
        return batched ? x.shape().without(0) : x.shape();
    }

    /** Reshapes an operand to a stack of matrices, with the axis of the batch in front of all others. */
    private static Node promoted(Node x, boolean batched, Shape matrix, int rank) {
        return batched ? Batched.withRank(Maths.reshape(x, Shape.of(x.shape().dim(0)).concat(matrix)), rank) : Maths.reshape(x, matrix);
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        // The product may be too large for a long. The cast of such a double gives the largest long.
        return (long) (2.0 * operands[0].last() * result.size());
    }

    @Override
    public Node vjp(Node node, int operand, Node cotangent) {
        return Products.matmulTransposed(node.operand(0), node.operand(1), operand == 0, cotangent);
    }

    @Override
    public Node error(Node node, @Nullable Node[] errors) {
        return Errors.ofProduct(node, errors, Kernels.roundings(columns(node.operand(1).shape()).last(), node.operand(0).shape().last()));
    }

    @Override
    public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        Node left = tangents[0];
        Node right = tangents[1];
        Node byLeft = left == null ? null : node.graph().add(this, left, node.operand(1));
        Node byRight = right == null ? null : node.graph().add(this, node.operand(0), right);
        return byLeft == null ? byRight : byRight == null ? byLeft : Maths.add(byLeft, byRight);
    }
}
