package io.chainrule.service.run;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Work of one size in a {@link Lane}, whose lock is held: what waits, and what it has had. */
final class Line {
    /** So many clients are remembered for fairness before those are forgotten that have had no more than others. */
    private static final int MOST_CLIENTS = 1_000;

    /** Behind a line that does not end the wait is to be so many times shorter than in a burst. */
    private static final double STANDING = 20;
    private static final double NANOS = 1e9;
    /** In so many seconds what was used counts 1/e of what it did. */
    private static final double LATELY = 20;
    private static final long JUST = TimeUnit.SECONDS.toNanos(2);

    final WorkSize size;
    final PriorityQueue<Turn> waiting = new PriorityQueue<>(
            Comparator.<Turn>comparingDouble(turn -> turn.tag).thenComparingLong(turn -> turn.number));
    /** For each client the tag of its next work: how much time it has asked for. */
    final Map<String, Double> tags = new HashMap<>();
    /** The tag of the work that was served last. */
    double virtualTime;
    /** The seconds that work of this size has had, by its weight. */
    double served;
    final Set<Turn> running = new HashSet<>();
    /** The seconds that permits were held for work of this size. */
    double used;
    /** Is told the nanoseconds that work was in line. */
    LongConsumer waits = _ -> {};
    private double usedLately;
    private long usedAt = System.nanoTime();
    /** When work was refused that there was time enough for. */
    long refusedAt = usedAt - JUST;
    /** How long work of this size has taken lately. */
    double mean;

    Line(WorkSize size) {
        this.size = size;
    }

    /** Books so many seconds of a core. */
    void use(double seconds) {
        served += seconds / size.weight;
        used += seconds;
        long now = System.nanoTime();
        usedLately = lately(now) + seconds / size.weight;
        usedAt = now;
    }

    /** The seconds that work of this size has had by its weight, of which those count less that have long passed. */
    double lately(long now) {
        return usedLately * Math.exp((usedAt - now) / NANOS / LATELY);
    }

    /** Whether work of this size has just been refused, so that more of it could be done. */
    boolean hasRefused(long now) {
        return now - refusedAt < JUST;
    }

    void end(Turn turn) {
        running.remove(turn);
        if (!isActive()) {
            tags.clear();
        }
    }

    boolean isActive() {
        return !running.isEmpty() || !waiting.isEmpty();
    }

    /**
     * How many seconds work may wait. In a burst it may wait for the patience of its size. While the line stays long it may wait for a part
     * of that, since otherwise all who come would wait so long (controlled delay: Nichols and Jacobson 2012).
     */
    double patience() {
        long longest = waiting.stream().mapToLong(Turn::waitingNanos).max().orElse(0);
        return longest > size.patience * NANOS ? size.patience / STANDING : size.patience;
    }

    /**
     * For how many seconds other work of this size delays new work. Each delays it by no more than a slice, or than the new work itself
     * takes.
     */
    double ahead(Turn turn) {
        double most = Math.max(size.slice, turn.left.seconds);
        double seconds = 0;
        for (Turn other : running) {
            seconds += Math.min(other.left.seconds, most);
        }
        for (Turn other : waiting) {
            seconds += other.tag <= turn.tag ? Math.min(other.left.seconds, most) : 0;
        }
        return seconds;
    }

    /** The first found that waits and is urgent. */
    @Nullable
    Turn urgent() {
        if (size.compareTo(WorkSize.MEDIUM) >= 0) {
            for (Turn turn : waiting) {
                if (turn.left.isUrgent()) {
                    return turn;
                }
            }
        }
        return null;
    }

    /** The seconds of work that will have to go before that of other sizes within so many seconds. */
    double urgentWithin(double seconds) {
        return Stream.concat(running.stream(), waiting.stream()).filter(turn -> turn.left.isUrgent() || turn.left.untilUrgent() < seconds)
                .mapToDouble(turn -> turn.left.seconds).sum();
    }

    /** The seconds that all who wait will take. */
    double backlog() {
        return waiting.stream().mapToDouble(turn -> turn.left.seconds).sum();
    }

    /** Tiny work takes about as long as other tiny work; its own estimate leaves out what all have in common. */
    double estimate(Turn turn) {
        return size == WorkSize.TINY ? Math.max(turn.left.seconds, Math.min(mean, size.most)) : turn.left.seconds;
    }

    /** Gives new work its place: behind what its client has asked for, but not behind what others have. */
    void place(Turn turn) {
        turn.tag = Math.max(virtualTime, tags.getOrDefault(turn.client, 0.0));
    }

    /** Books what the client of accepted work has asked for. */
    void book(Turn turn) {
        tags.put(turn.client, turn.tag + turn.left.seconds);
        if (tags.size() > MOST_CLIENTS) {
            tags.values().removeIf(tag -> tag <= virtualTime);
        }
    }
}
