package io.chainrule.core.picture;

import io.chainrule.core.tensor.Checkpoint;
import java.util.List;

/** Places boxes in layers from left to right, so that they do not overlap and few wires cross. The same circuit is always placed alike. */
@FunctionalInterface
interface Layering {
    /**
     * Places the boxes; {@code boxes} are those of the parts, {@code wires} go from the right edge of one to the left edge of another, at
     * the height that {@link Box#operand} says, and {@code operands} is how many come to each part.
     */
    Placement place(List<Box> boxes, List<Wire> wires, int[] operands, Checkpoint checkpoint);
}
