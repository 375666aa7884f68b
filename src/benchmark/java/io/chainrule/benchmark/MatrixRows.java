package io.chainrule.benchmark;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_dasum;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas.cblas_dgemv;

import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.DoublePointer;

/** Row e: products of square matrices, transposed or not, and of a matrix and a vector. */
final class MatrixRows {
    private static final int[] SIZES = {16, 32, 64, 128, 256, 512, 1024, 2048};
    private static final int[] TRANSPOSED = {64, 512};
    private static final int VECTOR = 2048;

    private MatrixRows() {}

    static List<Comparison> all() {
        List<Comparison> rows = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            for (int n : SIZES) {
                rows.add(product(n, false, false, threads));
            }
            for (int n : TRANSPOSED) {
                rows.add(product(n, true, false, threads));
                rows.add(product(n, false, true, threads));
            }
            rows.add(vector(threads));
        }
        return rows;
    }

    private static double target(int n) {
        return n >= 512 ? 0.95 : n >= 128 ? 0.9 : 0.8;
    }

    private static Comparison product(int n, boolean isLeftTransposed, boolean isRightTransposed, int threads) {
        String program = "A" + (isLeftTransposed ? ".T" : "") + " @ B" + (isRightTransposed ? ".T" : "");
        return Comparison.of("e", program + ", n = " + n, () -> Chainrule.value(program, matrices(n), threads))
                .peer("OpenBLAS", target(n), () -> gemm(n, isLeftTransposed, isRightTransposed, threads))
                .threads(threads).isLong(n > 512).build();
    }

    private static Map<String, Tensor> matrices(int n) {
        return Data.normal(1, "A", n, n, "B", n, n);
    }

    private static Contender gemm(int n, boolean isLeftTransposed, boolean isRightTransposed, int threads) {
        Map<String, Tensor> inputs = matrices(n);
        DoublePointer a = OpenBlas.array(inputs.get("A"));
        DoublePointer b = OpenBlas.array(inputs.get("B"));
        DoublePointer c = new DoublePointer((long) n * n);
        int left = isLeftTransposed ? CblasTrans : CblasNoTrans;
        int right = isRightTransposed ? CblasTrans : CblasNoTrans;
        return OpenBlas.call(threads, () -> cblas_dgemm(CblasRowMajor, left, right, n, n, n, 1, a, n, b, n, 0, c, n), c, n * n);
    }

    private static Comparison vector(int threads) {
        return Comparison.of("e", "A @ x, n = " + VECTOR, () -> Chainrule.value("A @ x", vectors(), threads))
                .peer("OpenBLAS", 0.95, () -> gemv(threads))
                .peer("OpenBLAS reading the same bytes", 0.8, () -> read(threads))
                .threads(threads).build();
    }

    private static Map<String, Tensor> vectors() {
        return Data.normal(1, "A", VECTOR, VECTOR, "x", VECTOR);
    }

    private static Contender gemv(int threads) {
        Map<String, Tensor> inputs = vectors();
        DoublePointer a = OpenBlas.array(inputs.get("A"));
        DoublePointer x = OpenBlas.array(inputs.get("x"));
        DoublePointer y = new DoublePointer((long) VECTOR);
        return OpenBlas.call(threads,
                () -> cblas_dgemv(CblasRowMajor, CblasNoTrans, VECTOR, VECTOR, 1, a, VECTOR, x, 1, 0, y, 1), y, VECTOR);
    }

    private static Contender read(int threads) {
        OpenBlas.threads(threads);
        DoublePointer a = OpenBlas.array(vectors().get("A"));
        return Contender.ofTime(() -> new double[]{cblas_dasum(VECTOR * VECTOR, a, 1)});
    }
}
