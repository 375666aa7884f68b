package io.chainrule.core.graph;

/** More was asked for than a limit allows. The limit's name here may differ from the one that clients know. */
public final class LimitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String limit;
    private final long asked;
    private final long allowed;

    /** {@code limit} names what is limited ("nodes", "nesting"); {@code asked} is a lower bound where counting stopped at the limit. */
    public LimitException(String limit, long asked, long allowed) {
        super(limit + ": " + asked + " asked for, " + allowed + " allowed", null, false, false);
        this.limit = limit;
        this.asked = asked;
        this.allowed = allowed;
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
}
