package io.chainrule.core.training;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.network.LoweredNetwork;
import io.chainrule.core.network.Statistic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@link Transformation.TrainingStep} for one number of samples, and the roles of its inputs.
 *
 * @param parameters the inputs that are trained
 * @param data the inputs that carry samples along a leading axis
 * @param fixed the values of all other inputs, which stay the same
 * @param step the scalar input that counts the steps, from 0, or null
 * @param statistics the inputs that hold running statistics
 * @param batchStatistics the nodes from whose values the running statistics are updated, by name; empty outside training
 * @param scores how metrics interpret the prediction
 */
public record Trainable(CompiledFunction function, List<String> parameters, List<String> data, Map<String, Tensor> fixed,
        @Nullable String step, List<String> statistics, Map<String, Integer> batchStatistics, Metric.Scores scores) {

    /**
     * Finds the roles of the inputs of a compiled step. The parameters are the inputs with respect to which it differentiates, and the
     * data are the inputs that it calls carriers. If the program is a lowered network, the network tells which inputs hold running
     * statistics and which one counts the steps.
     *
     * @param function of a {@link Transformation.TrainingStep}
     * @param values values by name; those of inputs without such a role are fixed
     */
    public static Trainable of(CompiledFunction function, Map<String, Tensor> values, Metric.Scores scores) {
        if (!(function.bound().signature().transformation() instanceof Transformation.TrainingStep step)) {
            throw new IllegalArgumentException("a step of a training is needed, not " + function);
        }
        NamedGraph program = function.bound().program();
        LoweredNetwork network = function.bound().network();
        List<String> inputs = program.inputs().stream().map(program::id).toList();
        List<String> parameters = function.bound().wrt().values().stream().filter(node -> node >= 0).map(program::id).distinct().toList();
        List<String> data = step.carriers().stream().filter(inputs::contains).toList();
        List<String> statistics = network == null ? List.of() : network.statistics().stream().map(Statistic::name).toList();
        String counter = network == null ? null : network.step();
        Map<String, Tensor> fixed = new LinkedHashMap<>(values);
        fixed.keySet().retainAll(inputs);
        Stream.of(parameters, data, statistics).forEach(fixed.keySet()::removeAll);
        fixed.remove(counter);
        return new Trainable(function, parameters, data, fixed, counter, statistics,
                network == null ? Map.of() : network.batchStatistics(), scores);
    }

    /**
     * Whether the parameter has a gradient. It has none if the loss does not depend on it, or only through ops whose derivative is zero
     * everywhere.
     */
    boolean hasGradient(String parameter) {
        return parameters.contains(parameter) && !function.isConstant(node(parameter));
    }

    private int node(String input) {
        return Objects.requireNonNull(function.bound().program().find(input), input);
    }

    /** The number of samples of a step; 0 without data. */
    int samples() {
        return data.isEmpty() ? 0 : function.bound().inputShape(node(data.getFirst())).dim(0);
    }

    String id(int node) {
        return function.bound().program().id(node);
    }
}
