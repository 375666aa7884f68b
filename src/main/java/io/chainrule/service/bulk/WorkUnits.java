package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** The units in which the rows of a data set are worked on. They are the same for whoever goes on with the work on the same engine. */
sealed interface WorkUnits permits RowUnits, SparkUnits {
    /** How many units there are; 0 as long as it is not known. */
    int size();

    /** For each unit, what must be added to the row numbers that it has counted itself. */
    long[] before();

    /** The rows in those of these units that are done. */
    long rows(BitSet done);

    /** The tally with rows numbered through the data set; units may have counted their own from 1. */
    RowTally numbered(RowTally tally);

    /** Bytes from which {@link #of} makes these units. */
    byte[] toBytes();

    /**
     * Reads the units of work.
     *
     * @throws UnreadableBytesException if they are of other work, or of another version of the program
     */
    static WorkUnits of(byte[] bytes, BulkWork work) {
        return bytes.length >= Integer.BYTES && ByteBuffer.wrap(bytes).getInt() == SparkUnits.FORM
                ? SparkUnits.of(bytes)
                : RowUnits.of(bytes, work.rows().splits());
    }
}
