package io.chainrule.core.expression;

import java.util.Arrays;

/** A list of ints that grows as needed and can be used as a stack. */
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

    /** Pops all values above this height, and returns them in the order in which they were pushed. */
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
