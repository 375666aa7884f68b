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
    private final TreeWalk walk;
    private final Scope scope;

    AttributeValues(SyntaxTree tree, TreeWalk walk, Scope scope) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.walk = walk;
        this.scope = scope;
    }

    /** The value that begins with the next node; as much of it as there is where the text breaks off. */
    Object read(String attribute) {
        int first = walk.at();
        Deque<List<Object>> lists = new ArrayDeque<>();
        List<Object> values = new ArrayList<>();
        do {
            if (walk.isAt(Syntax.LIST)) {
                walk.next();
                lists.push(values);
                values = new ArrayList<>();
            } else if (walk.isAt(Syntax.ITEMS)) {
                walk.next();
                lists.element().add(values);
                values = lists.pop();
            } else {
                values.add(scalar(attribute));
            }
        } while (!lists.isEmpty() && !walk.isAtEnd());
        if (!walk.isAtEnd() && !walk.isAt(Syntax.KEYWORD) && !walk.isAt(Syntax.CALL)) {
            throw noValue(tree.token(first), attribute);
        }
        return values.isEmpty() ? values : values.getFirst();
    }

    private Object scalar(String attribute) {
        int node = walk.next();
        int token = tree.token(node);
        String text = tokens.text(token);
        boolean isNegative = walk.isAt(Syntax.MINUS);
        boolean isSigned = isNegative || walk.isAt(Syntax.PLUS);
        OptionalDouble number = switch (tree.kind(node)) {
            case NUMBER -> OptionalDouble.of(tokens.number(token));
            case NAME -> scope.isFixed(text) ? scope.number(text) : Names.constant(text);
            default -> OptionalDouble.empty();
        };
        if (isSigned) {
            token = tree.token(walk.next());
        }
        if (number.isPresent()) {
            return isNegative ? -number.getAsDouble() : number.getAsDouble();
        } else if (!isSigned && tree.kind(node) == Syntax.TEXT) {
            return text.substring(1, text.length() - 1);
        } else if (!isSigned && (text.equals("true") || text.equals("True"))) {
            return true;
        } else if (!isSigned && (text.equals("false") || text.equals("False"))) {
            return false;
        }
        throw noValue(token, attribute);
    }

    private SyntaxException noValue(int token, String attribute) {
        String quoted = tokens.quoted(token);
        return tokens.syntaxError(token, "attribute '" + attribute + "' is " + SyntaxErrors.ATTRIBUTE + ", not " + quoted)
                .expected(SyntaxErrors.ATTRIBUTE, quoted);
    }
}
