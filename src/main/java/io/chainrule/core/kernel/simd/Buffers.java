package io.chainrule.core.kernel.simd;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * Arrays of one length that are taken and given back, because the JVM would fill a new array with zeros each time. At most one array for
 * each processor is kept, so that their memory is bounded however many threads multiply. A queue would take as long as a small product.
 */
final class Buffers {
    /** @param place where the array is kept, negative if it is not */
    record Buffer(double[] values, int place) {}

    private final int length;
    /** Buffers stay in their places while they are taken: a flag is set faster than a reference, which the collector must be told of. */
    private final @Nullable Buffer[] kept = new Buffer[Runtime.getRuntime().availableProcessors()];
    /** Which of them are taken: 1, or else 0. Only the thread that took a buffer reads or writes its place. */
    private final AtomicIntegerArray taken = new AtomicIntegerArray(kept.length);

    Buffers(int length) {
        this.length = length;
    }

    Buffer take() {
        for (int i = 0; i < kept.length; i++) {
            if (taken.getPlain(i) == 0 && taken.compareAndSet(i, 0, 1)) {
                Buffer buffer = kept[i];
                if (buffer == null) {
                    buffer = new Buffer(new double[length], i);
                    kept[i] = buffer;
                }
                return buffer;
            }
        }
        return new Buffer(new double[length], -1);
    }

    void giveBack(Buffer buffer) {
        if (buffer.place >= 0) {
            taken.setRelease(buffer.place, 0);
        }
    }
}
