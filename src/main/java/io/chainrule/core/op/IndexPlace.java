package io.chainrule.core.op;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Strides;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The region that {@code at} selects in an array of {@code shape}; an axis that is indexed by a number is missing in the result. */
record IndexPlace(Region region, Shape result) {
    static IndexPlace of(Shape shape, List<?> at) {
        List<?> items = expandEllipsis(shape, at);
        int[] steps = Strides.of(shape);
        int[] dims = new int[shape.rank()];
        int[] strides = new int[shape.rank()];
        int rank = 0;
        int from = 0;
        for (int axis = 0; axis < shape.rank(); axis++) {
            Object item = axis < items.size() ? items.get(axis) : ":";
            if (item instanceof Integer position) {
                from += position(position, shape, axis) * steps[axis];
            } else {
                int[] slice = slice((String) item, shape.dim(axis));
                from += slice[1] == 0 ? 0 : slice[0] * steps[axis];
                dims[rank] = slice[1];
                strides[rank++] = slice[2] * steps[axis];
            }
        }
        int[] kept = Arrays.copyOf(dims, rank);
        return new IndexPlace(new Region(kept, Arrays.copyOf(strides, rank), from), Shape.of(kept));
    }

    static List<?> expandEllipsis(Shape shape, List<?> at) {
        int ellipsis = at.indexOf("...");
        int given = ellipsis < 0 ? at.size() : at.size() - 1;
        if (given > shape.rank()) {
            throw new ShapeException("too many indices: " + at + " for shape " + shape, "at most " + shape.rank(),
                    String.valueOf(given)).by("at");
        }
        if (ellipsis < 0) {
            return at;
        }
        List<Object> items = new ArrayList<>(at.subList(0, ellipsis));
        for (int i = given; i < shape.rank(); i++) {
            items.add(":");
        }
        items.addAll(at.subList(ellipsis + 1, at.size()));
        return items;
    }

    private static int position(int position, Shape shape, int axis) {
        int n = shape.dim(axis);
        if (position < -n || position >= n) {
            throw new ShapeException("index " + position + " is out of range for axis " + axis + " of shape " + shape,
                    n == 0 ? "nothing: the axis is empty" : "from " + -n + " to " + (n - 1), String.valueOf(position)).by("at");
        }
        return position < 0 ? position + n : position;
    }

    /** Start, length and step of a slice, clipped to the axis as Python does. */
    private static int[] slice(String text, int n) {
        String[] parts = text.split(":", -1);
        try {
            if (parts.length < 2 || parts.length > 3) {
                throw new NumberFormatException(text);
            }
            int step = parts.length < 3 ? 1 : bound(parts[2], 1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0);
            if (step == 0) {
                throw new ShapeException("the step of slice \"" + text + "\" is 0", "a step that is not 0", text).by("at");
            }
            boolean isUp = step > 0;
            int low = isUp ? 0 : -1;
            int high = isUp ? n : n - 1;
            int start = bound(parts[0], isUp ? low : high, low, high, n);
            int stop = bound(parts[1], isUp ? high : low, low, high, n);
            long length = Math.ceilDiv((long) stop - start, step);
            return new int[]{start, (int) Math.max(0, length), step};
        } catch (NumberFormatException e) {
            throw new ShapeException("\"" + text + "\" is no slice", "start:stop or start:stop:step", text).by("at");
        }
    }

    private static int bound(String text, int otherwise, int low, int high, int n) {
        if (text.isBlank()) {
            return otherwise;
        }
        long value = Long.parseLong(text.strip());
        return Math.clamp(value < 0 ? value + n : value, low, high);
    }
}
