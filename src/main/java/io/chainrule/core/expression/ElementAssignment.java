package io.chainrule.core.expression;

import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Arrays with a value at some of their elements. Of an element that an index has several times, the last value counts, also for {@code +=}
 * and its like, which read all elements before.
 *
 * @param op the op of {@code +=} and its like; null for {@code =}
 */
record ElementAssignment(ElementNodes nodes, @Nullable String op) {
    /** Assigns where a mask, which may lack trailing axes of the array, is true. The value may have elements at the mask alone. */
    int atMask(int array, int mask, int value, boolean isOfSelected) {
        Shape shape = nodes.shape(array);
        Shape masked = nodes.shape(mask);
        if (masked.rank() > shape.rank() || !masked.equals(shape.sub(0, masked.rank()))) {
            throw nodes.misfit("a mask of shape " + masked + " selects no elements of " + nodes.name() + " of shape " + shape, shape,
                    masked);
        }
        int fitting = isOfSelected ? value : nodes.fitting(value, shape.sub(masked.rank(), shape.rank()));
        return nodes.make("where", nodes.behind(mask, shape.rank() - masked.rank()), changed(array, fitting), array);
    }

    /** Assigns at numbers and slices. */
    int atPlace(int array, List<Object> items, int value) {
        Shape part = nodes.place(array, items);
        int fitting = nodes.fitting(value, part);
        Map<String, Object> place = Map.of("shape", ElementNodes.lengths(nodes.shape(array)), "at", List.of(items));
        if ("add".equals(op) || "sub".equals(op)) {
            return changed(array, nodes.make("index_transpose", place, nodes.stretched(fitting, part)));
        }
        int ones = part.isScalar() ? nodes.number(1) : nodes.make("ones", Map.of("shape", ElementNodes.lengths(part)));
        int mask = nodes.make("index_transpose", place, ones);
        if (nodes.shape(fitting).isScalar()) {
            return nodes.make("where", mask, changed(array, fitting), array);
        }
        int after = op == null ? fitting : changed(nodes.index(items, array), fitting);
        return nodes.make("where", mask, nodes.make("index_transpose", place, nodes.stretched(after, part)), array);
    }

    /** Assigns to elements whose position along one axis is a number, or is one of a vector of numbers. */
    int along(int array, int axis, int indices, int value) {
        Shape shape = nodes.shape(array);
        Shape positions = nodes.shape(indices);
        if (positions.rank() > 1) {
            throw nodes.misfit("indices of elements that are assigned are a number or a vector", Shape.SCALAR, positions);
        }
        Shape part = shape.sub(0, axis).concat(positions).concat(shape.sub(axis + 1, shape.rank()));
        int fitting = nodes.fitting(value, part);
        int hot = nodes.make("one_hot", Map.of("num_classes", (double) shape.dim(axis)), indices);
        if (!positions.isScalar()) {
            int taken = op == null ? fitting : nodes.make("take", Map.of("axis", (double) axis), array, indices);
            return scattered(array, axis, hot, taken, fitting);
        }
        int full = nodes.shape(fitting).isScalar()
                ? fitting
                : nodes.make("expand_dims", Map.of("axis", List.of((double) axis)), nodes.stretched(fitting, part));
        return nodes.make("where", nodes.behind(hot, shape.rank() - axis - 1), changed(array, full), array);
    }

    /** Adds to, or takes from, elements along the first axis, as often as an index has them. */
    int accumulated(int array, int indices, int value) {
        Shape shape = nodes.shape(array);
        int fitting = nodes.fitting(value, nodes.shape(indices).concat(shape.sub(Math.min(1, shape.rank()), shape.rank())));
        int added = "sub".equals(op) ? nodes.make("neg", fitting) : fitting;
        return nodes.make("scatter_add", Map.of("axis", 0.0), array, indices, added);
    }

    /** Assigns to a matrix at pairs of a row and a column. */
    int atPairs(int array, int rows, int columns, int value) {
        Shape shape = nodes.shape(array);
        Shape pairs = nodes.shape(rows);
        if (pairs.rank() != 1 || !pairs.equals(nodes.shape(columns))) {
            throw nodes.misfit("rows and columns of elements that are assigned are two vectors of one length", pairs, nodes.shape(columns));
        }
        int fitting = nodes.fitting(value, pairs);
        int column = nodes.make("one_hot", Map.of("num_classes", (double) shape.dim(1)), columns);
        if (nodes.writer().isCount(rows, shape.dim(0))) {
            int full = nodes.shape(fitting).isScalar() ? fitting : nodes.behind(nodes.stretched(fitting, pairs), 1);
            return nodes.make("where", column, changed(array, full), array);
        }
        int row = nodes.make("one_hot", Map.of("num_classes", (double) shape.dim(0)), rows);
        int both = nodes.make("mul", nodes.behind(row, 1), nodes.make("expand_dims", Map.of("axis", List.of(1.0)), column));
        int hot = nodes.reshaped(both, Shape.of(pairs.dim(0), shape.length()));
        int flat = nodes.make("flatten", array);
        int position = nodes.make("add", nodes.make("mul", wrapped(rows, shape.dim(0)), nodes.number(shape.dim(1))),
                wrapped(columns, shape.dim(1)));
        int taken = op == null ? fitting : nodes.make("take", Map.of("axis", 0.0), flat, position);
        return nodes.reshaped(scattered(flat, 0, hot, taken, fitting), shape);
    }

    private int wrapped(int indices, int length) {
        return nodes.make("remainder", indices, nodes.number(length));
    }

    /** Assigns along an axis at a vector of indices, each of which is a row of {@code hot}; {@code taken} are the elements there. */
    private int scattered(int array, int axis, int hot, int taken, int value) {
        Shape shape = nodes.shape(array);
        int count = nodes.shape(hot).dim(0);
        if (count == 0) {
            return array;
        }
        Map<String, Object> first = Map.of("axis", 0.0);
        int ofValue = axis - shape.rank() + nodes.shape(value).rank();
        if (ofValue < 0 || nodes.shape(value).dim(ofValue) == 1) {
            int mask = nodes.behind(nodes.make("max", first, hot), shape.rank() - axis - 1);
            return nodes.make("where", mask, changed(array, value), array);
        }
        int numbers = nodes.make("arange", Map.of("start", 1.0, "stop", count + 1.0));
        int last = nodes.make("max", first, nodes.make("mul", nodes.behind(numbers, 1), hot));
        int isFound = nodes.make("gt", last, nodes.number(0));
        int position = nodes.make("maximum", nodes.make("sub", last, nodes.number(1)), nodes.number(0));
        int all = nodes.stretched(changed(taken, value), shape.with(axis, count));
        int found = nodes.make("take", Map.of("axis", (double) axis), all, position);
        return nodes.make("where", nodes.behind(isFound, shape.rank() - axis - 1), found, array);
    }

    private int changed(int before, int value) {
        return op == null ? value : nodes.make(op, before, value);
    }
}
