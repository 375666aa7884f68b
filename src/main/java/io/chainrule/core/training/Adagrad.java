package io.chainrule.core.training;

import io.chainrule.core.op.Definition;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Adagrad (Duchi, Hazan and Singer 2011), as {@code torch.optim.Adagrad}. */
record Adagrad(double learningRate, double lrDecay, double weightDecay, double initialAccumulatorValue, double eps) implements Optimizer {

    static final Definition<Optimizer> DEFINITION = new Definition<>("adagrad",
            "The gradient divided by the root of the sum of all its squares so far.",
            "s_t = s_{t-1} + g_t^2,\\quad "
                    + "\\theta_t = \\theta_{t-1} - \\frac{\\eta}{1 + (t - 1)\\, d}\\, \\frac{g_t}{\\sqrt{s_t} + \\epsilon}",
            "torch.optim.Adagrad; Duchi, Hazan and Singer 2011",
            List.of(Parts.learningRate(1e-2),
                    Parts.fromZero("lr_decay", "how fast the learning rate falls"),
                    Parts.weightDecay(0, "how much of a parameter is added to its gradient"),
                    Parts.fromZero("initial_accumulator_value", "where the sum of squares starts"),
                    Parts.eps(1e-10)),
            Map.of("lr", 0.5),
            a -> new Adagrad(a.number("lr"), a.number("lr_decay"), a.number("weight_decay"), a.number("initial_accumulator_value"),
                    a.number("eps")));

    /** None is known: the bound depends on the state, which scales each parameter's gradient. */
    @Override
    public OptionalDouble stableRate(double curvature) {
        return OptionalDouble.empty();
    }

    @Override
    public int stateSize() {
        return 1;
    }

    @Override
    public Update update(int length) {
        double[] sum = new double[length];
        Arrays.fill(sum, initialAccumulatorValue);
        return Update.keeping(List.of(sum), (x, gradient, scale, rate, step) -> {
            double decayed = rate / (1 + (step - 1) * lrDecay);
            for (int i = 0; i < x.length; i++) {
                double g = scale * gradient[i] + weightDecay * x[i];
                sum[i] += g * g;
                x[i] -= decayed * g / (Math.sqrt(sum[i]) + eps);
            }
        });
    }
}
