package io.chainrule.core.expression;

import java.util.List;

/** A function as it was written: its body, from the token {@code body} to the separator {@code end}, is read again at each call. */
final class Definition {
    private final String name;
    private final int token;
    private final List<String> parameters;
    private final int body;
    private final int end;
    private boolean broken;
    private boolean active;

    Definition(String name, int token, List<String> parameters, int body, int end, boolean broken) {
        this.name = name;
        this.token = token;
        this.parameters = parameters;
        this.body = body;
        this.end = end;
        this.broken = broken;
    }

    String name() {
        return name;
    }

    /** Where the definition begins. */
    int token() {
        return token;
    }

    List<String> parameters() {
        return parameters;
    }

    int body() {
        return body;
    }

    /** In tokens. */
    int length() {
        return end - body;
    }

    /** Whether its mistakes have been reported: its calls are none. */
    boolean isBroken() {
        return broken;
    }

    void markBroken() {
        broken = true;
    }

    /** Whether its body is being read for a call. */
    boolean isActive() {
        return active;
    }

    void activate(boolean isEntered) {
        active = isEntered;
    }
}
