package io.chainrule.service.training;

import io.chainrule.core.language.Phrase;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.training.HistoryEntry;
import io.chainrule.core.training.Training;
import io.chainrule.core.training.TrainingTrouble;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.program.Answer;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Draining;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.OverloadedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Trains programs. Throws the same exceptions as {@link io.chainrule.service.program.GradientService}. */
@Service
public final class TrainingService {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final double NANOS = 1e9;

    private final Functions functions;
    private final Admission admission;
    private final Draining draining;
    private final Semaphore places;

    public TrainingService(Functions functions, Admission admission, Draining draining) {
        this.functions = functions;
        this.admission = admission;
        this.draining = draining;
        this.places = new Semaphore(admission.limits().trainings());
    }

    /**
     * Runs a training; throws {@link OverloadedException} if too many trainings are running. Exceptions that {@code progress} throws are
     * passed on.
     */
    public Answer<Training> train(TrainingCall call, TrainingCall.Progress progress) {
        if (!places.tryAcquire()) {
            throw new OverloadedException("as many trainings are at work as may be at once", RETRY_AFTER);
        }
        try (PreparedTraining prepared = PreparedTraining.of(call, functions, admission); var _ = prepared.admit()) {
            prepared.checkSamples();
            long stepsInAll = prepared.options().stepsInAll();
            admission.awaitTurn(prepared, prepared.flops());
            progress.begins(stepsInAll);
            long start = System.nanoTime();
            Training training = prepared.run(observer(prepared, progress, start), () -> {
                progress.check();
                draining.check();
            });
            return prepared.answer(training.withParameters(prepared.withUnused(training.parameters())), diagnostics(prepared, training));
        } finally {
            places.release();
        }
    }

    private static Training.Observer observer(PreparedTraining prepared, TrainingCall.Progress progress, long start) {
        return new Training.Observer() {
            @Override
            public void made(long steps, long all, HistoryEntry latest) {
                double each = (System.nanoTime() - start) / NANOS / steps;
                progress.made(new TrainingCall.Step(steps, all, each * (all - steps), latest));
            }

            @Override
            public boolean isExplained() {
                return prepared.isExplained();
            }

            @Override
            public void found(TrainingTrouble trouble) {
                progress.found(TrainingText.of(trouble));
            }

            @Override
            public @Nullable CompiledFunction curvature() {
                return prepared.curvature();
            }
        };
    }

    private static List<Diagnostic> diagnostics(PreparedTraining prepared, Training training) {
        if (!prepared.isExplained()) {
            return List.of();
        }
        List<Diagnostic> found = new ArrayList<>(prepared.diagnostics());
        Training.Failure failure = training.failure();
        if (failure != null) {
            found.add(nonFinite(failure, training.steps()));
        }
        training.troubles().forEach(trouble -> found.add(TrainingText.of(trouble)));
        return found;
    }

    private static Diagnostic nonFinite(Training.Failure failure, long steps) {
        String node = failure.node();
        String phase = failure.phase() == Training.Phase.UPDATE ? null : failure.phase().name().toLowerCase(Locale.ROOT);
        Phrase message = switch (failure.phase()) {
            case FORWARD -> Phrase.of(steps == 0 ? "training.value.first" : "training.value", steps + 1, node);
            case BACKWARD -> Phrase.of("training.gradient", steps + 1, node);
            case UPDATE -> Phrase.of("training.update", steps, node);
        };
        return Diagnostic.nonFinite(node, phase, message);
    }
}
