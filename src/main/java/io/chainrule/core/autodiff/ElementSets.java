package io.chainrule.core.autodiff;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * For each element of a node, the set of source elements that it depends on, numbered below {@code width}. Most sets are ranges, which take
 * two numbers however many elements they have, so the full rows of a dense Jacobian are never listed.
 */
final class ElementSets {
    private final int width;
    /** The least element of each set. {@link #ends} holds one more than the largest; for an empty set both are equal. */
    private final int[] begins;
    private final int[] ends;
    /** The sets that are not ranges. */
    private @Nullable ElementSet @Nullable [] gapped;
    private long entries;

    ElementSets(int elements, int width) {
        this.width = width;
        this.begins = new int[elements];
        this.ends = new int[elements];
    }

    /** The sets of a source itself, each of whose elements depends on itself; its first element has the number {@code offset}. */
    static ElementSets identity(int elements, int offset, int width) {
        ElementSets identity = new ElementSets(elements, width);
        Arrays.setAll(identity.begins, i -> offset + i);
        Arrays.setAll(identity.ends, i -> offset + i + 1);
        identity.entries = elements;
        return identity;
    }

    int elements() {
        return begins.length;
    }

    /** The total number of elements in all sets. */
    long entries() {
        return entries;
    }

    /** Adds a set of another node to the set of {@code element}. */
    void add(int element, ElementSets source, int from) {
        int begin = source.begins[from];
        int end = source.ends[from];
        ElementSet set = gapped(element);
        if (begin == end || set == null && begins[element] <= begin && end <= ends[element]) {
            return;
        }
        ElementSet other = source.gapped(from);
        int before = size(element);
        if (before == 0) {
            if (other != null) {
                put(element, other.shared());
            }
            begins[element] = begin;
            ends[element] = end;
        } else {
            if (set != null || other != null || begin > ends[element] || end < begins[element]) {
                unite(element, other, begin, end);
            }
            begins[element] = Math.min(begin, begins[element]);
            ends[element] = Math.max(end, ends[element]);
            close(element);
        }
        entries += size(element) - before;
    }

    private void unite(int element, @Nullable ElementSet other, int begin, int end) {
        ElementSet set = gapped(element);
        if (set != null && (set == other || (other == null ? set.containsRange(begin, end) : set.contains(other)))) {
            return;
        }
        if (set == null) {
            set = new ElementSet(width);
            set.addRange(begins[element], ends[element]);
        } else if (set.isShared()) {
            set = set.copy();
        }
        if (other == null) {
            set.addRange(begin, end);
        } else {
            set.add(other);
        }
        put(element, set);
    }

    /** Turns a set without gaps back into a range. */
    private void close(int element) {
        if (gapped != null && size(element) == ends[element] - begins[element]) {
            gapped[element] = null;
        }
    }

    private int size(int element) {
        ElementSet set = gapped(element);
        return set == null ? ends[element] - begins[element] : set.size();
    }

    private @Nullable ElementSet gapped(int element) {
        return gapped == null ? null : gapped[element];
    }

    private void put(int element, ElementSet set) {
        if (gapped == null) {
            gapped = new ElementSet[begins.length];
        }
        gapped[element] = set;
    }

    /** All sets as sorted arrays; consecutive equal ranges share one array. */
    int[][] lists() {
        int[][] lists = new int[begins.length][];
        int[] range = {};
        for (int i = 0; i < lists.length; i++) {
            ElementSet set = gapped(i);
            if (set != null) {
                lists[i] = set.toArray();
                continue;
            }
            int begin = begins[i];
            if (range.length != ends[i] - begin || range.length > 0 && range[0] != begin) {
                range = new int[ends[i] - begin];
                Arrays.setAll(range, k -> begin + k);
            }
            lists[i] = range;
        }
        return lists;
    }
}
