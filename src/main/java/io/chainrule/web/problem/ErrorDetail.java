package io.chainrule.web.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** One thing that is wrong with a request, and where. */
@Schema(name = "ErrorDetail", description = "One thing that is wrong, and where; fields that do not apply are left out.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ErrorDetail(
        @Schema(description = "Which kind of error, as in `type`", example = "shape-mismatch") String code,
        @Schema(description = "The error in words") String message,
        @Schema(description = "JSON Pointer (RFC 6901) into the request body", example = "/inputs/x") @Nullable String pointer,
        @Schema(description = "Name of the query parameter that is in error, of a request by GET",
                example = "in.x") @Nullable String parameter,
        @Schema(description = "Id of the node that is in error", example = "q") @Nullable String node,
        @Schema(description = "Line of the expression, or of the body where that is not JSON; from 1") @Nullable Integer line,
        @Schema(description = "Column in that line, from 1") @Nullable Integer column,
        @Schema(description = "What would be right", example = "[3]") @Nullable String expected,
        @Schema(description = "What was there", example = "[2]") @Nullable String actual,
        @Schema(description = "What may have been meant", example = "did you mean 'tanh'?") @Nullable String hint) {

    public static ErrorDetail of(ProblemType type, String message) {
        return new ErrorDetail(type.code(), message, null, null, null, null, null, null, null, null);
    }

    public ErrorDetail at(@Nullable String jsonPointer) {
        return new ErrorDetail(code, message, jsonPointer, parameter, node, line, column, expected, actual, hint);
    }

    public ErrorDetail parameter(@Nullable String name) {
        return new ErrorDetail(code, message, pointer, name, node, line, column, expected, actual, hint);
    }

    public ErrorDetail node(@Nullable String id) {
        return new ErrorDetail(code, message, pointer, parameter, id, line, column, expected, actual, hint);
    }

    public ErrorDetail position(@Nullable Integer atLine, @Nullable Integer atColumn) {
        return new ErrorDetail(code, message, pointer, parameter, node, atLine, atColumn, expected, actual, hint);
    }

    public ErrorDetail expected(@Nullable String wanted, @Nullable String found) {
        return new ErrorDetail(code, message, pointer, parameter, node, line, column, wanted, found, hint);
    }

    public ErrorDetail hint(@Nullable String advice) {
        return new ErrorDetail(code, message, pointer, parameter, node, line, column, expected, actual, advice);
    }
}
