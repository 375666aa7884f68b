package io.chainrule.service.bulk;

import io.chainrule.core.rows.JsonLinesWriter;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.WrittenFile;
import io.chainrule.service.datasets.WrittenLines;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Joins parts of JSON Lines. */
final class JsonLinesJoining extends Joining {
    private static final int FORM = 0x43_4A_01;

    private final WrittenLines lines;
    private int parts;

    private JsonLinesJoining(Path whole, ResultFile file, WrittenLines lines, int parts) {
        super(whole, file);
        this.lines = lines;
        this.parts = parts;
    }

    /** Where a joining has ended: the bytes of the file, how many parts are in it, and what was found in them. */
    private record Earlier(long bytes, int parts, byte[] lines) {}

    private static Earlier read(byte[] state) {
        return SerialForm.read(state, FORM, "a state of joining", in -> new Earlier(in.readLong(), in.readInt(), SerialForm.bytes(in)));
    }

    /**
     * Begins, or goes on from a state if the file is still there.
     *
     * @param bytes of all parts
     * @param hasTexts whether a result may be a text, since it is not finite
     */
    static JsonLinesJoining of(Path whole, long bytes, boolean hasTexts, byte @Nullable [] state, Progress progress) throws IOException {
        Earlier earlier = state == null ? null : read(state);
        if (earlier == null || !ResultFile.has(whole, earlier.bytes())) {
            earlier = new Earlier(0, 0, new WrittenLines(bytes, hasTexts).toBytes());
        }
        return new JsonLinesJoining(whole, ResultFile.open(whole, earlier.bytes(), progress.check()), WrittenLines.of(earlier.lines()),
                earlier.parts());
    }

    @Override
    void run(List<Path> all, long[] before, Progress progress) throws IOException {
        while (parts < all.size()) {
            progress.check().run();
            try (InputStream part = Files.newInputStream(all.get(parts))) {
                if (before[parts] == 0) {
                    copy(part, progress);
                } else {
                    OutputStream numbered = new BufferedOutputStream(new Lines(), ResultFile.BUFFER);
                    JsonLinesWriter.copy(part, numbered, before[parts], progress.check());
                    numbered.flush();
                }
            }
            parts++;
            progress.step().run();
        }
    }

    private void copy(InputStream part, Progress progress) throws IOException {
        Lines to = new Lines();
        byte[] buffer = new byte[ResultFile.BUFFER];
        for (int length = part.read(buffer); length >= 0; length = part.read(buffer)) {
            progress.check().run();
            to.write(buffer, 0, length);
        }
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
        return SerialForm.written(FORM, out -> {
            out.writeLong(file.position());
            out.writeInt(parts);
            SerialForm.write(lines.toBytes(), out);
        });
    }

    @Override
    WrittenFile end() throws IOException {
        return written(DatasetFormat.JSONL, lines);
    }
}
