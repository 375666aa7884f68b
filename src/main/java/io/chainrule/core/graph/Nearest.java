package io.chainrule.core.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that is most like a misspelt one. */
public final class Nearest {
    private static final int LONGEST = 64;
    /** Names of this length have too many neighbours. */
    private static final int SHORT = 2;
    private static final int MOST = 10_000;

    private Nearest() {}

    /**
     * Returns a hint such as "did you mean 'tanh'?", if a known name is within two edits, or within one for a name of three or four
     * letters. One of one or two letters may only differ in capitals, and stand alone in that.
     */
    public static Optional<String> hint(String name, Collection<String> known) {
        return name(name, known).map(nearest -> "did you mean '" + nearest + "'?");
    }

    public static Optional<String> name(String name, Collection<String> known) {
        if (name.length() > LONGEST) {
            return Optional.empty();
        } else if (name.length() <= SHORT) {
            List<String> same = known.stream().limit(MOST).filter(candidate -> candidate.equalsIgnoreCase(name)).toList();
            return same.size() == 1 ? Optional.of(same.getFirst()) : Optional.empty();
        }
        String lower = name.toLowerCase(Locale.ROOT);
        String best = null;
        int bestDistance = edits(name) + 1;
        int looked = 0;
        for (String candidate : known) {
            if (++looked > MOST) {
                break;
            }
            // A name in small letters is never shorter, so that a name which is too long need not be written in them.
            if (candidate.length() > SHORT && candidate.length() - lower.length() < bestDistance) {
                int distance = distance(lower, candidate.toLowerCase(Locale.ROOT), bestDistance);
                if (distance < bestDistance) {
                    best = candidate;
                    bestDistance = distance;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** How many edits a name of this length may differ by. */
    private static int edits(String name) {
        return name.length() <= SHORT ? 0 : name.length() <= 2 * SHORT ? 1 : 2;
    }

    /** Returns all known names that are as near as the nearest, if that is within two edits, or within fewer for short names. */
    public static List<String> all(String name, Collection<String> known) {
        int nearest = edits(name);
        List<String> all = new ArrayList<>();
        String lower = name.toLowerCase(Locale.ROOT);
        for (String candidate : name.length() > LONGEST ? List.<String>of() : known) {
            if (candidate.length() - lower.length() <= nearest) {
                int distance = distance(lower, candidate.toLowerCase(Locale.ROOT), nearest + 1);
                if (distance < nearest) {
                    all.clear();
                    nearest = distance;
                }
                if (distance == nearest) {
                    all.add(candidate);
                }
            }
        }
        return all;
    }

    /** The number of edits between two names: insert, delete, replace, or swap neighbours (Damerau 1964, optimal string alignment). */
    public static int distance(String a, String b) {
        return distance(a, b, Math.max(a.length(), b.length()));
    }

    /**
     * The same distance, or {@code enough} if it is that or more. Prefixes whose lengths differ by more than {@code enough} are not
     * compared, since they are at least so many edits apart.
     */
    private static int distance(String a, String b, int enough) {
        if (Math.abs(a.length() - b.length()) >= enough) {
            return enough;
        }
        int[] beforePrevious = new int[b.length() + 1];
        int[] previous = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int first = Math.max(1, i - enough);
            int last = Math.min(b.length(), i + enough);
            current[first - 1] = first == 1 ? i : enough;
            for (int j = first; j <= last; j++) {
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int edits = Math.min(Math.min(previous[j], current[j - 1]) + 1, previous[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    edits = Math.min(edits, beforePrevious[j - 2] + 1);
                }
                current[j] = edits;
            }
            if (last < b.length()) {
                current[last + 1] = enough;
            }
            int[] free = beforePrevious;
            beforePrevious = previous;
            previous = current;
            current = free;
        }
        return Math.min(enough, previous[b.length()]);
    }
}
