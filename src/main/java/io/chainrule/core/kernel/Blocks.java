package io.chainrule.core.kernel;

/**
 * The order in which numbers are added, whatever the machine. Runs of {@value #BLOCK} numbers are blocks. In a block, number
 * i goes to lane i mod 8, each lane adds its numbers in turn, and the lanes t are joined as
 * ((t0 + t1) + (t2 + t3)) + ((t4 + t5) + (t6 + t7)). Sums of blocks are joined by a binary tree: of b blocks the first 2^j,
 * the largest power of two below b, make the left part, the others the right one, and so on in each part. So a part that
 * begins at a multiple of its own length, a power of two of blocks, can be added apart and joined later.
 *
 * <p>Sums start at −0, which changes no number that is added to it; the sum of nothing is 0. Sums of products start at 0 and
 * round product and addition together (fma). With u = 2⁻⁵³, the error of a sum is at most {@link #roundings}·u·Σ|x| to
 * first order (Higham 2002, section 4.2), which grows with log n, as that of pairwise summation.
 */
public final class Blocks {
    public static final int LANES = 8;
    public static final int BLOCK = 256;

    private Blocks() {}

    /** The length of the left part of more than {@link #BLOCK} numbers. */
    public static int left(int n) {
        return BLOCK * Integer.highestOneBit((n - 1) / BLOCK);
    }

    /** How many levels the tree over the blocks of n numbers has. */
    public static int levels(int n) {
        return n <= BLOCK ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros((n - 1) / BLOCK);
    }

    /** The most roundings that one of n products meets on its way into their sum: its own, in its lane, and those of the trees. */
    static int roundings(int n) {
        if (n <= LANES) {
            return 1 + Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, n - 1));
        }
        return (Math.min(n, BLOCK) + LANES - 1) / LANES + 3 + levels(n);
    }

    /** Joins the lanes that stand at {@code from}. */
    public static double join(double[] lanes, int from) {
        return join(lanes[from], lanes[from + 1], lanes[from + 2], lanes[from + 3], lanes[from + 4], lanes[from + 5], lanes[from + 6],
                lanes[from + 7]);
    }

    static double join(double t0, double t1, double t2, double t3, double t4, double t5, double t6, double t7) {
        return ((t0 + t1) + (t2 + t3)) + ((t4 + t5) + (t6 + t7));
    }
}
