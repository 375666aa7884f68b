package io.chainrule.core.training;

import java.util.List;
import java.util.Map;

/** Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013), as {@code torch.optim.SGD}. */
record Sgd(double learningRate, double momentum, double dampening, double weightDecay, boolean nesterov) implements Optimizer {

    static Sgd of(Map<String, ?> options) {
        Settings given = new Settings("optimizer", "sgd", options, List.of("lr", "momentum", "dampening", "weight_decay", "nesterov"));
        Sgd sgd = new Sgd(given.number("lr", 1e-3, 0), given.number("momentum", 0, 0), given.number("dampening", 0, -Double.MAX_VALUE),
                given.number("weight_decay", 0, 0), given.flag("nesterov"));
        if (sgd.nesterov && (sgd.momentum == 0 || sgd.dampening != 0)) {
            given.wrong("nesterov", "false, unless there is a momentum and no dampening", true);
        }
        given.verify();
        return sgd;
    }

    @Override
    public int stateSize() {
        return 1;
    }

    @Override
    public Update update(int length) {
        double[] velocity = new double[momentum == 0 ? 0 : length];
        return (x, gradient, scale, rate, step) -> {
            if (momentum == 0) {
                plain(x, gradient, scale, rate);
            } else {
                withMomentum(x, gradient, scale, rate, velocity, step == 1 ? 1 : 1 - dampening);
            }
        };
    }

    private void plain(double[] x, double[] gradient, double scale, double rate) {
        for (int i = 0; i < x.length; i++) {
            x[i] -= rate * (scale * gradient[i] + weightDecay * x[i]);
        }
    }

    private void withMomentum(double[] x, double[] gradient, double scale, double rate, double[] velocity, double part) {
        for (int i = 0; i < x.length; i++) {
            double g = scale * gradient[i] + weightDecay * x[i];
            velocity[i] = momentum * velocity[i] + part * g;
            x[i] -= rate * (nesterov ? g + momentum * velocity[i] : velocity[i]);
        }
    }
}
