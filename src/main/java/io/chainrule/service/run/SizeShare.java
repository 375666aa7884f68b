package io.chainrule.service.run;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** The work of one size in a {@link Lane}, whose lock is held: what each client has asked for, and what all have had. */
final class SizeShare {
    private static final double NANOS = 1e9;
    /** In so many seconds what was used counts 1/e of what it did. */
    private static final double LATELY = 20;
    /** For so long room is kept for work like that which was refused. */
    private static final long JUST = TimeUnit.SECONDS.toNanos(5);
    /** Less is no work, but an error of rounding. */
    private static final double LEAST_ASKED = 1e-6;

    final WorkSize size;
    private final int permits;
    int waiting;
    int running;
    /** The seconds that permits were held for work of this size. */
    double used;
    /** Is told the nanoseconds that work was in line. */
    LongConsumer waits = _ -> {};
    /** How long work of this size has taken lately. */
    double mean;
    /** For each client the seconds of its work that waits or runs. */
    private final Map<String, Double> asked = new HashMap<>();
    private double askedInAll;
    private double usedLately;
    private long usedAt = System.nanoTime();
    private long refusedAt = usedAt - JUST;
    private Booking refused = new Booking(0, 0, refusedAt, refusedAt);

    SizeShare(WorkSize size, int permits) {
        this.size = size;
        this.permits = permits;
    }

    /** Notes that permits were held for so many seconds. */
    void use(double seconds) {
        used += seconds;
        long now = System.nanoTime();
        usedLately = lately(now) + seconds;
        usedAt = now;
    }

    private double lately(long now) {
        return usedLately * Math.exp((usedAt - now) / NANOS / LATELY);
    }

    /** The seconds that work of this size has had lately, and will have, by its weight. */
    double had(long now) {
        return (lately(now) + askedInAll) / size.weight;
    }

    /** Notes that there was no room for this work, if it could have been done alone. */
    void noteRefusal(Booking booking, long now) {
        if (booking.isPossible(now)) {
            refused = booking;
            refusedAt = now;
        }
    }

    /** Whether work of this size has just been refused, so that more of it could be done. */
    boolean hasRefused(long now) {
        return now - refusedAt < JUST;
    }

    /** The booking of what was refused last, if it came now. */
    Booking refused(long now) {
        long due = now + refused.due() - refusedAt;
        return new Booking(refused.seconds(), refused.reserve(), due, due);
    }

    /** Returns the estimated seconds of a client's work that waits or runs. */
    double askedBy(String client) {
        return asked.getOrDefault(client, 0.0);
    }

    /** Books work by its estimate in seconds. The work of a client that has already asked for much gets a later rank. */
    void book(Turn turn, double thought) {
        // Tiny work takes about as long as other tiny work; its own estimate leaves out what all have in common.
        double seconds = size == WorkSize.TINY ? Math.max(thought, Math.min(mean, size.most)) : thought;
        turn.left.book(size, seconds, askedBy(turn.client) * asked.size() / permits);
    }

    void add(Turn turn) {
        double seconds = asked(turn);
        asked.merge(turn.client, seconds, Double::sum);
        askedInAll += seconds;
        count(turn, 1);
    }

    void remove(Turn turn) {
        double seconds = asked(turn);
        double rest = askedBy(turn.client) - seconds;
        if (rest < LEAST_ASKED / 2) {
            asked.remove(turn.client);
        } else {
            asked.put(turn.client, rest);
        }
        askedInAll = asked.isEmpty() ? 0 : askedInAll - seconds;
        count(turn, -1);
    }

    private static double asked(Turn turn) {
        return Math.max(turn.left.booking.seconds(), LEAST_ASKED);
    }

    void grant(Turn turn) {
        count(turn, -1);
        turn.grant();
        count(turn, 1);
    }

    /** The turn waits again. */
    void pause(Turn turn) {
        count(turn, -1);
        turn.isGranted = false;
        turn.waitingFrom = System.nanoTime();
        count(turn, 1);
    }

    private void count(Turn turn, int more) {
        if (turn.isGranted) {
            running += more;
        } else {
            waiting += more;
        }
    }
}
