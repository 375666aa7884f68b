package io.chainrule.service.run;

import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The work that a {@link Lane} has accepted, whose lock is held. What is due first goes first (earliest deadline first, which is best on
 * one core: Liu and Layland 1973), and only so much is accepted as can be done by when it is due.
 */
final class Bookings {
    /** Nobody is accepted while so many wait, whatever their work was thought to take. */
    private static final int MOST_WAITING = 1_000;
    /**
     * A client may have asked for what takes so many times as long as there is to spare, so that something always is for others (dynamic
     * thresholds: Choudhury and Hahne 1998).
     */
    private static final double MOST_OF_ROOM = 4;
    private static final double NANOS = 1e9;
    /** Nobody is told to come back later than after so many seconds. */
    private static final double LONGEST_RETRY = 60;

    private final int permits;
    private final Map<WorkSize, SizeShare> shares = new EnumMap<>(WorkSize.class);
    private final NavigableSet<Turn> accepted = new TreeSet<>(
            Comparator.<Turn>comparingLong(turn -> turn.left.booking.rank()).thenComparingLong(turn -> turn.number));

    Bookings(int permits, Set<WorkSize> sizes) {
        this.permits = permits;
        for (WorkSize size : sizes) {
            shares.put(size, new SizeShare(size, permits));
        }
    }

    SizeShare of(WorkSize size) {
        return Objects.requireNonNull(shares.get(size));
    }

    /** The share of a turn's size. */
    SizeShare of(Turn turn) {
        return of(turn.size);
    }

    /** How many turns wait. */
    int waiting() {
        return shares.values().stream().mapToInt(share -> share.waiting).sum();
    }

    void add(Turn turn) {
        accepted.add(turn);
        of(turn).add(turn);
    }

    void remove(Turn turn) {
        accepted.remove(turn);
        of(turn).remove(turn);
    }

    /** Returns the turn that gets the next permit; null if none waits. */
    @Nullable
    Turn next() {
        for (Turn turn : accepted) {
            if (!turn.isGranted) {
                return turn;
            }
        }
        return null;
    }

    /**
     * Throws {@link OverloadedException} if a turn that is not in line yet could not be done by when it is due, or would make others late,
     * or if it leaves no room for work of another size that has just been refused and has had less.
     */
    void refuse(Turn turn) {
        long now = System.nanoTime();
        SizeShare share = of(turn);
        Booking booking = turn.left.booking;
        double room = room(now, booking, null);
        if (room < 0) {
            share.noteRefusal(booking, now);
        }
        SizeShare entitled = entitled(share, now);
        if (entitled != null) {
            room = Math.min(room, room(now, booking, entitled.refused(now)));
        }
        if (room < share.askedBy(turn.client) / permits / MOST_OF_ROOM || waiting() >= MOST_WAITING) {
            throw OverloadedException.queued(waiting(), Duration.ofNanos((long) (Math.clamp(-room, 0, LONGEST_RETRY) * NANOS)));
        }
    }

    /**
     * Among the sizes whose work has recently been refused, returns the one that has used the least time for its weight. Returns null if
     * the given size has used less than all of them.
     */
    private @Nullable SizeShare entitled(SizeShare share, long now) {
        return shares.values().stream().filter(other -> other != share && other.hasRefused(now) && other.had(now) < share.had(now))
                .min(Comparator.comparingDouble(other -> other.had(now))).orElse(null);
    }

    /**
     * The seconds that are to spare if this comes too, and another if that is not null: the least of it for what is new, and for all that
     * is to go after that. All cores take part in what goes before; the work itself is thought to have one.
     */
    private double room(long now, Booking booking, @Nullable Booking other) {
        boolean isFirst = other == null || booking.rank() <= other.rank();
        Booking[] more = other == null ? new Booking[]{booking} : isFirst ? new Booking[]{booking, other} : new Booking[]{other, booking};
        double room = Double.POSITIVE_INFINITY;
        double before = 0;
        int next = 0;
        for (Turn turn : accepted) {
            for (; next < more.length && more[next].rank() < turn.left.booking.rank(); next++) {
                room = Math.min(room, more[next].room(now, before, more[next].seconds()));
                before += more[next].seconds() / permits;
            }
            if (next > 0) {
                room = Math.min(room, turn.left.booking.room(now, before, turn.left.seconds));
            }
            before += turn.left.seconds / permits;
        }
        for (; next < more.length; next++) {
            room = Math.min(room, more[next].room(now, before, more[next].seconds()));
            before += more[next].seconds() / permits;
        }
        return room;
    }
}
