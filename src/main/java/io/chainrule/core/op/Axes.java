package io.chainrule.core.op;

import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The axes that an op works along, as a set, whether they were written as a number, a list, from the end, or left out. */
public final class Axes {
    private Axes() {}

    /** Null if the op has no attribute {@code axis}. */
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

    /** From a number, a list of numbers, or null for all axes. */
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

    /**
     * The same op with axes and indices that count from the first axis, so that it means the same for an array with more axes behind.
     *
     * @param shape whose axes the op's attributes count
     */
    public static Op countedFromFirst(Op op, Shape shape, int operands) {
        Map<String, Object> attributes = new LinkedHashMap<>(op.attributes());
        attributes.computeIfPresent("at", (_, at) -> IndexPlace.expandEllipsis(shape, (List<?>) at));
        attributes.computeIfPresent("axis", (_, axis) -> axis instanceof Number number && number.intValue() < 0
                ? number.intValue() + shape.rank()
                : axis);
        return Objects.requireNonNull(OpCatalogue.find(op.name()), op.name()).create(attributes, operands);
    }

    /** Whether these are the first axes, so that an array reduced along them broadcasts against the whole one. */
    public static boolean areLeading(BitSet axes) {
        return axes.cardinality() == axes.length();
    }
}
