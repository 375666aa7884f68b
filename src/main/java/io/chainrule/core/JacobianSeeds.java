package io.chainrule.core;

import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.graph.OneHot;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The tangents or cotangents that passes begin with. The seed of a pass is the sum of the unit vectors of one group of elements. Where
 * each pass seeds all elements of a node that have one index along an axis, the batch is {@link OneHot} and only the indices are given.
 */
final class JacobianSeeds {
    private final List<int[]> groups;
    private final Elements elements;
    private final List<Shape> shapes;
    /** For each node the axis of one-hot seeds; null if its seeds are written out. */
    private final List<OneHot.@Nullable Axis> axes;

    /**
     * @param elements the elements of the seeded nodes
     * @param shapes the shapes of these nodes
     * @param isWrittenOut whether the seeds of a node are needed with all their zeros
     */
    JacobianSeeds(Compression compression, Elements elements, List<Shape> shapes, IntPredicate isWrittenOut) {
        this.groups = compression.groups();
        this.elements = elements;
        this.shapes = List.copyOf(shapes);
        this.axes = new ArrayList<>();
        for (int node = 0; node < shapes.size(); node++) {
            axes.add(isWrittenOut.test(node) ? null : axisOf(node));
        }
    }

    /** The axis along which the seeds of a node are one-hot; null if there is none. */
    private OneHot.@Nullable Axis axisOf(int node) {
        OneHot.Axis axis = null;
        for (int[] group : groups) {
            int first = first(group, node);
            int count = first(group, node + 1) - first;
            if (count > 0) {
                axis = axis == null ? axisOf(group, first, count, elements.length(node)) : axis;
                if (axis.length() * count != elements.length(node) || !isAlong(axis, group, first, count, elements.offset(node))) {
                    return null;
                }
            }
        }
        return axis == null || axis.length() == 1 ? null : axis;
    }

    /** The axis that one group suggests: its first members, as long as they follow each other, stand behind one index. */
    private static OneHot.Axis axisOf(int[] group, int first, int count, int size) {
        int width = 1;
        while (width < count && group[first + width] == group[first] + width) {
            width++;
        }
        return new OneHot.Axis(size / count, width);
    }

    /** Whether the members of a group are all elements with one index along the axis. */
    private static boolean isAlong(OneHot.Axis axis, int[] group, int first, int count, int offset) {
        int index = (group[first] - offset) / axis.width();
        for (int i = 0; i < count; i++) {
            int before = i / axis.width();
            if (group[first + i] - offset != (before * axis.length() + index) * axis.width() + i % axis.width()) {
                return false;
            }
        }
        return count % axis.width() == 0 && index < axis.length();
    }

    /** Where the members of a group that belong to a node begin. */
    private int first(int[] group, int node) {
        return SparsePattern.position(group, elements.offset(node));
    }

    /** The axis of a node's one-hot seeds; null if its seeds are written out. */
    OneHot.@Nullable Axis axis(int node) {
        return axes.get(node);
    }

    /** Arrays for the seeds of a batch of passes, or for the positions of one-hot seeds, by node. */
    List<Tensor> arrays(int batch) {
        return IntStream.range(0, axes.size())
                .mapToObj(node -> Tensor.zeros(axes.get(node) != null ? Shape.of(batch) : Shape.of(batch).concat(shapes.get(node))))
                .toList();
    }

    /** Writes the seeds of the batch that begins with group {@code first}; passes beyond the last group have none. */
    void write(int first, int batch, List<Tensor> arrays) {
        for (int node = 0; node < arrays.size(); node++) {
            double[] array = arrays.get(node).data();
            OneHot.Axis axis = axes.get(node);
            Arrays.fill(array, axis != null ? -1 : 0);
            for (int pass = 0; pass < Math.min(batch, groups.size() - first); pass++) {
                int[] group = groups.get(first + pass);
                int end = first(group, node + 1);
                for (int i = first(group, node); i < end; i++) {
                    int element = group[i] - elements.offset(node);
                    if (axis != null) {
                        array[pass] = element / axis.width() % axis.length();
                    } else {
                        array[pass * elements.length(node) + element] = 1;
                    }
                }
            }
        }
    }
}
