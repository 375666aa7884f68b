package io.chainrule.web.v1.pictures;

import io.chainrule.core.language.Language;
import io.chainrule.core.picture.PictureOptions;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.PictureService;
import io.chainrule.web.v1.Languages;
import io.chainrule.web.v1.Queries;
import io.chainrule.web.v1.RenderRequest;
import io.chainrule.web.v1.RequestMapper;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Pictures of programs. */
@Tag(name = "Pictures", description = "Circuits with values above the wires and gradients below.")
@RestController
@RequestMapping(path = "/v1")
class PictureController {
    private final PictureService service;
    private final Queries queries;

    PictureController(PictureService service, Queries queries) {
        this.service = service;
        this.queries = queries;
    }

    @Operation(operationId = "render", summary = "A picture of a program", description = """
            The program as a circuit, inputs at the left: the value of each node above its wire, in green, and the gradient of the output \
            by it below, in red. Where there is no `format`, the header Accept chooses it.""")
    @ApiResponse(responseCode = "200", description = "The picture",
            content = {
                    @Content(mediaType = PictureResponses.SVG, schema = @Schema(type = "string", description = "An SVG document")),
                    @Content(mediaType = PictureResponses.PNG, schema = @Schema(type = "string", format = "binary")),
                    @Content(mediaType = PictureResponses.DOT, schema = @Schema(type = "string", description = "For Graphviz")),
                    @Content(mediaType = PictureResponses.MERMAID, schema = @Schema(type = "string", description = "A flowchart")),
                    @Content(mediaType = PictureResponses.TIKZ, schema = @Schema(type = "string", description = "A tikzpicture"))})
    @PostMapping(path = "/render", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<byte[]> render(@RequestBody RenderRequest request, @Parameter(hidden = true) HttpServletRequest exchange) {
        PictureResponses.Form form = PictureResponses.form(request.format(), exchange);
        Language language = Languages.of(request.lang(), exchange);
        PictureOptions options = RequestMapper.pictureOptions(request, language);
        Answer<Answer.Drawing> answer = queries.answer(request, exchange,
                query -> service.draw(query, request.cotangent(), options, form.format()));
        return PictureResponses.of(answer, form, language);
    }
}
