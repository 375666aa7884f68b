package io.chainrule.core.grade;

/** How much of a request's work may still go into changes of wrong lines. */
final class Effort {
    /** In entries of arrays that are computed: about two lines of ten thousand entries. */
    private static final long MOST = 20_000_000;
    /** What a guess costs in addition to its entries. */
    private static final long EACH = 200;

    private long left = MOST;

    /** Whether guesses of this size may still be tried. */
    boolean isLeft(long size) {
        return size + EACH <= left;
    }

    void spend(int guesses, long size) {
        left -= guesses * (size + EACH);
    }
}
