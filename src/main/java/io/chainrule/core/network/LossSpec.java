package io.chainrule.core.network;

import io.chainrule.core.tensor.Shape;
import java.util.Map;

/** A loss: its short name such as {@code mse}, the input that it compares the output of the last layer with, and the options of its op. */
public record LossSpec(String type, String target, Map<String, Object> options) {
    /**
     * Returns the axis of the classes in an output of this shape, counted from the end, so that it is negative. It is the axis of the
     * channels, unless an option gives another or the loss needs the last.
     */
    public int classAxis(Shape output) {
        if (holds() == LossType.Target.CLASSES_LAST) {
            return -1;
        }
        int axis = options.get(Ops.AXIS) instanceof Number given ? given.intValue() : Ops.channelAxis(output);
        return axis < 0 ? axis : axis - output.rank();
    }

    /** Returns the shape of the target for an output of this shape. A target that holds labels lacks the axis of the classes. */
    public Shape targetShape(Shape output) {
        if (holds() == LossType.Target.SAME || output.isScalar()) {
            return output;
        }
        int classes = output.rank() + classAxis(output);
        return classes < 0 || classes >= output.rank() ? output : output.without(classes);
    }

    /** Whether the loss takes logits, so that a prediction above 0, not above one half, means yes. */
    public boolean takesLogits() {
        LossType loss = LossType.LOSSES.find(type);
        return loss != null && loss.takesLogits();
    }

    private LossType.Target holds() {
        LossType loss = LossType.LOSSES.find(type);
        return loss == null ? LossType.Target.SAME : loss.target();
    }
}
