package io.chainrule.service.run;

/**
 * When work should be done.
 *
 * @param seconds how long it was thought to take when it was booked
 * @param due when it should be done, in nanoseconds as {@link System#nanoTime} counts them
 * @param rank work of a smaller rank goes first; as {@code due}, or later, but sooner for tiny work, the shorter the sooner
 */
record Booking(double seconds, long due, long rank) {
    /** Work may take so many times as long as is thought, since tiny work, the collector and the network use the cores too. */
    private static final double MARGIN = 1.4;
    private static final double NANOS = 1e9;

    /** Returns the seconds that are to spare if the work begins after {@code before} seconds and then takes {@code left}. */
    double room(long now, double before, double left) {
        return (due - now) / NANOS - MARGIN * (before + left);
    }

    /** Returns whether the work could be done in time if it began now. */
    boolean isPossible(long now) {
        return room(now, 0, seconds) >= 0;
    }
}
