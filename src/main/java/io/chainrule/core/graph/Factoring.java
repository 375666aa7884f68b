package io.chainrule.core.graph;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One computation upon an operand that yields several results, such as both factors of a matrix. Each result is the
 * value of an op of its own; those of one operand are computed together.
 */
public interface Factoring {

    /** How many results there are. */
    int count();

    /** Writes those results that are not null. */
    void evaluate(Tensor operand, @Nullable Tensor[] results, Checkpoint checkpoint);

    /** Which result of which factoring an op's value is. */
    record Part(Factoring whole, int number) {}
}
