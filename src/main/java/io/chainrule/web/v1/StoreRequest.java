package io.chainrule.web.v1;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for a program to be stored. It is not run. */
public non-sealed interface StoreRequest extends ProgramRequest {
    /** What is known of inputs, by name. */
    @Nullable
    Map<String, ?> declares();

    /** What nodes are, by id. */
    @Nullable
    Map<String, String> outputs();
}
