package io.chainrule.core.expression;

import io.chainrule.core.expression.Corrections.Edit;
import java.util.List;

/** Proposes edits that may mend a bracket that is missing, too many, or of the wrong kind. */
record BracketCorrections(Tokens tokens, Operands operands) {
    /** Longer names are no two names that stand in one. */
    static final int LONGEST_NAME = 64;

    static BracketCorrections of(Tokens tokens) {
        return new BracketCorrections(tokens, new Operands(tokens));
    }

    /** Every place in the statement where the bracket could be closed. */
    void closing(int bracket, String closer, List<Edit> edits) {
        if (isBar(bracket) && bars(bracket) % 2 == 0) {
            return;
        }
        for (int token = bracket + 1; token < tokens.size(); token++) {
            edits.add(Edit.inserting(tokens.end(token - 1), closer));
            if (tokens.kind(token).endsStatement()) {
                break;
            }
        }
    }

    /** Whether a colon that ends the head of a loop or a function stands at a token, before its bracket is closed. */
    boolean isHead(int token) {
        return tokens.kind(token) == TokenKind.COLON && enclosing(token) >= 0 && tokens.kind(enclosing(token)) == TokenKind.LEFT_PAREN;
    }

    String closer(int open) {
        return switch (tokens.kind(open)) {
            case LEFT_PAREN -> ")";
            case LEFT_BRACKET -> "]";
            default -> "}";
        };
    }

    private String opener(int closer) {
        return switch (tokens.kind(closer)) {
            case RIGHT_PAREN -> "(";
            case RIGHT_BRACKET -> "[";
            default -> "{";
        };
    }

    private boolean isBar(int token) {
        return tokens.kind(token) == TokenKind.BAR || tokens.kind(token) == TokenKind.DOUBLE_BAR;
    }

    /** The number of bars of one kind in a statement. */
    private int bars(int bar) {
        int first = bar;
        while (first > 0 && !tokens.kind(first - 1).endsStatement()) {
            first--;
        }
        int count = 0;
        for (int at = first; !tokens.kind(at).endsStatement(); at++) {
            count += tokens.kind(at) == tokens.kind(bar) ? 1 : 0;
        }
        return count;
    }

    /** The bracket of a call that is missing behind the name of a function with which a name begins, as in {@code sumx)}. */
    void opening(int token, List<Edit> edits) {
        if (tokens.kind(token) != TokenKind.NAME || tokens.end(token) - tokens.start(token) > LONGEST_NAME) {
            return;
        }
        String path = tokens.text(operands.first(token), token);
        int length = tokens.text(token).length();
        for (int i = 1; i < length; i++) {
            String function = path.substring(0, path.length() - length + i);
            if (SyntaxErrors.isFunction(function) || isCalled(function) || isMethod(function)) {
                edits.add(Edit.inserting(tokens.start(token) + i, "("));
            }
        }
    }

    /** Whether the text itself calls or defines a function of this name. */
    private boolean isCalled(String name) {
        for (int token = 0; token < tokens.size() - 1; token++) {
            if (tokens.is(token, name) && tokens.kind(token + 1) == TokenKind.LEFT_PAREN) {
                return true;
            }
        }
        return false;
    }

    private static boolean isMethod(String path) {
        int dot = path.lastIndexOf('.');
        return dot > 0 && Library.of(path.substring(0, dot)) == null && Library.methods().has(path.substring(dot + 1));
    }

    /** Each closing bracket of the statement that may be the one too many, and each place where it could be opened. */
    void withoutCloser(int last, List<Edit> edits) {
        String opener = opener(last);
        for (int token = last; token >= 0 && !tokens.kind(token).endsStatement(); token--) {
            if (tokens.kind(token) == tokens.kind(last)) {
                edits.add(Edit.replacing(tokens, token, token, ""));
            }
            boolean isOperand = switch (tokens.kind(token)) {
                case NAME, NUMBER, LEFT_PAREN, LEFT_BRACKET, MINUS, PLUS, BAR, DOUBLE_BAR, ROOT -> true;
                default -> false;
            };
            if (isOperand) {
                edits.add(Edit.inserting(tokens.start(token), opener));
            }
            if (opener.equals("(")) {
                opening(token, edits);
            }
        }
    }

    /** A bracket of another kind closes one: either may be meant, or the right one is missing. */
    void otherCloser(int closer, String expected, List<Edit> edits) {
        edits.add(Edit.replacing(tokens, closer, closer, expected));
        int opener = operands.first(closer);
        if (tokens.kind(opener).opens()) {
            edits.add(Edit.replacing(tokens, opener, opener, opener(closer)));
        }
        withoutCloser(closer, edits);
        for (int token = closer; token > opener && token > 0; token--) {
            edits.add(Edit.inserting(tokens.end(token - 1), expected));
        }
    }

    /** The bracket that is open at a token; −1 if there is none. */
    int enclosing(int token) {
        int depth = 0;
        for (int at = token - 1; at >= 0; at--) {
            depth += tokens.kind(at).closes() ? 1 : tokens.kind(at).opens() ? -1 : 0;
            if (depth < 0) {
                return at;
            }
        }
        return -1;
    }
}
