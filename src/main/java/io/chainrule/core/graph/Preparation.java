package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import java.util.Arrays;

/**
 * What several ops compute first of their first operand, as the factors of a matrix. A plan computes it once for all ops that read the same
 * array. Two preparations that are equal compute the same.
 */
public interface Preparation {

    /** The name by which the texts of plans show it. */
    String name();

    /** The shape of its result; its length may depend on the operand's last axis and number of elements only. */
    Shape shape(Shape operand);

    /** A kernel that computes the result of this operand alone. */
    Kernel prepare(Shape operand);

    /** Floating point operations of one evaluation. */
    long flops(Shape operand);

    /** A kernel that computes the result itself and then runs {@code kernel}, which reads it as one more operand after the others. */
    default Kernel before(Kernel kernel, Shape operand) {
        Kernel first = prepare(operand);
        int length = shape(operand).length();
        return (operands, result, parallel) -> {
            double[][] all = Arrays.copyOf(operands, operands.length + 1);
            all[operands.length] = new double[length];
            first.run(operands, all[operands.length], parallel);
            kernel.run(all, result, parallel);
        };
    }
}
