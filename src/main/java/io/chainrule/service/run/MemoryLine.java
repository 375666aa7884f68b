package io.chainrule.service.run;

import io.chainrule.core.tensor.Checkpoint;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;

/**
 * Requests that wait for memory, without a permit to compute, in the order in which they came. Each may hold memory already, and use memory
 * that is kept. A request is refused at once if not all who wait could be served by those who do not wait, so that they never wait for each
 * other.
 */
final class MemoryLine {
    /** More could not be served soon. */
    private static final int MOST_WAITING = 64;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final long BETWEEN_CHECKS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Waiter> waiting = new ArrayDeque<>();
    private final long total;
    private final Duration longest;
    /** Takes bytes of the budget if they are free. */
    private final LongPredicate taking;
    /** Gives bytes back to the budget, which then calls {@link #serve}. */
    private final LongConsumer giving;
    private volatile int length;

    private static final class Waiter {
        final long wanted;
        final long held;
        final Set<KeptMemory<?, ?>.Entry> kept;
        final Thread thread = Thread.currentThread();
        volatile boolean isServed;
        private boolean hasLeft;

        Waiter(long wanted, long held, Set<KeptMemory<?, ?>.Entry> kept) {
            this.wanted = wanted;
            this.held = held;
            this.kept = kept;
        }
    }

    MemoryLine(long total, Duration longest, LongPredicate taking, LongConsumer giving) {
        this.total = total;
        this.longest = longest;
        this.taking = taking;
        this.giving = giving;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** Returns the refusal of a request that cannot have memory soon. It tells how many requests wait. */
    OverloadedException full() {
        return OverloadedException.ofMemory(length, RETRY_AFTER);
    }

    int length() {
        return length;
    }

    /**
     * Returns once the bytes have been taken. Throws {@link OverloadedException} if that would take, or takes, too long; the time of this
     * thread's turn ends it sooner, as does the end of its client. Nothing is taken then.
     *
     * @param held what the request has reserved already
     */
    void await(long wanted, long held) {
        Turn turn = Turn.bound();
        Waiter waiter = new Waiter(wanted, held, turn == null ? Set.of() : turn.kept.entries());
        enter(waiter);
        try {
            if (turn == null) {
                await(waiter, Checkpoint.NONE);
            } else {
                turn.aside(() -> await(waiter, turn));
            }
        } catch (RuntimeException | Error e) {
            leave(waiter);
            throw e;
        }
    }

    private void enter(Waiter waiter) {
        lock.lock();
        try {
            long held = waiter.held;
            long most = waiter.wanted;
            // Several may use the same, which is in memory once.
            Set<KeptMemory<?, ?>.Entry> kept = new HashSet<>(waiter.kept);
            for (Waiter other : waiting) {
                held += other.held;
                most = Math.max(most, other.wanted);
                kept.addAll(other.kept);
            }
            for (KeptMemory<?, ?>.Entry entry : kept) {
                held += entry.bytes;
            }
            if (longest.isZero() || waiting.size() >= MOST_WAITING || held + most > total) {
                throw full();
            }
            waiting.add(waiter);
            length = waiting.size();
            // Memory may have been released since it was found missing.
            serve();
        } finally {
            lock.unlock();
        }
    }

    private boolean await(Waiter waiter, Checkpoint checkpoint) {
        long end = System.nanoTime() + longest.toNanos();
        boolean isInterrupted = false;
        try {
            while (!waiter.isServed) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw full();
                }
                LockSupport.parkNanos(this, Math.min(left, BETWEEN_CHECKS));
                isInterrupted |= Thread.interrupted();
                checkpoint.check();
                // Kept memory may have been freed by a thread that does not serve the line.
                serve();
            }
            return true;
        } catch (RuntimeException | Error e) {
            // Before the turn waits for its permit again: others wait behind this request.
            leave(waiter);
            throw e;
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Takes a request out of the line that gave up; what it was given meanwhile is given back. Once it has left, nothing is done. */
    private void leave(Waiter waiter) {
        lock.lock();
        try {
            if (waiter.hasLeft) {
                return;
            }
            waiter.hasLeft = true;
            waiting.remove(waiter);
            length = waiting.size();
        } finally {
            lock.unlock();
        }
        giving.accept(waiter.isServed ? waiter.wanted : 0);
    }

    /** Gives free memory to those who have waited longest. To be called whenever memory has been released. */
    void serve() {
        if (length == 0) {
            return;
        }
        lock.lock();
        try {
            Waiter first = waiting.peek();
            while (first != null && taking.test(first.wanted)) {
                waiting.remove();
                length = waiting.size();
                first.isServed = true;
                LockSupport.unpark(first.thread);
                first = waiting.peek();
            }
        } finally {
            lock.unlock();
        }
    }
}
