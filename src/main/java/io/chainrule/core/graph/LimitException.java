package io.chainrule.core.graph;

import org.jspecify.annotations.Nullable;

/** More was asked for than a limit allows. The limit's name here may differ from the one that clients know. */
public final class LimitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String limit;
    private final long asked;
    private final long allowed;
    private final boolean isCounted;
    private final @Nullable String hint;

    private LimitException(String limit, long asked, long allowed, boolean isCounted, @Nullable String hint) {
        super(limit + ": " + asked + (isCounted ? "" : " or more") + " asked for, " + allowed + " allowed", null, false, false);
        this.limit = limit;
        this.asked = asked;
        this.allowed = allowed;
        this.isCounted = isCounted;
        this.hint = hint;
    }

    /** {@code limit} is the name of the limit, such as "nodes" or "nesting". */
    public LimitException(String limit, long asked, long allowed) {
        this(limit, asked, allowed, true, null);
    }

    /** Throws a {@link LimitException} if more is asked for than is allowed. */
    public static void check(String limit, long asked, long allowed) {
        if (asked > allowed) {
            throw new LimitException(limit, asked, allowed);
        }
    }

    /** For a count that stopped at the limit, so that the amount asked for is not known. */
    public static LimitException moreThan(String limit, long allowed) {
        return new LimitException(limit, allowed + 1, allowed, false, null);
    }

    /** The same exception with advice on how to ask for less. */
    public LimitException withHint(@Nullable String advice) {
        return new LimitException(limit, asked, allowed, isCounted, advice);
    }

    public String limit() {
        return limit;
    }

    public long asked() {
        return asked;
    }

    public long allowed() {
        return allowed;
    }

    /** Whether {@link #asked} is the full amount; if not, counting stopped at the limit. */
    public boolean isCounted() {
        return isCounted;
    }

    /** Advice on how to ask for less; null if there is none. */
    public @Nullable String hint() {
        return hint;
    }
}
