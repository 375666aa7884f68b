package io.chainrule.core.op;

import org.jspecify.annotations.Nullable;

/**
 * How an op is written in other languages. In templates {@code $0}, {@code $1} are the operands, {@code $name} are attributes. A template
 * for numbers is in the subset that C, Java and JavaScript share, with the names of C's functions; NumPy's follows from it, unless it has
 * one of its own. The body of a loop works along one axis: of operand k it reads {@code xk[ok + i * sk]} for i below {@code nk}; a
 * reduction returns its value, a map writes {@code y[oy + i * sy]} for i below {@code ny}.
 *
 * @param text the template, or the body of the loop; null if there is none
 * @param numpy the template for NumPy; null if it follows from that for numbers
 */
public record OpCode(Kind kind, @Nullable String text, @Nullable String numpy) {

    /** What the text is. */
    public enum Kind {
        /** An expression for each element. */
        SCALAR,
        /** A loop along the axes of a reduction. */
        REDUCTION,
        /** A loop along one axis, which keeps it. */
        MAP,
        /** Inner products of the last axis of the first operand and the last but one of the second. */
        PRODUCT,
        /** There is none: the op is an array operation of NumPy alone. */
        NUMPY
    }

    static OpCode scalar(String template) {
        return new OpCode(Kind.SCALAR, template, null);
    }

    static OpCode reduction(String body) {
        return new OpCode(Kind.REDUCTION, body, null);
    }

    static OpCode map(String body) {
        return new OpCode(Kind.MAP, body, null);
    }

    static OpCode product(String template) {
        return new OpCode(Kind.PRODUCT, null, template);
    }

    static OpCode array(String template) {
        return new OpCode(Kind.NUMPY, null, template);
    }

    OpCode numpy(String template) {
        return new OpCode(kind, text, template);
    }
}
