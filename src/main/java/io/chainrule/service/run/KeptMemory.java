package io.chainrule.service.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What is loaded once and kept between requests. Its memory counts against the shared budget, and what was used least is dropped when
 * requests need it.
 */
public final class KeptMemory<K, V> {
    private static final int LOCKS = 64;
    /** The most entries that are looked at to be dropped at once. */
    private static final int COLDEST = 64;

    private final Budget budget;
    private final long capacity;
    private final Cache<K, Entry<V>> entries;
    /** Two requests for one key load it once. */
    private final ReentrantLock[] locks = IntStream.range(0, LOCKS).mapToObj(_ -> new ReentrantLock()).toArray(ReentrantLock[]::new);

    private record Entry<V>(V value, long bytes) {}

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
                        budget.giveBack(entry.bytes);
                    }
                }).build();
        budget.reclaimFrom(this::shrink);
    }

    /** The value of a key. Throws what loading throws, and as {@link Budget#reserve} if there is no memory for it. */
    public V get(K key, Supplier<Loading<V>> load) {
        Entry<V> known = entries.getIfPresent(key);
        if (known != null) {
            return known.value;
        }
        ReentrantLock lock = locks[Math.floorMod(key.hashCode(), LOCKS)];
        Turn.asideOfBound(() -> {
            lock.lock();
            return true;
        });
        try {
            known = entries.getIfPresent(key);
            return known == null ? loaded(key, load.get()) : known.value;
        } finally {
            lock.unlock();
        }
    }

    private V loaded(K key, Loading<V> loading) {
        if (loading.bytes > capacity || !budget.keep(loading.bytes)) {
            Budget.addToLatest(loading.bytes);
            return loading.value.get();
        }
        V value;
        try {
            value = loading.value.get();
        } catch (RuntimeException | Error e) {
            budget.giveBack(loading.bytes);
            throw e;
        }
        entries.put(key, new Entry<>(value, loading.bytes));
        return value;
    }

    /** Drops what was used least until this many bytes are free; returns how many were freed. */
    private long shrink(long bytes) {
        Optional<Policy.Eviction<K, Entry<V>>> eviction = entries.policy().eviction();
        long freed = 0;
        if (eviction.isPresent()) {
            for (Map.Entry<K, Entry<V>> coldest : eviction.get().coldest(COLDEST).entrySet()) {
                if (freed >= bytes) {
                    break;
                }
                freed += coldest.getValue().bytes;
                entries.invalidate(coldest.getKey());
            }
        }
        return freed;
    }
}
