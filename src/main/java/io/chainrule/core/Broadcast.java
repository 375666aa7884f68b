package io.chainrule.core;

import io.chainrule.core.tensor.Shape;
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
        Tensor result = Tensor.zeros(shape);
        double[] from = value.data();
        double[] to = result.data();
        for (int element = 0; element < to.length; element++) {
            int[] index = shape.index(element);
            int source = 0;
            for (int axis = 0; axis < index.length; axis++) {
                source = source * own.dim(axis) + (own.dim(axis) == 1 ? 0 : index[axis]);
            }
            to[element] = from[source];
        }
        return result;
    }
}
