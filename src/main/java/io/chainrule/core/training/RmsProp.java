package io.chainrule.core.training;

import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Definition;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** RMSprop (Tieleman and Hinton 2012), centered after Graves 2013, as {@code torch.optim.RMSprop}. */
record RmsProp(double learningRate, double alpha, double eps, double weightDecay, double momentum, boolean centered) implements Optimizer {

    static final Definition<Optimizer> DEFINITION = new Definition<>("rmsprop",
            "The gradient divided by the root of a running mean of its squares; with a momentum, a running sum of these.",
            "s_t = \\alpha s_{t-1} + (1 - \\alpha)\\, g_t^2,\\quad "
                    + "\\theta_t = \\theta_{t-1} - \\eta\\, \\frac{g_t}{\\sqrt{s_t} + \\epsilon}",
            "torch.optim.RMSprop; Tieleman and Hinton 2012, centered after Graves 2013",
            List.of(Parts.learningRate(1e-2),
                    Attribute.number("alpha", 0.99, "how much of the mean square goes on").atLeast(0),
                    Parts.eps(1e-8),
                    Parts.weightDecay(0, "how much of a parameter is added to its gradient"),
                    Parts.fromZero("momentum", "how much of the last change goes on"),
                    Attribute.flag("centered", "whether it divides by the deviation from the mean gradient")),
            Map.of("lr", 0.05),
            a -> new RmsProp(a.number("lr"), a.number("alpha"), a.number("eps"), a.number("weight_decay"), a.number("momentum"),
                    a.flag("centered")));

    /** None is known: the bound depends on the state, which scales each parameter's gradient. */
    @Override
    public OptionalDouble stableRate(double curvature) {
        return OptionalDouble.empty();
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
        return Update.keeping(List.of(square, mean, velocity), (x, gradient, scale, rate, step) -> {
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
        });
    }
}
