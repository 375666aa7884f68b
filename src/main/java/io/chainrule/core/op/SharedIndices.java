package io.chainrule.core.op;

import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Reads an array along an axis at indices that are the same for all of its lines, as {@code take} and {@code embedding} do. An index is
 * checked once, not once for each line, and what stands behind it in memory is copied as a whole.
 *
 * @param indices how many indices there are
 * @param length how many elements of the array belong to one set of indices: those of the axis and of all axes behind it
 * @param part how many elements an index stands for: those of the axes behind
 */
record SharedIndices(Op op, Positions positions, int indices, int length, int part) implements Kernel {
    private static final int ELEMENTS_BETWEEN_CHECKS = 1 << 18;

    /** The kernel of {@code op} for an array and indices of these shapes; null where lines have indices of their own. */
    static @Nullable SharedIndices of(Op op, Positions positions, Shape array, Shape indices, Shape result, int axis) {
        boolean areShared = indices.length() == result.dim(axis) && array.with(axis, result.dim(axis)).equals(result);
        return areShared
                ? new SharedIndices(op, positions, indices.length(), array.sub(axis, array.rank()).length(),
                        array.sub(axis + 1, array.rank()).length())
                : null;
    }

    @Override
    public void run(double[][] operands, double[] result, Parallel parallel) {
        int[] offsets = new int[indices];
        for (int i = 0; i < indices; i++) {
            offsets[i] = positions.offset(op, 1, operands[1][i]);
        }
        int together = Math.max(1, ELEMENTS_BETWEEN_CHECKS / part);
        parallel.share(result.length / part, parallel.grain(part), (from, end) -> {
            for (int first = from; first < end; first += together) {
                parallel.check();
                copy(operands[0], offsets, result, first, Math.min(end, first + together));
            }
        });
    }

    private void copy(double[] array, int[] offsets, double[] result, int first, int end) {
        int next;
        for (int i = first; i < end; i = next) {
            int line = i / indices;
            next = Math.min(end, (line + 1) * indices);
            copyOfLine(array, line * length, offsets, i - line * indices, result, i * part, next - i);
        }
    }

    private void copyOfLine(double[] array, int start, int[] offsets, int index, double[] result, int to, int n) {
        if (part == 1) {
            for (int i = 0; i < n; i++) {
                result[to + i] = array[start + offsets[index + i]];
            }
        } else {
            for (int i = 0; i < n; i++) {
                System.arraycopy(array, start + offsets[index + i], result, to + i * part, part);
            }
        }
    }
}
