package io.chainrule.core.expression;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.Problem.Position;
import io.chainrule.core.op.OpCatalogue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Proposes edits that may mend a problem of a text. Whether one does is found by reading the edited text. */
public final class Corrections {
    private static final Map<String, String> SIGNS = Map.of("=>", ">=", "=<", "<=", "<>", "!=", ":=", "=", "&&", "and", "←", "=", "≔",
            "=");
    private static final Pattern SUGGESTED = Pattern.compile("did you mean '([^']+)'\\?");
    private static final Pattern WITHOUT_PREFIX = Pattern.compile("write (\\w+), without the prefix");
    /** Shorter names have too many neighbours. */
    private static final int SHORTEST_INPUT = 4;
    private static final int SHORTEST_OP = 4;
    /** Names of this length may differ by two edits. */
    private static final int LONG = 8;

    private final String text;
    private final Tokens tokens;

    private Corrections(String text) {
        this.text = text;
        this.tokens = Lexer.scan(text);
    }

    /** Replaces the characters from one offset up to another, exclusive, by a text. */
    public record Edit(int start, int end, String text) {
        public String applied(String whole) {
            return whole.substring(0, start) + text + whole.substring(end);
        }
    }

    /** Returns the position of an offset in a text. */
    public static Position position(String text, int offset) {
        return new SourceLines(text).position(offset);
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

    private List<Edit> ofSyntax(int token, Problem problem) {
        String expected = problem.expected();
        boolean isOr = tokens.kind(token) == TokenKind.BAR && tokens.kind(token + 1) == TokenKind.BAR;
        if (isOr) {
            return List.of(word(tokens.start(token), tokens.end(token + 1), "or"));
        } else if (problem.message().endsWith("is never closed") && expected != null) {
            return closing(token, expected.replace("'", ""));
        } else if (problem.message().endsWith("closes nothing")) {
            return withoutCloser(token);
        }
        String sign = tokens.kind(token) == TokenKind.INVALID ? SIGNS.get(tokens.text(token)) : null;
        boolean isNot = tokens.kind(token) == TokenKind.INVALID && tokens.text(token).equals("!");
        if (isNot) {
            return List.of(replacing(token, "not "));
        }
        return sign == null ? List.of() : List.of(word(tokens.start(token), tokens.end(token), sign));
    }

    /** Replaces a sign; a word is separated from its neighbours by blanks. */
    private Edit word(int start, int end, String replacement) {
        boolean isWord = Character.isLetter(replacement.charAt(0));
        boolean isAfterBlank = start == 0 || text.charAt(start - 1) == ' ';
        boolean isBeforeBlank = end == text.length() || text.charAt(end) == ' ';
        return new Edit(start, end, (isWord && !isAfterBlank ? " " : "") + replacement + (isWord && !isBeforeBlank ? " " : ""));
    }

    /** Every place in the statement where the bracket could be closed. */
    private List<Edit> closing(int bracket, String closer) {
        List<Edit> edits = new ArrayList<>();
        for (int token = bracket + 1; token < tokens.size(); token++) {
            edits.add(new Edit(tokens.end(token - 1), tokens.end(token - 1), closer));
            if (tokens.kind(token).endsStatement()) {
                break;
            }
        }
        return edits;
    }

    /** Each closing bracket of the statement that may be the one too many. */
    private List<Edit> withoutCloser(int last) {
        List<Edit> edits = new ArrayList<>();
        for (int token = last; token >= 0 && !tokens.kind(token).endsStatement(); token--) {
            if (tokens.kind(token) == tokens.kind(last)) {
                edits.add(replacing(token, ""));
            }
        }
        return edits;
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
        if (withoutPrefix.find()) {
            return List.of(new Edit(tokens.start(first), tokens.end(last), withoutPrefix.group(1)));
        }
        if (!isCorrectable(tokens.text(last))) {
            return List.of();
        }
        Collection<String> known = new TreeSet<>();
        Library library = last == first ? null : Library.of(tokens.text(first, last - 2));
        if (library != null) {
            known.addAll(library.names());
        } else if (last > first) {
            known.addAll(Library.methods().names());
        } else {
            known.addAll(OpCatalogue.names());
            known.addAll(new SyntaxTree(tokens).definitions().keySet());
            known.addAll(Library.bare().names());
        }
        return Nearest.all(name.text(), known).stream().filter(other -> isMisspelt(name.text(), other))
                .map(other -> new Edit(name.start(), name.end(), other)).toList();
    }

    /** Whether a name can be a misspelt one: it is long, and no library has a function of this name. */
    private static boolean isCorrectable(String name) {
        return name.length() >= SHORTEST_OP && name.chars().noneMatch(Character::isDigit)
                && Library.tables().stream().noneMatch(table -> Library.table(table).has(name));
    }

    /** Whether a name differs from the one that was meant as misspelt names do: hardly ever in the first letter. */
    private static boolean isMisspelt(String name, String meant) {
        boolean isNear = name.length() >= LONG || Nearest.distance(name, meant) == 1;
        return isNear && name.charAt(0) == meant.charAt(0);
    }

    /** An input with a value that is not read, whose name is close. */
    private List<Edit> ofInput(int token, Problem problem, Set<String> inputs) {
        String name = String.valueOf(problem.node());
        if (name.length() < SHORTEST_INPUT || !tokens.is(token, name) || !isOnly(token, name)) {
            return List.of();
        }
        List<String> unread = inputs.stream().filter(input -> !isRead(input)).toList();
        return Nearest.all(name, unread).stream().map(other -> replacing(token, other)).toList();
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
