package io.chainrule.core.fit;

import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import java.util.function.Function;

/**
 * The mean loss over all rows, as a function of the parameters. The mean, and that of the gradient, are exact and rounded once, so that
 * they do not depend on the engine and its partitions.
 *
 * <p>Rows whose loss has become infinite or NaN since the start are kept: {@link io.chainrule.core.rows.RowPolicy}.
 *
 * @param engine reduces the value and the gradients by the parameters over all rows, for these values of the parameters
 */
public record RowObjective(ParameterVector parameters, Function<Map<String, Tensor>, RowReduction> engine) implements Objective {

    /** Throws {@link io.chainrule.core.graph.ProblemException} if there are no rows to take the mean of. */
    @Override
    public Evaluation at(double[] point) {
        return parameters.evaluation(engine.apply(parameters.parameters(point)));
    }
}
