package io.chainrule.service.training;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.StoppedException;
import io.chainrule.core.training.HistoryEntry;
import io.chainrule.core.training.Training;
import io.chainrule.core.training.TrainingTrouble;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.program.Answer;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Draining;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.Pace;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Service;

/** Trains programs. Throws the same exceptions as {@link io.chainrule.service.program.GradientService}. */
@Service
public final class TrainingService implements MeterBinder {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final double NANOS = 1e9;
    private static final String CLIENT_GONE = "client_gone";
    /** It was refused, or an error ended it. */
    private static final String FAILED = "failed";

    private final Functions functions;
    private final Admission admission;
    private final Checkpoint ending;
    private final Semaphore places;
    private final Queue<Long> beginnings = new ConcurrentLinkedQueue<>();
    private final Map<String, LongAdder> ends = new TreeMap<>();

    @Autowired
    public TrainingService(Functions functions, Admission admission, Draining draining) {
        this(functions, admission, draining::check);
    }

    /** After a {@link StoppedException} of {@code ending} a training answers with what it has; other exceptions are passed on. */
    public TrainingService(Functions functions, Admission admission, Checkpoint ending) {
        this.functions = functions;
        this.admission = admission;
        this.ending = ending;
        this.places = new Semaphore(admission.limits().trainings());
        Stream.of(Training.StoppedBy.values()).forEach(reason -> ends.put(reason.id(), new LongAdder()));
        ends.put(CLIENT_GONE, new LongAdder());
        ends.put(FAILED, new LongAdder());
    }

    /**
     * Runs a training; throws {@link OverloadedException} if too many trainings are running. Exceptions that {@code progress} throws are
     * passed on.
     */
    public Answer<Training> train(TrainingCall call, TrainingCall.Progress progress) {
        if (!places.tryAcquire()) {
            throw new OverloadedException(OverloadedException.Resource.TRAININGS, "as many trainings are at work as may be at once",
                    RETRY_AFTER);
        }
        Long beginning = System.nanoTime();
        beginnings.add(beginning);
        String end = FAILED;
        try (PreparedTraining prepared = PreparedTraining.of(call, functions, admission); var _ = prepared.admit()) {
            prepared.checkSamples();
            long stepsInAll = prepared.options().stepsInAll();
            admission.awaitTurn(prepared.cost());
            progress.begins(stepsInAll);
            long start = System.nanoTime();
            Training training = prepared.run(progress.earlier(), observer(prepared, progress, start), () -> {
                progress.check();
                ending.check();
            });
            end = training.stoppedBy().id();
            return prepared.answer(training.withParameters(prepared.withUnused(training.parameters())), diagnostics(prepared, training));
        } catch (CancellationException e) {
            end = CLIENT_GONE;
            throw e;
        } finally {
            Objects.requireNonNull(ends.get(end)).increment();
            beginnings.remove(beginning);
            places.release();
        }
    }

    /** What a training costs in all, and how many steps it makes if nothing ends it early. */
    public record Estimate(CostModel cost, long steps) {}

    /** Checks all of a call that can be checked without running it. Throws what {@link #train} does. */
    public Estimate estimate(TrainingCall call) {
        try (PreparedTraining prepared = PreparedTraining.of(call, functions, admission)) {
            prepared.check();
            prepared.checkSamples();
            return new Estimate(prepared.cost(), prepared.options().stepsInAll());
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("chainrule.trainings.active", beginnings, Queue::size).description("Trainings at work").register(registry);
        Gauge.builder("chainrule.trainings.oldest", this, TrainingService::secondsOfOldest).baseUnit("seconds")
                .description("For how long the longest training has been at work").register(registry);
        ends.forEach((reason, count) -> FunctionCounter.builder("chainrule.trainings.ended", count, LongAdder::sum).tag("by", reason)
                .description("Trainings that have ended, by what ended them").register(registry));
    }

    private double secondsOfOldest() {
        Long oldest = beginnings.peek();
        return oldest == null ? 0 : (System.nanoTime() - oldest) / NANOS;
    }

    private static Training.Observer observer(PreparedTraining prepared, TrainingCall.Progress progress, long start) {
        return new Training.Observer() {
            private @Nullable Pace pace;

            @Override
            public void made(long steps, long all, HistoryEntry latest) {
                if (pace == null) {
                    pace = new Pace(steps, (System.nanoTime() - start) / NANOS);
                }
                progress.made(new TrainingCall.Step(steps, all, pace.secondsLeft(steps, all), latest));
            }

            @Override
            public boolean isExplained() {
                return prepared.isExplained();
            }

            @Override
            public boolean wantsState() {
                return progress.wantsState();
            }

            @Override
            public void state(byte[] state) {
                progress.state(state);
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
