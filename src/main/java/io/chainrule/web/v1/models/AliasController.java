package io.chainrule.web.v1.models;

import io.chainrule.service.models.ModelName;
import io.chainrule.service.models.ModelService;
import io.chainrule.service.models.UnknownModelException;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.Preconditions;
import io.chainrule.web.v1.StoredName;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Names for versions of models that move from one version to another. */
@Tag(name = "Models")
@RestController
@RequestMapping(path = ModelController.PATH + "/{name}/aliases", produces = MediaType.APPLICATION_JSON_VALUE)
class AliasController {
    /** An alias has the number of its version as entity tag. A weak tag, such as W/"2", never matches. */
    private static final Pattern TAG = Pattern.compile("\"([1-9][0-9]{0,8})\"");
    private static final Set<Integer> NONE = Set.of();

    private final ModelService service;

    AliasController(ModelService service) {
        this.service = service;
    }

    @Operation(operationId = "modelAliases", summary = "The aliases of a model",
            description = "`latest` names the newest version, unless it was moved since.")
    @GetMapping
    AliasesResponse all(@Parameter(description = "Its name", example = "digits") @PathVariable String name, HttpServletRequest exchange) {
        return new AliasesResponse(service.aliases(ClientName.owner(exchange), name));
    }

    @Operation(operationId = "modelAlias", summary = "One alias", description = "Its `ETag` is what `If-Match` of a change takes.")
    @GetMapping("/{alias}")
    ResponseEntity<AliasResponse> one(@Parameter(description = "The model", example = "digits") @PathVariable String name,
            @Parameter(description = "The alias", example = "prod") @PathVariable String alias, HttpServletRequest exchange) {
        Integer version = service.aliases(ClientName.owner(exchange), name).get(alias);
        if (version == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.NOT_FOUND, "the model '" + name + "' has no alias '" + alias + "'")
                    .hint("GET " + ModelController.PATH + "/" + name + "/aliases lists all"));
        }
        return answer(new AliasResponse(name, alias, version));
    }

    private static ResponseEntity<AliasResponse> answer(AliasResponse alias) {
        return ResponseEntity.ok().eTag("\"" + alias.version() + "\"").body(alias);
    }

    @Operation(operationId = "putModelAlias", summary = "Makes an alias, or moves one", description = """
            An alias is moved with `If-Match`, which has the `ETag` of what it names until now, so that of two who move it at once one is \
            told; `If-Match` may list several; with `If-Match: *` whatever it names. `If-None-Match: *` makes a new one.""")
    @ApiResponse(responseCode = "200", description = "What it names from now on")
    @PutMapping(path = "/{alias}", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<AliasResponse> put(@Parameter(description = "The model", example = "digits") @PathVariable String name,
            @Parameter(description = "The alias", example = "prod") @PathVariable String alias, @RequestBody AliasRequest request,
            @Parameter(description = "To move an alias: its `ETag`, with its quotes, or one of several; `*` stands for any") @RequestHeader(
                    name = HttpHeaders.IF_MATCH,
                    required = false) @Nullable String ifMatch,
            @Parameter(description = "`*` for a new alias; not looked at beside `If-Match`", example = "*") @RequestHeader(
                    name = HttpHeaders.IF_NONE_MATCH,
                    required = false) @Nullable String ifNoneMatch,
            HttpServletRequest exchange) {
        StoredName.check(alias, "an alias");
        Integer version = request.version();
        if (version == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "the request has no 'version'").at("/version")
                    .expected("a version", "nothing"));
        }
        Set<Integer> expected = ifNoneMatch != null && ifMatch == null && Preconditions.isAny(ifNoneMatch)
                ? NONE
                : expected(ifMatch, "If-Match, or If-None-Match: * for a new alias");
        String owner = ClientName.owner(exchange);
        boolean isDone;
        try {
            isDone = service.move(owner, name, alias, version, expected);
        } catch (UnknownModelException e) {
            // Throws if there is no such model at all.
            service.aliases(owner, name);
            throw new RequestException(ErrorDetail.of(ProblemType.NOT_FOUND, String.valueOf(e.getMessage())).at("/version")
                    .hint("GET " + ModelController.PATH + "/" + name + "/versions lists all"));
        }
        if (!isDone) {
            throw moved(name, alias, exchange, "If-None-Match: * makes a new alias");
        }
        return answer(new AliasResponse(name, alias, version));
    }

    @Operation(operationId = "deleteModelAlias", summary = "Removes an alias",
            description = "With `If-Match`, as it is moved. `latest` stays while there is the model.")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @DeleteMapping("/{alias}")
    void remove(@Parameter(description = "The model", example = "digits") @PathVariable String name,
            @Parameter(description = "The alias", example = "prod") @PathVariable String alias,
            @Parameter(description = "The `ETag` of the alias, with its quotes, or one of several; `*` stands for any", required = true,
                    example = "*") @RequestHeader(name = HttpHeaders.IF_MATCH,
                            required = false) @Nullable String ifMatch,
            HttpServletRequest exchange) {
        String owner = ClientName.owner(exchange);
        if (service.aliases(owner, name).containsKey(alias) && alias.equals(ModelName.LATEST)) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "the alias 'latest' cannot be removed")
                    .hint("lists and calls find the model by it; move it to another version, or delete the versions"));
        }
        if (!service.removeAlias(owner, name, alias, expected(ifMatch, "If-Match"))) {
            throw moved(name, alias, exchange, "GET " + ModelController.PATH + "/" + name + "/aliases lists all");
        }
    }

    /** The versions one of which If-Match expects. */
    private static Set<Integer> expected(@Nullable String ifMatch, String headers) {
        if (ifMatch == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.PRECONDITION_FAILED, "the request does not say what the alias names now")
                    .expected(headers, "none")
                    .hint("GET the alias, and send its ETag as If-Match"));
        }
        if (Preconditions.isAny(ifMatch)) {
            return ModelService.ANY;
        }
        Set<Integer> versions = Preconditions.tags(ifMatch, false).stream().map(TAG::matcher).filter(Matcher::matches)
                .map(tag -> Integer.valueOf(tag.group(1))).collect(Collectors.toSet());
        if (versions.isEmpty()) {
            throw new RequestException(ErrorDetail.of(ProblemType.PRECONDITION_FAILED, "If-Match has no tag of an alias")
                    .expected("a version in quotes, as \"2\", or several, or *", ifMatch)
                    .hint("GET the alias, and send its ETag as If-Match"));
        }
        return versions;
    }

    /** @param ofNone advice where the alias names nothing */
    private RequestException moved(String name, String alias, HttpServletRequest exchange, String ofNone) {
        Integer now = service.aliases(ClientName.owner(exchange), name).get(alias);
        return new RequestException(ErrorDetail.of(ProblemType.PRECONDITION_FAILED, "the alias '" + alias + "' names "
                + (now == null ? "nothing" : "version " + now))
                .hint(now == null ? ofNone : "GET it again, and send its ETag as If-Match"));
    }
}
