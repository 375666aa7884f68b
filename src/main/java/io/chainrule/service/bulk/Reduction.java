package io.chainrule.service.bulk;

import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.service.datasets.RowSplit;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sums, means and variances over the rows of a data set, as far as they have come. They are exact until they are read, so that neither the
 * order of the units nor who worked on them changes a bit.
 */
public final class Reduction implements LocalEngine.Results<RowReduction> {
    private static final int FORM = 1;

    private final BulkWork work;
    private final Moments.Order order;
    private final RowUnits units;
    private final BitSet done;
    private final RowReduction moments;
    private final RowTally tally;
    private final long earlier;

    private Reduction(BulkWork work, Moments.Order order, RowUnits units, BitSet done, RowReduction moments, RowTally tally) {
        this.work = work;
        this.order = order;
        this.units = units;
        this.done = done;
        this.moments = moments;
        this.tally = tally;
        earlier = units.rows(done);
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
        List<RowSplit> splits = work.rows().splits();
        if (state == null) {
            return new Reduction(work, order, RowUnits.of(splits, secondsARow), new BitSet(),
                    new RowReduction(work.function().quantities(), order), new RowTally(work.policy().named()));
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            if (in.readInt() != FORM || in.readInt() != splits.size()) {
                throw new IllegalArgumentException("the state is of other work, or of another version of Chainrule");
            }
            return new Reduction(work, order, new RowUnits(splits, in.readInt()), BitSet.valueOf(bytes(in)),
                    RowReduction.of(work.function().quantities(), bytes(in)), RowTally.of(bytes(in)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        return in.readNBytes(in.readInt());
    }

    /** The state after the units that are done. */
    public byte[] state() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(FORM);
            out.writeInt(units.splits().size());
            out.writeInt(units.cuts());
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
    public void run(LocalEngine engine, BulkProgress progress) {
        engine.run(work, units, done, _ -> new RowReduction(work.function().quantities(), order), this, progress);
        tally.throwIfFailed();
    }

    @Override
    public void add(int unit, RowReduction sink, RowTally ofUnit) {
        moments.add(sink);
        tally.add(ofUnit);
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

    public RowTally tally() {
        return tally;
    }
}
