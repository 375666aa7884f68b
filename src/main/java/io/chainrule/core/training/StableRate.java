package io.chainrule.core.training;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a learning rate by which a training that diverges would not. The optimizer's bound at the largest curvature of the batches is
 * tried from the start, and lowered until the loss does not grow; where there is no bound, parts of the rate are tried.
 */
final class StableRate {
    /** Of the rate that is told of, which is a limit, this part is tried. */
    private static final double BELOW = 0.95;
    private static final int LESS = 4;
    private static final List<Double> PARTS = List.of(0.1, 0.01, 0.001, 0.0001);
    /** The part of the work that may go into products with the Hessian. */
    private static final double PRODUCTS = 0.35;
    /** A loss that is this part of that at the start, or less, may still go up and down. */
    private static final double LOW = 0.05;
    private static final double RISEN = 4;
    private static final double SAME = 1e-3;
    private static final int TRIALS = 3;

    private final TrainingOptions options;
    private final Trainable program;
    private final Map<String, Tensor> initial;
    private final Trials trials;
    private final Training.Observer observer;

    StableRate(TrainingOptions options, Trainable program, Map<String, Tensor> initial, Trials trials, Training.Observer observer) {
        this.options = options;
        this.program = program;
        this.initial = initial;
        this.trials = trials;
        this.observer = observer;
    }

    /** Adds what was found to a divergence. {@code before} are the parameters of the {@code step} before the loss grew. */
    TrainingTrouble addTo(TrainingTrouble divergence, Map<String, Tensor> before, long step) {
        double rate = divergence.numbers().getOrDefault("learning_rate", 0.0);
        Map<String, Double> numbers = new LinkedHashMap<>(divergence.numbers());
        Curvature.Found curvature = options.optimizer().stableRate(1).isEmpty() || Double.isFinite(options.clipNorm())
                ? null
                : largest(before, step);
        OptionalDouble bound = curvature == null ? OptionalDouble.empty() : options.optimizer().stableRate(curvature.largest());
        if (curvature != null && bound.isPresent() && bound.getAsDouble() < rate) {
            double stable = bound.getAsDouble();
            for (int k = 0; k <= LESS; k++, stable /= k == 1 ? 2 : 4) {
                long steps = grows(stable * BELOW);
                if (steps > 0) {
                    numbers.put("stable_rate", stable);
                    numbers.put("curvature", curvature.largest());
                    numbers.put("bound", bound.getAsDouble());
                    numbers.put("tried_steps", (double) steps);
                    return new TrainingTrouble(divergence.kind(), divergence.step(), curvature.parameter(), numbers);
                }
            }
        }
        for (double part : PARTS) {
            long steps = grows(rate * part);
            if (steps > 0) {
                numbers.put("tried_rate", rate * part);
                numbers.put("tried_steps", (double) steps);
                break;
            }
        }
        return new TrainingTrouble(divergence.kind(), divergence.step(), divergence.node(), numbers);
    }

    /** For how many steps the loss did not grow from the start with this rate; 0 if it did, or if nothing may be tried any more. */
    private long grows(double rate) {
        long steps = trials.steps(TRIALS);
        double base = options.optimizer().learningRate();
        if (steps == 0 || !(base > 0)) {
            return 0;
        }
        double start = trials.start();
        Trials.Result result = trials.train(initial, step -> options.rate(step) * (rate / base), options.clipNorm(), steps);
        double size = Math.abs(start);
        boolean isGrowing = result.end() > LOW * size && result.end() > RISEN * Math.abs(result.middle());
        return result.end() <= start + SAME * size && !isGrowing ? steps : 0;
    }

    /** The largest curvature over some batches; null where it is not known. */
    private Curvature.@Nullable Found largest(Map<String, Tensor> parameters, long step) {
        if (trials.runs(2.0 * program.function().cost().flops(), PRODUCTS, Curvature.MOST_PRODUCTS) < Curvature.LEAST_PRODUCTS) {
            return null;
        }
        CompiledFunction product = observer.curvature();
        if (product == null) {
            return null;
        }
        double flops = product.cost().flops();
        int left = trials.runs(flops, PRODUCTS, Curvature.MOST_PRODUCTS);
        List<String> trained = program.parameters().stream().filter(program::hasGradient).toList();
        Curvature.Found largest = null;
        for (int k = 0; k < trials.batches() && left >= Curvature.LEAST_PRODUCTS; k++) {
            int share = Math.max(Curvature.LEAST_PRODUCTS, left / (trials.batches() - k));
            Curvature curvature = new Curvature(product, trained, Curvature.inputs(program, parameters, trials.statistics(), trials.data(),
                    trials.batch(k, trials.batches()), step), share, trials.checkpoint());
            Curvature.Found found = curvature.find();
            int used = share - curvature.left();
            left -= used;
            trials.spend(used, flops);
            largest = largest == null || found != null && found.largest() > largest.largest() ? found : largest;
        }
        return largest;
    }
}
