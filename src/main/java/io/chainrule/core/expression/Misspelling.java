package io.chainrule.core.expression;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.op.OpCatalogue;
import java.util.Collection;
import java.util.LinkedHashSet;
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
     * All known names that a name may be a misspelling of, which are equally near. A name that ends in '_' is none: PyTorch's functions of
     * such names change their arrays.
     */
    static List<String> of(String name, Collection<String> known) {
        List<String> same = known.stream().filter(other -> isSame(name, other)).toList();
        if (!same.isEmpty() || name.length() < SHORTEST || isForeign(name)) {
            return isForeign(name) ? List.of() : same;
        }
        // Names with other digits are other functions, as log2 and log10 are, but one of them may be meant as well as a name that has the
        // same.
        List<String> alike = Nearest.all(name, known).stream().filter(other -> isAlike(name, other)).toList();
        return alike.stream().anyMatch(other -> digits(name).equals(digits(other))) ? alike : List.of();
    }

    /**
     * Whether a name differs from another one as misspelt names do: hardly ever in the first letter, unless it changed places with the
     * second.
     */
    private static boolean isNear(String name, String meant) {
        return isAlike(name, meant) && digits(name).equals(digits(meant));
    }

    private static boolean isAlike(String name, String meant) {
        boolean isAlike = name.length() >= LONG || Nearest.distance(name.toLowerCase(Locale.ROOT), meant.toLowerCase(Locale.ROOT)) == 1;
        return isAlike && beginsAlike(name.toLowerCase(Locale.ROOT), meant.toLowerCase(Locale.ROOT));
    }

    private static boolean beginsAlike(String a, String b) {
        boolean areSwapped = a.length() > 1 && b.length() > 1 && a.charAt(0) == b.charAt(1) && a.charAt(1) == b.charAt(0);
        return a.charAt(0) == b.charAt(0) || areSwapped;
    }

    private static String digits(String name) {
        return name.replaceAll("\\D", "");
    }

    /** Whether names differ only in what people leave out, or write otherwise: capital letters and underscores. */
    private static boolean isSame(String a, String b) {
        int i = 0;
        int j = 0;
        while (i < a.length() && j < b.length()) {
            if (a.charAt(i) == '_') {
                i++;
            } else if (b.charAt(j) == '_') {
                j++;
            } else if (Character.toLowerCase(a.charAt(i++)) != Character.toLowerCase(b.charAt(j++))) {
                return false;
            }
        }
        return a.substring(i).replace("_", "").isEmpty() && b.substring(j).replace("_", "").isEmpty();
    }

    /** The names that are called without a prefix, with those of functions that a text defines. */
    static Collection<String> bare(Collection<String> defined) {
        if (defined.isEmpty()) {
            return Bare.NAMES;
        }
        Set<String> names = new LinkedHashSet<>(Bare.NAMES);
        names.addAll(defined);
        return names;
    }

    /** The names that are called without a prefix, in their order. They are collected when the first of them is asked for. */
    private static final class Bare {
        private static final Set<String> NAMES = new TreeSet<>(OpCatalogue.names());

        static {
            NAMES.addAll(Library.bare().names());
        }

        private Bare() {}
    }
}
