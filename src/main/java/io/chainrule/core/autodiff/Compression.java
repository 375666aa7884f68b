package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The structure of Jacobians, and which of their columns or rows one pass computes together.
 *
 * @param structure {@code [of][wrt]}: per row its columns
 * @param transposed {@code [of][wrt]}: per column its rows; empty in reverse mode
 * @param groups per seeded node (each of wrt in forward mode, each of the results in reverse) the elements seeded together
 */
public record Compression(Jacobian.Mode mode, List<List<int[][]>> structure, List<List<int[][]>> transposed, List<List<int[]>> groups) {

    /** In the given mode, or in the one with fewer passes. Finding structure stops at {@code maxEntries}. */
    public static Compression of(Graph graph, List<Integer> of, List<Integer> wrt, Jacobian.@Nullable Mode mode, long maxEntries,
            Checkpoint checkpoint) {
        List<List<int[][]>> structure = of.stream()
                .map(o -> wrt.stream().map(w -> Sparsity.of(graph, o, w, maxEntries, checkpoint)).toList()).toList();
        if (mode != null) {
            return mode == Jacobian.Mode.FORWARD ? forward(graph, wrt, structure) : reverse(graph, of, wrt, structure);
        }
        Compression forward = forward(graph, wrt, structure);
        Compression reverse = reverse(graph, of, wrt, structure);
        return forward.passes() < reverse.passes() ? forward : reverse;
    }

    private static Compression forward(Graph graph, List<Integer> wrt, List<List<int[][]>> structure) {
        List<List<int[]>> groups = new ArrayList<>();
        for (int w = 0; w < wrt.size(); w++) {
            List<int[]> rows = new ArrayList<>();
            for (List<int[][]> row : structure) {
                rows.addAll(List.of(row.get(w)));
            }
            groups.add(Coloring.ofColumns(rows.toArray(int[][]::new), graph.shape(wrt.get(w)).length()).groups());
        }
        List<List<int[][]>> transposed = structure.stream().map(row -> {
            List<int[][]> byWrt = new ArrayList<>();
            for (int w = 0; w < wrt.size(); w++) {
                byWrt.add(Coloring.transposed(row.get(w), graph.shape(wrt.get(w)).length()));
            }
            return byWrt;
        }).toList();
        return new Compression(Jacobian.Mode.FORWARD, structure, transposed, groups);
    }

    private static Compression reverse(Graph graph, List<Integer> of, List<Integer> wrt, List<List<int[][]>> structure) {
        List<List<int[]>> groups = new ArrayList<>();
        for (int o = 0; o < of.size(); o++) {
            List<int[]> columns = new ArrayList<>();
            for (int w = 0; w < wrt.size(); w++) {
                columns.addAll(List.of(Coloring.transposed(structure.get(o).get(w), graph.shape(wrt.get(w)).length())));
            }
            groups.add(Coloring.ofColumns(columns.toArray(int[][]::new), graph.shape(of.get(o)).length()).groups());
        }
        return new Compression(Jacobian.Mode.REVERSE, structure, List.of(), groups);
    }

    public long passes() {
        return groups.stream().mapToLong(List::size).sum();
    }

    /** Entries that can be other than zero. */
    public long entries() {
        return structure.stream().flatMap(List::stream).mapToLong(rows -> {
            long entries = 0;
            for (int[] row : rows) {
                entries += row.length;
            }
            return entries;
        }).sum();
    }
}
