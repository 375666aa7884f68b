package io.chainrule.core.expression;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The infix operators, by increasing precedence. */
public enum Operator {
    LESS(TokenKind.LESS, "<", "lt", "<", Precedence.COMPARISON),
    LESS_EQUAL(TokenKind.LESS_EQUAL, "<=", "le", "\\le", Precedence.COMPARISON),
    GREATER(TokenKind.GREATER, ">", "gt", ">", Precedence.COMPARISON),
    GREATER_EQUAL(TokenKind.GREATER_EQUAL, ">=", "ge", "\\ge", Precedence.COMPARISON),
    EQUAL(TokenKind.EQUAL, "==", "eq", "=", Precedence.COMPARISON),
    NOT_EQUAL(TokenKind.NOT_EQUAL, "!=", "ne", "\\ne", Precedence.COMPARISON),
    PLUS(TokenKind.PLUS, "+", "add", "+", Precedence.SUM),
    MINUS(TokenKind.MINUS, "-", "sub", "-", Precedence.SUM),
    TIMES(TokenKind.STAR, "*", "mul", "\\cdot", Precedence.PRODUCT),
    DIVIDE(TokenKind.SLASH, "/", "div", "", Precedence.PRODUCT),
    MATMUL(TokenKind.AT, "@", "matmul", "\\,", Precedence.PRODUCT),
    REMAINDER(TokenKind.PERCENT, "%", "remainder", "\\bmod", Precedence.PRODUCT),
    FLOOR_DIVIDE(TokenKind.DOUBLE_SLASH, "//", "floor_divide", "", Precedence.PRODUCT),
    POWER(TokenKind.POWER, "^", "pow", "", Precedence.POWER),
    /** The dot product of two vectors; with a scalar, a product. No node is written with it. */
    MIDDLE_DOT(TokenKind.MIDDLE_DOT, "·", "", "", Precedence.PRODUCT),
    /** A product with a scalar. No node is written with it. */
    CROSS(TokenKind.CROSS, "×", "", "", Precedence.PRODUCT);

    private static final Map<TokenKind, Operator> BY_TOKEN = new EnumMap<TokenKind, Operator>(
            Stream.of(values()).collect(Collectors.toMap(o -> o.token, Function.identity())));
    private static final Map<String, Operator> BY_OP = Stream.of(values()).filter(o -> !o.op.isEmpty())
            .collect(Collectors.toMap(o -> o.op, Function.identity()));

    private final TokenKind token;
    private final String symbol;
    private final String op;
    private final String latex;
    private final Precedence precedence;

    Operator(TokenKind token, String symbol, String op, String latex, Precedence precedence) {
        this.token = token;
        this.symbol = symbol;
        this.op = op;
        this.latex = latex;
        this.precedence = precedence;
    }

    static @Nullable Operator of(TokenKind token) {
        return BY_TOKEN.get(token);
    }

    public static @Nullable Operator ofOp(String op) {
        return BY_OP.get(op);
    }

    static @Nullable Operator ofSymbol(String symbol) {
        return symbol.equals("**") ? POWER : Stream.of(values()).filter(o -> o.symbol.equals(symbol)).findFirst().orElse(null);
    }

    public String symbol() {
        return symbol;
    }

    /** The sign between the operands in LaTeX; empty if LaTeX writes the operation in another form, such as a fraction. */
    public String latex() {
        return latex;
    }

    public String op() {
        return op;
    }

    /** Whether the result is a whole number if the operands are. */
    boolean isWhole() {
        return switch (this) {
            case PLUS, MINUS, TIMES, FLOOR_DIVIDE, REMAINDER -> true;
            default -> false;
        };
    }

    public Precedence precedence() {
        return precedence;
    }
}
