package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.OneHot;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes out the arrays of a one-hot batch with all their zeros, from its values and positions. The values may have leading axes of
 * samples.
 *
 * @param rank the number of axes that the values have without samples
 */
record OneHotArrays(int rank, OneHot.Axis axis) implements OneHotOp {

    static Node of(OneHot hot) {
        return hot.values().graph().add(new OneHotArrays(hot.values().shape().rank(), hot.axis()), hot.values(), hot.positions());
    }

    @Override
    public String name() {
        return "one_hot_arrays";
    }

    @Override
    public Map<String, Object> attributes() {
        return Map.of("rank", rank, "length", axis.length(), "width", axis.width());
    }

    @Override
    public Family family() {
        return Family.MOVEMENT;
    }

    @Override
    public Shape shape(Shape... operands) {
        int samples = operands[0].rank() - rank;
        return operands[0].sub(0, samples).concat(operands[1]).concat(operands[0].sub(samples, operands[0].rank()));
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        int samples = operands[0].sub(0, operands[0].rank() - rank).length();
        int hots = operands[1].last();
        int size = operands[0].length() / samples;
        return (x, y, checkpoint) -> {
            Arrays.fill(y, 0);
            for (int sample = 0; sample < samples; sample++) {
                checkpoint.check();
                for (int b = 0; b < hots; b++) {
                    int position = (int) x[1][b];
                    for (int at = position * axis.width(); at >= 0 && at < size; at += axis.length() * axis.width()) {
                        System.arraycopy(x[0], sample * size + at, y, (sample * hots + b) * size + at, axis.width());
                    }
                }
            }
        };
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return result.size();
    }
}
