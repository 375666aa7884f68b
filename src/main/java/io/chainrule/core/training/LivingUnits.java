package io.chainrule.core.training;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.Units;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.TrainingTrouble.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Follows which units of a network's layers are 0 for all samples, by the values that the steps compute. */
final class LivingUnits {
    private static final int LEAST_SAMPLES = 10;
    /** Some units of a healthy layer may die. */
    private static final double LEAST_DEAD = 0.2;
    /** A layer of which this part is dead passes on hardly any gradient. */
    private static final double NEARLY_ALL = 0.9;

    private final TrainingOptions options;
    private final int samples;
    private final List<Layer> layers = new ArrayList<>();

    /** {@code lastAlive} has the latest step at which a unit was not 0 for some sample, from 1; 0 stands for none. */
    private record Layer(int node, String name, boolean[] aliveAtFirst, long[] lastAlive) {}

    LivingUnits(TrainingOptions options, BoundProgram program) {
        this.options = options;
        samples = options.samples() / options.batchSize() * options.batchSize();
        if (samples >= LEAST_SAMPLES) {
            for (int node : Units.mortal(program)) {
                int units = Units.others(program.program().graph().shape(node)).length;
                // A layer without an axis of units has none that could be told apart.
                if (units == 0) {
                    continue;
                }
                layers.add(new Layer(node, program.program().id(node), new boolean[units], new long[units]));
            }
        }
    }

    boolean areThere() {
        return !layers.isEmpty();
    }

    /** Looks at the values of a batch before the first step. */
    void begin(StepRun run) {
        layers.forEach(layer -> Units.mark(run.value(layer.node), x -> x == 0, layer.aliveAtFirst));
    }

    /** Looks at the values of a step, counted from 1. */
    void step(StepRun run, long step) {
        for (Layer layer : layers) {
            Tensor value = run.value(layer.node);
            boolean[] alive = new boolean[layer.lastAlive.length];
            Units.mark(value, x -> x == 0, alive);
            for (int unit = 0; unit < alive.length; unit++) {
                if (alive[unit]) {
                    layer.lastAlive[unit] = step;
                }
            }
        }
    }

    /** The layers whose units have died, or were dead from the start, by the steps of an epoch that end with this one. */
    List<TrainingTrouble> troubles(long step) {
        long last = step - options.stepsAnEpoch();
        List<TrainingTrouble> found = new ArrayList<>();
        for (Layer layer : last < 0 ? List.<Layer>of() : layers) {
            int units = layer.lastAlive.length;
            int before = 0;
            int dead = 0;
            long began = step;
            for (int unit = 0; unit < units; unit++) {
                boolean isFromTheStart = layer.lastAlive[unit] == 0 && !layer.aliveAtFirst[unit];
                before += isFromTheStart ? 1 : 0;
                dead += layer.lastAlive[unit] <= last ? 1 : 0;
                began = layer.lastAlive[unit] <= last && !isFromTheStart ? Math.min(began, layer.lastAlive[unit] + 1) : began;
            }
            if (before >= NEARLY_ALL * units) {
                found.add(new TrainingTrouble(Kind.DEAD_UNITS, 1, layer.name,
                        Map.of("dead", (double) before, "units", (double) units, "samples", (double) samples)));
            } else if (dead - before >= LEAST_DEAD * units && dead > before) {
                found.add(new TrainingTrouble(Kind.DYING_UNITS, began, layer.name, Map.of("before", (double) before, "dead", (double) dead,
                        "units", (double) units, "samples", (double) samples)));
            }
        }
        return found;
    }

    /** Whether some layer passes on no gradient at all, whatever the optimizer does. */
    boolean areAllDead(long step) {
        return layers.stream().anyMatch(
                layer -> layer.lastAlive.length > 0 && Arrays.stream(layer.lastAlive).allMatch(at -> at <= step - options.stepsAnEpoch()));
    }

    void pass(TrainingState state) {
        for (Layer layer : layers) {
            state.flags(layer.aliveAtFirst);
            state.wholes(layer.lastAlive);
        }
    }
}
