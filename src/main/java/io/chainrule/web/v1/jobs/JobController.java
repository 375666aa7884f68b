package io.chainrule.web.v1.jobs;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.language.Language;
import io.chainrule.service.access.Scope;
import io.chainrule.service.jobs.Job;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobClient;
import io.chainrule.service.jobs.JobResult;
import io.chainrule.service.jobs.JobService;
import io.chainrule.service.jobs.JobStatus;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.CheckResponse;
import io.chainrule.web.v1.Languages;
import io.chainrule.web.v1.Paging;
import io.chainrule.web.v1.training.TrainResponse;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Takes jobs, and tells what becomes of them. */
@Tag(name = "Jobs", description = "Work that takes longer than a request: it survives the client, and the replica that does it.")
@RestController
@RequestMapping(path = JobController.PATH, produces = MediaType.APPLICATION_JSON_VALUE)
class JobController {
    static final String PATH = "/v1/jobs";
    private static final String KEY = "Idempotency-Key";
    private static final String LAST_EVENT = "Last-Event-ID";
    private static final String ACTIVE = "active";
    private static final Pattern KEY_FORM = Pattern.compile("[\\x21-\\x7e]{1,255}");

    private final JobService service;
    private final JobStreams streams;
    private final JsonMapper json;

    JobController(JobService service, JobStreams streams, JsonMapper json) {
        this.service = service;
        this.streams = streams;
        this.json = json;
    }

    @Operation(operationId = "postJob", summary = "Begins a job", description = """
            Takes a request of one kind, for `train` and `check` the body of the endpoint of that name, checks all of it, and answers with \
            what it will cost. The work is done when there is room \
            for it, for as long as it takes; if a replica ends, another goes on. A reference to a model means the \
            version that it means now. With a key in `Idempotency-Key` the request may be repeated: it is answered with the same job.

            Besides `jobs`, `train` needs the scope `train`; `reduce` and `fit` need `datasets:read`, `map` needs `datasets:read` and \
            `datasets:write`, and `save_as` of a training or a fit needs `models:write`.""")
    @ApiResponse(responseCode = "202", description = "The job, at the address in `Location`")
    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobResponse> post(
            @RequestBody @io.swagger.v3.oas.annotations.parameters.RequestBody(content = @Content(examples = {@ExampleObject(name = "line",
                    summary = "A line through points, in many steps", value = """
                            {"kind": "train", "request": {"expression": "(w * x + b - y)^2", "inputs": {"w": 0, "b": 0,
                             "x": [1, 2, 3, 4], "y": [3, 5, 7, 9]}, "wrt": ["w", "b"], "batch": ["x", "y"],
                             "epochs": 20000, "optimizer": {"type": "adam", "lr": 0.01}}}"""),
                    @ExampleObject(name = "rows",
                            summary = "The mean gradient of a loss over the rows of a data set",
                            value = """
                                    {"kind": "reduce", "request": {"dataset": "points", "columns": {"x": ["u", "v"], "y": "label"},
                                     "expression": "(dot(w, x) - y)^2", "inputs": {"w": [0.1, -0.2]}, "wrt": ["w"]}}"""),
                    @ExampleObject(name = "map", summary = "The prediction for each row, as another data set", value = """
                            {"kind": "map", "request": {"dataset": "points", "columns": {"x": ["u", "v"]}, "expression": "dot(w, x)",
                             "inputs": {"w": [0.1, -0.2]}, "derivatives": "none", "save_as": "predictions"}}"""),
                    @ExampleObject(name = "fit", summary = "The parameters with the least mean loss",
                            value = """
                                    {"kind": "fit", "request": {"dataset": "points", "columns": {"x": ["u", "v"], "y": "label"},
                                     "expression": "(dot(w, x) - y)^2", "inputs": {"w": [0, 0]}, "wrt": ["w"], "save_as": {"name": "fitted"}}}""")})) JobRequest request,
            @Parameter(
                    description = "1 to 255 visible ASCII characters without blanks, by which the client knows the request again: others for each request. It may stand in quotes, which are no part of it") @RequestHeader(
                            name = KEY, required = false) @Nullable String key,
            HttpServletRequest exchange) {
        if (request.kind() == null || !service.kinds().contains(request.kind())) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, request.kind() == null
                    ? "the job has no 'kind'"
                    : "there are no jobs of the kind '" + request.kind() + "'").at("/kind")
                    .expected(String.join(", ", service.kinds()), String.valueOf(request.kind())));
        }
        if (request.request() == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "the job has no 'request'").at("/request")
                    .expected("what a job of the kind '" + request.kind() + "' is to do", "nothing"));
        }
        for (Scope scope : service.scopes(request.kind())) {
            if (scope.opening().stream().noneMatch(opening -> ClientName.has(exchange, opening))) {
                throw new RequestException(ErrorDetail.of(ProblemType.FORBIDDEN, "jobs of the kind '" + request.kind()
                        + "' are begun by whoever has the scope " + scope.text()).at("/kind")
                        .expected("the scope " + scope.text(), "others"));
            }
        }
        Language language = Languages.preferred(exchange);
        JobCall call = new JobCall(ClientName.owner(exchange), ClientName.has(exchange, Scope.MODELS_WRITE),
                language, Map.of(), request.request().text());
        Job job;
        try {
            job = service.submit(request.kind(), call, new JobClient(ClientName.of(exchange), ClientName.quotas(exchange)), key(key));
        } catch (RequestException | LimitException | ProblemException e) {
            throw Objects.requireNonNull(JobErrors.refusal(e));
        }
        return ResponseEntity.accepted().location(URI.create(Problems.base(exchange) + PATH + "/" + job.id())).body(whole(job));
    }

    private static @Nullable String key(@Nullable String header) {
        if (header == null) {
            return null;
        }
        boolean isQuoted = header.length() > 1 && header.startsWith("\"") && header.endsWith("\"");
        String key = isQuoted ? header.substring(1, header.length() - 1) : header;
        if (!KEY_FORM.matcher(key).matches()) {
            String actual = key.codePoints().filter(character -> character <= ' ' || character > '~').mapToObj("U+%04X"::formatted)
                    .findFirst().orElse(key.length() + " characters");
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "the header " + KEY + " is no key")
                    .expected("1 to 255 visible ASCII characters without blanks", actual));
        }
        return key;
    }

    @Operation(operationId = "jobs", summary = "All jobs", description = "The newest first.")
    @GetMapping
    JobsResponse all(
            @Parameter(description = "Only jobs of this status", schema = @Schema(allowableValues = {"queued", "running", "succeeded",
                    "failed", "cancelled"})) @RequestParam @Nullable String status,
            @Parameter(description = "Only jobs of this kind") @RequestParam @Nullable String kind,
            @Parameter(description = "Only jobs older than this one") @RequestParam(defaultValue = "") String after,
            @Parameter(description = Paging.LIMIT) @RequestParam(defaultValue = Paging.DEFAULT) int limit,
            HttpServletRequest exchange) {
        Paging.checkLimit(limit);
        List<String> statuses = Arrays.stream(JobStatus.values()).map(JobStatus::text).toList();
        if (status != null && !statuses.contains(status)) {
            throw Paging.refusal("status", "no job has such a status", String.join(", ", statuses), status);
        }
        if (kind != null && !service.kinds().contains(kind)) {
            throw Paging.refusal("kind", "no job is of such a kind", String.join(", ", service.kinds()), kind);
        }
        if (!after.matches("[0-9a-f]*")) {
            throw Paging.refusal("after", "no job has such an id", "hexadecimal digits, as in 'next'", after);
        }
        List<Job> found = service.all(ClientName.owner(exchange), status == null ? null : JobStatus.of(status).orElseThrow(), kind,
                after.isEmpty() ? null : after, limit + 1);
        Paging<Job> page = Paging.of(found, limit, Job::id);
        return new JobsResponse(page.items().stream().map(job -> JobResponse.of(job, null, json::readTree)).toList(), page.next());
    }

    @Operation(operationId = "job", summary = "One job", description = "What has become of it, and how far it is.")
    @GetMapping("/{id}")
    JobResponse one(@Parameter(description = "Its id") @PathVariable String id, HttpServletRequest exchange) {
        return whole(service.find(ClientName.owner(exchange), id));
    }

    private JobResponse whole(Job job) {
        return JobResponse.of(job, service.diagnostics(job).stream().map(json::readTree).toList(), json::readTree);
    }

    @Operation(operationId = "jobEvents", summary = "What happens to a job", description = """
            Server-Sent Events, from the first one or from the one after `Last-Event-ID` on: `status` (queued, running, succeeded, failed \
            with its problem, cancelled; queued once more with `resumes_at`, the time at which it goes on, where it waits for its client's \
            quota), `progress` about once a second, and `diagnostic` where something begins to go wrong. The stream \
            ends with the job.""")
    @ApiResponse(responseCode = "200", description = "Events, each with one line of JSON as its data",
            content = @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string")))
    @ApiResponse(responseCode = "204", description = "The job has ended, and there are no events after that one")
    @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    void events(@Parameter(description = "Its id") @PathVariable String id,
            @Parameter(
                    description = "The number of the last event that the client has. If the job has no event of this number yet, all are sent") @RequestHeader(
                            name = LAST_EVENT,
                            required = false) @Nullable String last,
            HttpServletRequest exchange, HttpServletResponse response) {
        long after = 0;
        if (last != null && !last.isEmpty()) {
            if (!last.matches("\\d{1,18}")) {
                throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "the header " + LAST_EVENT + " is no event's id")
                        .expected("a number", last));
            }
            after = Long.parseLong(last);
        }
        streams.follow(service.find(ClientName.owner(exchange), id), after, exchange, response);
    }

    @Operation(operationId = "jobResult", summary = "The answer of a job",
            description = "Of `train` and `check` what the endpoint of that name would have answered. It is there once the job has succeeded, until it is removed.")
    @ApiResponse(responseCode = "200", description = "The answer", content = @Content(mediaType = MediaType.APPLICATION_JSON_VALUE,
            schema = @Schema(
                    anyOf = {TrainResponse.class, CheckResponse.class, ReduceResponse.class, MapResponse.class, FitResponse.class})))
    @GetMapping("/{id}/result")
    void result(@Parameter(description = "Its id") @PathVariable String id, HttpServletRequest exchange, HttpServletResponse response)
            throws IOException {
        JobResult result = service.result(ClientName.owner(exchange), id);
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        // Takes the memory for the whole answer before the first part is read.
        response.setContentLengthLong(result.length());
        result.writeTo(response.getOutputStream());
    }

    @Operation(operationId = "deleteJob", summary = "Cancels a job, or removes it", description = """
            A job that is active ends within a second or so, and has no answer. If a model or a data set that it has made is just being \
            stored, it is too late: the job then ends with its answer. One that has ended is removed with its answer, so that a request \
            which is repeated may remove what the first one has cancelled. With `only=active` it may be repeated.""")
    @ApiResponse(responseCode = "204", description = "The job is cancelled, or removed", content = @Content)
    @ApiResponse(responseCode = "200", description = "With `only=active`: the job, which may not have ended yet")
    @DeleteMapping("/{id}")
    ResponseEntity<JobResponse> delete(@Parameter(description = "Its id") @PathVariable String id,
            @Parameter(description = "`active`: cancels the job if it is active, leaves it as it is if it has ended, and answers with it",
                    schema = @Schema(allowableValues = ACTIVE)) @RequestParam @Nullable String only,
            HttpServletRequest exchange) {
        String owner = ClientName.owner(exchange);
        if (only == null) {
            service.delete(owner, id);
            return ResponseEntity.noContent().build();
        }
        if (!only.equals(ACTIVE)) {
            throw Paging.refusal("only", "'only' has no such value", ACTIVE, only);
        }
        return ResponseEntity.ok(whole(service.cancel(owner, id)));
    }
}
