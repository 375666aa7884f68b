package io.chainrule.web.v1.jobs;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Jobs, the newest first. */
@Schema(name = "Jobs", description = "Jobs, the newest first.")
@JsonInclude(JsonInclude.Include.NON_NULL)
record JobsResponse(@Schema(description = "A page of them") List<JobResponse> jobs,
        @Schema(description = "What to ask `after` for the next page; left out on the last one") @Nullable String next) {}
