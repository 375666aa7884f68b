package io.chainrule.service.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Compiled;
import io.chainrule.core.Program;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.cache.CaffeineCacheMetrics;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Keeps compiled functions, by program and signature, and evicts those that are used least. Their memory counts against the shared
 * budget, and entries are dropped when requests need it. It holds no input's values.
 */
@Component
public final class FunctionCache {
    /** The most functions that are dropped in one go when a request needs memory. */
    private static final int COLDEST = 64;

    private final Cache<Key, Entry> entries;
    private final Map<Key, CompletableFuture<Entry>> underWay = new ConcurrentHashMap<>();
    private final Budget budget;
    private final long capacity;

    private record Key(Source source, Signature signature) {}

    /** {@code taken} is the memory that compiling charged to the request; a hit charges the same. {@code weight} adds the key. */
    private record Entry(Compiled function, long taken, long weight) {}

    public FunctionCache(Limits limits, Budget budget, MeterRegistry registry) {
        this.budget = budget;
        capacity = limits.cacheBytes();
        entries = Caffeine.newBuilder().maximumWeight(capacity).weigher((Key key, Entry entry) -> weight(entry.weight)).recordStats()
                .executor(Runnable::run).<Key, Entry>removalListener((_, entry, _) -> giveBack(entry)).build();
        budget.reclaimFrom(this::shrink);
        CaffeineCacheMetrics.monitor(registry, entries, "functions");
    }

    private static int weight(long bytes) {
        return (int) Math.min(Integer.MAX_VALUE, bytes);
    }

    /** The function of a source and a signature. Concurrent misses compile it once. A hit charges {@code limits} as a miss does. */
    Compiled get(Source source, Signature signature, Deadline deadline, BuildLimits limits) {
        if (capacity == 0) {
            return compile(source, signature, limits).function;
        }
        Key key = new Key(source, signature);
        Entry known = entries.getIfPresent(key);
        if (known == null) {
            CompletableFuture<Entry> mine = new CompletableFuture<>();
            CompletableFuture<Entry> others = underWay.putIfAbsent(key, mine);
            if (others == null) {
                return compile(key, mine, limits);
            }
            known = await(others, deadline);
            if (known == null) {
                return compile(source, signature, limits).function;
            }
        }
        limits.growth().accept(known.taken);
        return known.function;
    }

    private Compiled compile(Key key, CompletableFuture<Entry> waiting, BuildLimits limits) {
        try {
            Entry entry = compile(key.source, key.signature, limits);
            if (budget.keep(entry.weight)) {
                entries.put(key, entry);
            }
            waiting.complete(entry);
            return entry.function;
        } catch (RuntimeException | Error e) {
            waiting.completeExceptionally(e);
            throw e;
        } finally {
            underWay.remove(key);
        }
    }

    private static Entry compile(Source source, Signature signature, BuildLimits limits) {
        AtomicLong taken = new AtomicLong();
        BuildLimits counted = limits.withGrowth(bytes -> {
            taken.addAndGet(bytes);
            limits.growth().accept(bytes);
        });
        Compiled function = Compiled.of(Program.of(source, limits.nesting()).bind(signature, counted), counted);
        return new Entry(function, taken.get(), taken.get() + source.bytes() + signature.bytes());
    }

    /** Waits for the entry that another request compiles; null if that failed for a reason of its own, such as its deadline or memory. */
    private static @Nullable Entry await(CompletableFuture<Entry> other, Deadline deadline) {
        try {
            return other.get(Math.max(1, deadline.left().toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            deadline.check();
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProblemException || e.getCause() instanceof LimitException) {
                throw (RuntimeException) e.getCause();
            }
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private void giveBack(@Nullable Entry entry) {
        if (entry != null) {
            budget.giveBack(entry.weight);
        }
    }

    /** Drops the least used functions until this many bytes are free; answers how many were freed. */
    private long shrink(long bytes) {
        Optional<Policy.Eviction<Key, Entry>> eviction = entries.policy().eviction();
        long freed = 0;
        if (eviction.isPresent()) {
            for (Map.Entry<Key, Entry> coldest : eviction.get().coldest(COLDEST).entrySet()) {
                if (freed >= bytes) {
                    break;
                }
                freed += coldest.getValue().weight;
                entries.invalidate(coldest.getKey());
            }
        }
        return freed;
    }

    /** The number of functions in the cache. */
    public long size() {
        return entries.estimatedSize();
    }
}
