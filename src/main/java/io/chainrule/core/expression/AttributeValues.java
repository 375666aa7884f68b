package io.chainrule.core.expression;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;

/** Reads expressions as values of attributes: numbers, booleans, texts, and lists of these. */
final class AttributeValues {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Scope scope;
    private int next;

    AttributeValues(SyntaxTree tree, Scope scope) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.scope = scope;
    }

    /** The node behind the value that was read last. */
    int next() {
        return next;
    }

    /** The value whose nodes begin here; what is read of it where it breaks off at {@code end}. */
    Object read(int first, int end, String attribute) {
        Deque<List<Object>> lists = new ArrayDeque<>();
        List<Object> values = new ArrayList<>();
        next = first;
        do {
            switch (tree.kind(next)) {
                case LIST -> {
                    lists.push(values);
                    values = new ArrayList<>();
                }
                case ITEMS -> {
                    List<Object> list = values;
                    values = lists.pop();
                    values.add(list);
                }
                default -> values.add(scalar(end, attribute));
            }
            next++;
        } while (!lists.isEmpty() && next < end);
        if (next < end && tree.kind(next) != Syntax.KEYWORD && tree.kind(next) != Syntax.CALL) {
            throw noValue(tree.token(first), attribute);
        }
        return values.isEmpty() ? List.of() : values.getFirst();
    }

    /** The value of the next node, and of a sign behind it. */
    private Object scalar(int end, String attribute) {
        int token = tree.token(next);
        String text = tokens.text(token);
        boolean isSigned = next + 1 < end && (tree.kind(next + 1) == Syntax.MINUS || tree.kind(next + 1) == Syntax.PLUS);
        OptionalDouble number = switch (tree.kind(next)) {
            case NUMBER -> OptionalDouble.of(tokens.number(token));
            case NAME -> scope.isFixed(text) ? scope.number(text) : Names.constant(text);
            default -> OptionalDouble.empty();
        };
        if (isSigned) {
            next++;
        }
        if (number.isPresent()) {
            return isSigned && tree.kind(next) == Syntax.MINUS ? -number.getAsDouble() : number.getAsDouble();
        } else if (!isSigned && tree.kind(next) == Syntax.TEXT) {
            return text.substring(1, text.length() - 1);
        } else if (!isSigned && tree.kind(next) == Syntax.NAME) {
            switch (text) {
                case "true", "True" -> {
                    return true;
                }
                case "false", "False" -> {
                    return false;
                }
                default -> {
                    // Some other name has no value yet.
                }
            }
        }
        throw noValue(tree.token(next), attribute);
    }

    private SyntaxException noValue(int token, String attribute) {
        return tokens.syntaxError(token, "attribute '" + attribute + "' is " + SyntaxErrors.ATTRIBUTE + ", not " + tokens.quoted(token))
                .expected(SyntaxErrors.ATTRIBUTE, tokens.quoted(token));
    }
}
