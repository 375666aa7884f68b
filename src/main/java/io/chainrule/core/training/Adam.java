package io.chainrule.core.training;

import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba 2015), with AMSGrad (Reddi et al. 2018), as {@code torch.optim.Adam}; with decoupled weight decay
 * (Loshchilov and Hutter 2019) as {@code torch.optim.AdamW}.
 */
record Adam(double learningRate, double beta1, double beta2, double eps, double weightDecay, boolean amsgrad,
        boolean decoupled) implements Optimizer {

    static Adam of(Map<String, ?> options, boolean decoupled) {
        Settings given = new Settings("optimizer", decoupled ? "adamw" : "adam", options,
                List.of("lr", "betas", "eps", "weight_decay", "amsgrad"));
        double[] betas = given.fractions("betas", 0.9, 0.999);
        Adam adam = new Adam(given.number("lr", 1e-3, 0), betas[0], betas[1], given.number("eps", 1e-8, 0),
                given.number("weight_decay", decoupled ? 1e-2 : 0, 0), given.flag("amsgrad"), decoupled);
        given.verify();
        return adam;
    }

    @Override
    public int stateSize() {
        return 3;
    }

    @Override
    public Update update(int length) {
        double[] mean = new double[length];
        double[] square = new double[length];
        double[] largest = new double[amsgrad ? length : 0];
        return (x, gradient, scale, rate, step) -> {
            double meanPart = 1 - StrictMath.pow(beta1, (double) step);
            double squarePart = 1 - StrictMath.pow(beta2, (double) step);
            double kept = decoupled ? 1 - rate * weightDecay : 1;
            double penalty = decoupled ? 0 : weightDecay;
            for (int i = 0; i < x.length; i++) {
                double g = scale * gradient[i] + penalty * x[i];
                mean[i] = beta1 * mean[i] + (1 - beta1) * g;
                square[i] = beta2 * square[i] + (1 - beta2) * g * g;
                double second = square[i];
                if (amsgrad) {
                    largest[i] = Math.max(largest[i], second);
                    second = largest[i];
                }
                x[i] = kept * x[i] - rate * (mean[i] / meanPart) / (Math.sqrt(second / squarePart) + eps);
            }
        };
    }
}
