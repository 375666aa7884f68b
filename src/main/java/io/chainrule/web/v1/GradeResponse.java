package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.core.grade.Mistake;
import io.chainrule.core.grade.Verdict;
import io.chainrule.web.json.CodesOf;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A marked backward pass. */
record GradeResponse(
        @Schema(description = "Id of the node that is differentiated", example = "f") String output,
        @Schema(description = "Whether every claim and every answer is right", example = "false") boolean passed,
        @Schema(description = "The lines behind the forward pass in the order of the text, then the answers") List<GradeLine> lines,
        @Schema(description = "Name of the first line that is wrong; left out where none is",
                example = "dq") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String first_wrong,
        @Schema(description = """
                Inputs that the program never mentions; left out where there are none\
                """) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DiagnosticResponse> diagnostics) {

    @Schema(name = "GradeLine")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record GradeLine(@Schema(description = "Name of the line; of an answer, its node", example = "dq") String name,
            @Schema(description = "The node whose gradient it claims to be; left out where it claims nothing",
                    example = "q") @Nullable String node,
            @CodesOf(Verdict.class) @Schema(
                    description = """
                            "right": at the given inputs and at random others; "follows": right but for an error in a line that it reads; \
                            "not-a-claim": a line that helps claims.""") String verdict,
            @CodesOf(Mistake.class) @Schema(description = "What kind of mistake a wrong line has; left out for other lines and for answers",
                    example = "sign") @Nullable String mistake,
            @Schema(implementation = Object.class,
                    description = """
                            The value of the line at the given inputs; left out where it claims nothing, and where it cannot be computed\
                            """) @Nullable EncodedTensor claimed,
            @Schema(implementation = Object.class,
                    description = """
                            The gradient there; left out for answers, and where nothing is claimed""") @Nullable EncodedTensor expected,
            @Schema(description = """
                    What a wrong line should say, in names that it can read; left out where that is no single line, and for other lines""",
                    example = "dfdq * z") @Nullable String expected_expression,
            @Schema(description = "The verdict in words") String text) {}
}
