package io.chainrule.core.expression;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells what to write for the signs of other languages and of mathematics, with the operands that stand around them. */
record ForeignSigns(Tokens tokens, Operands operands) {
    private static final Map<String, String> MEANINGS = Map.ofEntries(Map.entry("←", "write '='"), Map.entry("≔", "write '='"),
            Map.entry("≈", "write abs(a - b) < 1e-6"), Map.entry("∈", "write for i in range(3)"),
            Map.entry("∫", "there are no integrals; sum(f(x) * dx) adds up slices"),
            Map.entry("$", "leave it out; a formula is written as in Python"), Map.entry("`", "leave it out"),
            Map.entry("±", "write two programs, one with + and one with -"),
            Map.entry("∓", "write two programs, one with - and one with +"),
            Map.entry("∘", "write f(g(x))"), Map.entry("→", "a program has no limits; write the value at a point near it"),
            Map.entry("⊗", "write outer(a, b), or kron(A, B)"), Map.entry("⊕", "write a + b, or concatenate(a, b)"),
            Map.entry("∧", "write a and b"), Map.entry("∨", "write a or b"), Map.entry("⇒", "write b or not a"),
            Map.entry("~", "write not x"), Map.entry("¬", "write not x"), Map.entry("&", "write a and b"), Map.entry("&&", "write a and b"),
            Map.entry("?", "write where(condition, a, b), or a if condition else b"), Map.entry("⊤", "the transpose of x is x.T"),
            Map.entry("†", "there are no complex numbers; the transpose of x is x.T"), Map.entry("‰", "write / 1000"),
            Map.entry("=<", "write '<='"), Map.entry("<>", "write '!='"), Map.entry(":=", "write '='"),
            Map.entry("<<", "'<<' shifts bits; write x * 2^n"), Map.entry(">>", "'>>' shifts bits; write x / 2^n"),
            Map.entry("⌊", "write floor(x)"), Map.entry("⌋", "write floor(x)"), Map.entry("⌈", "write ceil(x)"),
            Map.entry("⌉", "write ceil(x)"), Map.entry("⟨", "the inner product is dot(a, b)"),
            Map.entry("⟩", "the inner product is dot(a, b)"), Map.entry("∝", "write '=', and the factor"),
            Map.entry("≡", "write '==' to compare, '=' to bind a name"), Map.entry("≪", "write '<'"), Map.entry("≫", "write '>'"),
            Map.entry("⩽", "write '<='"), Map.entry("⩾", "write '>='"), Map.entry("∀", "write all(condition)"),
            Map.entry("∃", "write any(condition)"));

    static ForeignSigns of(Tokens tokens) {
        return new ForeignSigns(tokens, new Operands(tokens));
    }

    /** Whether a sign of two characters stands at an offset of a text. */
    static boolean isDouble(String text, int offset) {
        return offset + 2 <= text.length() && switch (text.charAt(offset + 1)) {
            case '>', '<', '=' -> switch (text.substring(offset, offset + 2)) {
                case "=>", "=<", "<>", ":=", "<<", ">>", "->" -> true;
                default -> false;
            };
            default -> false;
        };
    }

    /** What to write for the sign at a token; null if nothing is known. */
    @Nullable
    String hint(int token) {
        boolean isBehindOperand = endsOperand(token - 1);
        String before = isBehindOperand ? operands.before(token - 1) : "x";
        boolean isBeforeOperand = beginsOperand(token + 1);
        String after = isBeforeOperand ? operands.from(token + 1) : "x";
        boolean isBetween = isBehindOperand && isBeforeOperand;
        return switch (tokens.text(token)) {
            case "!" -> isBehindOperand && !isBeforeOperand
                    ? "the factorial of " + before + " is exp(lgamma(" + before + " + 1))"
                    : "write not " + after;
            case "&", "&&", "∧" ->
                isBetween ? "write " + inBrackets(token - 1, -1) + " and " + inBrackets(token + 1, 1) : MEANINGS.get("&");
            case "∨", "|" -> isBetween ? "write " + inBrackets(token - 1, -1) + " or " + inBrackets(token + 1, 1) : MEANINGS.get("∨");
            case "~", "¬" -> "write not " + after;
            case "°" -> "write " + before + " * pi / 180";
            case "⊤" -> "the transpose of " + before + " is " + before + ".T";
            case "<<" -> isBetween ? "'<<' shifts bits; write " + before + " * 2^" + after : MEANINGS.get("<<");
            case ">>" -> isBetween ? "'>>' shifts bits; write " + before + " / 2^" + after : MEANINGS.get(">>");
            case "≈" -> isBetween ? "write abs(" + before + " - " + after + ") < 1e-6" : MEANINGS.get("≈");
            case "⟨" -> inner(token);
            case "∂", "∇" -> derivative(token);
            case "=>" -> isArgument(token - 1) && isRead(tokens.text(token - 1), token + 1)
                    ? "write '>='; a function is written " + function(token)
                    : "write '>='";
            case "->" -> isArgument(token - 1)
                    ? "a function is written " + function(token)
                    : isBetween ? "write " + after + " = " + before : "a function is written f(x) = …";
            case "\\" -> backslash(token, isBetween, before, after);
            default -> MEANINGS.get(tokens.text(token));
        };
    }

    /** The side of an operator that ends or begins at a token, in brackets if it is a comparison; only its operand if it is none. */
    private String inBrackets(int token, int step) {
        String side = side(token, step);
        int depth = 0;
        for (int at = token; isInside(at, depth); at += step) {
            depth += tokens.kind(at).opens() ? step : tokens.kind(at).closes() ? -step : 0;
            Operator operator = depth == 0 ? Operator.of(tokens.kind(at)) : null;
            if (operator != null && operator.precedence() == Precedence.COMPARISON) {
                return "(" + side + ")";
            }
        }
        return step < 0 ? operands.before(token) : operands.from(token);
    }

    /** The text from a token on, or back from it, up to what ends the item of a list or the statement. */
    String side(int token, int step) {
        int depth = 0;
        int at = token;
        while (isInside(at, depth)) {
            depth += tokens.kind(at).opens() ? step : tokens.kind(at).closes() ? -step : 0;
            at += step;
        }
        boolean isPast = depth < 0;
        int last = isPast ? at - 2 * step : at - step;
        return step < 0 ? operands.shown(last, token) : operands.shown(token, last);
    }

    private boolean isInside(int at, int depth) {
        return depth >= 0 && at >= 0 && !tokens.kind(at).endsStatement() && (depth > 0 || switch (tokens.kind(at)) {
            case COMMA, ASSIGN, UPDATE, INVALID -> false;
            default -> !tokens.is(at, "return");
        });
    }

    /** Whether a name alone stands at a token, as the parameter of an arrow does. */
    private boolean isArgument(int token) {
        return token >= 0 && tokens.kind(token) == TokenKind.NAME
                && (token == 0 || tokens.kind(token - 1).endsStatement() || tokens.kind(token - 1) == TokenKind.ASSIGN);
    }

    /** Whether the rest of a statement reads a name. */
    private boolean isRead(String name, int first) {
        int at = first;
        while (!tokens.kind(at).endsStatement() && !tokens.is(at, name)) {
            at++;
        }
        return tokens.is(at, name);
    }

    /** The function that an arrow means. */
    private String function(int arrow) {
        boolean isNamed = arrow > 2 && tokens.kind(arrow - 2) == TokenKind.ASSIGN && tokens.kind(arrow - 3) == TokenKind.NAME;
        return (isNamed ? tokens.text(arrow - 3) : "f") + "(" + tokens.text(arrow - 1) + ") = " + rest(arrow + 1);
    }

    /** The statement from a token on. */
    String rest(int first) {
        int last = first;
        while (!tokens.kind(last).endsStatement()) {
            last++;
        }
        return last == first ? "…" : operands.shown(first, last - 1);
    }

    private String inner(int token) {
        int comma = token + 1;
        while (!tokens.kind(comma).endsStatement() && tokens.kind(comma) != TokenKind.COMMA) {
            comma++;
        }
        boolean areTwo = comma > token + 1 && tokens.kind(comma) == TokenKind.COMMA && beginsOperand(comma + 1);
        return areTwo
                ? "the inner product is dot(" + operands.shown(token + 1, comma - 1) + ", " + operands.from(comma + 1) + ")"
                : String.valueOf(MEANINGS.get("⟨"));
    }

    /** How to ask for the derivative that is written as ∂f/∂x or ∇f. */
    private String derivative(int token) {
        boolean isFunction = tokens.kind(token + 1) == TokenKind.NAME;
        String of = isFunction ? operands.from(token + 1) : "the function";
        int by = token + 4;
        boolean isQuotient = isFunction && tokens.kind(token + 2) == TokenKind.SLASH && tokens.text(token + 3).equals("∂")
                && tokens.kind(by) == TokenKind.NAME;
        return "/v1/gradient answers derivatives: send " + of + " as the expression"
                + (isQuotient ? " and \"wrt\": [\"" + tokens.text(by) + "\"]" : "");
    }

    private String backslash(int token, boolean isBetween, String before, String after) {
        boolean isLineBreak = tokens.kind(token + 1) == TokenKind.NAME && tokens.end(token) == tokens.start(token + 1)
                && tokens.text(token + 1).startsWith("n") && !LatexCommands.has(tokens.text(token + 1));
        if (isLineBreak) {
            return "a line break in JSON is \\n with one backslash";
        }
        boolean isCommand = tokens.kind(token + 1) == TokenKind.NAME && tokens.end(token) == tokens.start(token + 1)
                && (!isBetween || LatexCommands.has(tokens.text(token + 1)));
        if (isCommand) {
            return LatexCommands.hint(tokens, token + 1);
        }
        return isBetween
                ? "for A \\ b write solve(" + before + ", " + after + ")"
                : "leave it out; inside brackets a line may break without a sign";
    }

    /** How a function is written that begins with the sign or word at a token: {@code @(x) x^2}, {@code function(x) x^2}. */
    String anonymous(int token) {
        int close = operands.closing(token + 1);
        boolean hasBody = tokens.kind(close) == TokenKind.RIGHT_PAREN && !tokens.kind(close + 1).endsStatement();
        boolean isNamed = token > 1 && tokens.kind(token - 1) == TokenKind.ASSIGN && tokens.kind(token - 2) == TokenKind.NAME;
        return "a function is written " + (isNamed ? tokens.text(token - 2) : "f") + operands.shown(token + 1, close) + " = "
                + (hasBody ? rest(close + 1) : "…");
    }

    /** What to write for a text that a quote begins behind an operand, where other languages have the transpose or a derivative. */
    String quote(int token) {
        String before = operands.before(token - 1);
        boolean isCalled = tokens.text(token).startsWith("'(");
        return isCalled
                ? before + "' is a derivative; /v1/gradient answers it of the expression " + before + "(…)"
                : "the transpose of " + before + " is " + before + ".T";
    }

    /** Whether a quote stands directly behind an operand. */
    boolean isBehindOperand(int token) {
        return endsOperand(token - 1) && tokens.end(token - 1) == tokens.start(token);
    }

    /** What the number is that other languages write so, with a prefix or suffix; null if it is none. */
    static @Nullable String number(String text) {
        String plain = text.toLowerCase(Locale.ROOT).replace("_", "");
        int radix = plain.startsWith("0x") ? 16 : plain.startsWith("0b") ? 2 : plain.startsWith("0o") ? 8 : 10;
        try {
            return radix == 10 ? decimal(plain) : Long.toString(Long.parseLong(plain.substring(2), radix));
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private static @Nullable String decimal(String plain) {
        int end = plain.length();
        while (end > 0 && "fdl".indexOf(plain.charAt(end - 1)) >= 0) {
            end--;
        }
        String number = plain.substring(0, end);
        return number.chars().allMatch(c -> c >= '0' && c <= '9' || c == '.' || c == 'e' || c == '-') && !number.isEmpty() ? number : null;
    }

    /** Whether an operand ends at a token. */
    boolean endsOperand(int token) {
        return token >= 0 && (tokens.kind(token).closes() || switch (tokens.kind(token)) {
            case NAME, NUMBER, SUPERSCRIPT, SUBSCRIPT, BAR, DOUBLE_BAR -> true;
            default -> false;
        });
    }

    private boolean beginsOperand(int token) {
        return switch (tokens.kind(token)) {
            case NAME, NUMBER, LEFT_PAREN, LEFT_BRACKET, MINUS, ROOT, CUBE_ROOT -> true;
            default -> false;
        };
    }
}
