package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.op.Cautions;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Looks for all kinds of {@link Trouble} in a run, at the nodes that {@link Suspects} names. */
final class Troubles {
    private final Suspects suspects;
    private final DerivedGraph derived;
    private final LoweredProgram lowered;
    private final PlannedGraph.Run run;

    Troubles(Suspects suspects, DerivedGraph derived, PlannedGraph.Run run) {
        this.suspects = suspects;
        this.derived = derived;
        this.lowered = derived.lowered();
        this.run = run;
    }

    /** All of them; values that are not finite make all others meaningless, so then only those that the graph shows. */
    List<Trouble> all(Runner runner) {
        List<Trouble> found = new ArrayList<>(suspects.certain());
        labels(found);
        if (run.sawNonFinite()) {
            return found;
        }
        if (suspects.chain() != null) {
            Trouble chain = suspects.chain().trouble(derived, run);
            if (chain != null) {
                found.add(chain);
            }
        }
        found.addAll(Units.troubles(suspects, lowered, run));
        found.addAll(new Cancellation(suspects, derived, run).troubles());
        found.addAll(Conditioning.troubles(suspects, lowered, run, runner.parallel()));
        return found;
    }

    private void labels(List<Trouble> found) {
        Graph graph = lowered.program().graph();
        for (int node : suspects.labelled()) {
            Cautions.Labels labels = Objects.requireNonNull(Cautions.of(graph.op(node)).labels());
            int operand = graph.operand(node, labels.operand());
            Tensor values = graph.op(operand) instanceof Leaf.Literal(double literal)
                    ? Tensor.scalar(literal)
                    : run.known(lowered.image(operand));
            long wrong = 0;
            for (double value : values == null ? new double[0] : values.data()) {
                wrong += labels.contains(value) || Double.isNaN(value) ? 0 : 1;
            }
            if (wrong > 0) {
                found.add(new Trouble(Trouble.Kind.LABELS_OUT_OF_RANGE, node, List.of(operand), Map.of("count", (double) wrong, "labels",
                        (double) Objects.requireNonNull(values).length(), "low", labels.low(), "high", labels.high())));
            }
        }
    }
}
