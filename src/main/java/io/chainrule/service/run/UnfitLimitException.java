package io.chainrule.service.run;

/** A limit was set to more than can be kept. */
final class UnfitLimitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String property;
    private final long most;

    UnfitLimitException(String property, long value, long most, String reason) {
        super(property + " is " + value + ", but at most " + most + " fits: " + reason);
        this.property = property;
        this.most = most;
    }

    /** What the operator can do. */
    String action() {
        return "Set " + property + " to " + most + " or less, or give the service a larger heap (-Xmx or -XX:MaxRAMPercentage, and the "
                + "container's memory).";
    }
}
