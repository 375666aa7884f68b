package io.chainrule.core.autodiff;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A growing set of numbers below {@code width}, kept as a sorted list while that takes less memory than a bit set. */
final class ElementSet {
    private static final int SHORT = 64;

    private final int width;
    private int[] list = {};
    private @Nullable BitSet bits;
    private int size;
    private boolean isShared;

    ElementSet(int width) {
        this.width = width;
    }

    ElementSet copy() {
        ElementSet copy = new ElementSet(width);
        copy.list = Arrays.copyOf(list, bits == null ? size : 0);
        copy.bits = bits == null ? null : (BitSet) bits.clone();
        copy.size = size;
        return copy;
    }

    /** Marks this set as shared by several nodes. A node copies a shared set before it adds elements. */
    ElementSet shared() {
        isShared = true;
        return this;
    }

    boolean isShared() {
        return isShared;
    }

    int size() {
        return size;
    }

    void addRange(int begin, int end) {
        if (bits == null && size + end - begin <= longestList()) {
            int[] range = new int[end - begin];
            Arrays.setAll(range, i -> begin + i);
            merge(range, range.length);
            return;
        }
        BitSet all = bits();
        size += end - begin - all.get(begin, end).cardinality();
        all.set(begin, end);
    }

    void add(ElementSet other) {
        if (bits == null && other.bits == null && size + other.size <= longestList()) {
            merge(other.list, other.size);
            return;
        }
        BitSet all = bits();
        if (other.bits != null) {
            all.or(other.bits);
        } else {
            for (int i = 0; i < other.size; i++) {
                all.set(other.list[i]);
            }
        }
        size = all.cardinality();
    }

    boolean containsRange(int begin, int end) {
        if (bits != null) {
            return bits.nextClearBit(begin) >= end;
        }
        int from = Arrays.binarySearch(list, 0, size, begin);
        return from >= 0 && from + end - begin <= size && list[from + end - begin - 1] == end - 1;
    }

    boolean contains(ElementSet other) {
        if (other.bits != null) {
            return containsBits(bits == null ? copy().bits() : bits, other.bits);
        }
        for (int i = 0; i < other.size; i++) {
            if (bits != null ? !bits.get(other.list[i]) : Arrays.binarySearch(list, 0, size, other.list[i]) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean containsBits(BitSet all, BitSet some) {
        BitSet missing = (BitSet) some.clone();
        missing.andNot(all);
        return missing.isEmpty();
    }

    private int longestList() {
        return Math.max(SHORT, width / Integer.SIZE);
    }

    private BitSet bits() {
        if (bits == null) {
            bits = new BitSet(width);
            for (int i = 0; i < size; i++) {
                bits.set(list[i]);
            }
            list = new int[0];
        }
        return bits;
    }

    private void merge(int[] other, int length) {
        if (size == 0 || other[0] > list[size - 1]) {
            if (size + length > list.length) {
                list = Arrays.copyOf(list, size + Math.max(length, size));
            }
            System.arraycopy(other, 0, list, size, length);
            size += length;
            return;
        }
        int[] merged = new int[size + length];
        int n = 0;
        for (int i = 0, j = 0; i < size || j < length;) {
            int next = Math.min(i < size ? list[i] : width, j < length ? other[j] : width);
            i += i < size && list[i] == next ? 1 : 0;
            j += j < length && other[j] == next ? 1 : 0;
            merged[n++] = next;
        }
        list = merged;
        size = n;
    }

    /** The elements in ascending order. */
    int[] toArray() {
        return bits == null ? Arrays.copyOf(list, size) : bits.stream().toArray();
    }
}
