package io.chainrule.core.kernel.simd;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Decides when a kernel changes from its scalar form to its vector form. Code in the Vector API is about a thousand times slower until C2
 * has compiled it, since each vector is an object. So a kernel runs its scalar form, which gives the same bits, until it has done so much
 * work that compiling the vector form is worthwhile. A background thread then runs both forms on an example until the vector form is the
 * faster one. If C2 is turned off, that never happens, and the scalar form remains in use.
 */
final class Warmup {
    /** The work, in additions or elements, after which the vector form is compiled. It takes the scalar form some milliseconds. */
    private static final long ENOUGH = 1 << 22;
    /** Processor time after which the vector form is given up. On a busy machine it takes minutes. */
    private static final long LONGEST_NANOS = 20_000_000_000L;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int RUNS = 20;

    /** One thread warms up all kernels, one after the other, so that requests keep the other cores. */
    private static final Executor BACKGROUND = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().daemon().name("kernel warm-up").factory());

    /**
     * What kernels that do not wait ask. They ask as the others do, so that the JVM has seen both answers when it compiles the question.
     * Else it would compile all callers for the answer no, and throw that code away at the first yes; until they were compiled again,
     * vector forms would run at a thousandth of their speed.
     */
    static final Warmup DONE = new Warmup();

    private final Runnable scalar;
    private final Runnable vector;
    private final AtomicBoolean started = new AtomicBoolean();
    /** The work so far. Threads may overwrite each other's additions, since the count need not be exact. */
    private long seen;
    private volatile boolean warm;

    /** Both forms must do the same work. It should take compiled code some microseconds and run through all branches of the vector form. */
    Warmup(Runnable scalar, Runnable vector) {
        this.scalar = scalar;
        this.vector = vector;
    }

    private Warmup() {
        this(() -> {}, () -> {});
        warm = true;
    }

    /** Counts this much work, and tells whether to run it in the vector form. */
    boolean isWarm(long work) {
        if (warm) {
            return true;
        }
        seen += work;
        if (seen > ENOUGH && started.compareAndSet(false, true)) {
            BACKGROUND.execute(() -> run(0));
        }
        return false;
    }

    /**
     * Sets whether the vector form runs from now on, even if it is not compiled yet, and returns the setting before. Tests use it to
     * compare the results of both forms.
     */
    boolean choose(boolean isVector) {
        boolean before = warm;
        warm = isVector;
        return before;
    }

    /** Compiles the vector form now, if no work has asked for it yet. Returns false if it stays the slower one. */
    boolean complete() {
        if (!started.compareAndSet(false, true)) {
            return true;
        }
        long spent = 0;
        while (!warm && spent < LONGEST_NANOS) {
            spent += CompletableFuture.supplyAsync(this::compare, BACKGROUND).join();
        }
        return warm;
    }

    /** If the vector form is still slower, the comparison is repeated after those that wait already. */
    private void run(long spent) {
        long all = spent + compare();
        if (!warm && all < LONGEST_NANOS) {
            BACKGROUND.execute(() -> run(all));
        }
    }

    /** Compares both forms once, and returns the nanoseconds of processor time that it took. */
    private long compare() {
        long start = THREADS.getCurrentThreadCpuTime();
        long ofScalar = best(scalar);
        warm = best(vector) < ofScalar;
        return THREADS.getCurrentThreadCpuTime() - start;
    }

    private static long best(Runnable form) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            form.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }
}
