package io.chainrule.core.tensor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A dense row-major array of float64. Its data array is shared, not copied: nothing but what made the array may write to it. */
public final class Tensor {
    private final Shape shape;
    private final double[] data;
    private final boolean isUnchanging;
    /** Whether all elements are finite, once it is known of an unchanging tensor. Threads that find it at the same time find the same. */
    private @Nullable Boolean finite;

    private Tensor(Shape shape, double[] data) {
        this(shape, data, false);
    }

    private Tensor(Shape shape, double[] data, boolean isUnchanging) {
        this.shape = shape;
        this.data = data;
        this.isUnchanging = isUnchanging;
    }

    public static Tensor of(Shape shape, double... data) {
        if (data.length != shape.size()) {
            throw new ShapeException("shape " + shape + " needs " + shape.size() + " numbers, there are " + data.length,
                    shape.size() + " numbers", data.length + " numbers");
        }
        return new Tensor(shape, data);
    }

    public static Tensor scalar(double value) {
        return new Tensor(Shape.SCALAR, new double[]{value});
    }

    public static Tensor vector(double... values) {
        return new Tensor(Shape.of(values.length), values);
    }

    public static Tensor matrix(double[]... rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        return of(Shape.of(rows.length, columns), Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray());
    }

    public static Tensor zeros(Shape shape) {
        return new Tensor(shape, new double[shape.length()]);
    }

    public static Tensor full(Shape shape, double value) {
        Tensor tensor = zeros(shape);
        Arrays.fill(tensor.data, value);
        return tensor;
    }

    /** The same tensor, whose array nobody writes to any more: whether it is finite is found once. */
    public Tensor unchanging() {
        return new Tensor(shape, data, true);
    }

    public Tensor copy() {
        return new Tensor(shape, data.clone());
    }

    /** {@code n} copies along a new leading axis. */
    public Tensor repeated(int n) {
        Tensor copies = zeros(Shape.of(n).concat(shape));
        for (int i = 0; i < n; i++) {
            System.arraycopy(data, 0, copies.data, i * data.length, data.length);
        }
        return copies;
    }

    public Shape shape() {
        return shape;
    }

    public double[] data() {
        return data;
    }

    public int length() {
        return data.length;
    }

    /** The value of a tensor with exactly one element. */
    public double item() {
        if (data.length != 1) {
            throw new ShapeException("one element is needed, there are " + data.length, "one element", shape.toString());
        }
        return data[0];
    }

    public boolean isFinite() {
        Boolean known = finite;
        if (known == null) {
            known = Arrays.stream(data).allMatch(Double::isFinite);
            finite = isUnchanging ? known : null;
        }
        return known;
    }

    /** Same shape and the same doubles: NaN equals NaN, 0.0 does not equal −0.0. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor tensor && shape.equals(tensor.shape) && Arrays.equals(data, tensor.data);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return data.length <= 16 ? shape + Arrays.toString(data) : shape + "[" + data[0] + ", …]";
    }
}
