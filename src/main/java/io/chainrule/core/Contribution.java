package io.chainrule.core;

import io.chainrule.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What one node adds to the gradient of a node that it reads: the product of its own gradient and its local derivative. Over samples, every
 * array has their leading axis. A composite gate whose circuit reads an operand several times adds a part for each reading; the parts'
 * local derivatives add up to the gate's.
 *
 * @param to the node that reads, {@code operand} says as which of its operands
 * @param part numbers the parts of a gate from 0, of which there are {@code parts}
 * @param upstream the gradient of the node {@code to}
 * @param local the derivative of an elementwise op by this operand, in the shape of the op's value; null for other ops
 * @param value what is added, in the shape of the node that is read
 */
public record Contribution(int to, int operand, int part, int parts, Tensor upstream, @Nullable Tensor local, Tensor value) {

    /** A contribution without its values; {@code isElementwise} says whether it has a local derivative. */
    public record Edge(int to, int operand, int part, int parts, boolean isElementwise) {}
}
