package io.chainrule.web.v1;

/** JSON Pointers (RFC 6901). */
final class Pointers {
    private Pointers() {}

    static String of(Object... steps) {
        StringBuilder pointer = new StringBuilder();
        for (Object step : steps) {
            pointer.append('/').append(step.toString().replace("~", "~0").replace("/", "~1"));
        }
        return pointer.toString();
    }
}
