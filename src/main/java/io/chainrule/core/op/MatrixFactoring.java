package io.chainrule.core.op;

import io.chainrule.core.graph.Factoring;
import io.chainrule.core.linalg.Householder;
import io.chainrule.core.linalg.SingularValues;
import io.chainrule.core.linalg.SymmetricEigen;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The factorizations whose factors are ops of their own, computed together. */
enum MatrixFactoring implements Factoring {
    QR(2),
    EIGEN(2),
    SVD(4);

    /** Of {@link #QR}. */
    static final int Q = 0;
    static final int R = 1;
    /** Of {@link #EIGEN}. */
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

    @Override
    public void evaluate(Tensor operand, @Nullable Tensor[] results, Checkpoint checkpoint) {
        Shape shape = operand.shape();
        int n = shape.last();
        int m = shape.dim(shape.rank() - 2);
        int matrices = shape.sub(0, shape.rank() - 2).length();
        double[] x = operand.data();
        double[] @Nullable [] y = new double[count][];
        for (int i = 0; i < count; i++) {
            Tensor result = results[i];
            y[i] = result == null ? null : result.data();
        }
        switch (this) {
            case QR -> Householder.write(x, m, n, matrices, y[Q], y[R], checkpoint);
            case EIGEN -> SymmetricEigen.write(x, n, matrices, y[VALUES], y[VECTORS], checkpoint);
            case SVD -> SingularValues.write(x, m, n, matrices, y, checkpoint);
        }
    }
}
