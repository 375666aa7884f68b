package io.chainrule.core.kernel.simd;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Decides when a kernel changes from its scalar form to its vector form. Until C2 has compiled it, code in the Vector API is
 * about a thousand times slower, since each vector is an object. So a kernel runs its scalar form, which gives the same bits, until it has seen
 * so much work that the vector form may pay. A background thread then runs both forms on an example until the vector form is the faster one.
 * It never is where C2 is turned off; the scalar form remains then.
 */
final class Warmup {
    /** About the work of some milliseconds in the scalar form, in additions or elements. */
    private static final long ENOUGH = 1 << 22;
    private static final long LONGEST_NANOS = 20_000_000_000L;
    private static final int RUNS = 20;

    /** One thread for all kernels in turn, so that those who wait for results keep the other cores. */
    private static final Executor BACKGROUND = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().daemon().name("kernel warm-up").factory());

    private final Runnable scalar;
    private final Runnable vector;
    private final AtomicBoolean started = new AtomicBoolean();
    /** Threads may overwrite each other's additions: the count need not be exact. */
    private long seen;
    private volatile boolean warm;

    /** Both forms do the same work, which takes C2's code some microseconds and meets all branches of the vector form. */
    Warmup(Runnable scalar, Runnable vector) {
        this.scalar = scalar;
        this.vector = vector;
    }

    /** Whether to run so much work in the vector form. */
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

    /** Compares both forms once, and waits for its turn to do so again. */
    private void run(long spent) {
        long start = System.nanoTime();
        long ofScalar = best(scalar);
        warm = best(vector) < ofScalar;
        long all = spent + System.nanoTime() - start;
        if (!warm && all < LONGEST_NANOS) {
            BACKGROUND.execute(() -> run(all));
        }
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
