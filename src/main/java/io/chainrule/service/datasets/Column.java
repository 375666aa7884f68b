package io.chainrule.service.datasets;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of a data set, as it was when all rows were read once.
 *
 * @param type what most of its cells are
 * @param shape of its arrays, if all have this one
 * @param missing how many rows have no such cell
 * @param malformed how many cells are not of the type
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Column(String name, Type type, @Nullable List<Integer> shape, long missing, long malformed) {
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
