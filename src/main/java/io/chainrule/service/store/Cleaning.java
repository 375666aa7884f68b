package io.chainrule.service.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is no longer needed, from time to time, on a thread of its own. If the database or the disk does not answer, this is logged,
 * and the next run tries again.
 */
public final class Cleaning {
    private static final Logger LOG = LoggerFactory.getLogger(Cleaning.class);

    private final String name;
    private final long between;
    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private final Semaphore isIdle = new Semaphore(1);

    /** What is to be done. */
    @FunctionalInterface
    public interface Task {
        void run() throws IOException;
    }

    /** Takes the name of what is removed, in the plural, and the least time between two beginnings. */
    public Cleaning(String name, Duration between) {
        this.name = name;
        this.between = between.toNanos();
    }

    /** Begins, unless it was begun a short time ago, or is still at work. */
    public void inTime(Task task) {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + between)) {
            begin(task);
        }
    }

    /** Begins at once, unless it is still at work. */
    public void now(Task task) {
        next.set(System.nanoTime() + between);
        begin(task);
    }

    private void begin(Task task) {
        if (!isIdle.tryAcquire()) {
            return;
        }
        Thread.ofVirtual().name("cleaning").start(() -> {
            try {
                task.run();
            } catch (StoreUnavailableException | IOException | UncheckedIOException e) {
                LOG.warn("Some {} that are not needed could not be removed: {}", name, e.getMessage());
            } finally {
                isIdle.release();
            }
        });
    }
}
