package io.chainrule.service.models;

/** There is no model, version or alias of a name that was asked for. */
public final class UnknownModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String asked;

    UnknownModelException(String asked, String message) {
        super(message);
        this.asked = asked;
    }

    /** The reference as it was asked for. */
    public String asked() {
        return asked;
    }
}
