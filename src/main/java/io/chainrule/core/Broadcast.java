package io.chainrule.core;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import io.chainrule.core.tensor.Tensor;

/** Repeats the elements of arrays along axes in which a larger array is longer. */
final class Broadcast {
    private Broadcast() {}

    /** With {@code hasSamples} the leading axis of both stays the leading one, and the others are aligned at their ends. */
    static Tensor to(Tensor value, boolean hasSamples, Shape shape) {
        if (value.shape().equals(shape)) {
            return value;
        }
        Shape own = value.shape();
        while (own.rank() < shape.rank()) {
            own = own.inserted(hasSamples ? 1 : 0, 1);
        }
        int[] strides = Strides.broadcast(own, shape);
        int[] index = new int[shape.rank()];
        Tensor result = Tensor.zeros(shape);
        double[] to = result.data();
        int from = 0;
        for (int element = 0; element < to.length; element++) {
            to[element] = value.data()[from];
            for (int axis = index.length - 1; axis >= 0; axis--) {
                from += strides[axis];
                if (++index[axis] < shape.dim(axis)) {
                    break;
                }
                from -= strides[axis] * index[axis];
                index[axis] = 0;
            }
        }
        return result;
    }
}
