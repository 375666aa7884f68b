package io.chainrule.core.graph;

/** More was asked for than a limit allows; whoever set the limit knows how it is called outside. */
public final class LimitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String limit;
    private final long asked;
    private final long allowed;
    private final boolean isCounted;

    private LimitException(String limit, long asked, long allowed, boolean isCounted) {
        super(limit + ": " + asked + (isCounted ? "" : " or more") + " asked for, " + allowed + " allowed", null, false, false);
        this.limit = limit;
        this.asked = asked;
        this.allowed = allowed;
        this.isCounted = isCounted;
    }

    /** {@code limit} names what is limited ("nodes", "nesting"). */
    public LimitException(String limit, long asked, long allowed) {
        this(limit, asked, allowed, true);
    }

    /** Where counting stopped at the limit, so that nobody knows how much was asked for. */
    public static LimitException moreThan(String limit, long allowed) {
        return new LimitException(limit, allowed + 1, allowed, false);
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

    /** Whether {@link #asked} is all that was asked for; else counting stopped there. */
    public boolean isCounted() {
        return isCounted;
    }
}
