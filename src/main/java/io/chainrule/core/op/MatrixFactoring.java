package io.chainrule.core.op;

import io.chainrule.core.graph.Factoring;
import io.chainrule.core.linalg.DecompositionBounds;
import io.chainrule.core.linalg.Householder;
import io.chainrule.core.linalg.SingularValues;
import io.chainrule.core.linalg.SymmetricEigen;
import io.chainrule.core.tensor.Shape;

/** The factorizations of which each result is the value of an op of its own; the results are computed together. */
enum MatrixFactoring implements Factoring {
    QR(2),
    EIGEN(2),
    SVD(4);

    /** The results of {@link #QR}. */
    static final int Q = 0;
    static final int R = 1;
    /** The results of {@link #EIGEN}; those of {@link #SVD} are numbered by {@link SingularValues}. */
    static final int VALUES = 0;
    static final int VECTORS = 1;

    private final int count;

    MatrixFactoring(int count) {
        this.count = count;
    }

    @Override
    public int count() {
        return count;
    }

    /** Bounds on the errors of one result for an m × n matrix; its elements and bounds on their errors are the first two arrays. */
    MatrixError.Bound bound(int number, int m, int n) {
        return switch (this) {
            case QR -> (x, bounds, checkpoint) -> DecompositionBounds.ofQr(number == Q, x[0], x[1], m, n, bounds, checkpoint);
            case EIGEN -> (x, bounds, checkpoint) -> DecompositionBounds.ofEigen(number == VECTORS, x[0], x[1], n, bounds, checkpoint);
            case SVD -> (x, bounds, checkpoint) -> DecompositionBounds.ofSingularValues(number, x[0], x[1], m, n, bounds, checkpoint);
        };
    }

    @Override
    public Run prepare(Shape operand) {
        int n = operand.last();
        int m = operand.dim(operand.rank() - 2);
        int matrices = operand.sub(0, operand.rank() - 2).length();
        return switch (this) {
            case QR -> (x, y, checkpoint) -> Householder.write(x, m, n, matrices, y[Q], y[R], checkpoint);
            case EIGEN -> (x, y, checkpoint) -> SymmetricEigen.write(x, n, matrices, y[VALUES], y[VECTORS], checkpoint);
            case SVD -> (x, y, checkpoint) -> SingularValues.write(x, m, n, matrices, y, checkpoint);
        };
    }
}
