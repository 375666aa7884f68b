package io.chainrule.web.v1.training;

import io.chainrule.core.fit.MinibatchFit;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.EarlyStopping;
import io.chainrule.core.training.Metric;
import io.chainrule.core.training.Optimizer;
import io.chainrule.core.training.Schedule;
import io.chainrule.service.run.Query;
import io.chainrule.service.training.TrainingCall;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.EarlyStoppingRequest;
import io.chainrule.web.v1.JsonPointer;
import io.chainrule.web.v1.OptimizerRequest;
import io.chainrule.web.v1.ScheduleRequest;
import io.chainrule.web.v1.StepsRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Maps a request for a training to the service's call. */
public final class TrainMapper {
    private final List<ErrorDetail> errors = new ArrayList<>();

    private TrainMapper() {}

    /** Throws {@link RequestException} if an option is out of range. */
    public static TrainingCall call(TrainRequest request, Query query) {
        TrainMapper mapper = new TrainMapper();
        EarlyStopping stopping = mapper.steps(request);
        mapper.requireMetrics(request, request.prediction(), "prediction");
        mapper.requireMetrics(request, request.target(), "target");
        Map<String, Tensor> validation = mapper.validation(request.validation());
        if (!mapper.errors.isEmpty()) {
            throw new RequestException(mapper.errors);
        }
        return new TrainingCall(query,
                request.optimizer() == null ? OptimizerRequest.DEFAULT : request.optimizer().part(),
                request.schedule() == null ? ScheduleRequest.DEFAULT : request.schedule().part(),
                request.epochs(), request.steps(), request.batch_size(), Objects.requireNonNullElse(request.shuffle_seed(), 0L),
                request.clip_norm(), validation,
                Objects.requireNonNullElse(request.metrics(), List.<Metric>of()).stream().distinct().toList(),
                request.prediction(), request.target(), stopping);
    }

    private @Nullable EarlyStopping steps(StepsRequest request) {
        requireCount(request.epochs(), "epochs");
        requireCount(request.steps(), "steps");
        requireCount(request.batch_size(), "batch_size");
        require(request.clip_norm(), request.clip_norm() == null || request.clip_norm() > 0, "a number above 0", "clip_norm");
        return stopping(request.early_stopping());
    }

    /**
     * How a fit makes its steps.
     *
     * @param rows how many rows an epoch has
     */
    public static MinibatchFit.Options fit(StepsRequest request, long rows) {
        TrainMapper mapper = new TrainMapper();
        EarlyStopping stopping = mapper.steps(request);
        if (!mapper.errors.isEmpty()) {
            throw new RequestException(mapper.errors);
        }
        TrainingCall.Part optimizer = request.optimizer() == null ? OptimizerRequest.DEFAULT : request.optimizer().part();
        TrainingCall.Part schedule = request.schedule() == null ? ScheduleRequest.DEFAULT : request.schedule().part();
        return new MinibatchFit.Options(Optimizer.of(optimizer.type(), optimizer.options()),
                Schedule.of(schedule.type(), schedule.options()), rows,
                Objects.requireNonNullElse(request.batch_size(), TrainingCall.BATCH_SIZE), epochs(request),
                request.steps() == null ? Long.MAX_VALUE : request.steps(),
                Objects.requireNonNullElse(request.clip_norm(), Double.POSITIVE_INFINITY), stopping);
    }

    private static long epochs(StepsRequest request) {
        Integer asked = request.epochs();
        return asked != null ? asked : request.steps() == null ? 1 : Long.MAX_VALUE;
    }

    private @Nullable Map<String, Tensor> validation(@Nullable ValidationRequest request) {
        if (request == null) {
            return null;
        }
        if (request.inputs() == null) {
            errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, "the validation data have no 'inputs'").at(JsonPointer.of("validation"))
                    .expected("values by input", "nothing"));
        }
        return request.inputs();
    }

    private @Nullable EarlyStopping stopping(@Nullable EarlyStoppingRequest request) {
        if (request == null) {
            return null;
        }
        requireCount(request.patience(), "early_stopping", "patience");
        Double delta = request.min_delta();
        require(delta, delta == null || delta >= 0, "a number of at least 0", "early_stopping", "min_delta");
        return new EarlyStopping(Objects.requireNonNullElse(request.patience(), 1), Objects.requireNonNullElse(delta, 0.0));
    }

    private void requireMetrics(TrainRequest request, @Nullable String node, String field) {
        if (node != null && (request.metrics() == null || request.metrics().isEmpty())) {
            errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, "'" + field + "' is for 'metrics', of which there are none")
                    .at(JsonPointer.of(field)).expected("'metrics' beside it", "none"));
        }
    }

    private void requireCount(@Nullable Integer value, Object... field) {
        require(value, value == null || value >= 1, "a whole number from 1", field);
    }

    private void require(@Nullable Number value, boolean holds, String expected, Object... field) {
        if (!holds) {
            errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, "'" + field[field.length - 1] + "' is " + expected + ", not " + value)
                    .at(JsonPointer.of(field)).expected(expected, String.valueOf(value)));
        }
    }
}
