package io.chainrule.core.code;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program, or its gradient, cannot be written in a language. */
public final class NoCodeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Refusal> refusals;

    /**
     * Why.
     *
     * @param op the op that has no code in the language; null if the reason is not in one op
     * @param reason what is the matter if it is not the op as such; null if the language has no code for it at all
     */
    public record Refusal(@Nullable String op, @Nullable String reason) {}

    NoCodeException(List<Refusal> refusals) {
        super(null, null, false, false);
        this.refusals = refusals.stream().distinct().toList();
    }

    /** Each reason once. */
    public List<Refusal> refusals() {
        return refusals;
    }
}
