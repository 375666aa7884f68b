package io.chainrule.service.datasets;

/** There is no data set of a name that was asked for. */
public final class UnknownDatasetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String asked;

    public UnknownDatasetException(String asked) {
        super("there is no data set '" + asked + "'");
        this.asked = asked;
    }

    /** The name as it was asked for. */
    public String asked() {
        return asked;
    }
}
