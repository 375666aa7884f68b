package io.chainrule.core.rows;

/**
 * What becomes of rows that something is wrong with. All of them are counted, whatever becomes of them.
 *
 * @param cells of rows with a missing or malformed cell
 * @param results of rows that the program cannot use, or of which a result is not finite
 * @param named how many of them are named, those with the least numbers
 */
public record RowPolicy(OnCell cells, OnResult results, int named) {
    /** How many rows are named unless it is said otherwise. */
    public static final int NAMED = 20;

    public RowPolicy(OnCell cells, OnResult results) {
        this(cells, results, NAMED);
    }

    /** What becomes of a row with a missing or malformed cell. */
    public enum OnCell {
        /** It ends the work. */
        FAIL,
        /** It is left out. */
        SKIP,
        /** The cell is NaN, of an array all elements that are not known; the row is computed. */
        NAN
    }

    /** What becomes of a row whose results are not finite, or that the program refuses, as an index out of range. */
    public enum OnResult {
        /** It ends the work. */
        FAIL,
        /** It is left out. */
        SKIP,
        /** It is left out if the program refuses it; other results are as they are. */
        SKIP_REFUSED,
        /** Its results are as they are; of a row that the program refuses all are NaN. */
        KEEP
    }
}
