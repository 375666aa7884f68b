package io.chainrule.core.picture;

import io.chainrule.core.Outcome;
import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * A picture of a program that was run: each gate with the value on its wire, and the gradient below it. Needs the Eclipse Layout Kernel
 * (org.eclipse.elk.alg.layered) on the class path.
 */
public final class Picture {
    private static final Layering LAYERING = new ElkLayering();

    private final Circuit circuit;
    private final PictureOptions options;

    private Picture(Circuit circuit, PictureOptions options) {
        this.circuit = circuit;
        this.options = options;
    }

    /** A picture of the nodes that the outcome's function lists, with their numbers, and of all others without. */
    public static Picture of(Outcome outcome, PictureOptions options) {
        return new Picture(Circuit.of(outcome, options.gradients()), options);
    }

    /** How many steps the computation has: a value for each gate, then a gradient for each node. */
    public int steps() {
        return circuit.steps();
    }

    /** The picture as an SVG document. */
    public String svg(Checkpoint checkpoint) {
        NumberText numbers = new NumberText(options.digits());
        int[] operands = ElkLayering.operandCounts(circuit.parts().size(), circuit.wires());
        List<Box> boxes = new ArrayList<>();
        for (int i = 0; i < operands.length; i++) {
            Box box = Box.of(circuit.parts().get(i), numbers);
            boxes.add(operands[i] == 0 ? box : box.withOperands(operands[i]));
        }
        Placement placement = LAYERING.place(boxes, circuit.wires(), checkpoint);
        return new CircuitSvg(circuit, boxes, placement, options).write();
    }
}
