package io.chainrule.core.tensor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Some of the threads of another. */
record FewerThreads(Parallel all, int threads) implements Parallel {
    @Override
    public void run(int parts, IntConsumer part) {
        AtomicInteger next = new AtomicInteger();
        all.run(Math.min(parts, threads), _ -> {
            try {
                for (int i = next.getAndIncrement(); i < parts; i = next.getAndIncrement()) {
                    part.accept(i);
                }
            } catch (RuntimeException | Error e) {
                // The other threads begin no further parts.
                next.set(parts);
                throw e;
            }
        });
    }

    @Override
    public void check() {
        all.check();
    }
}
