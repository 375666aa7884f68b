package io.chainrule.core.op;

import io.chainrule.core.tensor.Checkpoint;

/** Counts the elements that a loop has read, and checks the deadline now and then. */
final class Progress {
    /** About how many elements are read between two checks. */
    private static final int BETWEEN_CHECKS = 1 << 18;

    private final Checkpoint checkpoint;
    private int read;

    Progress(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    void add(int elements) {
        read += elements;
        if (read > BETWEEN_CHECKS) {
            read = 0;
            checkpoint.check();
        }
    }
}
