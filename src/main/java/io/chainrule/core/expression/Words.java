package io.chainrule.core.expression;

import io.chainrule.core.graph.Family;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tells words of Python and calls without brackets from names by what stands around them. Anywhere else such a word is a name like any
 * other.
 */
record Words(Tokens tokens) {
    private static final Set<String> OPERATORS = Set.of("and", "or", "if", "else", "for", "in", "is", "not");

    /** The pairs of a list such as {@code "mod=mod xor=logical_xor"}. */
    static Map<String, String> pairs(String list) {
        return Stream.of(list.split(" ", -1)).map(pair -> pair.split("=", 2)).collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    /** Whether the token, behind an operand, is a word that continues the expression, or ends it. */
    boolean isOperator(int token) {
        return tokens.kind(token) == TokenKind.NAME && OPERATORS.contains(tokens.text(token));
    }

    /** Whether {@code not} stands before an operand, as no name could. */
    boolean isNot(int token) {
        return tokens.is(token, "not") && beginsOperand(token + 1);
    }

    /** Whether the token begins an operand, and cannot continue one, except a bracket. */
    boolean beginsOperand(int token) {
        return beginsOperandAt(tokens, token);
    }

    static boolean beginsOperandAt(Tokens tokens, int token) {
        return switch (tokens.kind(token)) {
            case NAME -> !OPERATORS.contains(tokens.text(token)) || tokens.is(token, "not");
            case NUMBER, LEFT_PAREN, ROOT, CUBE_ROOT, DOUBLE_BAR -> true;
            default -> false;
        };
    }

    /** Refuses a number whose exponent is missing, as in {@code 1e}; {@code 2e^x} is a product. */
    void checkExponent(int number) {
        boolean isCut = tokens.is(number + 1, "e") && tokens.end(number) == tokens.start(number + 1) && switch (tokens.kind(number + 2)) {
            case POWER, SUPERSCRIPT, LEFT_PAREN, DOT, LEFT_BRACKET -> false;
            default -> true;
        };
        if (isCut) {
            String digits = tokens.text(number);
            throw tokens.syntaxError(number, "the exponent of " + digits + "e is missing")
                    .hint("write " + digits + "e0, or " + digits + " * e for a product with Euler's number");
        }
    }

    /** Whether the token is the name of an elementwise op of one operand and stands before its operand without brackets. */
    boolean isBareCall(int token) {
        return tokens.kind(token + 1) == TokenKind.NAME && !isOperator(token + 1) && isFunction(token);
    }

    /** Whether the token is the name of an elementwise op of one operand. */
    boolean isFunction(int token) {
        OpDefinition op = OpCatalogue.find(Characters.lowered(tokens.text(token)));
        return op != null && op.family() == Family.ELEMENTWISE && op.operands().size() == 1;
    }

    /**
     * Returns the token of the function's name in {@code jax.grad(f)(x)}, of which the path {@code jax.grad} stands at these tokens; 0 in
     * other calls.
     */
    int gradientOf(int first, int last) {
        int function = last + 2;
        boolean isGradient = last == first + 2 && tokens.is(first, "jax") && tokens.is(last, "grad")
                && tokens.kind(function) == TokenKind.NAME && tokens.kind(function + 1) == TokenKind.RIGHT_PAREN
                && tokens.kind(function + 2) == TokenKind.LEFT_PAREN;
        return isGradient ? function : 0;
    }
}
