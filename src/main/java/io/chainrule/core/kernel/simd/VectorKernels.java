package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Blocks;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.kernel.MatrixVector;
import io.chainrule.core.kernel.Parallel;
import io.chainrule.core.kernel.ScalarKernels;
import io.chainrule.core.tensor.Checkpoint;

/** Kernels in the Vector API where C2 does not make as good code of the scalar ones, to which the rest is left. */
public final class VectorKernels implements Kernels {
    /** Fewer rows than these leave most of a tile unused; they are as fast by rows. */
    private static final int FEW_ROWS = 3;
    private static final int BETWEEN_CHECKS = 1 << 20;

    private final Kernels scalar = new ScalarKernels();
    private final boolean waits;

    /** Kernels that run the scalar forms until the vector forms are compiled. */
    public VectorKernels() {
        this(true);
    }

    /** With {@code waits} false, the vector forms run from the beginning, as tests need it. */
    VectorKernels(boolean waits) {
        if (Species.LENGTH == 1) {
            throw new UnsupportedOperationException("vectors of one double");
        }
        this.waits = waits;
    }

    @Override
    public String name() {
        return "vectors of " + Species.OF.vectorBitSize() + " bits";
    }

    private boolean isReady(Warmup warmup, long work) {
        return !waits || warmup.isWarm(work);
    }

    @Override
    public void unary(Unary op, double[] x, int xFrom, double[] out, int outFrom, int n) {
        int done = n >= Species.LENGTH && isReady(Examples.of(op), n) ? VectorElementwise.unary(op, x, xFrom, out, outFrom, n) : 0;
        scalar.unary(op, x, xFrom + done, out, outFrom + done, n - done);
    }

    @Override
    public void binary(Binary op, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride, double[] out, int outFrom,
            int n) {
        int done = n >= Species.LENGTH && isReady(Examples.of(op), n)
                ? VectorElementwise.binary(op, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n)
                : 0;
        scalar.binary(op, a, aFrom + done * aStride, aStride, b, bFrom + done * bStride, bStride, out, outFrom + done, n - done);
    }

    @Override
    public void select(double[] condition, int cFrom, int cStride, double[] a, int aFrom, int aStride, double[] b, int bFrom, int bStride,
            double[] out, int outFrom, int n) {
        int done = n >= Species.LENGTH && isReady(Examples.ELEMENTWISE, n)
                ? VectorElementwise.select(condition, cFrom, cStride, a, aFrom, aStride, b, bFrom, bStride, out, outFrom, n)
                : 0;
        scalar.select(condition, cFrom + done * cStride, cStride, a, aFrom + done * aStride, aStride, b, bFrom + done * bStride, bStride,
                out, outFrom + done, n - done);
    }

    @Override
    public double sum(double[] x, int from, int n) {
        return isReady(Examples.SUMS, n) ? VectorSums.sum(x, from, n) : scalar.sum(x, from, n);
    }

    @Override
    public void sumRows(double[] x, int from, int rows, int columns, double[] out, int outFrom, Checkpoint checkpoint) {
        scalar.sumRows(x, from, rows, columns, out, outFrom, checkpoint);
    }

    @Override
    public boolean isFinite(double[] x, int from, int n) {
        return isReady(Examples.SUMS, n) ? VectorExtremes.isFinite(x, from, n) : scalar.isFinite(x, from, n);
    }

    @Override
    public double max(double[] x, int from, int n) {
        return isReady(Examples.SUMS, n) ? VectorExtremes.max(x, from, n) : scalar.max(x, from, n);
    }

    @Override
    public void gemm(int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Parallel parallel, Checkpoint checkpoint) {
        if (n == 1) {
            boolean reads = a.columnStride() == 1 && b.rowStride() == 1 && isReady(Examples.SUMS, (long) m * k);
            parallel.share(m, Blocks.LANES, (from, end) -> {
                if (reads) {
                    dots(from, end, k, a, b, c, cFrom, checkpoint);
                } else {
                    MatrixVector.multiply(end - from, k, a.fromRow(from), b, c, cFrom + from, checkpoint);
                }
            });
        } else if (m > FEW_ROWS && k > 0 && isReady(Examples.PRODUCTS, (long) m * n * k)) {
            Gemm.multiply(true, m, n, k, a, b, c, cFrom, parallel, checkpoint);
        } else {
            scalar.gemm(m, n, k, a, b, c, cFrom, parallel, checkpoint);
        }
    }

    @Override
    public void chains(boolean fresh, int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Checkpoint checkpoint) {
        if (m > FEW_ROWS && k > 0 && isReady(Examples.PRODUCTS, (long) m * n * k)) {
            Gemm.multiply(fresh, m, n, k, a, b, c, cFrom, Parallel.NONE, checkpoint);
        } else {
            scalar.chains(fresh, m, n, k, a, b, c, cFrom, checkpoint);
        }
    }

    private static void dots(int from, int end, int k, Matrix a, Matrix b, double[] c, int cFrom, Checkpoint checkpoint) {
        int rows = BETWEEN_CHECKS / Math.max(1, k) / Blocks.LANES * Blocks.LANES + Blocks.LANES;
        for (int i = from; i < end; i += rows) {
            checkpoint.check();
            VectorSums.dots(Math.min(rows, end - i), k, a.values(), a.index(i, 0), a.rowStride(), b.values(), b.from(), c, cFrom + i);
        }
    }
}
