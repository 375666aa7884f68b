package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.OneHot;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.Map;

/**
 * The product of each array of a one-hot batch and one matrix. Since an array is zero except at one position, its product is the outer
 * product of its values there and one row, or column, of the matrix. The result equals the product with all zeros written out, which is NaN
 * where a zero meets an element that is not finite. The operands are the values and the positions of the batch, and the matrix. Values and
 * matrix may have leading axes of samples.
 *
 * @param rank the number of axes that the one-hot values have without samples
 * @param isLast whether positions are along the last axis of the values; otherwise the values are a matrix, the right factor of the
 *        product, and positions number its rows
 * @param ofRows whether positions select rows of the matrix; otherwise columns
 */
record OneHotProduct(int rank, boolean isLast, boolean ofRows) implements OneHotOp {
    /** The side of the blocks in which columns of the matrix are read, so that the parts of both arrays stay in the cache. */
    private static final int TILE = 16;

    static Node of(OneHot hot, Node matrix, boolean ofRows) {
        OneHotProduct product = new OneHotProduct(hot.values().shape().rank(), hot.isLast(), ofRows);
        return matrix.graph().add(product, hot.values(), hot.positions(), matrix);
    }

    @Override
    public String name() {
        return "one_hot_product";
    }

    @Override
    public Map<String, Object> attributes() {
        return Map.of("rank", rank, "is_last", isLast, "of_rows", ofRows);
    }

    @Override
    public Family family() {
        return Family.BILINEAR;
    }

    private Shape own(Shape values) {
        return values.sub(values.rank() - rank, values.rank());
    }

    private int width(Shape matrix) {
        return ofRows ? matrix.last() : matrix.dim(matrix.rank() - 2);
    }

    @Override
    public Shape shape(Shape... operands) {
        Shape values = own(operands[0]);
        Shape matrix = operands[2];
        Shape samples = operands[0].sub(0, operands[0].rank() - rank).broadcast(matrix.sub(0, matrix.rank() - 2));
        Shape product = isLast
                ? values.sub(0, rank - 1).concat(Shape.of(width(matrix)))
                : Shape.of(width(matrix)).concat(values.sub(1, rank));
        return samples.concat(operands[1]).concat(product);
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        Shape values = own(operands[0]);
        Shape matrix = operands[2];
        int length = isLast ? values.last() : values.dim(0);
        int width = width(matrix);
        Product product = new Product(operands[1].last(), isLast ? values.length() / length : 1, length, width,
                isLast ? 1 : values.length() / length, ofRows);
        Shape ofValues = operands[0].sub(0, operands[0].rank() - rank);
        Shape ofMatrices = matrix.sub(0, matrix.rank() - 2);
        BroadcastLoop samples = new BroadcastLoop(ofValues.broadcast(ofMatrices), ofValues, ofMatrices);
        return (x, y, checkpoint) -> samples.forEach(checkpoint, (from, stride, o, count) -> {
            for (int i = 0; i < count; i++) {
                int value = (from[0] + i * stride[0]) * values.length();
                int first = (from[1] + i * stride[1]) * length * width;
                product.write(x[0], value, x[1], x[2], first, y, (o + i) * product.size(), checkpoint);
                if (!Kernels.best().isFinite(x[2], first, length * width)) {
                    product.spoil(x[1], x[2], first, y, (o + i) * product.size());
                }
            }
        });
    }

    /**
     * The product for one sample.
     *
     * @param hots the number of arrays
     * @param vectors the product of the lengths of an array's axes before the axis of positions
     * @param length the length of the axis of positions
     * @param width the number of results for each vector along that axis
     * @param columns the product of the lengths of an array's axes after it; {@code vectors} or {@code columns} is 1
     */
    private record Product(int hots, int vectors, int length, int width, int columns, boolean ofRows) {

        int size() {
            return hots * vectors * width * columns;
        }

        void write(double[] values, int value, double[] positions, double[] matrix, int first, double[] out, int to,
                Checkpoint checkpoint) {
            for (int block = 0; block < hots; block += TILE) {
                checkpoint.check();
                int across = ofRows || columns > 1 ? width : TILE;
                for (int j = 0; j < width; j += across) {
                    for (int b = block; b < Math.min(block + TILE, hots); b++) {
                        int position = (int) positions[b];
                        boolean isZero = position < 0;
                        int n = Math.min(across, width - j);
                        int at = first + (ofRows ? position * width + j : position + j * length);
                        for (int v = 0; v < vectors; v++) {
                            int row = to + ((b * vectors + v) * width + j) * columns;
                            if (isZero) {
                                Arrays.fill(out, row, row + n * columns, 0);
                            } else if (columns > 1) {
                                outer(matrix, at, ofRows ? 1 : length, values, value + position * columns, out, row);
                            } else {
                                scale(values[value + v * length + position], matrix, at, ofRows ? 1 : length, out, row, n);
                            }
                        }
                    }
                }
            }
        }

        private void outer(double[] matrix, int at, int step, double[] values, int value, double[] out, int to) {
            for (int j = 0; j < width; j++) {
                scale(matrix[at + j * step], values, value, 1, out, to + j * columns, columns);
            }
        }

        /** Writes factor · x. Adding 0 makes zeros positive, as they are in a product computed as a sum that begins with 0. */
        private static void scale(double factor, double[] x, int from, int step, double[] out, int to, int n) {
            if (step == 1) {
                // This loop is separate because C2 vectorizes it only if the step is known to be 1.
                for (int i = 0; i < n; i++) {
                    out[to + i] = factor * x[from + i] + 0.0;
                }
                return;
            }
            for (int i = 0; i < n; i++) {
                out[to + i] = factor * x[from + i * step] + 0.0;
            }
        }

        /** Writes NaN where a zero of an array meets an element of the matrix that is not finite. */
        void spoil(double[] positions, double[] matrix, int first, double[] out, int to) {
            for (int j = 0; j < width; j++) {
                int count = 0;
                int last = -1;
                for (int p = 0; p < length; p++) {
                    if (!Double.isFinite(matrix[first + (ofRows ? p * width + j : j * length + p)])) {
                        count++;
                        last = p;
                    }
                }
                for (int b = 0; b < hots && count > 0; b++) {
                    for (int v = 0; v < vectors && (count > 1 || last != (int) positions[b]); v++) {
                        int at = to + ((b * vectors + v) * width + j) * columns;
                        Arrays.fill(out, at, at + columns, Double.NaN);
                    }
                }
            }
        }
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return result.size();
    }
}
