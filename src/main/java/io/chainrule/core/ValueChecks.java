package io.chainrule.core;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Parallel;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ops of a function that refuse certain values of its data, such as labels that are not a class, or row indices out of range. They can
 * be run without the rest of the function.
 */
public final class ValueChecks {
    private final CompiledFunction function;
    private final Graph graph;
    private final PlannedGraph planned;

    private ValueChecks(CompiledFunction function, PlannedGraph planned) {
        this.function = function;
        this.graph = function.derived().lowered().graph();
        this.planned = planned;
    }

    /** The ops that check values which depend on {@code inputs} but not on {@code others}; null if there are none. */
    public static @Nullable ValueChecks of(CompiledFunction function, Collection<String> inputs, Collection<String> others) {
        LoweredProgram lowered = function.derived().lowered();
        Graph graph = lowered.graph();
        BitSet depending = Activity.dependents(graph, graph.size(), nodes(lowered, inputs));
        BitSet changing = Activity.dependents(graph, graph.size(), nodes(lowered, others));
        BitSet checks = new BitSet();
        for (int i = 0; i < graph.size(); i++) {
            Integer operand = checkedOperand(graph.op(i));
            if (operand != null && depending.get(graph.operand(i, operand)) && !changing.get(graph.operand(i, operand))) {
                checks.set(i);
            }
        }
        return checks.isEmpty() ? null : new ValueChecks(function, PlannedGraph.of(graph, checks));
    }

    /** The operand whose values an op may refuse, or null. */
    static @Nullable Integer checkedOperand(Op op) {
        OpDefinition definition = OpCatalogue.find(op.name());
        return definition == null ? null : definition.checkedOperand();
    }

    private static BitSet nodes(LoweredProgram lowered, Collection<String> inputs) {
        return lowered.images(inputs.stream().map(lowered.program()::find).filter(node -> node != null).toList());
    }

    /** The cost of one run. */
    public CostModel cost() {
        return planned.cost();
    }

    /** A run of the checks alone. */
    public FunctionRun start(Parallel parallel) {
        return new FunctionRun(function, planned.start(parallel));
    }

    /** The inputs that the refused values were computed from; empty if they are not known. */
    public List<String> sources(ProblemException e) {
        Integer operand = e.graphNode() < 0 ? null : checkedOperand(graph.op(e.graphNode()));
        if (operand == null) {
            return List.of();
        }
        BitSet refused = new BitSet();
        refused.set(graph.operand(e.graphNode(), operand));
        return Activity.ancestors(graph, refused).stream().mapToObj(graph::op)
                .flatMap(op -> op instanceof Leaf.Input input ? Stream.of(input.id()) : Stream.empty()).toList();
    }
}
