package io.chainrule.core.execution;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that help any caller with parts of large loops as long as permits are free. Nobody waits for help: a thread that is alone runs
 * all parts itself.
 */
public final class ComputePool implements AutoCloseable {
    /**
     * How long a thread looks for work, or for the end of others' work, before it sleeps. Large loops of a run follow each other closely,
     * and waking up takes as long as this: with it, two threads take a tenth off a step of a small network; without it they gain nothing.
     */
    private static final long LONGEST_SPIN_NANOS = 50_000;

    private final int threads;
    private final Permits permits;
    private final ThreadPoolExecutor helpers;

    /**
     * Says how many threads may help. A helper takes a permit, and gives it back when there is nothing left to help with or others want it.
     */
    public interface Permits {
        boolean tryTake();

        /** Whether somebody waits for a permit that a helper holds. It is asked between parts. */
        boolean isWanted();

        void giveBack();

        /** So many threads may help at the same time. */
        static Permits of(int most) {
            Semaphore free = new Semaphore(most);
            return new Permits() {
                @Override
                public boolean tryTake() {
                    return free.tryAcquire();
                }

                @Override
                public boolean isWanted() {
                    return false;
                }

                @Override
                public void giveBack() {
                    free.release();
                }
            };
        }
    }

    /** Makes a pool for a caller that may use all cores. {@code threads} includes the caller's thread, and is at least 1. */
    public ComputePool(int threads) {
        this(threads, Permits.of(Math.max(0, threads - 1)));
    }

    /** @param threads how many threads may share a loop, the caller's included; at least 1 */
    public ComputePool(int threads, Permits permits) {
        if (threads < 1) {
            throw new IllegalArgumentException("a pool needs at least one thread, not " + threads);
        }
        this.threads = threads;
        this.permits = permits;
        this.helpers = new ThreadPoolExecutor(Math.max(1, threads - 1), Math.max(1, threads - 1), 1, TimeUnit.SECONDS,
                new Spinning(), Thread.ofPlatform().daemon().name("compute-", 0).factory());
        helpers.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs parts on the caller's thread and on those of the pool that are free. Several threads may ask the checkpoint at the same time.
     * What it throws ends the work on all of them.
     */
    public Parallel with(Checkpoint checkpoint) {
        return with(checkpoint, _ -> {});
    }

    /** Does the same, and tells how many nanoseconds a helper took for each of its parts, before the caller goes on. */
    public Parallel with(Checkpoint checkpoint, LongConsumer helped) {
        return new Parallel() {
            @Override
            public int threads() {
                return threads;
            }

            @Override
            public void run(int parts, IntConsumer part) {
                ComputePool.this.run(new Job(parts, part), helped);
            }

            @Override
            public void check() {
                checkpoint.check();
            }
        };
    }

    private void run(Job job, LongConsumer helped) {
        int together = 1;
        while (together < Math.min(job.parts, threads) && isHelped(job, helped)) {
            together++;
        }
        job.run();
        job.await();
    }

    /** Gives a helper to a job if a permit is free; returns whether it did. */
    private boolean isHelped(Job job, LongConsumer helped) {
        if (!permits.tryTake()) {
            return false;
        }
        try {
            helpers.execute(() -> {
                try {
                    job.help(permits, helped);
                } finally {
                    permits.giveBack();
                }
            });
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // Without another thread the caller's own one runs all parts.
            permits.giveBack();
            return false;
        }
    }

    /** Ends the threads, after the parts that they run. */
    @Override
    public void close() {
        helpers.close();
    }

    /** A queue whose readers look for a while before they sleep. */
    private static final class Spinning extends LinkedTransferQueue<Runnable> {
        private static final long serialVersionUID = 1;

        @Override
        public @Nullable Runnable poll(long timeout, TimeUnit unit) throws InterruptedException {
            long start = System.nanoTime();
            Runnable found = poll();
            while (found == null && System.nanoTime() - start < LONGEST_SPIN_NANOS) {
                Thread.onSpinWait();
                found = poll();
            }
            return found == null ? super.poll(timeout, unit) : found;
        }
    }

    /** Parts, each of which is run by the first thread that is free. */
    private static final class Job {
        private final int parts;
        private final IntConsumer part;
        private final AtomicInteger next = new AtomicInteger();
        private final CountDownLatch left;
        /** What the first of the parts that failed threw, so that the error does not depend on which thread was faster. */
        private final AtomicReference<@Nullable Failure> failure = new AtomicReference<>();

        private record Failure(int part, Throwable cause) {}

        Job(int parts, IntConsumer part) {
            this.parts = parts;
            this.part = part;
            this.left = new CountDownLatch(parts);
        }

        /** Runs parts until none is left. */
        void run() {
            for (int i = next.getAndIncrement(); i < parts; i = next.getAndIncrement()) {
                run(i);
                left.countDown();
            }
        }

        /** Runs parts until none is left or somebody else wants the permit. */
        void help(Permits permits, LongConsumer helped) {
            while (!permits.isWanted()) {
                int i = next.getAndIncrement();
                if (i >= parts) {
                    return;
                }
                long start = System.nanoTime();
                run(i);
                helped.accept(System.nanoTime() - start);
                left.countDown();
            }
        }

        private void run(int i) {
            try {
                Failure known = failure.get();
                if (known == null || i < known.part) {
                    part.accept(i);
                }
            } catch (RuntimeException | Error e) {
                Failure found = new Failure(i, e);
                failure.accumulateAndGet(found, (known, one) -> known == null || found.part < known.part ? one : known);
            }
        }

        /** Waits until no thread works on a part; not even an interrupt ends this sooner, since the parts write to the caller's arrays. */
        void await() {
            long start = System.nanoTime();
            while (left.getCount() > 0 && System.nanoTime() - start < LONGEST_SPIN_NANOS) {
                Thread.onSpinWait();
            }
            boolean isInterrupted = false;
            while (left.getCount() > 0) {
                try {
                    left.await();
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
            }
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
            Failure first = failure.get();
            if (first != null) {
                switch (first.cause) {
                    case RuntimeException e -> throw e;
                    case Error e -> throw e;
                    case Throwable e -> throw new IllegalStateException(e);
                }
            }
        }
    }
}
