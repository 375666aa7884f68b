package io.chainrule.core.expression;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.op.OpCatalogue;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds the functions that a misspelt name may mean. A name that another library gives to a function is none. */
final class Misspelling {
    /** Shorter names have too many neighbours. */
    private static final int SHORTEST = 4;
    /** Names of this length may differ by two edits. */
    private static final int LONG = 8;

    private Misspelling() {}

    /** Returns a hint such as "did you mean 'tanh'?", if there is one such name, or several that are equally near. */
    static Optional<String> hint(String name, Collection<String> known) {
        boolean isShort = name.length() == SHORTEST - 1 && name.chars().allMatch(Character::isLowerCase);
        List<String> meant = of(name, known);
        List<String> near = meant.isEmpty() && isShort && !isForeign(name)
                ? Nearest.all(name, known).stream().filter(other -> isNear(name, other)).toList()
                : meant;
        return near.stream().findFirst().map(other -> "did you mean '" + other + "'?");
    }

    private static boolean isForeign(String name) {
        return name.endsWith("_") || Library.tables().stream().anyMatch(table -> Library.table(table).has(name));
    }

    /**
     * All known names that a name may be a misspelling of, which are equally near. A name that ends in '_' is none: PyTorch's functions of such
     * names change their arrays.
     */
    static List<String> of(String name, Collection<String> known) {
        String plain = plain(name);
        List<String> same = known.stream().filter(other -> plain(other).equals(plain)).toList();
        if (!same.isEmpty() || name.length() < SHORTEST || isForeign(name)) {
            return isForeign(name) ? List.of() : same;
        }
        return Nearest.all(name, known).stream().filter(other -> isNear(name, other)).toList();
    }

    /** Whether a name differs from another one as misspelt names do: hardly ever in the first letter. */
    private static boolean isNear(String name, String meant) {
        boolean isAlike = name.length() >= LONG || Nearest.distance(name.toLowerCase(Locale.ROOT), meant.toLowerCase(Locale.ROOT)) == 1;
        return isAlike && Character.toLowerCase(name.charAt(0)) == Character.toLowerCase(meant.charAt(0))
                && digits(name).equals(digits(meant));
    }

    private static String digits(String name) {
        return name.replaceAll("\\D", "");
    }

    /** The name without what people leave out, or write otherwise, in names: capital letters and underscores. */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "");
    }

    /** The names that are called without a prefix, with those of functions that a text defines. */
    static Set<String> bare(Collection<String> defined) {
        Set<String> names = new TreeSet<>(OpCatalogue.names());
        names.addAll(defined);
        names.addAll(Library.bare().names());
        return names;
    }
}
