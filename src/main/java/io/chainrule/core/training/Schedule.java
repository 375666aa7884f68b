package io.chainrule.core.training;

import java.util.List;
import java.util.Map;

/**
 * How the learning rate changes in time, after PyTorch's {@code StepLR}, {@code CosineAnnealingLR} and {@code LinearLR}.
 *
 * @param bySteps whether time is counted in steps rather than epochs
 */
public record Schedule(boolean bySteps, Curve curve) {
    public static final List<String> TYPES = List.of("constant", "step", "cosine", "warmup");
    public static final Schedule CONSTANT = new Schedule(false, (rate, time, end) -> rate);
    private static final List<String> UNITS = List.of("epoch", "step");
    private static final double START_FACTOR = 1.0 / 3;

    /** A learning rate in time. */
    @FunctionalInterface
    public interface Curve {
        /** The rate at {@code time}, from 0, of a training that ends at {@code end}; {@code rate} is the optimizer's. */
        double at(double rate, long time, long end);
    }

    /** {@link io.chainrule.core.graph.ProblemException} with pointers below {@code /schedule} where there is no such schedule. */
    public static Schedule of(String type, Map<String, ?> options) {
        return switch (type) {
            case "constant" -> constant(new Settings("schedule", type, options, List.of()));
            case "step" -> steps(new Settings("schedule", type, options, List.of("step_size", "gamma", "unit")));
            case "cosine" -> cosine(new Settings("schedule", type, options, List.of("t_max", "eta_min", "unit")));
            case "warmup" -> warmup(new Settings("schedule", type, options, List.of("total_iters", "start_factor", "unit")));
            default -> throw Optimizer.unknown("schedule", type, options, TYPES);
        };
    }

    private static Schedule constant(Settings given) {
        given.verify();
        return CONSTANT;
    }

    /** {@code gamma} times less after each {@code step_size}. */
    private static Schedule steps(Settings given) {
        int size = given.count("step_size", 0);
        double gamma = given.number("gamma", 0.1, 0);
        return finished(given, (rate, time, end) -> {
            long passed = time / size;
            return rate * StrictMath.pow(gamma, (double) passed);
        });
    }

    /** Down to {@code eta_min} at {@code t_max}, the end unless it is given, and there from then on. */
    private static Schedule cosine(Settings given) {
        long last = given.has("t_max") ? given.count("t_max", 0) : 0;
        double lowest = given.number("eta_min", 0, 0);
        return finished(given, (rate, time, end) -> {
            double part = Math.min(1, (double) time / Math.max(1, last > 0 ? last : end));
            return lowest + (rate - lowest) * (1 + StrictMath.cos(Math.PI * part)) / 2;
        });
    }

    /** From {@code start_factor} times the rate in a straight line to the rate, within {@code total_iters}. */
    private static Schedule warmup(Settings given) {
        int last = given.count("total_iters", 5);
        double start = given.number("start_factor", START_FACTOR, 0);
        return finished(given, (rate, time, end) -> rate * (start + (1 - start) * Math.min(last, time) / last));
    }

    private static Schedule finished(Settings given, Curve curve) {
        boolean bySteps = given.choice("unit", UNITS).equals("step");
        given.verify();
        return new Schedule(bySteps, curve);
    }
}
