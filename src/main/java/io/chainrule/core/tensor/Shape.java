package io.chainrule.core.tensor;

import java.util.Arrays;
import java.util.List;

/** The lengths of a tensor's axes; {@code []} is a scalar and a length may be 0. Immutable. */
public final class Shape {
    public static final Shape SCALAR = new Shape(new int[0]);

    private final int[] dims;
    private final long size;

    private Shape(int[] dims) {
        this.dims = dims;
        long product = 1;
        boolean empty = false;
        for (int dim : dims) {
            if (dim < 0) {
                throw new ShapeException("a shape has no negative length: " + Arrays.toString(dims));
            }
            empty |= dim == 0;
            long next = product * Math.max(1, dim);
            product = product > Integer.MAX_VALUE ? product : next;
        }
        this.size = empty ? 0 : product;
    }

    public static Shape of(int... dims) {
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    public static Shape of(List<Integer> dims) {
        return of(dims.stream().mapToInt(Integer::intValue).toArray());
    }

    public int rank() {
        return dims.length;
    }

    public boolean isScalar() {
        return dims.length == 0;
    }

    public int dim(int axis) {
        return dims[axis];
    }

    public int last() {
        return dims[dims.length - 1];
    }

    /** Number of elements. Exact up to 2³¹ − 1; larger shapes answer some number above that. */
    public long size() {
        return size;
    }

    /** Number of elements as an array length. */
    public int length() {
        if (size > Integer.MAX_VALUE - 8) {
            throw new ShapeException("a tensor of shape " + this + " has more elements than an array can hold");
        }
        return (int) size;
    }

    public int[] dims() {
        return dims.clone();
    }

    public List<Integer> toList() {
        return dims.length == 0 ? List.of() : Arrays.stream(dims).boxed().toList();
    }

    /** The axis counted from the front; negative ones count from the end, as in NumPy. */
    public int axis(int axis) {
        int positive = axis < 0 ? axis + dims.length : axis;
        if (positive < 0 || positive >= dims.length) {
            throw new ShapeException("axis " + axis + " is out of range for shape " + this,
                    dims.length == 0 ? "no axis" : "an axis from " + -dims.length + " to " + (dims.length - 1), String.valueOf(axis))
                    .by("axis");
        }
        return positive;
    }

    /** Marks the given axes; a repeated one is an error. */
    public boolean[] axes(int... axes) {
        boolean[] marked = new boolean[dims.length];
        for (int axis : axes) {
            int positive = axis(axis);
            if (marked[positive]) {
                throw new ShapeException("axis " + axis + " is named twice", "each axis once", Arrays.toString(axes)).by("axis");
            }
            marked[positive] = true;
        }
        return marked;
    }

    /** This shape with the marked axes dropped, or kept with length 1. */
    public Shape reduced(boolean[] axes, boolean keepdims) {
        int[] kept = new int[dims.length];
        int rank = 0;
        for (int i = 0; i < dims.length; i++) {
            if (!axes[i]) {
                kept[rank++] = dims[i];
            } else if (keepdims) {
                kept[rank++] = 1;
            }
        }
        return of(Arrays.copyOf(kept, rank));
    }

    public Shape with(int axis, int length) {
        int[] changed = dims();
        changed[axis] = length;
        return of(changed);
    }

    public Shape inserted(int axis, int length) {
        int[] longer = new int[dims.length + 1];
        System.arraycopy(dims, 0, longer, 0, axis);
        longer[axis] = length;
        System.arraycopy(dims, axis, longer, axis + 1, dims.length - axis);
        return of(longer);
    }

    public Shape without(int axis) {
        return sub(0, axis).concat(sub(axis + 1, rank()));
    }

    /** Axes {@code from} (inclusive) to {@code to} (exclusive). */
    public Shape sub(int from, int to) {
        return of(Arrays.copyOfRange(dims, from, to));
    }

    public Shape concat(Shape other) {
        int[] joined = Arrays.copyOf(dims, dims.length + other.dims.length);
        System.arraycopy(other.dims, 0, joined, dims.length, other.dims.length);
        return of(joined);
    }

    /** Broadcasting after NumPy: aligned at the last axis, a length of 1 stretches. */
    public Shape broadcast(Shape other) {
        if (equals(other) || other.dims.length == 0) {
            return this;
        }
        if (dims.length == 0) {
            return other;
        }
        int rank = Math.max(dims.length, other.dims.length);
        int[] result = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int a = i <= dims.length ? dims[dims.length - i] : 1;
            int b = i <= other.dims.length ? other.dims[other.dims.length - i] : 1;
            if (a != b && a != 1 && b != 1) {
                throw new ShapeException(
                        "shapes " + this + " and " + other + " do not broadcast: " + a + " against " + b + " on axis -" + i,
                        "equal lengths, or 1", this + " and " + other);
            }
            result[rank - i] = a == 1 ? b : a;
        }
        return of(result);
    }

    /** Whether a tensor of this shape stretches to {@code target} without changing it. */
    public boolean broadcastsTo(Shape target) {
        if (dims.length > target.dims.length) {
            return false;
        }
        for (int i = 1; i <= dims.length; i++) {
            int dim = dims[dims.length - i];
            if (dim != 1 && dim != target.dims[target.dims.length - i]) {
                return false;
            }
        }
        return true;
    }

    /** The position along each axis of an element counted row-major. */
    public int[] index(long element) {
        int[] index = new int[dims.length];
        long rest = element;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            index[axis] = (int) (rest % dims[axis]);
            rest /= dims[axis];
        }
        return index;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
