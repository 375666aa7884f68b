package io.chainrule.web.v1.models;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Training;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.models.ModelPreparation;
import io.chainrule.service.models.ModelService;
import io.chainrule.service.models.ModelVersion;
import io.chainrule.service.models.PreparedModel;
import io.chainrule.service.run.RequestTime;
import io.chainrule.service.store.Terms;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.Caller;
import io.chainrule.web.v1.ProgramRequest;
import io.chainrule.web.v1.Queries;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Stores what was trained or fitted as models. All that can be wrong with the model is found before the training begins. */
@Component
public final class TrainingSaver {
    /** What the core finds in fields of a model. */
    private static final Pattern OF_MODEL = Pattern.compile("/(output|outputs|declares)\\b");

    private final ModelService service;
    private final ModelPreparation preparation;
    private final Queries queries;

    TrainingSaver(ModelService service, ModelPreparation preparation, Queries queries) {
        this.service = service;
        this.preparation = preparation;
        this.queries = queries;
    }

    /** Stores parameters as a model. A failure is told in the answer, which still has the parameters, unless it is thrown. */
    public interface Saving {
        /**
         * Stores parameters unless nothing was found.
         *
         * @param isInitial whether the parameters are those of the start, since the loss is not finite
         */
        @Nullable
        SavedResponse save(Map<String, Tensor> parameters, boolean isInitial);

        default @Nullable SavedResponse save(Training training) {
            Map<String, Tensor> trained = new LinkedHashMap<>(training.parameters());
            trained.putAll(training.statistics());
            return save(trained, training.isInitial());
        }
    }

    /**
     * Prepares to store what a request trains.
     *
     * @param asked as which model; null if it is not to be stored
     * @param columns the shape in one row of each input that comes from columns
     * @param run the attempt, if the training is a job. Failures that end the attempt are thrown; the answer tells of others
     */
    public Saving prepare(ProgramRequest request, @Nullable SaveRequest asked, Caller caller, Map<String, Shape> columns,
            @Nullable JobRun run) {
        if (asked == null) {
            return (_, _) -> null;
        }
        if (!caller.mayStore()) {
            throw new RequestException(ErrorDetail.of(ProblemType.FORBIDDEN, "models are stored by whoever has the scope models:write")
                    .at("/save_as").expected("the scope models:write", "others"));
        }
        PreparedModel model;
        try {
            model = preparation.prepare(String.valueOf(asked.name()),
                    ModelMapper.model(asked, request, queries.of(request, caller.models()), columns, caller.models()));
        } catch (ProblemException e) {
            throw queries.refusal(e, request, caller.models()).with(TrainingSaver::inSaveAs);
        }
        String name = Objects.requireNonNull(asked.name());
        return (parameters, isInitial) -> {
            if (isInitial) {
                return new SavedResponse(name, null, List.of(ErrorDetail
                        .of(ProblemType.INVALID_VALUE, "the parameters are the initial ones, since the loss is not finite")
                        .expected("parameters that a step has found", "none")
                        .hint("a diagnostic tells where the loss is not finite")));
            }
            // This computes the digests of all values, so it is done while there is a permit to compute, and not again in each try.
            PreparedModel trained = model.with(parameters);
            Supplier<SavedResponse> saved = () -> save(name, request.model(), trained, caller, run);
            // The training may have used up the time of the request, but its result must still be stored.
            return run == null ? RequestTime.untimed(saved) : run.untilStored(saved);
        };
    }

    private static ErrorDetail inSaveAs(ErrorDetail error) {
        String pointer = error.pointer();
        return pointer != null && OF_MODEL.matcher(pointer).lookingAt() ? error.at("/save_as" + pointer) : error;
    }

    private SavedResponse save(String name, @Nullable String base, PreparedModel trained, Caller caller, @Nullable JobRun run) {
        int stored = run == null ? 0 : run.stored();
        if (stored > 0) {
            return new SavedResponse(name, stored, null);
        }
        try {
            Terms<ModelVersion, ModelService.Stored> terms = new Terms<>(ModelController.unchanged(name, base, trained, caller.models()),
                    work -> run == null ? work : () -> run.storing(work, made -> made.version().version(), null));
            return new SavedResponse(name, service.put(caller.owner(), name, trained, terms).version().version(), null);
        } catch (RuntimeException e) {
            if (run != null && JobRun.endsAttempt(e)) {
                throw e;
            }
            return new SavedResponse(name, null, Problems.errors("the model " + name + ", which was to be saved", e));
        }
    }
}
