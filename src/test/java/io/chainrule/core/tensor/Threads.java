package io.chainrule.core.tensor;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** So many threads for as long as this is open. They share loops however short these are, so that tests see what depends on it. */
public record Threads(int threads, ExecutorService executor) implements Parallel, AutoCloseable {
    public static Threads of(int threads) {
        return new Threads(threads, Executors.newFixedThreadPool(threads));
    }

    @Override
    public void run(int parts, IntConsumer part) {
        try {
            var tasks = IntStream.range(0, parts).<Callable<Void>>mapToObj(i -> () -> {
                part.accept(i);
                return null;
            }).toList();
            for (var done : executor.invokeAll(tasks)) {
                done.get();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public int operationsAPart() {
        return 1;
    }

    @Override
    public void check() {}

    @Override
    public void close() {
        executor.close();
    }
}
