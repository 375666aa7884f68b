package io.chainrule.benchmark;

import io.chainrule.core.tensor.Tensor;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/** OpenBLAS in this process, on arrays outside of the heap, so that a call copies nothing. */
final class OpenBlas {
    private OpenBlas() {}

    /** Lets OpenBLAS use so many threads, in this process. */
    static void threads(int number) {
        Loader.load(openblas.class);
        openblas.blas_set_num_threads(number);
    }

    static DoublePointer array(Tensor tensor) {
        return new DoublePointer(tensor.data());
    }

    static double[] read(DoublePointer pointer, int length) {
        double[] values = new double[length];
        pointer.position(0).get(values);
        return values;
    }

    /** Work of one call, whose result is in {@code result}. */
    static Contender call(int threads, Runnable call, DoublePointer result, int length) {
        threads(threads);
        return new Contender() {
            @Override
            public Object run() {
                call.run();
                return result;
            }

            @Override
            public double[] results() {
                return read(result, length);
            }
        };
    }
}
