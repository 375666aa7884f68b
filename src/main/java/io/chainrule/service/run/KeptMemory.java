package io.chainrule.service.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is loaded once and kept between requests. Its memory counts against the shared budget, and what was used least is dropped when
 * requests need it.
 */
public final class KeptMemory<K, V> {
    /** The most entries that are looked at to be dropped at once. */
    private static final int COLDEST = 64;

    private final Budget budget;
    private final long capacity;
    private final Cache<K, Entry<V>> entries;
    private final AtomicLong weight = new AtomicLong();
    private final Map<K, CompletableFuture<Optional<Entry<V>>>> underWay = new ConcurrentHashMap<>();

    private record Entry<V>(V value, long bytes, boolean isKept) {}

    /** A value that is about to be loaded, and the memory that it will take. */
    public record Loading<V>(long bytes, Supplier<V> value) {}

    /** At most {@code capacity} bytes are kept; what is larger is loaded anew for each request, which is charged for it. */
    public KeptMemory(Budget budget, long capacity) {
        this.budget = budget;
        this.capacity = capacity;
        entries = Caffeine.newBuilder().maximumWeight(capacity)
                .weigher((K _, Entry<V> entry) -> (int) Math.min(Integer.MAX_VALUE, entry.bytes))
                .executor(Runnable::run).<K, Entry<V>>removalListener((_, entry, _) -> {
                    if (entry != null) {
                        weight.addAndGet(-entry.bytes);
                        budget.giveBack(entry.bytes);
                    }
                }).build();
        budget.reclaimFrom(this::shrink);
    }

    /** The value of a key, which is loaded once for all who ask. Throws what loading throws, and as {@link Budget#reserve}. */
    public V get(K key, Supplier<Loading<V>> load) {
        Entry<V> known = entries.getIfPresent(key);
        while (known == null) {
            CompletableFuture<Optional<Entry<V>>> mine = new CompletableFuture<>();
            CompletableFuture<Optional<Entry<V>>> leader = underWay.putIfAbsent(key, mine);
            known = leader == null ? lead(key, mine, load) : await(leader);
        }
        return known.value;
    }

    private Entry<V> lead(K key, CompletableFuture<Optional<Entry<V>>> waiting, Supplier<Loading<V>> load) {
        Entry<V> entry = null;
        try {
            entry = loaded(load.get());
            if (entry.isKept) {
                entries.put(key, entry);
            }
            return entry;
        } finally {
            underWay.remove(key);
            waiting.complete(Optional.ofNullable(entry));
        }
    }

    /** Null if loading failed, as it may for a reason that concerns only the request that did it. */
    private @Nullable Entry<V> await(CompletableFuture<Optional<Entry<V>>> leader) {
        Turn turn = Turn.bound();
        Optional<Entry<V>> entry = turn == null ? leader.join() : turn.aside(() -> {
            Waiting.awaitEnd(leader, turn);
            return leader.join();
        });
        entry.filter(loaded -> !loaded.isKept).ifPresent(loaded -> Budget.addToLatest(loaded.bytes));
        return entry.orElse(null);
    }

    private Entry<V> loaded(Loading<V> loading) {
        long excess = weight.get() + loading.bytes - capacity;
        while (loading.bytes <= capacity && excess > 0 && shrink(excess) > 0) {
            excess = weight.get() + loading.bytes - capacity;
        }
        if (loading.bytes > capacity || !budget.keep(loading.bytes)) {
            Budget.addToLatest(loading.bytes);
            return new Entry<>(loading.value.get(), loading.bytes, false);
        }
        weight.addAndGet(loading.bytes);
        try {
            return new Entry<>(loading.value.get(), loading.bytes, true);
        } catch (RuntimeException | Error e) {
            weight.addAndGet(-loading.bytes);
            budget.giveBack(loading.bytes);
            throw e;
        }
    }

    /** Drops what was used least until this many bytes are free; returns how many were freed. */
    private long shrink(long bytes) {
        return dropColdest(entries, bytes, Entry::bytes);
    }

    /** Drops the entries of a cache that were used least until this many bytes are free. Returns how many bytes were freed. */
    static <K, E> long dropColdest(Cache<K, E> entries, long bytes, ToLongFunction<E> weight) {
        Optional<Policy.Eviction<K, E>> eviction = entries.policy().eviction();
        long freed = 0;
        if (eviction.isPresent()) {
            for (Map.Entry<K, E> coldest : eviction.get().coldest(COLDEST).entrySet()) {
                if (freed >= bytes) {
                    break;
                }
                freed += weight.applyAsLong(coldest.getValue());
                entries.invalidate(coldest.getKey());
            }
        }
        return freed;
    }
}
