package io.chainrule.core.kernel;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** So many threads for as long as this is open. */
record Threads(int threads, ExecutorService executor) implements Parallel, AutoCloseable {
    static Threads of(int threads) {
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
    public void close() {
        executor.close();
    }
}
