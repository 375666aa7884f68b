package io.chainrule.core.training;

import io.chainrule.core.elementary.Power;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.op.Constraint;
import io.chainrule.core.op.Definition;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Adam (Kingma and Ba 2015), with AMSGrad (Reddi et al. 2018), as {@code torch.optim.Adam}; with decoupled weight decay
 * (Loshchilov and Hutter 2019) as {@code torch.optim.AdamW}.
 */
record Adam(double learningRate, double beta1, double beta2, double eps, double weightDecay, boolean amsgrad,
        boolean decoupled) implements Optimizer {

    private static final String MOMENTS = "m_t = \\beta_1 m_{t-1} + (1 - \\beta_1)\\, g_t,\\quad "
            + "s_t = \\beta_2 s_{t-1} + (1 - \\beta_2)\\, g_t^2,\\quad ";
    private static final String STEP = "\\eta\\, \\frac{m_t / (1 - \\beta_1^t)}{\\sqrt{s_t / (1 - \\beta_2^t)} + \\epsilon}";

    static final Definition<Optimizer> ADAM = new Definition<>("adam",
            "A running mean of the gradient, divided by the root of a running mean of its squares, both without their bias towards 0.",
            MOMENTS + "\\theta_t = \\theta_{t-1} - " + STEP, "torch.optim.Adam; Kingma and Ba 2015, AMSGrad: Reddi et al. 2018",
            options(Parts.weightDecay(0, "how much of a parameter is added to its gradient")), Map.of("lr", 0.05), a -> of(a, false));
    static final Definition<Optimizer> ADAMW = new Definition<>("adamw", "Adam, whose weight decay leaves the means alone.",
            MOMENTS + "\\theta_t = (1 - \\eta \\lambda)\\, \\theta_{t-1} - " + STEP,
            "torch.optim.AdamW; Loshchilov and Hutter 2019",
            options(Parts.weightDecay(1e-2, "how much of a parameter is taken from it, times the learning rate")), Map.of("lr", 0.05),
            a -> of(a, true));

    private static List<Attribute> options(Attribute weightDecay) {
        return List.of(Parts.learningRate(1e-3),
                Attribute.optional("betas", Attribute.Type.TWO_NUMBERS, List.of(0.9, 0.999),
                        "how much of the mean and of the mean square goes on").with(new Constraint.Range(0, 1, true)),
                Parts.eps(1e-8), weightDecay, Attribute.flag("amsgrad", "whether it divides by the largest mean square so far"));
    }

    private static Adam of(Attributes a, boolean decoupled) {
        List<Double> betas = a.numbers("betas");
        return new Adam(a.number("lr"), betas.getFirst(), betas.getLast(), a.number("eps"), a.number("weight_decay"), a.flag("amsgrad"),
                decoupled);
    }

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
        double[] mean = new double[length];
        double[] square = new double[length];
        double[] largest = new double[amsgrad ? length : 0];
        return Update.keeping(List.of(mean, square, largest), (x, gradient, scale, rate, step) -> {
            double meanPart = 1 - Power.pow(beta1, (double) step);
            double squarePart = 1 - Power.pow(beta2, (double) step);
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
        });
    }
}
