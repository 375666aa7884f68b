package io.chainrule.web.v1.pictures;

import io.chainrule.core.language.Language;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.picture.Theme;
import io.chainrule.service.program.CatalogueService;
import io.chainrule.service.program.PlotOptions;
import io.chainrule.service.program.PlotService;
import io.chainrule.web.json.LinkTo;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.Languages;
import io.chainrule.web.v1.LinkQuery;
import io.chainrule.web.v1.PlotRequest;
import io.chainrule.web.v1.Queries;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Plots of functions. */
@Tag(name = "Pictures")
@RestController
@RequestMapping(path = "/v1")
class PlotController {
    private final PlotService service;
    private final CatalogueService catalogue;
    private final LinkReader reader;
    private final Revision revision;
    private final Queries queries;

    PlotController(PlotService service, CatalogueService catalogue, LinkReader reader, Revision revision, Queries queries) {
        this.service = service;
        this.catalogue = catalogue;
        this.reader = reader;
        this.revision = revision;
        this.queries = queries;
    }

    @Operation(operationId = "plot", summary = "A plot of a program",
            description = """
                    The inputs without a value are the axes. Of one, the program is a curve, solid, with its derivative, dashed; kinks, \
                    jumps and poles are marked. Of two, it is lines of equal value with arrows along the gradient, and a `path` or a \
                    `descent` if asked for.""")
    @ApiResponse(responseCode = "200", description = "The plot",
            content = @Content(mediaType = PictureResponses.SVG, schema = @Schema(type = "string", description = "An SVG document")))
    @PostMapping(path = "/plot", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<byte[]> plot(@RequestBody PlotRequest request, @Parameter(hidden = true) HttpServletRequest exchange) {
        PictureResponses.checkSvgIsAccepted(exchange);
        Language language = Languages.of(request.lang(), exchange);
        PlotOptions options = options(request, language);
        return PictureResponses.svg(queries.answer(request, exchange, query -> service.plot(query, options)), language);
    }

    static PlotOptions options(PlotRequest request, Language language) {
        PlotRequest.Descent descent = request.descent();
        return new PlotOptions(Objects.requireNonNullElse(request.theme(), Theme.AUTO), language,
                Objects.requireNonNullElse(request.ranges(), Map.<String, List<Double>>of()),
                Objects.requireNonNullElse(request.path(), List.<List<Double>>of()),
                descent == null
                        ? null
                        : new PlotOptions.Descent(Objects.requireNonNullElse(descent.start(), Map.of()),
                                Objects.requireNonNullElse(descent.learning_rate(), 0.1), Objects.requireNonNullElse(descent.steps(), 50)));
    }

    @Operation(operationId = "opPlot", summary = "A plot of an op", description = """
            An op of one operand, solid, with its derivative, dashed; kinks, jumps and poles are marked. An op of two operands as lines of \
            equal value with arrows along the gradient. Attributes have their defaults. Other ops have no plot.""")
    @ApiResponse(responseCode = "200", description = "The plot",
            content = @Content(mediaType = PictureResponses.SVG, schema = @Schema(type = "string", description = "An SVG document")))
    @LinkTo(OpPlotRequest.class)
    @GetMapping(path = "/ops/{name}/plot.svg")
    ResponseEntity<byte[]> op(@Parameter(description = "Name or alias", example = "relu") @PathVariable String name,
            @Parameter(hidden = true) HttpServletRequest exchange) {
        PictureResponses.checkSvgIsAccepted(exchange);
        OpDefinition op = catalogue.find(name)
                .orElseThrow(() -> notFound("there is no op '" + name + "'", catalogue.hint(name).orElse(null)));
        OpPlotRequest request = reader.options(LinkQuery.of(exchange.getQueryString()), OpPlotRequest.class);
        Theme ground = Objects.requireNonNullElse(request.theme(), Theme.AUTO);
        Language language = Languages.of(request.lang(), exchange);
        String obstacle = service.obstacle(op);
        if (obstacle != null) {
            throw notFound("the op '" + name + "' has no plot: " + obstacle, "POST /v1/plot draws a program of one or two inputs");
        }
        return revision.answer(exchange, revision.tag("plot", op.name(), ground.name(), language.tag()), Languages.headers(language),
                () -> PictureResponses.svg(service.op(op, ground, language), language));
    }

    private static RequestException notFound(String message, @Nullable String hint) {
        return new RequestException(ErrorDetail.of(ProblemType.NOT_FOUND, message).hint(hint));
    }
}
