package io.chainrule.core.expression;

import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognises which derivative a line claims to be from its name: {@code dx}, {@code dfdx}, {@code df_dx}, {@code grad_x}, {@code x_grad}.
 */
public final class DerivativeNames {
    /** Names of what is differentiated that need not be a node, in a name without an underscore such as {@code dLdx}. */
    private static final Set<String> USUAL_OUTPUTS = Set.of("loss", "cost", "err", "out");

    private static final Pattern DERIVATIVE = Pattern.compile("d[A-Za-z]?[0-9]*|d_.+|grad_.+|.+_grad|d[^_]+_d.+");

    private DerivativeNames() {}

    /** Whether a name reads like a derivative, be it of a node that there is or not. */
    public static boolean isLikeDerivative(String name) {
        return DERIVATIVE.matcher(name).matches();
    }

    /** Refuses a statement that binds a quotient, {@code df/dx = …}. */
    static void checkQuotient(Tokens tokens, int first) {
        boolean isQuotient = tokens.kind(first) == TokenKind.NAME && tokens.kind(first + 1) == TokenKind.SLASH
                && tokens.kind(first + 2) == TokenKind.NAME
                && (tokens.kind(first + 3) == TokenKind.ASSIGN || tokens.kind(first + 3) == TokenKind.UPDATE);
        if (isQuotient) {
            String above = tokens.text(first);
            String below = tokens.text(first + 2);
            throw tokens.syntaxError(first, above + "/" + below + " is a quotient, and no name that a statement can bind")
                    .hint("write " + above + "_" + below + " = …, or " + below
                            + " = … for a gradient of the output, as /v1/grade marks them");
        }
    }

    /**
     * The derivative that a name says.
     *
     * @param of the node that is differentiated; null for the output
     * @param by the node that it is differentiated by
     */
    public record Derivative(@Nullable String of, String by) {}

    public static Optional<Derivative> read(String name, Predicate<String> isNode) {
        return after(name, "grad_", isNode).or(() -> before(name, "_grad", isNode))
                .or(() -> after(name, "d", isNode)).or(() -> after(name, "d_", isNode)).or(() -> quotient(name, isNode));
    }

    private static Optional<Derivative> after(String name, String prefix, Predicate<String> isNode) {
        return of(name.startsWith(prefix) ? name.substring(prefix.length()) : "", isNode);
    }

    private static Optional<Derivative> before(String name, String suffix, Predicate<String> isNode) {
        return of(name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : "", isNode);
    }

    private static Optional<Derivative> of(String by, Predicate<String> isNode) {
        return !by.isEmpty() && isNode.test(by) ? Optional.of(new Derivative(null, by)) : Optional.empty();
    }

    /** Reads {@code df_dx} and {@code dfdx}. A name such as {@code dfdx} may be split in several places; the first that fits counts. */
    private static Optional<Derivative> quotient(String name, Predicate<String> isNode) {
        boolean mayBeOne = name.startsWith("d") && name.length() <= BracketCorrections.LONGEST_NAME;
        for (int at = mayBeOne ? name.indexOf('d', 2) : -1; at > 0; at = name.indexOf('d', at + 1)) {
            boolean isApart = name.charAt(at - 1) == '_';
            String of = name.substring(name.startsWith("d_") && isApart ? 2 : 1, isApart ? at - 1 : at);
            String rest = name.substring(at + 1);
            String by = isNode.test(rest) || !rest.startsWith("_") ? rest : rest.substring(1);
            boolean isNamed = !of.isEmpty() && isNode.test(of);
            boolean isUsual = !of.isEmpty() && (isApart || of.length() == 1 || USUAL_OUTPUTS.contains(of));
            if (isNode.test(by) && (isNamed || isUsual)) {
                return Optional.of(new Derivative(isNamed ? of : null, by));
            }
        }
        return Optional.empty();
    }
}
