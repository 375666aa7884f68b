package io.chainrule.web.json;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/** The column of an input, or the columns whose numbers are its elements. */
@Schema(name = "ColumnNames", oneOf = {String.class, String[].class})
public record ColumnNames(List<String> names, boolean isOne) {
    public static ColumnNames of(String name) {
        return new ColumnNames(List.of(name), true);
    }

    public static ColumnNames of(List<String> names) {
        return new ColumnNames(names, false);
    }
}
