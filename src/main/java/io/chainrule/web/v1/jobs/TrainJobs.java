package io.chainrule.web.v1.jobs;

import io.chainrule.core.training.Training;
import io.chainrule.service.access.Scope;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobKind;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.program.Answer;
import io.chainrule.service.training.TrainingCall;
import io.chainrule.service.training.TrainingService;
import io.chainrule.web.v1.Caller;
import io.chainrule.web.v1.Queries;
import io.chainrule.web.v1.ResponseMapper;
import io.chainrule.web.v1.models.TrainingSaver;
import io.chainrule.web.v1.training.HistoryEntryResponse;
import io.chainrule.web.v1.training.TrainMapper;
import io.chainrule.web.v1.training.TrainRequest;
import io.chainrule.web.v1.training.TrainResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Trainings as jobs. */
@Component
final class TrainJobs implements JobKind {
    private final KindServices services;
    private final Queries queries;
    private final TrainingSaver saver;
    private final JobRequests requests;
    private final JsonMapper json;

    TrainJobs(KindServices services, Queries queries, TrainingSaver saver, JobRequests requests, JsonMapper json) {
        this.services = services;
        this.queries = queries.within(services.limits());
        this.saver = saver;
        this.requests = requests;
        this.json = json;
    }

    @Override
    public String name() {
        return "train";
    }

    @Override
    public List<Scope> scopes() {
        return List.of(Scope.TRAIN);
    }

    @Override
    public Accepted check(JobCall call) {
        TrainRequest request = requests.of(call, TrainRequest.class);
        Caller caller = queries.caller(call);
        saver.prepare(request, request.save_as(), caller, Map.of(), null);
        TrainingService.Estimate estimate = queries.answered(request, caller.models(),
                query -> services.training().estimate(TrainMapper.call(request, query)));
        return new Accepted(services.cost(estimate.cost(), estimate.steps(), "steps"), caller.models().meant());
    }

    @Override
    public byte[] run(JobCall call, JobRun run) {
        TrainRequest request = requests.accepted(call, TrainRequest.class);
        Caller caller = queries.caller(call);
        ResponseMapper mapper = new ResponseMapper(request.arrays(), Objects.requireNonNullElse(request.lang(), call.language()));
        TrainingSaver.Saving saving = saver.prepare(request, request.save_as(), caller, Map.of(), run);
        Progress progress = new Progress(run, mapper);
        Answer<Training> answer = queries.answered(request, caller.models(), query -> {
            List<Diagnostic> outOfRange = queries.outOfRange(request, caller.models());
            outOfRange.forEach(progress::found);
            return services.training().train(TrainMapper.call(request, query), progress).with(outOfRange);
        });
        answer.diagnostics().forEach(progress::found);
        return json.writeValueAsBytes(TrainResponse.of(answer, saving.save(answer.result()), mapper));
    }

    private final class Progress implements TrainingCall.Progress {
        private final JobRun run;
        private final ResponseMapper mapper;
        private boolean hasBegun;

        Progress(JobRun run, ResponseMapper mapper) {
            this.run = run;
            this.mapper = mapper;
        }

        @Override
        public void begins(long stepsInAll) {}

        @Override
        public void made(TrainingCall.Step step) {
            if (!hasBegun) {
                hasBegun = true;
                run.resumed(step.stepsDone() - 1);
            }
            run.progress(step.stepsDone(), step.stepsInAll(), step.secondsLeft(),
                    () -> json.writeValueAsString(HistoryEntryResponse.of(step.latest(), mapper)));
        }

        @Override
        public void found(Diagnostic diagnostic) {
            run.diagnostic(json.writeValueAsString(mapper.diagnostic(diagnostic)));
        }

        @Override
        public byte @Nullable [] earlier() {
            return run.earlier();
        }

        @Override
        public boolean wantsState() {
            return run.wantsState();
        }

        @Override
        public void state(byte[] state) {
            run.state(state);
        }

        @Override
        public void check() {
            run.check();
        }
    }
}
