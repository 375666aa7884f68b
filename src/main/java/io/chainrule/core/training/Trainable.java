package io.chainrule.core.training;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A scalar program over one number of samples, as a trainer needs it: any graph, whoever made it.
 *
 * @param graph with shapes
 * @param loss the scalar node that is to become small: the mean over the samples
 * @param parameters the inputs that are trained, by name
 * @param data the inputs that carry samples along a leading axis, by name
 * @param fixed values of further inputs, by node
 * @param step the scalar input that counts the steps, from 0, or null
 * @param statistics the inputs that hold running statistics, by name; those that are not read may be missing
 * @param batchStatistics the nodes whose values the running statistics follow, by name; only in training
 * @param prediction the node that metrics compare with {@code target}, or null
 * @param scores how metrics read the prediction
 * @param id what to call a node when something is wrong with it
 */
public record Trainable(Graph graph, int loss, Map<String, Integer> parameters, Map<String, Integer> data, Map<Integer, Tensor> fixed,
        @Nullable Integer step, Map<String, Integer> statistics, Map<String, Integer> batchStatistics, @Nullable Integer prediction,
        @Nullable Integer target, Metric.Scores scores, IntFunction<String> id) {

    /** Without statistics, a count of steps or metrics. */
    public Trainable(Graph graph, int loss, Map<String, Integer> parameters, Map<String, Integer> data, Map<Integer, Tensor> fixed,
            IntFunction<String> id) {
        this(graph, loss, parameters, data, fixed, null, Map.of(), Map.of(), null, null, Metric.Scores.PROBABILITIES, id);
    }
}
