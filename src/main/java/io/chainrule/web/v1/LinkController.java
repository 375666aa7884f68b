package io.chainrule.web.v1;

import io.chainrule.core.Transformation;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.picture.PictureFormat;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.LinkServices;
import io.chainrule.service.run.Query;
import io.chainrule.web.json.LinkTo;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import java.util.function.Function;
import org.springframework.http.CacheControl;
import org.springframework.http.ETag;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.ServletWebRequest;

/** Answers that have an address of their own, with the whole request in it. */
@RestController
@RequestMapping(path = "/v1")
class LinkController {
    /** Answers change only with the build; who asks again after this time is told whether they have. */
    private static final CacheControl KEPT = CacheControl.maxAge(Duration.ofHours(1)).cachePublic();

    private final LinkServices services;
    private final LinkReader reader;
    private final Revision revision;

    LinkController(LinkServices services, LinkReader reader, Revision revision) {
        this.services = services;
        this.reader = reader;
        this.revision = revision;
    }

    @Tag(name = "Pictures")
    @Operation(operationId = "renderLink", summary = "A picture by its address",
            description = """
                    The picture that `POST /v1/render` draws, for `<img>`, a README or a notebook: \
                    `/v1/render.svg?expression=f%20%3D%20(x%20%2B%20y)*z&in.x=-2&in.y=5&in.z=-4`. Inputs are `in.NAME=…` or one `inputs=` of JSON. \
                    A plus sign is written `%2B`, since `+` stands for a blank.""")
    @ApiResponse(responseCode = "200", description = "The picture",
            content = @Content(mediaType = PictureResponses.SVG, schema = @Schema(type = "string", description = "An SVG document")))
    @LinkTo(RenderRequest.class)
    @GetMapping(path = "/render.svg", produces = PictureResponses.SVG)
    ResponseEntity<byte[]> render(ServletWebRequest exchange) {
        return answer(exchange, RenderRequest.class, request -> {
            var options = RequestMapper.pictureOptions(request);
            return PictureResponses
                    .of(compute(request, query -> services.pictures().draw(query, request.cotangent(), options, PictureFormat.SVG)));
        });
    }

    @Tag(name = "Programs")
    @Operation(operationId = "gradientLink", summary = "A gradient by its address",
            description = """
                    What `POST /v1/gradient` answers to an expression: `/v1/gradient?expression=x^2&in.x=3`. Inputs are `in.NAME=…` or one \
                    `inputs=` of JSON. A plus sign is written `%2B`, since `+` stands for a blank.""")
    @LinkTo(GradientRequest.class)
    @GetMapping(path = "/gradient", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<GradientResponse> gradient(ServletWebRequest exchange) {
        return answer(exchange, GradientRequest.class, request -> {
            Transformation.Locals jacobians = Objects.requireNonNullElse(request.jacobians(), Transformation.Locals.AUTO);
            Answer<Answer.Gradient> answer = compute(request, query -> services.gradients().gradient(query, request.cotangent(), jacobians,
                    Boolean.TRUE.equals(request.digits())));
            return ResponseEntity.ok(new ResponseMapper(request.arrays()).gradient(answer));
        });
    }

    private <T> Answer<T> compute(ProgramRequest request, Function<Query, Answer<T>> compute) {
        return RequestMapper.answer(request, services.limits(), compute);
    }

    /** Compares tags before anything is computed. */
    private <R extends Record, B> ResponseEntity<B> answer(ServletWebRequest exchange, Class<R> type,
            Function<R, ResponseEntity<B>> compute) {
        LinkQuery query = LinkQuery.of(exchange.getRequest().getQueryString());
        try {
            R request = reader.read(query, type);
            ETag tag = revision.tag(exchange.getRequest().getRequestURI(), query.canonical());
            HttpHeaders headers = new HttpHeaders();
            headers.setETag(tag.formattedTag());
            headers.setCacheControl(KEPT);
            if (Revision.isKnown(tag, Collections.list(exchange.getRequest().getHeaders(HttpHeaders.IF_NONE_MATCH)))) {
                return ResponseEntity.status(HttpStatus.NOT_MODIFIED).headers(headers).build();
            }
            ResponseEntity<B> answer = compute.apply(request);
            headers.putAll(answer.getHeaders());
            return new ResponseEntity<>(answer.getBody(), headers, answer.getStatusCode());
        } catch (RequestException e) {
            RequestException told = e.with(error -> LinkReader.withPlus(error, query));
            // What mends a program with a blank in place of its plus is another program.
            throw query.hasPlus(LinkReader.EXPRESSION) ? told.withoutMendedText() : told;
        } catch (LimitException e) {
            throw new RequestException(ErrorDetail.of(ProblemType.LIMIT_EXCEEDED,
                    "the limit on " + e.limit().replace('-', ' ') + " of a link is " + e.allowed() + ", this one needs "
                            + (e.isCounted() ? String.valueOf(e.asked()) : "more"))
                    .expected("at most " + e.allowed(), e.isCounted() ? String.valueOf(e.asked()) : "more than " + e.allowed())
                    .hint("send it by POST, whose limits are ten times as high"));
        }
    }
}
