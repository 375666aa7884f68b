package io.chainrule.core;

import io.chainrule.core.execution.Checks;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.network.LayerSummary;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The estimated cost of a program and of a network's layers. Nothing is run.
 *
 * @param forward the cost of computing the output's value
 * @param gradient the cost of computing the value and the gradient by all inputs
 * @param layerFlops the operations of one evaluation, by layer of a network; empty for other programs
 */
public record ProgramCost(CostModel forward, CostModel gradient, Map<String, Long> layerFlops) {

    /** Estimates the cost of a program; throws {@link io.chainrule.core.graph.LimitException} beyond {@code limits}. */
    public static ProgramCost of(BoundProgram bound, BuildLimits limits) {
        int output = bound.program().output();
        LoweredProgram lowered = LoweredProgram.of(bound, List.of(output), limits);
        List<Integer> inputs = bound.program().inputs();
        DerivedGraph derived = DerivedGraph.reverse(lowered, Map.of("", output), lowered.images(inputs), false, limits);
        BitSet value = new BitSet();
        value.set(lowered.result(output));
        BitSet all = derived.cotangentsOf(inputs);
        all.or(value);
        return new ProgramCost(cost(lowered, lowered.graph(), value, limits), cost(lowered, derived.graph(), all, limits),
                layerFlops(lowered));
    }

    private static CostModel cost(LoweredProgram lowered, Graph graph, BitSet results, BuildLimits limits) {
        return PlannedGraph.of(graph, results, Checks.NONE, lowered.sampleLengths(), lowered.bound().samples(), limits).cost();
    }

    private static Map<String, Long> layerFlops(LoweredProgram lowered) {
        Map<String, Long> flops = new HashMap<>();
        if (lowered.bound().network() != null) {
            Objects.requireNonNull(lowered.bound().network()).layers().stream().map(LayerSummary::name)
                    .forEach(name -> flops.put(name, 0L));
            Graph graph = lowered.graph();
            for (int i = 0; i < graph.size(); i++) {
                if (!graph.isLeaf(i)) {
                    long ofNode = lowered.bound().samples().count() * graph.op(i).flops(graph.operandShapes(i), graph.shape(i));
                    flops.computeIfPresent(owner(lowered.program().id(lowered.origin(i)), flops.keySet()), (_, sum) -> sum + ofNode);
                }
            }
        }
        return flops;
    }

    /** The layer that a node belongs to; its id is {@code hidden} or {@code hidden/op_1} for a layer "hidden". */
    private static String owner(String id, Set<String> layers) {
        String owner = id;
        while (!layers.contains(owner) && owner.contains("/")) {
            owner = owner.substring(0, owner.lastIndexOf('/'));
        }
        return owner;
    }
}
