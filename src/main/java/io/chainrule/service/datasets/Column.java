package io.chainrule.service.datasets;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of a data set, as it was when all rows were read once.
 *
 * @param type what most of its cells are
 * @param shape of its arrays, if more than half have this one; null for others, and for arrays with several axes that differ in shape
 * @param missing how many rows have no such cell
 * @param malformed how many cells are not of the type, or not of the shape. In a column of texts there are none, since any cell is a text.
 *        In CSV and JSON Lines objects, and arrays whose rows differ in length, count as texts.
 * @param differing the first array of another shape than the first one; null if all have one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Column(String name, Type type, @Nullable List<Integer> shape, long missing, long malformed,
        @Nullable Differing differing) {

    /** A column whose arrays, if it has any, have one shape. */
    Column(String name, Type type, @Nullable List<Integer> shape, long missing, long malformed) {
        this(name, type, shape, missing, malformed, null);
    }

    /**
     * Two arrays of a column that differ.
     *
     * @param first the shape of the first array
     * @param other the shape of the first one that has another
     * @param row of that one, from 1
     */
    public record Differing(List<Integer> first, List<Integer> other, long row) {}

    /** What cells are. */
    public enum Type {
        NUMBER,
        /** Nested arrays of numbers. */
        ARRAY,
        TEXT,
        /** What no input of a program can be, as dates, decimals, structures and maps of Parquet. */
        OTHER
    }
}
