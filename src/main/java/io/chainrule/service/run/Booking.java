package io.chainrule.service.run;

/**
 * When work should be done.
 *
 * @param seconds how long it was thought to take when it was booked
 * @param due when it should be done, in nanoseconds as {@link System#nanoTime} counts them
 * @param rank work of a smaller rank goes first; as {@code due}, or later
 */
record Booking(double seconds, long due, long rank) {
    /** Work may take so many times as long as is thought, since tiny work, the collector and the network use the cores too. */
    private static final double MARGIN = 1.4;
    private static final double NANOS = 1e9;

    /** The seconds of so many cores that are free until this is due, if work before it and itself take so many. */
    double room(long now, int permits, double work) {
        return permits * (due - now) / NANOS - MARGIN * work;
    }

    /** Whether one core could do it in time if it did nothing else. */
    boolean isPossible(long now) {
        return room(now, 1, seconds) >= 0;
    }
}
