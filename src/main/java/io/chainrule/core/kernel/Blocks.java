package io.chainrule.core.kernel;

/**
 * The order in which numbers are added, which is the same on every machine. Each run of {@value #BLOCK} numbers is a block. In a block,
 * number i goes to lane i mod 8, each lane adds its numbers in turn, and the sums t0 … t7 of the lanes are joined as
 * ((t0 + t1) + (t2 + t3)) + ((t4 + t5) + (t6 + t7)). The sums of blocks are joined by a binary tree: of b blocks, the first 2^j make the
 * left part, where 2^j is the largest power of two below b, and the others make the right part; each part is divided in the same way. So
 * 2^j blocks that begin at a multiple of 2^j blocks can be added separately and joined later.
 *
 * <p>Sums start at −0, since −0 + x is x for every x, even −0; the sum of no numbers is 0. Sums of products start at 0, and each product
 * is added by fma, which rounds once. With u = 2⁻⁵³, the error of a sum is at most {@link #roundings}·u·Σ|x| to
 * first order (Higham 2002, section 4.2), which grows with log n like that of pairwise summation.
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

    /** The most roundings that one of n products takes part in: in its lane, when lanes are joined, and in the tree of blocks. */
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
