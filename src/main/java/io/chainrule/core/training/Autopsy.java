package io.chainrule.core.training;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Units;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.TrainingTrouble.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds out why a training went as it did, by a few runs of its steps beside those of the training. */
final class Autopsy {
    /** The part of the training's steps that may be run beside. */
    private static final long STEPS_BESIDE = 40;
    private static final int MOST_BATCHES = 20;
    /** One of this many steps may be run again for each of the few trials of larger steps. */
    private static final long STEPS_A_TRIAL = 10;
    /** Products with the Hessian cost at most what the training does, or as many operations as this. */
    private static final double FEW_OPERATIONS = 1e8;
    private static final int LEAST_SAMPLES = 10;
    private static final double[] FACTORS = {10, 100, 1000};
    private static final double LEAST_DEAD = 0.1;

    private final TrainingOptions options;
    private final Trainable program;
    private final StepRun whole;
    private final Weights weights;
    private final Map<String, Tensor> initial;
    private final Map<String, Tensor> data;
    private final Training.Observer observer;
    private final Checkpoint checkpoint;
    private final Watch watch;
    private final int batches;
    private final List<Integer> mortal;
    private final Map<Integer, Integer> deadAtFirst = new LinkedHashMap<>();
    private @Nullable Snapshot snapshot;
    private @Nullable TrainingTrouble divergence;

    /** Where the loss began to grow, and the samples of that step. */
    private record Snapshot(Map<String, Tensor> parameters, Map<String, Tensor> statistics, int[] samples, long step) {}

    Autopsy(TrainingOptions options, Trainable program, StepRun whole, Weights weights, Map<String, Tensor> initial,
            Map<String, Tensor> data, Training.Observer observer, Checkpoint checkpoint) {
        this.options = options;
        this.program = program;
        this.whole = whole;
        this.weights = weights;
        this.initial = initial;
        this.data = data;
        this.observer = observer;
        this.checkpoint = checkpoint;
        this.watch = new Watch(options.stepsAnEpoch());
        int wholeBatches = options.samples() / options.batchSize();
        batches = Math.clamp(options.stepsInAll() / STEPS_BESIDE, 0, Math.min(MOST_BATCHES, wholeBatches));
        mortal = batches * (long) options.batchSize() < LEAST_SAMPLES ? List.of() : Units.mortal(program.function().bound());
    }

    /** Looks at the units before the first step. */
    void begin() {
        mortal.forEach(node -> deadAtFirst.put(node, 0));
        dead().forEach((node, units) -> deadAtFirst.put(node, Units.count(units)));
    }

    /** For each layer whose units can die, a flag for each unit that was not 0 for some sample. */
    private Map<Integer, boolean[]> dead() {
        Map<Integer, boolean[]> alive = new LinkedHashMap<>();
        for (int k = 0; k < batches && !mortal.isEmpty(); k++) {
            run(weights.parameters(), k);
            for (int node : mortal) {
                Tensor value = whole.value(node);
                Units.mark(value, x -> x == 0, alive.computeIfAbsent(node, _ -> Units.others(value.shape())));
            }
        }
        return alive;
    }

    private double run(Map<String, Tensor> parameters, int batch) {
        checkpoint.check();
        int[] order = IntStream.range(0, options.samples()).toArray();
        whole.placeSamples(data, order, batch * options.batchSize());
        whole.placeParameters(parameters, weights.statistics());
        whole.placeStep(0);
        whole.run();
        return whole.loss();
    }

    void step(long step, double loss, double gradient, double rate, int[] order, int from) {
        TrainingTrouble found = watch.step(step, loss, gradient, rate);
        if (watch.beginsToRise()) {
            snapshot = snapshot(step, order, from);
        }
        if (found != null) {
            divergence = withStableRate(found);
            observer.found(divergence);
        }
    }

    private Snapshot snapshot(long step, int[] order, int from) {
        int count = Math.min(options.batchSize(), order.length);
        int first = Math.min(from, order.length - count);
        return new Snapshot(copies(weights.before()), copies(weights.statistics()), Arrays.copyOfRange(order, first, first + count),
                step);
    }

    private static Map<String, Tensor> copies(Map<String, Tensor> values) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        values.forEach((name, value) -> copies.put(name, value.copy()));
        return copies;
    }

    void epoch(long step, double loss, @Nullable Double validationLoss, Map<String, Double> metrics) {
        TrainingTrouble found = watch.epoch(step, loss, validationLoss, metrics);
        if (found != null) {
            observer.found(found);
        }
    }

    /** All that went wrong, in the order of the steps. */
    List<TrainingTrouble> end(boolean isNonFinite) {
        List<TrainingTrouble> found = new ArrayList<>();
        TrainingTrouble small = null;
        try {
            small = !isNonFinite && watch.mayHaveSmallSteps() ? smallSteps() : null;
        } catch (DeadlineExceededException | ProblemException _) {
            // What takes more time than there is, or cannot be run elsewhere, is not told.
        }
        for (TrainingTrouble trouble : watch.atTheEnd(isNonFinite, small != null)) {
            found.add(trouble.kind() != Kind.DIVERGENCE ? trouble : divergence == null ? withStableRate(trouble) : divergence);
        }
        if (small != null) {
            found.add(small);
        }
        try {
            if (!isNonFinite) {
                dyingUnits(found);
            }
        } catch (DeadlineExceededException | ProblemException _) {
            // As above.
        }
        found.sort(Comparator.comparingLong(TrainingTrouble::step));
        return found;
    }

    private void dyingUnits(List<TrainingTrouble> found) {
        dead().forEach((node, units) -> {
            int before = deadAtFirst.getOrDefault(node, 0);
            int dead = Units.count(units);
            if (dead > before && dead >= LEAST_DEAD * units.length) {
                found.add(
                        new TrainingTrouble(Kind.DYING_UNITS, 1, program.id(node), Map.of("before", (double) before, "dead", (double) dead,
                                "units", (double) units.length, "samples", (double) batches * options.batchSize())));
            }
        });
    }

    /** Tries how far the loss falls if all steps are larger, in the direction that they went together. */
    private @Nullable TrainingTrouble smallSteps() {
        double start = mean(0);
        double fall = start - mean(1);
        double best = 0;
        double falls = 0;
        for (double factor : FACTORS) {
            double found = start - mean(factor);
            if (!(found >= factor / 2 * fall)) {
                break;
            }
            best = factor;
            falls = found / fall;
        }
        return fall > 0 && best > 0
                ? new TrainingTrouble(Kind.SMALL_STEPS, 1, null, Map.of("factor", best, "times", falls, "from", start, "to", start - fall))
                : null;
    }

    /** The mean loss over some batches if the parameters had gone {@code factor} times as far. */
    private double mean(double factor) {
        Map<String, Tensor> moved = new LinkedHashMap<>();
        weights.parameters().forEach((name, value) -> {
            double[] from = Objects.requireNonNull(initial.get(name), name).data();
            Tensor there = value.copy();
            for (int i = 0; i < from.length; i++) {
                there.data()[i] = from[i] + factor * (value.data()[i] - from[i]);
            }
            moved.put(name, there);
        });
        int count = Math.max(1, Math.min(options.samples() / options.batchSize(),
                Math.clamp(options.stepsInAll() / STEPS_A_TRIAL, 1, MOST_BATCHES)));
        double sum = 0;
        for (int k = 0; k < count; k++) {
            sum += run(moved, k);
        }
        return sum / count;
    }

    private TrainingTrouble withStableRate(TrainingTrouble trouble) {
        Snapshot at = snapshot == null ? firstStep() : snapshot;
        double rate = trouble.numbers().getOrDefault("learning_rate", 0.0);
        if (options.optimizer().stableRate(1).isEmpty() || Double.isFinite(options.clipNorm())) {
            return trouble;
        }
        try {
            CompiledFunction product = observer.curvature();
            if (product == null) {
                return trouble;
            }
            double allowed = Math.max(FEW_OPERATIONS, (double) options.stepsInAll() * program.function().cost().flops());
            int products = (int) Math.min(Curvature.MOST_PRODUCTS, allowed / Math.max(1, product.cost().flops()));
            List<String> trained = program.parameters().stream().filter(program::hasGradient).toList();
            Curvature.Found found = new Curvature(product, trained,
                    Curvature.inputs(program, at.parameters, at.statistics, data, at.samples, at.step), products, checkpoint).find();
            OptionalDouble stable = found == null ? OptionalDouble.empty() : options.optimizer().stableRate(found.largest());
            if (found == null || stable.isEmpty() || !(stable.getAsDouble() < rate)) {
                return trouble;
            }
            Map<String, Double> numbers = new LinkedHashMap<>(trouble.numbers());
            numbers.put("stable_rate", stable.getAsDouble());
            numbers.put("curvature", found.largest());
            return new TrainingTrouble(trouble.kind(), trouble.step(), found.parameter(), numbers);
        } catch (DeadlineExceededException | ProblemException _) {
            return trouble;
        }
    }

    private Snapshot firstStep() {
        return new Snapshot(initial, weights.statistics(), IntStream.range(0, options.batchSize()).toArray(), 0);
    }
}
