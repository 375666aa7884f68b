package io.chainrule.service.run;

/**
 * When work should be done.
 *
 * @param seconds how long it was thought to take when it was booked
 * @param reserve the seconds for which it may take longer than that, since tiny work, the collector and the network use the cores too
 * @param due when it should be done, in nanoseconds as {@link System#nanoTime} counts them
 * @param rank work of a smaller rank goes first; as {@code due}, or later, but sooner for tiny work, the shorter the sooner
 */
record Booking(double seconds, double reserve, long due, long rank) {
    /** The reserve is usually this part of the estimated seconds. */
    private static final double RESERVE = 0.4;
    /** A reserve takes at most this part of the time that remains beside the work, but at least a part of the estimated seconds. */
    private static final double MOST_OF_REST = 0.7;
    private static final double LEAST_RESERVE = 0.15;
    private static final double NANOS = 1e9;

    /** Books work that comes now. */
    static Booking at(long now, double seconds, long due, long rank) {
        double rest = (due - now) / NANOS - seconds;
        return new Booking(seconds, Math.max(LEAST_RESERVE * seconds, Math.min(RESERVE * seconds, MOST_OF_REST * rest)), due, rank);
    }

    /**
     * Returns the seconds to spare if the work begins after {@code before} seconds and then takes {@code left} seconds. The reserve does
     * not shrink while the work runs, because an estimate that is too low shows only at the end of the work.
     */
    double room(long now, double before, double left) {
        return (due - now) / NANOS - (1 + RESERVE) * before - left - reserve;
    }

    /** Returns whether the work could be done in time if it began now. */
    boolean isPossible(long now) {
        return room(now, 0, seconds) >= 0;
    }
}
