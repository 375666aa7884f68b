package io.chainrule.service.run;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Checks whether the client of a request is still connected. Each check is a system call, so there are few of them. */
final class ClientLook {
    static final long BETWEEN = TimeUnit.MILLISECONDS.toNanos(200);

    private final BooleanSupplier isGone;
    private long last;

    ClientLook(BooleanSupplier isGone, long now) {
        this.isGone = isGone;
        last = now;
    }

    /** Throws {@link CancellationException} if it is time to look, and the client has gone. */
    void check(long now) {
        if (now - last > BETWEEN) {
            last = now;
            if (isGone.getAsBoolean()) {
                throw new CancellationException("the client has gone");
            }
        }
    }

    long next() {
        return last + BETWEEN;
    }
}
