package io.chainrule.core.code;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Names of variables: those of the program where a language allows them, and numbered ones. */
final class Names {
    private static final Set<String> RESERVED = Set.of(("and as assert break class continue def del elif else except False finally for "
            + "from global if import in is lambda None nonlocal not or pass raise return True try while with np math value gradients "
            + "abstract boolean byte case catch char const default do double enum extends final float goto implements instanceof int "
            + "interface long native new null package private protected public short static super switch synchronized this throw throws "
            + "transient void volatile auto extern register signed sizeof struct typedef union unsigned var let function arguments eval "
            + "typeof delete await yield true false NAN INFINITY NaN Infinity main i j k l m n o q r y pow exp log sin cos tan sqrt erf "
            + "abs fabs floor ceil rint trunc gamma lgamma j0 j1 jn y0 y1 yn result sum dot max min relu Gradient Result Math Double")
            .split(" "));

    private final Set<String> taken = new HashSet<>(RESERVED);
    private final Map<String, Integer> counters = new HashMap<>();

    String of(String id) {
        String plain = id.replaceAll("[^A-Za-z0-9_]", "_");
        String start = plain.isEmpty() || Character.isDigit(plain.charAt(0)) || plain.equals("_") ? "x" + plain : plain;
        String name = start;
        while (!taken.add(name)) {
            name = name + "_";
        }
        return name;
    }

    String numbered(String prefix) {
        String name;
        do {
            name = prefix + counters.merge(prefix, 1, Integer::sum);
        } while (!taken.add(name));
        return name;
    }
}
