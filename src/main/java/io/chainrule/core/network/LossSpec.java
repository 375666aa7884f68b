package io.chainrule.core.network;

import io.chainrule.core.tensor.Shape;
import java.util.Map;
import java.util.Set;

/** A loss by its name in a network ({@code mse}), the input that it compares the last layer with, and the options of its op. */
public record LossSpec(String type, String target, Map<String, Object> options) {
    private static final String HINGE = "hinge";
    private static final Set<String> OF_CLASSES = Set.of("cross_entropy", "nll", HINGE);

    /** The axis of the classes of an output of this shape, counted from its end: the channels', unless an option says otherwise. */
    public int classAxis(Shape output) {
        if (type.equals(HINGE)) {
            return -1;
        }
        int axis = options.get("axis") instanceof Double given ? given.intValue() : Ops.channelAxis(output);
        return axis < 0 ? axis : axis - output.rank();
    }

    /** The shape that a target has for an output of this shape: without the axis of the classes where it holds labels. */
    public Shape targetShape(Shape output) {
        if (!OF_CLASSES.contains(type) || output.isScalar()) {
            return output;
        }
        int classes = output.rank() + classAxis(output);
        return classes < 0 || classes >= output.rank()
                ? output
                : output.sub(0, classes).concat(output.sub(classes + 1, output.rank()));
    }
}
