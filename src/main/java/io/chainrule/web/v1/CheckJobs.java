package io.chainrule.web.v1;

import io.chainrule.core.CheckOptions;
import io.chainrule.core.CheckReport;
import io.chainrule.core.execution.CostModel;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobKind;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.JobServices;
import io.chainrule.service.program.Answer;
import java.util.Objects;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Checks of derivatives as jobs. A check that is interrupted begins anew. */
@Component
final class CheckJobs implements JobKind {
    private final JobServices services;
    private final Queries queries;
    private final JsonMapper json;

    CheckJobs(JobServices services, Queries queries, JsonMapper json) {
        this.services = services;
        this.queries = queries.within(services.limits());
        this.json = json;
    }

    @Override
    public String name() {
        return "check";
    }

    @Override
    public Accepted check(JobCall call) {
        CheckRequest request = json.readValue(call.request(), CheckRequest.class);
        RequestMapper.checkOptions(request);
        Caller caller = queries.caller(call);
        CostModel cost = queries.answered(request, caller.models(), query -> services.checks().cost(query, order(request)));
        return new Accepted(services.cost(cost, 1, "runs"), caller.models().meant());
    }

    @Override
    public byte[] run(JobCall call, JobRun run) {
        CheckRequest request = json.readValue(call.request(), CheckRequest.class);
        CheckOptions options = RequestMapper.checkOptions(request);
        run.check();
        Answer<CheckReport> answer = queries.answered(request, queries.caller(call).models(),
                query -> services.checks().check(query, order(request), options));
        run.progress(1, 1, 0, null);
        return json.writeValueAsBytes(
                new ResponseMapper(request.arrays(), Objects.requireNonNullElse(request.lang(), call.language())).check(answer));
    }

    private static int order(CheckRequest request) {
        return Objects.requireNonNullElse(request.order(), 1);
    }
}
