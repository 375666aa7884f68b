package io.chainrule.core.rows;

/**
 * What becomes of rows that something is wrong with. All of them are counted, whatever becomes of them.
 *
 * <p>Where the values that all rows share have been replaced, as by a step of a fit, a row that has finite results by the first values is
 * kept: the step is what is wrong. Its results make the mean loss infinite or NaN, so that the step is made shorter. Left out, it would
 * make the mean of the other rows seem a smaller loss.
 *
 * @param cells of rows with a missing or malformed cell
 * @param refused of rows whose values an op of the program cannot use, as an index out of range
 * @param notFinite of rows of which a result is infinite or NaN
 * @param named how many of them are named, those with the least numbers
 */
public record RowPolicy(OnCell cells, OnResult refused, OnResult notFinite, int named) {
    /** How many rows are named unless it is said otherwise. */
    public static final int NAMED = 20;

    /** The same for rows that the program refuses and for results that are not finite. */
    public RowPolicy(OnCell cells, OnResult results) {
        this(cells, results, results, NAMED);
    }

    /** What becomes of a row with a missing or malformed cell. */
    public enum OnCell {
        /** It ends the work. */
        FAIL,
        /** It is left out. */
        SKIP,
        /**
         * The cell becomes NaN and the row is computed. Of an array that is written as text only the missing elements become NaN; if it
         * is malformed or has another shape, and of an array of Parquet, all elements do.
         */
        NAN
    }

    /** What becomes of a row whose results are not finite, or that the program refuses. */
    public enum OnResult {
        /** It ends the work. */
        FAIL,
        /** It is left out. */
        SKIP,
        /** Its results are as they are; of a row that the program refuses all are NaN. */
        KEEP
    }
}
