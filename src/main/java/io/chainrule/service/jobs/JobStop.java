package io.chainrule.service.jobs;

import io.chainrule.service.run.RequestTime;
import io.chainrule.service.run.Turn;
import io.chainrule.service.store.StoreUnavailableException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether an attempt at a job has to end, and why; and whether it tries again what it could not store while the store was away. */
final class JobStop {
    private static final long BETWEEN_TRIES = TimeUnit.SECONDS.toNanos(1);
    /** When the service ends, an attempt stores its state, or how it has ended, within this time. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    private final AtomicLong waited = new AtomicLong();
    private volatile boolean isEnding;
    private volatile long endingSince;
    private volatile boolean storesStates;
    private volatile JobStoppedException.@Nullable Reason stopped;

    /** Has the attempt end as soon as it has stored its state, since the service ends. */
    void end() {
        endingSince = System.nanoTime();
        isEnding = true;
    }

    boolean isEnding() {
        return isEnding;
    }

    private boolean isLate() {
        return isEnding && System.nanoTime() - endingSince > PATIENCE;
    }

    /** Notes that the attempt asks when to store a state. */
    void storesStates() {
        storesStates = true;
    }

    /** Has the attempt end at once. The first reason stays. */
    synchronized void endNow(JobStoppedException.Reason reason) {
        stopped = stopped == null ? reason : stopped;
    }

    /** Whether the attempt has to end without storing a state any more. */
    boolean hasToEndNow() {
        return stopped != null || isEnding && !storesStates || isLate();
    }

    /** Why the attempt has to end. */
    JobStoppedException.Reason reason() {
        JobStoppedException.Reason found = stopped;
        return found != null ? found : isEnding ? JobStoppedException.Reason.SHUTDOWN : JobStoppedException.Reason.CANCELLED;
    }

    void check() {
        if (hasToEndNow()) {
            throw new JobStoppedException(reason());
        }
    }

    /** For how many nanoseconds the attempt has waited for the store in {@link #untilStored}. */
    long waited() {
        return waited.get();
    }

    /**
     * Stores something, and tries it again while the database is away. Throws {@link StoreUnavailableException} if a file is away, which
     * another replica may reach, once another attempt has begun, or once the service has been ending for too long to wait any more.
     *
     * @param mayWait whether it is worth while to try again
     */
    <T extends @Nullable Object> T untilStored(Supplier<T> storing, BooleanSupplier mayWait) {
        return RequestTime.untimed(() -> Turn.asideOfBound(() -> {
            while (true) {
                long begin = System.nanoTime();
                try {
                    return storing.get();
                } catch (StoreUnavailableException e) {
                    boolean isOver = isLate() || stopped == JobStoppedException.Reason.TAKEN_OVER || e.isOfFile();
                    if (isOver || !mayWait.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                        throw e;
                    }
                    LockSupport.parkNanos(BETWEEN_TRIES);
                    waited.addAndGet(System.nanoTime() - begin);
                }
            }
        }));
    }
}
