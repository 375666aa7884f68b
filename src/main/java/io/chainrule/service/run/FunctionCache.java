package io.chainrule.service.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Compiled;
import io.chainrule.core.Program;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.cache.CaffeineCacheMetrics;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Keeps compiled functions by program and signature, and evicts those that are used least. Their memory counts against the shared budget,
 * and entries are dropped when requests need it. The cache holds no input values.
 */
@Component
public final class FunctionCache {
    private static final String NAME = "functions";
    /** No more than this part of what requests share is kept: a full heap is collected often. */
    static final int PART_OF_BUDGET = 3;
    /** So many keys are remembered, by their hashes, to see what is asked for again. */
    private static final int MOST_ASKED = 10_000;

    private static final double SECONDS_A_NODE = 10e-6;
    private static final double MOST_SECONDS_A_NODE = 100e-6;
    /** Smaller programs are compiled at once. */
    private static final int LEAST_NODES = 200;

    private final Cache<Key, Entry> entries;
    private final NodePaces paces = new NodePaces(SECONDS_A_NODE, MOST_SECONDS_A_NODE, LEAST_NODES);
    private final Map<Key, CompletableFuture<Entry>> underWay = new ConcurrentHashMap<>();
    /** The hashes of what has been asked for lately. */
    private final Cache<Integer, Boolean> asked = Caffeine.newBuilder().maximumSize(MOST_ASKED).executor(Runnable::run).build();
    private final Budget budget;
    private final long capacity;
    /** What the functions take, their keys included. */
    private final AtomicLong weight = new AtomicLong();

    /** Each request hashes and compares it and the {@link Signature}: the methods that a record has took 5 % of a small request. */
    private record Key(Source source, Signature signature, BuildLimits.Sizes sizes) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && source.equals(key.source) && signature.equals(key.signature) && sizes.equals(key.sizes);
        }

        @Override
        public int hashCode() {
            return 31 * source.hashCode() + signature.hashCode();
        }
    }

    /** {@code taken} is the memory that compiling charged to the request; a hit charges the same. {@code weight} adds the key. */
    private record Entry(Compiled function, long taken, long weight) {}

    public FunctionCache(Limits limits, Budget budget, MeterRegistry registry) {
        this.budget = budget;
        capacity = Math.min(limits.cacheBytes(), budget.total() / PART_OF_BUDGET);
        entries = Caffeine.newBuilder().maximumWeight(capacity).weigher((Key key, Entry entry) -> weight(entry.weight)).recordStats()
                .executor(Runnable::run).<Key, Entry>removalListener((_, entry, _) -> giveBack(entry)).build();
        budget.reclaimFrom(this::shrink);
        CaffeineCacheMetrics.monitor(registry, entries, NAME);
        Gauge.builder("cache.weight", weight, AtomicLong::get).tag("cache", NAME).baseUnit("bytes")
                .description("What the functions in the cache take, their keys included").register(registry);
    }

    private static int weight(long bytes) {
        return (int) Math.min(Integer.MAX_VALUE, bytes);
    }

    /**
     * Returns the function of a source and a signature within limits. Concurrent misses compile it once. A hit charges {@code limits} as a
     * miss does.
     */
    Compiled get(Source source, Signature signature, Turn turn, BuildLimits limits) {
        Key key = new Key(source, signature, limits.sizes());
        if (capacity == 0) {
            return compile(key, turn, limits).function;
        }
        Entry known = entries.getIfPresent(key);
        while (known == null) {
            CompletableFuture<Entry> mine = new CompletableFuture<>();
            CompletableFuture<Entry> leader = underWay.putIfAbsent(key, mine);
            if (leader == null) {
                return lead(key, mine, turn, limits);
            }
            known = await(leader, turn);
        }
        return charged(key, known, turn, limits);
    }

    /** Compiles the function for all requests that wait for it, unless the entry has appeared since the cache was read. */
    private Compiled lead(Key key, CompletableFuture<Entry> waiting, Turn turn, BuildLimits limits) {
        Entry known = entries.policy().getIfPresentQuietly(key);
        try {
            Entry entry = known == null ? compile(key, turn, limits) : known;
            if (known == null && isWorthKeeping(key, entry) && budget.keep(entry.weight)) {
                weight.addAndGet(entry.weight);
                makeRoom();
                entries.put(key, entry);
            }
            underWay.remove(key);
            waiting.complete(entry);
            return known == null ? entry.function : charged(key, known, turn, limits);
        } catch (RuntimeException | Error e) {
            underWay.remove(key);
            waiting.completeExceptionally(e);
            throw e;
        }
    }

    /**
     * What is asked for once is kept only where nothing has to leave for it. Many such functions would fill the heap with what lives long.
     */
    private boolean isWorthKeeping(Key key, Entry entry) {
        boolean isAskedAgain = asked.asMap().put(key.hashCode(), true) != null;
        return entry.weight <= (isAskedAgain ? capacity : capacity - weight.get());
    }

    /**
     * Charges the request the memory that compiling would have charged. If that is refused, the function is compiled again, so that the
     * refusal is the same as on a miss.
     */
    private Compiled charged(Key key, Entry known, Turn turn, BuildLimits limits) {
        try {
            limits.growth().accept(known.taken);
            return known.function;
        } catch (LimitException e) {
            return compile(key, turn, limits).function;
        }
    }

    private Entry compile(Key key, Turn turn, BuildLimits limits) {
        AtomicLong taken = new AtomicLong();
        Class<? extends Transformation> kind = key.signature.transformation().getClass();
        BuildLimits counted = limits.telling(bytes -> {
            taken.addAndGet(bytes);
            limits.growth().accept(bytes);
        }, nodes -> prepare(turn, nodes, kind));
        double before = turn.used();
        BoundProgram bound = Program.of(key.source, limits.nesting()).bind(key.signature, counted);
        int nodes = bound.program().graph().size();
        turn.time.expect(paces.seconds(kind, nodes));
        prepare(turn, nodes, kind);
        Compiled function = Compiled.of(bound, counted);
        paces.took(kind, nodes, turn.used() - before);
        return new Entry(function, taken.get(), function.bytes() + key.source.bytes() + key.signature.bytes());
    }

    /** Waits for its turn to compile so many nodes, before they are made: requests that wait hold little memory. */
    private void prepare(Turn turn, long nodes, Class<? extends Transformation> kind) {
        double seconds = paces.seconds(kind, nodes);
        if (turn.isGranted && seconds > 0) {
            turn.prepare(seconds);
        }
    }

    /**
     * Waits for the entry that another request compiles. Returns null if compiling failed for a reason that concerns only that request,
     * such as its deadline, its memory or its client.
     */
    private @Nullable Entry await(CompletableFuture<Entry> leader, Turn turn) {
        return turn.aside(() -> {
            Waiting.awaitEnd(leader, turn);
            try {
                return leader.join();
            } catch (CancellationException _) {
                return null;
            } catch (CompletionException e) {
                if (e.getCause() instanceof ProblemException
                        || e.getCause() instanceof LimitException limit && !limit.limit().equals(Budget.LIMIT)) {
                    throw (RuntimeException) e.getCause();
                }
                return null;
            }
        });
    }

    private void giveBack(@Nullable Entry entry) {
        if (entry != null) {
            weight.addAndGet(-entry.weight);
            budget.giveBack(entry.weight);
        }
    }

    /** Makes room for a new entry. Otherwise Caffeine would reject it in favour of entries that were used more often. */
    private void makeRoom() {
        long excess = weight.get() - capacity;
        while (excess > 0 && shrink(excess) > 0) {
            excess = weight.get() - capacity;
        }
    }

    /** Drops the least used functions until this many bytes are free; returns how many were freed. */
    private long shrink(long bytes) {
        return KeptMemory.dropColdest(entries, bytes, _ -> true, (key, entry) -> {
            entries.invalidate(key);
            return entry.weight;
        });
    }

    /** The number of functions in the cache. */
    public long size() {
        return entries.estimatedSize();
    }
}
