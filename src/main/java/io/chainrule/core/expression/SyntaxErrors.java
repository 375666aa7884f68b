package io.chainrule.core.expression;

import io.chainrule.core.op.OpCatalogue;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The messages of syntax errors at the cursor. */
final class SyntaxErrors {
    /** A sum sign, or the word, with the index that it runs over. */
    private static final Pattern SUBSCRIPTED_SUM = Pattern.compile("[Σ∑].+|sum_\\w{1,2}");
    private static final String BOUNDED_SUM = "write sum(x[i] for i in range(3)), or sum(x) for all elements of an array";
    /** Words before a name that is bound, in other languages. */
    private static final Set<String> BINDING = Set
            .of("let var const val auto double float int long local my set final static global".split(" ", -1));
    /** Operators that are words in other languages, and the functions that they are here. */
    private static final Map<String, String> INFIX = Words.pairs(
            "mod=mod xor=logical_xor rem=remainder div=floor_divide dot=dot cross=cross times=mul plus=add");

    private SyntaxErrors() {}

    /** Refuses a word of the language where a name is bound; the consequence says so. */
    static void checkName(Tokens tokens, int token, String consequence) {
        if (Names.isKeyword(tokens.text(token))) {
            throw tokens.syntaxError(token, tokens.quoted(token) + " is a word of the language; " + consequence);
        }
    }

    /** The error where a value is expected. */
    static SyntaxException missingValue(Tokens tokens, Cursor cursor, @Nullable ConstantRole role) {
        int token = cursor.at();
        TokenKind kind = cursor.kind();
        if (role != null) {
            return cursor.unexpected(role.what() + " is " + role.wanted() + ", not " + tokens.quoted(token), role.wanted(), role.hint());
        } else if (kind.closes() && cursor.nesting() == 0) {
            return cursor.closesNothing();
        }
        boolean isFirst = token == 0 || tokens.kind(token - 1).endsStatement();
        String message = "a value is missing " + (isFirst
                ? "before " + tokens.quoted(token)
                : kind.endsStatement()
                        ? "after " + tokens.quoted(token - 1)
                        : "between " + tokens.quoted(token - 1) + " and " + tokens.quoted(token));
        return cursor.unexpected(message, null, valueHint(tokens, token));
    }

    /** What to write instead of a token that begins no value; null if nothing is known. */
    private static @Nullable String valueHint(Tokens tokens, int token) {
        Operands operands = new Operands(tokens);
        boolean isPower = token > 0 && tokens.kind(token - 1) == TokenKind.POWER;
        if (token > 0 && tokens.kind(token - 1).opens()) {
            return "write a value behind " + tokens.located(token - 1) + ", or close it";
        } else if (token > 0 && isBar(tokens, token - 1)) {
            return "write |x| for the absolute value, a or b for a choice";
        }
        return switch (tokens.kind(token)) {
            case LEFT_BRACE -> {
                int close = operands.closing(token);
                String name = isPower && token > 1 ? tokens.text(operands.first(token - 2)) : "";
                String bounds = name.endsWith("_") ? Library.bare().refusal(name) : null;
                if (bounds != null) {
                    yield bounds;
                }
                yield isPower && close > token + 1
                        ? "write brackets, ^(" + operands.shown(token + 1, close - 1) + ")"
                        : "there are no dictionaries and sets; write a list, [a, b], and give values by name in inputs";
            }
            case COLON -> "':' belongs in an index, as in x[1:3]; is a '[' missing before it?";
            case AT -> tokens.kind(token + 1) == TokenKind.LEFT_PAREN ? ForeignSigns.of(tokens).anonymous(token) : null;
            case ASSIGN -> token > 0 && (tokens.kind(token - 1) == TokenKind.EQUAL || tokens.kind(token - 1) == TokenKind.NOT_EQUAL)
                    ? "write '" + tokens.text(token - 1) + "'"
                    : null;
            case POWER -> isPower ? "write a ^ b for a power, logical_xor(a, b) for an exclusive or" : null;
            case END, NEWLINE, SEMICOLON -> isTwice(tokens, token - 2) && token > 2
                    ? "write " + operands.before(token - 3) + " " + tokens.text(token - 1) + " 1, and give the result a name"
                    : null;
            default -> null;
        };
    }

    /** Whether the two tokens from one on are the same sign, as in {@code x++}. */
    private static boolean isTwice(Tokens tokens, int first) {
        return first > 0 && tokens.end(first) == tokens.start(first + 1) && tokens.kind(first) == tokens.kind(first + 1)
                && (tokens.kind(first) == TokenKind.PLUS || tokens.kind(first) == TokenKind.MINUS);
    }

    /** The error where a value has been parsed and the token that follows cannot continue the expression. */
    static SyntaxException missingOperator(Tokens tokens, Cursor cursor) {
        int token = cursor.at();
        String quoted = tokens.quoted(token);
        return switch (cursor.kind()) {
            case ASSIGN, UPDATE -> isElement(tokens, token)
                    ? cursor.unexpected("a statement assigns to the elements of one index", null, "assign to others on a line of their own")
                    : cursor.unexpected(quoted + " binds a name, and only at the start of a statement", null, "to compare, write '=='");
            case COLON -> cursor.unexpected("':' belongs in an index, as in x[1:3] or x[..., 0]", null,
                    cursor.nesting() > 0 && tokens.kind(cursor.innermost()) == TokenKind.LEFT_PAREN
                            ? "close " + tokens.located(cursor.innermost()) + " before ':'"
                            : qualified(tokens, token));
            case ELLIPSIS ->
                cursor.unexpected(quoted + " belongs in an index, as in x[1:3] or x[..., 0]", null, "put the index in brackets");
            case INVALID -> cursor.unexpected("");
            case BAR, DOUBLE_BAR -> cursor.nesting() > 0 && isBar(tokens, cursor.innermost())
                    ? cursor.neverClosed()
                    : cursor.unexpected("nothing is open that " + quoted + " closes", null, bar(tokens, token));
            case LEFT_PAREN -> cursor.unexpected("the value before '(' is no function", null, called(tokens, token));
            case TEXT -> cursor.unexpected("a text stands only as the value of an attribute", null,
                    ForeignSigns.of(tokens).isBehindOperand(token) && quoted.startsWith("''")
                            ? ForeignSigns.of(tokens).quote(token)
                            : "the answer lists the value of every node; leave the text out");
            default -> cursor.unexpected("an operator is missing before " + quoted, null, hint(tokens, cursor));
        };
    }

    /** What to write for a name that {@code ::} qualifies, as in C++ and R, or for a colon alone. */
    private static String qualified(Tokens tokens, int token) {
        boolean isQualified = tokens.kind(token + 1) == TokenKind.COLON && tokens.kind(token + 2) == TokenKind.NAME;
        return isQualified ? "write " + new Operands(tokens).from(token + 2) : "leave ':' out, or put the index in brackets";
    }

    private static String bar(Tokens tokens, int token) {
        Operands operands = new Operands(tokens);
        if (tokens.kind(token - 1) == TokenKind.NAME && isFunction(operands.before(token - 1))) {
            return "write " + operands.before(token - 1) + "(" + operands.from(token) + ")";
        } else if (operands.last(token) > token) {
            boolean isBehindBracket = tokens.kind(token) == TokenKind.BAR && tokens.kind(token - 1).closes();
            return isBehindBracket
                    ? "write " + operands.before(token - 1) + " or " + operands.from(token + 1)
                            + " for a choice, '*' before |x| for a product"
                    : "write " + factors(tokens, token, "*");
        }
        int behind = isBar(tokens, token + 1) ? token + 2 : token + 1;
        boolean isChoice = switch (tokens.kind(behind)) {
            case NAME, NUMBER, LEFT_PAREN -> true;
            default -> false;
        };
        String choice = isChoice ? operands.before(token - 1) + " or " + operands.from(behind) : "a or b";
        return "write " + choice + " for a choice, |x| for the absolute value, ‖x‖ for the norm";
    }

    private static boolean isBar(Tokens tokens, int token) {
        return tokens.kind(token) == TokenKind.BAR || tokens.kind(token) == TokenKind.DOUBLE_BAR;
    }

    /** The operands before and behind the place before a token, with a sign between them. */
    private static String factors(Tokens tokens, int token, String sign) {
        Operands operands = new Operands(tokens);
        return operands.before(token - 1) + " " + sign + " " + operands.from(token);
    }

    /** Whether the statement that contains this token begins with an index of a name. */
    private static boolean isElement(Tokens tokens, int token) {
        int first = token;
        while (first > 0 && !tokens.kind(first - 1).endsStatement()) {
            first--;
        }
        return tokens.kind(first) == TokenKind.NAME && tokens.kind(first + 1) == TokenKind.LEFT_BRACKET;
    }

    /**
     * What to write for a call of a result: a product, or what stands for a layer or function of another library, as {@code nn.ReLU()(x)}.
     */
    private static String called(Tokens tokens, int token) {
        int first = new Operands(tokens).first(token - 1);
        int last = first;
        while (tokens.kind(last + 1) == TokenKind.DOT && tokens.kind(last + 2) == TokenKind.NAME) {
            last += 2;
        }
        String instead = last > first && tokens.kind(first) == TokenKind.NAME ? Packages.instead(tokens.text(first, last)) : null;
        return instead != null
                ? "there is no " + tokens.text(first, last) + " here; " + instead
                : "to multiply, write " + factors(tokens, token, "*") + "; a function is called once, f(x)";
    }

    private static String hint(Tokens tokens, Cursor cursor) {
        int token = cursor.at();
        Operands operands = new Operands(tokens);
        String word = tokens.text(token - 1);
        if (tokens.kind(token - 1) == TokenKind.NEWLINE) {
            return cursor.nesting() > 0 ? "items are separated by ','" : "a product is written with '*'";
        } else if (tokens.kind(token - 1) != TokenKind.NAME) {
            return product(tokens, cursor);
        } else if (tokens.isRaisedT(token - 1)) {
            return "a transpose is written " + operands.before(token - 3) + ".T, a matrix product " + operands.before(token - 3) + ".T @ "
                    + operands.from(token);
        } else if (SUBSCRIPTED_SUM.matcher(word).matches()) {
            return BOUNDED_SUM;
        } else if (word.equals("lambda")) {
            return "a lambda is bound to a name, f = lambda u: u^2, and called by it";
        } else if (isBinding(tokens, token)) {
            return "a name is bound without a word before it; write " + ForeignSigns.of(tokens).rest(token);
        } else if (word.equals("function") && tokens.kind(token) == TokenKind.NAME) {
            return "a function is written " + operands.from(token) + " = …, or def " + operands.from(token)
                    + ": with an indented return";
        } else if ((word.equals("∑") || word.equals("∏")) && tokens.text(token).startsWith("_")) {
            return "bounds are written as in " + (word.equals("∑") ? "sum(x[i] for i in range(3))" : "prod(x[i] for i in range(3))");
        }
        String refusal = Library.bare().forms(word).isEmpty() && OpCatalogue.find(word) == null ? Library.bare().refusal(word) : null;
        if (refusal != null) {
            return refusal;
        }
        String path = operands.before(token - 1);
        if (!isFunction(path)) {
            return product(tokens, cursor);
        } else if (tokens.kind(token) == TokenKind.NUMBER) {
            return "write " + path + "(…) with brackets around all of the operand";
        }
        boolean isSymbol = path.length() <= 2;
        boolean isCompared = Operator.of(tokens.kind(operands.last(token) + 1)) != null;
        return "write " + path + "(" + (isCompared ? ForeignSigns.of(tokens).side(token, 1) + ", …" : operands.all(token)) + ")"
                + (isSymbol ? ", or " + factors(tokens, token, "*") + " for a product" : "");
    }

    /** Whether a name, or a path such as {@code np.sum}, is that of a function. */
    static boolean isFunction(String path) {
        int dot = path.lastIndexOf('.');
        Library library = dot < 0 ? Library.bare() : Library.of(path.substring(0, dot));
        String name = path.substring(dot + 1);
        return library != null && library.has(name) || dot < 0 && (OpCatalogue.find(name) != null || name.equals("len"));
    }

    /** Whether a word and a name that is bound stand before and at a token, as in {@code let y = 2}. */
    static boolean isBinding(Tokens tokens, int token) {
        return token > 0 && (token == 1 || tokens.kind(token - 2).endsStatement()) && tokens.kind(token - 1) == TokenKind.NAME
                && tokens.kind(token) == TokenKind.NAME && tokens.kind(token + 1) == TokenKind.ASSIGN
                && BINDING.contains(tokens.text(token - 1));
    }

    /** Tells how the product is written of what stands before and at the cursor, or the word that stands there as an operator. */
    private static String product(Tokens tokens, Cursor cursor) {
        int token = cursor.at();
        Operands operands = new Operands(tokens);
        String word = tokens.text(token).toLowerCase(Locale.ROOT);
        boolean isInfix = tokens.kind(token) == TokenKind.NAME && !tokens.kind(token + 1).endsStatement();
        if (isInfix && (word.equals("and") || word.equals("or"))) {
            return "write " + operands.before(token - 1) + " " + word + " " + operands.from(token + 1);
        } else if (isInfix && INFIX.containsKey(word) && tokens.kind(token + 1) != TokenKind.LEFT_PAREN) {
            return "write " + INFIX.get(word) + "(" + operands.before(token - 1) + ", " + operands.from(token + 1) + ")";
        }
        boolean isMatrix = tokens.kind(token - 1) != TokenKind.NUMBER && tokens.kind(token) != TokenKind.NUMBER;
        String matrix = cursor.nesting() > 0 ? Matrices.written(tokens, cursor.innermost()) : null;
        return "a product is written " + factors(tokens, token, "*")
                + (isMatrix ? ", a matrix product " + factors(tokens, token, "@") : "")
                + (matrix != null
                        ? "; a list is written " + matrix
                        : cursor.nesting() > 0 ? "; items are separated by ','" : "");
    }

    /** The error for a product without a sign behind an operator that may be meant to bind tighter. */
    static SyntaxException unclearProduct(Tokens tokens, int operator, int token) {
        Operands operands = new Operands(tokens);
        int first = operator == 0 ? 0 : operands.first(operator - 1);
        if (SUBSCRIPTED_SUM.matcher(tokens.text(first)).matches()) {
            return tokens.syntaxError(token, "a sum has no bounds at its sign").hint(BOUNDED_SUM);
        }
        String right = operands.from(token);
        return tokens.syntaxError(token,
                "what " + tokens.quoted(operator) + " applies to is not clear, because a product without a sign follows")
                .hint("write " + operands.shown(first, operator) + "(" + operands.shown(operator + 1, token - 1) + " * " + right
                        + ") or " + operands.shown(first, token - 1) + " * " + right);
    }

    /** The error for text that is no token. */
    static SyntaxException invalidToken(Tokens tokens, int token) {
        String text = tokens.text(token);
        ForeignSigns signs = ForeignSigns.of(tokens);
        if (text.startsWith("'") || text.startsWith("\"")) {
            return tokens.syntaxError(token, "the text that begins here is never closed")
                    .expected(text.substring(0, 1), "the end of the line")
                    .hint(text.startsWith("'") && signs.isBehindOperand(token) ? signs.quote(token) : "close it on the same line");
        }
        if (text.length() > 1 && text.codePoints().anyMatch(Names::isStart)) {
            return tokens.syntaxError(token, tokens.quoted(token) + " is neither a number nor a name").hint(glued(tokens, token));
        } else if (Character.isDigit(text.charAt(0))) {
            return tokens.syntaxError(token, tokens.quoted(token) + " is no number");
        }
        SyntaxException error = tokens.syntaxError(token, tokens.quoted(token) + " means nothing in an expression");
        String hint = signs.hint(token);
        return hint == null ? error : error.hint(hint);
    }

    /** What to write for a number and letters that follow it directly. */
    private static String glued(Tokens tokens, int token) {
        String text = tokens.text(token);
        String number = ForeignSigns.number(text);
        int letter = 0;
        while (letter < text.length() - 1 && !Names.isStart(text.codePointAt(letter))) {
            letter++;
        }
        boolean isNormOrder = text.contains("_") && token > 1 && tokens.kind(token - 1) == TokenKind.POWER
                && tokens.kind(token - 2) == TokenKind.DOUBLE_BAR;
        if (isNormOrder) {
            return "write " + new Operands(tokens).before(token - 2) + text.substring(letter) + "^" + text.substring(0, letter);
        } else if (text.endsWith("j") || text.endsWith("J")) {
            return "there are no complex numbers; a product is written " + text.substring(0, letter) + " * " + text.substring(letter);
        }
        return number != null ? "write " + number : "a product is written " + text.substring(0, letter) + " * " + text.substring(letter);
    }
}
