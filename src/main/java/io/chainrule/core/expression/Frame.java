package io.chainrule.core.expression;

import io.chainrule.core.op.OpDefinition;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something that was begun and waits for its operands; {@code token} is where it was begun. */
sealed interface Frame {
    int token();

    /** Its last operand is being read; how tightly that is held. */
    sealed interface Operation extends Frame {
        Precedence precedence();
    }

    record Negation(int token) implements Operation {
        @Override
        public Precedence precedence() {
            return Precedence.SIGN;
        }
    }

    record Infix(int token, Operator operator) implements Operation {
        @Override
        public Precedence precedence() {
            return operator.precedence();
        }
    }

    /** Ends at its closing bracket. */
    sealed interface Bracket extends Frame {}

    record Group(int token) implements Bracket {}

    /** A list with an item that is no number; {@code base} is the height of the operand stack before its items. */
    record Items(int token, int base) implements Bracket {}

    /** A call of a function, or of null where it has no meaning yet; {@code keywords} are the tokens of names, by the argument's position. */
    record Application(int token, @Nullable Definition definition, int base, Map<Integer, Integer> keywords) implements Bracket {}

    /** The body of a function, read for a call from this site; ends at its separator. */
    record Body(int token, Definition definition, @Nullable Site site) implements Frame {}

    /** A call of an op, or of null where no op has the name, which has been reported. Attributes are added as they are read. */
    record Call(int token, @Nullable OpDefinition op, int base, Map<String, Object> attributes,
            Map<String, Integer> attributeTokens) implements Bracket {}
}
