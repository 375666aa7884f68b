package io.chainrule.core.expression;

import io.chainrule.core.expression.Corrections.Edit;
import io.chainrule.core.graph.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Proposes edits that may mend an error of syntax: a bracket, a sign of another language, or a product without a sign. */
record SyntaxCorrections(String text, Tokens tokens, Operands operands, BracketCorrections brackets) {
    private static final Map<String, String> SIGNS = Map.ofEntries(Map.entry("=>", ">="), Map.entry("=<", "<="), Map.entry("<>", "!="),
            Map.entry(":=", "="), Map.entry("&&", "and"), Map.entry("&", "and"), Map.entry("∧", "and"), Map.entry("∨", "or"),
            Map.entry("←", "="), Map.entry("≔", "="), Map.entry("⩽", "<="), Map.entry("⩾", ">="), Map.entry("⊤", ".T"),
            Map.entry("$", ""), Map.entry("`", ""));

    static SyntaxCorrections of(String text, Tokens tokens) {
        return new SyntaxCorrections(text, tokens, new Operands(tokens), BracketCorrections.of(tokens));
    }

    /** Replaces what stands between a token and the one before it. */
    private Edit between(int token, String replacement) {
        int from = tokens.end(token - 1);
        int to = tokens.start(token);
        return new Edit(from, to, replacement);
    }

    /** Edits, each of which alone may mend the error at a token. */
    List<Edit> edits(int token, Problem problem) {
        String message = problem.message();
        List<Edit> edits = new ArrayList<>();
        if (message.endsWith("is never closed") && problem.expected() != null && tokens.kind(token) != TokenKind.INVALID) {
            brackets.closing(token, problem.expected().replace("'", ""), edits);
            matrix(token, edits);
            choice(token, edits);
        } else if (message.endsWith("closes nothing")) {
            brackets.withoutCloser(token, edits);
        } else if (message.contains(" is closed by ") && problem.expected() != null) {
            brackets.otherCloser(token, problem.expected().replace("'", ""), edits);
        } else if (message.startsWith("where the operand of")) {
            bareCall(token, edits);
        } else if (message.startsWith("a power stands between") && tokens.kind(token + 2) == TokenKind.LEFT_PAREN) {
            int last = operands.closing(token + 2);
            edits.add(Edit.replacing(tokens, token, last, tokens.text(token + 2, last) + "^" + tokens.text(token + 1)));
        } else if (token > 0 && message.contains("means nothing after '.'") && Operator.of(tokens.kind(token)) != null) {
            edits.add(Edit.replacing(tokens, token - 1, token - 1, ""));
        } else if (tokens.kind(token) == TokenKind.INVALID || tokens.kind(token) == TokenKind.TILDE
                || message.endsWith("neither side has them")) {
            choice(token, edits);
            sign(token, edits);
        } else {
            missing(token, edits);
        }
        return edits;
    }

    /** One or two bars between operands, which are no absolute value and no norm. */
    private void choice(int token, List<Edit> edits) {
        if (tokens.kind(token) == TokenKind.BAR) {
            int last = tokens.kind(token + 1) == TokenKind.BAR ? token + 1 : token;
            if (Words.beginsOperandAt(tokens, last + 1)) {
                edits.add(word(token, last, "or"));
            }
        }
    }

    private void matrix(int bracket, List<Edit> edits) {
        String written = Matrices.written(tokens, bracket);
        if (written != null && !written.contains("-")) {
            edits.add(Edit.replacing(tokens, bracket, Matrices.end(tokens, bracket), written));
        }
    }

    /** A function before one operand without brackets, if it is clear where the operand ends. */
    private void bareCall(int token, List<Edit> edits) {
        int last = operands.last(token + 1);
        boolean isClear = switch (tokens.kind(token + 2)) {
            case POWER, SUPERSCRIPT -> false;
            default -> !Words.beginsOperandAt(tokens, last + 1);
        };
        if (isClear) {
            edits.add(Edit.replacing(tokens, token, last, tokens.text(token) + "(" + tokens.text(token + 1, last) + ")"));
        }
        edits.add(between(token + 1, "("));
    }

    /** What stands for a sign that is no token. */
    private void sign(int token, List<Edit> edits) {
        String sign = tokens.text(token);
        String number = Character.isDigit(sign.charAt(0)) ? ForeignSigns.number(sign) : null;
        boolean isCommand = sign.equals("\\") && tokens.kind(token + 1) == TokenKind.NAME;
        boolean isLambda = sign.equals("=>") && token > 1 && tokens.kind(token - 2) == TokenKind.ASSIGN;
        boolean isFactorial = sign.equals("!") && token > 0 && tokens.end(token - 1) == tokens.start(token);
        String replacement = SIGNS.get(sign);
        if (isCommand) {
            command(token, edits);
        } else if ((sign.equals("!") || sign.equals("~") || sign.equals("¬")) && !isFactorial) {
            edits.add(Edit.replacing(tokens, token, token, "not "));
        } else if (number != null && !number.endsWith(".") && !isNormOrder(token)) {
            edits.add(Edit.replacing(tokens, token, token, number));
        } else if (isNormOrder(token)) {
            int letter = sign.indexOf('_');
            edits.add(Edit.replacing(tokens, token - 1, token, sign.substring(letter) + "^" + sign.substring(0, letter)));
        } else if (replacement != null && !isLambda) {
            edits.add(word(token, token, replacement));
        }
    }

    private boolean isNormOrder(int token) {
        return token > 1 && tokens.text(token).indexOf('_') > 0 && tokens.kind(token - 1) == TokenKind.POWER
                && tokens.kind(token - 2) == TokenKind.DOUBLE_BAR;
    }

    /** What stands for a command of LaTeX, whose name follows the backslash at a token. */
    private void command(int token, List<Edit> edits) {
        String quotient = LatexCommands.quotient(tokens, token + 1);
        String sign = LatexCommands.sign(tokens.text(token + 1));
        if (quotient != null) {
            edits.add(Edit.replacing(tokens, token, LatexCommands.endOfFraction(tokens, token + 1), quotient));
        } else if (sign != null) {
            edits.add(Edit.replacing(tokens, token, token + 1, sign));
        }
    }

    /** Replaces a sign; a word is separated from its neighbours by blanks. */
    private Edit word(int first, int last, String replacement) {
        int start = tokens.start(first);
        int end = tokens.end(last);
        boolean isWord = !replacement.isEmpty() && Character.isLetter(replacement.charAt(0));
        boolean isAfterBlank = start == 0 || text.charAt(start - 1) == ' ';
        boolean isBeforeBlank = end == text.length() || text.charAt(end) == ' ';
        return new Edit(start, end, (isWord && !isAfterBlank ? " " : "") + replacement + (isWord && !isBeforeBlank ? " " : ""));
    }

    /** What may be missing, or stand for something else, at a token that cannot continue the expression, or begins no operand. */
    private void missing(int token, List<Edit> edits) {
        TokenKind kind = tokens.kind(token);
        boolean isWord = kind == TokenKind.NAME && !tokens.kind(token + 1).endsStatement();
        String lower = tokens.text(token).toLowerCase(Locale.ROOT);
        choice(token, edits);
        if (!edits.isEmpty()) {
            return;
        } else if (kind.closes()) {
            int open = brackets.enclosing(token);
            if (open >= 0) {
                edits.add(Edit.replacing(tokens, token, token, brackets.closer(open)));
            } else {
                brackets.withoutCloser(token, edits);
            }
        } else if (token > 0 && (tokens.kind(token - 1).opens() || brackets.isHead(token))) {
            edits.add(Edit.inserting(tokens.end(token - 1), brackets.closer(brackets.enclosing(token))));
        } else if (isWord && tokens.kind(token + 1) == TokenKind.LEFT_PAREN && !Misspelling.of(lower, List.of("range")).isEmpty()) {
            edits.add(Edit.replacing(tokens, token, token, "range"));
        } else if (token > 0 && kind == TokenKind.NAME && tokens.kind(token - 1) == TokenKind.DOT) {
            brackets.opening(token, edits);
            if (tokens.end(token) < tokens.start(token + 1) && tokens.kind(token + 1) != TokenKind.END) {
                edits.add(between(token + 1, "("));
            }
        } else if (kind == TokenKind.LEFT_BRACE && token > 0 && tokens.kind(token - 1) == TokenKind.POWER) {
            int close = operands.closing(token);
            if (tokens.kind(close) == TokenKind.RIGHT_BRACE && close > token + 1) {
                edits.add(Edit.replacing(tokens, token, close, "(" + tokens.text(token + 1, close - 1) + ")"));
            }
        } else if (token > 0 && kind == TokenKind.COLON && tokens.kind(token + 1) == TokenKind.COLON) {
            edits.add(new Edit(tokens.start(token - 1), tokens.end(token + 1), ""));
        } else if (token > 0 && SyntaxErrors.isBinding(tokens, token)) {
            edits.add(new Edit(tokens.start(token - 1), tokens.start(token), ""));
        } else if (kind == TokenKind.ASSIGN && token > 0
                && (tokens.kind(token - 1) == TokenKind.EQUAL || tokens.kind(token - 1) == TokenKind.NOT_EQUAL)) {
            edits.add(Edit.replacing(tokens, token, token, ""));
        } else if (isWord && (lower.equals("and") || lower.equals("or"))) {
            edits.add(Edit.replacing(tokens, token, token, lower));
        } else if (kind != TokenKind.END && Operator.of(kind) == null && !isIndex(token)
                && ForeignSigns.of(tokens).endsOperand(token - 1)) {
            operands(token, edits);
        }
    }

    private boolean isIndex(int token) {
        return token > 0 && tokens.kind(token) == TokenKind.LEFT_BRACKET && tokens.end(token - 1) == tokens.start(token);
    }

    /** Two operands follow each other. */
    private void operands(int token, List<Edit> edits) {
        int open = brackets.enclosing(token);
        boolean isOfItems = open >= 0
                && (tokens.kind(open) == TokenKind.LEFT_BRACKET || open > 0 && tokens.kind(open - 1) == TokenKind.NAME);
        if (isOfItems) {
            matrix(open, edits);
            edits.add(between(token, ", "));
        }
        products(token, edits);
        int last = operands.last(token);
        boolean isCall = tokens.kind(token - 1) == TokenKind.NAME && tokens.end(token - 1) < tokens.start(token);
        if (isCall) {
            boolean isAlone = tokens.kind(last) == TokenKind.END || switch (tokens.kind(last + 1)) {
                case NEWLINE, SEMICOLON, END, COMMA, RIGHT_PAREN, RIGHT_BRACKET -> true;
                default -> false;
            };
            if (isAlone) {
                edits.add(new Edit(tokens.end(token - 1), tokens.end(last), "(" + tokens.text(token, last) + ")"));
            }
            edits.add(between(token, "("));
        }
    }

    /**
     * The products of the operands before and behind the place before a token. There are none beside an operator that may be meant to bind
     * tighter or less tightly.
     */
    void products(int token, List<Edit> edits) {
        if (token == 0 || tokens.kind(token) == TokenKind.LEFT_BRACKET || isOtherOperator(token)) {
            return;
        }
        int before = operands.first(token - 1) - 1;
        int behind = operands.last(token);
        if (before >= 0 && isTight(before) || tokens.kind(behind) != TokenKind.END && isTight(behind + 1) && !isDivision(behind + 1)) {
            return;
        }
        if (tokens.kind(token - 1) == TokenKind.NUMBER && tokens.kind(token) == TokenKind.NUMBER) {
            return;
        }
        boolean isSpaced = tokens.end(token - 1) < tokens.start(token);
        for (String sign : List.of("*", "@")) {
            edits.add(between(token, isSpaced ? " " + sign + " " : sign));
        }
    }

    /**
     * Whether another operator may be missing as well: two blanks stand around it, or a comparison is likely, because a condition is not
     * complete yet.
     */
    private boolean isOtherOperator(int token) {
        if (tokens.start(token) - tokens.end(token - 1) > 1) {
            return true;
        }
        int depth = 0;
        for (int at = token - 1; at >= 0 && !tokens.kind(at).endsStatement(); at--) {
            depth = Math.max(0, depth + (tokens.kind(at).closes() ? 1 : tokens.kind(at).opens() ? -1 : 0));
            Operator operator = depth == 0 ? Operator.of(tokens.kind(at)) : null;
            if (operator != null && operator.precedence() == Precedence.COMPARISON
                    || depth == 0 && (tokens.kind(at) == TokenKind.COLON || tokens.is(at, "else"))) {
                return false;
            } else if (depth == 0 && (tokens.is(at, "if") || tokens.is(at, "elif"))) {
                return true;
            }
        }
        return false;
    }

    /** Whether an operator at a token binds as tightly as a product, or tighter, and is none itself. */
    boolean isTight(int token) {
        Operator operator = Operator.of(tokens.kind(token));
        return tokens.kind(token) == TokenKind.ROOT || tokens.kind(token) == TokenKind.CUBE_ROOT
                || operator != null && operator != Operator.TIMES
                        && (operator.precedence() == Precedence.PRODUCT || operator.precedence() == Precedence.POWER);
    }

    private boolean isDivision(int token) {
        return tokens.kind(token) == TokenKind.SLASH;
    }

    /** The edit of a number of operands that are written as one name, as {@code ab}; null where an operator beside it is tight. */
    @Nullable
    Edit factors(int token, String left, String sign, String right) {
        boolean isAlone = (token == 0 || !isTight(token - 1)) && !isTight(token + 1) && switch (tokens.kind(token + 1)) {
            case SUPERSCRIPT, DOT, LEFT_BRACKET, LEFT_PAREN -> false;
            default -> true;
        };
        return isAlone ? Edit.replacing(tokens, token, token, left + sign + right) : null;
    }

    static <T> void addIfPresent(List<T> list, @Nullable T item) {
        if (item != null) {
            list.add(Objects.requireNonNull(item));
        }
    }
}
