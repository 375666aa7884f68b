package io.chainrule.web.v1.jobs;

import io.chainrule.core.Source;
import io.chainrule.core.fit.Lbfgs;
import io.chainrule.core.fit.LbfgsState;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.access.Scope;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.Fit;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.service.bulk.StepFit;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobCost;
import io.chainrule.service.jobs.JobKind;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.run.Query;
import io.chainrule.service.training.TrainingCall;
import io.chainrule.web.json.ArrayForm;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.Caller;
import io.chainrule.web.v1.JsonPointer;
import io.chainrule.web.v1.Queries;
import io.chainrule.web.v1.RequestPointers;
import io.chainrule.web.v1.ResponseMapper;
import io.chainrule.web.v1.models.SavedResponse;
import io.chainrule.web.v1.models.TrainingSaver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Fits of parameters to the rows of data sets as jobs. */
@Component
final class FitJobs implements JobKind {
    private static final int ITERATIONS = 100;
    private static final int MOST_ITERATIONS = 100_000;
    private static final double TOLERANCE = 1e-8;

    private final KindServices services;
    private final RowsMapper rows;
    private final Queries queries;
    private final TrainingSaver saver;
    private final StepFits steps;
    private final JobRequests requests;
    private final JsonMapper json;

    FitJobs(KindServices services, RowsMapper rows, Queries queries, TrainingSaver saver, JobRequests requests, JsonMapper json) {
        this.services = services;
        this.rows = rows;
        this.queries = queries.within(services.limits());
        this.saver = saver;
        this.requests = requests;
        this.json = json;
        steps = new StepFits(services, json);
    }

    @Override
    public String name() {
        return "fit";
    }

    @Override
    public List<Scope> scopes() {
        return List.of(Scope.DATASETS_READ);
    }

    private FitRequest checked(FitRequest request, Caller caller) {
        List<ErrorDetail> errors = new ArrayList<>();
        if (!isAnythingFitted(request, caller)) {
            errors.add(error("/wrt", request.wrt() == null ? "'wrt' is missing" : "'wrt' is empty", "names of the inputs that are fitted",
                    "none"));
        }
        for (String name : Objects.requireNonNullElse(request.wrt(), List.<String>of())) {
            if (request.columns() != null && request.columns().containsKey(name)) {
                errors.add(error(JsonPointer.of("columns", name), "'" + name + "' is fitted, and cannot come from a column", "no column",
                        "a column"));
            }
        }
        boolean isBySteps = request.optimizer() != null;
        (isBySteps ? ofAllRows(request) : ofSteps(request)).forEach((field, value) -> require(value == null, field, isBySteps
                ? "for fits by all rows at once, without 'optimizer'"
                : "for fits by steps over a few rows, which 'optimizer' asks for", value, errors));
        int iterations = iterations(request);
        require(iterations >= 1 && iterations <= MOST_ITERATIONS, "iterations", "1 to " + MOST_ITERATIONS, iterations, errors);
        require(tolerance(request) >= 0, "tolerance", "a number of at least 0", tolerance(request), errors);
        require(change(request) >= 0, "change_tolerance", "a number of at least 0", change(request), errors);
        if (!errors.isEmpty()) {
            throw new RequestException(errors);
        }
        return request;
    }

    /** A network is fitted by its parameters, and a model by what it keeps, unless the request names others. */
    private boolean isAnythingFitted(FitRequest request, Caller caller) {
        if (request.wrt() != null) {
            return !request.wrt().isEmpty();
        } else if (request.model() == null) {
            return request.network() != null;
        }
        Query query = queries.of(request, caller.models());
        return query.wrt() != null || query.source() instanceof Source.Network;
    }

    /** The fields that only L-BFGS has. */
    private static Map<String, @Nullable Object> ofAllRows(FitRequest request) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("iterations", request.iterations());
        fields.put("tolerance", request.tolerance());
        fields.put("change_tolerance", request.change_tolerance());
        return fields;
    }

    /** The fields that only fits by steps over a few rows have. */
    private static Map<String, @Nullable Object> ofSteps(FitRequest request) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("schedule", request.schedule());
        fields.put("epochs", request.epochs());
        fields.put("steps", request.steps());
        fields.put("batch_size", request.batch_size());
        fields.put("shuffle_seed", request.shuffle_seed());
        fields.put("clip_norm", request.clip_norm());
        fields.put("early_stopping", request.early_stopping());
        return fields;
    }

    private static void require(boolean holds, String field, String expected, @Nullable Object actual, List<ErrorDetail> errors) {
        if (!holds) {
            errors.add(error("/" + field, "'" + field + "' is " + expected + (actual instanceof Number ? ", not " + actual : ""), expected,
                    String.valueOf(actual)));
        }
    }

    private static void requireRows(BulkWork work, String pointer) {
        if (work.count() == 0) {
            throw new RequestException(error(pointer, "the data set '" + work.rows().dataset().name() + "' has no rows",
                    "a row at least", "none"));
        }
    }

    private static ErrorDetail error(String pointer, String message, String expected, String actual) {
        return ErrorDetail.of(ProblemType.INVALID_VALUE, message).at(pointer).expected(expected, actual);
    }

    private static int iterations(FitRequest request) {
        return Objects.requireNonNullElse(request.iterations(), ITERATIONS);
    }

    private static double tolerance(FitRequest request) {
        return Objects.requireNonNullElse(request.tolerance(), TOLERANCE);
    }

    private static double change(FitRequest request) {
        return Objects.requireNonNullElse(request.change_tolerance(), 0.0);
    }

    @Override
    public Accepted check(JobCall call) {
        Caller caller = queries.caller(call);
        FitRequest request = checked(requests.of(call, FitRequest.class), caller);
        RowsMapper.Prepared prepared = fitted(request, call, caller);
        saver.prepare(request, request.save_as(), caller, shapes(prepared.work()), null);
        RowsMapper.Prepared held = request.validation() == null ? null : rows.validation(request, prepared, call);
        Map<String, String> meant = prepared.meant();
        requireRows(prepared.work(), "/dataset");
        if (held != null) {
            if (!held.engine().equals(prepared.engine())) {
                throw new RequestException(error("/validation", "the validation data are read by the engine of the data set",
                        "a data set that '" + prepared.engine().kind().text() + "' reads", held.engine().kind().text()));
            }
            requireRows(held.work(), "/validation");
            meant.putAll(held.meant());
        }
        BulkWork work = prepared.work();
        BulkWork heldOut = held == null ? null : held.work();
        // There is a gradient for each parameter that is answered.
        services.checkAnswer(work.function().quantities(), 1, numbersOfHistory(request), request.arrays() == ArrayForm.BASE64);
        try {
            checkMemory(request, prepared, heldOut);
            return new Accepted(request.optimizer() == null ? cost(request, work, heldOut) : steps.cost(request, work, heldOut), meant);
        } catch (ProblemException e) {
            throw RequestPointers.refusal(e, request);
        }
    }

    /** Throws {@link LimitException} if this replica has less memory than the fit takes. */
    private void checkMemory(FitRequest request, RowsMapper.Prepared prepared, @Nullable BulkWork held) {
        if (request.optimizer() == null) {
            Fit.check(prepared.work(), method(request), held, prepared.engine());
        } else {
            steps.checkMemory(request, prepared, held);
        }
    }

    private JobCost cost(FitRequest request, BulkWork work, @Nullable BulkWork held) {
        // A step mostly takes one evaluation.
        List<KindServices.Passes> passes = new ArrayList<>(List.of(new KindServices.Passes(work, iterations(request) + 1L)));
        if (held != null) {
            // They are read before the first step, and after the last.
            passes.add(new KindServices.Passes(held, 2));
        }
        return services.cost(passes, iterations(request), "iterations");
    }

    /** How many numbers the history in the answer has at most. */
    private static long numbersOfHistory(FitRequest request) {
        if (request.optimizer() == null) {
            return iterations(request) + 1L;
        }
        // Beside the losses it has the numbers of the epochs, if it lacks some, and the losses of the rows that are held out.
        return (request.validation() == null ? 2L : 3L) * StepFit.MOST_EPOCHS;
    }

    private RowsMapper.Prepared fitted(FitRequest request, JobCall call, Caller caller) {
        int most = request.optimizer() == null
                ? Integer.MAX_VALUE
                : Objects.requireNonNullElse(request.batch_size(), TrainingCall.BATCH_SIZE);
        RowsMapper.Prepared prepared = rows.prepare(request, call, caller, Derivatives.GRADIENT, List.of(), Math.max(1, most));
        try {
            prepared.work().function().checkFitted();
        } catch (ProblemException e) {
            throw RequestPointers.refusal(e, request);
        }
        return prepared;
    }

    private static Map<String, Shape> shapes(BulkWork work) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        work.function().program().inputs().forEach(input -> shapes.put(input.input(), input.shape()));
        return shapes;
    }

    @Override
    public byte[] run(JobCall call, JobRun run) {
        Caller caller = queries.caller(call);
        FitRequest request = checked(requests.accepted(call, FitRequest.class), caller);
        RowsMapper.Prepared prepared = fitted(request, call, caller);
        BulkWork work = prepared.work();
        TrainingSaver.Saving saving = saver.prepare(request, request.save_as(), caller, shapes(work), run);
        RowsMapper.Prepared held = request.validation() == null ? null : rows.validation(request, prepared, call);
        BulkWork heldOut = held == null ? null : held.work();
        // A job that has told progress is not left to a replica with more memory, but fails. So memory is checked before any is told.
        checkMemory(request, prepared, heldOut);
        Runnable use = () -> {
            rows.use(work);
            if (heldOut != null) {
                rows.use(heldOut);
            }
        };
        use.run();
        rows.tellOfInputs(request, prepared, call, run);
        ResponseMapper mapper = new ResponseMapper(request.arrays(), call.language());
        return json.writeValueAsBytes(request.optimizer() == null
                ? ofAllRows(request, prepared.engine(), work, heldOut, run, use, mapper, saving)
                : steps.run(request, prepared, heldOut, run, use, mapper, saving));
    }

    private static Lbfgs method(FitRequest request) {
        return new Lbfgs(Lbfgs.HISTORY, tolerance(request), change(request), iterations(request));
    }

    private FitResponse ofAllRows(FitRequest request, RowEngine engine, BulkWork work, @Nullable BulkWork held, JobRun run, Runnable use,
            ResponseMapper mapper, TrainingSaver.Saving saving) {
        double secondsARow = services.secondsARow(work);
        Fit fit = Fit.of(work, method(request), secondsARow, held, run.earlier());
        FitProgress progress = new FitProgress(run, use, services, work, held, fit, iterations(request), json);
        LbfgsState state = engine.hold(work, iterations(request) + 1L,
                () -> fit.run(engine, progress, progress.ofHeldOut(), progress::stepped));
        Double validation = fit.validationLoss(state, engine, progress.ofHeldOut());
        boolean isFinite = state.stop() != Lbfgs.Stop.NON_FINITE;
        FitDiagnostics.tell(run, json, mapper, isFinite, state.iteration(), fit.tally(), validation, fit.validationTally());
        Map<String, Tensor> parameters = fit.parameters(state);
        return response(engine.kind(), fit, state, parameters, validation, mapper, saving.save(parameters, !isFinite));
    }

    private static FitResponse response(RowEngine.Kind engine, Fit fit, LbfgsState state, Map<String, Tensor> parameters,
            @Nullable Double validation, ResponseMapper mapper, @Nullable SavedResponse saved) {
        Lbfgs.Stop stop = Objects.requireNonNull(state.stop());
        return new FitResponse(engine.text(), mapper.encode(parameters), mapper.number(state.value()),
                validation == null ? null : mapper.number(validation), mapper.number(FitProgress.largest(state.gradient())),
                stop == Lbfgs.Stop.GRADIENT || stop == Lbfgs.Stop.CHANGE, stop.name().toLowerCase(Locale.ROOT), state.iteration(),
                state.evaluations(), null, fit.losses().stream().map(mapper::number).toList(), null, null,
                ReduceResponse.Rows.ofAny(fit.tally()), ReduceResponse.Rows.ofAny(fit.validationTally()), saved);
    }
}
