package io.chainrule.web.v1.datasets;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.datasets.Column;
import io.chainrule.service.datasets.Dataset;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.store.Terms;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.http.Download;
import io.chainrule.web.http.Upload;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.Paging;
import io.chainrule.web.v1.Preconditions;
import io.chainrule.web.v1.RequestPointers;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Stores data sets, and shows and deletes them. */
@Tag(name = "Data sets", description = "Files of rows, over which jobs run programs.")
@RestController
@RequestMapping(path = DatasetController.PATH, produces = MediaType.APPLICATION_JSON_VALUE)
class DatasetController {
    static final String PATH = "/v1/datasets";

    private static final String WHAT = """
            A file of rows: CSV with the names of its columns in the first line, JSON Lines, Parquet, or an array of NumPy (npy), whose first \
            axis are the rows. It is kept on the disk while it comes, at whatever pace above `chainrule.http.minimum-rate`; its rows are read \
            once, and others see it when all is well. A digest in `Content-Digest` (RFC 9530) is checked. The same file again is answered \
            with 200. `If-Match` and `If-None-Match` are compared with the `ETag` of the data set, or with that of its file, its `sha256` in quotes. Or JSON that \
            names files which are there already, below a root that whoever runs the service allows.""";

    private static final String FORMATS = "csv, jsonl, parquet or npy";

    private final DatasetService service;

    DatasetController(DatasetService service) {
        this.service = service;
    }

    @Operation(operationId = "putDataset", summary = "Stores a data set", description = WHAT)
    @io.swagger.v3.oas.annotations.parameters.RequestBody(required = true, content = {
            @Content(mediaType = "text/csv", schema = @Schema(type = "string", format = "binary"), examples = @ExampleObject(value = """
                    u,v,label
                    0.5,1,1
                    -1.25,3,0
                    2,-0.5,1
                    """)),
            @Content(mediaType = "application/x-ndjson", schema = @Schema(type = "string", format = "binary"),
                    examples = @ExampleObject(value = """
                            {"u": 0.5, "v": 1, "label": 1}
                            {"u": -1.25, "v": 3, "label": 0}
                            """)),
            @Content(mediaType = "application/jsonl", schema = @Schema(type = "string", format = "binary")),
            @Content(mediaType = "application/vnd.apache.parquet", schema = @Schema(type = "string", format = "binary")),
            @Content(mediaType = "application/x-npy", schema = @Schema(type = "string", format = "binary")),
            @Content(mediaType = MediaType.APPLICATION_OCTET_STREAM_VALUE, schema = @Schema(type = "string", format = "binary"))})
    @ApiResponse(responseCode = "201", description = "A new data set, or another file in place of the one before")
    @ApiResponse(responseCode = "200", description = "The data set, which is the same")
    @Parameter(name = Upload.CONTENT_DIGEST, in = ParameterIn.HEADER, description = Upload.DIGEST)
    @Parameter(name = Upload.REPR_DIGEST, in = ParameterIn.HEADER, description = Upload.DIGEST)
    @Parameter(name = HttpHeaders.IF_MATCH, in = ParameterIn.HEADER, description = Preconditions.IF_MATCH)
    @Parameter(name = HttpHeaders.IF_NONE_MATCH, in = ParameterIn.HEADER, description = Preconditions.IF_NONE_MATCH)
    @PutMapping(path = "/{name}", consumes = {"text/csv", "application/x-ndjson", "application/jsonl", "application/vnd.apache.parquet",
            "application/x-npy", MediaType.APPLICATION_OCTET_STREAM_VALUE})
    ResponseEntity<DatasetResponse> put(@Parameter(description = "Its name", example = "points") @PathVariable String name,
            HttpServletRequest exchange) {
        Upload upload = Upload.of(exchange);
        DatasetFormat format = DatasetUploads.format(exchange, upload.file());
        return stored(exchange, name, () -> service.put(ClientName.owner(exchange), name, format, upload.file(), upload.length(),
                upload.sha256(), Terms.expecting(expected(exchange, name))));
    }

    @Operation(operationId = "putDataset", summary = "Stores a data set", description = WHAT)
    @PutMapping(path = "/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<DatasetResponse> register(@Parameter(description = "Its name", example = "points") @PathVariable String name,
            @RequestBody LocationRequest request, HttpServletRequest exchange) {
        DatasetUploads.checkName(name);
        String asked = given("format", request.format(), FORMATS);
        DatasetFormat format = DatasetFormat.of(asked)
                .orElseThrow(() -> new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "there is no such format").at("/format")
                        .expected(FORMATS, asked)));
        String location = given("location", request.location(), "the URL of a file or a folder");
        return stored(exchange, name, () -> service.register(ClientName.owner(exchange), name, format, location, expected(exchange, name)));
    }

    /** Throws unless a data set is as the client says. It may name the entity tag of the data set, or that of its file. */
    static Consumer<Optional<Dataset>> expected(HttpServletRequest exchange, String name) {
        return Preconditions.of(exchange, "data set '" + name + "'",
                found -> found.sha256().isEmpty() ? List.of(tag(found)) : List.of(tag(found), "\"" + found.sha256() + "\""));
    }

    /** The entity tag of what is told of a data set: the number under which it was stored. That of its file is its digest. */
    private static String tag(Dataset dataset) {
        return "\"" + dataset.version() + "\"";
    }

    private static ResponseEntity<DatasetResponse> answer(ResponseEntity.BodyBuilder answer, Dataset dataset, List<Column> columns) {
        return answer.eTag(tag(dataset)).body(DatasetResponse.of(dataset, columns));
    }

    private static String given(String field, @Nullable String value, String expected) {
        if (value == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "the request has no '" + field + "'").at("/" + field)
                    .expected(expected, "nothing"));
        }
        return value;
    }

    private static ResponseEntity<DatasetResponse> stored(HttpServletRequest exchange, String name, Supplier<DatasetService.Stored> work) {
        DatasetService.Stored stored;
        try {
            stored = work.get();
        } catch (ProblemException e) {
            throw RequestPointers.refusal(e);
        }
        URI address = URI.create(Problems.base(exchange) + PATH + "/" + name);
        return answer(stored.isNew() ? ResponseEntity.created(address) : ResponseEntity.ok().location(address), stored.dataset(),
                stored.layout().columns());
    }

    @Operation(operationId = "datasets", summary = "All data sets", description = "In the order of names.")
    @GetMapping
    DatasetsResponse all(@Parameter(description = "How names begin") @RequestParam(defaultValue = "") String prefix,
            @Parameter(description = "Only names after this one") @RequestParam(defaultValue = "") String after,
            @Parameter(description = Paging.LIMIT) @RequestParam(defaultValue = Paging.DEFAULT) int limit,
            HttpServletRequest exchange) {
        Paging.checkLimit(limit);
        Paging.checkPart(prefix, "prefix");
        Paging.checkPart(after, "after");
        Paging<Dataset> page = Paging.of(service.all(ClientName.owner(exchange), prefix, after, limit + 1), limit, Dataset::name);
        return new DatasetsResponse(page.items().stream().map(dataset -> DatasetResponse.of(dataset, null)).toList(), page.next());
    }

    @Operation(operationId = "dataset", summary = "One data set",
            description = "With its columns. Its `ETag` is what `If-Match` of a change takes.")
    @GetMapping("/{name}")
    ResponseEntity<DatasetResponse> one(@Parameter(description = "Its name", example = "points") @PathVariable String name,
            HttpServletRequest exchange) {
        Dataset dataset = service.find(ClientName.owner(exchange), name);
        return answer(ResponseEntity.ok(), dataset, service.layout(dataset).columns());
    }

    @Operation(operationId = "datasetFile", summary = "The file of a data set", description = """
            As it was stored, or as a job has made it. A client that was cut off goes on with `Range` and `If-Range`.""")
    @ApiResponse(responseCode = "200", description = "The file", content = {
            @Content(mediaType = "text/csv", schema = @Schema(type = "string", format = "binary")),
            @Content(mediaType = "application/x-ndjson", schema = @Schema(type = "string", format = "binary")),
            @Content(mediaType = "application/vnd.apache.parquet", schema = @Schema(type = "string", format = "binary")),
            @Content(mediaType = "application/x-npy", schema = @Schema(type = "string", format = "binary"))})
    @ApiResponse(responseCode = "206", description = "The part of it that was asked for", content = {
            @Content(mediaType = "text/csv", schema = @Schema(type = "string", format = "binary")),
            @Content(mediaType = "application/x-ndjson", schema = @Schema(type = "string", format = "binary")),
            @Content(mediaType = "application/vnd.apache.parquet", schema = @Schema(type = "string", format = "binary")),
            @Content(mediaType = "application/x-npy", schema = @Schema(type = "string", format = "binary"))})
    @Parameter(name = HttpHeaders.RANGE, in = ParameterIn.HEADER, description = "The bytes that are asked for, as `bytes=1000-`")
    @Parameter(name = HttpHeaders.IF_RANGE, in = ParameterIn.HEADER,
            description = "The `ETag` of the file of which a part is there already; of another file all is answered")
    @Parameter(name = HttpHeaders.IF_MATCH, in = ParameterIn.HEADER,
            description = "The `ETag` of the file; if the data set has another one by now, it is not sent (412)")
    @GetMapping(path = "/{name}/file", produces = MediaType.ALL_VALUE)
    void file(@Parameter(description = "Its name", example = "points") @PathVariable String name, HttpServletRequest exchange,
            HttpServletResponse response) throws IOException {
        Dataset dataset = service.find(ClientName.owner(exchange), name);
        Path file = service.file(dataset);
        if (file == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.CONFLICT, "the service does not keep the files of '" + name + "'")
                    .expected("a data set that was stored as a file", "one at " + dataset.location()));
        }
        Preconditions.checkMatch(exchange, "file of the data set '" + name + "'", "\"" + dataset.sha256() + "\"");
        service.use(dataset);
        Download.file(exchange, response, MediaType.parseMediaType(dataset.format().mediaTypes().getFirst()),
                name + "." + dataset.format().text(), file, dataset.sha256());
    }

    @Operation(operationId = "deleteDataset", summary = "Deletes a data set",
            description = "Jobs that read it go on. Files that the service does not keep stay where they are.")
    @Parameter(name = HttpHeaders.IF_MATCH, in = ParameterIn.HEADER, description = Preconditions.IF_MATCH)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @DeleteMapping("/{name}")
    void delete(@Parameter(description = "Its name", example = "points") @PathVariable String name, HttpServletRequest exchange) {
        service.delete(ClientName.owner(exchange), name, expected(exchange, name));
    }
}
