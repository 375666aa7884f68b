package io.chainrule.core.training;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.StoppedException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.TrainingTrouble.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds out why a training goes as it does. What goes wrong is told once when it is known, and again in a list at the end. */
final class Autopsy {
    /** A training that ends with so many times the loss that it began with has diverged, even if the loss grows no more. */
    private static final double RISEN = 5;
    private static final long LEAST_STEPS = 20;
    /** How often a plateau is looked for in a training. */
    private static final long LOOKS = 50;

    private final TrainingOptions options;
    private final StepRun whole;
    private final Weights weights;
    private final Trials trials;
    private final Training.Observer observer;
    private final Watch watch;
    private final LivingUnits units;
    private final Pace pace;
    private final StableRate stableRate;
    private final Set<String> told = new HashSet<>();
    private @Nullable Map<String, Tensor> beforeRise;
    private long beforeRiseStep;
    private @Nullable TrainingTrouble grows;
    private @Nullable TrainingTrouble divergence;
    private @Nullable TrainingTrouble smallSteps;
    private @Nullable TrainingTrouble plateau;
    private long lastStep;

    Autopsy(TrainingOptions options, Trainable program, StepRun whole, Weights weights, Map<String, Tensor> initial, Trials trials,
            Training.Observer observer) {
        this.options = options;
        this.whole = whole;
        this.weights = weights;
        this.trials = trials;
        this.observer = observer;
        watch = new Watch(options.stepsAnEpoch(), options.stepsInAll());
        units = new LivingUnits(options, program.function().bound());
        pace = new Pace(options, initial, trials, watch);
        stableRate = new StableRate(options, program, initial, trials, observer);
    }

    /** Looks at some batches before the first step, where one batch's loss says little or units can die. */
    void begin() {
        if (units.areThere() || options.stepsAnEpoch() > 1) {
            double mean = trials.mean(weights.parameters(), () -> units.begin(whole));
            watch.begin(mean, trials.largest());
        }
    }

    /** Takes a step's numbers, and the run that has them, before the parameters are updated. */
    void step(StepRun run, long step, double loss, double gradient, double rate) {
        lastStep = step;
        trials.made(step);
        grows = watch.step(step, loss, gradient, rate);
        if (run == whole) {
            units.step(run, step);
        }
        if (watch.beginsToRise()) {
            beforeRise = copies(step > 1 ? weights.before() : weights.parameters());
            beforeRiseStep = Math.max(0, step - 2);
        }
    }

    private static Map<String, Tensor> copies(Map<String, Tensor> values) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        values.forEach((name, value) -> copies.put(name, value.copy()));
        return copies;
    }

    /** Looks closer where the step's numbers are suspicious. The step's gradients are not needed any more. */
    void updated(long step) {
        if (grows != null && divergence == null) {
            divergence = withRate(grows);
            tell(divergence);
        }
        if (divergence != null) {
            return;
        }
        long all = options.stepsInAll();
        if (step == all / 2 && step >= LEAST_STEPS && watch.mayHaveSmallSteps()) {
            smallSteps = tried(() -> pace.smallSteps(weights.parameters(), step));
            tell(smallSteps);
        }
        boolean isLook = step % Math.max(1, all / LOOKS) == 0 && 2 * step >= all - options.stepsAnEpoch();
        if (isLook && plateau == null && smallSteps == null && !units.areAllDead(step)) {
            TrainingTrouble found = watch.plateau((all - options.stepsAnEpoch()) / 2);
            plateau = found == null ? null : explained(found);
            tell(plateau);
        }
    }

    private void tell(@Nullable TrainingTrouble trouble) {
        if (trouble != null && told.add(trouble.kind() + " " + (trouble.kind() == Kind.DIVERGENCE ? "" : trouble.node()))) {
            observer.found(trouble);
        }
    }

    /** Work that may take more time than there is, or meet values that cannot be run. */
    private interface Work {
        @Nullable
        TrainingTrouble run();
    }

    /** What the work finds; null also if it could not be done. */
    private static @Nullable TrainingTrouble tried(Work work) {
        try {
            return work.run();
        } catch (StoppedException | ProblemException _) {
            return null;
        }
    }

    private TrainingTrouble explained(TrainingTrouble still) {
        return Objects.requireNonNullElse(tried(() -> pace.explained(still, weights.parameters())), still);
    }

    private TrainingTrouble withRate(TrainingTrouble found) {
        Map<String, Tensor> before = beforeRise == null ? weights.before() : beforeRise;
        return Objects.requireNonNullElse(tried(() -> stableRate.addTo(found, before, beforeRiseStep)), found);
    }

    /** Takes an epoch's numbers. */
    void epoch(long step, double loss, @Nullable Double validationLoss, Map<String, Double> metrics) {
        tell(watch.epochs().epoch(step, loss, validationLoss, metrics));
        watch.stillMetrics(false).forEach(this::tell);
        units.troubles(step).forEach(this::tell);
    }

    /** All that went wrong, in the order of the steps. */
    List<TrainingTrouble> end(boolean isNonFinite) {
        List<TrainingTrouble> found = new ArrayList<>();
        TrainingTrouble diverged = isNonFinite ? failed() : tried(this::risen);
        if (diverged != null) {
            found.add(diverged);
        } else {
            TrainingTrouble overFitting = watch.overFitting();
            if (overFitting != null) {
                found.add(overFitting);
            }
            found.addAll(watch.stillMetrics(true));
            if (!isNonFinite) {
                slow(found);
            }
        }
        if (!isNonFinite) {
            found.addAll(units.troubles(lastStep));
        }
        found.forEach(this::tell);
        found.sort(Comparator.comparingLong(TrainingTrouble::step));
        return found;
    }

    private void slow(List<TrainingTrouble> found) {
        if (watch.mayHaveSmallSteps()) {
            TrainingTrouble small = smallSteps != null
                    ? smallSteps
                    : tried(() -> pace.smallSteps(weights.parameters(), lastStep));
            if (small != null) {
                found.add(small);
                return;
            }
        }
        TrainingTrouble still = units.areAllDead(lastStep) ? null : watch.plateau(0);
        if (still != null) {
            found.add(plateau != null ? plateau : explained(still));
        }
    }

    private @Nullable TrainingTrouble failed() {
        TrainingTrouble growth = divergence != null ? divergence : watch.growth();
        return growth == null || divergence != null ? growth : withRate(growth);
    }

    /** A divergence that the training has not come back from. */
    private @Nullable TrainingTrouble risen() {
        if (!watch.mayHaveRisen()) {
            return null;
        }
        double start = trials.start();
        double end = trials.mean(weights.parameters());
        if (divergence != null) {
            return end > start + Math.abs(start) / 2 ? divergence : null;
        }
        boolean hasRisen = end > RISEN * Math.abs(start) + 1e-12 * Math.abs(trials.largest());
        return hasRisen ? withRate(watch.risen(start, end)) : null;
    }

    void pass(TrainingState state) {
        watch.pass(state);
        units.pass(state);
        trials.pass(state);
        List<String> names = new ArrayList<>(told);
        state.list(names, name -> state.text(name == null ? "" : name));
        told.addAll(names);
        beforeRise = state.optional(beforeRise, known -> {
            Map<String, Tensor> values = known == null ? copies(weights.parameters()) : known;
            state.tensors(values);
            return values;
        });
        beforeRiseStep = state.whole(beforeRiseStep);
        divergence = pass(state, divergence);
        smallSteps = pass(state, smallSteps);
        plateau = pass(state, plateau);
        lastStep = state.whole(lastStep);
    }

    private static @Nullable TrainingTrouble pass(TrainingState state, @Nullable TrainingTrouble trouble) {
        return state.optional(trouble, known -> TrainingTrouble.pass(state, known));
    }
}
