package io.chainrule.service.run;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Lets a request wait for a result that another thread computes. */
public final class Waiting {
    /** The interval, in milliseconds, at which a waiting request checks its deadline and its client. */
    private static final long BETWEEN_CHECKS = 100;

    private Waiting() {}

    /** Waits without a permit, if this thread handles a request, and returns the result. */
    public static <T> T aside(CompletableFuture<T> result) {
        Turn turn = Turn.bound();
        if (turn != null && !result.isDone()) {
            turn.aside(() -> {
                awaitEnd(result, turn);
                return true;
            });
        }
        return result.join();
    }

    /** Returns once a thread has ended, also if this one is interrupted meanwhile. */
    public static void forEnd(Thread thread) {
        boolean isInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns once {@code result} is there or has failed, and looks meanwhile whether the request is to end. */
    static void awaitEnd(Future<?> result, Turn turn) {
        while (!result.isDone()) {
            turn.check();
            try {
                result.get(BETWEEN_CHECKS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException | CancellationException _) {
                // Whether it has failed is seen by who asks for the result.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new OverloadedException(OverloadedException.Resource.CORES,
                        "the request was interrupted while it waited for what another computes", turn.time.allowed());
            }
        }
    }
}
