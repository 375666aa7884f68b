package io.chainrule.service.store;

/** The database cannot be reached or written now, so nothing was done. Its cause is for the log only. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(Throwable cause) {
        super("the store, which this request needs, is not available; the operator finds the reason in the log, and sets where it is by "
                + StoreProperties.PROPERTY + " or spring.datasource.url", cause);
    }
}
