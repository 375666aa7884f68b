package io.chainrule.benchmark;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesv;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dpotrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_ROW_MAJOR;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;

/** Row p: factorisations of matrices, n = 200, beside LAPACK for values and PyTorch for gradients. */
final class LinearAlgebraRow {
    private static final int N = 200;
    private static final double VALUES = 0.5;
    private static final double GRADIENTS = 0.7;

    private LinearAlgebraRow() {}

    static List<Comparison> all() {
        return List.of(
                value("cholesky(A)", "Cholesky", LinearAlgebraRow::potrf),
                value("solve(A, b)", "solve", LinearAlgebraRow::gesv),
                value("eigvalsh(A)", "eigenvalues of eigh", LinearAlgebraRow::syevd),
                value("svdvals(A)", "singular values of the SVD", LinearAlgebraRow::gesdd),
                gradient("Cholesky", "sum(cholesky(A) * T)", "f = (torch.linalg_cholesky(A) * T).sum()", "A"),
                gradient("solve", "sum(solve(A, b) * t)", "f = (torch.linalg_solve(A, b) * t).sum()", "A", "b"),
                gradient("eigh", "w = eigvalsh(A)\nV = eigh_vectors(A)\nsum(w * t) + sum(V^2 * T)", """
                        w, V = torch.linalg_eigh(A)
                        f = (w * t).sum() + (V * V * T).sum()
                        """, "A"),
                gradient("SVD", "s = svdvals(A)\nU = svd_u(A)\nsum(s * t) + sum(U^2 * T)", """
                        U, s, V = torch.linalg_svd(A, False)
                        f = (s * t).sum() + (U * U * T).sum()
                        """, "A"));
    }

    private static Map<String, Tensor> inputs() {
        return Data.with(Map.of("A", Data.positiveDefinite(N)), Data.normal(1, "b", N, "t", N, "T", N, N));
    }

    private static Map<String, Tensor> inputs(String program) {
        Map<String, Tensor> used = inputs();
        used.keySet().removeIf(name -> !program.matches("(?s).*\\b" + name + "\\b.*"));
        return used;
    }

    private static Comparison value(String program, String work, Supplier<Contender> lapack) {
        return Comparison.of("p", work + ", n = " + N + ", values", () -> Chainrule.value(program, inputs(program)))
                .peer("LAPACK of OpenBLAS", VALUES, lapack).tolerance(1e-7).build();
    }

    private static Comparison gradient(String work, String program, String torch, String... wrt) {
        return Comparison.of("p", work + ", n = " + N + ", gradients", () -> Chainrule.gradient(program, inputs(program), wrt))
                .peer("PyTorch", GRADIENTS, () -> Torch.gradient(torch, inputs(program), wrt)).tolerance(1e-5).build();
    }

    /** A call that overwrites {@code a}, which is therefore copied first, as each call of ours leaves its inputs alone. */
    private static Contender lapack(Tensor matrix, ToIntFunction<DoublePointer> call, Supplier<double[]> results) {
        OpenBlas.threads(1);
        DoublePointer original = OpenBlas.array(matrix);
        DoublePointer a = new DoublePointer((long) matrix.length());
        return new Contender() {
            @Override
            public Object run() {
                DoublePointer.memcpy(a, original, (long) Double.BYTES * matrix.length());
                int info = call.applyAsInt(a);
                if (info != 0) {
                    throw new IllegalStateException("LAPACK answers " + info);
                }
                return a;
            }

            @Override
            public double[] results() {
                return results.get();
            }
        };
    }

    private static Contender potrf() {
        Tensor matrix = Data.positiveDefinite(N);
        DoublePointer[] factor = new DoublePointer[1];
        return lapack(matrix, a -> {
            factor[0] = a;
            return LAPACKE_dpotrf(LAPACK_ROW_MAJOR, (byte) 'L', N, a, N);
        }, () -> lower(OpenBlas.read(factor[0], N * N)));
    }

    private static double[] lower(double[] matrix) {
        IntStream.range(0, N * N).filter(i -> i % N > i / N).forEach(i -> matrix[i] = 0);
        return matrix;
    }

    private static Contender gesv() {
        Map<String, Tensor> inputs = inputs();
        double[] b = inputs.get("b").data();
        DoublePointer x = new DoublePointer((long) N);
        IntPointer pivots = new IntPointer((long) N);
        return lapack(inputs.get("A"), a -> {
            x.position(0).put(b, 0, N);
            return LAPACKE_dgesv(LAPACK_ROW_MAJOR, N, 1, a, N, pivots, x, 1);
        }, () -> OpenBlas.read(x, N));
    }

    private static Contender syevd() {
        DoublePointer w = new DoublePointer((long) N);
        return lapack(Data.positiveDefinite(N), a -> LAPACKE_dsyevd(LAPACK_ROW_MAJOR, (byte) 'N', (byte) 'L', N, a, N, w),
                () -> OpenBlas.read(w, N));
    }

    private static Contender gesdd() {
        DoublePointer s = new DoublePointer((long) N);
        DoublePointer none = new DoublePointer(Tensor.zeros(Shape.of(1)).data());
        return lapack(Data.positiveDefinite(N), a -> LAPACKE_dgesdd(LAPACK_ROW_MAJOR, (byte) 'N', N, N, a, N, s, none, N, none, N),
                () -> OpenBlas.read(s, N));
    }
}
