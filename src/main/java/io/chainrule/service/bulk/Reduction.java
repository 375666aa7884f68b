package io.chainrule.service.bulk;

import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sums, means and variances over the rows of a data set, as far as they have come. They are exact until they are read, so that neither the
 * order of the units nor who worked on them changes a bit.
 */
public final class Reduction implements LocalEngine.Results<RowReduction> {
    private final BulkWork work;
    private final Moments.Order order;
    private final double secondsARow;
    private @Nullable WorkUnits units;
    private final BitSet done;
    private final RowReduction moments;
    private final RowTally tally;
    private final long earlier;

    private Reduction(BulkWork work, Moments.Order order, double secondsARow, @Nullable WorkUnits units, BitSet done, RowReduction moments,
            RowTally tally) {
        this.work = work;
        this.order = order;
        this.secondsARow = secondsARow;
        this.units = units;
        this.done = done;
        this.moments = moments;
        this.tally = tally;
        earlier = units == null ? 0 : units.rows(done);
    }

    /** How many rows were done before it went on. */
    public long earlier() {
        return earlier;
    }

    /**
     * Begins, or goes on from a state.
     *
     * @param secondsARow how long a row is thought to take
     * @throws IllegalArgumentException if the state is of other work
     */
    public static Reduction of(BulkWork work, Moments.Order order, double secondsARow, byte @Nullable [] state) {
        if (state == null) {
            return new Reduction(work, order, secondsARow, null, new BitSet(), new RowReduction(work.function().quantities(), order),
                    new RowTally(work.policy().named()));
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            WorkUnits units = switch (in.readInt()) {
                case RowUnits.FORM -> RowUnits.read(in, work.rows().splits());
                case SparkUnits.FORM -> SparkUnits.read(in);
                default -> throw new IllegalArgumentException("the state is of another version of Chainrule");
            };
            return new Reduction(work, order, secondsARow, units, BitSet.valueOf(bytes(in)),
                    RowReduction.of(work.function().quantities(), bytes(in)), RowTally.of(bytes(in)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        return in.readNBytes(in.readInt());
    }

    /** The state after the units that are done. Called while work is under way. */
    public byte[] state() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            Objects.requireNonNull(units).write(out);
            for (byte[] part : List.of(done.toByteArray(), moments.toBytes(), tally.toBytes())) {
                out.writeInt(part.length);
                out.write(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Works on the rows that are left. Throws {@link io.chainrule.core.graph.ProblemException} for a row that ends the work. */
    public void run(RowEngine engine, BulkProgress progress) {
        engine.reduce(this, progress);
        tally().throwIfFailed();
    }

    BulkWork work() {
        return work;
    }

    Moments.Order order() {
        return order;
    }

    double secondsARow() {
        return secondsARow;
    }

    /**
     * The units of the work, which {@code begun} makes if it begins.
     *
     * @throws IllegalArgumentException if the work was begun by another engine
     */
    <U extends WorkUnits> U units(Class<U> type, Supplier<U> begun) {
        if (units == null) {
            units = begun.get();
        }
        if (!type.isInstance(units)) {
            throw new IllegalArgumentException("the state is of another engine");
        }
        return type.cast(units);
    }

    /** The units that are done. */
    BitSet done() {
        return done;
    }

    /** What receives the results of some units. */
    RowReduction part() {
        return new RowReduction(work.function().quantities(), order);
    }

    @Override
    public void add(int unit, RowReduction sink, RowTally ofUnit) {
        add(sink, ofUnit);
    }

    /** Adds the results of some units. */
    void add(RowReduction ofUnits, RowTally tallyOfUnits) {
        moments.add(ofUnits);
        tally.add(tallyOfUnits);
    }

    @Override
    public long bytes() {
        return RowReduction.mostBytes(work.function().quantities(), order);
    }

    @Override
    public boolean hasFailed() {
        return tally.failure() != null;
    }

    public RowReduction moments() {
        return moments;
    }

    /** What was wrong with rows. */
    public RowTally tally() {
        return units == null ? tally : units.numbered(tally);
    }
}
