package io.chainrule.service.bulk;

import io.chainrule.core.rows.RawReader;
import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowWriter;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.WrittenFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;

/** Makes one file of Parquet of parts in the form {@link RowWriter.Form#RAW}. */
final class ParquetJoining extends Joining {
    private static final int FORM = 0x43_51_01;
    /** The joining is checked after so many rows. */
    private static final int ROWS_A_LOOK = 256;

    private final long rowsOfGroup;
    private final int groupsAStep;
    private final long bytesOfRow;
    private @Nullable FileMetaData description;

    private ParquetJoining(Path whole, ResultFile file, List<RowQuantity> quantities, long rowsOfGroup, int groupsAStep,
            @Nullable FileMetaData description) {
        super(whole, file, quantities);
        this.rowsOfGroup = rowsOfGroup;
        this.groupsAStep = groupsAStep;
        this.description = description;
        bytesOfRow = Double.BYTES * RowWriter.numbersOfRow(quantities);
    }

    private record Earlier(long bytes, @Nullable FileMetaData description) {}

    private static Earlier read(byte[] state) {
        return SerialForm.read(state, FORM, "a state of joining", in -> {
            long bytes = in.readLong();
            byte[] description = SerialForm.bytes(in);
            return new Earlier(bytes, description.length == 0 ? null : Util.readFileMetaData(new ByteArrayInputStream(description)));
        });
    }

    /**
     * Opens the file as {@link Joining#of} does. Throws {@link io.chainrule.core.tensor.UnreadableBytesException} if another version has
     * made the state.
     *
     * @param rowsOfGroup the rows of a group
     * @param groupsAStep the groups after which the state may be stored
     */
    static ParquetJoining of(Path whole, List<RowQuantity> quantities, long rowsOfGroup, int groupsAStep, byte[] state,
            Progress progress) throws IOException {
        Earlier earlier = state.length == 0 ? null : read(state);
        if (earlier == null || !ResultFile.has(whole, earlier.bytes())) {
            earlier = new Earlier(0, null);
        }
        ResultFile file = ResultFile.open(whole, earlier.bytes(), progress.check());
        return new ParquetJoining(whole, file, quantities, rowsOfGroup, groupsAStep, earlier.description());
    }

    @Override
    void run(List<Path> parts, long[] before, Progress progress) throws IOException {
        long left = rows();
        Step step = new Step(progress);
        for (int i = 0; i < parts.size(); i++) {
            progress.check().run();
            long rows = Files.size(parts.get(i)) / bytesOfRow;
            if (left < rows) {
                try (InputStream part = Files.newInputStream(parts.get(i))) {
                    part.skipNBytes(left * bytesOfRow);
                    step.add(part, before[i]);
                }
            }
            left = Math.max(0, left - rows);
        }
        step.end();
    }

    /** The groups that are written between two states. */
    private final class Step {
        private final Progress progress;
        private @Nullable ParquetWriter writer;
        private ParquetWriter.@Nullable Group group;
        private int groups;

        Step(Progress progress) {
            this.progress = progress;
        }

        void add(InputStream part, long before) throws IOException {
            try (RawReader in = new RawReader(part, quantities)) {
                for (double[] values = in.next(); values != null; values = in.next()) {
                    write(before + in.number(), values);
                }
            }
        }

        private void write(long number, double[] values) throws IOException {
            ParquetWriter to = writer == null ? new ParquetWriter(file, quantities) : writer;
            ParquetWriter.Group rows = group == null ? to.group() : group;
            writer = to;
            group = rows;
            rows.write(number, values);
            if (rows.rows() % ROWS_A_LOOK == 0) {
                progress.check().run();
            }
            if (rows.rows() == rowsOfGroup) {
                progress.check().run();
                rows.end();
                group = null;
                if (++groups == groupsAStep) {
                    end();
                    progress.step().run();
                }
            }
        }

        /** Describes the groups that were written since the last step. A file without any rows needs a description, too. */
        void end() throws IOException {
            if (group != null) {
                group.end();
            }
            if (writer != null || description == null) {
                describe((writer == null ? new ParquetWriter(file, quantities) : writer).description());
            }
            writer = null;
            group = null;
            groups = 0;
        }
    }

    private void describe(FileMetaData more) {
        FileMetaData known = description;
        if (known == null) {
            description = more;
            return;
        }
        for (RowGroup group : Objects.requireNonNull(more.getRow_groups())) {
            group.setOrdinal((short) known.getRow_groupsSize());
            if (known.getRow_groupsSize() > Short.MAX_VALUE) {
                group.unsetOrdinal();
            }
            known.addToRow_groups(group);
        }
        known.setNum_rows(known.getNum_rows() + more.getNum_rows());
    }

    private long rows() {
        return description == null ? 0 : description.getNum_rows();
    }

    @Override
    long joined() {
        return bytesOfRow * rows();
    }

    @Override
    byte[] state() throws IOException {
        file.force();
        ByteArrayOutputStream described = new ByteArrayOutputStream();
        if (description != null) {
            Util.writeFileMetaData(description, described);
        }
        return SerialForm.written(FORM, out -> {
            out.writeLong(file.position());
            SerialForm.write(described.toByteArray(), out);
        });
    }

    @Override
    WrittenFile end() throws IOException {
        if (description == null) {
            throw new IllegalStateException("the parts are not joined");
        }
        ParquetWriter.writeFooter(description, file);
        return end(DatasetFormat.PARQUET, null);
    }
}
