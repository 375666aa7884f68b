package io.chainrule.core.expression;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.stream.Collectors;

/** Numbers, arrays and attributes as the parser reads them back to the same value. */
final class ValueText {
    /** Up to here whole numbers are written without an exponent. */
    private static final double PLAIN_LIMIT = 1e15;

    private ValueText() {}

    static String number(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        } else if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        } else if (value == 0) {
            return Double.doubleToRawLongBits(value) == 0 ? "0" : "-0";
        }
        return value == Math.rint(value) && Math.abs(value) < PLAIN_LIMIT ? Long.toString((long) value) : Double.toString(value);
    }

    /** Nested lists; an array that is empty before its last axis has no such form and is written as a call of zeros. */
    static String array(Tensor tensor) {
        Shape shape = tensor.shape();
        if (shape.isScalar()) {
            return number(tensor.item());
        } else if (tensor.length() > 0) {
            return lists(shape.dims(), tensor.data());
        }
        boolean onlyLastIsEmpty = shape.last() == 0 && shape.sub(0, shape.rank() - 1).size() > 0;
        return onlyLastIsEmpty ? emptyLists(shape) : "reshape([], shape=" + shape + ")";
    }

    /** The items of an index, as in brackets. */
    static String index(List<?> items) {
        return items.stream().map(item -> item instanceof Number number ? number(number.doubleValue()) : item.toString())
                .collect(Collectors.joining(", "));
    }

    static String attribute(Object value) {
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

    /** How many axes begin anew at this element. */
    private static int axesAt(int element, int[] dims) {
        int axes = 0;
        int rows = 1;
        while (axes < dims.length && element % (rows * dims[dims.length - 1 - axes]) == 0) {
            axes++;
            rows *= dims[dims.length - axes];
        }
        return axes;
    }

    /** The lists of an array of one element in each row, without it. */
    private static String emptyLists(Shape shape) {
        Shape single = shape.with(shape.rank() - 1, 1);
        return lists(single.dims(), new double[single.length()]).replace("0", "");
    }
}
