package io.chainrule.core.code;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Names of variables and functions, each given once. Names of the program are asked for first, and keep their spelling unless the language
 * reserves it; names of loop variables, helpers and temporaries are asked for later and give way.
 */
final class Names {
    private final Predicate<String> isReserved;
    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> counters = new HashMap<>();

    Names(Predicate<String> isReserved) {
        this.isReserved = isReserved;
    }

    /** The wanted name, with underscores at its end if it is reserved or given already. */
    String of(String wanted) {
        String plain = wanted.replaceAll("[^A-Za-z0-9_]", "_");
        String name = plain.isEmpty() || Character.isDigit(plain.charAt(0)) || plain.startsWith("_") ? "x" + plain : plain;
        while (!isFree(name)) {
            name += "_";
        }
        return name;
    }

    /** The wanted name followed by the next number that makes it a new one. */
    String numbered(String prefix) {
        String name;
        do {
            name = prefix + counters.merge(prefix, 1, Integer::sum);
        } while (!isFree(name));
        return name;
    }

    private boolean isFree(String name) {
        return !isReserved.test(name) && taken.add(name);
    }
}
