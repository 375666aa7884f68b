package io.chainrule.core.network;

import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Catalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A type of loss: an op that compares the output of the last layer with a target, and its short name in networks.
 *
 * @param takesLogits whether it takes logits, so that a prediction above 0, not above one half, means yes
 * @param exampleUnits the number of units of the dense layer in its example; {@code exampleActivation} is the activation of that layer
 */
public record LossType(String name, String description, OpDefinition op, Target target, boolean takesLogits, int exampleUnits,
        @Nullable String exampleActivation, Tensor exampleTarget) implements Catalogue.Entry {

    /** What a target holds. */
    public enum Target {
        SAME("the shape of the output"),
        /** Class labels, for an op that has an attribute for the axis of the classes. */
        CLASSES("the shape of the output without the axis of the classes, as labels from 0"),
        CLASSES_LAST("the shape of the output without its last axis, as labels from 0");

        private final String shape;

        Target(String shape) {
            this.shape = shape;
        }

        /** The shape of a target, in words. */
        public String shape() {
            return shape;
        }
    }

    private static final Tensor NUMBERS = Tensor.matrix(new double[]{1}, new double[]{0});
    private static final Tensor LABELS = Tensor.vector(2, 0);

    public static final Catalogue<LossType> LOSSES = new Catalogue<>("loss", List.of(
            of("mse", "The mean squared error.", "mse_loss"),
            of("mae", "The mean absolute error.", "l1_loss"),
            of("huber", "A parabola near 0 and a straight line beyond, so that outliers weigh less.", "huber_loss"),
            ofClasses("cross_entropy", "Of scores of classes, which it takes through softmax; a target of the output's shape holds "
                    + "probabilities.", "cross_entropy", Target.CLASSES, null),
            ofNumbers("binary_cross_entropy", "Of probabilities of yes.", false, "sigmoid"),
            ofNumbers("binary_cross_entropy_with_logits", "Of scores of yes, which it takes through a sigmoid.", true, null),
            ofClasses("hinge", "Of scores of classes: that of the right one should exceed the others by a margin.", "hinge_loss",
                    Target.CLASSES_LAST, null),
            ofClasses("nll", "Minus the log-probability of the right class.", "nll_loss", Target.CLASSES, "log_softmax"),
            new LossType("kl_div", "How far the target's probabilities are from those whose logarithms arrive (Kullback and Leibler).",
                    Ops.find("kl_div"), Target.SAME, false, 2, "log_softmax",
                    Tensor.matrix(new double[]{0.25, 0.75}, new double[]{0.5, 0.5}))));

    private static LossType of(String name, String description, String op) {
        return new LossType(name, description, Ops.find(op), Target.SAME, false, 1, null, NUMBERS);
    }

    private static LossType ofNumbers(String name, String description, boolean takesLogits, @Nullable String activation) {
        return new LossType(name, description, Ops.find(name), Target.SAME, takesLogits, 1, activation, NUMBERS);
    }

    private static LossType ofClasses(String name, String description, String op, Target target, @Nullable String activation) {
        return new LossType(name, description, Ops.find(op), target, false, 3, activation, LABELS);
    }

    @Override
    public String formula() {
        return op.formula();
    }

    @Override
    public @Nullable String source() {
        return null;
    }

    @Override
    public List<Attribute> options() {
        return Ops.options(op);
    }

    @Override
    public Map<String, Object> example() {
        return Map.of();
    }

    /** Whether it has an option for the axis of the classes. */
    boolean hasAxis() {
        return options().stream().anyMatch(option -> option.name().equals(Ops.AXIS));
    }

    /** Whether its target must have exactly the shape of the output, which elementwise ops would otherwise broadcast. */
    boolean isElementwise() {
        return target == Target.SAME;
    }
}
