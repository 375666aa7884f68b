package io.chainrule.web.v1;

import io.chainrule.core.explain.Explanation;
import io.chainrule.core.explain.HtmlPage;
import io.chainrule.core.language.Language;
import io.chainrule.core.explain.MarkdownPage;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.ExplanationService;
import io.chainrule.service.program.ExplanationService.Explained;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Explains gradients, as JSON, Markdown or HTML, in the client's language. */
@Tag(name = "Programs")
@RestController
@RequestMapping(path = "/v1", consumes = MediaType.APPLICATION_JSON_VALUE, produces = {MediaType.APPLICATION_JSON_VALUE,
        MediaType.TEXT_MARKDOWN_VALUE, MediaType.TEXT_HTML_VALUE})
class ExplainController {
    private static final List<MediaType> FORMS = List.of(MediaType.APPLICATION_JSON, MediaType.TEXT_MARKDOWN, MediaType.TEXT_HTML);

    private final ExplanationService service;
    private final Queries queries;

    ExplainController(ExplanationService service, Queries queries) {
        this.service = service;
        this.queries = queries;
    }

    @Operation(operationId = "explain", summary = "The chain rule in words",
            description = """
                    The ledger of backpropagation: for every node what the nodes that read it contribute to its gradient, upstream × \
                    local, with numbers, formulas and sentences in English or Korean. Added in their order the contributions give the \
                    gradient to the last bit.

                    With `Accept: text/markdown` or `text/html` the answer is a page to read. The language is `lang`, or what \
                    `Accept-Language` prefers.""")
    @ApiResponse(responseCode = "200", description = "The gradient and its explanation", content = {
            @Content(mediaType = MediaType.APPLICATION_JSON_VALUE, schema = @Schema(implementation = ExplainResponse.class)),
            @Content(mediaType = MediaType.TEXT_MARKDOWN_VALUE,
                    schema = @Schema(type = "string", description = "A page with formulas in LaTeX")),
            @Content(mediaType = MediaType.TEXT_HTML_VALUE,
                    schema = @Schema(type = "string", description = "A page with formulas in MathML"))})
    @PostMapping("/explain")
    ResponseEntity<Object> explain(@RequestBody ExplainRequest request, HttpServletRequest exchange)
            throws HttpMediaTypeNotAcceptableException {
        MediaType type = Accepted.by(exchange).best(FORMS, form -> form)
                .orElseThrow(() -> new HttpMediaTypeNotAcceptableException(FORMS));
        Language language = Languages.of(request.lang(), exchange);
        Answer<Explained> answer = queries.answer(request, exchange,
                query -> service.explain(query, request.cotangent(), ExplainMapper.wish(request, language)));
        Explanation explanation = answer.result().explanation();
        String output = answer.result().outcome().function().bound().program().outputId();
        Object body = type.equals(MediaType.APPLICATION_JSON)
                ? new ExplainMapper(new ResponseMapper(request.arrays(), explanation.language())).response(answer)
                : type.equals(MediaType.TEXT_HTML) ? HtmlPage.of(explanation, output) : MarkdownPage.of(explanation, output);
        return Languages.spoken(explanation.language(), HttpHeaders.ACCEPT, HttpHeaders.ACCEPT_LANGUAGE)
                .contentType(type.equals(MediaType.APPLICATION_JSON) ? type : utf8(type))
                .header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
                .header("X-Content-Type-Options", "nosniff").body(body);
    }

    private static MediaType utf8(MediaType type) {
        return new MediaType(type, java.nio.charset.StandardCharsets.UTF_8);
    }
}
