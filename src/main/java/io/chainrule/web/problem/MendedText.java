package io.chainrule.web.problem;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/** A text that can be parsed, and the edits of the request's text that lead to it. */
public record MendedText(String text, List<Edit> edits) {

    /** Replaces a part of the text. */
    @Schema(name = "Edit", description = "Replaces a part of the expression. The edits of an answer do not overlap.")
    public record Edit(
            @Schema(description = "Line, counted from 1", example = "1") int line,
            @Schema(description = "Column in code points, counted from 1", example = "7") int column,
            @Schema(description = "How many code points are replaced; 0 where the text is inserted", example = "0") int length,
            @Schema(description = "What stands there instead", example = ")") String text) {}
}
