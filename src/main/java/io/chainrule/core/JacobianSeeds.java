package io.chainrule.core;

import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The tangents or cotangents that passes begin with. The seed of a pass is the sum of the unit vectors of one group of elements. Where a
 * node's elements can be seen as rows of one length, of which each pass seeds one column, the batch is a
 * {@link io.chainrule.core.graph.OneHot} and only the numbers of the columns are given.
 */
final class JacobianSeeds {
    private final List<int[]> groups;
    private final Elements elements;
    private final List<Shape> shapes;
    /** For each seeded node the length of a row; 0 if its seeds are written out. */
    private final int[] rowLengths;

    /**
     * @param elements the elements of the seeded nodes
     * @param shapes the shapes of these nodes
     * @param isWrittenOut whether the seeds of a node are needed with all their zeros
     */
    JacobianSeeds(Compression compression, Elements elements, List<Shape> shapes, IntPredicate isWrittenOut) {
        this.groups = compression.groups();
        this.elements = elements;
        this.shapes = List.copyOf(shapes);
        this.rowLengths = IntStream.range(0, shapes.size()).map(node -> isWrittenOut.test(node) ? 0 : rowLengthOf(node)).toArray();
    }

    private int rowLengthOf(int node) {
        int rows = 0;
        for (int[] group : groups) {
            int first = first(group, node);
            int count = first(group, node + 1) - first;
            if (count > 0) {
                rows = rows == 0 ? count : rows;
                if (count != rows || !isColumn(group, first, count, elements.offset(node), elements.length(node) / rows)) {
                    return 0;
                }
            }
        }
        return rows == 0 || elements.length(node) == rows ? 0 : elements.length(node) / rows;
    }

    /** Where the members of a group that belong to a node begin. */
    private int first(int[] group, int node) {
        return SparsePattern.position(group, elements.offset(node));
    }

    /** Whether members of a group stand in one column, one in each row of {@code length} elements. */
    private static boolean isColumn(int[] group, int first, int count, int offset, int length) {
        int column = group[first] - offset;
        for (int i = 0; i < count; i++) {
            if (group[first + i] - offset != column + i * length) {
                return false;
            }
        }
        return column < length;
    }

    /** The length of a row of a node's one-hot seeds; 0 if its seeds are written out. */
    int rowLength(int node) {
        return rowLengths[node];
    }

    /** Arrays for the seeds of a batch of passes, or for the positions of one-hot seeds, by node. */
    List<Tensor> arrays(int batch) {
        return IntStream.range(0, rowLengths.length)
                .mapToObj(node -> Tensor.zeros(rowLengths[node] > 0 ? Shape.of(batch) : Shape.of(batch).concat(shapes.get(node)))).toList();
    }

    /** Writes the seeds of the batch that begins with group {@code first}; passes beyond the last group have none. */
    void write(int first, int batch, List<Tensor> arrays) {
        for (int node = 0; node < arrays.size(); node++) {
            double[] array = arrays.get(node).data();
            Arrays.fill(array, rowLengths[node] > 0 ? -1 : 0);
            for (int pass = 0; pass < Math.min(batch, groups.size() - first); pass++) {
                int[] group = groups.get(first + pass);
                int end = first(group, node + 1);
                for (int i = first(group, node); i < end; i++) {
                    int element = group[i] - elements.offset(node);
                    if (rowLengths[node] > 0) {
                        array[pass] = element % rowLengths[node];
                    } else {
                        array[pass * elements.length(node) + element] = 1;
                    }
                }
            }
        }
    }
}
