package io.chainrule.core.kernel.simd;

import java.util.concurrent.ArrayBlockingQueue;

/**
 * Arrays of one length that are lent and given back, since a new one would be filled with zeros each time. At most one for
 * each processor is kept, so that their memory is bounded however many threads multiply.
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
