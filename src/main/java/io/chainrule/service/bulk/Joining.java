package io.chainrule.service.bulk;

import io.chainrule.service.datasets.WrittenFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Joins the parts of results to one file. It goes on from a state, and then the file has the same bytes as if it had not ended before. */
sealed interface Joining extends Closeable permits JsonLinesJoining, ParquetJoining {
    /** Follows the joining of parts. */
    interface Progress {
        /** Called often; may throw to end the joining. */
        void check();

        /** Called where {@link Joining#state} may be called. */
        void step();
    }

    /**
     * Joins the parts that are left.
     *
     * @param before what is added to the numbers of the rows of each part
     */
    void run(List<Path> parts, long[] before, Progress progress) throws IOException;

    /** About how many bytes of the parts are joined. */
    long joined();

    /** The state from which another attempt may go on. What it counts is on the disk. */
    byte[] state() throws IOException;

    /** The file, which is on the disk, when all parts are in it. */
    WrittenFile end() throws IOException;
}
