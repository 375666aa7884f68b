package io.chainrule.core.training;

import io.chainrule.core.elementary.Circular;
import io.chainrule.core.elementary.Power;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.op.Catalogue;
import io.chainrule.core.op.Definition;
import java.util.List;
import java.util.Map;

/**
 * How the learning rate changes in time, after PyTorch's {@code StepLR}, {@code CosineAnnealingLR} and {@code LinearLR}.
 *
 * @param bySteps whether time is counted in steps rather than epochs
 */
public record Schedule(boolean bySteps, Curve curve) {
    private static final Attribute UNIT = Attribute.optional("unit", Attribute.Type.TEXT, "epoch", "what time t is counted in")
            .oneOf("epoch", "step");
    public static final Schedule CONSTANT = new Schedule(false, (rate, time, end) -> rate);
    public static final Catalogue<Definition<Schedule>> CATALOGUE = new Catalogue<>("schedule", List.of(
            new Definition<>("constant", "The learning rate of the optimizer.", "\\eta_t = \\eta", null, List.of(), a -> CONSTANT),
            new Definition<>("step", "`gamma` times as much after each `step_size`.",
                    "\\eta_t = \\eta\\, \\gamma^{\\lfloor t / \\text{step_size} \\rfloor}", "torch.optim.lr_scheduler.StepLR",
                    List.of(Attribute.required("step_size", Attribute.Type.INT, "how long the rate stays").atLeast(1),
                            Attribute.number("gamma", 0.1, "what the rate is multiplied by").atLeast(0), UNIT),
                    Map.of("step_size", 5), Schedule::steps),
            new Definition<>("cosine", "Along a half wave down to `eta_min`, and there from then on.",
                    "\\eta_t = \\eta_{\\min} + (\\eta - \\eta_{\\min}) \\frac{1 + \\cos(\\pi \\min(1, t / t_{\\max}))}{2}",
                    "torch.optim.lr_scheduler.CosineAnnealingLR; Loshchilov and Hutter 2017",
                    List.of(Attribute.optional("t_max", Attribute.Type.INT, null, "when the lowest rate is reached; at the end if left out")
                            .atLeast(1), Parts.fromZero("eta_min", "the lowest rate"), UNIT),
                    Schedule::cosine),
            new Definition<>("warmup", "In a straight line up from `start_factor` times the rate.",
                    "\\eta_t = \\eta\\, (f + (1 - f) \\min(1, t / \\text{total_iters}))", "torch.optim.lr_scheduler.LinearLR",
                    List.of(Attribute.optional("total_iters", Attribute.Type.INT, 5, "how long it takes").atLeast(1),
                            Attribute.number("start_factor", 1.0 / 3, "the part f of the rate that it starts with").atLeast(0), UNIT),
                    Schedule::warmup)));

    /** The learning rate as a function of time. */
    @FunctionalInterface
    public interface Curve {
        /**
         * Returns the learning rate at {@code time}, counted from 0, in a training that ends at {@code end}. {@code rate} is the
         * optimizer's learning rate.
         */
        double at(double rate, long time, long end);
    }

    /** Throws {@link io.chainrule.core.graph.ProblemException} if there is no such schedule, or if it does not accept the options. */
    public static Schedule of(String type, Map<String, ?> options) {
        return Parts.make(CATALOGUE, type, options);
    }

    private static Schedule steps(Attributes a) {
        int size = a.integer("step_size");
        double gamma = a.number("gamma");
        return new Schedule(bySteps(a), (rate, time, end) -> {
            long passed = time / size;
            return rate * Power.pow(gamma, (double) passed);
        });
    }

    private static Schedule cosine(Attributes a) {
        long last = a.has("t_max") ? a.integer("t_max") : 0;
        double lowest = a.number("eta_min");
        return new Schedule(bySteps(a), (rate, time, end) -> {
            double part = Math.min(1, (double) time / Math.max(1, last > 0 ? last : end));
            return lowest + (rate - lowest) * (1 + Circular.cos(Math.PI * part)) / 2;
        });
    }

    private static Schedule warmup(Attributes a) {
        int last = a.integer("total_iters");
        double start = a.number("start_factor");
        return new Schedule(bySteps(a), (rate, time, end) -> rate * (start + (1 - start) * Math.min(last, time) / last));
    }

    private static boolean bySteps(Attributes a) {
        return a.text("unit").equals("step");
    }
}
