package io.chainrule.core.print;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Formulas in a line of Unicode, as {@code (∂f/∂q) xᵀ}. */
final class PlainText {
    private static final Map<String, String> SIGNS = Map.of("\\,", " ", "\\;", " ", "\\ ", " ", "\\infty",
            "∞");
    private static final Map<String, String> SUPERSCRIPTS = Map.of("T", "ᵀ", "-T", "⁻ᵀ", "2", "²", "3", "³", "-1", "⁻¹");

    private static final Set<String> OPERATORS = Set.of("⊙", "⋅", "×", "⋆", "→", "=", "≠", "≤", "≥", "<", ">");

    private PlainText() {}

    /** Both sides; a fraction that is a whole side needs no parentheses. */
    static String equation(Formula left, String sign, Formula right) {
        return side(left) + sign + side(right);
    }

    /** A formula as a side of an equation. */
    static String line(Formula formula) {
        return side(formula);
    }

    private static String side(Formula side) {
        Formula whole = side instanceof Formula.Row(var items) && items.size() == 1 ? items.getFirst() : side;
        String text = of(whole).replaceAll(" {2,}", " ").replaceAll("\\(\\(([^()]*)\\)\\)", "($1)").strip();
        return whole instanceof Formula.Fraction ? text.substring(1, text.length() - 1) : text;
    }

    static String of(Formula formula) {
        return switch (formula) {
            case Formula.Row(var items) -> items.stream().map(PlainText::of).collect(Collectors.joining());
            case Formula.Group(var of) -> of(of);
            case Formula.Symbol(String latex) -> sign(latex);
            case Formula.Digits(String text) -> text;
            case Formula.Word(var _, String text) -> text.replaceAll("\\\\(.)", "$1");
            case Formula.Fraction(var over, var under) -> "(" + part(over) + "/" + divisor(under) + ")";
            case Formula.Root(var of) -> "√(" + of(of) + ")";
            case Formula.Script(var base, Formula.Word(String command, String text), boolean isAbove) when !isAbove
                    && command.equals("\\mathrm") ->
                of(base) + "_" + text.replaceAll("\\\\(.)", "$1");
            case Formula.Script(var base, var script, boolean isAbove) -> of(base) + script(of(script).strip(), isAbove);
            case Formula.Fenced(String open, var inside, String close) -> fenced(sign(open), inside, sign(close));
            case Formula.Table(String environment, var rows) when environment.equals("cases") -> rows.stream()
                    .map(row -> row.stream().map(PlainText::of).map(String::strip).collect(Collectors.joining(" ")))
                    .collect(Collectors.joining("; ", "{", "}"));
            case Formula.Table(var _, var rows) -> rows.stream()
                    .map(row -> row.stream().map(PlainText::of).collect(Collectors.joining(", ")))
                    .collect(Collectors.joining("; ", "[", "]"));
            case Formula.Inline _,Formula.Place _ -> throw new IllegalStateException("a template");
        };
    }

    private static String fenced(String open, Formula inside, String close) {
        String text = of(inside);
        boolean isBracketed = inside instanceof Formula.Fraction
                || inside instanceof Formula.Row(var items) && items.stream().filter(item -> !isSpace(item)).count() == 1
                        && items.stream().anyMatch(item -> item instanceof Formula.Fraction);
        return isBracketed && open.equals("(") ? text.strip() : open + text.strip() + close;
    }

    /** A numerator or denominator, in parentheses unless it is one product or one differential. */
    private static String part(Formula part) {
        return part.isSum() ? "(" + of(part) + ")" : of(part);
    }

    /** Whether a formula is one item or one call, as {@code hypot(x, y)}; the factors of a product have a space between them. */
    private static boolean isOne(Formula formula) {
        List<Formula> line = formula.line();
        return line.size() == 1 || line.size() == 2 && line.getLast() instanceof Formula.Fenced;
    }

    private static boolean isSpace(Formula item) {
        return item instanceof Formula.Symbol(String latex) && latex.isBlank();
    }

    private static String divisor(Formula part) {
        String text = part(part).strip();
        return part.isNegative() || !part.isSum() && text.contains(" ") && !isOne(part) ? "(" + text + ")" : text;
    }

    private static String script(String text, boolean isAbove) {
        if (isAbove) {
            return SUPERSCRIPTS.getOrDefault(text.replace('−', '-'), text.length() == 1 ? "^" + text : "^(" + text + ")");
        }
        if (text.matches("[0-9]+")) {
            return text.codePoints().mapToObj(c -> Character.toString(c - '0' + '₀')).collect(Collectors.joining());
        }
        return text.matches("[A-Za-z]+") || text.length() == 1 ? "_" + text : "_{" + text + "}";
    }

    private static String sign(String latex) {
        String known = SIGNS.get(latex);
        String sign = known != null ? known : Typesetting.unicode(latex);
        return OPERATORS.contains(sign) ? " " + sign + " " : sign;
    }
}
