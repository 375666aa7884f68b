package io.chainrule.core.op;

import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Preparation;
import io.chainrule.core.linalg.Factorization;
import io.chainrule.core.tensor.Shape;

/**
 * The LU factors of each matrix in the last two axes, with pivots, by which equations are solved and determinants and inverses computed.
 */
record LuFactors() implements Preparation {
    static final LuFactors OF = new LuFactors();

    @Override
    public String name() {
        return "lu";
    }

    @Override
    public Shape shape(Shape operand) {
        return operand.sub(0, operand.rank() - 2).concat(Shape.of(operand.last() + 1, operand.last()));
    }

    @Override
    public Kernel prepare(Shape operand) {
        int n = operand.last();
        int count = operand.sub(0, operand.rank() - 2).length();
        return (x, result, checkpoint) -> {
            for (int i = 0; i < count; i++) {
                checkpoint.check();
                Factorization.write(x[0], i * n * n, n, result, i * (n + 1) * n, checkpoint);
            }
        };
    }

    /** The factors of one matrix. */
    static Factorization factors(double[] results, int matrix, int n) {
        return Factorization.at(results, matrix * (n + 1) * n, n);
    }

    @Override
    public long flops(Shape operand) {
        return (long) (0.67 * operand.last() * operand.size());
    }
}
