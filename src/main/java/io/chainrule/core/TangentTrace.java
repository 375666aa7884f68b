package io.chainrule.core;

import io.chainrule.core.LostGradient.Why;
import io.chainrule.core.execution.Checks;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows a change of one node towards the output, to find the op that swallows it. This tells single elements of an array
 * apart, as in {@code max([x, y])}, where the gradient of the array is not zero as a whole. Nodes are those of the lowered graph.
 */
final class TangentTrace {
    private static final int NONE = -1;
    private static final double GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

    private final CompiledFunction function;
    private final LoweredProgram lowered;
    private final LostGradient unknown;
    private final int node;
    private final DerivedGraph forward;

    private TangentTrace(CompiledFunction function, LostGradient unknown) {
        this.function = function;
        this.lowered = function.derived().lowered();
        this.unknown = unknown;
        this.node = unknown.path().getFirst();
        this.forward = DerivedGraph.plain(lowered).forward(Map.of("", node), BuildLimits.GENEROUS);
    }

    /** What one more run, of the program with its tangents, finds out; {@code unknown} where it finds nothing. */
    static LostGradient of(CompiledFunction function, LostGradient unknown, Map<String, Tensor> inputs, Runner runner) {
        TangentTrace trace = new TangentTrace(function, unknown);
        return trace.outputTangent() == NONE ? unknown : trace.found(trace.run(inputs, runner));
    }

    private int output() {
        return lowered.result(lowered.program().output());
    }

    private int outputTangent() {
        return forward.tangents()[output()];
    }

    private PlannedGraph.Run run(Map<String, Tensor> inputs, Runner runner) {
        BitSet zeros = new BitSet();
        Arrays.stream(forward.tangents()).filter(tangent -> tangent != NONE).forEach(zeros::set);
        BitSet results = new BitSet();
        results.set(outputTangent());
        PlannedGraph planned = PlannedGraph.of(forward.graph(), results, new Checks(new BitSet(), zeros), lowered.sampleLengths(),
                function.bound().samples(), BuildLimits.GENEROUS);
        Map<Integer, Tensor> placed = lowered.placed(inputs);
        forward.seeds().values().forEach(seed -> placed.put(seed, direction(forward.graph().shape(seed))));
        return runner.run(planned.cost(), planned.copiedBytes(), () -> planned.run(placed, runner.checkpoint()));
    }

    /** Numbers that do not cancel by chance. */
    private static Tensor direction(Shape shape) {
        double[] values = new double[shape.length()];
        Arrays.setAll(values, i -> 1 + (i + 1) * GOLDEN_RATIO % 1);
        return Tensor.of(shape, values);
    }

    private LostGradient found(PlannedGraph.Run run) {
        if (!isZero(output(), run)) {
            boolean isExact = function.derived().seeds().isEmpty() && unknown.why() == Why.UNKNOWN;
            return isExact ? new LostGradient(Why.CANCELS_WITHIN, unknown.path(), unknown.nodes()) : unknown;
        }
        Map<Integer, Integer> before = new HashMap<>();
        int end = swallowing(before, run);
        boolean sums = OpCatalogue.has(lowered.graph().op(end), Trait.SUMS);
        if (unknown.why() == Why.UNKNOWN && lowered.graph().op(end).family().mixesElements() && !sums) {
            // Its terms for this change may cancel as well, as those of a softmax do for equal changes.
            return unknown;
        }
        List<Integer> path = new ArrayList<>();
        for (Integer at = end; at != null; at = before.get(at)) {
            int origin = lowered.origin(at);
            if (path.isEmpty() || path.getFirst() != origin) {
                path.addFirst(origin);
            }
        }
        return new LostGradient(sums && cancels(end, run) ? Why.CANCELS_WITHIN : Why.CLOSED, List.copyOf(path), List.of(path.getLast()));
    }

    /** The nearest node that does not change though one of its operands does; only where there is no other, one that never does. */
    private int swallowing(Map<Integer, Integer> before, PlannedGraph.Run run) {
        PathsToOutput paths = new PathsToOutput(lowered.graph(), output());
        Deque<Integer> changing = new ArrayDeque<>(List.of(lowered.image(node)));
        int flat = NONE;
        while (!changing.isEmpty()) {
            int at = changing.remove();
            for (int user : paths.users(at)) {
                if (user == lowered.image(node) || before.putIfAbsent(user, at) != null) {
                    continue;
                }
                if (!isZero(user, run)) {
                    changing.add(user);
                } else if (forward.tangents()[user] != NONE) {
                    return user;
                } else {
                    flat = user;
                }
            }
        }
        return flat;
    }

    private boolean cancels(int end, PlannedGraph.Run run) {
        Graph graph = lowered.graph();
        int changing = 0;
        for (int k = 0; k < graph.operandCount(end); k++) {
            changing += isZero(graph.operand(end, k), run) ? 0 : 1;
        }
        return changing > 1 || graph.op(end).family() != Family.ELEMENTWISE;
    }

    private boolean isZero(int of, PlannedGraph.Run run) {
        int tangent = forward.tangents()[of];
        return tangent == NONE || run.has(tangent) && run.isZero(tangent);
    }
}
