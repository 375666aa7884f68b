package io.chainrule.service.run;

import java.util.HashSet;
import java.util.Set;

/** The kept memory that a turn uses until it ends. Several turns may use the same. Only the thread of the turn changes it. */
final class KeptInUse {
    private final Set<KeptMemory<?, ?>.Entry> entries = new HashSet<>();
    private long bytes;

    /** Has an entry stay until the turn ends. Returns false if it has been dropped. */
    boolean add(KeptMemory<?, ?>.Entry entry) {
        if (entries.contains(entry)) {
            return true;
        }
        if (!entry.enter()) {
            return false;
        }
        entries.add(entry);
        bytes += entry.bytes;
        return true;
    }

    Set<KeptMemory<?, ?>.Entry> entries() {
        return entries;
    }

    long bytes() {
        return bytes;
    }

    void end() {
        entries.forEach(entry -> entry.leave());
        entries.clear();
        bytes = 0;
    }
}
