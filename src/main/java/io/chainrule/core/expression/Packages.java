package io.chainrule.core.expression;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Packages, classes and functions of other libraries that have no counterpart among ops, and what there is instead. They are read from the
 * table {@code packages.txt}, whose lines have the form of the refusals in the tables of functions.
 */
final class Packages {
    private static final Map<String, String> INSTEAD = read();
    /** Longer beginnings of a path are not looked up. A path of megabytes may have so many that copying each takes minutes. */
    private static final int LONGEST = 256;

    private Packages() {}

    /** What there is instead of the function or class that a path names, by the longest beginning of the path; null if nothing is known. */
    static @Nullable String instead(String path) {
        for (int end = path.length(); end >= 0; end = path.lastIndexOf('.', end - 1)) {
            String beginning = end > LONGEST ? null : path.substring(0, end);
            String instead = beginning == null ? null : INSTEAD.get(beginning);
            if (instead != null || beginning != null && Library.of(beginning) != null) {
                return instead;
            }
        }
        return null;
    }

    /** What there is instead of a method of a function, such as {@code np.add.reduce}; null if the path before it names no function. */
    static @Nullable String method(String function, String method) {
        int dot = function.lastIndexOf('.');
        Library library = dot < 0 ? null : Library.of(function.substring(0, dot));
        boolean isFunction = library != null && library.has(function.substring(dot + 1));
        return isFunction ? INSTEAD.getOrDefault(function + "." + method, INSTEAD.get("*." + method)) : null;
    }

    private static Map<String, String> read() {
        Map<String, String> instead = new LinkedHashMap<>();
        for (String entry : Library.entries("packages")) {
            int colon = entry.indexOf(':');
            for (String path : Library.NAMES.split(entry.substring(1, colon).strip(), -1)) {
                instead.put(path, entry.substring(colon + 1).strip());
            }
        }
        return instead;
    }
}
