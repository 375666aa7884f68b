package io.chainrule.service.bulk;

import io.chainrule.core.rows.JsonLinesWriter;
import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowWriter;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.service.datasets.DatasetDraft;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.WrittenFile;
import io.chainrule.service.datasets.WrittenLines;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Joins parts of JSON Lines. */
final class JsonLinesJoining extends Joining {
    private static final int FORM = 0x43_4A_01;

    private final WrittenLines lines;
    private final long bytesAStep;
    private final OutputStream out = new BufferedOutputStream(new Lines(), ResultFile.BUFFER);
    /** The part whose lines are joined next, and where they begin in it. */
    private int part;
    private long offset;
    private long lastStep;

    private JsonLinesJoining(Path whole, ResultFile file, List<RowQuantity> quantities, WrittenLines lines, long bytesAStep, int part,
            long offset) {
        super(whole, file, quantities);
        this.lines = lines;
        this.bytesAStep = bytesAStep;
        this.part = part;
        this.offset = offset;
        lastStep = file.position();
    }

    private record Earlier(long bytes, int part, long offset, WrittenLines lines) {}

    private static Earlier read(byte[] state) {
        return SerialForm.read(state, FORM, "a state of joining",
                in -> new Earlier(in.readLong(), in.readInt(), in.readLong(), WrittenLines.of(SerialForm.bytes(in))));
    }

    /**
     * Opens the file as {@link Joining#of} does. Throws {@link io.chainrule.core.tensor.UnreadableBytesException} if another version has
     * made the state.
     *
     * @param none the lines of an empty file
     * @param bytesAStep the bytes after which the state may be stored
     */
    static JsonLinesJoining of(Path whole, List<RowQuantity> quantities, WrittenLines none, long bytesAStep, byte[] state,
            Progress progress) throws IOException {
        Earlier earlier = state.length == 0 ? null : read(state);
        if (earlier == null || !ResultFile.has(whole, earlier.bytes())) {
            earlier = new Earlier(0, 0, 0, none);
        }
        ResultFile file = ResultFile.open(whole, earlier.bytes(), progress.check());
        return new JsonLinesJoining(whole, file, quantities, earlier.lines(), bytesAStep, earlier.part(), earlier.offset());
    }

    /** The most memory in bytes that joining takes: for the longest row, and for a copy of twice its length. */
    static long mostBytes(List<RowQuantity> quantities) {
        return 3 * Math.min(DatasetDraft.LONGEST_ROW, DatasetDraft.bytesOfRow(RowWriter.shapes(quantities)));
    }

    @Override
    void run(List<Path> parts, long[] before, Progress progress) throws IOException {
        while (part < parts.size()) {
            progress.check().run();
            try (InputStream in = Files.newInputStream(parts.get(part))) {
                in.skipNBytes(offset);
                join(in, before[part], progress);
            }
            part++;
            offset = 0;
        }
    }

    /** Joins the lines of a part from {@link #offset} on. */
    private void join(InputStream in, long before, Progress progress) throws IOException {
        byte[] buffer = new byte[ResultFile.BUFFER];
        int filled = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer, filled, buffer.length - filled)) {
            filled += read;
            int end = filled;
            while (end > 0 && buffer[end - 1] != '\n') {
                end--;
            }
            write(buffer, end, before);
            offset += end;
            filled -= end;
            System.arraycopy(buffer, end, buffer, 0, filled);
            if (filled == buffer.length) {
                buffer = Arrays.copyOf(buffer, 2 * filled);
            }
            progress.check().run();
            if (file.position() - lastStep >= bytesAStep) {
                lastStep = file.position();
                progress.step().run();
            }
        }
        if (filled > 0) {
            throw new IOException("a part of the results ends within a line");
        }
    }

    private void write(byte[] buffer, int end, long before) throws IOException {
        if (before == 0) {
            out.write(buffer, 0, end);
        } else {
            JsonLinesWriter.renumber(buffer, end, before, out);
        }
        out.flush();
    }

    /** Writes lines to the file, and looks at them. */
    private final class Lines extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[]{(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            lines.add(bytes, from, from + length);
            file.write(bytes, from, length);
        }
    }

    @Override
    long joined() {
        return file.position();
    }

    @Override
    byte[] state() throws IOException {
        file.force();
        return SerialForm.written(FORM, to -> {
            to.writeLong(file.position());
            to.writeInt(part);
            to.writeLong(offset);
            SerialForm.write(lines.toBytes(), to);
        });
    }

    @Override
    WrittenFile end() throws IOException {
        return end(DatasetFormat.JSONL, lines);
    }
}
