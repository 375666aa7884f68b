package io.chainrule.core.expression;

import io.chainrule.core.graph.NamedGraph;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Ids of nodes as LaTeX: one letter stands for itself, a word is set upright, what follows an underscore is a subscript. */
record LatexNames(NamedGraph program) {
    private static final Pattern SUBSCRIPT = Pattern.compile("(.+?)_?(\\d+)|([^_]+)_([^_]+)");

    String of(int node) {
        return of(program.id(node));
    }

    /** Returns the symbol of π or e. Returns null for other numbers, and if a node has that name. */
    @Nullable
    String ofNumber(double value) {
        String name = Names.ofNumber(value);
        return name == null || program.find(name) != null ? null : name.equals("pi") ? "\\pi" : name;
    }

    static String of(String id) {
        Matcher subscript = SUBSCRIPT.matcher(id);
        if (!subscript.matches()) {
            return word(id);
        }
        boolean isNumbered = subscript.group(1) != null;
        return word(subscript.group(isNumbered ? 1 : 3)) + "_{" + word(subscript.group(isNumbered ? 2 : 4)) + "}";
    }

    private static String word(String text) {
        boolean isPlain = text.codePointCount(0, text.length()) == 1 && Character.isLetter(text.codePointAt(0)) || text.matches("[0-9]+");
        return isPlain ? text : "\\mathrm{" + escaped(text) + "}";
    }

    /** Prepares text for LaTeX: escapes {@code _&%$#}, and drops other characters that have a meaning there. */
    static String escaped(String text) {
        return text.replaceAll("[\\\\{}~^]", "").replaceAll("([_&%$#])", "\\\\$1");
    }
}
