package io.chainrule.core.expression;

import io.chainrule.core.op.OpCatalogue;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What stands here for the commands of LaTeX. */
final class LatexCommands {
    private static final Map<String, String> SIGNS = Words.pairs("cdot=* times=* ast=* odot=* div=/ le=<= leq=<= ge=>= geq=>= "
            + "ne=!= neq=!= left= right= big= Big= displaystyle= infty=inf pi=pi alpha=α beta=β gamma=γ delta=δ epsilon=ε varepsilon=ε "
            + "zeta=ζ eta=η theta=θ kappa=κ lambda=λ mu=μ nu=ν xi=ξ rho=ρ sigma=σ tau=τ phi=φ varphi=φ chi=χ psi=ψ omega=ω");
    private static final Set<String> OTHERS = Set.of("frac", "partial", "nabla", "int", "lim", "mathbf", "mathrm", "text", "begin", "end");

    private LatexCommands() {}

    /** The sign or name that a command stands for, which is empty for one that only changes how a formula looks; null for others. */
    static @Nullable String sign(String command) {
        String sign = SIGNS.get(command);
        return sign != null ? sign : OpCatalogue.find(command) != null || Library.bare().has(command) ? command : null;
    }

    /** Whether a name is a command of LaTeX that is known here. */
    static boolean has(String name) {
        return sign(name) != null || OTHERS.contains(name) || isSum(name);
    }

    /** Whether the bounds of a sum or product begin in the name, as in {@code \\sum_{i=1}}. */
    private static boolean isSum(String name) {
        int bounds = name.indexOf('_');
        return bounds > 0 && OpCatalogue.find(name.substring(0, bounds)) != null;
    }

    /** What to write for the command whose name stands at a token. */
    static String hint(Tokens tokens, int command) {
        Operands operands = new Operands(tokens);
        String name = tokens.text(command);
        int open = command + 1;
        boolean hasArgument = tokens.kind(open) == TokenKind.LEFT_BRACE;
        int close = hasArgument ? operands.closing(open) : command;
        String sign = sign(name);
        String what = "LaTeX is not read; ";
        if (name.equals("frac") && hasArgument && tokens.kind(close + 1) == TokenKind.LEFT_BRACE) {
            return what + "write " + fraction(operands, open, close);
        } else if (isSum(name)) {
            String op = name.substring(0, name.indexOf('_'));
            return what + "write " + op + "(x), or " + op + "(x[i] for i in range(n))";
        } else if (name.equals("partial") || name.equals("nabla")) {
            return what + "derivatives are in the answer of /v1/gradient";
        } else if (sign == null) {
            return what + "write formulas as in Python";
        } else if (hasArgument && !SIGNS.containsKey(name)) {
            return what + "write " + sign + "(" + operands.shown(open + 1, Math.max(open + 1, close - 1)) + ")";
        }
        return what + (sign.isEmpty() ? "leave \\" + name + " out" : "write " + sign);
    }

    /** The quotient that a fraction is, whose first brace opens and closes at these tokens. */
    private static String fraction(Operands operands, int open, int close) {
        int second = close + 1;
        int end = operands.closing(second);
        return part(operands, open, close) + " / " + part(operands, second, end);
    }

    private static String part(Operands operands, int open, int close) {
        if (close <= open + 1) {
            return "(…)";
        }
        String text = operands.shown(open + 1, close - 1);
        return close == open + 2 ? text : "(" + text + ")";
    }

    /** The quotient that the fraction is whose command stands at a token, with all of both parts; null if it is no fraction. */
    static @Nullable String quotient(Tokens tokens, int command) {
        int open = command + 1;
        boolean isFraction = tokens.is(command, "frac") && tokens.kind(open) == TokenKind.LEFT_BRACE;
        int close = isFraction ? new Operands(tokens).closing(open) : command;
        if (!isFraction || tokens.kind(close + 1) != TokenKind.LEFT_BRACE) {
            return null;
        }
        int end = endOfFraction(tokens, command);
        boolean isClosed = tokens.kind(end) == TokenKind.RIGHT_BRACE && close > open + 1 && end > close + 2;
        return isClosed ? "((" + tokens.text(open + 1, close - 1) + ")/(" + tokens.text(close + 2, end - 1) + "))" : null;
    }

    /** The last token of the fraction whose command stands at a token. */
    static int endOfFraction(Tokens tokens, int command) {
        Operands operands = new Operands(tokens);
        return operands.closing(operands.closing(command + 1) + 1);
    }
}
