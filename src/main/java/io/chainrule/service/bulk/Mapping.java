package io.chainrule.service.bulk;

import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowResults;
import io.chainrule.core.rows.RowSink;
import io.chainrule.core.rows.RowTally;
import io.chainrule.service.datasets.DatasetDraft;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.RowSplit;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What each row of a data set comes to, as the rows of another one, as far as they have been written. Each unit is a part of a draft; in
 * the end the parts are joined in the order of the rows. So the file has the same bytes whoever worked on which unit.
 */
public final class Mapping implements LocalEngine.Results<Mapping.Part> {
    /** The buffers of a writer. */
    private static final long PART_BYTES = 1 << 18;

    private final BulkWork work;
    private final DatasetFormat format;
    private final DatasetDraft draft;
    private final RowUnits units;
    private final BitSet done;
    private final RowTally tally;
    private final long earlier;
    private long written;

    private Mapping(BulkWork work, DatasetFormat format, DatasetDraft draft, RowUnits units, BitSet done, RowTally tally) {
        this.work = work;
        this.format = format;
        this.draft = draft;
        this.units = units;
        this.done = done;
        this.tally = tally;
        earlier = units.rows(done);
    }

    /** The formats in which results are written. */
    public static boolean writes(DatasetFormat format) {
        return ResultWriter.isWritten(format);
    }

    /** The names that more than one column of the results would have. */
    public static List<String> repeatedColumns(List<RowQuantity> quantities) {
        return ResultWriter.repeated(quantities);
    }

    /** Why no data set may have the results as its rows; null if it may. */
    public static @Nullable String refusal(DatasetFormat format, List<RowQuantity> quantities) {
        long longest = quantities.stream().mapToLong(quantity -> quantity.shape().size()).max().orElse(0);
        return DatasetDraft.refusal(format, quantities.size() + 1, longest, ResultWriter.numbersOfRow(quantities));
    }

    /** Throws {@link io.chainrule.core.graph.LimitException} if a map would take more memory than a run may. */
    public static void check(BulkWork work, LocalEngine engine) {
        engine.check(work, PART_BYTES, ParquetWriter.mostBytes(work.function().quantities()));
    }

    /**
     * Begins, or goes on from a state.
     *
     * @param secondsARow how long a row is thought to take
     * @throws IllegalArgumentException if the state is of other work, or if parts are not there any more that it counts
     */
    public static Mapping of(BulkWork work, DatasetFormat format, DatasetDraft draft, double secondsARow, byte @Nullable [] state) {
        List<RowSplit> splits = work.rows().splits();
        try {
            draft.open();
            if (state == null) {
                return new Mapping(work, format, draft, RowUnits.of(splits, secondsARow), new BitSet(),
                        new RowTally(work.policy().named()));
            }
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(state));
            if (in.readInt() != RowUnits.FORM) {
                throw new IllegalArgumentException("the state is of other work, or of another version of Chainrule");
            }
            RowUnits units = RowUnits.read(in, splits);
            BitSet done = BitSet.valueOf(in.readNBytes(in.readInt()));
            if (done.stream().anyMatch(unit -> !draft.has(unit))) {
                throw new IllegalArgumentException("parts of the results were removed, since nobody has gone on with them for long");
            }
            Mapping mapping = new Mapping(work, format, draft, units, done, RowTally.of(in.readNBytes(in.readInt())));
            for (int unit = done.nextSetBit(0); unit >= 0; unit = done.nextSetBit(unit + 1)) {
                mapping.written += Files.size(draft.part(unit));
            }
            return mapping;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The state after the units that are done. */
    public byte[] state() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            units.write(out);
            for (byte[] part : List.of(done.toByteArray(), tally.toBytes())) {
                out.writeInt(part.length);
                out.write(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The bytes of what has been written of the units that are done. */
    public long written() {
        return written;
    }

    /** How many rows were done before it went on. */
    public long earlier() {
        return earlier;
    }

    public RowTally tally() {
        return tally;
    }

    /** Works on the rows that are left. Throws {@link io.chainrule.core.graph.ProblemException} for a row that ends the work. */
    public void run(LocalEngine engine, BulkProgress progress) {
        engine.run(work, units, done, _ -> new Part(), this, progress);
        tally.throwIfFailed();
    }

    /** Puts the parts together in a file of the draft, which is on the disk when it is returned. */
    public Path join(LocalEngine engine, BulkProgress progress) {
        List<RowQuantity> quantities = work.function().quantities();
        List<Path> parts = IntStream.range(0, units.size()).mapToObj(draft::part).toList();
        return engine.copy(written, ParquetWriter.mostBytes(quantities), progress, checkpoint -> {
            try {
                Path whole = draft.begin();
                ResultWriter.join(format, parts, whole, quantities, checkpoint::check);
                DatasetDraft.force(whole);
                return whole;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public void add(int unit, Part sink, RowTally ofUnit) {
        tally.add(ofUnit);
        if (tally.failure() == null) {
            written += sink.keep(unit);
        } else {
            sink.drop();
        }
    }

    @Override
    public void abandon(Part sink) {
        sink.drop();
    }

    /** Of a part that is being written; others are on the disk. */
    @Override
    public long bytes() {
        return PART_BYTES;
    }

    @Override
    public boolean hasFailed() {
        return tally.failure() != null;
    }

    /** Writes the rows of a unit. */
    final class Part implements RowSink {
        private final Path file;
        private final ResultWriter writer;

        Part() {
            try {
                file = draft.begin();
                writer = ResultWriter.open(format, file, work.function().quantities());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void accept(RowResults results) {
            try {
                writer.write(results);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private long keep(int unit) {
            try {
                writer.close();
                long bytes = Files.size(file);
                draft.keep(file, unit);
                return bytes;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void drop() {
            try {
                writer.close();
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
