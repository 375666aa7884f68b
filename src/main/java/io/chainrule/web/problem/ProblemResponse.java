package io.chainrule.web.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The body of every error response: problem details as in RFC 9457. */
@Schema(name = "Problem", description = "What went wrong: problem details after RFC 9457, sent as application/problem+json.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProblemResponse(
        @Schema(description = "Relative URI of the page of help on this kind of problem", example = "/problems/shape-mismatch") String type,
        @Schema(description = "The kind of problem in words", example = "Shapes do not fit") String title,
        @Schema(description = "HTTP status", example = "422") int status,
        @Schema(description = "This problem in words") String detail,
        @Schema(description = "Path of the request", example = "/v1/gradient") @Nullable String instance,
        @Schema(description = "Id of the request, which the header Request-Id and the service's log have too",
                example = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6") String request_id,
        @Schema(description = "The kind of problem, for programs", example = "shape-mismatch") String code,
        @Schema(description = "Everything that is wrong, up to 100") List<ErrorDetail> errors,
        @Schema(description = "The request's expression with edits that make it a program; only where there is one way to mend it. "
                + "It can be posted in its place", example = "f = x + 1") @Nullable String fixed_expression,
        @Schema(description = "The edits, in the order of the expression") @Nullable List<MendedText.Edit> edits) {

    /**
     * The answer to a refused request. Its detail is the message of the foremost error, and the number of further errors.
     *
     * @param base the context path of the service, which stands before the path of the help page
     */
    public static ProblemResponse of(RequestException refusal, String base, @Nullable String instance, String requestId) {
        ErrorDetail foremost = refusal.foremost();
        ProblemType type = ProblemType.of(foremost.code());
        String detail = refusal.total() == 1 ? foremost.message() : foremost.message() + " (and " + (refusal.total() - 1) + " more)";
        MendedText mended = refusal.mended();
        return new ProblemResponse(base + type.uri(), type.text().title(), type.status(), detail, instance, requestId, type.code(),
                refusal.errors(), mended == null ? null : mended.text(), mended == null ? null : mended.edits());
    }
}
