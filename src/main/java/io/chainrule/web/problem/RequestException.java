package io.chainrule.web.problem;

import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A request that cannot be carried out, with all of its errors, or the first hundred. */
public final class RequestException extends RuntimeException {
    /** The most errors that a response lists. */
    public static final int MOST = 100;

    private static final long serialVersionUID = 1L;

    private final transient List<ErrorDetail> errors;
    private final transient @Nullable MendedText mended;
    private final int total;

    /** {@code total} is the number of all errors; the list may contain only some of them. */
    public RequestException(List<ErrorDetail> errors, int total) {
        this(errors, total, null);
    }

    /** {@code mended} is the request's expression with edits that make it a program, or null. */
    public RequestException(List<ErrorDetail> errors, int total, @Nullable MendedText mended) {
        super(errors.getFirst().message(), null, false, false);
        this.errors = errors.stream().limit(MOST).toList();
        this.total = total;
        this.mended = mended;
    }

    public RequestException(List<ErrorDetail> errors) {
        this(errors, errors.size());
    }

    public RequestException(ErrorDetail error) {
        this(List.of(error));
    }

    /** The same refusal with other details of its errors. */
    public RequestException with(UnaryOperator<ErrorDetail> change) {
        return new RequestException(errors.stream().map(change).toList(), total, mended);
    }

    /** The same refusal without a program to send instead. */
    public RequestException withoutMendedText() {
        return new RequestException(errors, total);
    }

    @Nullable
    MendedText mended() {
        return mended;
    }

    public List<ErrorDetail> errors() {
        return errors;
    }

    /**
     * The error that determines the status: the first one with the lowest status, so that 400 for a malformed request comes before 422 for
     * its content.
     */
    ErrorDetail foremost() {
        return errors.stream().reduce((a, b) -> ProblemType.of(b.code()).status() < ProblemType.of(a.code()).status() ? b : a)
                .orElseThrow();
    }

    int total() {
        return total;
    }
}
