package io.chainrule.service.datasets;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Interrupts its thread if a single wait takes too long. The threads of a library that decode a damaged file may end without a result, for
 * which it would be waited for ever.
 */
final class WaitLimit implements AutoCloseable {
    private static final long MOST = TimeUnit.SECONDS.toNanos(10);
    private static final long BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Thread owner = Thread.currentThread();
    private volatile boolean isWaiting;
    private volatile long since;
    private volatile boolean isClosed;
    private volatile boolean isOver;

    WaitLimit() {
        Thread.ofVirtual().name("wait-limit").start(this::watch);
    }

    private void watch() {
        while (!isClosed && !isOver) {
            LockSupport.parkNanos(BETWEEN_LOOKS);
            if (isWaiting && System.nanoTime() - since > MOST) {
                isOver = true;
                owner.interrupt();
            }
        }
    }

    /** Waits within the limit; an interrupt is to end the wait. Returns what it returned. */
    boolean await(BooleanSupplier wait) {
        since = System.nanoTime();
        isWaiting = true;
        boolean result = wait.getAsBoolean();
        isWaiting = false;
        return result;
    }

    /** Whether a wait took too long. */
    boolean isOver() {
        return isOver;
    }

    @Override
    public void close() {
        isClosed = true;
        if (isOver) {
            // The interrupt was meant for the wait alone.
            Thread.interrupted();
        }
    }
}
