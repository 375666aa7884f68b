package io.chainrule.core.kernel.simd;

import java.util.concurrent.ArrayBlockingQueue;

/**
 * Arrays of one length that are taken and given back, because the JVM would fill a new array with zeros each time. At most one array for
 * each processor is kept, so that their memory is bounded however many threads multiply matrices.
 */
final class Buffers {
    private final int length;
    private final ArrayBlockingQueue<double[]> free = new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());

    Buffers(int length) {
        this.length = length;
    }

    double[] take() {
        double[] buffer = free.poll();
        return buffer == null ? new double[length] : buffer;
    }

    void giveBack(double[] buffer) {
        free.offer(buffer);
    }
}
