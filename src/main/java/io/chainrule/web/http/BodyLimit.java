package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Limits;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;

/**
 * The longest body that is accepted, and the property that sets this limit. That is the limit on such bodies, or the limit on memory if a
 * body of that length would not fit into the memory of an idle service.
 */
record BodyLimit(long bytes, String property) {
    static BodyLimit of(Limits limits, Budget budget) {
        return of(limits.bodyBytes(), "chainrule.limits.body-bytes", budget);
    }

    static BodyLimit of(long bytes, String property, Budget budget) {
        long inMemory = budget.total() / Limits.MEMORY_PER_BYTE_OF_BODY;
        return bytes <= inMemory ? new BodyLimit(bytes, property) : new BodyLimit(inMemory, "chainrule.limits.shared-bytes");
    }

    /** The refusal of a body that is too long. {@code length} is text because the length of a chunked body is not known in advance. */
    RequestException exceeded(String length) {
        return new RequestException(ErrorDetail.of(ProblemType.BODY_TOO_LARGE, "the body has more than " + bytes + " bytes")
                .expected("at most " + bytes + " bytes (" + property + ")", length + " bytes"));
    }
}
