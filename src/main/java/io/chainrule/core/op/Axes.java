package io.chainrule.core.op;

import io.chainrule.core.graph.Op;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Along which axes an op works, however they were written. */
public final class Axes {
    private Axes() {}

    /** Null where the op has none. */
    public static @Nullable BitSet of(Op op, int rank) {
        OpDefinition definition = OpCatalogue.find(op.name());
        if (definition == null) {
            return null;
        }
        for (Attribute attribute : definition.attributes()) {
            if (attribute.name().equals("axis")) {
                Object written = op.attributes().get("axis");
                return of(written == null ? attribute.defaultValue() : written, rank);
            }
        }
        return null;
    }

    /** A number, a list of numbers, or null for all. */
    public static BitSet of(@Nullable Object value, int rank) {
        BitSet axes = new BitSet();
        switch (value) {
            case null -> axes.set(0, rank);
            case List<?> list -> list.forEach(axis -> set(axes, axis, rank));
            default -> set(axes, value, rank);
        }
        return axes;
    }

    private static void set(BitSet axes, @Nullable Object axis, int rank) {
        if (axis instanceof Number number) {
            axes.set(number.intValue() < 0 ? number.intValue() + rank : number.intValue());
        }
    }

    /** Whether arrays without these axes broadcast against those that have them. */
    public static boolean areLeading(BitSet axes) {
        return axes.cardinality() == axes.length();
    }
}
