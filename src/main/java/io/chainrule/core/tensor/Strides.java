package io.chainrule.core.tensor;

/** Steps between neighbours along each axis of a dense row-major array. */
public final class Strides {
    private Strides() {}

    public static int[] of(Shape shape) {
        int[] strides = new int[shape.rank()];
        int step = 1;
        for (int i = shape.rank() - 1; i >= 0; i--) {
            strides[i] = step;
            step *= Math.max(1, shape.dim(i));
        }
        return strides;
    }

    /** Strides with which an array of {@code shape} is read as one of {@code target}: 0 along stretched axes. */
    public static int[] broadcast(Shape shape, Shape target) {
        int[] own = of(shape);
        int[] strides = new int[target.rank()];
        int shift = target.rank() - shape.rank();
        for (int i = 0; i < shape.rank(); i++) {
            strides[i + shift] = shape.dim(i) == 1 ? 0 : own[i];
        }
        return strides;
    }
}
