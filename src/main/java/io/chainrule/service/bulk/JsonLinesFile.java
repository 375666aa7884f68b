package io.chainrule.service.bulk;

import io.chainrule.core.rows.JsonLinesWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Joins parts of JSON Lines to one file. */
final class JsonLinesFile {
    private static final int BUFFER = 1 << 16;
    /** The checkpoint is asked after this number of bytes. */
    private static final long PIECE = 1 << 24;

    private JsonLinesFile() {}

    /** @param before what is added to the numbers of the rows of each part */
    static void join(List<Path> parts, long[] before, Path whole, Runnable checkpoint) throws IOException {
        try (FileChannel out = FileChannel.open(whole, StandardOpenOption.WRITE)) {
            for (int i = 0; i < parts.size(); i++) {
                try (FileChannel in = FileChannel.open(parts.get(i))) {
                    if (before[i] == 0) {
                        copy(in, out, checkpoint);
                    } else {
                        copy(in, out, before[i], checkpoint);
                    }
                }
            }
        }
    }

    private static void copy(FileChannel in, FileChannel out, Runnable checkpoint) throws IOException {
        long size = in.size();
        for (long at = 0; at < size;) {
            checkpoint.run();
            at += in.transferTo(at, Math.min(PIECE, size - at), out);
        }
    }

    private static void copy(FileChannel in, FileChannel out, long before, Runnable checkpoint) throws IOException {
        InputStream part = Channels.newInputStream(in);
        OutputStream whole = new BufferedOutputStream(Channels.newOutputStream(out), BUFFER);
        JsonLinesWriter.copy(part, whole, before, checkpoint);
        whole.flush();
    }
}
