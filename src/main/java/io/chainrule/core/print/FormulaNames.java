package io.chainrule.core.print;

import io.chainrule.core.expression.Names;
import io.chainrule.core.expression.ValueText;
import io.chainrule.core.graph.NamedGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Ids of nodes in formulas: one letter stands for itself, the name of a Greek letter for the letter, a word is set upright; digits at the
 * end, and what follows an underscore, are a subscript.
 *
 * @param own names that nodes have instead of their ids
 * @param isRounded whether numbers are written with the digits that are enough to follow a calculation, or as what they are known as
 */
record FormulaNames(NamedGraph program, Map<Integer, Formula> own, boolean isRounded) {
    private static final Pattern ITEM = Pattern.compile("[0-9]+|.");
    private static final Pattern SUBSCRIPT = Pattern.compile("(.+?)_?(\\d+)|([^_]+)_([^_]+)");
    /** What XML does not allow, changes the direction of text, or is not shown. */
    private static final Pattern HIDDEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Cn}\\p{Zl}\\p{Zp}]");
    private static final Pattern SPECIAL = Pattern.compile("([_&%$#{}])");
    /** Characters of which LaTeX has none to be shown as they are in formulas. */
    private static final Map<String, String> LIKE = Map.of("\\", "\u2216", "~", "\u223c", "^", "\u02c6");
    /** Commands by the letter that they print. */
    static final Map<String, String> COMMANDS = Typesetting.GREEK.entrySet().stream()
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));

    FormulaNames(NamedGraph program) {
        this(program, Map.of(), false);
    }

    Formula of(int node) {
        Formula known = own.get(node);
        return known == null ? in(program, program.id(node)) : known;
    }

    /** An id as a formula has it beside the other ids of a program: it is set upright as it is if another one would look the same. */
    static Formula in(NamedGraph program, String id) {
        String other = plainer(id);
        return other != null && program.find(other) != null ? new Formula.Word("\\mathrm", escaped(id)) : of(id);
    }

    /** The plainer id that looks the same: x1 like x_1, α like alpha; null if there is none. */
    private static @Nullable String plainer(String id) {
        int end = id.lastIndexOf('_');
        boolean isNumbered = end > 0 && end + 1 < id.length() && id.chars().skip(end + 1L).allMatch(c -> c >= '0' && c <= '9');
        return isNumbered ? id.substring(0, end) + id.substring(end + 1) : Typesetting.GREEK.get(id);
    }

    /** The value of an attribute. */
    static Formula attribute(Object value) {
        return new Formula.Word("\\text", escaped(ValueText.attribute(value)));
    }

    /** Returns the symbol of π or e. Returns null for numbers that are written as they are, and if a node has that name. */
    @Nullable
    Formula ofNumber(double value) {
        String name = Names.ofNumber(value);
        if (name == null) {
            return isRounded ? FormulaValues.known(value) : null;
        }
        return program.find(name) != null ? null : word(name);
    }

    static Formula of(String id) {
        Matcher subscript = SUBSCRIPT.matcher(plain(id));
        if (!subscript.matches()) {
            return word(id);
        }
        boolean isNumbered = subscript.group(1) != null;
        return new Formula.Script(word(subscript.group(isNumbered ? 1 : 3)), word(subscript.group(isNumbered ? 2 : 4)), false);
    }

    /** Replaces digits that are written as subscripts. */
    private static String plain(String id) {
        return id.codePoints().map(c -> c >= '\u2080' && c <= '\u2089' ? c - '\u2080' + '0' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static Formula word(String text) {
        if (text.matches("[0-9]+")) {
            return new Formula.Digits(text);
        }
        String greek = Typesetting.GREEK.containsKey(text) ? text : COMMANDS.get(text);
        if (greek != null) {
            return new Formula.Symbol("\\" + greek);
        }
        boolean isLetter = text.codePointCount(0, text.length()) == 1 && Character.isLetter(text.codePointAt(0));
        return isLetter ? new Formula.Symbol(text) : new Formula.Word("\\mathrm", escaped(text));
    }

    /**
     * Prepares text for LaTeX: escapes {@code _&%$#{}}, has a similar character for others that have a meaning there, and shows the code of
     * those that are not shown, so that different names look different.
     */
    static String escaped(String text) {
        String shown = HIDDEN.matcher(text).replaceAll(found -> "\u27e8" + Integer.toHexString(found.group().codePointAt(0)) + "\u27e9");
        for (Map.Entry<String, String> like : LIKE.entrySet()) {
            shown = shown.replace(like.getKey(), like.getValue());
        }
        return SPECIAL.matcher(shown).replaceAll("\\\\$1");
    }

    /** The elements of lists, such as indices, as formulas. */
    static Formula items(String text) {
        List<Formula> items = new ArrayList<>();
        Matcher parts = ITEM.matcher(text);
        while (parts.find()) {
            items.add(Character.isDigit(parts.group().charAt(0)) ? new Formula.Digits(parts.group()) : new Formula.Symbol(parts.group()));
        }
        return new Formula.Row(items);
    }
}
