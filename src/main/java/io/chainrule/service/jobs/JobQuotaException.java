package io.chainrule.service.jobs;

/** An owner has as many jobs as it may have. */
public final class JobQuotaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String property;
    private final long allowed;

    JobQuotaException(String message, String property, long allowed) {
        super(message, null, false, false);
        this.property = property;
        this.allowed = allowed;
    }

    /** The property by which the operator sets the quota. */
    public String property() {
        return property;
    }

    public long allowed() {
        return allowed;
    }
}
