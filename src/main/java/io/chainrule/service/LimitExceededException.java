package io.chainrule.service;

import org.jspecify.annotations.Nullable;

/** A request asks for more than a limit allows. */
public final class LimitExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String limit;
    private final String property;
    private final long asked;
    private final long allowed;
    private final boolean isCounted;
    private final @Nullable String hint;

    /** {@code isCounted} tells whether {@code asked} is all that the request needs; else counting stopped there. */
    LimitExceededException(String limit, String property, long asked, long allowed, boolean isCounted) {
        this(limit, property, asked, allowed, isCounted, null);
    }

    private LimitExceededException(String limit, String property, long asked, long allowed, boolean isCounted, @Nullable String hint) {
        super("the limit on " + limit.replace('-', ' ') + " is " + allowed + ", this request needs " + need(asked, allowed, isCounted)
                + "; the operator sets it by " + property, null, false, false);
        this.limit = limit;
        this.property = property;
        this.asked = asked;
        this.allowed = allowed;
        this.isCounted = isCounted;
        this.hint = hint;
    }

    /** The same with a word on how to ask for less. */
    LimitExceededException hint(@Nullable String advice) {
        return new LimitExceededException(limit, property, asked, allowed, isCounted, advice);
    }

    private static String need(long asked, long allowed, boolean isCounted) {
        return isCounted ? String.valueOf(asked) : "more than " + allowed;
    }

    public String limit() {
        return limit;
    }

    public String property() {
        return property;
    }

    /** What the request needs, at least. */
    public long asked() {
        return asked;
    }

    public long allowed() {
        return allowed;
    }

    /** What the request needs, for people: a number, or "more than" one. */
    public String need() {
        return need(asked, allowed, isCounted);
    }

    /** How to ask for less; null where nothing is known. */
    public @Nullable String hint() {
        return hint;
    }
}
