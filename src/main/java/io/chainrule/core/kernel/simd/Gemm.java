package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Checkpoint;

/**
 * Matrix products by packed panels and register tiles (Goto and van de Geijn 2008). Each element of c takes its products by fma, in the
 * order of k. Between two blocks along k it is stored in c, so that the lengths of blocks change no bit.
 *
 * <p>A block of b, 256 steps along k by 512 columns or 1 MB, stays in the second-level cache while it is multiplied by the rows of a, eight
 * at a time. Eight rows of a take 16 KB and stay in the first-level cache. The tiles of one row of c follow each other, so that the
 * processor prefetches c.
 */
final class Gemm {
    private static final int MR = Tile.ROWS;
    private static final int NR = Tile.COLUMNS;
    private static final int DEPTH = Tile.DEPTH;
    private static final int WIDTH = 512 / NR * NR;
    /** Products of at most this many multiplications are done before a copy of b, or an object, would pay. */
    private static final int SMALL = 1 << 15;
    /** What it costs to copy an element, in the operations that {@link Parallel#grain} counts. An fma in a tile costs one of them. */
    private static final long COPY_OPERATIONS = 16;
    /** The rows of a transposed a that are packed at once. */
    private static final int TALL = 8 * MR;
    /** With at most this many rows of a, b is read where it stands, because a copy of it would be read too few times. */
    private static final int FEW = 8 * MR;
    /**
     * The number of unused elements before the first panel of b. The JVM's default collector places an array this large at the beginning of
     * a region, behind a header of 16 bytes. Six elements of 8 bytes later, vectors do not cross cache lines, which made products up to a
     * fifth faster.
     */
    private static final int ALIGNMENT = 6;

    private static final Buffers LEFT = new Buffers(TALL / MR * Tile.PANEL);
    private static final Buffers RIGHT = new Buffers(ALIGNMENT + WIDTH / NR * Tile.WIDE_PANEL);

    private final boolean fresh;
    private final int m;
    private final int n;
    private final int k;
    private final Matrix a;
    private final Matrix b;
    private final double[] c;
    private final int cFrom;
    private final Checkpoint checkpoint;
    /** Whether a is read by rows; the rows of a transposed matrix are columns in memory. */
    private final boolean isByRows;
    private final boolean packsRight;

    private Gemm(boolean fresh, int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Checkpoint checkpoint) {
        this.fresh = fresh;
        this.m = m;
        this.n = n;
        this.k = k;
        this.a = a;
        this.b = b;
        this.c = c;
        this.cFrom = cFrom;
        this.checkpoint = checkpoint;
        this.isByRows = a.columnStride() == 1;
        // Without a copy, the last tile computes some elements a second time, so products must not be added to what is in c.
        this.packsRight = !fresh || b.columnStride() != 1 || m > FEW || n < NR || k > DEPTH;
    }

    /** See {@link io.chainrule.core.kernel.Kernels#chains}. There must be at least one step along k. */
    static void multiply(boolean fresh, int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom, Parallel parallel,
            Checkpoint checkpoint) {
        boolean isPlain = fresh && a.columnStride() == 1 && b.columnStride() == 1 && n >= NR;
        if (isPlain && k <= DEPTH && (long) m * n * k <= SMALL) {
            checkpoint.check();
            small(m, n, k, a, b, c, cFrom);
        } else {
            new Gemm(fresh, m, n, k, a, b, c, cFrom, checkpoint).run(parallel);
        }
    }

    private static void small(int m, int n, int k, Matrix a, Matrix b, double[] c, int cFrom) {
        Buffers.Buffer left = LEFT.take();
        try {
            for (int i = 0; i < m; i += MR) {
                int rows = Math.min(MR, m - i);
                Packing.rows(a, i, rows, 0, k, left.values());
                for (int j = 0; j < n; j += NR) {
                    int column = Math.min(j, n - NR);
                    Tile.byRows(rows, k, left.values(), b.values(), b.from() + column, b.rowStride(), c, cFrom + i * n + column, n);
                }
            }
        } finally {
            LEFT.giveBack(left);
        }
    }

    private void run(Parallel parallel) {
        if (!packsRight) {
            run(b.values(), parallel);
            return;
        }
        Buffers.Buffer right = RIGHT.take();
        try {
            run(right.values(), parallel);
        } finally {
            RIGHT.giveBack(right);
        }
    }

    private void run(double[] right, Parallel parallel) {
        for (int j = 0; j < n; j += WIDTH) {
            int column = j;
            int width = Math.min(WIDTH, n - j);
            for (int p = 0; p < k; p += DEPTH) {
                int from = p;
                int depth = Math.min(DEPTH, k - p);
                if (packsRight) {
                    parallel.share(width, parallel.grain(COPY_OPERATIONS * depth, NR),
                            (first, end) -> Packing.panels(b, column + first, end - first, from, depth, right,
                                    ALIGNMENT + first / NR * Tile.WIDE_PANEL));
                }
                parallel.share(m, parallel.grain((long) width * depth, MR),
                        (first, end) -> multiply(first, end, column, width, from, depth, right));
            }
        }
    }

    /** Multiplies rows [row, end) of a by one block of b. */
    private void multiply(int row, int end, int column, int width, int from, int depth, double[] right) {
        Buffers.Buffer left = LEFT.take();
        try {
            multiply(row, end, column, width, from, depth, left.values(), right);
        } finally {
            LEFT.giveBack(left);
        }
    }

    private void multiply(int row, int end, int column, int width, int from, int depth, double[] left, double[] right) {
        int packed = isByRows ? MR : TALL;
        for (int block = row; block < end; block += packed) {
            int rows = Math.min(packed, end - block);
            if (isByRows) {
                Packing.rows(a, block, rows, from, depth, left);
            } else {
                Packing.columns(a, block, rows, from, depth, left);
            }
            for (int i = 0; i < rows; i += MR) {
                checkpoint.check();
                int to = cFrom + (block + i) * n + column;
                int used = Math.min(MR, rows - i);
                if (packsRight) {
                    panels(used, width, depth, left, i / MR * Tile.PANEL, right, fresh && from == 0, to);
                } else {
                    plain(used, column, width, depth, left, i / MR * Tile.PANEL, to);
                }
            }
        }
    }

    private void panels(int rows, int width, int depth, double[] left, int leftFrom, double[] right, boolean begins, int to) {
        int whole = width / NR * NR;
        for (int j = 0; j < whole; j += NR) {
            tile(rows, depth, left, leftFrom, right, ALIGNMENT + j / NR * Tile.WIDE_PANEL, begins, c, to + j, n);
        }
        if (whole < width) {
            // The panel of b has more columns than c, so the tile is written to an array of its own first.
            int columns = width - whole;
            double[] edge = new double[MR * NR];
            if (!begins) {
                copy(c, to + whole, n, edge, 0, NR, rows, columns);
            }
            tile(rows, depth, left, leftFrom, right, ALIGNMENT + whole / NR * Tile.WIDE_PANEL, begins, edge, 0, NR);
            copy(edge, 0, NR, c, to + whole, n, rows, columns);
        }
    }

    private void tile(int rows, int depth, double[] left, int leftFrom, double[] right, int rightFrom, boolean begins, double[] to, int at,
            int stride) {
        if (isByRows) {
            Tile.byRows(rows, depth, left, right, rightFrom, begins, to, at, stride);
        } else {
            Tile.byColumns(rows, depth, left, leftFrom, right, rightFrom, NR, begins, to, at, stride);
        }
    }

    /**
     * Multiplies by b where it stands. The last tile begins early enough to end with the row. The elements that it computes again are the
     * same.
     */
    private void plain(int rows, int column, int width, int depth, double[] left, int leftFrom, int to) {
        for (int j = 0; j < width; j += NR) {
            int at = Math.min(column + j, n - NR);
            if (isByRows) {
                Tile.byRows(rows, depth, left, b.values(), b.from() + at, b.rowStride(), c, to - column + at, n);
            } else {
                Tile.byColumns(rows, depth, left, leftFrom, b.values(), b.from() + at, b.rowStride(), true, c, to - column + at, n);
            }
        }
    }

    private static void copy(double[] x, int from, int xRow, double[] y, int to, int yRow, int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                y[to + i * yRow + j] = x[from + i * xRow + j];
            }
        }
    }
}
