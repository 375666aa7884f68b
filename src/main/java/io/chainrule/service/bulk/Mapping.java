package io.chainrule.service.bulk;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.rows.RowWriter;
import io.chainrule.core.tensor.UnreadableBytesException;
import io.chainrule.service.datasets.DatasetDraft;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.WrittenFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What each row of a data set comes to, as the rows of another one, as far as they have been written. Each unit is a part of a draft; in
 * the end the parts are joined in the order of the rows. So the file has the same bytes whoever worked on which unit.
 */
public final class Mapping extends UnitWork implements LocalEngine.Results<MappedPart> {
    /** The buffers of a writer. */
    private static final long PART_BYTES = 1 << 18;
    private static final double SECONDS_A_NUMBER = 2e-7;

    private final DatasetFormat format;
    private final DatasetDraft draft;
    /** Two attempts that start without a stored state may cut the rows differently. This name keeps their parts apart. */
    private final String series;
    private long written;
    private @Nullable Joining joining;
    /** The state of {@link #joining} that was stored last; nothing if there is none. */
    private byte[] joined;

    private Mapping(BulkWork work, DatasetFormat format, DatasetDraft draft, double secondsARow, @Nullable Earlier earlier)
            throws IOException {
        super(work, secondsARow + secondsToWrite(1, work.function().quantities()), earlier);
        this.format = format;
        this.draft = draft;
        MappingState stored = earlier == null
                ? new MappingState(UUID.randomUUID().toString(), Joining.NOTHING)
                : MappingState.of(earlier.results());
        series = stored.series();
        joined = stored.joined();
        for (int unit = done().nextSetBit(0); unit >= 0 && !hasFailed(); unit = done().nextSetBit(unit + 1)) {
            if (!Files.isRegularFile(part(unit))) {
                throw new UnreadableBytesException("parts of the results were removed, since nobody has gone on with them for long");
            }
            written += Files.size(part(unit));
        }
    }

    /** The formats in which results are written. */
    public static boolean writes(DatasetFormat format) {
        return format == DatasetFormat.JSONL || format == DatasetFormat.PARQUET;
    }

    /**
     * Throws {@link io.chainrule.core.graph.LimitException} if a map needs more memory than a run may take.
     *
     * @param rows how many have results; less than 0 if it is not known
     */
    public static void check(BulkWork work, RowEngine engine, DatasetFormat format, long rows) {
        long bytes = Math.max(0, rows) * Double.BYTES * RowWriter.numbersOfRow(work.function().quantities());
        engine.check(work, PART_BYTES, Joining.memory(format, work.function().quantities(), bytes));
    }

    /**
     * Begins, or goes on from a state.
     *
     * @param secondsARow how long a row is thought to take
     * @param alone does work unless others have begun to work on the draft since the state was read
     * @throws UnreadableBytesException if the state is of other work, or if parts are not there any more that it counts
     */
    public static Mapping of(BulkWork work, DatasetFormat format, DatasetDraft draft, double secondsARow, byte @Nullable [] state,
            Consumer<Runnable> alone) {
        try {
            draft.open();
            // The files are listed before the work that removes them is alone. If this process stands still in that work until another
            // attempt has begun, the other's files are not in the list.
            alone.accept(draft.clearing(state == null));
            return new Mapping(work, format, draft, secondsARow, read(work, state));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The results are files of the draft, so the state holds only their common name, and how many of them are joined. */
    @Override
    byte[] results() {
        if (joining != null) {
            try {
                joined = joining.state();
                draft.touch();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new MappingState(series, joined).toBytes();
    }

    private Path part(int unit) {
        return draft.part(series + "-" + unit);
    }

    /**
     * Checks, while rows are worked on, that the disk has room. Throws as {@link DatasetDraft#checkRoom}.
     *
     * @param done the rows that are done
     * @param all the rows that will be done; less than 0 if it is not known
     */
    public void checkRoom(long done, long all) {
        // The parts stay until the file that they are joined in is whole.
        draft.checkRoom(0, written, (long) (2 * bytes(done, all)));
    }

    /** Checks that the disk has room for {@link #join}. Throws as {@link DatasetDraft#checkRoom}. */
    public void checkRoomToJoin() {
        draft.checkRoom(left(), 2 * written - left(), 2 * written);
    }

    /** The bytes that {@link #join} may still write. */
    public long left() {
        try {
            return Math.max(0, written - draft.bytesOfWhole(series));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** About how many bytes the parts will have. */
    private double bytes(long done, long all) {
        return done == 0 ? 0 : (double) written / done * Math.max(done, all);
    }

    /**
     * About how long it takes to write the results of rows, and to join them, in seconds of one core.
     *
     * @param rows how many
     */
    public static double secondsToWrite(long rows, List<RowQuantity> quantities) {
        return SECONDS_A_NUMBER * rows * RowWriter.numbersOfRow(quantities);
    }

    /**
     * About how many seconds {@link #join} takes from now on, or will take.
     *
     * @param done the rows that are done
     * @param all the rows that will be done
     */
    public double secondsToJoin(long done, long all) {
        return Joining.seconds(format, Math.max(0, bytes(done, all) - (joining == null ? 0 : joining.joined())));
    }

    /** How parts are written. */
    RowWriter.Form form() {
        return format == DatasetFormat.PARQUET ? RowWriter.Form.RAW : RowWriter.Form.JSON_LINES;
    }

    /** Where parts are written before they are kept. */
    Path folder() {
        return draft.folder();
    }

    /** Works on the rows that are left. Throws {@link ProblemException} for a row that ends the work. */
    public void run(RowEngine engine, BulkProgress progress) {
        if (!isDone()) {
            engine.map(this, progress);
        }
        tally().throwIfFailed();
    }

    /** What receives the results of a unit. */
    MappedPart part() {
        return new MappedPart(draft, form(), work().function().quantities());
    }

    /** Forces the part to the disk. Other threads need not wait for that. */
    @Override
    public void complete(MappedPart sink) {
        sink.complete();
    }

    /** Puts the parts together in a file of the draft, which is on the disk when it is returned. The state may be stored meanwhile. */
    public WrittenFile join(LocalEngine engine, BulkProgress progress) {
        List<RowQuantity> quantities = work().function().quantities();
        long rows = known().rows(done());
        List<Path> parts = IntStream.range(0, known().size()).mapToObj(this::part).toList();
        return engine.copy(written, Joining.memory(format, quantities, written), progress, checkpoint -> {
            Joining.Progress steps = new Joining.Progress(checkpoint::check, () -> progress.done(rows));
            boolean hasTexts = tally.notFinite() + tally.refused() > 0;
            try (Joining opened = Joining.of(format, draft.whole(series), quantities, written, hasTexts, joined, steps)) {
                joining = opened;
                opened.run(parts, known().before(), steps);
                return opened.end();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                joining = null;
            }
        });
    }

    @Override
    public void add(int unit, MappedPart sink, RowTally ofUnit) {
        if (ofUnit.failure() == null) {
            keep(unit, sink.file());
        } else {
            sink.drop();
        }
        tally.add(ofUnit);
    }

    /** Adds what was wrong with the rows of some units. */
    void add(RowTally ofUnits) {
        tally.add(ofUnits);
    }

    private void keep(int unit, Path file) {
        try {
            long bytes = Files.size(file);
            Files.move(file, part(unit), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            written += bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes a file a part that another process has written. Throws {@link ProblemException} if it is not there as a whole.
     *
     * @param name of the file in the {@link #folder()}
     * @param bytes how long it is
     */
    void receive(int unit, String name, long bytes) {
        try {
            Path file = draft.begun(name);
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) != bytes) {
                throw new ProblemException(Problem
                        .of(ProblemCode.INVALID_VALUE, "Spark has written results where the service does not find them")
                        .at(Place.setting("engine")).expected("a folder that the workers share with the service", "one of their own")
                        .hint("whoever runs the service names a folder in chainrule.datasets.directory that all see at the same path"));
            }
            keep(unit, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void abandon(MappedPart sink) {
        sink.drop();
    }

    /** Of a part that is being written; others are on the disk. */
    @Override
    public long bytes() {
        return PART_BYTES;
    }
}
