package io.chainrule.core.kernel.simd;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Arrays of one length that are taken and given back, because the JVM would fill a new array with zeros each time. At most one array for
 * each processor is kept, so that their memory is bounded however many threads multiply. A queue would take as long as a small product.
 */
final class Buffers {
    private final int length;
    /** Never changed once they are made. A collector must be told of each reference that is stored, which takes longer than a flag. */
    private final double[][] arrays = new double[Runtime.getRuntime().availableProcessors()][];
    /** Which of the arrays are taken: 1, or else 0. Only the thread that took an array reads or writes its place. */
    private final AtomicIntegerArray taken = new AtomicIntegerArray(arrays.length);

    Buffers(int length) {
        this.length = length;
    }

    double[] take() {
        for (int i = 0; i < arrays.length; i++) {
            if (taken.getPlain(i) == 0 && taken.compareAndSet(i, 0, 1)) {
                if (arrays[i] == null) {
                    arrays[i] = new double[length];
                }
                return arrays[i];
            }
        }
        return new double[length];
    }

    void giveBack(double[] buffer) {
        for (int i = 0; i < arrays.length; i++) {
            if (arrays[i] == buffer) {
                taken.setRelease(i, 0);
                return;
            }
        }
    }
}
