package io.chainrule.service.run;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request's function and the values to call it with. Closing it releases its memory in the budget.
 *
 * @param function a compiled function, or a bound program where nothing is run
 * @param inputs the values of all inputs: those of the query, and initial values for the others
 * @param drawn the initial values of the network's parameters for which the query has none; null if the program is not a network
 * @param remarks whether the answer has diagnostics
 */
public record Work<F>(F function, BoundProgram bound, Map<String, Tensor> inputs, @Nullable Map<String, Tensor> drawn, Runner runner,
        BuildLimits limits, Transformation.Remarks remarks, Budget.Reservation reservation) implements AutoCloseable {

    /** Completes the query's values with initial values. */
    static <F> Work<F> of(F function, BoundProgram bound, Query query, Runner runner, BuildLimits limits,
            Budget.Reservation reservation) {
        BoundProgram.InitialValues initial = bound.initialValues(query.values(), query.initializerSeed(), limits);
        return new Work<>(function, bound, initial.all(), initial.drawn(), runner, limits, query.remarks(), reservation);
    }

    @Override
    public void close() {
        reservation.close();
    }
}
