package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sparsity structure of a Jacobian, and the groups of columns or rows that one pass computes together. Rows are the elements of all
 * results, numbered consecutively; columns are the elements of all nodes to differentiate by.
 *
 * @param rows the sorted columns of each row's entries
 * @param width the number of columns
 * @param partners in forward mode the rows of each column, in reverse mode the columns of each row, whose entries are read in its pass
 * @param groups groups of columns (forward mode) or rows (reverse mode) of which no two have a partner in common
 * @param isChosen whether the mode was chosen here rather than asked for, so that the other mode may be used instead
 * @param isMirrored whether the matrix is symmetric and an entry that is read stands for its mirror image, too
 */
public record Compression(Mode mode, int[][] rows, int width, int[][] partners, List<int[]> groups, boolean isChosen,
        boolean isMirrored) {
    /** With at most this many passes, no star coloring is looked for, since it could hardly save one. */
    private static final int FEW_PASSES = 3;

    /** Forward or reverse mode. */
    public enum Mode {
        FORWARD,
        REVERSE;

        Mode other() {
            return this == FORWARD ? REVERSE : FORWARD;
        }
    }

    /** An estimate of the memory that the compression takes; neighbouring equal rows share one array. */
    public long bytes() {
        Set<int[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        Stream.of(Arrays.stream(rows), Arrays.stream(partners), groups.stream()).flatMap(Function.identity()).forEach(arrays::add);
        return arrays.stream().mapToLong(array -> 16 + (long) Integer.BYTES * array.length).sum()
                + 8L * (rows.length + partners.length + groups.size());
    }

    /**
     * Finds the structure of a Jacobian and compresses it in the given mode, or else in the mode with fewer passes. A pass costs about the
     * same in both modes, since it visits the same nodes. A block is taken to be dense if finding its structure would need sets of more
     * entries than {@code limits} allow.
     *
     * @throws LimitException for limit "jacobian-entries" if the Jacobian has more entries than {@code limits} allow; thrown before
     *         anything is built
     */
    public static Compression of(Graph graph, List<Integer> of, List<Integer> wrt, @Nullable Mode mode, EntryLimits limits,
            Checkpoint checkpoint) {
        int[][] rows = new Structure(graph, wrt, limits, checkpoint).rows(of);
        int width = wrt.stream().mapToInt(w -> graph.shape(w).length()).sum();
        return mode == null ? chosen(rows, width) : in(mode, rows, width, false);
    }

    /**
     * Finds the structure of a symmetric matrix, the derivatives of a gradient by the nodes that the gradient is by, and compresses it. A
     * star coloring may need fewer passes than plain groups of columns.
     */
    public static Compression ofSymmetric(Graph graph, List<Integer> of, List<Integer> wrt, EntryLimits limits,
            Checkpoint checkpoint) {
        Compression plain = of(graph, of, wrt, null, limits, checkpoint);
        if (plain.passes() <= FEW_PASSES || plain.rows.length != plain.width) {
            return plain;
        }
        Coloring stars = StarColoring.of(plain.rows, checkpoint);
        return stars == null || stars.count() >= plain.passes()
                ? plain
                : new Compression(plain.mode, plain.rows, plain.width, StarColoring.readable(plain.rows, stars), stars.groups(), true,
                        true);
    }

    private static Compression in(Mode mode, int[][] rows, int width, boolean isChosen) {
        if (mode == Mode.REVERSE) {
            return new Compression(mode, rows, width, rows, Coloring.ofRows(rows, width).groups(), isChosen, false);
        }
        int[][] byColumn = Coloring.transposed(rows, width);
        return new Compression(mode, rows, width, byColumn, Coloring.ofColumns(rows, byColumn).groups(), isChosen, false);
    }

    /**
     * Compresses in the mode with fewer passes, in reverse mode if both need equally many. A mode is not tried if it cannot need fewer
     * passes than the other one does.
     */
    private static Compression chosen(int[][] rows, int width) {
        int leastForward = Coloring.longest(rows);
        int leastReverse = Coloring.longestColumn(rows, width);
        boolean isForwardFirst = leastForward < leastReverse;
        Compression first = in(isForwardFirst ? Mode.FORWARD : Mode.REVERSE, rows, width, true);
        if (isForwardFirst ? first.passes() < leastReverse : first.passes() <= leastForward) {
            return first;
        }
        Compression second = first.inOtherMode();
        boolean isSecondBetter = isForwardFirst ? second.passes() <= first.passes() : second.passes() < first.passes();
        return isSecondBetter ? second : first;
    }

    /** The same Jacobian in the other mode. */
    public Compression inOtherMode() {
        return isMirrored
                ? new Compression(mode.other(), rows, width, partners, groups, isChosen, true)
                : in(mode.other(), rows, width, isChosen);
    }

    public long passes() {
        return groups.size();
    }

    /** A lower bound of the passes that the other mode takes. */
    public long leastInOtherMode() {
        return isMirrored ? passes() : mode == Mode.FORWARD ? Coloring.longestColumn(rows, width) : Coloring.longest(rows);
    }

    /** The number of entries that can be nonzero. */
    public long entries() {
        long entries = 0;
        for (int[] row : rows) {
            entries += row.length;
        }
        return entries;
    }

    /** Finds the rows of all blocks. */
    private record Structure(Graph graph, List<Integer> wrt, EntryLimits limits, Checkpoint checkpoint) {
        /**
         * With more blocks, they are found by one search. A search for each keeps more sets without gaps, and may give up for some blocks
         * only, but takes the time of the whole graph.
         */
        private static final int FEW_BLOCKS = 16;

        int[][] rows(List<Integer> of) {
            List<ElementSets> together = (long) of.size() * wrt.size() > FEW_BLOCKS
                    ? Sparsity.of(graph, of, wrt, limits, checkpoint)
                    : null;
            if (together == null) {
                return rowsByBlock(of);
            }
            long entries = together.stream().mapToLong(ElementSets::entries).sum();
            LimitException.check("jacobian-entries", entries, limits.answered());
            return together.stream().flatMap(found -> Arrays.stream(found.lists())).toArray(int[][]::new);
        }

        private int[][] rowsByBlock(List<Integer> of) {
            List<int[][]> rows = new ArrayList<>();
            long entries = 0;
            for (int i = 0; i < of.size(); i++) {
                List<int[][]> blocks = new ArrayList<>();
                for (int w : wrt) {
                    List<ElementSets> found = Sparsity.of(graph, List.of(of.get(i)), List.of(w), limits, checkpoint);
                    entries += found == null
                            ? (long) graph.shape(of.get(i)).length() * graph.shape(w).length()
                            : found.getFirst().entries();
                    if (entries > limits.answered()) {
                        boolean isCounted = found != null && i == of.size() - 1 && blocks.size() == wrt.size() - 1;
                        throw isCounted
                                ? new LimitException("jacobian-entries", entries, limits.answered())
                                : LimitException.moreThan("jacobian-entries", limits.answered());
                    }
                    blocks.add(found == null
                            ? full(graph.shape(of.get(i)).length(), graph.shape(w).length())
                            : found.getFirst().lists());
                }
                rows.add(joined(of.get(i), blocks));
            }
            return rows.stream().flatMap(Arrays::stream).toArray(int[][]::new);
        }

        private static int[][] full(int rows, int columns) {
            int[] all = new int[columns];
            Arrays.setAll(all, i -> i);
            int[][] full = new int[rows][];
            Arrays.fill(full, all);
            return full;
        }

        /** Joins blocks side by side; consecutive equal rows share an array. */
        private int[][] joined(int of, List<int[][]> blocks) {
            if (blocks.size() == 1) {
                return blocks.getFirst();
            }
            int[][] joined = new int[graph.shape(of).length()][];
            for (int row = 0; row < joined.length; row++) {
                int at = row;
                joined[row] = row > 0 && blocks.stream().allMatch(block -> Arrays.equals(block[at], block[at - 1]))
                        ? joined[row - 1]
                        : joined(blocks, row);
            }
            return joined;
        }

        private int[] joined(List<int[][]> blocks, int row) {
            int[] joined = new int[blocks.stream().mapToInt(block -> block[row].length).sum()];
            int offset = 0;
            int n = 0;
            for (int w = 0; w < blocks.size(); w++) {
                for (int column : blocks.get(w)[row]) {
                    joined[n++] = offset + column;
                }
                offset += graph.shape(wrt.get(w)).length();
            }
            return joined;
        }
    }
}
