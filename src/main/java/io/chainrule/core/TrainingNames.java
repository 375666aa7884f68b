package io.chainrule.core;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.network.LoweredNetwork;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Resolves the nodes that a training names: those that it trains and those that its metrics compare. {@code names} collects the problems.
 */
record TrainingNames(NamedGraph program, @Nullable LoweredNetwork network, NameResolver names) {

    /** The nodes that metrics compare; {@code wrt} are the names of the trained inputs. */
    Map<String, Integer> resolve(Transformation.TrainingStep step, List<String> wrt) {
        checkTrained(step.carriers(), wrt);
        Map<String, Integer> compared = new LinkedHashMap<>();
        if (step.hasMetrics()) {
            String prediction = step.prediction() == null && network != null ? network.layers().getLast().name() : step.prediction();
            find(prediction, Transformation.TrainingStep.PREDICTION, compared);
            find(step.target(), Transformation.TrainingStep.TARGET, compared);
        }
        return compared;
    }

    private void find(@Nullable String id, String field, Map<String, Integer> found) {
        if (id == null) {
            names.note(Problem.of(ProblemCode.INVALID_VALUE, "metrics compare the nodes 'prediction' and 'target'; '" + field
                    + "' is missing").at(Place.setting(field)).expected("the id of a node", "nothing"));
            return;
        }
        Integer node = names.find(id, Place.setting(field));
        if (node != null) {
            found.put(field, node);
        }
    }

    private void checkTrained(List<String> carriers, List<String> wrt) {
        if (wrt.isEmpty()) {
            names.note(Problem.of(ProblemCode.INVALID_VALUE, "'wrt' says which inputs are trained; the others stay as they are")
                    .at(Place.setting("wrt")).expected("names of inputs", "none"));
        }
        for (int i = 0; i < wrt.size(); i++) {
            String id = wrt.get(i);
            Integer node = program.find(id);
            if (carriers.contains(node == null ? id : program.id(node))) {
                refuse(id, i, "carries samples; a parameter is the same for all", "an input that is not in 'batch'", id);
            } else if (network != null && network.statistics().stream().anyMatch(statistic -> statistic.name().equals(id))) {
                refuse(id, i, "is a running statistic, which follows the batches; it is not trained", "a parameter",
                        "a running statistic");
            } else if (node != null && !(program.graph().op(node) instanceof Leaf.Input)) {
                refuse(id, i, "is no input; only inputs are trained", "an input", program.graph().op(node).name());
            }
        }
    }

    private void refuse(String id, int position, String why, String expected, String actual) {
        names.note(Problem.of(ProblemCode.INVALID_VALUE, "'" + id + "' " + why).node(id).at(Place.setting("wrt").item(position))
                .expected(expected,
                        actual));
    }
}
