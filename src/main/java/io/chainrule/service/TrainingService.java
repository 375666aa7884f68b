package io.chainrule.service;

import io.chainrule.core.training.HistoryEntry;
import io.chainrule.core.training.Training;
import io.chainrule.core.tensor.Checkpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.springframework.stereotype.Service;

/** Trains programs. Throws as {@link GradientService}. */
@Service
public final class TrainingService {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final double NANOS = 1e9;

    private final ProgramReader reader;
    private final Runs runs;
    private final Semaphore places;

    TrainingService(ProgramReader reader, Runs runs) {
        this.reader = reader;
        this.runs = runs;
        this.places = new Semaphore(runs.limits().trainings());
    }

    /** {@link OverloadedException} where as many trainings are at work as may be. What {@code progress} throws is passed on. */
    public Answer.Training train(TrainingCall call, TrainingCall.Progress progress) {
        if (!places.tryAcquire()) {
            throw new OverloadedException("as many trainings are at work as may be at once", RETRY_AFTER);
        }
        try (TrainingBench bench = TrainingBench.open(call, reader, runs); var _ = bench.admit()) {
            bench.checkSamples();
            long stepsInAll = bench.options().stepsInAll();
            progress.begins(stepsInAll);
            long start = System.nanoTime();
            Checkpoint deadline = bench.deadline();
            Training training = bench.run((steps, all, latest) -> {
                double each = (System.nanoTime() - start) / NANOS / steps;
                progress.made(new TrainingCall.Step(steps, all, each * (all - steps), entry(latest)));
            }, () -> {
                progress.check();
                deadline.check();
            });
            return new Answer.Training(bench.withUnused(training.parameters()), training.statistics(),
                    training.history().stream().map(TrainingService::entry).toList(), training.steps(), training.stoppedBy().id(),
                    diagnostics(bench, training), bench.subject());
        } finally {
            places.release();
        }
    }

    private static Answer.HistoryEntry entry(HistoryEntry entry) {
        return new Answer.HistoryEntry(entry.step(), entry.epoch(), entry.loss(), entry.validationLoss(), entry.metrics(),
                entry.gradientNorm(), entry.learningRate());
    }

    private static List<Answer.Diagnostic> diagnostics(TrainingBench bench, Training training) {
        List<Answer.Diagnostic> found = new ArrayList<>(bench.diagnostics());
        Training.Failure failure = training.failure();
        if (failure != null) {
            found.add(nonFinite(failure, training.steps()));
        }
        return found;
    }

    private static Answer.Diagnostic nonFinite(Training.Failure failure, long steps) {
        String node = failure.node();
        String phase = failure.phase() == Training.Phase.UPDATE ? null : failure.phase().name().toLowerCase(Locale.ROOT);
        String kept = steps == 0 ? "initial ones" : "last with a finite loss";
        String message = switch (failure.phase()) {
            case FORWARD -> "at step " + (steps + 1) + " '" + node
                    + "' is the first node whose value is not finite; the parameters are the " + kept;
            case BACKWARD -> "at step " + (steps + 1) + ", on the way back from the loss, '" + node
                    + "' is the first node whose gradient is not finite; the parameters are those before that step";
            case UPDATE -> "the update of step " + steps + " made '" + node + "' infinite; the parameters are those before it";
        };
        return new Answer.Diagnostic("non-finite", node, phase, null, message, List.of(), Map.of());
    }
}
