package io.chainrule.service.store;

/** An owner would store more than it may. Nothing has been stored. */
public final class StorageQuotaException extends RuntimeException {
    /** The hint where what is deleted counts until it is removed. */
    public static final String DELETE = "delete what is not needed; it counts until it is removed, some time after";

    private static final long serialVersionUID = 1L;

    private final String property;
    private final String what;
    private final long asked;
    private final long allowed;
    private final String hint;

    private StorageQuotaException(String property, String what, long asked, long allowed, String hint) {
        super("the limit on " + what + " is " + allowed + "; with this there would be " + asked);
        this.property = property;
        this.what = what;
        this.asked = asked;
        this.allowed = allowed;
        this.hint = hint;
    }

    /** Throws if more of something is asked for than a property allows; {@code hint} tells the client what to do then. */
    public static void check(String property, String what, long asked, long allowed, String hint) {
        if (asked > allowed) {
            throw new StorageQuotaException(property, what, asked, allowed, hint);
        }
    }

    /** The name of the property that sets the limit. */
    public String property() {
        return property;
    }

    /** What there would be too much of. */
    public String what() {
        return what;
    }

    public long asked() {
        return asked;
    }

    public long allowed() {
        return allowed;
    }

    /** What the client may do. */
    public String hint() {
        return hint;
    }
}
