package io.chainrule.web.json;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import tools.jackson.core.JsonParser;

/** Reads nested JSON arrays of numbers into one flat array, and checks on the way that their lengths agree. */
final class NestedArrays {
    static final int MOST_AXES = 32;
    private static final int UNKNOWN = -1;

    private final JsonParser parser;
    /**
     * For each axis, the length that every array on it must have; {@link #counts} holds how many entries the open array on it has so far.
     */
    private final int[] lengths = new int[MOST_AXES];
    private final int[] counts = new int[MOST_AXES];
    private int open;
    private int deepest;
    private double[] data = new double[16];
    private int size;

    private NestedArrays(JsonParser parser) {
        this.parser = parser;
        Arrays.fill(lengths, UNKNOWN);
    }

    static Tensor read(JsonParser parser) {
        return new NestedArrays(parser).read();
    }

    static BadValueException tooManyAxes(JsonParser parser) {
        return BadValueException.invalid(parser, "an array has at most " + MOST_AXES + " axes", "at most " + MOST_AXES + " axes", "more");
    }

    private Tensor read() {
        begin();
        while (open > 0) {
            switch (parser.nextToken()) {
                case START_ARRAY -> begin();
                case END_ARRAY -> end();
                case null, default -> number();
            }
        }
        return Tensor.of(Shape.of(Arrays.copyOf(lengths, deepest)), Arrays.copyOf(data, size));
    }

    private void begin() {
        if (open == MOST_AXES) {
            throw tooManyAxes(parser);
        }
        if (size > 0 && open == deepest) {
            throw BadValueException.invalid(parser, "the rows differ in depth: an array stands beside numbers", "a number", "an array");
        }
        counts[open++] = 0;
        deepest = Math.max(deepest, open);
    }

    private void end() {
        int count = counts[--open];
        if (lengths[open] == UNKNOWN) {
            lengths[open] = count;
        } else if (lengths[open] != count) {
            throw BadValueException.invalid(parser,
                    "the rows differ in length: " + count + " entries, where the first has " + lengths[open],
                    lengths[open] + " entries", count + " entries");
        }
        countEntry();
    }

    private void number() {
        double value = Numbers.lenient(parser);
        if (open < deepest) {
            throw BadValueException.invalid(parser, "the rows differ in depth: a number stands beside arrays", "an array", "a number");
        }
        if (size == data.length) {
            data = Arrays.copyOf(data, size + (size >> 1));
        }
        data[size++] = value;
        countEntry();
    }

    private void countEntry() {
        if (open > 0) {
            counts[open - 1]++;
        }
    }
}
