package io.chainrule.core.network;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.NamedGraph;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network as a program. Its graph has shapes; its inputs are {@code data} (the input, the target of the loss),
 * {@code parameters}, {@code statistics} and, where dropout draws masks, the scalar {@code step}.
 *
 * @param program output nodes of layers have the layers' names, nodes inside them are {@code layer/op_k}; the output is {@code loss},
 *        or without one the last layer
 * @param step the name of the input that counts the steps of a training, or null where there is no dropout to train
 */
public record LoweredNetwork(NamedGraph program, List<Parameter> parameters, List<Statistic> statistics, List<LayerSummary> layers,
        List<String> data, @Nullable String step) {

    /** The nodes that compute the batch's statistics, by the names of the running statistics. Empty outside training. */
    public Map<String, Integer> batchStatistics() {
        Map<String, Integer> nodes = new LinkedHashMap<>();
        statistics.forEach(statistic -> {
            if (statistic.batchValue() != null) {
                nodes.put(statistic.name(), statistic.batchValue());
            }
        });
        return nodes;
    }

    /** Turns problems that a run found at nodes of the program into problems of the layers that the nodes belong to. */
    public ProblemException located(ProblemException e) {
        return new ProblemException(e.problems().stream().map(this::located).toList(), e.total());
    }

    private Problem located(Problem problem) {
        String node = problem.node();
        if (node == null) {
            return problem;
        }
        String owner = node.contains("/") && program.find(node) != null ? node.substring(0, node.lastIndexOf('/')) : node;
        return layers.stream().filter(layer -> layer.name().equals(owner)).findFirst()
                .map(layer -> problem.message(LayerReader.titled(problem.message(), layer.type(), layer.name()))
                        .at(problem.place() == null ? layer.place() : problem.place()))
                .orElse(problem);
    }
}
