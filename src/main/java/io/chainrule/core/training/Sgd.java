package io.chainrule.core.training;

import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.op.Definition;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013), as {@code torch.optim.SGD}. */
record Sgd(double learningRate, double momentum, double dampening, double weightDecay, boolean nesterov) implements Optimizer {

    static final Definition<Optimizer> DEFINITION = new Definition<>("sgd",
            "Stochastic gradient descent: against the gradient, or with a momentum against a running sum of gradients.",
            "v_t = \\mu v_{t-1} + (1 - d)\\, g_t,\\quad \\theta_t = \\theta_{t-1} - \\eta\\, v_t;"
                    + "\\text{ with Nesterov } \\theta_t = \\theta_{t-1} - \\eta\\, (g_t + \\mu v_t)",
            "torch.optim.SGD; momentum: Polyak 1964; Nesterov's: Sutskever et al. 2013",
            List.of(Parts.learningRate(1e-3),
                    Parts.fromZero("momentum", "how much of the last change goes on"),
                    Attribute.number("dampening", 0, "how much less of the gradient goes into the momentum"),
                    Parts.weightDecay(0, "how much of a parameter is added to its gradient"),
                    Attribute.flag("nesterov", "whether the momentum is Nesterov's, which needs a momentum and no dampening")),
            Map.of("lr", 0.1, "momentum", 0.9), Sgd::of);

    private static Sgd of(Attributes a) {
        Sgd sgd = new Sgd(a.number("lr"), a.number("momentum"), a.number("dampening"), a.number("weight_decay"), a.flag("nesterov"));
        if (sgd.nesterov && (sgd.momentum == 0 || sgd.dampening != 0)) {
            String expected = "false, unless there is a momentum and no dampening";
            throw a.wrong("nesterov", expected, expected, true);
        }
        return sgd;
    }

    /** 2 / λ; with momentum μ, 2 (1 + μ) / λ, with Nesterov's 2 (1 + μ) / ((1 + 2μ) λ) (Cohen et al. 2021, appendix B). */
    @Override
    public OptionalDouble stableRate(double curvature) {
        double all = curvature + weightDecay;
        return dampening != 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(2 * (1 + momentum) / ((nesterov ? 1 + 2 * momentum : 1) * all));
    }

    @Override
    public int stateSize() {
        return 1;
    }

    @Override
    public Update update(int length) {
        double[] velocity = new double[momentum == 0 ? 0 : length];
        return Update.keeping(List.of(velocity), (x, gradient, scale, rate, step) -> {
            if (momentum == 0) {
                plain(x, gradient, scale, rate);
            } else {
                withMomentum(x, gradient, scale, rate, velocity, step == 1 ? 1 : 1 - dampening);
            }
        });
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
