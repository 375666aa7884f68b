package io.chainrule.core.graph;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A computation with several results, such as both factors of a matrix. Each result is the value of a separate op. A plan runs the
 * factoring once for all ops that read the same operand.
 */
public interface Factoring {

    /** How many results there are. */
    int count();

    /** Chooses the algorithm for operands of this shape once, so that runs need not choose it again. */
    Run prepare(Shape operand);

    /** Like {@link Kernel}, but with several results. */
    @FunctionalInterface
    interface Run {
        /** Computes the results whose array is not null. */
        void run(double[] operand, double[] @Nullable [] results, Checkpoint checkpoint);
    }

    /** Says that an op's value is one result of a factoring, and the number of that result. */
    record Part(Factoring whole, int number) {
        /** A kernel that computes this result alone. */
        public Kernel prepare(Shape operand) {
            Run run = whole.prepare(operand);
            return (operands, result, checkpoint) -> {
                double[] @Nullable [] results = new double[whole.count()][];
                results[number] = result;
                run.run(operands[0], results, checkpoint);
            };
        }
    }
}
