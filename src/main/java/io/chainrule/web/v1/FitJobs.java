package io.chainrule.web.v1;

import io.chainrule.core.fit.Lbfgs;
import io.chainrule.core.fit.LbfgsState;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.access.Scope;
import io.chainrule.service.bulk.BulkProgress;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.Fit;
import io.chainrule.service.bulk.Reduction;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobKind;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.JobServices;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.util.ArrayList;
import java.util.Arrays;
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
    private static final double NANOS = 1e9;

    private final JobServices services;
    private final RowsMapper rows;
    private final JsonMapper json;

    FitJobs(JobServices services, RowsMapper rows, JsonMapper json) {
        this.services = services;
        this.rows = rows;
        this.json = json;
    }

    @Override
    public String name() {
        return "fit";
    }

    @Override
    public Scope scope() {
        return Scope.DATASETS_READ;
    }

    private FitRequest read(JobCall call) {
        FitRequest request = json.readValue(call.request(), FitRequest.class);
        List<ErrorDetail> errors = new ArrayList<>();
        if (request.network() == null && (request.wrt() == null || request.wrt().isEmpty())) {
            errors.add(error("/wrt", "'wrt' names the inputs that are fitted", "names of inputs", "none"));
        }
        for (String name : Objects.requireNonNullElse(request.wrt(), List.<String>of())) {
            if (request.columns() != null && request.columns().containsKey(name)) {
                errors.add(error("/columns/" + name, "'" + name + "' is fitted, and cannot come from a column", "no column", "a column"));
            }
        }
        int iterations = iterations(request);
        require(iterations >= 1 && iterations <= MOST_ITERATIONS, "iterations", "1 to " + MOST_ITERATIONS, iterations, errors);
        require(tolerance(request) >= 0, "tolerance", "a number of at least 0", tolerance(request), errors);
        require(change(request) >= 0, "change_tolerance", "a number of at least 0", change(request), errors);
        if (!errors.isEmpty()) {
            throw new RequestException(errors);
        }
        return request;
    }

    private static void require(boolean holds, String field, String expected, Number actual, List<ErrorDetail> errors) {
        if (!holds) {
            errors.add(error("/" + field, "'" + field + "' is " + expected + ", not " + actual, expected, actual.toString()));
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
        FitRequest request = read(call);
        RowsMapper.Prepared prepared = rows.prepare(request, request.dataset(), "/dataset", call, Derivatives.GRADIENT, List.of());
        Map<String, String> meant = new LinkedHashMap<>(prepared.meant());
        if (request.validation() != null) {
            meant.putAll(validation(request, call).meant());
        }
        prepared.engine().check(prepared.work(), RowReduction.mostBytes(prepared.work().function().quantities(), Moments.Order.FIRST));
        // A step mostly takes one evaluation.
        return new Accepted(services.cost(prepared.work(), iterations(request) + 1L, iterations(request), "iterations"), meant);
    }

    private RowsMapper.Prepared validation(FitRequest request, JobCall call) {
        return rows.prepare(request, request.validation(), "/validation", call, Derivatives.NONE, List.of());
    }

    @Override
    public byte[] run(JobCall call, JobRun run) {
        FitRequest request = read(call);
        RowsMapper.Prepared prepared = rows.prepare(request, request.dataset(), "/dataset", call, Derivatives.GRADIENT, List.of());
        RowEngine engine = prepared.engine();
        BulkWork work = prepared.work();
        RowsMapper.Prepared validation = request.validation() == null ? null : validation(request, call);
        BulkWork held = validation == null ? null : validation.work();
        rows.use(work);
        if (held != null) {
            rows.use(held);
        }
        double secondsARow = services.secondsARow(work);
        Lbfgs method = new Lbfgs(Lbfgs.HISTORY, tolerance(request), change(request), iterations(request));
        Fit fit = Fit.of(work, method, secondsARow, run.earlier());
        long begin = System.nanoTime();
        int first = Math.max(0, fit.losses().size() - 1);
        run.resumed(first);
        BulkProgress progress = new BulkProgress() {
            @Override
            public void done(long done) {
                if (run.wantsState()) {
                    rows.use(work);
                    if (held != null) {
                        rows.use(held);
                    }
                    run.state(fit.state());
                }
            }

            @Override
            public void check() {
                run.check();
            }
        };
        Runnable stepped = () -> {
            LbfgsState latest = Objects.requireNonNull(fit.latest());
            double each = (System.nanoTime() - begin) / NANOS / Math.max(1, latest.iteration() - first);
            run.progress(latest.iteration(), iterations(request), each * (iterations(request) - latest.iteration()),
                    () -> json.writeValueAsString(Map.of("iteration", latest.iteration(), "loss", latest.value(), "gradient_norm",
                            largest(latest.gradient()))));
        };
        LbfgsState state = engine.hold(work, iterations(request) + 1L, () -> fit.run(engine, progress, stepped));
        Map<String, Tensor> parameters = fit.parameters(state);
        return json.writeValueAsBytes(response(engine.kind(), fit, state, parameters, validationLoss(validation, parameters, run),
                new ResponseMapper(request.arrays(), call.language())));
    }

    private static double largest(double[] gradient) {
        return Arrays.stream(gradient).map(Math::abs).reduce(0, Math::max);
    }

    private @Nullable Double validationLoss(RowsMapper.@Nullable Prepared validation, Map<String, Tensor> parameters, JobRun run) {
        if (validation == null) {
            return null;
        }
        BulkWork held = validation.work();
        BulkWork work = new BulkWork(held.rows(), held.function().with(parameters), held.policy());
        Reduction reduction = Reduction.of(work, Moments.Order.FIRST, services.secondsARow(work), null);
        reduction.run(validation.engine(), new BulkProgress() {
            @Override
            public void done(long done) {}

            @Override
            public void check() {
                run.check();
            }
        });
        return reduction.moments().moments().getFirst().mean().item();
    }

    private static FitResponse response(RowEngine.Kind engine, Fit fit, LbfgsState state, Map<String, Tensor> parameters,
            @Nullable Double validation,
            ResponseMapper mapper) {
        Lbfgs.Stop stop = Objects.requireNonNull(state.stop());
        RowTally tally = fit.tally();
        return new FitResponse(engine.text(), mapper.encode(parameters), mapper.number(state.value()),
                validation == null ? null : mapper.number(validation), mapper.number(largest(state.gradient())),
                stop == Lbfgs.Stop.GRADIENT || stop == Lbfgs.Stop.CHANGE, stop.name().toLowerCase(Locale.ROOT), state.iteration(),
                state.evaluations(), fit.losses().stream().map(mapper::number).toList(),
                tally == null ? null : RowsMapper.rows(tally));
    }
}
