package io.chainrule.service.bulk;

import io.chainrule.core.tensor.Checkpoint;
import java.util.Locale;
import java.util.function.Supplier;

/** Runs a program over the rows of a data set. Every engine computes the same bits. */
public interface RowEngine {
    /** As requests name engines. */
    enum Kind {
        /** This process. */
        LOCAL,
        /** A cluster of Apache Spark. */
        SPARK;

        /** As answers name it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Kind kind();

    /**
     * Throws {@link io.chainrule.core.graph.LimitException} if work on rows would take more memory than a run may, on however few threads.
     *
     * @param bytesOfResults of a part of the rows
     * @param more the memory that it takes besides
     */
    void check(BulkWork work, long bytesOfResults, long more);

    /** Works on the units of a reduction that are not done yet. */
    void reduce(Reduction reduction, BulkProgress progress);

    /** Works on the units of a map that are not done yet. */
    void map(Mapping mapping, BulkProgress progress);

    /**
     * Begins to read the rows of a data set, within {@link #hold}.
     *
     * @param earlier the state of an earlier feed, which this one goes on from; empty if there was none
     * @param checkpoint is asked whether to go on while rows are waited for
     */
    RowFeed feed(BulkWork work, byte[] earlier, Checkpoint checkpoint);

    /** The memory that a feed takes besides the rows that somebody holds. */
    long bytesOfFeed(BulkWork work);

    /** Has evaluations of all rows made so many times, one after the other, without giving up in between what each of them needs. */
    <T> T hold(BulkWork work, long times, Supplier<T> evaluations);
}
