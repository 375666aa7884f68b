package io.chainrule.web.http;

import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Limits;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;

/**
 * The longest body that is accepted, and the property that sets this limit. That is the limit on bodies, or the limit on memory if a body
 * of that length would not fit into the memory of an idle service.
 */
record BodyLimit(long bytes, String property) {
    /** The parser holds two bytes for each character of a text, and its result, be it a text or numbers in base64, holds one more. */
    static final long FOR_ANY_BYTE = 3;
    /** Before or behind each number or name there is a mark. A number takes 8 bytes in each of the reader's three copies. */
    private static final long FOR_A_MARK = 26;

    static BodyLimit of(Limits limits, Budget budget) {
        long inMemory = budget.total() / Limits.MEMORY_PER_BYTE_OF_BODY;
        return limits.bodyBytes() <= inMemory
                ? new BodyLimit(limits.bodyBytes(), "chainrule.limits.body-bytes")
                : new BodyLimit(inMemory, "chainrule.limits.shared-bytes");
    }

    /** The memory that this part of a body takes once it has been read as JSON. */
    static long memory(byte[] body, int from, int length) {
        int marks = 0;
        for (int i = from; i < from + length; i++) {
            byte at = body[i];
            if (at == ',' || at == '[' || at == '{' || at == ':') {
                marks++;
            }
        }
        return FOR_ANY_BYTE * length + FOR_A_MARK * marks;
    }

    /** The refusal of a body that is too long. {@code length} is text because the length of a chunked body is not known in advance. */
    RequestException exceeded(String length) {
        return new RequestException(ErrorDetail.of(ProblemType.BODY_TOO_LARGE, "the body has more than " + bytes + " bytes")
                .expected("at most " + bytes + " bytes (" + property + ")", length + " bytes"));
    }
}
