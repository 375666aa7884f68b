package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.OneHot;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;

/**
 * A batch of one-hot vectors, or of matrices of one-hot rows, times one matrix: a row of the result is a row of the matrix, scaled. Its
 * value is that of the product with all zeros written out, which is NaN where a zero meets an element that is not finite. Operands are the
 * one-hot batch's values and positions, and the matrix; samples may stand in front of the axes of the first and the last.
 *
 * @param rank the number of axes that the one-hot values have without samples
 * @param ofRows whether rows of the matrix are taken; otherwise columns
 */
record OneHotProduct(int rank, boolean ofRows) implements OneHotOp {
    /** The side of the blocks in which columns are read, so that both arrays stay in the cache. */
    private static final int TILE = 16;

    static Node of(OneHot hot, Node matrix, boolean ofRows) {
        return matrix.graph().add(new OneHotProduct(hot.values().shape().rank(), ofRows), hot.values(), hot.positions(), matrix);
    }

    @Override
    public String name() {
        return "one_hot_product";
    }

    @Override
    public Family family() {
        return Family.BILINEAR;
    }

    private int vectors(Shape[] operands) {
        return operands[0].sub(operands[0].rank() - rank, operands[0].rank() - 1).length();
    }

    private int width(Shape matrix) {
        return ofRows ? matrix.last() : matrix.dim(matrix.rank() - 2);
    }

    @Override
    public Shape shape(Shape... operands) {
        Shape values = operands[0];
        Shape matrix = operands[2];
        Shape samples = values.sub(0, values.rank() - rank).broadcast(matrix.sub(0, matrix.rank() - 2));
        return samples.concat(operands[1]).concat(values.sub(values.rank() - rank, values.rank() - 1)).concat(Shape.of(width(matrix)));
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        Shape values = operands[0];
        Shape matrix = operands[2];
        int hots = operands[1].last();
        int length = values.last();
        int vectors = vectors(operands);
        int width = width(matrix);
        Shape ofValues = values.sub(0, values.rank() - rank);
        Shape ofMatrices = matrix.sub(0, matrix.rank() - 2);
        Product product = new Product(hots, vectors, length, width);
        BroadcastLoop samples = new BroadcastLoop(ofValues.broadcast(ofMatrices), ofValues, ofMatrices);
        return (x, y, checkpoint) -> samples.forEach(checkpoint, (from, stride, o, count) -> {
            for (int i = 0; i < count; i++) {
                int value = (from[0] + i * stride[0]) * vectors * length;
                int first = (from[1] + i * stride[1]) * length * width;
                int to = (o + i) * hots * vectors * width;
                product.write(x[0], value, x[1], x[2], first, ofRows, y, to, checkpoint);
                if (!Kernels.best().isFinite(x[2], first, length * width)) {
                    product.spoil(x[1], x[2], first, ofRows, y, to);
                }
            }
        });
    }

    /** The product for one sample. Each vector takes the row, or column, of the matrix at its array's position. */
    private record Product(int hots, int vectors, int length, int width) {

        void write(double[] values, int value, double[] positions, double[] matrix, int first, boolean ofRows, double[] out, int to,
                Checkpoint checkpoint) {
            for (int block = 0; block < hots; block += TILE) {
                checkpoint.check();
                int end = Math.min(block + TILE, hots);
                int across = ofRows ? width : TILE;
                for (int j = 0; j < width; j += across) {
                    for (int b = block; b < end; b++) {
                        int position = (int) positions[b];
                        for (int v = 0; v < vectors; v++) {
                            double scale = position < 0 ? 0 : values[value + v * length + position];
                            int at = to + (b * vectors + v) * width + j;
                            int n = Math.min(across, width - j);
                            int row = Math.max(position, 0);
                            if (ofRows) {
                                scale(scale, matrix, first + row * width + j, 1, out, at, n);
                            } else {
                                scale(scale, matrix, first + row + j * length, length, out, at, n);
                            }
                        }
                    }
                }
            }
        }

        /** Adding 0 makes zeros positive, as a sum that begins with 0 does. */
        private static void scale(double factor, double[] x, int from, int stride, double[] out, int to, int n) {
            if (stride == 1) {
                for (int i = 0; i < n; i++) {
                    out[to + i] = factor * x[from + i] + 0.0;
                }
                return;
            }
            for (int i = 0; i < n; i++) {
                out[to + i] = factor * x[from + i * stride] + 0.0;
            }
        }

        /** Writes NaN where a zero of a vector meets an element of the matrix that is not finite. */
        void spoil(double[] positions, double[] matrix, int first, boolean ofRows, double[] out, int to) {
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
                    if (count > 1 || last != (int) positions[b]) {
                        for (int v = 0; v < vectors; v++) {
                            out[to + (b * vectors + v) * width + j] = Double.NaN;
                        }
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
