package io.chainrule.core.kernel;

import static io.chainrule.core.kernel.Blocks.BLOCK;
import static io.chainrule.core.kernel.Blocks.LANES;

import java.util.Arrays;

/**
 * Sums of the elements of an array that is given part by part. They are added in the order of {@link Blocks}, so their bits are those of a
 * sum of the whole array. The array consists of row-major matrices of {@code rows · columns} elements, and each column of each matrix has a
 * sum. Only partial sums that are still to be joined are held.
 */
public final class RunningSums {
    private final int rows;
    private final int columns;
    private final double[] out;
    /** The sums of a block's lanes for each column. If there is one column, the numbers of a block that is not complete yet. */
    private double[] lanes;
    /** Sums of parts of the tree, each of 2^j blocks, the longest part first. A part has a row with a sum for each column. */
    private final double[] parts;
    private final int[] blocksOfPart;
    private int partCount;
    /** The blocks of the present sum before the next number, those that other parts took included. */
    private int blocks;
    /** Where the next number belongs. */
    private int row;
    private int column;
    private int group;
    /** Whether numbers of the first sum came before those of this object. Then the object that took them finishes the sum. */
    private final boolean isContinued;
    private boolean isComplete;

    /**
     * @param out where the sums are written, matrix after matrix
     * @param first how many numbers come before: whole groups, or a multiple of a {@link #unit} of the only one
     */
    public RunningSums(int rows, int columns, double[] out, int first) {
        this.group = first / (rows * columns);
        this.row = first / columns % rows;
        this.isContinued = row > 0;
        this.blocks = row / BLOCK;
        this.rows = rows;
        this.columns = columns;
        this.out = out;
        int levels = (isContinued ? 2 : 1) * Blocks.levels(rows) + 2;
        // Complete blocks of a single column are added where they stand, so room for a block is made only when it is needed.
        this.lanes = new double[columns == 1 ? 0 : LANES * columns];
        this.parts = new double[levels * columns];
        this.blocksOfPart = new int[levels];
        Arrays.fill(lanes, -0.0);
    }

    /** Parts of one sum, or of one matrix's sums, can be added apart if they begin at multiples of so many elements: a block of rows. */
    public static long unit(int columns) {
        return (long) columns * BLOCK;
    }

    /** Adds the numbers that another one took, which follow those of this one. */
    public void add(RunningSums next) {
        if (next.isContinued) {
            for (int i = 0; i < next.partCount; i++) {
                System.arraycopy(next.parts, i * columns, parts, partCount * columns, columns);
                push(next.blocksOfPart[i]);
            }
            if (next.isComplete) {
                finishGroup();
            }
        }
    }

    /** How many elements are held at most for sums of matrices of this many rows and columns. */
    public static long held(int rows, int columns) {
        return (columns == 1 ? BLOCK : (long) LANES * columns) + (Blocks.levels(rows) + 2L) * columns;
    }

    /** Takes the next {@code n} numbers. */
    public void add(double[] x, int from, int n) {
        int done = 0;
        while (done < n) {
            done += columns == 1 ? addToOne(x, from + done, n - done) : addToRow(x, from + done, n - done);
        }
    }

    /** Takes numbers of a single column: the longest part of the tree that begins here and is complete, or else part of a block. */
    private int addToOne(double[] x, int from, int n) {
        if (row == 0 && rows <= BLOCK && rows <= n) {
            // A whole sum of one block has nothing to be joined with.
            out[group++] = Kernels.best().sum(x, from, rows) + 0.0;
            return rows;
        }
        int left = Math.min(n, rows - row);
        if (row % BLOCK == 0 && left >= BLOCK) {
            int fitting = Integer.highestOneBit(left / BLOCK);
            int whole = row == 0 ? fitting : Math.min(fitting, Integer.lowestOneBit(row / BLOCK));
            parts[partCount] = Kernels.best().sum(x, from, whole * BLOCK);
            push(whole);
            advance(whole * BLOCK);
            return whole * BLOCK;
        }
        int used = Math.min(left, BLOCK - row % BLOCK);
        lanes = lanes.length == 0 ? new double[BLOCK] : lanes;
        System.arraycopy(x, from, lanes, row % BLOCK, used);
        int filled = row % BLOCK + used;
        if (filled == BLOCK || row + used == rows) {
            parts[partCount] = BlockSums.sum(lanes, 0, filled);
            push(1);
        }
        advance(used);
        return used;
    }

    private void advance(int numbers) {
        row += numbers;
        if (row == rows) {
            finishGroup();
        }
    }

    /** Takes numbers of one row of a matrix with several columns. */
    private int addToRow(double[] x, int from, int n) {
        int used = Math.min(n, columns - column);
        int at = row % LANES * columns + column;
        for (int j = 0; j < used; j++) {
            lanes[at + j] += x[from + j];
        }
        column += used;
        if (column == columns) {
            column = 0;
            row++;
            if (row % BLOCK == 0 || row == rows) {
                joinLanes();
                push(1);
            }
            if (row == rows) {
                finishGroup();
            }
        }
        return used;
    }

    private void joinLanes() {
        for (int pairs = LANES / 2; pairs > 0; pairs /= 2) {
            for (int pair = 0; pair < pairs; pair++) {
                int a = 2 * pair * columns;
                for (int j = 0; j < columns; j++) {
                    lanes[pair * columns + j] = lanes[a + j] + lanes[a + columns + j];
                }
            }
        }
        System.arraycopy(lanes, 0, parts, partCount * columns, columns);
        Arrays.fill(lanes, -0.0);
    }

    /** Counts the part that was written behind the others, and joins parts of equal length where both make a part of the tree. */
    private void push(int blocksOfLast) {
        blocksOfPart[partCount++] = blocksOfLast;
        blocks += blocksOfLast;
        while (partCount > 1 && blocksOfPart[partCount - 2] == blocksOfPart[partCount - 1]
                && blocks % (2 * blocksOfPart[partCount - 1]) == 0) {
            joinLastParts();
        }
    }

    private void joinLastParts() {
        int a = (partCount - 2) * columns;
        for (int j = 0; j < columns; j++) {
            parts[a + j] += parts[a + columns + j];
        }
        blocksOfPart[partCount - 2] += blocksOfPart[partCount - 1];
        partCount--;
    }

    private void finishGroup() {
        if (isContinued && !isComplete) {
            isComplete = true;
            return;
        }
        while (partCount > 1) {
            joinLastParts();
        }
        for (int j = 0; j < columns; j++) {
            // A sum of negative zeros is −0 so far; adding 0 makes it 0.
            out[group * columns + j] = parts[j] + 0.0;
        }
        partCount = 0;
        blocks = 0;
        row = 0;
        group++;
    }
}
