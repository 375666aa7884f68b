package io.chainrule.service.jobs;

import java.util.concurrent.CancellationException;

/** Ends an attempt at a job. Nothing is wrong with the job itself. */
public final class JobStoppedException extends CancellationException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why an attempt ends. */
    public enum Reason {
        /** The client has cancelled the job. */
        CANCELLED("the job was cancelled"),
        /** The service ends. Another replica, or this one when it is back, goes on with the job. */
        SHUTDOWN("the service ends"),
        /** The client has used its quota of computing. The job goes on when some of it is there again. */
        QUOTA("the client has used its quota of computing"),
        /** Another replica has taken the job over, since this one did not tell that it was alive. */
        TAKEN_OVER("another replica has taken the job over");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    JobStoppedException(Reason reason) {
        super(reason.text);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
