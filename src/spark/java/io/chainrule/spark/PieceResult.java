package io.chainrule.spark;

import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a piece came to.
 *
 * @param piece its number
 * @param rows how many it has
 * @param tally of its rows
 * @param moments of its rows; null if they are written
 * @param file the name of the file where they are written; null if there is none
 * @param bytes of the file
 * @param seconds for which a core worked on it
 */
record PieceResult(int piece, long rows, byte[] tally, byte @Nullable [] moments, @Nullable String file, long bytes, double seconds)
        implements
            Serializable {
    static PieceResult reduced(int piece, RowTally tally, RowReduction reduction) {
        return new PieceResult(piece, tally.rows(), tally.toBytes(), reduction.toBytes(), null, 0, 0);
    }

    static PieceResult written(int piece, RowTally tally, String file, long bytes) {
        return new PieceResult(piece, tally.rows(), tally.toBytes(), null, file, bytes, 0);
    }

    /** The result of a piece of a map in which a row ends the work. */
    static PieceResult failed(int piece, RowTally tally) {
        return new PieceResult(piece, tally.rows(), tally.toBytes(), null, null, 0, 0);
    }

    PieceResult took(double ofCore) {
        return new PieceResult(piece, rows, tally, moments, file, bytes, ofCore);
    }
}
