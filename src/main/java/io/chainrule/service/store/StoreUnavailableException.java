package io.chainrule.service.store;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What is in the store cannot be reached, written or read now, so nothing was done. Its cause is for the log only. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(Throwable cause) {
        super("the store, which this request needs, is not available; the operator finds the reason in the log, and sets where it is by "
                + StoreProperties.PROPERTY + " or spring.datasource.url", cause);
    }

    private StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    /** A newer replica has stored what this one cannot read, as while replicas are updated. A replica of that version can go on. */
    public static StoreUnavailableException ofOtherVersion(String what, Throwable cause) {
        return new StoreUnavailableException(what + " was stored by another version of the service, which this one cannot read", cause);
    }

    /** Whether a file cannot be reached, as where a disk is away. Another replica may reach it. */
    public boolean isOfFile() {
        return getCause() instanceof IOException || getCause() instanceof UncheckedIOException;
    }
}
