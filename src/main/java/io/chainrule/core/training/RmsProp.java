package io.chainrule.core.training;

import java.util.List;
import java.util.Map;

/** RMSprop (Tieleman and Hinton 2012), centered after Graves 2013, as {@code torch.optim.RMSprop}. */
record RmsProp(double learningRate, double alpha, double eps, double weightDecay, double momentum, boolean centered) implements Optimizer {

    static RmsProp of(Map<String, ?> options) {
        Settings given = new Settings("optimizer", "rmsprop", options,
                List.of("lr", "alpha", "eps", "weight_decay", "momentum", "centered"));
        RmsProp result = new RmsProp(given.number("lr", 1e-2, 0), given.number("alpha", 0.99, 0), given.number("eps", 1e-8, 0),
                given.number("weight_decay", 0, 0), given.number("momentum", 0, 0), given.flag("centered"));
        given.verify();
        return result;
    }

    @Override
    public int stateSize() {
        return 3;
    }

    @Override
    public Update update(int length) {
        double[] square = new double[length];
        double[] mean = new double[centered ? length : 0];
        double[] velocity = new double[momentum == 0 ? 0 : length];
        return (x, gradient, scale, rate, step) -> {
            for (int i = 0; i < x.length; i++) {
                double g = scale * gradient[i] + weightDecay * x[i];
                square[i] = alpha * square[i] + (1 - alpha) * g * g;
                double variance = square[i];
                if (centered) {
                    mean[i] = alpha * mean[i] + (1 - alpha) * g;
                    variance -= mean[i] * mean[i];
                }
                double change = g / (Math.sqrt(variance) + eps);
                if (momentum != 0) {
                    velocity[i] = momentum * velocity[i] + change;
                    change = velocity[i];
                }
                x[i] -= rate * change;
            }
        };
    }
}
