package io.chainrule.core.autodiff;

/**
 * How many entries a Jacobian may have, and the search for its structure may hold.
 *
 * @param answered entries of the Jacobian
 * @param ofNode entries in the sets of one node in between; a block through a node with more is taken to be full
 * @param held entries in all sets that are held at once
 */
public record EntryLimits(long answered, long ofNode, long held) {
    private static final int HELD = 8;
    private static final int STREAMED = 64;

    /** The limits for a Jacobian of at most so many entries that is answered as a whole. */
    public static EntryLimits whole(long entries) {
        return whole(entries, entries);
    }

    /** The same where sets of one node in between may have {@code ofNode} entries, whatever the Jacobian may have. */
    public static EntryLimits whole(long entries, long ofNode) {
        return new EntryLimits(entries, ofNode, HELD * ofNode);
    }

    /**
     * The limits for a Jacobian that is streamed, where so many entries may be answered as a whole. Only the structure of it is held, of
     * which a full block takes one row.
     */
    public static EntryLimits streamed(long entries) {
        return new EntryLimits(STREAMED * entries, HELD * entries, HELD * entries);
    }
}
