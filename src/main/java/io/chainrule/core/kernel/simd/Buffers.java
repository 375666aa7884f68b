package io.chainrule.core.kernel.simd;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Arrays of one length that are taken and given back, because the JVM would fill a new array with zeros each time. At most one array for
 * each processor is kept, so that their memory is bounded however many threads multiply. A queue would take as long as a small product.
 */
final class Buffers {
    private final int length;
    private final AtomicReferenceArray<double[]> free = new AtomicReferenceArray<>(Runtime.getRuntime().availableProcessors());

    Buffers(int length) {
        this.length = length;
    }

    double[] take() {
        for (int i = 0; i < free.length(); i++) {
            double[] buffer = free.getAndSet(i, null);
            if (buffer != null) {
                return buffer;
            }
        }
        return new double[length];
    }

    void giveBack(double[] buffer) {
        for (int i = 0; i < free.length(); i++) {
            if (free.compareAndSet(i, null, buffer)) {
                return;
            }
        }
    }
}
