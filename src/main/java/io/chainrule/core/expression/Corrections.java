package io.chainrule.core.expression;

import io.chainrule.core.graph.MissingInput;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.Problem.Position;
import io.chainrule.core.op.OpCatalogue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Proposes edits that may mend a problem of a text. Whether one does is found by reading the edited text. */
public final class Corrections {
    private static final Pattern SUGGESTED = Pattern.compile("did you mean '([^']+)'\\?");
    private static final Pattern WITHOUT_PREFIX = Pattern.compile("write (\\w+), without the prefix");
    /** Shorter names of inputs have too many neighbours. */
    private static final int SHORTEST = 4;

    private final String text;
    private final Tokens tokens;

    private Corrections(String text) {
        this.text = text;
        this.tokens = Lexer.scan(text);
    }

    /** Replaces the characters from one offset up to another, exclusive, by a text. */
    public record Edit(int start, int end, String text) {
        /** Replaces the text from one token through another. */
        static Edit replacing(Tokens tokens, int first, int last, String text) {
            return new Edit(tokens.start(first), tokens.end(last), text);
        }

        static Edit inserting(int offset, String text) {
            return new Edit(offset, offset, text);
        }

        public String applied(String whole) {
            return whole.substring(0, start) + text + whole.substring(end);
        }
    }

    /** Returns the position of an offset in a text. */
    public static Position position(String text, int offset) {
        return new SourceLines(text).position(offset);
    }

    /** Returns the offset of a position in a text. */
    public static int offset(String text, Position position) {
        return new SourceLines(text).offset(position);
    }

    /** Returns edits, each of which alone may mend the problem. {@code inputs} are the names that have values. */
    public static List<Edit> of(String text, Problem problem, Set<String> inputs) {
        if (problem.line() == null || problem.column() == null) {
            return List.of();
        }
        Corrections corrections = new Corrections(text);
        int token = corrections.token(problem.line(), problem.column());
        return switch (problem.code()) {
            case SYNTAX_ERROR -> corrections.ofSyntax(token, problem);
            case UNKNOWN_OP -> corrections.ofOp(token, problem);
            case MISSING_INPUT -> corrections.ofInput(token, problem, inputs);
            case BAD_ATTRIBUTE -> corrections.suggested(token, problem);
            default -> List.of();
        };
    }

    /** The token at a position; the last one if there is none. */
    private int token(int line, int column) {
        for (int token = 0; token < tokens.size(); token++) {
            Position position = tokens.position(token);
            if (position.line() == line && position.column() == column) {
                return token;
            }
        }
        return tokens.size() - 1;
    }

    private Edit replacing(int token, String text) {
        return new Edit(tokens.start(token), tokens.end(token), text);
    }

    private List<Edit> ofOp(int first, Problem problem) {
        int last = first;
        while (tokens.kind(last + 1) == TokenKind.DOT && tokens.kind(last + 2) == TokenKind.NAME) {
            last += 2;
        }
        Edit name = new Edit(tokens.start(last), tokens.end(last), tokens.text(last));
        if (problem.message().endsWith("is not offered here")) {
            return List.of();
        }
        Matcher withoutPrefix = WITHOUT_PREFIX.matcher(String.valueOf(problem.hint()));
        List<Edit> edits = new ArrayList<>();
        for (int token = first; token <= last; token += 2) {
            BracketCorrections.of(tokens).opening(token, edits);
        }
        if (withoutPrefix.find()) {
            edits.add(new Edit(tokens.start(first), tokens.end(last), withoutPrefix.group(1)));
            return edits;
        }
        boolean isValue = last == first && String.valueOf(problem.hint()).contains("' is a value; ");
        if (isValue && tokens.kind(first + 1) == TokenKind.LEFT_PAREN) {
            SyntaxCorrections.of(text, tokens).products(first + 1, edits);
            int close = new Operands(tokens).closing(first + 1);
            if (tokens.kind(close) == TokenKind.RIGHT_PAREN && close > first + 2) {
                edits.add(Edit.replacing(tokens, first + 1, close, "[" + tokens.text(first + 2, close - 1) + "]"));
            }
            return edits;
        }
        Collection<String> known;
        Library library = last == first ? null : Library.of(tokens.text(first, last - 2));
        if (library != null) {
            known = library.names();
        } else if (last > first || first > 0 && tokens.kind(first - 1) == TokenKind.DOT) {
            known = Library.methods().names();
        } else {
            known = Misspelling.bare(new SyntaxTree(tokens).definitions().keySet());
        }
        Misspelling.of(name.text(), known).forEach(other -> edits.add(new Edit(name.start(), name.end(), other)));
        return edits;
    }

    private List<Edit> ofSyntax(int token, Problem problem) {
        boolean isConstant = token > 1 && tokens.kind(token - 1) == TokenKind.DOT && tokens.kind(token) == TokenKind.NAME
                && MissingInput.constant(tokens.text(token)).isPresent();
        return isConstant
                ? List.of(new Edit(tokens.start(token - 2), tokens.end(token), MissingInput.constant(tokens.text(token)).get()))
                : SyntaxCorrections.of(text, tokens).edits(token, problem);
    }

    /** A constant in other letters, an input with a value that is not read and whose name is close, or a product of two names. */
    private List<Edit> ofInput(int token, Problem problem, Set<String> inputs) {
        String name = String.valueOf(problem.node());
        List<Edit> edits = new ArrayList<>();
        if (!tokens.is(token, name)) {
            return edits;
        } else if (tokens.isRaisedT(token)) {
            return List.of(new Edit(tokens.start(token - 1), tokens.end(token), ".T"));
        }
        MissingInput.constant(name).ifPresent(constant -> edits.add(replacing(token, constant)));
        List<String> unread = inputs.stream().filter(input -> !isRead(input)).toList();
        List<String> near = name.length() >= SHORTEST
                ? Nearest.all(name, unread)
                : Nearest.name(name, unread).stream()
                        .filter(other -> other.equalsIgnoreCase(name)).toList();
        if (isOnly(token, name)) {
            near.forEach(other -> edits.add(replacing(token, other)));
        }
        boolean isArrow = tokens.kind(token + 1) == TokenKind.LESS && tokens.kind(token + 2) == TokenKind.MINUS
                && (token == 0 || tokens.kind(token - 1).endsStatement());
        if (isArrow) {
            edits.add(new Edit(tokens.start(token + 1), tokens.end(token + 2), "="));
        }
        BracketCorrections.of(tokens).opening(token, edits);
        Set<String> names = new HashSet<>(inputs);
        for (int other = 0; other < tokens.size(); other++) {
            if (tokens.kind(other) == TokenKind.NAME) {
                names.add(tokens.text(other));
            }
        }
        factors(token, name, names, edits);
        argument(token, edits);
        return edits;
    }

    /** The products of two of the names that stand in one. */
    private void factors(int token, String name, Set<String> names, List<Edit> edits) {
        SyntaxCorrections syntax = SyntaxCorrections.of(text, tokens);
        if (name.length() > BracketCorrections.LONGEST_NAME) {
            return;
        }
        for (int i = 1; i < name.length(); i++) {
            String left = name.substring(0, i);
            String right = name.substring(i);
            if (names.contains(left) && names.contains(right)) {
                for (String sign : List.of("*", "@")) {
                    SyntaxCorrections.addIfPresent(edits, syntax.factors(token, left, sign, right));
                }
            }
        }
    }

    /** The call of an op that stands before a sign and its operand, as {@code exp -x}. */
    private void argument(int token, List<Edit> edits) {
        int sign = token + 1;
        boolean isSigned = tokens.kind(sign) == TokenKind.MINUS && tokens.end(token) < tokens.start(sign)
                && tokens.end(sign) == tokens.start(sign + 1);
        if (isSigned && OpCatalogue.find(tokens.text(token)) != null) {
            int last = new Operands(tokens).last(sign);
            edits.add(new Edit(tokens.start(token), tokens.end(last), tokens.text(token) + "(" + tokens.text(sign, last) + ")"));
        }
    }

    private boolean isRead(String name) {
        for (int token = 0; token < tokens.size(); token++) {
            if (tokens.is(token, name)) {
                return true;
            }
        }
        return false;
    }

    private boolean isOnly(int only, String name) {
        for (int token = 0; token < tokens.size(); token++) {
            if (token != only && tokens.is(token, name)) {
                return false;
            }
        }
        return true;
    }

    private List<Edit> suggested(int token, Problem problem) {
        Matcher matcher = SUGGESTED.matcher(String.valueOf(problem.hint()));
        boolean isName = problem.attribute() != null && tokens.is(token, problem.attribute());
        return isName && matcher.find() ? List.of(replacing(token, matcher.group(1))) : List.of();
    }
}
