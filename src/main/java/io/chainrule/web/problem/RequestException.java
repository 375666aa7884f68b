package io.chainrule.web.problem;

import java.util.List;

/** A request that cannot be carried out, with everything that is wrong with it, or the first hundred things. */
public final class RequestException extends RuntimeException {
    /** How many errors an answer lists. */
    public static final int MOST = 100;

    private static final long serialVersionUID = 1L;

    private final transient List<ErrorDetail> errors;
    private final int total;

    /** {@code total} is the number of all errors, of which the list may have only some. */
    public RequestException(List<ErrorDetail> errors, int total) {
        super(errors.getFirst().message(), null, false, false);
        this.errors = errors.stream().limit(MOST).toList();
        this.total = total;
    }

    public RequestException(List<ErrorDetail> errors) {
        this(errors, errors.size());
    }

    public RequestException(ErrorDetail error) {
        this(List.of(error));
    }

    public List<ErrorDetail> errors() {
        return errors;
    }

    /** The error that gives the answer its status: the first of the lowest, so that 400 for the form comes before 422 for the meaning. */
    ErrorDetail foremost() {
        return errors.stream().reduce((a, b) -> ProblemType.of(b.code()).status() < ProblemType.of(a.code()).status() ? b : a)
                .orElseThrow();
    }

    int total() {
        return total;
    }
}
