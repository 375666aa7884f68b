package io.chainrule.web.v1;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Options by name, without those that a request leaves out. */
final class Options {
    private Options() {}

    /** Names and values in turn. */
    static Map<String, Object> of(@Nullable Object... namesAndValues) {
        Map<String, Object> given = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            if (value != null) {
                given.put(String.valueOf(namesAndValues[i]), value);
            }
        }
        return given;
    }
}
