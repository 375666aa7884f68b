package io.chainrule.core.graph;

/**
 * A batch of arrays of one shape, each of which is zero almost everywhere, held without those zeros. An array is seen as rows of
 * {@code length} elements. Array b has the elements of {@code values} in column {@code positions[b]}, and zeros in all other columns; with
 * a negative position it has zeros only. The rows of a diagonal matrix are such a batch.
 *
 * @param values an array of the shape that the batch's arrays have
 * @param positions a number for each array of the batch
 */
public record OneHot(Node values, Node positions, int length) {}
