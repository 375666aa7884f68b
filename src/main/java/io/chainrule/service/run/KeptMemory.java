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
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is loaded once and kept between requests. Its memory counts against the shared budget. When requests need memory, values that no
 * turn uses are dropped, and first those that were used least recently. What a turn uses stays until the turn ends, and counts as the
 * turn's own.
 */
public final class KeptMemory<K, V> {
    /** The most entries that are looked at to be dropped at once. */
    private static final int COLDEST = 64;

    private final Budget budget;
    private final long capacity;
    private final Cache<K, Entry> entries = Caffeine.newBuilder().maximumSize(Long.MAX_VALUE).executor(Runnable::run).build();
    /** The bytes of values that no turn uses. */
    private final AtomicLong idle = new AtomicLong();
    private final Map<K, CompletableFuture<Optional<Entry>>> underWay = new ConcurrentHashMap<>();

    /** A value, and how many turns use it. */
    final class Entry {
        final long bytes;
        private final V value;
        private final boolean isKept;
        private int users;
        private boolean isDropped;

        private Entry(V value, long bytes, boolean isKept) {
            this.value = value;
            this.bytes = bytes;
            this.isKept = isKept;
        }

        /** Adds a user. Returns false, and adds none, if the entry has been dropped. */
        synchronized boolean enter() {
            if (isDropped) {
                return false;
            }
            if (users++ == 0) {
                idle.addAndGet(-bytes);
            }
            return true;
        }

        /** Removes a user. */
        void leave() {
            synchronized (this) {
                if (--users == 0) {
                    idle.addAndGet(bytes);
                }
            }
            makeRoom(0);
            budget.serve();
        }

        private synchronized boolean isIdle() {
            return users == 0 && !isDropped;
        }

        /** Has nobody use the entry from now on. Returns false, and does nothing, if it is in use or has been dropped before. */
        private synchronized boolean drop() {
            boolean isIdle = isIdle();
            isDropped |= isIdle;
            return isIdle;
        }
    }

    /** A value that is about to be loaded, and the memory that it will take. */
    public record Loading<V>(long bytes, Supplier<V> value) {}

    /**
     * At most {@code capacity} bytes are kept that nobody uses. A value that is larger is loaded anew for each request, and charged to it.
     * Nothing is dropped for want of room as long as it is used, since that would free no memory.
     */
    public KeptMemory(Budget budget, long capacity) {
        this.budget = budget;
        this.capacity = capacity;
        budget.reclaimFrom(this::shrink);
    }

    /** The value of a key, which is loaded once for all who ask. Throws what loading throws, and as {@link Budget#reserve}. */
    public V get(K key, Supplier<Loading<V>> load) {
        Entry known = used(entries.getIfPresent(key));
        while (known == null) {
            CompletableFuture<Optional<Entry>> mine = new CompletableFuture<>();
            CompletableFuture<Optional<Entry>> leader = underWay.putIfAbsent(key, mine);
            known = leader == null ? lead(key, mine, load) : used(await(leader));
        }
        return known.value;
    }

    /** Has an entry stay until the turn of this thread ends. Returns null if it has been dropped. */
    private @Nullable Entry used(@Nullable Entry entry) {
        Turn turn = Turn.bound();
        boolean isThere = entry == null || turn == null || !entry.isKept || turn.kept.add(entry);
        return isThere ? entry : null;
    }

    /** Loads the value for all requests that wait for it, unless the entry has appeared since the cache was read. */
    private Entry lead(K key, CompletableFuture<Optional<Entry>> waiting, Supplier<Loading<V>> load) {
        Entry entry = null;
        try {
            entry = used(entries.policy().getIfPresentQuietly(key));
            if (entry == null) {
                entry = loaded(load.get());
                if (entry.isKept) {
                    // Before others may drop it.
                    used(entry);
                    entries.put(key, entry);
                }
            }
            return entry;
        } finally {
            underWay.remove(key);
            waiting.complete(Optional.ofNullable(entry));
        }
    }

    /** Null if loading failed, as it may for a reason that concerns only the request that did it. */
    private @Nullable Entry await(CompletableFuture<Optional<Entry>> leader) {
        Turn turn = Turn.bound();
        Optional<Entry> entry = turn == null ? leader.join() : turn.aside(() -> {
            Waiting.awaitEnd(leader, turn);
            return leader.join();
        });
        entry.filter(loaded -> !loaded.isKept).ifPresent(loaded -> Budget.addToOutermost(loaded.bytes));
        return entry.orElse(null);
    }

    private Entry loaded(Loading<V> loading) {
        if (loading.bytes <= capacity) {
            makeRoom(loading.bytes);
        }
        if (loading.bytes > capacity || !budget.keep(loading.bytes)) {
            Budget.addToOutermost(loading.bytes);
            return new Entry(loading.value.get(), loading.bytes, false);
        }
        idle.addAndGet(loading.bytes);
        try {
            return new Entry(loading.value.get(), loading.bytes, true);
        } catch (RuntimeException | Error e) {
            idle.addAndGet(-loading.bytes);
            budget.giveBack(loading.bytes);
            throw e;
        }
    }

    /** Drops values until those that nobody uses leave so many bytes of the capacity. */
    private void makeRoom(long bytes) {
        long excess = idle.get() + bytes - capacity;
        while (excess > 0 && shrink(excess) > 0) {
            excess = idle.get() + bytes - capacity;
        }
    }

    /** Drops values that nobody uses until this many bytes are free. Returns how many bytes were freed. */
    private long shrink(long bytes) {
        return dropColdest(entries, bytes, Entry::isIdle, this::drop);
    }

    private long drop(K key, Entry entry) {
        if (!entry.drop()) {
            return 0;
        }
        entries.asMap().remove(key, entry);
        idle.addAndGet(-entry.bytes);
        budget.giveBack(entry.bytes);
        return entry.bytes;
    }

    /**
     * Drops the entries of a cache that were used least until this many bytes are free. Returns how many bytes were freed.
     *
     * @param isDroppable whether an entry can be dropped now
     * @param drop drops an entry, and returns how many bytes that has freed; 0 if the entry cannot be dropped any more
     */
    static <K, E> long dropColdest(Cache<K, E> entries, long bytes, Predicate<E> isDroppable, ToLongBiFunction<K, E> drop) {
        Optional<Policy.Eviction<K, E>> eviction = entries.policy().eviction();
        long freed = 0;
        if (eviction.isPresent()) {
            List<Policy.CacheEntry<K, E>> coldest = eviction.get()
                    .coldest(all -> all.filter(entry -> isDroppable.test(entry.getValue())).limit(COLDEST).toList());
            for (Policy.CacheEntry<K, E> entry : coldest) {
                if (freed >= bytes) {
                    break;
                }
                freed += drop.applyAsLong(entry.getKey(), entry.getValue());
            }
        }
        return freed;
    }
}
