package io.chainrule.web.v1.jobs;

import io.chainrule.core.CheckOptions;
import io.chainrule.core.CheckProgress;
import io.chainrule.core.CheckReport;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobKind;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.CheckService;
import io.chainrule.service.run.Pace;
import io.chainrule.web.v1.Caller;
import io.chainrule.web.v1.CheckRequest;
import io.chainrule.web.v1.Queries;
import io.chainrule.web.v1.RequestMapper;
import io.chainrule.web.v1.ResponseMapper;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Checks of derivatives as jobs. */
@Component
final class CheckJobs implements JobKind {
    private final KindServices services;
    private final Queries queries;
    private final JobRequests requests;
    private final JsonMapper json;

    CheckJobs(KindServices services, Queries queries, JobRequests requests, JsonMapper json) {
        this.services = services;
        this.queries = queries.within(services.limits());
        this.requests = requests;
        this.json = json;
    }

    @Override
    public String name() {
        return "check";
    }

    @Override
    public Accepted check(JobCall call) {
        CheckRequest request = requests.of(call, CheckRequest.class);
        CheckOptions options = RequestMapper.checkOptions(request);
        Caller caller = queries.caller(call);
        CheckService.Estimate estimate = queries.answered(request, caller.models(),
                query -> services.checks().estimate(query, order(request), options));
        return new Accepted(services.cost(estimate.cost(), estimate.entries(), "entries"), caller.models().meant());
    }

    @Override
    public byte[] run(JobCall call, JobRun run) {
        CheckRequest request = requests.accepted(call, CheckRequest.class);
        CheckOptions options = RequestMapper.checkOptions(request);
        Answer<CheckReport> answer = queries.answer(request, queries.caller(call).models(),
                query -> services.checks().check(query, order(request), options, new Progress(run)));
        ResponseMapper mapper = new ResponseMapper(request.arrays(), Objects.requireNonNullElse(request.lang(), call.language()));
        mapper.diagnostics(answer).forEach(diagnostic -> run.diagnostic(json.writeValueAsString(diagnostic)));
        return json.writeValueAsBytes(mapper.check(answer));
    }

    private static final class Progress implements CheckProgress {
        private final JobRun run;
        private Pace pace = new Pace(0, 0);

        Progress(JobRun run) {
            this.run = run;
        }

        @Override
        public byte @Nullable [] earlier() {
            return run.earlier();
        }

        @Override
        public void resumed(long entries) {
            pace = new Pace(entries, 0);
            run.resumed(entries);
        }

        @Override
        public void checked(long entries, long inAll, Supplier<byte[]> state) {
            run.progress(entries, inAll, pace.secondsLeft(entries, inAll), null);
            if (run.wantsState()) {
                run.state(state.get());
            }
            run.check();
        }
    }

    private static int order(CheckRequest request) {
        return Objects.requireNonNullElse(request.order(), 1);
    }
}
