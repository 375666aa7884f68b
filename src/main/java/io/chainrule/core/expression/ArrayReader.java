package io.chainrule.core.expression;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.BitSet;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Reads nested lists of numbers, as large as they may be, into one constant. */
final class ArrayReader {
    private static final int MIXED = -1;

    private final Tokens tokens;
    private final Cursor cursor;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    /** Brackets of lists with an item that is no number, so that each is tried once only. */
    private final BitSet mixed = new BitSet();

    ArrayReader(Tokens tokens, Cursor cursor, Scope scope, NodeWriter writer, Problems problems) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
    }

    /** The node of the list that begins at the cursor, which is then behind it; nothing, and no step, if it holds anything but numbers. */
    OptionalInt read() {
        int first = cursor.at();
        if (mixed.get(first)) {
            return OptionalInt.empty();
        }
        ArrayBuilder array = new ArrayBuilder();
        int end = scan(first, array);
        if (end == MIXED) {
            for (int level = 0; level < array.depth(); level++) {
                mixed.set(array.openAt(level));
            }
            return OptionalInt.empty();
        }
        cursor.moveTo(end);
        cursor.advance();
        if (array.misfit().isPresent()) {
            problems.add(tokens
                    .problem(ProblemCode.SHAPE_MISMATCH, array.misfit().getAsInt(), "the rows of this array differ in length or depth")
                    .hint("lists at the same depth have equally many items"));
            return OptionalInt.of(NodeWriter.BROKEN);
        }
        return OptionalInt.of(writer.leaf(new Leaf.Constant(array.tensor()), first));
    }

    /** The token that closes the list, or MIXED where an item is no number. */
    private int scan(int first, ArrayBuilder array) {
        boolean itemMayFollow = true;
        for (int i = first;; i++) {
            switch (tokens.kind(i)) {
                case NEWLINE -> {
                    continue;
                }
                case LEFT_BRACKET -> {
                    if (!itemMayFollow) {
                        return MIXED;
                    }
                    cursor.checkNesting(array.depth() + 1);
                    array.open(i);
                }
                case RIGHT_BRACKET -> {
                    array.close();
                    itemMayFollow = false;
                    if (array.depth() == 0) {
                        return i;
                    }
                }
                case COMMA -> {
                    if (itemMayFollow) {
                        return MIXED;
                    }
                    itemMayFollow = true;
                }
                default -> {
                    boolean negative = tokens.kind(i) == TokenKind.MINUS;
                    i += negative || tokens.kind(i) == TokenKind.PLUS ? 1 : 0;
                    OptionalDouble number = scope.number(i);
                    if (!itemMayFollow || number.isEmpty()) {
                        return MIXED;
                    }
                    array.add(negative ? -number.getAsDouble() : number.getAsDouble(), i);
                    itemMayFollow = false;
                }
            }
        }
    }
}
