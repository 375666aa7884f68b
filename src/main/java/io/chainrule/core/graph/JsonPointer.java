package io.chainrule.core.graph;

/** JSON Pointers into a request (RFC 6901). */
public final class JsonPointer {
    private JsonPointer() {}

    public static String of(Object... steps) {
        StringBuilder pointer = new StringBuilder();
        for (Object step : steps) {
            pointer.append('/').append(step.toString().replace("~", "~0").replace("/", "~1"));
        }
        return pointer.toString();
    }
}
