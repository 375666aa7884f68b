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
    private static final int FORM = 1;

    private final BulkWork work;
    private final DatasetFormat format;
    private final DatasetDraft draft;
    private final RowUnits units;
    private final BitSet done;
    private final RowTally tally;
    private final long earlier;

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

    /** The memory in bytes that the results of a unit take at most. */
    public static long mostBytes(List<RowQuantity> quantities) {
        return ResultWriter.mostBytes(quantities);
    }

    /**
     * Begins, or goes on from a state.
     *
     * @param secondsARow how long a row is thought to take
     * @throws IllegalArgumentException if the state is of other work, or if parts are not there any more that it counts
     */
    public static Mapping of(BulkWork work, DatasetFormat format, DatasetDraft draft, double secondsARow, byte @Nullable [] state) {
        List<RowSplit> splits = work.rows().splits();
        if (state == null) {
            return new Mapping(work, format, draft, RowUnits.of(splits, secondsARow), new BitSet(), new RowTally(work.policy().named()));
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            if (in.readInt() != FORM || in.readInt() != splits.size()) {
                throw new IllegalArgumentException("the state is of other work, or of another version of Chainrule");
            }
            RowUnits units = new RowUnits(splits, in.readInt());
            BitSet done = BitSet.valueOf(in.readNBytes(in.readInt()));
            if (done.stream().anyMatch(unit -> !draft.has(unit))) {
                throw new IllegalArgumentException("parts of the results were removed, since nobody has gone on with them for long");
            }
            return new Mapping(work, format, draft, units, done, RowTally.of(in.readNBytes(in.readInt())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The state after the units that are done. */
    public byte[] state() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(FORM);
            out.writeInt(units.splits().size());
            out.writeInt(units.cuts());
            for (byte[] part : List.of(done.toByteArray(), tally.toBytes())) {
                out.writeInt(part.length);
                out.write(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
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

    /** Joins the parts to one file of the draft. */
    public Path join(BulkProgress progress) throws IOException {
        Path whole = draft.begin();
        List<Path> parts = IntStream.range(0, units.size()).mapToObj(draft::part).toList();
        ResultWriter.join(format, parts, whole, work.function().quantities(), progress::check);
        return whole;
    }

    @Override
    public void add(int unit, Part sink, RowTally ofUnit) {
        tally.add(ofUnit);
        sink.end(tally.failure() == null, unit);
    }

    @Override
    public void abandon(Part sink) {
        sink.end(false, 0);
    }

    @Override
    public long bytes() {
        return mostBytes(work.function().quantities());
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

        private void end(boolean isKept, int unit) {
            try {
                writer.close();
                if (isKept) {
                    draft.keep(file, unit);
                } else {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
