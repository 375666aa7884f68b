package io.chainrule.service;

/** A request asks for more than a limit allows; {@code asked} is a lower bound where counting stopped at the limit. */
public final class LimitExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String limit;
    private final String property;
    private final long asked;
    private final long allowed;

    public LimitExceededException(String limit, String property, long asked, long allowed) {
        super("the limit on " + limit.replace('-', ' ') + " is " + allowed + ", this request needs " + asked + "; the operator sets it by "
                + property, null, false, false);
        this.limit = limit;
        this.property = property;
        this.asked = asked;
        this.allowed = allowed;
    }

    public String limit() {
        return limit;
    }

    public String property() {
        return property;
    }

    public long asked() {
        return asked;
    }

    public long allowed() {
        return allowed;
    }
}
