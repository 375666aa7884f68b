package io.chainrule.service.jobs;

/** There is no such job, or it is another owner's. */
public final class UnknownJobException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownJobException(String id) {
        super("there is no job '" + id + "'; a job is removed some time after its end", null, false, false);
    }
}
