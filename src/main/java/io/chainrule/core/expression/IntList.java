package io.chainrule.core.expression;

import java.util.Arrays;

/** Ints in a row, of which the last are also taken off as from a stack. */
final class IntList {
    private int[] values = new int[16];
    private int size;

    void push(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size + (size >> 1));
        }
        values[size++] = value;
    }

    int pop() {
        return values[--size];
    }

    /** Takes off what was pushed since the stack had this size, in order of pushing. */
    int[] popFrom(int height) {
        int[] taken = from(height);
        size = height;
        return taken;
    }

    int[] from(int height) {
        return Arrays.copyOfRange(values, height, size);
    }

    int[] toArray() {
        return from(0);
    }

    int peek() {
        return values[size - 1];
    }

    int get(int position) {
        return values[position];
    }

    void set(int position, int value) {
        values[position] = value;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void clear() {
        size = 0;
    }
}
