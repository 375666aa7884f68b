package io.chainrule.core.tensor;

/** Asked from inside long loops whether the work may go on; throws when it may not. */
@FunctionalInterface
public interface Checkpoint {
    /** For work that nobody bounds. */
    Checkpoint NONE = () -> {};

    void check();
}
