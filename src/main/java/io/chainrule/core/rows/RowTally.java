package io.chainrule.core.rows;

import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How many rows there were, and what was wrong with them. Tallies of parts of a data set are added to each other; the sum depends neither
 * on the parts nor on their order. Not thread-safe.
 */
public final class RowTally {
    private static final int FORM = 0x43_54_02;

    private final int named;
    private long rows;
    private long used;
    private long refused;
    private long notFinite;
    private final Map<String, Cells> columns = new TreeMap<>();
    private final TreeSet<RowFault> faults = new TreeSet<>();
    private @Nullable RowFault failure;

    /**
     * How many cells of a column were wrong.
     *
     * @param malformed those that are no number, or no array of the right shape
     */
    public record Cells(long missing, long malformed) {
        private Cells plus(Cells others) {
            return new Cells(missing + others.missing, malformed + others.malformed);
        }
    }

    /** @param named how many faults are kept at most, those of the first rows */
    public RowTally(int named) {
        this.named = named;
    }

    /** All rows that were read. */
    public long rows() {
        return rows;
    }

    /** The rows that have results. */
    public long used() {
        return used;
    }

    /** The rows that were left out. */
    public long skipped() {
        return rows - used;
    }

    /** The rows whose values an op could not use. */
    public long refused() {
        return refused;
    }

    /** The rows of which a result was not finite. */
    public long notFinite() {
        return notFinite;
    }

    /** The columns that had missing or malformed cells, by name. */
    public Map<String, Cells> columns() {
        return Collections.unmodifiableMap(columns);
    }

    /** The first faults, by part and row. */
    public List<RowFault> faults() {
        return List.copyOf(faults);
    }

    /** The fault that ended the work: the first one of those that ended a part of it. Null if there is none. */
    public @Nullable RowFault failure() {
        return failure;
    }

    /** Throws the problem that ended the work, if there is one. */
    public void throwIfFailed() {
        if (failure != null) {
            throw failure.exception();
        }
    }

    void countRow() {
        rows++;
    }

    void countUsed(int more) {
        used += more;
    }

    void countCell(String column, RowFault.Kind kind) {
        columns.merge(column, kind == RowFault.Kind.MISSING_CELL ? new Cells(1, 0) : new Cells(0, 1), Cells::plus);
    }

    void countRefused() {
        refused++;
    }

    void countNotFinite() {
        notFinite++;
    }

    /** Whether a fault of this row would be kept. */
    boolean keeps(String part, long row) {
        return faults.size() < named || !faults.isEmpty() && new RowFault(part, row, RowFault.Kind.MISSING_CELL, null, "", null)
                .compareTo(faults.last()) < 0;
    }

    void add(RowFault fault) {
        faults.add(fault);
        if (faults.size() > named) {
            faults.pollLast();
        }
    }

    void fail(RowFault fault) {
        if (failure == null || fault.compareTo(failure) < 0) {
            failure = fault;
        }
    }

    /** Adds what another tally counted, which stays as it is. */
    public void add(RowTally others) {
        rows += others.rows;
        used += others.used;
        refused += others.refused;
        notFinite += others.notFinite;
        others.columns.forEach((column, cells) -> columns.merge(column, cells, Cells::plus));
        others.faults.forEach(this::add);
        if (others.failure != null) {
            fail(others.failure);
        }
    }

    /**
     * The same tally with rows counted through the data set.
     *
     * @param before how many rows come before a part
     */
    public RowTally countedThrough(ToLongFunction<String> before) {
        RowTally all = new RowTally(named);
        all.add(this);
        all.faults.clear();
        faults.forEach(fault -> all.faults.add(fault.countedThrough(before)));
        all.failure = failure == null ? null : failure.countedThrough(before);
        return all;
    }

    /** All of this as bytes, which are equal if tallies are. */
    public byte[] toBytes() {
        return SerialForm.written(FORM, out -> {
            out.writeInt(named);
            for (long count : new long[]{rows, used, refused, notFinite}) {
                out.writeLong(count);
            }
            out.writeInt(columns.size());
            for (Map.Entry<String, Cells> column : columns.entrySet()) {
                SerialForm.write(column.getKey(), out);
                out.writeLong(column.getValue().missing());
                out.writeLong(column.getValue().malformed());
            }
            List<RowFault> all = new ArrayList<>(faults);
            if (failure != null) {
                all.add(failure);
            }
            out.writeBoolean(failure != null);
            out.writeInt(all.size());
            for (RowFault fault : all) {
                write(fault, out);
            }
        });
    }

    private static void write(RowFault fault, DataOutputStream out) throws IOException {
        SerialForm.write(fault.part(), out);
        out.writeLong(fault.row());
        SerialForm.write(fault.kind().name(), out);
        SerialForm.write(fault.text(), out);
        writeOptional(fault.name(), out);
        writeOptional(fault.expected(), out);
    }

    private static void writeOptional(@Nullable String text, DataOutputStream out) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) {
            SerialForm.write(text, out);
        }
    }

    /**
     * Reads what {@link #toBytes} has written.
     *
     * @throws UnreadableBytesException if the bytes are none that this version of the program writes
     */
    public static RowTally of(byte[] bytes) {
        return SerialForm.read(bytes, FORM, "a tally of rows", in -> {
            RowTally tally = new RowTally(in.readInt());
            tally.read(in);
            return tally;
        });
    }

    private void read(DataInputStream in) throws IOException {
        rows = in.readLong();
        used = in.readLong();
        refused = in.readLong();
        notFinite = in.readLong();
        for (int i = in.readInt(); i > 0; i--) {
            columns.put(SerialForm.text(in), new Cells(in.readLong(), in.readLong()));
        }
        boolean hasFailed = in.readBoolean();
        for (int i = in.readInt(); i > 0; i--) {
            RowFault fault = readFault(in);
            if (i == 1 && hasFailed) {
                failure = fault;
            } else {
                add(fault);
            }
        }
    }

    private static RowFault readFault(DataInputStream in) throws IOException {
        String part = SerialForm.text(in);
        long row = in.readLong();
        RowFault.Kind kind = RowFault.Kind.valueOf(SerialForm.text(in));
        String text = SerialForm.text(in);
        String name = in.readBoolean() ? SerialForm.text(in) : null;
        return new RowFault(part, row, kind, name, text, in.readBoolean() ? SerialForm.text(in) : null);
    }
}
