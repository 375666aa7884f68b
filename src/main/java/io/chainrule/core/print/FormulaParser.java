package io.chainrule.core.print;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads formulas in a part of LaTeX: symbols, scripts, fractions, roots, {@code \left} and {@code \right}, tables, words. {@code $0} is the
 * place of the first operand, {@code #0} the same with parentheses where they are needed, {@code $*} that of all operands.
 */
final class FormulaParser {
    private static final Set<String> TYPEFACES = Set.of("\\operatorname", "\\mathrm", "\\mathbf", "\\mathsf", "\\text");
    /** Templates are few; names and numbers are not kept. */
    private static final Map<String, Formula> TEMPLATES = new ConcurrentHashMap<>();

    private final String text;
    private int at;

    private FormulaParser(String text) {
        this.text = text;
    }

    /** Parses the form of an op or operator, and keeps the result. */
    static Formula template(String latex) {
        return TEMPLATES.computeIfAbsent(latex, FormulaParser::parse);
    }

    static Formula parse(String latex) {
        FormulaParser parser = new FormulaParser(latex);
        Formula formula = parser.row();
        if (parser.at < latex.length()) {
            throw new IllegalArgumentException("at " + parser.at + " in " + latex);
        }
        return formula;
    }

    private boolean sees(String prefix) {
        return text.startsWith(prefix, at);
    }

    private void expect(String prefix) {
        if (!sees(prefix)) {
            throw new IllegalArgumentException("no " + prefix + " at " + at + " in " + text);
        }
        at += prefix.length();
    }

    /** Everything up to the end of a group, a cell, a row or a fence. */
    private Formula row() {
        List<Formula> items = new ArrayList<>();
        while (at < text.length() && !sees("}") && !sees("&") && !sees("\\\\") && !sees("\\end{") && !isRight()) {
            if (sees("^") || sees("_")) {
                boolean isAbove = sees("^");
                at++;
                Formula base = items.isEmpty() ? new Formula.Row(List.of()) : items.removeLast();
                items.add(new Formula.Script(base, group(), isAbove));
            } else {
                items.add(item());
            }
        }
        return items.size() == 1 ? items.getFirst() : new Formula.Row(List.copyOf(items));
    }

    private boolean isRight() {
        return sees("\\right") && !sees("\\rightarrow");
    }

    private Formula group() {
        expect("{");
        Formula inside = row();
        expect("}");
        return inside;
    }

    private String raw() {
        expect("{");
        int end = at;
        while (text.charAt(end) != '}') {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        String inside = text.substring(at, end);
        at = end + 1;
        return inside;
    }

    private Formula item() {
        char c = text.charAt(at);
        if (c == '$' || c == '#') {
            at += 2;
            return new Formula.Place(text.charAt(at - 1) == '*' ? Formula.Place.ALL : text.charAt(at - 1) - '0', c == '#');
        } else if (c == '{') {
            return new Formula.Group(group());
        } else if (c >= '0' && c <= '9') {
            int end = at;
            while (end < text.length() && (text.charAt(end) >= '0' && text.charAt(end) <= '9' || text.charAt(end) == '.')) {
                end++;
            }
            String digits = text.substring(at, end);
            at = end;
            return new Formula.Digits(digits);
        } else if (c == '\\') {
            return command(commandName());
        }
        int codePoint = text.codePointAt(at);
        at += Character.charCount(codePoint);
        return new Formula.Symbol(Character.toString(codePoint));
    }

    private String commandName() {
        int end = at + 1;
        while (end < text.length()
                && (text.charAt(end) >= 'a' && text.charAt(end) <= 'z' || text.charAt(end) >= 'A' && text.charAt(end) <= 'Z')) {
            end++;
        }
        String name = text.substring(at, Math.max(end, at + 2));
        at += name.length();
        return name;
    }

    private Formula command(String name) {
        if (TYPEFACES.contains(name)) {
            return new Formula.Word(name, raw());
        }
        return switch (name) {
            case "\\frac" -> new Formula.Fraction(group(), group());
            case "\\sqrt" -> new Formula.Root(group());
            case "\\left" -> {
                String open = delimiter();
                Formula inside = row();
                expect("\\right");
                yield new Formula.Fenced(open, inside, delimiter());
            }
            case "\\begin" -> table(raw());
            default -> {
                boolean isWord = Character.isLetter(name.charAt(1));
                if (isWord && sees(" ")) {
                    at++;
                    yield new Formula.Symbol(name + " ");
                }
                yield new Formula.Symbol(name);
            }
        };
    }

    private String delimiter() {
        String delimiter = sees("\\") ? commandName() : text.substring(at, ++at);
        boolean isApart = delimiter.length() > 2 && sees(" ");
        at += isApart ? 1 : 0;
        return isApart ? delimiter + " " : delimiter;
    }

    private Formula table(String environment) {
        List<List<Formula>> rows = new ArrayList<>();
        List<Formula> cells = new ArrayList<>();
        while (!sees("\\end{")) {
            cells.add(trimmed(row()));
            if (sees("&")) {
                at++;
            } else if (sees("\\\\")) {
                at += 2;
                rows.add(List.copyOf(cells));
                cells.clear();
            }
        }
        rows.add(List.copyOf(cells));
        raw("\\end");
        return new Formula.Table(environment, List.copyOf(rows));
    }

    private void raw(String command) {
        expect(command);
        raw();
    }

    private static Formula trimmed(Formula cell) {
        if (!(cell instanceof Formula.Row(List<Formula> items))) {
            return cell;
        }
        int from = 0;
        int to = items.size();
        while (from < to && isSpace(items.get(from))) {
            from++;
        }
        while (to > from && isSpace(items.get(to - 1))) {
            to--;
        }
        return to - from == 1 ? items.get(from) : new Formula.Row(items.subList(from, to));
    }

    private static boolean isSpace(Formula item) {
        return item instanceof Formula.Symbol(String latex) && latex.equals(" ");
    }
}
