package io.chainrule.core.network;

import io.chainrule.core.tensor.Shape;
import java.util.Map;
import java.util.Set;

/** A loss by its name in a network ({@code mse}), the input that it compares the last layer with, and the options of its op. */
public record LossSpec(String type, String target, Map<String, Object> options) {
    private static final Set<String> OF_CLASSES = Set.of("cross_entropy", "nll", "hinge");

    /** The shape that a target has for an output of this shape: without the axis of the classes where it holds labels. */
    public Shape targetShape(Shape output) {
        if (!OF_CLASSES.contains(type) || output.isScalar()) {
            return output;
        }
        int along = options.get("axis") instanceof Double axis ? axis.intValue() : Ops.channelAxis(output);
        int classes = along < 0 ? along + output.rank() : along;
        return classes < 0 || classes >= output.rank()
                ? output
                : output.sub(0, classes).concat(output.sub(classes + 1, output.rank()));
    }
}
