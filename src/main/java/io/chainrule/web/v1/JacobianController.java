package io.chainrule.web.v1;

import io.chainrule.core.Transformation;
import io.chainrule.core.language.Language;
import io.chainrule.service.program.JacobianService;
import io.chainrule.service.program.MatrixFormat;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Whole Jacobians, in a single response or with events while they are computed. */
@Tag(name = "Programs")
@RestController
@RequestMapping(path = "/v1", consumes = MediaType.APPLICATION_JSON_VALUE, produces = {MediaType.APPLICATION_JSON_VALUE,
        MediaType.TEXT_EVENT_STREAM_VALUE})
class JacobianController {
    private final JacobianService service;
    private final Queries queries;
    private final JsonMapper json;

    JacobianController(JacobianService service, Queries queries, JsonMapper json) {
        this.service = service;
        this.queries = queries;
        this.json = json;
    }

    @Operation(operationId = "jacobian", summary = "Whole Jacobians",
            description = """
                    The derivative of every entry of one node with respect to every entry of another, as one array. Of all nodes of `of` \
                    by all of `wrt`, or of the `pairs` that are named.

                    With `Accept: text/event-stream` the answer is a stream of Server-Sent Events, for Jacobians with more entries than \
                    one answer may have: `begin` (shapes, mode, passes, entries), `entries` (of, wrt, indices, values) for some entries of \
                    one block at a time, in no certain order, then `done` (values), or `error` with a problem. Entries are those of the \
                    format "coo".""")
    @ApiResponse(responseCode = "200", description = "The Jacobians, or events that have their entries", content = {
            @Content(mediaType = MediaType.APPLICATION_JSON_VALUE, schema = @Schema(implementation = JacobianResponse.class)),
            @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string", description = """
                    Events, each with one line of JSON as its data"""))})
    @PostMapping("/jacobian")
    @Nullable
    ResponseEntity<JacobianResponse> jacobian(@RequestBody JacobianRequest request, HttpServletRequest exchange,
            HttpServletResponse response) {
        Language language = Languages.of(request.lang(), exchange);
        ResponseMapper mapper = new ResponseMapper(request.arrays(), language);
        MatrixFormat format = Objects.requireNonNullElse(request.format(), MatrixFormat.DENSE);
        if (!EventStream.isWanted(exchange)) {
            Transformation.Jacobians asked = asked(request,
                    format == MatrixFormat.DENSE ? Transformation.Extent.DENSE : Transformation.Extent.ENTRIES);
            return Languages.spoken(language, HttpHeaders.ACCEPT, HttpHeaders.ACCEPT_LANGUAGE).body(mapper
                    .jacobians(queries.answer(request, exchange, query -> service.jacobian(query, asked)), format));
        }
        if (request.format() == MatrixFormat.DENSE) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "a stream has entries; leave out 'format'")
                    .at(JsonPointer.of("format")).expected("coo", "dense"));
        }
        stream(request, exchange, new EventStream(response, json), mapper);
        return null;
    }

    private static Transformation.Jacobians asked(JacobianRequest request, Transformation.Extent extent) {
        Transformation.Mode mode = Objects.requireNonNullElse(request.mode(), Transformation.Mode.AUTO);
        return new Transformation.Jacobians(request.of(), PairsMapper.pairs(request), mode, extent);
    }

    private void stream(JacobianRequest request, HttpServletRequest exchange, EventStream events, ResponseMapper mapper) {
        JacobianEvents stream = new JacobianEvents(events, mapper);
        Transformation.Jacobians asked = asked(request, Transformation.Extent.STREAM);
        events.answer(exchange,
                () -> mapper.streamed(queries.answer(request, exchange, query -> service.jacobian(query, asked, stream))));
    }
}
