package io.chainrule.web.v1.models;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.models.ModelFiles;
import io.chainrule.service.models.ModelProperties;
import io.chainrule.service.models.ModelService;
import io.chainrule.service.models.ModelVersion;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.http.Download;
import io.chainrule.web.http.Upload;
import io.chainrule.web.http.UploadRoute;
import io.chainrule.web.v1.RequestPointers;
import io.chainrule.web.v1.StoredName;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.ServletWebRequest;

/** Models as files. */
@Tag(name = "Models")
@RestController
@RequestMapping(path = ModelController.PATH)
class ModelFileController {
    static final String REFERENCE = "What requests call it: `digits`, `digits:3` or `digits@prod`";

    private final ModelService service;
    private final ModelFiles files;

    ModelFileController(ModelService service, ModelFiles files) {
        this.service = service;
        this.files = files;
    }

    @Bean
    static UploadRoute modelRoute(ModelService service, ModelProperties properties) {
        return new UploadRoute(ModelController.PATH + "/", Set.of(MediaType.parseMediaType(Download.ZIP)), properties.uploadBytes(),
                "chainrule.models.upload-bytes", (request, name, file) -> {
                    StoredName.check(name, "a model");
                    service.checkBefore(ClientName.owner(request), name, file, ModelController.expected(request, name));
                });
    }

    @Operation(operationId = "putModel", summary = "Stores a version of a model", description = ModelController.PUT)
    @Parameter(name = Upload.CONTENT_DIGEST, in = ParameterIn.HEADER, description = Upload.DIGEST)
    @Parameter(name = Upload.REPR_DIGEST, in = ParameterIn.HEADER, description = Upload.DIGEST)
    @PutMapping(path = "/{name}", consumes = Download.ZIP, produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ModelResponse> put(@Parameter(description = "Its name", example = "digits") @PathVariable String name,
            HttpServletRequest exchange) {
        ModelService.Stored stored;
        try {
            stored = files.put(ClientName.owner(exchange), name, Upload.of(exchange).file(), ModelController.expected(exchange, name));
        } catch (ProblemException e) {
            throw RequestPointers.refusal(e);
        }
        return ModelController.stored(stored, exchange);
    }

    /** The entity tag of a file. */
    static String tag(ModelVersion version) {
        return "\"" + version.name() + "-" + version.version() + "-" + version.digest() + "\"";
    }

    @Operation(operationId = "exportModel", summary = "A model as a file",
            description = """
                    A zip with the definition in `model.json` and each array that is kept in `values`, as NumPy saves it (float64). `PUT \
                    /v1/models/{name}` with `Content-Type: application/zip` stores it, here or in another service, with the same bits. By its name, \
                    with a version, or with an alias, as for one model.""")
    @ApiResponse(responseCode = "200", description = "The file", content = @Content(mediaType = Download.ZIP,
            schema = @Schema(type = "string", format = "binary")))
    @GetMapping(path = "/{name}/export", produces = Download.ZIP)
    void export(@Parameter(description = REFERENCE, example = "digits") @PathVariable String name,
            HttpServletRequest exchange, HttpServletResponse response) throws IOException {
        ModelVersion version = service.find(ClientName.owner(exchange), name);
        if (!new ServletWebRequest(exchange, response).checkNotModified(tag(version))) {
            Download.send(exchange, response, version.name() + "-" + version.version() + ".zip", version.bytes(),
                    out -> files.write(version, out));
        }
    }
}
