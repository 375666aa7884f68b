package io.chainrule.service.jobs;

/** A job cannot do what is asked of it in the state that it is in, or a key was used for another request. */
public final class JobConflictException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String hint;

    /** What is in the way. */
    public enum Kind {
        /** The idempotency key was used for a request with other content. */
        KEY_REUSED,
        /** The job has not succeeded, or not yet. */
        NO_RESULT
    }

    JobConflictException(Kind kind, String message, String hint) {
        super(message, null, false, false);
        this.kind = kind;
        this.hint = hint;
    }

    public Kind kind() {
        return kind;
    }

    /** What the client may do. */
    public String hint() {
        return hint;
    }
}
