package io.chainrule.core.tensor;

/** Asked from inside long loops whether the work may go on; throws when it may not. */
@FunctionalInterface
public interface Checkpoint {
    /** Never stops the work. */
    Checkpoint NONE = () -> {};

    void check();
}
