package io.chainrule.core.grade;

/** How much of a request's work may still go into changes of wrong lines. */
final class Effort {
    /** In entries of arrays that are computed: about two lines of ten thousand entries. */
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
