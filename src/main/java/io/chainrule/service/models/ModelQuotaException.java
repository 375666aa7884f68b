package io.chainrule.service.models;

/** An owner would store more than it may. Nothing has been stored. */
public final class ModelQuotaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String property;
    private final long asked;
    private final long allowed;

    ModelQuotaException(String limit, long asked, long allowed) {
        super("the limit on " + limit + " of models is " + allowed + "; with this one there would be " + asked);
        this.property = "chainrule.models." + limit;
        this.asked = asked;
        this.allowed = allowed;
    }

    /** The name of the property that sets the limit. */
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
