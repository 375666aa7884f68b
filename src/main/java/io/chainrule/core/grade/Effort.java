package io.chainrule.core.grade;

/** The work that is left in a request for trying changes of wrong lines. */
final class Effort {
    /** The limit, counted in computed array entries. It suffices for about two lines of ten thousand entries each. */
    private static final long MOST = 20_000_000;
    /** What a guess costs in addition to its entries. */
    private static final long EACH = 200;

    /** The nanoseconds after which no mistake is looked for, so that a slow machine still answers the verdicts. */
    private static final long MOST_TIME = 4_000_000_000L;

    private final long start = System.nanoTime();
    private long left = MOST;

    boolean hasTime() {
        return System.nanoTime() - start < MOST_TIME;
    }

    /** Whether guesses of this size may still be tried. */
    boolean isLeft(long size) {
        return size + EACH <= left;
    }

    void spend(int guesses, long size) {
        left -= guesses * (size + EACH);
    }
}
