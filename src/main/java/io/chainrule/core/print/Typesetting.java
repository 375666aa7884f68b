package io.chainrule.core.print;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A language in which formulas are typeset. */
enum Typesetting {
    /** For MathJax, KaTeX and TeX. */
    LATEX {
        @Override
        void write(Formula formula, Consumer<Object> out) {
            switch (formula) {
                case Formula.Row(var items) -> items.forEach(item -> write(item, out));
                case Formula.Group(var of) -> enclosed("{", of, "}", out);
                case Formula.Symbol(String latex) -> out.accept(latex);
                case Formula.Digits(String text) -> out.accept(text);
                case Formula.Word(String command, String text) -> out.accept(command + "{" + text + "}");
                case Formula.Fraction(var over, var under) -> {
                    enclosed("\\frac{", over, "}{", out);
                    enclosed("", under, "}", out);
                }
                case Formula.Root(var of) -> enclosed("\\sqrt{", of, "}", out);
                case Formula.Script(var base, var script, boolean isAbove) -> {
                    boolean isDouble = base instanceof Formula.Script inner && inner.isAbove() == isAbove;
                    write(isDouble ? new Formula.Group(base) : base, out);
                    enclosed(isAbove ? "^{" : "_{", script, "}", out);
                }
                case Formula.Fenced(String open, var inside, String close) ->
                    enclosed("\\left" + open, inside, "\\right" + close, out);
                case Formula.Table(String environment, var rows) -> {
                    String gap = environment.endsWith("matrix") ? "" : " ";
                    out.accept("\\begin{" + environment + "}" + gap);
                    for (int i = 0; i < rows.size(); i++) {
                        out.accept(i == 0 ? "" : " \\\\ ");
                        for (int k = 0; k < rows.get(i).size(); k++) {
                            out.accept(k == 0 ? "" : " & ");
                            write(rows.get(i).get(k), out);
                        }
                    }
                    out.accept(gap + "\\end{" + environment + "}");
                }
                case Formula.Inline(int node) -> out.accept(node);
                case Formula.Place _ -> throw new IllegalStateException("a template");
            }
        }

        @Override
        String whole(String body) {
            return body;
        }

        @Override
        String begin() {
            return "\\begin{aligned} ";
        }

        @Override
        String aligned() {
            return " &";
        }

        @Override
        String between() {
            return " \\\\ ";
        }

        @Override
        String end() {
            return " \\end{aligned}";
        }
    },
    /** MathML Core, which browsers show. */
    MATHML {
        @Override
        void write(Formula formula, Consumer<Object> out) {
            switch (formula) {
                case Formula.Row(var items) -> items.forEach(item -> write(item, out));
                case Formula.Group(var of) -> row(of, out);
                case Formula.Symbol(String latex) -> out.accept(symbol(latex.length() > 2 ? latex.strip() : latex));
                case Formula.Digits(String text) -> out.accept("<mn>" + text + "</mn>");
                case Formula.Word(String command, String text) -> out.accept(word(command, text));
                case Formula.Fraction(var over, var under) -> {
                    out.accept("<mfrac>");
                    row(over, out);
                    row(under, out);
                    out.accept("</mfrac>");
                }
                case Formula.Root(var of) -> enclosed("<msqrt>", of, "</msqrt>", out);
                case Formula.Script(var base, var script, boolean isAbove) -> {
                    out.accept(isAbove ? "<msup>" : "<msub>");
                    row(base, out);
                    row(script, out);
                    out.accept(isAbove ? "</msup>" : "</msub>");
                }
                case Formula.Fenced(String open, var inside, String close) -> {
                    out.accept("<mrow>" + fence(open, "prefix"));
                    row(inside, out);
                    out.accept(fence(close, "postfix") + "</mrow>");
                }
                case Formula.Table(String environment, var rows) -> table(environment, rows, out);
                case Formula.Inline(int node) -> out.accept(node);
                case Formula.Place _ -> throw new IllegalStateException("a template");
            }
        }

        private void row(Formula formula, Consumer<Object> out) {
            boolean isOne = !(formula instanceof Formula.Row || formula instanceof Formula.Inline || formula instanceof Formula.Word);
            enclosed(isOne ? "" : "<mrow>", formula, isOne ? "" : "</mrow>", out);
        }

        private void table(String environment, List<List<Formula>> rows, Consumer<Object> out) {
            boolean isMatrix = environment.endsWith("matrix");
            String cell = isMatrix ? "<mtd>" : "<mtd style=\"text-align: left\">";
            out.accept("<mrow><mo>" + (isMatrix ? "[" : "{") + "</mo><mtable>");
            for (List<Formula> cells : rows) {
                out.accept("<mtr>");
                cells.forEach(content -> enclosed(cell, content, "</mtd>", out));
                out.accept("</mtr>");
            }
            out.accept("</mtable>" + (isMatrix ? "<mo>]</mo>" : "") + "</mrow>");
        }

        @Override
        String whole(String body) {
            return "<math xmlns=\"http://www.w3.org/1998/Math/MathML\" display=\"block\">" + body + "</math>";
        }

        @Override
        String begin() {
            return "<mtable displaystyle=\"true\">" + RIGHT;
        }

        @Override
        String aligned() {
            return "</mtd><mtd style=\"text-align: left\">";
        }

        @Override
        String between() {
            return "</mtd></mtr>" + RIGHT;
        }

        @Override
        String end() {
            return "</mtd></mtr></mtable>";
        }
    };

    private static final String RIGHT = "<mtr><mtd style=\"text-align: right\">";
    private static final Map<String, String> SIGNS = Map.ofEntries(Map.entry("-", "\u2212"), Map.entry("\\cdot", "\u22c5"),
            Map.entry("\\odot", "\u2299"), Map.entry("\\le", "\u2264"), Map.entry("\\ge", "\u2265"), Map.entry("\\ne", "\u2260"),
            Map.entry("\\sum", "\u2211"), Map.entry("\\partial", "\u2202"), Map.entry("\\lfloor", "\u230a"),
            Map.entry("\\rfloor", "\u230b"),
            Map.entry("\\lceil", "\u2308"), Map.entry("\\rceil", "\u2309"), Map.entry("\\lVert", "\u2016"), Map.entry("\\rVert", "\u2016"),
            Map.entry("\\lbrace", "{"), Map.entry("\\rbrace", "}"), Map.entry("\\bmod", "\u2009mod\u2009"), Map.entry("<", "&lt;"),
            Map.entry(">", "&gt;"),
            Map.entry("\\prod", "\u220f"), Map.entry("\\dots", "\u2026"), Map.entry("\\cdots", "\u22ef"), Map.entry("\\to", "\u2192"),
            Map.entry("\\times", "\u00d7"), Map.entry("\\star", "\u22c6"), Map.entry("\\&", "&amp;"), Map.entry("\\_", "_"),
            Map.entry("\\%", "%"), Map.entry("\\$", "$"), Map.entry("\\#", "#"));
    /** Commands of Greek letters, with the letter. */
    static final Map<String, String> GREEK = Stream.of(("alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ "
            + "lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ "
            + "Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω").split(" (?=[a-zA-Z])")).map(pair -> pair.split(" "))
            .collect(Collectors.toUnmodifiableMap(pair -> pair[0], pair -> pair[1]));

    /** Writes a formula: passes on strings, and the numbers of nodes that are written inline. */
    abstract void write(Formula formula, Consumer<Object> out);

    /** The text of a whole formula. */
    abstract String whole(String body);

    /** What begins lines that are aligned at their equals signs. */
    abstract String begin();

    /** What stands before the equals sign. */
    abstract String aligned();

    /** What stands between two lines. */
    abstract String between();

    abstract String end();

    final void enclosed(String before, Formula formula, String behind, Consumer<Object> out) {
        out.accept(before);
        write(formula, out);
        out.accept(behind);
    }

    static boolean isGreek(String command) {
        return command.startsWith("\\") && GREEK.containsKey(command.substring(1).strip());
    }

    private static String fence(String delimiter, String form) {
        return delimiter.equals(".")
                ? ""
                : "<mo form=\"" + form + "\" stretchy=\"true\">" + SIGNS.getOrDefault(delimiter.strip(), delimiter) + "</mo>";
    }

    /** A symbol as a Unicode character. */
    static String unicode(String latex) {
        String command = latex.strip();
        String sign = SIGNS.get(command);
        if (sign != null) {
            return sign.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        }
        String name = command.startsWith("\\") ? command.substring(1) : latex;
        return GREEK.getOrDefault(name, name);
    }

    private static String symbol(String latex) {
        String sign = SIGNS.get(latex);
        if (sign != null) {
            return "<mo>" + sign + "</mo>";
        } else if (latex.startsWith("\\") && latex.length() > 2) {
            String name = latex.substring(1);
            return name.equals("infty") ? "<mi>∞</mi>" : "<mi>" + GREEK.getOrDefault(name, name) + "</mi>";
        }
        return switch (latex) {
            case " " -> "";
            case "\\," -> "<mspace width=\"0.17em\"></mspace>";
            case "\\;", "\\ " -> "<mspace width=\"0.28em\"></mspace>";
            default -> Character.isLetter(latex.codePointAt(0)) ? "<mi>" + latex + "</mi>" : "<mo>" + escaped(latex) + "</mo>";
        };
    }

    private static String word(String command, String text) {
        String plain = escaped(text.replaceAll("\\\\(.)", "$1"));
        return switch (command) {
            case "\\text" -> "<mtext>" + plain.replaceAll("^ | $", "\u00a0") + "</mtext>";
            case "\\mathbf" -> "<mn>" + (plain.equals("1") ? "𝟏" : "𝟎") + "</mn>";
            case "\\operatorname" -> "<mi>" + plain + "</mi><mo>\u2061</mo>";
            default -> plain.codePointCount(0, plain.length()) == 1
                    ? "<mi mathvariant=\"normal\">" + plain + "</mi>"
                    : "<mi>" + plain + "</mi>";
        };
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
