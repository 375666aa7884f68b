package io.chainrule.core.op;

import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Strides;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Joins operands along an existing axis ({@code concatenate}) or along a new one ({@code stack}). */
final class Join extends Movement {
    /** Runs of fewer elements than these take less time than the step from one to the next. */
    private static final int SHORT = 16;

    private final boolean stacked;
    private final int axis;

    Join(boolean stacked, int axis) {
        this.stacked = stacked;
        this.axis = axis;
    }

    @Override
    public String name() {
        return stacked ? "stack" : "concatenate";
    }

    @Override
    public Map<String, Object> attributes() {
        return axis == 0 ? Map.of() : Map.of("axis", axis);
    }

    /** The operand's shape including the axis along which it is joined. */
    private Shape part(Shape operand) {
        if (!stacked) {
            operand.axis(axis);
            return operand;
        }
        int at = axis < 0 ? axis + operand.rank() + 1 : axis;
        if (at < 0 || at > operand.rank()) {
            throw new ShapeException("axis " + axis + " is out of range for stacking shape " + operand,
                    "an axis from " + (-operand.rank() - 1) + " to " + operand.rank(), String.valueOf(axis)).by("axis");
        }
        return operand.inserted(at, 1);
    }

    @Override
    public Shape shape(Shape... operands) {
        Shape first = part(operands[0]);
        int at = first.axis(axis);
        long length = 0;
        for (Shape operand : operands) {
            Shape part = part(operand);
            if (part.rank() != first.rank() || !part.with(at, 1).equals(first.with(at, 1))) {
                throw new ShapeException("shapes " + operands[0] + " and " + operand + " cannot be joined along axis " + axis,
                        stacked ? "equal shapes" : "shapes that differ on axis " + axis + " only", operands[0] + " and " + operand);
            }
            length += part.dim(at);
        }
        return first.with(at, Math.toIntExact(Math.min(length, Integer.MAX_VALUE)));
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        int outer = result.sub(0, result.axis(axis)).length();
        return (x, y, checkpoint) -> {
            int row = y.length / outer;
            int offset = 0;
            for (double[] part : x) {
                int chunk = part.length / outer;
                for (int o = 0; o < outer; o++) {
                    System.arraycopy(part, o * chunk, y, o * row + offset, chunk);
                }
                offset += chunk;
            }
        };
    }

    /** The loop over elements where the runs that it copies are long enough; else null. */
    @Nullable
    ElementLoop loop(Shape[] operands, Shape result) {
        int outer = result.sub(0, result.axis(axis)).length();
        int[] runs = IntStream.range(0, operands.length).map(k -> operands[k].length() / outer).toArray();
        return IntStream.of(runs).anyMatch(run -> run < SHORT) ? null : new RunLoop(runs, result.length() / outer);
    }

    /**
     * @param runs how many elements of each operand follow each other in the result
     * @param row the sum of these
     */
    private record RunLoop(int[] runs, int row) implements ElementLoop {
        @Override
        public boolean isGathering() {
            return true;
        }

        @Override
        public void run(double[][] x, int[] from, int[] stride, double[] out, int o, int position, int n) {
            int line = position / row;
            int operand = 0;
            int inRun = position % row;
            while (inRun >= runs[operand]) {
                inRun -= runs[operand++];
            }
            for (int done = 0, count; done < n; done += count) {
                count = Math.min(runs[operand] - inRun, n - done);
                System.arraycopy(x[operand], line * runs[operand] + inRun, out, o + done, count);
                inRun = 0;
                operand = (operand + 1) % runs.length;
                line += operand == 0 ? 1 : 0;
            }
        }
    }

    /** Where an operand stands in the result. */
    Region place(Shape[] operands, int operand) {
        Shape result = shape(operands);
        int at = result.axis(axis);
        int[] strides = Strides.of(result);
        int before = 0;
        for (int k = 0; k < operand; k++) {
            before += part(operands[k]).dim(at);
        }
        int[] kept = IntStream.range(0, strides.length).filter(i -> !stacked || i != at).map(i -> strides[i]).toArray();
        return new Region(operands[operand].dims(), kept, before * strides[at]);
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        return operands[0].graph().add(new Join(stacked, axis < 0 ? axis : axis + 1), Batched.all(operands, batched, n));
    }

    @Override
    Node transposed(Node node, int operand, Node cotangent) {
        boolean[] wanted = new boolean[node.operandCount()];
        wanted[operand] = true;
        return Objects.requireNonNull(vjps(node, wanted, cotangent)[operand]);
    }

    /** In one pass, since each operand begins where the one before ends. */
    @Override
    public @Nullable Node[] vjps(Node node, boolean[] wanted, Node cotangent) {
        int at = node.shape().axis(axis);
        @Nullable
        Node[] parts = new Node[wanted.length];
        int from = 0;
        for (int k = 0; k < wanted.length; k++) {
            int to = from + (stacked ? 1 : node.operand(k).shape().dim(at));
            if (wanted[k]) {
                List<Object> items = new ArrayList<>(Collections.nCopies(at, (Object) ":"));
                items.add(stacked ? (Object) k : from + ":" + to);
                parts[k] = Maths.index(cotangent, items);
            }
            from = to;
        }
        return parts;
    }
}
