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
    /** The reserve is so much of the work, and less, but not less than the least, where that would leave no time for other work. */
    private static final double RESERVE = 0.4;
    private static final double MOST_OF_REST = 0.7;
    private static final double LEAST_RESERVE = 0.15;
    private static final double NANOS = 1e9;

    /** Books work that comes now. */
    static Booking at(long now, double seconds, long due, long rank) {
        double rest = (due - now) / NANOS - seconds;
        return new Booking(seconds, Math.max(LEAST_RESERVE * seconds, Math.min(RESERVE * seconds, MOST_OF_REST * rest)), due, rank);
    }

    /**
     * Returns the seconds that are to spare if the work begins after {@code before} seconds and then takes {@code left}. All of its reserve
     * is kept until it is done: whether it takes longer than was thought is seen at its end.
     */
    double room(long now, double before, double left) {
        return (due - now) / NANOS - (1 + RESERVE) * before - left - reserve;
    }

    /** Returns whether the work could be done in time if it began now. */
    boolean isPossible(long now) {
        return room(now, 0, seconds) >= 0;
    }
}
