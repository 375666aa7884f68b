package io.chainrule.service.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import java.util.List;
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
 * requests need it. What a request or job uses counts until its turn ends, also if it is dropped before.
 */
public final class KeptMemory<K, V> {
    /** The most entries that are looked at to be dropped at once. */
    private static final int COLDEST = 64;

    private final Budget budget;
    private final long capacity;
    private final Cache<K, Entry<V>> entries;
    private final AtomicLong weight = new AtomicLong();
    private final AtomicLong inUse = new AtomicLong();
    private final Map<K, CompletableFuture<Optional<Entry<V>>>> underWay = new ConcurrentHashMap<>();

    private static final class Entry<V> {
        final V value;
        final long bytes;
        final boolean isKept;
        private final AtomicLong inUse;
        private int users;
        private boolean isDropped;

        Entry(V value, long bytes, boolean isKept, AtomicLong inUse) {
            this.value = value;
            this.bytes = bytes;
            this.isKept = isKept;
            this.inUse = inUse;
        }

        /** Notes a user; returns false if the entry does not count any more. */
        synchronized boolean enter() {
            if (isDropped && users == 0) {
                return false;
            }
            if (users++ == 0) {
                inUse.addAndGet(bytes);
            }
            return true;
        }

        /** Returns whether the entry does not count from now on. */
        synchronized boolean leave() {
            if (--users == 0) {
                inUse.addAndGet(-bytes);
            }
            return isDropped && users == 0;
        }

        /** Returns the same. */
        synchronized boolean drop() {
            isDropped = true;
            return users == 0;
        }

        /** The bytes that are free once the entry is dropped. */
        synchronized long freed() {
            return users == 0 ? bytes : 0;
        }
    }

    /** A value that is about to be loaded, and the memory that it will take. */
    public record Loading<V>(long bytes, Supplier<V> value) {}

    /**
     * At most {@code capacity} bytes are kept that nobody uses; what is larger is loaded anew for each request, which is charged for it.
     * Nothing is dropped for want of room as long as it is used, since that would free no memory.
     */
    public KeptMemory(Budget budget, long capacity) {
        this.budget = budget;
        this.capacity = capacity;
        entries = Caffeine.newBuilder().maximumWeight(Long.MAX_VALUE)
                .weigher((K _, Entry<V> entry) -> (int) Math.min(Integer.MAX_VALUE, entry.bytes))
                .executor(Runnable::run).<K, Entry<V>>removalListener((_, entry, _) -> {
                    if (entry != null && entry.drop()) {
                        weight.addAndGet(-entry.bytes);
                        budget.giveBack(entry.bytes);
                    }
                }).build();
        budget.reclaimFrom(this::shrink);
    }

    /** The value of a key, which is loaded once for all who ask. Throws what loading throws, and as {@link Budget#reserve}. */
    public V get(K key, Supplier<Loading<V>> load) {
        Entry<V> known = used(entries.getIfPresent(key));
        while (known == null) {
            CompletableFuture<Optional<Entry<V>>> mine = new CompletableFuture<>();
            CompletableFuture<Optional<Entry<V>>> leader = underWay.putIfAbsent(key, mine);
            known = leader == null ? lead(key, mine, load) : used(await(leader));
        }
        return known.value;
    }

    /** Has an entry count until the turn of this thread ends. Returns null if it has been dropped, and does not count any more. */
    private @Nullable Entry<V> used(@Nullable Entry<V> entry) {
        Turn turn = Turn.bound();
        if (entry == null || turn == null || !entry.isKept) {
            return entry;
        }
        if (!entry.enter()) {
            return null;
        }
        turn.ends.add(() -> {
            if (entry.leave()) {
                weight.addAndGet(-entry.bytes);
                budget.giveBack(entry.bytes);
            }
            budget.serve();
        });
        return entry;
    }

    private Entry<V> lead(K key, CompletableFuture<Optional<Entry<V>>> waiting, Supplier<Loading<V>> load) {
        Entry<V> entry = null;
        try {
            entry = loaded(load.get());
            if (entry.isKept) {
                // Before others may drop it.
                used(entry);
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
        long excess = excess(loading);
        while (loading.bytes <= capacity && excess > 0 && shrink(excess) > 0) {
            excess = excess(loading);
        }
        if (loading.bytes > capacity || !budget.keep(loading.bytes)) {
            Budget.addToLatest(loading.bytes);
            return new Entry<>(loading.value.get(), loading.bytes, false, inUse);
        }
        weight.addAndGet(loading.bytes);
        try {
            return new Entry<>(loading.value.get(), loading.bytes, true, inUse);
        } catch (RuntimeException | Error e) {
            weight.addAndGet(-loading.bytes);
            budget.giveBack(loading.bytes);
            throw e;
        }
    }

    /** The bytes by which what nobody uses would be too much. */
    private long excess(Loading<V> loading) {
        return weight.get() - inUse.get() + loading.bytes - capacity;
    }

    /** Drops what was used least until this many bytes are free; returns how many were freed. */
    private long shrink(long bytes) {
        return dropColdest(entries, bytes, Entry::freed);
    }

    /**
     * Drops the entries of a cache that were used least until this many bytes are free. Returns how many bytes were freed.
     *
     * @param weight the bytes that are free once an entry is dropped; one of which none would be stays
     */
    static <K, E> long dropColdest(Cache<K, E> entries, long bytes, ToLongFunction<E> weight) {
        Optional<Policy.Eviction<K, E>> eviction = entries.policy().eviction();
        long freed = 0;
        if (eviction.isPresent()) {
            List<Policy.CacheEntry<K, E>> coldest = eviction.get()
                    .coldest(all -> all.filter(entry -> weight.applyAsLong(entry.getValue()) > 0).limit(COLDEST).toList());
            for (Policy.CacheEntry<K, E> entry : coldest) {
                if (freed >= bytes) {
                    break;
                }
                freed += weight.applyAsLong(entry.getValue());
                entries.invalidate(entry.getKey());
            }
        }
        return freed;
    }
}
