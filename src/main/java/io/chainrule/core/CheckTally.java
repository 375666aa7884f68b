package io.chainrule.core;

import io.chainrule.core.autodiff.Difference;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects the results for the entries of one block of derivatives. */
final class CheckTally {
    private final Rounding rounding;
    private final Shape shape;
    private final Map<Difference.Kind, Long> counts = new EnumMap<>(Difference.Kind.class);
    private final Map<Difference.Kind, Long> firsts = new EnumMap<>(Difference.Kind.class);
    private double largestError;
    private CheckReport.@Nullable Worst worst;
    private long worstEntry;

    /** {@code shape} is the shape of the block. */
    CheckTally(Rounding rounding, Shape shape) {
        this.rounding = rounding;
        this.shape = shape;
    }

    void add(long entry, double claimed, Difference found) {
        if (found.isExcused()) {
            if (found.kind() != Difference.Kind.NOISE || claimed != 0) {
                note(entry, found.kind());
            }
            return;
        }
        if (found.kind() == Difference.Kind.UNDEFINED) {
            note(entry, found.kind());
        }
        double error = Difference.relativeError(claimed, found.numeric());
        if (worst == null || error > largestError) {
            largestError = error;
            worstEntry = entry;
            worst = new CheckReport.Worst(shape.index(entry), claimed, found.numeric());
        }
    }

    private void note(long entry, Difference.Kind kind) {
        counts.merge(kind, 1L, Long::sum);
        firsts.putIfAbsent(kind, entry);
    }

    /** How many entries the block has. */
    long size() {
        return shape.size();
    }

    void write(DataOutputStream out) throws IOException {
        for (Difference.Kind kind : Difference.Kind.values()) {
            out.writeLong(counts.getOrDefault(kind, 0L));
            out.writeLong(firsts.getOrDefault(kind, 0L));
        }
        out.writeDouble(largestError);
        out.writeBoolean(worst != null);
        if (worst != null) {
            out.writeLong(worstEntry);
            out.writeDouble(worst.analytic());
            out.writeDouble(worst.numeric());
        }
    }

    /** Reads what {@link #write} has written of a block of this shape. */
    void read(DataInputStream in) throws IOException {
        for (Difference.Kind kind : Difference.Kind.values()) {
            long count = in.readLong();
            long first = in.readLong();
            if (count > 0) {
                counts.put(kind, count);
                firsts.put(kind, first);
            }
        }
        largestError = in.readDouble();
        if (in.readBoolean()) {
            worstEntry = in.readLong();
            worst = new CheckReport.Worst(shape.index(worstEntry), in.readDouble(), in.readDouble());
        }
    }

    CheckReport.InputCheck check(String wrt, @Nullable String by, long checked) {
        List<CheckReport.Note> notes = new ArrayList<>();
        counts.forEach((kind, count) -> notes.add(new CheckReport.Note(kind.name().toLowerCase(Locale.ROOT), count,
                shape.index(firsts.getOrDefault(kind, 0L)), message(kind, count))));
        return new CheckReport.InputCheck(wrt, by, largestError, verdict(largestError), worst, checked, shape.size(), notes);
    }

    private String message(Difference.Kind kind, long count) {
        String entries = count == 1 ? "at 1 entry " : "at " + count + " entries ";
        return entries + switch (kind) {
            case KINK ->
                "the function has a kink, a vertical tangent or the edge of its domain within every step, and the derivative is one of"
                        + " those that the conventions allow";
            case JUMP -> "the function jumps: its values on the two sides do not meet, and the derivative is that of the branch taken";
            case NOISE -> "rounding hides the difference, or it does not settle: " + (rounding.worst() < 0
                    ? ""
                    : "the value is good to about " + String.format(Locale.ROOT, "%.1e", rounding.ofValue()) + " only, most of it lost at "
                            + rounding.name() + "; ")
                    + "the derivative does not suffer from that, the central difference does";
            case UNDEFINED -> "the value or the derivative is not finite, so that there is nothing to compare";
            case SMOOTH -> "the differences settle";
        };
    }

    /** The thresholds are those of the gradient check in Stanford's course CS231n. */
    static String verdict(double error) {
        return error <= 1e-7 ? "good" : error <= 1e-4 ? "fine" : error <= 1e-2 ? "suspect" : "wrong";
    }
}
