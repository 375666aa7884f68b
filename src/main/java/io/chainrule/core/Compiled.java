package io.chainrule.core;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.tensor.Shape;
import java.util.Map;

/**
 * A function of arrays: a program and a transformation, compiled for inputs of known shapes. It is immutable and holds no input values, so
 * any number of threads may call it.
 */
public sealed interface Compiled permits CompiledFunction, CompiledJacobian, CompiledCheck {

    /**
     * Compiles the function that a bound program's transformation asks for; throws {@link io.chainrule.core.graph.LimitException} beyond
     * {@code limits}.
     */
    static Compiled of(BoundProgram bound, BuildLimits limits) {
        return switch (bound.signature().transformation()) {
            case Transformation.Jacobians _,Transformation.Hessian _ -> JacobianCompiler.of(bound, limits);
            case Transformation.Check _ -> CompiledCheck.of(bound, limits);
            case Transformation.Value _,Transformation.Gradient _,Transformation.TrainingStep _ -> CompiledFunction.of(bound, limits);
            case Transformation.Vjp _,Transformation.Jvp _,Transformation.Hvp _ -> CompiledFunction.of(bound, limits);
            case Transformation.Derivative _,Transformation.Grade _,Transformation.Description _ -> CompiledFunction.of(bound, limits);
        };
    }

    /** The bound program that the function was compiled from. */
    BoundProgram bound();

    /** The shapes in which calls return derivatives, by the name to differentiate by. */
    Map<String, Shape> derivativeShapes();

    /** What one call costs. */
    CostModel cost();

    /** An estimate of the memory that the function takes, without that of its source and signature. */
    long bytes();
}
