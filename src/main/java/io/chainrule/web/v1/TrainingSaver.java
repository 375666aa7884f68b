package io.chainrule.web.v1;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Training;
import io.chainrule.service.models.ModelPreparation;
import io.chainrule.service.models.ModelService;
import io.chainrule.service.models.PreparedModel;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.RequestTime;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Stores trainings as models. All that can be wrong with the model is found before the training begins. */
@Component
final class TrainingSaver {
    /** What the core finds in fields of a model. */
    private static final Pattern OF_MODEL = Pattern.compile("/(output|outputs|declares)\\b");

    private final ModelService service;
    private final ModelPreparation preparation;
    private final Queries queries;
    private final Limits limits;

    TrainingSaver(ModelService service, ModelPreparation preparation, Queries queries, Limits limits) {
        this.service = service;
        this.preparation = preparation;
        this.queries = queries;
        this.limits = limits;
    }

    /** Stores the result of a training, and tells what became of it: its parameters are not lost where that fails. */
    interface Saving {
        @Nullable
        SavedResponse save(Training training);
    }

    Saving prepare(TrainRequest request, Caller caller) {
        SaveRequest asked = request.save_as();
        if (asked == null) {
            return _ -> null;
        }
        if (!caller.mayStore()) {
            throw new RequestException(ErrorDetail.of(ProblemType.FORBIDDEN, "a training is stored by whoever has the scope models:write")
                    .at("/save_as").expected("the scope models:write", "others"));
        }
        PreparedModel model;
        try {
            model = preparation.prepare(String.valueOf(asked.name()),
                    ModelMapper.model(asked, request, queries.of(request, caller.models()), limits, caller.models()));
        } catch (ProblemException e) {
            throw RequestPointers.refusal(e, request).with(TrainingSaver::inSaveAs);
        }
        String name = Objects.requireNonNull(asked.name());
        return training -> {
            AtomicReference<SavedResponse> saved = new AtomicReference<>();
            // The training may have used up the time of the request, but its result must still be stored.
            RequestTime.ignoring(() -> saved.set(save(name, model, training, caller.owner())));
            return saved.get();
        };
    }

    private static ErrorDetail inSaveAs(ErrorDetail error) {
        String pointer = error.pointer();
        return pointer != null && OF_MODEL.matcher(pointer).lookingAt() ? error.at("/save_as" + pointer) : error;
    }

    private SavedResponse save(String name, PreparedModel model, Training training, String owner) {
        Map<String, Tensor> trained = new LinkedHashMap<>(training.parameters());
        trained.putAll(training.statistics());
        try {
            return new SavedResponse(name, service.put(owner, name, model.with(trained)).version().version(), null);
        } catch (RuntimeException e) {
            return new SavedResponse(name, null, Problems.errors(e));
        }
    }
}
