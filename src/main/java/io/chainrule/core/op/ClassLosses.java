package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Losses of scores against the class that each sample has. */
final class ClassLosses {
    private static final Tensor SCORES = Tensor.matrix(new double[]{-2.85, 0.86, 0.28}, new double[]{1, -0.5, 2});
    private static final Tensor CLASSES = Tensor.vector(2, 0);
    private static final String LABELS = "labels are whole numbers from 0 and pass no gradient";
    private static final Attribute AXIS = Attribute.optional("axis", Attribute.Type.INT, -1, "the axis of the classes");
    private static final Attribute IGNORE = Attribute.optional("ignore_index", Attribute.Type.INT, -100,
            "the label of samples that cost nothing and do not count in the mean");

    static final OpDefinition NLL = OpDefinition.define("nll_loss", Family.COMPOSITE, "log_probs", "classes")
            .attribute(AXIS, IGNORE, Losses.reduction())
            .formula("-x_c", "\\bar x_i = -\\bar y\\, [i = c]").convention(LABELS + "; the mean of no samples is NaN")
            .example("f = nll_loss(log_softmax(log_probs), classes)", SCORES, CLASSES).as(a -> {
                Labels labels = new Labels(a.integer("axis"), a.integer("ignore_index"), 0, Losses.reduction(a));
                return Composite.of("nll_loss", a, x -> labels.loss(x[0], x[1])).ignoring(1);
            }).traits(COMPARES, CLASS_LABELS);
    static final OpDefinition CROSS_ENTROPY = OpDefinition.define("cross_entropy", Family.COMPOSITE, "logits", "target")
            .attribute(AXIS,
                    Attribute.optional("label_smoothing", Attribute.Type.NUMBER, 0.0, "how much of the target is spread over all classes"),
                    IGNORE, Losses.reduction())
            .formula("-\\sum_i t_i \\log \\operatorname{softmax}(x)_i", "\\bar x = \\operatorname{softmax}(x) \\textstyle\\sum_i t_i - t",
                    Backward.rule(ClassLosses::crossEntropyBack))
            .convention("a target of the logits' shape holds probabilities, one without their axis of classes holds labels; "
                    + LABELS + "; the mean is that over the samples that are not ignored, NaN where there are none")
            .example("cross_entropy(logits, target)", Tensor.vector(-2.85, 0.86, 0.28), Tensor.vector(0, 0, 1))
            .as(ClassLosses::crossEntropy).traits(CLASS_LABELS).cautions(Cautions.NONE.labels(1, 0, 1).applies(Softmax.SOFTMAX));
    static final OpDefinition HINGE = OpDefinition.define("hinge_loss", Family.COMPOSITE, "scores", "classes")
            .attribute(Attribute.optional("margin", Attribute.Type.NUMBER, 1.0,
                    "by how much the score of the right class has to exceed the others"), Losses.reduction())
            .formula("\\sum_{i \\ne c} \\max(0, x_i - x_c + m)",
                    "\\bar x_i = \\bar y\\, [x_i - x_c + m > 0] \\text{ for } i \\ne c,\\ "
                            + "\\bar x_c = -\\textstyle\\sum_{i \\ne c} \\bar x_i",
                    Backward.rule(ClassLosses::hingeBack))
            .convention("where x_i − x_c + m is 0 its derivative is 0; " + LABELS)
            .example("f = hinge_loss(scores, classes)", SCORES, CLASSES).as(a -> {
                double margin = a.number("margin");
                String reduction = Losses.reduction(a);
                return Composite.of("hinge_loss", a, x -> Losses.reduced(hinge(x[0], x[1], margin), reduction)).ignoring(1);
            }).traits(COMPARES);

    static final List<OpDefinition> ALL = List.of(NLL, CROSS_ENTROPY, HINGE, ClassIndex.DEFINITION);

    private ClassLosses() {}

    private static Op crossEntropy(Attributes a) {
        int axis = a.integer("axis");
        double smoothing = a.number("label_smoothing", 0, 1);
        String reduction = Losses.reduction(a);
        Labels labels = new Labels(axis, a.integer("ignore_index"), smoothing, reduction);
        return Composite.of("cross_entropy", a, x -> {
            Shape logits = x[0].shape();
            Shape target = x[1].shape();
            int at = logits.axis(axis);
            if (!target.equals(logits) && !target.equals(logits.without(at))) {
                throw new ShapeException("needs target " + logits + " (probabilities) or " + logits.without(at)
                        + " (classes), got " + target, logits + " or " + logits.without(at), target.toString());
            }
            Node logarithms = x[0].graph().add(Softmax.LOG_SOFTMAX.create(Map.of("axis", axis), 1), x[0]);
            return target.equals(logits)
                    ? Losses.reduced(neg(sum(strong(smoothed(x[1], smoothing, logits.dim(at)), logarithms), List.of(at), false)), reduction)
                    : labels.loss(logarithms, x[1]);
        });
    }

    /** Each class that costs something gets the gradient, and the right one that of all these with the opposite sign. */
    private static @Nullable Node hingeBack(Attributes a, Node[] x, Node cotangent, int operand) {
        Shape shape = x[0].shape();
        if (operand != 0 || Losses.reduction(a).equals("none")) {
            return null;
        }
        List<Integer> axis = List.of(shape.rank() - 1);
        Node classes = x[1].graph().add(Gathering.ONE_HOT.create(Map.of("num_classes", shape.last()), 1), x[1]);
        Node costs = gt(add(sub(x[0], sum(mul(classes, x[0]), axis, true)), a.number("margin")), 0);
        Node others = mul(sub(1, classes), costs);
        return Losses.reducedBack(mul(cotangent, sub(others, mul(classes, sum(others, axis, true)))), a,
                (double) shape.without(shape.rank() - 1).size());
    }

    /** Of probabilities that add up to 1, or of labels that all name a class: the difference of probabilities and targets. */
    private static @Nullable Node crossEntropyBack(Attributes a, Node[] x, Node cotangent, int operand) {
        Shape shape = x[0].shape();
        int at = shape.axis(a.integer("axis"));
        boolean isReduced = !Losses.reduction(a).equals("none");
        if (operand != 0 || a.number("label_smoothing") != 0 || !isReduced || at != shape.rank() - 1) {
            return null;
        }
        Node probabilities = x[0].graph().add(Softmax.SOFTMAX.create(Map.of(), 1), x[0]);
        Node target = x[1].shape().equals(shape)
                ? x[1]
                : x[1].graph().add(Gathering.ONE_HOT.create(Map.of("num_classes", shape.last()), 1), x[1]);
        return Losses.reducedBack(mul(cotangent, sub(probabilities, target)), a, (double) shape.without(at).size());
    }

    private static Node smoothed(Node probabilities, double smoothing, int classes) {
        return smoothing == 0 ? probabilities : add(mul(1 - smoothing, probabilities), smoothing / classes);
    }

    /** Checks that there is a label for each sample, and a class: without classes even an ignored label would have nothing to read. */
    private static void needsLabels(Shape scores, int axis, Node classes) {
        Composite.needs("classes", scores.without(axis), classes);
        if (scores.dim(axis) == 0 && classes.shape().size() > 0) {
            throw new ShapeException("needs at least one class along axis " + axis + ", got " + scores, "at least one class",
                    scores.toString());
        }
    }

    /** The loss of log-probabilities by class labels. */
    private record Labels(int axis, int ignored, double smoothing, String reduction) {

        Node loss(Node logarithms, Node classes) {
            Shape shape = logarithms.shape();
            int at = shape.axis(axis);
            needsLabels(shape, at, classes);
            Node index = reshape(classes.graph().add(new ClassIndex(shape.dim(at), ignored), classes), shape.with(at, 1));
            Node losses = neg(reshape(Gathering.takeAlong(logarithms, index, at), classes.shape()));
            if (smoothing != 0) {
                Node ofAll = neg(sum(logarithms, List.of(at), false));
                losses = add(mul(1 - smoothing, losses), mul(smoothing / shape.dim(at), ofAll));
            }
            Node isIgnored = eq(classes, ignored);
            return Losses.reduced(where(isIgnored, 0, losses), reduction, Losses.total(not(isIgnored)));
        }
    }

    private static Node hinge(Node scores, Node classes, double margin) {
        Shape shape = scores.shape();
        int at = shape.axis(-1);
        needsLabels(shape, at, classes);
        Node index = classes.graph().add(new ClassIndex(shape.dim(at), null), classes);
        Node right = Gathering.takeAlong(scores, reshape(index, shape.with(at, 1)), at);
        Node costs = Losses.relu(add(sub(scores, right), margin));
        return sum(where(Gathering.oneHot(index, shape.dim(at)), 0, costs), List.of(at), false);
    }
}
