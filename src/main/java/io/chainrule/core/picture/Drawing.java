package io.chainrule.core.picture;

import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * A circuit with a place for everything.
 *
 * @param boxes of each part, in the order of the parts
 */
record Drawing(Circuit circuit, List<Box> boxes, Placement placement) {

    /** Lays a circuit out. All numbers have their room, those that a step does not show too, so that nothing moves from step to step. */
    static Drawing of(Circuit circuit, Labels labels, Layering layering, Checkpoint checkpoint) {
        int[] operands = circuit.operandCounts();
        List<Box> boxes = new ArrayList<>();
        for (int i = 0; i < operands.length; i++) {
            Box box = Box.of(circuit.parts().get(i), labels);
            boxes.add(operands[i] == 0 ? box : box.withOperands(operands[i]));
        }
        return new Drawing(circuit, List.copyOf(boxes), layering.place(boxes, circuit.wires(), operands, checkpoint));
    }
}
