package io.chainrule.web.v1.models;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.models.ModelName;
import io.chainrule.service.models.ModelPreparation;
import io.chainrule.service.models.ModelService;
import io.chainrule.service.models.ModelVersion;
import io.chainrule.service.models.Models;
import io.chainrule.service.models.PreparedModel;
import io.chainrule.service.store.Terms;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.http.Download;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.Paging;
import io.chainrule.web.v1.Preconditions;
import io.chainrule.web.v1.Queries;
import io.chainrule.web.v1.StoredName;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Stores models, and shows and deletes them. */
@Tag(name = "Models", description = "Programs that are stored with their parameters, and called by name.")
@RestController
@RequestMapping(path = ModelController.PATH, produces = MediaType.APPLICATION_JSON_VALUE)
class ModelController {
    static final String PATH = "/v1/models";

    static final String PUT = """
            A program in any form, with the values of those inputs that are kept with it, as parameters are. Each call gives the others. \
            `{"model": "gate"}` in place of a program stores a model again, with what the request says besides; under the name of that \
            model it is refused (412) if another version has come meanwhile. The version never changes: of a text its nodes are stored; only where these depend on the \
            lengths of free axes the text itself is kept, and read anew by each release. The alias `latest` names it from now on. What \
            equals the version that `latest` names makes no other, so that a request may be repeated. `If-Match` and `If-None-Match` are \
            compared with the version that `latest` names, which is the `ETag` of the model. Or a file that `GET /v1/models/{name}/export` \
            has answered, as `application/zip`.""";

    private final ModelService service;
    private final ModelPreparation preparation;
    private final Queries queries;

    ModelController(ModelService service, ModelPreparation preparation, Queries queries) {
        this.service = service;
        this.preparation = preparation;
        this.queries = queries;
    }

    @Operation(operationId = "putModel", summary = "Stores a version of a model", description = PUT)
    @ApiResponse(responseCode = "201", description = "A new version, at the address in `Location`")
    @ApiResponse(responseCode = "200", description = "The version that `latest` names, which is the same")
    @Parameter(name = HttpHeaders.IF_MATCH, in = ParameterIn.HEADER, description = Preconditions.IF_MATCH)
    @Parameter(name = HttpHeaders.IF_NONE_MATCH, in = ParameterIn.HEADER, description = Preconditions.IF_NONE_MATCH)
    @PutMapping(path = "/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ModelResponse> put(@Parameter(description = "Its name", example = "digits") @PathVariable String name,
            @RequestBody @io.swagger.v3.oas.annotations.parameters.RequestBody(content = {
                    @Content(mediaType = MediaType.APPLICATION_JSON_VALUE, schema = @Schema(implementation = ModelRequest.class),
                            examples = {
                                    @ExampleObject(name = "line", summary = "A line with its parameters", value = """
                                            {"expression": "y = w * x + b", "inputs": {"w": 2, "b": 1}, "description": "a line"}"""),
                                    @ExampleObject(name = "gate", summary = "Two hidden units, for points of the plane",
                                            value = """
                                                    {"expression": "h = tanh(W @ x + b)\\ny = sigmoid(sum(v * h))",
                                                     "inputs": {"W": [[0.5, -1], [1, 0.25]], "b": [0.1, -0.2], "v": [2, -1]},
                                                     "declares": {"x": {"shape": [2], "range": [-1, 1], "text": "a point of the square"}},
                                                     "outputs": {"h": "the hidden units"}, "licence": "CC0-1.0", "tags": ["small"]}""")}),
                    @Content(mediaType = Download.ZIP, schema = @Schema(type = "string", format = "binary",
                            description = "A file that `GET /v1/models/{name}/export` answers"))}) ModelRequest request,
            HttpServletRequest exchange) {
        StoredName.check(name, "a model");
        ModelService.Stored stored;
        try {
            Models models = queries.models(exchange);
            PreparedModel model = preparation.prepare(name, ModelMapper.model(request, queries.of(request, models), models));
            stored = service.put(ClientName.owner(exchange), name, model,
                    Terms.expecting(expected(exchange, name).andThen(unchanged(name, request.model(), model, models))));
        } catch (ProblemException e) {
            throw queries.refusal(e, request, queries.models(exchange));
        }
        return stored(stored, exchange);
    }

    static ResponseEntity<ModelResponse> stored(ModelService.Stored stored, HttpServletRequest exchange) {
        ModelVersion version = stored.version();
        URI address = URI.create(Problems.base(exchange) + PATH + "/" + version.name() + ":" + version.version());
        return (stored.isNew() ? ResponseEntity.created(address) : ResponseEntity.ok().location(address))
                .eTag(tag(version)).body(ModelResponse.of(version, stored.definition()));
    }

    /** Throws unless a model is as the client says. It may name the entity tag of the model, or that of its file. */
    static Consumer<Optional<ModelVersion>> expected(HttpServletRequest exchange, String name) {
        return Preconditions.of(exchange, "model '" + name + "'", found -> List.of(tag(found), ModelFileController.tag(found)));
    }

    /**
     * Throws if a model is stored again under its own name and another version has come since it was read, whose changes would be undone.
     * What equals that version is stored already.
     *
     * @param base the reference to the model that is stored again; null if the program is given
     */
    static Consumer<Optional<ModelVersion>> unchanged(String name, @Nullable String base, PreparedModel model, Models models) {
        if (base == null || !ModelName.of(base).equals(ModelName.of(name))) {
            return _ -> {};
        }
        String read = models.meant().get(base);
        String digest = model.digest();
        return latest -> latest.filter(version -> !version.digest().equals(digest))
                .map(version -> version.name() + ":" + version.version()).filter(now -> !now.equals(read)).ifPresent(now -> {
                    throw new RequestException(ErrorDetail
                            .of(ProblemType.PRECONDITION_FAILED,
                                    "the model '" + name + "' has changed since it was read to be stored again")
                            .at("/model").expected(read, now)
                            .hint("send the request again, or name the version, as in \"model\": \"" + read
                                    + "\", to store that whatever has changed since"));
                });
    }

    /** The entity tag of a version, which is also that of an alias that names it. */
    private static String tag(ModelVersion version) {
        return "\"" + version.version() + "\"";
    }

    @Operation(operationId = "models", summary = "All models", description = """
            For each model the version that its alias `latest` names, in the order of names. With `deleted` those models of which all \
            versions are deleted and can still be brought back, each with its newest version.""")
    @GetMapping
    ModelsResponse all(@Parameter(description = "How names begin") @RequestParam(defaultValue = "") String prefix,
            @Parameter(description = "Only models with this tag") @RequestParam @Nullable String tag,
            @Parameter(description = "Only models with this licence, as it was given") @RequestParam @Nullable String licence,
            @Parameter(description = "Models of which all versions are deleted") @RequestParam(defaultValue = "false") boolean deleted,
            @Parameter(description = "Only names after this one") @RequestParam(defaultValue = "") String after,
            @Parameter(description = Paging.LIMIT) @RequestParam(defaultValue = Paging.DEFAULT) int limit,
            HttpServletRequest exchange) {
        Paging.checkLimit(limit);
        Paging.checkPart(prefix, "prefix");
        Paging.checkPart(after, "after");
        Paging.checkWord(tag == null ? "a" : tag, "tag", ModelMapper.TAG.pattern());
        Paging.checkWord(licence == null ? "a" : licence, "licence", "[\\P{Cntrl}\n\t]*");
        List<ModelVersion> found = service.all(ClientName.owner(exchange), deleted, prefix, tag, licence, after, limit + 1);
        return page(found, limit, ModelVersion::name);
    }

    private static ModelsResponse page(List<ModelVersion> found, int limit, Function<ModelVersion, String> key) {
        Paging<ModelVersion> page = Paging.of(found, limit, key);
        return new ModelsResponse(page.items().stream().map(ModelVersionResponse::of).toList(), page.next());
    }

    @Operation(operationId = "model", summary = "One model",
            description = "By its name, `digits`, with a version, `digits:3`, or with an alias, `digits@prod`. The values that it keeps are not told. "
                    + "The version is the `ETag`.")
    @GetMapping("/{name}")
    ResponseEntity<ModelResponse> one(
            @Parameter(description = ModelFileController.REFERENCE, example = "digits") @PathVariable String name,
            HttpServletRequest exchange) {
        ModelVersion version = service.find(ClientName.owner(exchange), name);
        return ResponseEntity.ok().eTag(tag(version)).body(ModelResponse.of(version, service.definition(version)));
    }

    @Operation(operationId = "modelVersions", summary = "The versions of a model",
            description = "The newest first, those that are deleted included.")
    @GetMapping("/{name}/versions")
    ModelsResponse versions(@Parameter(description = "Its name", example = "digits") @PathVariable String name,
            @Parameter(description = "Only versions older than this one") @RequestParam @Nullable Integer after,
            @Parameter(description = Paging.LIMIT) @RequestParam(defaultValue = Paging.DEFAULT) int limit,
            HttpServletRequest exchange) {
        Paging.checkLimit(limit);
        List<ModelVersion> found = service.versions(ClientName.owner(exchange), name,
                Objects.requireNonNullElse(after, Integer.MAX_VALUE), limit + 1);
        return page(found, limit, version -> String.valueOf(version.version()));
    }

    @Operation(operationId = "deleteModel", summary = "Deletes a model, or a version",
            description = "All versions of `digits`, or the one of `digits:3`. Until they are removed they can be brought back.")
    @Parameter(name = HttpHeaders.IF_MATCH, in = ParameterIn.HEADER, description = Preconditions.IF_MATCH)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @DeleteMapping("/{name}")
    void delete(@Parameter(description = "A name, or a name and a version, as `digits:3`", example = "digits") @PathVariable String name,
            HttpServletRequest exchange) {
        ModelName asked = version(name);
        service.delete(ClientName.owner(exchange), asked.name(), asked.version(), expected(exchange, name));
    }

    @Operation(operationId = "undeleteModel", summary = "Brings back a model, or a version", description = "What was deleted, as it was.")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @PostMapping("/{name}/undelete")
    void undelete(@Parameter(description = "A name, or a name and a version, as `digits:3`", example = "digits") @PathVariable String name,
            HttpServletRequest exchange) {
        ModelName asked = version(name);
        service.undelete(ClientName.owner(exchange), asked.name(), asked.version());
    }

    /** Reads a name, or a name with a version. */
    private static ModelName version(String text) {
        return ModelName.of(text).filter(name -> name.alias() == null || !text.contains("@"))
                .orElseThrow(() -> new RequestException(ErrorDetail.of(ProblemType.NOT_FOUND, "there is no model '" + text + "'")
                        .expected("a name, as digits, or a name and a version, as digits:3", text)));
    }
}
