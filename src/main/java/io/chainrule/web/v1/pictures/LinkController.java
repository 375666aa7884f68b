package io.chainrule.web.v1.pictures;

import io.chainrule.core.Transformation;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.language.Language;
import io.chainrule.core.picture.PictureOptions;
import io.chainrule.service.models.Models;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.LinkServices;
import io.chainrule.service.program.PlotOptions;
import io.chainrule.service.run.Query;
import io.chainrule.web.json.LinkTo;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.GradientRequest;
import io.chainrule.web.v1.GradientResponse;
import io.chainrule.web.v1.Languages;
import io.chainrule.web.v1.LinkQuery;
import io.chainrule.web.v1.PlotRequest;
import io.chainrule.web.v1.ProgramRequest;
import io.chainrule.web.v1.Queries;
import io.chainrule.web.v1.RenderRequest;
import io.chainrule.web.v1.RequestMapper;
import io.chainrule.web.v1.ResponseMapper;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers that have an address of their own, with the whole request in it. */
@RestController
@RequestMapping(path = "/v1")
class LinkController {
    private final LinkServices services;
    private final LinkReader reader;
    private final Revision revision;
    private final Queries queries;

    LinkController(LinkServices services, LinkReader reader, Revision revision, Queries queries) {
        this.services = services;
        this.reader = reader;
        this.revision = revision;
        this.queries = queries.within(services.limits());
    }

    @Tag(name = "Pictures")
    @Operation(operationId = "renderLink", summary = "A picture by its address",
            description = """
                    The picture that `POST /v1/render` draws, for `<img>`, a README or a notebook: \
                    `/v1/render.svg?expression=f%20%3D%20(x%20%2B%20y)*z&in.x=-2&in.y=5&in.z=-4`. Inputs are `in.NAME=…` or one `inputs=` \
                    of JSON. A plus sign is written `%2B`, since `+` stands for a blank. `format` has the picture in another format.""")
    @ApiResponse(responseCode = "200", description = "The picture",
            content = {
                    @Content(mediaType = PictureResponses.SVG, schema = @Schema(type = "string", description = "An SVG document")),
                    @Content(mediaType = PictureResponses.PNG, schema = @Schema(type = "string", format = "binary")),
                    @Content(mediaType = PictureResponses.DOT, schema = @Schema(type = "string", description = "For Graphviz")),
                    @Content(mediaType = PictureResponses.MERMAID, schema = @Schema(type = "string", description = "A flowchart")),
                    @Content(mediaType = PictureResponses.TIKZ, schema = @Schema(type = "string", description = "A tikzpicture"))})
    @LinkTo(RenderRequest.class)
    @GetMapping("/render.svg")
    ResponseEntity<byte[]> render(@Parameter(hidden = true) HttpServletRequest exchange) {
        return answer(exchange, RenderRequest.class, request -> {
            PictureResponses.Form form = PictureResponses.linked(request.format(), exchange);
            Language language = Languages.of(request.lang(), exchange);
            PictureOptions options = RequestMapper.pictureOptions(request, language);
            String asked = text(request, exchange, request.cotangent(), options, form.format());
            return kept(exchange, asked, language, () -> PictureResponses.ofLink(
                    compute(request, exchange, query -> services.pictures().draw(query, request.cotangent(), options, form.format())), form,
                    language));
        });
    }

    @Tag(name = "Pictures")
    @Operation(operationId = "plotLink", summary = "A plot by its address",
            description = """
                    The plot that `POST /v1/plot` draws: `/v1/plot.svg?expression=x*sigmoid(x)&ranges={"x":[-6,6]}`. Inputs with a value \
                    are `in.NAME=…` or one `inputs=` of JSON; those without are the axes. `ranges`, `path` and `descent` are written in \
                    JSON.""")
    @ApiResponse(responseCode = "200", description = "The plot",
            content = @Content(mediaType = PictureResponses.SVG, schema = @Schema(type = "string", description = "An SVG document")))
    @LinkTo(value = PlotRequest.class, expression = "f = x * sigmoid(a * x)", inputs = "{\"a\": 2}")
    @GetMapping("/plot.svg")
    ResponseEntity<byte[]> plot(@Parameter(hidden = true) HttpServletRequest exchange) {
        return answer(exchange, PlotRequest.class, request -> {
            PictureResponses.Form form = PictureResponses.linked(null, exchange);
            Language language = Languages.of(request.lang(), exchange);
            PlotOptions options = PlotController.options(request, language);
            return kept(exchange, text(request, exchange, options), language, () -> PictureResponses
                    .ofLink(compute(request, exchange, query -> services.plots().plot(query, options)), form, language));
        });
    }

    @Tag(name = "Programs")
    @Operation(operationId = "gradientLink", summary = "A gradient by its address",
            description = """
                    What `POST /v1/gradient` answers to an expression: `/v1/gradient?expression=x^2&in.x=3`. Inputs are `in.NAME=…` or one \
                    `inputs=` of JSON. A plus sign is written `%2B`, since `+` stands for a blank.""")
    @LinkTo(GradientRequest.class)
    @GetMapping(path = "/gradient", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<GradientResponse> gradient(@Parameter(hidden = true) HttpServletRequest exchange) {
        return answer(exchange, GradientRequest.class, request -> {
            Language language = Languages.of(request.lang(), exchange);
            return kept(exchange, asked(request, exchange), language, () -> {
                Answer<Answer.Gradient> answer = compute(request, exchange,
                        query -> services.gradients().gradient(query, request.cotangent(),
                                locals(request), Boolean.TRUE.equals(request.digits())));
                return ResponseEntity.ok(new ResponseMapper(request.arrays(), language).gradient(answer));
            });
        });
    }

    private static Transformation.Locals locals(GradientRequest request) {
        return Objects.requireNonNullElse(request.jacobians(), Transformation.Locals.AUTO);
    }

    /** What a gradient's tag is made of. */
    String asked(GradientRequest request, HttpServletRequest exchange) {
        return text(request, exchange, request.cotangent(), locals(request), Boolean.TRUE.equals(request.digits()));
    }

    /** What is asked, as its tag tells it; versions stand for the values that models keep. */
    private String text(ProgramRequest request, HttpServletRequest exchange, @Nullable Object... others) {
        Models models = queries.models(exchange);
        return queries.answered(request, models,
                query -> CanonicalText.of(query.withoutKept(), models.versions(), Arrays.asList(others)));
    }

    private <B> ResponseEntity<B> kept(HttpServletRequest exchange, String asked, Language language,
            Supplier<ResponseEntity<B>> compute) {
        return revision.answer(exchange, revision.tag(exchange.getRequestURI(), asked, language.tag()), Languages.headers(language),
                queries.models(exchange).versions().isEmpty(), compute);
    }

    private <T> Answer<T> compute(ProgramRequest request, HttpServletRequest exchange, Function<Query, Answer<T>> compute) {
        return queries.answer(request, exchange, compute);
    }

    /** Reads a link; what is wrong with it, or with what it asks for, is told in its own terms. */
    private <R extends Record, B> ResponseEntity<B> answer(HttpServletRequest exchange, Class<R> type,
            Function<R, ResponseEntity<B>> answer) {
        LinkQuery query = LinkQuery.of(exchange.getQueryString());
        try {
            return answer.apply(reader.read(query, type));
        } catch (RequestException e) {
            RequestException told = e.with(error -> LinkReader.ofLink(error, query));
            // What mends a program with a blank in place of its plus is another program.
            throw query.hasPlus(LinkReader.EXPRESSION) ? told.withoutMendedText() : told;
        } catch (LimitException e) {
            throw new RequestException(ErrorDetail.of(ProblemType.LIMIT_EXCEEDED,
                    "the limit on " + e.limit().replace('-', ' ') + " of a link is " + e.allowed() + ", this one needs "
                            + (e.isCounted() ? String.valueOf(e.asked()) : "more"))
                    .expected("at most " + e.allowed(), e.isCounted() ? String.valueOf(e.asked()) : "more than " + e.allowed())
                    .hint(e.hint() == null ? "send it by POST, whose limits are ten times as high" : e.hint()));
        }
    }
}
