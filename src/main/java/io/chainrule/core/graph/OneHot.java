package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;

/**
 * A batch of arrays of one shape, each of which is zero but at one position along an axis, held without those zeros. Array b has the
 * elements of {@code values} whose index along the axis is {@code positions[b]}, and zeros elsewhere; with a negative position it has
 * zeros only. The rows of a diagonal matrix are such a batch.
 *
 * @param values an array of the shape that the batch's arrays have
 * @param positions a number for each array of the batch
 */
public record OneHot(Node values, Node positions, Axis axis) {

    /**
     * An axis. The element with the number i in row-major order has the index i / {@code width} modulo {@code length} along it. Reshaping
     * an array does not change that.
     *
     * @param width the number of elements behind each index of the axis
     */
    public record Axis(int length, int width) {}

    /** Whether the axis is the last one of the shape. */
    public boolean isLast() {
        return axis.width == 1 && axis.length == values.shape().last();
    }

    /** Whether the arrays are matrices and the axis numbers their rows. */
    public boolean isOfRows() {
        Shape shape = values.shape();
        return shape.rank() == 2 && axis.length == shape.dim(0) && axis.width == shape.dim(1);
    }
}
