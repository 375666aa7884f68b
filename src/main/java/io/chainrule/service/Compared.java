package io.chainrule.service;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.training.Metric;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The nodes of a training's program that its metrics compare, and how. */
record Compared(TrainingCall asked) {
    /** Notes what is wrong with the names. */
    void check(Workbench bench) {
        if (!asked.metrics().isEmpty()) {
            node(bench, prediction(bench), "prediction");
            node(bench, target(), "target");
        }
    }

    /** What metrics compare: of a network its last layer and the loss's target, unless the request says otherwise. */
    @Nullable
    String prediction(Workbench bench) {
        return asked.prediction() == null && bench.network() != null ? bench.network().layers().getLast().name() : asked.prediction();
    }

    @Nullable
    String target() {
        return asked.target() == null && asked.call().source() instanceof Source.Network network && network.spec().loss() != null
                ? network.spec().loss().target()
                : asked.target();
    }

    /** The classes are where the loss has them: that of the network, or a program's of the target. */
    Metric.Scores scores(Workbench bench, Shape prediction) {
        LossSpec loss = asked.call().source() instanceof Source.Network network ? network.spec().loss() : null;
        if (loss != null) {
            return Metric.Scores.of(asked.prediction() == null && loss.type().equals("binary_cross_entropy_with_logits"),
                    loss.classAxis(prediction));
        }
        return Metric.Scores.of(false, classAxis(bench.program(), Objects.requireNonNull(target())));
    }

    /** The axis of the classes, counted from the end, of a loss that has this target in a program; the last where there is none. */
    private static int classAxis(NamedGraph program, String target) {
        Graph graph = program.graph();
        for (int i = 0; i < graph.size(); i++) {
            if (OpCatalogue.has(graph.op(i), Trait.CLASS_LABELS) && Objects.equals(program.find(target), graph.operand(i, 1))
                    && graph.op(i).attributes().get("axis") instanceof Number axis) {
                int rank = graph.shape(graph.operand(i, 0)).rank();
                return axis.intValue() < 0 ? axis.intValue() : axis.intValue() - rank;
            }
        }
        return -1;
    }

    private static @Nullable Integer node(Workbench bench, @Nullable String id, String field) {
        if (id == null) {
            bench.asked().names()
                    .note(Problem.of(ProblemCode.INVALID_VALUE, "metrics compare the nodes 'prediction' and 'target'; '" + field
                            + "' is missing").pointer("/" + field).expected("the id of a node", "nothing"));
            return null;
        }
        return bench.asked().names().find(id, "/" + field);
    }
}
