package io.chainrule.web.v1;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Options by name, without those that a request leaves out. */
final class Options {
    private Options() {}

    static Map<String, Object> given(@Nullable Map<String, ?> fields) {
        Map<String, Object> given = new LinkedHashMap<>();
        if (fields != null) {
            fields.forEach((name, value) -> {
                if (value != null) {
                    given.put(name, value);
                }
            });
        }
        return given;
    }
}
