package io.chainrule.core.rows;

import io.chainrule.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * An array that is computed of each row.
 *
 * @param name the node whose value it is, or the name of what the output is differentiated by
 * @param by of a second derivative the other name; else null
 * @param shape in one row
 */
public record RowQuantity(Kind kind, String name, @Nullable String by, Shape shape) {

    /** What a quantity is. */
    public enum Kind {
        /** The value of the output. */
        VALUE,
        /** The value of another node that was asked for. */
        NODE,
        GRADIENT,
        /** Of shape {@code shape(name) + shape(by)}. */
        HESSIAN
    }

    @Override
    public String toString() {
        return switch (kind) {
            case VALUE -> "the value of '" + name + "'";
            case NODE -> "'" + name + "'";
            case GRADIENT -> "the gradient by '" + name + "'";
            case HESSIAN -> "the second derivative by '" + name + "' and '" + by + "'";
        };
    }
}
