package io.chainrule.core.expression;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.stream.Collectors;

/** Writes numbers, arrays and attributes as text that the parser reads back to the same value. */
public final class ValueText {
    /** Whole numbers below this are written without an exponent. */
    private static final double PLAIN_LIMIT = 1e15;

    private ValueText() {}

    public static String number(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        } else if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        } else if (value == 0) {
            return Double.doubleToRawLongBits(value) == 0 ? "0" : "-0";
        }
        return value == Math.rint(value) && Math.abs(value) < PLAIN_LIMIT ? Long.toString((long) value) : Double.toString(value);
    }

    /**
     * Writes an array as nested lists. Lists cannot express an array that is empty along an axis before the last one; it is written as
     * a call of {@code reshape}.
     */
    public static String array(Tensor tensor) {
        Shape shape = tensor.shape();
        if (shape.isScalar()) {
            return number(tensor.item());
        } else if (tensor.length() > 0) {
            return lists(shape.dims(), tensor.data());
        }
        boolean onlyLastIsEmpty = shape.last() == 0 && shape.sub(0, shape.rank() - 1).size() > 0;
        return onlyLastIsEmpty ? emptyLists(shape) : "reshape([], shape=" + shape + ")";
    }

    /** Writes the items of an index as they stand between its brackets. */
    public static String index(List<?> items) {
        return items.stream().map(item -> item instanceof Number number ? number(number.doubleValue()) : item.toString())
                .collect(Collectors.joining(", "));
    }

    public static String attribute(Object value) {
        return switch (value) {
            case Number number -> number(number.doubleValue());
            case String text -> text.indexOf('\'') < 0 ? "'" + text + "'" : '"' + text + '"';
            case List<?> list -> list.stream().map(ValueText::attribute).collect(Collectors.joining(", ", "[", "]"));
            default -> value.toString();
        };
    }

    private static String lists(int[] dims, double[] data) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < data.length; i++) {
            text.append(i == 0 ? "" : ", ").append("[".repeat(axesAt(i, dims))).append(number(data[i]))
                    .append("]".repeat(axesAt(i + 1, dims)));
        }
        return text.toString();
    }

    /** Returns the number of lists that begin at this element; the same number of lists end before it. */
    private static int axesAt(int element, int[] dims) {
        int axes = 0;
        int rows = 1;
        while (axes < dims.length && element % (rows * dims[dims.length - 1 - axes]) == 0) {
            axes++;
            rows *= dims[dims.length - axes];
        }
        return axes;
    }

    /** Writes an array of empty rows: writes it with one zero in each row, and then removes the zeros. */
    private static String emptyLists(Shape shape) {
        Shape single = shape.with(shape.rank() - 1, 1);
        return lists(single.dims(), new double[single.length()]).replace("0", "");
    }
}
