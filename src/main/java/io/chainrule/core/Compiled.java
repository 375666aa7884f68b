package io.chainrule.core;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.tensor.Shape;
import java.util.Map;

/**
 * A function of arrays: a program and a transformation for inputs of known shapes. Immutable, free of values, for any number of threads.
 */
public sealed interface Compiled permits CompiledFunction, CompiledJacobian, CompiledCheck {

    /**
     * The function that a bound program's transformation asks for; {@link io.chainrule.core.graph.LimitException} beyond {@code limits}.
     */
    static Compiled of(BoundProgram bound, BuildLimits limits) {
        return switch (bound.signature().transformation()) {
            case Transformation.Jacobians _,Transformation.Hessian _ -> CompiledJacobian.of(bound, limits);
            case Transformation.Check _ -> CompiledCheck.of(bound, limits);
            case Transformation.Value _,Transformation.Gradient _,Transformation.Vjp _,Transformation.Jvp _,Transformation.Hvp _,Transformation.TrainingStep _,Transformation.Derivative _,Transformation.Description _ ->
                CompiledFunction.of(bound, limits);
        };
    }

    /** The bound program that the function was compiled from. */
    BoundProgram bound();

    /** The shapes of derivatives by the names to differentiate by, as calls answer them. */
    Map<String, Shape> derivativeShapes();

    /** What one call costs. */
    CostModel cost();
}
