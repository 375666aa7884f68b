package io.chainrule.web.problem;

import java.util.List;

/** A request that cannot be carried out, with everything that is wrong with it. */
public final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<ErrorDetail> errors;

    public RequestException(List<ErrorDetail> errors) {
        super(errors.getFirst().message(), null, false, false);
        this.errors = List.copyOf(errors);
    }

    public RequestException(ErrorDetail error) {
        this(List.of(error));
    }

    public List<ErrorDetail> errors() {
        return errors;
    }

    /** What stands for all: the first error of the lowest status, since what is not understood comes before what does not fit. */
    public ProblemType type() {
        return errors.stream().map(error -> ProblemType.of(error.code())).reduce((a, b) -> b.status() < a.status() ? b : a).orElseThrow();
    }
}
