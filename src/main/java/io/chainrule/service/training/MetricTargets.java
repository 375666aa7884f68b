package io.chainrule.service.training;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.training.Metric;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds the node that metrics compare with the prediction, and the axis of the classes. */
record MetricTargets(TrainingCall asked) {
    private @Nullable LossSpec loss() {
        return asked.query().source() instanceof Source.Network network ? network.spec().loss() : null;
    }

    /** The node that predictions are compared with: for a network the loss's target, unless the request names another. */
    @Nullable
    String target() {
        return asked.target() == null && loss() != null ? loss().target() : asked.target();
    }

    /** How metrics must read the prediction; throws {@link ProblemException} if a metric cannot compare it with the target. */
    Metric.Scores scores(BoundProgram bound, List<Metric> metrics) {
        if (metrics.isEmpty()) {
            return Metric.Scores.PROBABILITIES;
        }
        Shape prediction = answered(bound, Transformation.TrainingStep.PREDICTION);
        Shape target = answered(bound, Transformation.TrainingStep.TARGET);
        Metric.Scores scores = scores(bound, prediction);
        for (int i = 0; i < metrics.size(); i++) {
            Metric metric = metrics.get(i);
            if (!metric.compares(prediction, target, scores)) {
                throw new ProblemException(Problem.of(ProblemCode.SHAPE_MISMATCH, metric.id() + " cannot compare a prediction of shape "
                        + prediction + " with a target of shape " + target).at(Place.setting("metrics").item(i))
                        .expected(prediction.toString(), target.toString()));
            }
        }
        return scores;
    }

    private static Shape answered(BoundProgram bound, String role) {
        return bound.inputShape(Objects.requireNonNull(bound.of().get(role)));
    }

    /** Finds the axis of the classes from the network's loss, or from the loss in the program that reads the target. */
    private Metric.Scores scores(BoundProgram bound, Shape prediction) {
        LossSpec loss = loss();
        if (loss != null) {
            return Metric.Scores.of(asked.prediction() == null && loss.takesLogits(),
                    loss.classAxis(prediction));
        }
        return Metric.Scores.of(false, classAxis(bound.program(), Objects.requireNonNull(target())));
    }

    /**
     * The axis of the classes, counted from the end, of the loss in a program that reads this target; the last axis if there is no such
     * loss.
     */
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
}
