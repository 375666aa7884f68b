package io.chainrule.core.training;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Adagrad (Duchi, Hazan and Singer 2011), as {@code torch.optim.Adagrad}. */
record Adagrad(double learningRate, double lrDecay, double weightDecay, double initialAccumulatorValue, double eps) implements Optimizer {

    static Adagrad of(Map<String, ?> options) {
        Settings given = new Settings("optimizer", "adagrad", options,
                List.of("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"));
        Adagrad result = new Adagrad(given.number("lr", 1e-2, 0), given.number("lr_decay", 0, 0), given.number("weight_decay", 0, 0),
                given.number("initial_accumulator_value", 0, 0), given.number("eps", 1e-10, 0));
        given.verify();
        return result;
    }

    @Override
    public int stateSize() {
        return 1;
    }

    @Override
    public Update update(int length) {
        double[] sum = new double[length];
        Arrays.fill(sum, initialAccumulatorValue);
        return (x, gradient, scale, rate, step) -> {
            double decayed = rate / (1 + (step - 1) * lrDecay);
            for (int i = 0; i < x.length; i++) {
                double g = scale * gradient[i] + weightDecay * x[i];
                sum[i] += g * g;
                x[i] -= decayed * g / (Math.sqrt(sum[i]) + eps);
            }
        };
    }
}
