package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Blocks;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.kernel.MatrixVector;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.kernel.ScalarKernels;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Kernels that use the Vector API where that is faster than what C2 compiles from the {@link ScalarKernels}, which do the rest. */
public final class VectorKernels implements Kernels {
    /** Up to this many rows would leave most of a tile unused, so that products by rows are faster. */
    private static final int FEW_ROWS = 2;
    /** Matrices with more elements than the second-level cache holds are read once, by tiles. */
    private static final int MOST_READ_TWICE = 1 << 17;
    /**
     * The scalar form is faster for products with at most this many multiplications and fewer columns than a tile, because it copies no
     * operands: a product of 4 × 4 matrices takes 100 ns instead of 280 ns.
     */
    private static final int TINY = 256;
    private static final int BETWEEN_CHECKS = 1 << 20;

    private final Kernels scalar = new ScalarKernels();
    private final boolean waits;

    /** Kernels that run the scalar forms until the vector forms are compiled. */
    public VectorKernels() {
        this(true);
    }

    /** If {@code waits} is false, the vector forms run from the beginning, as warm-ups and tests need it. */
    VectorKernels(boolean waits) {
        if (Species.LENGTH == 1) {
            throw new UnsupportedOperationException("this processor has no vectors of several doubles");
        }
        this.waits = waits;
    }

    @Override
    public String name() {
        return "vectors of " + Species.OF.vectorBitSize() + " bits";
    }

    @Override
    public void warmUp(Checkpoint between) {
        Examples.completeAll(between);
    }

    private boolean isReady(Warmup warmup, long work) {
        return (waits ? warmup : Warmup.DONE).isWarm(work);
    }

    @Override
    public void unary(Unary op, double[] x, int xFrom, double[] out, int outFrom, int n) {
        int done = n >= Species.LENGTH && isReady(Examples.of(op), n) ? VectorElementwise.unary(op, x, xFrom, out, outFrom, n) : 0;
        scalar.unary(op, x, xFrom + done, out, outFrom + done, n - done);
    }

    @Override
    public void family(Family family, double[] x, int xFrom, double[] @Nullable [] out, int[] outFrom, int n) {
        int done = n >= Species.LENGTH && isReady(Examples.of(family), n) ? VectorElementwise.family(family, x, xFrom, out, outFrom, n) : 0;
        scalar.family(family, x, xFrom + done, out, Arrays.stream(outFrom).map(from -> from + done).toArray(), n - done);
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
    public int find(double value, double[] x, int from, int n) {
        int missed = isReady(Examples.SUMS, n) ? VectorExtremes.lengthWithout(value, x, from, n) : 0;
        return missed + scalar.find(value, x, from + missed, n - missed);
    }

    @Override
    public void gemm(int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Parallel parallel) {
        if (n == 1) {
            boolean reads = a.columnStride() == 1 && b.rowStride() == 1 && isReady(Examples.SUMS, (long) m * k);
            int together = Math.ceilDiv(parallel.grain(2L * Math.max(1, k)), Blocks.LANES) * Blocks.LANES;
            parallel.share(m, together, (from, end) -> {
                if (reads) {
                    dots(from, end, k, a, b, c, cFrom, parallel);
                } else {
                    MatrixVector.multiply(end - from, k, a.fromRow(from), b, c, cFrom + from, parallel);
                }
            });
        } else if (takesRows(m, n, k, b)) {
            // Each part is a strip of columns. A strip that is shorter than a vector also computes some columns of the strip before it;
            // their results are the same.
            parallel.share(n, parallel.grain((long) m * k, VectorRowProducts.WIDEST),
                    (from, end) -> multiplyRows(true, m, from, end, n, k, a, b, c, cFrom, parallel));
        } else if (takesTiles(m, n, k, b)) {
            Gemm.multiply(true, m, n, k, a, b, c, cFrom, parallel, parallel);
        } else {
            scalar.gemm(m, n, k, a, b, c, cFrom, parallel);
        }
    }

    @Override
    public void chains(boolean fresh, int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Checkpoint checkpoint) {
        if (takesRows(m, n, k, b)) {
            multiplyRows(fresh, m, 0, n, n, k, a, b, c, cFrom, checkpoint);
        } else if (takesTiles(m, n, k, b)) {
            Gemm.multiply(fresh, m, n, k, a, b, c, cFrom, Parallel.NONE, checkpoint);
        } else {
            scalar.chains(fresh, m, n, k, a, b, c, cFrom, checkpoint);
        }
    }

    @Override
    public void largest(Largest which, double[] x, int from, int[] origins, int begin, int n, int[] shifts, double[] out, int outFrom) {
        if (n >= Species.LENGTH && isReady(Examples.WINDOWS, (long) n * shifts.length)) {
            VectorWindows.largest(which, x, from, origins, begin, n, shifts, out, outFrom);
        } else {
            scalar.largest(which, x, from, origins, begin, n, shifts, out, outFrom);
        }
    }

    @Override
    public void correlate(int m, int n, int k, double[] panels, double[] x, int from, int[] shifts, double[] c, Checkpoint checkpoint) {
        if (m > FEW_ROWS && n >= Tile.COLUMNS && isReady(Examples.PRODUCTS, (long) m * n * k)) {
            ShiftedTile.multiply(m, n, k, panels, x, from, shifts, c, checkpoint);
        } else {
            scalar.correlate(m, n, k, panels, x, from, shifts, c, checkpoint);
        }
    }

    @Override
    public void correlateAt(int m, int n, int k, double[] panels, double[] x, int[] from, int[] shifts, double[] c,
            Checkpoint checkpoint) {
        if (isReady(Examples.PRODUCTS, (long) m * n * k)) {
            ScatteredTile.multiply(m, n, k, panels, x, from, shifts, c, checkpoint);
        } else {
            scalar.correlateAt(m, n, k, panels, x, from, shifts, c, checkpoint);
        }
    }

    @Override
    public double dot(double[] x, int xFrom, double[] y, int yFrom, int n) {
        return isReady(Examples.ROWS, n) ? VectorRows.dot(x, xFrom, y, yFrom, n) : scalar.dot(x, xFrom, y, yFrom, n);
    }

    @Override
    public void addMultiple(double factor, double[] x, int xFrom, double[] y, int yFrom, int n) {
        int done = isReady(Examples.ROWS, n) ? VectorRows.addMultiple(factor, x, xFrom, y, yFrom, n) : 0;
        scalar.addMultiple(factor, x, xFrom + done, y, yFrom + done, n - done);
    }

    @Override
    public void rotate(double c, double s, double[] x, int xFrom, double[] y, int yFrom, int n) {
        int done = isReady(Examples.ROWS, n) ? VectorRows.rotate(c, s, x, xFrom, y, yFrom, n) : 0;
        scalar.rotate(c, s, x, xFrom + done, y, yFrom + done, n - done);
    }

    @Override
    public void rotateRows(int count, double[] c, double[] s, int at, double[] x, int from, int step, int n) {
        int done = isReady(Examples.ROWS, (long) count * n) ? VectorRotations.rotateRows(count, c, s, at, x, from, step, n) : 0;
        scalar.rotateRows(count, c, s, at, x, from + done, step, n - done);
    }

    @Override
    public void rotateRowsTwice(int count, double[] c, double[] s, int second, double[] x, int from, int step, int n) {
        int done = isReady(Examples.ROWS, 2L * count * n) ? VectorRotations.rotateRowsTwice(count, c, s, second, x, from, step, n) : 0;
        scalar.rotateRowsTwice(count, c, s, second, x, from + done, step, n - done);
    }

    private boolean takesRows(int m, int n, int k, Matrix b) {
        return isByRows(m, n, k, b) && n >= Species.LENGTH && isReady(Examples.ROWS, (long) m * n * k);
    }

    private boolean takesTiles(int m, int n, int k, Matrix b) {
        boolean isTiny = n < Tile.COLUMNS && (long) m * n * k <= TINY;
        return k > 0 && !isTiny && !isByRows(m, n, k, b) && isReady(Examples.PRODUCTS, (long) m * n * k);
    }

    /** Whether b is read row by row where it stands, for each row of a once. */
    private static boolean isByRows(int m, int n, int k, Matrix b) {
        return b.columnStride() == 1 && (m == 1 || m <= FEW_ROWS && (long) n * k <= MOST_READ_TWICE);
    }

    private static void multiplyRows(boolean fresh, int m, int from, int end, int n, int k, Matrix a, Matrix b, double[] c, int cFrom,
            Checkpoint checkpoint) {
        Matrix columns = new Matrix(b.values(), b.from() + from, b.rowStride(), 1);
        for (int i = 0; i < m; i++) {
            VectorRowProducts.multiply(fresh, end - from, k, a.values(), a.index(i, 0), a.columnStride(), columns, c, cFrom + i * n + from,
                    checkpoint);
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
