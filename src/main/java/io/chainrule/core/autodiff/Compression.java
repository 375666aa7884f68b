package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The structure of a Jacobian, and which of its columns or rows one pass computes together. Rows are the elements of
 * all results one after the other, columns those of all nodes that are differentiated by.
 *
 * @param rows per row its columns, sorted
 * @param partners per column its rows (forward mode), or per row its columns (reverse)
 * @param groups columns (forward) or rows (reverse) of which no two have an entry in common
 */
public record Compression(Jacobian.Mode mode, int[][] rows, int[][] partners, List<int[]> groups) {

    /**
     * In the given mode, or in the one with fewer passes. Where finding the structure of a block takes more than
     * {@code maxEntries} on the way, that block is taken to be full.
     *
     * @throws LimitException for limit "jacobian-entries", before anything is built, where all entries are more than {@code maxEntries}
     */
    public static Compression of(Graph graph, List<Integer> of, List<Integer> wrt, Jacobian.@Nullable Mode mode, long maxEntries,
            Checkpoint checkpoint) {
        List<int[]> rows = new ArrayList<>();
        long entries = 0;
        int width = wrt.stream().mapToInt(w -> graph.shape(w).length()).sum();
        for (int o : of) {
            List<int[][]> blocks = wrt.stream().map(w -> Sparsity.of(graph, o, w, maxEntries, checkpoint)).toList();
            for (int[][] block : blocks) {
                for (int[] row : block) {
                    entries += row.length;
                }
                if (entries > maxEntries) {
                    throw new LimitException("jacobian-entries", entries, maxEntries);
                }
            }
            for (int row = 0; row < graph.shape(o).length(); row++) {
                rows.add(joined(graph, wrt, blocks, row));
            }
        }
        int[][] byRow = rows.toArray(int[][]::new);
        int[][] byColumn = Coloring.transposed(byRow, width);
        List<int[]> columnGroups = mode == Jacobian.Mode.REVERSE ? List.of() : Coloring.ofColumns(byRow, width).groups();
        List<int[]> rowGroups = mode == Jacobian.Mode.FORWARD ? List.of() : Coloring.ofColumns(byColumn, byRow.length).groups();
        boolean forward = mode == null ? columnGroups.size() < rowGroups.size() : mode == Jacobian.Mode.FORWARD;
        return forward
                ? new Compression(Jacobian.Mode.FORWARD, byRow, byColumn, columnGroups)
                : new Compression(Jacobian.Mode.REVERSE, byRow, byRow, rowGroups);
    }

    private static int[] joined(Graph graph, List<Integer> wrt, List<int[][]> blocks, int row) {
        if (blocks.size() == 1) {
            return blocks.getFirst()[row];
        }
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

    public long passes() {
        return groups.size();
    }

    /** Entries that can be other than zero. */
    public long entries() {
        long entries = 0;
        for (int[] row : rows) {
            entries += row.length;
        }
        return entries;
    }
}
