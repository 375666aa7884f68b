package io.chainrule.core.training;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@link Transformation.TrainingStep} for one number of samples, and the roles of its inputs.
 *
 * @param parameters the inputs that are trained
 * @param data the inputs that carry samples along a leading axis
 * @param fixed values of further inputs
 * @param step the scalar input that counts the steps, from 0, or null
 * @param statistics the inputs that hold running statistics
 * @param batchStatistics the nodes whose values the running statistics follow, by name; only in training
 * @param scores how metrics read the prediction
 */
public record Trainable(CompiledFunction function, List<String> parameters, List<String> data, Map<String, Tensor> fixed,
        @Nullable String step, List<String> statistics, Map<String, Integer> batchStatistics, Metric.Scores scores) {

    /**
     * The names to differentiate by are trained, the data are those of the step; without statistics or a count of steps.
     *
     * @param function of a {@link Transformation.TrainingStep}
     */
    public static Trainable of(CompiledFunction function, Map<String, Tensor> fixed) {
        if (!(function.bound().signature().transformation() instanceof Transformation.TrainingStep step)) {
            throw new IllegalArgumentException("a step of a training is needed, not " + function);
        }
        return new Trainable(function, List.copyOf(function.bound().wrt().keySet()), step.carriers(), fixed, null, List.of(), Map.of(),
                Metric.Scores.PROBABILITIES);
    }

    /** Whether the loss depends on a parameter as far as derivatives see. */
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
