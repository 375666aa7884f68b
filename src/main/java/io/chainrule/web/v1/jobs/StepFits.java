package io.chainrule.web.v1.jobs;

import io.chainrule.core.fit.MinibatchFit;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Training.StoppedBy;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.Epoch;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.service.bulk.RowFeed;
import io.chainrule.service.bulk.StepFit;
import io.chainrule.service.jobs.JobCost;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.web.v1.ResponseMapper;
import io.chainrule.web.v1.models.SavedResponse;
import io.chainrule.web.v1.models.TrainingSaver;
import io.chainrule.web.v1.training.TrainMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Fits by steps over a few rows each. */
final class StepFits {

    private final KindServices services;
    private final JsonMapper json;

    StepFits(KindServices services, JsonMapper json) {
        this.services = services;
        this.json = json;
    }

    /** Throws {@link LimitException} if this replica has less memory than the fit takes. */
    void checkMemory(FitRequest request, RowsMapper.Prepared prepared, @Nullable BulkWork held) {
        BulkWork work = prepared.work();
        StepFit.check(work, options(request, work), held, services.engine(), prepared.engine());
    }

    /** What a fit costs, as far as is known. Throws {@link LimitException} beyond the limits of jobs. */
    JobCost cost(FitRequest request, BulkWork work, @Nullable BulkWork held) {
        MinibatchFit.Options options = options(request, work);
        return work.count() < 0
                ? services.cost(List.of(new KindServices.Passes(work, 1)), request.steps() == null ? 0 : request.steps(), "steps")
                : cost(options, work, held);
    }

    /** What it costs to fit rows that are counted. */
    private JobCost cost(MinibatchFit.Options options, BulkWork work, @Nullable BulkWork held) {
        LimitException.check("training-steps", options.stepsInAll(), services.limits().trainingSteps());
        return cost(options, work, held, epochs(options) + 1);
    }

    /** @param passes how often the rows that are held out are read */
    private JobCost cost(MinibatchFit.Options options, BulkWork work, @Nullable BulkWork held, long passes) {
        List<KindServices.Passes> all = new ArrayList<>(List.of(new KindServices.Passes(work, epochs(options))));
        if (held != null) {
            all.add(new KindServices.Passes(held, passes));
        }
        return services.cost(all, options.stepsInAll(), "steps");
    }

    private static MinibatchFit.Options options(FitRequest request, BulkWork work) {
        return TrainMapper.fit(request, Math.max(1, work.count()));
    }

    /** How often the rows are read at most. */
    private static long epochs(MinibatchFit.Options options) {
        return Math.ceilDiv(options.stepsInAll(), Math.ceilDiv(options.rows(), options.batchSize()));
    }

    /** Makes the steps, or goes on with them; {@code use} notes now and then that the data sets are still being read. */
    FitResponse run(FitRequest request, RowsMapper.Prepared prepared, @Nullable BulkWork held, JobRun run, Runnable use,
            ResponseMapper mapper, TrainingSaver.Saving saving) {
        RowEngine engine = prepared.engine();
        BulkWork work = prepared.work();
        // The cluster is given back before the model is stored, which waits while the database is away.
        StepFit fit = engine.kind() == RowEngine.Kind.LOCAL
                ? fitted(request, engine, work, held, run, use)
                : engine.hold(work, 1, () -> fitted(request, engine, counted(work, engine, run), held, run, use));
        boolean isNonFinite = fit.fit().stop() == StoppedBy.NON_FINITE;
        // Between epochs only the loss of the validation data ends a fit so.
        boolean isLossFinite = !isNonFinite || fit.fit().rowsOfEpoch() == 0;
        FitDiagnostics.tell(run, json, mapper, isLossFinite, fit.fit().step(), fit.tally(), fit.last().validationLoss(),
                fit.validationTally());
        Map<String, Tensor> parameters = fit.fit().values();
        boolean isInitial = isNonFinite && work.function().values().entrySet().containsAll(parameters.entrySet());
        return response(engine.kind(), fit, parameters, mapper, saving.save(parameters, isInitial));
    }

    /** The same work with the number of its rows and their bytes. */
    private static BulkWork counted(BulkWork work, RowEngine engine, JobRun run) {
        try (RowFeed feed = engine.feed(work, StepFit.feedState(run.earlier()), run)) {
            return new BulkWork(work.rows(), work.function(), work.policy(), feed.rows(), feed.bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StepFit fitted(FitRequest request, RowEngine engine, BulkWork work, @Nullable BulkWork held, JobRun run, Runnable use) {
        MinibatchFit.Options options = options(request, work);
        // Rows that only Spark can read were counted after the job was accepted, so the limits are checked again.
        cost(options, work, held);
        double seconds = cost(options, work, held, epochs(options) - 1).seconds();
        StepFit fit = StepFit.of(work, options, Objects.requireNonNullElse(request.shuffle_seed(), 0L), held,
                held == null ? 0 : services.secondsARow(held), run.earlier());
        StepProgress progress = new StepProgress(run, use, fit, options.stepsInAll(), seconds / options.stepsInAll(), held,
                held == null ? 0 : services.secondsAPass(held), json);
        return services.engine().hold(work, epochs(options), () -> {
            fit.run(services.engine(), engine, progress, progress::stepped);
            return fit;
        });
    }

    private static FitResponse response(RowEngine.Kind engine, StepFit fit, Map<String, Tensor> parameters, ResponseMapper mapper,
            @Nullable SavedResponse saved) {
        List<Epoch> history = fit.history();
        Epoch last = fit.last();
        boolean isValidated = last.validationLoss() != null;
        return new FitResponse(engine.text(), mapper.encode(parameters), mapper.number(last.loss()),
                isValidated ? mapper.number(Objects.requireNonNull(last.validationLoss())) : null, null, null,
                Objects.requireNonNull(fit.fit().stop()).id(), fit.fit().step(), null, fit.fit().epoch(),
                history.stream().map(epoch -> mapper.number(epoch.loss())).toList(),
                history.isEmpty() || history.getLast().number() == history.size() ? null : history.stream().map(Epoch::number).toList(),
                isValidated ? history.stream().map(epoch -> mapper.number(Objects.requireNonNull(epoch.validationLoss()))).toList() : null,
                ReduceResponse.Rows.of(fit.tally()), ReduceResponse.Rows.ofAny(fit.validationTally()), saved);
    }
}
