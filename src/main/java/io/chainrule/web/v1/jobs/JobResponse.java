package io.chainrule.web.v1.jobs;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.service.jobs.Job;
import io.chainrule.service.jobs.JobProgress;
import io.chainrule.web.problem.ProblemResponse;
import io.chainrule.web.v1.DiagnosticResponse;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A job, and what has become of it. */
@Schema(name = "Job", description = "A job, and what has become of it.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record JobResponse(@Schema(description = "Its id", example = "0199f3a2c4d81f0e2b3c4d5e6f708192") String id,
        @Schema(description = "What is done", example = "train") String kind,
        @Schema(description = "What has become of it",
                allowableValues = {
                        "queued", "running", "succeeded", "failed", "cancelled"}) String status,
        @Schema(description = "How far it is") Progress progress,
        @Schema(description = "What it was thought to cost when it was accepted; left out if nothing was known of the rows") @Nullable Cost cost,
        @Schema(description = """
                What was measured last: of a training as in its history; of a fit without an `optimizer` `rows_of_pass`, the rows of the pass under way \
                that are done, and, once a loss is known, `iteration`, `loss` and `gradient_norm`; of one with an `optimizer` `step` and `epoch`, and, \
                after the first step, `loss` and `gradient_norm`""",
                implementation = Object.class) @Nullable JsonNode latest,
        @ArraySchema(schema = @Schema(implementation = DiagnosticResponse.class),
                arraySchema = @Schema(description = "What has begun to go wrong so far, up to 100")) @Nullable List<JsonNode> diagnostics,
        @Schema(description = "Why it failed", implementation = ProblemResponse.class) @Nullable JsonNode problem,
        @Schema(description = "The version that each model in the request means",
                example = "{\"digits@prod\": \"digits:3\"}") Map<String, String> models,
        @Schema(description = "How often a replica has begun it or gone on with it", example = "1") long attempts,
        @Schema(description = "Seconds for which cores have worked for it") double seconds,
        @Schema(description = "The versions of the service that have accepted it and worked on it") List<String> engines,
        @Schema(description = "When it was accepted") Instant created_at,
        @Schema(description = "When it began") @Nullable Instant started_at,
        @Schema(description = "When it goes on, if it is queued because its client has used its compute seconds") @Nullable Instant resumes_at,
        @Schema(description = "When it ended") @Nullable Instant ended_at,
        @Schema(description = "The earliest time at which it is removed") @Nullable Instant expires_at){

    /** How far a job is. */
    @Schema(name = "JobProgress", description = "How far a job is.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Progress(@Schema(description = "Units of work that are done", example = "1500") long done,
            @Schema(description = "Units of work in all, if nothing ends it early; 0 while the number of rows is not known",
                    example = "10000") long total,
            @Schema(description = "What is counted", example = "steps") String unit,
            @Schema(description = "Units of work in all attempts, those that had to be repeated included", example = "1500") long made,
            @Schema(description = "Units of work a second of computing") @Nullable Double per_second,
            @Schema(description = "An estimate; 0 once it has ended, left out while too little is known of the rows") @Nullable Double seconds_left) {}

    /** What a job costs. */
    @Schema(name = "JobCost", description = "What a job costs.")
    record Cost(@Schema(description = "Floating point operations") double flops,
            @Schema(description = "Seconds of one core, by the pace of this machine so far") double seconds) {}

    /** {@code diagnostics} is null in lists, {@code read} reads JSON. */
    static JobResponse of(Job job, @Nullable List<JsonNode> diagnostics, Function<String, JsonNode> read) {
        JobProgress progress = job.progress();
        Double left = progress.secondsLeft() < 0 ? null : progress.secondsLeft();
        Double pace = progress.seconds() > 0 && progress.made() > 0 ? progress.made() / progress.seconds() : null;
        return new JobResponse(job.id(), job.kind(), job.status().text(),
                new Progress(progress.done(), progress.total(), job.cost().unit(), progress.made(), pace, left),
                job.cost().flops() < 0 ? null : new Cost(job.cost().flops(), job.cost().seconds()),
                progress.latest() == null ? null : read.apply(progress.latest()), diagnostics,
                job.problem() == null ? null : read.apply(job.problem()),
                RowsMapper.models(job.meant()), job.fence(), progress.seconds(),
                Arrays.stream(job.engines().split(" ", -1)).filter(engine -> !engine.isEmpty()).toList(), job.createdAt(),
                job.startedAt(), job.resumesAt(), job.endedAt(), job.expiresAt());
    }
}
