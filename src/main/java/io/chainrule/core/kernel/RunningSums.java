package io.chainrule.core.kernel;

import static io.chainrule.core.kernel.Blocks.BLOCK;
import static io.chainrule.core.kernel.Blocks.LANES;

import java.util.Arrays;

/**
 * Sums of numbers that come part by part, in the order of {@link Blocks}: the bits are those of a sum of the whole array. Sums are made of
 * groups of {@code rows · columns} numbers, a sum for each column, in row-major order. Only what is still to be joined is held.
 */
public final class RunningSums {
    private final int rows;
    private final int columns;
    private final double[] out;
    /** The sums of the lanes of a block, for each column; of one column, the numbers of a block that is not whole yet. */
    private double[] lanes;
    /** Sums of parts of the tree, each of a power of two of blocks, the longest first: a row of {@code columns} for each. */
    private final double[] parts;
    private final int[] blocksOfPart;
    private int partCount;
    /** Where the next number belongs. */
    private int row;
    private int column;
    private int group;

    /** @param out where the sums are written, group after group */
    public RunningSums(int rows, int columns, double[] out) {
        this.rows = rows;
        this.columns = columns;
        this.out = out;
        int levels = Blocks.levels(rows) + 2;
        // Whole blocks of one column need no room.
        this.lanes = new double[columns == 1 ? 0 : LANES * columns];
        this.parts = new double[levels * columns];
        this.blocksOfPart = new int[levels];
        Arrays.fill(lanes, -0.0);
    }

    /** The elements that are held for sums of so many rows and columns. */
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

    /** Takes numbers of one sum: whole parts of the tree where they begin at a multiple of their length, else part of a block. */
    private int addToOne(double[] x, int from, int n) {
        int left = Math.min(n, rows - row);
        if (row % BLOCK == 0 && left >= BLOCK) {
            int fitting = Integer.highestOneBit(left / BLOCK);
            int blocks = row == 0 ? fitting : Math.min(fitting, Integer.lowestOneBit(row / BLOCK));
            parts[partCount] = Kernels.best().sum(x, from, blocks * BLOCK);
            push(blocks);
            advance(blocks * BLOCK);
            return blocks * BLOCK;
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

    /** Takes numbers of one row. */
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

    /** Joins the part that was written behind the others with those of its length. */
    private void push(int blocks) {
        blocksOfPart[partCount++] = blocks;
        while (partCount > 1 && blocksOfPart[partCount - 2] == blocksOfPart[partCount - 1]) {
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
        while (partCount > 1) {
            joinLastParts();
        }
        for (int j = 0; j < columns; j++) {
            // Adding 0 makes 0 of a sum of negative zeros.
            out[group * columns + j] = parts[j] + 0.0;
        }
        partCount = 0;
        row = 0;
        group++;
    }
}
