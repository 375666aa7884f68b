package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Losses between arrays that broadcast, with PyTorch's formulas and reductions. */
final class Losses {
    private static final Tensor X = Tensor.vector(0.2, -1.5, 3);
    private static final Tensor T = Tensor.vector(0.5, 1, 0);
    private static final Tensor P = Tensor.vector(0.2, 0.9, 0.3);

    static final OpDefinition MSE = loss("mse_loss", X, T, a -> (x, t) -> square(sub(x, t)))
            .formula("(x - t)^2", "2 (x - t)").traits(COMPARES);
    static final OpDefinition L1 = loss("l1_loss", X, T, a -> (x, t) -> abs(sub(x, t))).formula("|x - t|", "\\operatorname{sign}(x - t)")
            .convention("at x = t the derivative is 0").traits(COMPARES);
    static final OpDefinition SMOOTH_L1 = loss("smooth_l1_loss", X, T, a -> {
        double beta = notNegative(a, "beta");
        return (x, t) -> beta == 0 ? abs(sub(x, t)) : smooth(sub(x, t), beta, 1);
    }, Attribute.optional("beta", Attribute.Type.NUMBER, 1.0, "up to where it is a parabola; 0 is l1_loss"))
            .formula("\\frac{(x - t)^2}{2 \\beta} \\text{ if } |x - t| < \\beta \\text{ else } |x - t| - \\frac{\\beta}{2}",
                    "\\max(-1, \\min(1, (x - t) / \\beta))",
                    slope((a, x) -> a.number("beta") == 0 ? sign(sub(x[0], x[1])) : clipped(div(sub(x[0], x[1]), a.number("beta")), 1)))
            .convention("with beta 0 the derivative at x = t is 0").traits(COMPARES);
    static final OpDefinition HUBER = loss("huber_loss", X, T, a -> {
        double delta = positive(a, "delta");
        return (x, t) -> smooth(sub(x, t), delta, delta);
    }, Attribute.optional("delta", Attribute.Type.NUMBER, 1.0, "up to where it is a parabola"))
            .formula("\\frac{(x - t)^2}{2} \\text{ if } |x - t| < \\delta \\text{ else } \\delta (|x - t| - \\frac{\\delta}{2})",
                    "\\max(-\\delta, \\min(\\delta, x - t))", slope((a, x) -> clipped(sub(x[0], x[1]), a.number("delta"))))
            .traits(COMPARES);
    static final OpDefinition BINARY_CROSS_ENTROPY = loss("binary_cross_entropy", P, T, a -> Losses::binaryCrossEntropy)
            .formula("-t \\log x - (1 - t) \\log(1 - x)", "\\frac{x - t}{x (1 - x)}",
                    slope((a, x) -> div(sub(x[0], x[1]), mul(x[0], sub(1, x[0])))))
            .convention("logarithms are at least −100, as in PyTorch; below, their derivative is 0").domain(0.1, 0.9).traits(COMPARES)
            .cautions(Cautions.NONE.labels(1, 0, 1));
    static final OpDefinition BINARY_CROSS_ENTROPY_WITH_LOGITS = loss("binary_cross_entropy_with_logits", X, T,
            a -> (x, t) -> add(strong(t, softplus(neg(x))), strong(sub(1, t), softplus(x))))
            .formula("-t \\log \\sigma(x) - (1 - t) \\log(1 - \\sigma(x))", "\\sigma(x) - t",
                    slope((a, x) -> sub(sigmoid(x[0]), x[1])))
            .traits(COMPARES)
            .cautions(Cautions.NONE.labels(1, 0, 1).applies(Exponentials.SIGMOID));
    static final OpDefinition KL_DIV = loss("kl_div", Tensor.vector(-1.5, -0.3), Tensor.vector(0.4, 0.6), a -> {
        boolean logarithms = a.flag("log_target");
        return (x, t) -> logarithms ? strong(exp(t), sub(t, x)) : sub(x.graph().add(Exponentials.XLOGY.op(), t, t), strong(t, x));
    }, Attribute.optional("log_target", Attribute.Type.BOOLEAN, false, "the target is given by logarithms"))
            .formula("t (\\log t - x)", "-t").convention("0 where the target is 0; the input holds log-probabilities").domain(0.1, 0.9)
            .traits(COMPARES);
    static final OpDefinition HINGE_EMBEDDING = loss("hinge_embedding_loss", X, Tensor.vector(1, -1, 1), a -> {
        double margin = a.number("margin");
        return (x, t) -> add(where(eq(t, -1), 0, x), where(eq(t, 1), 0, relu(sub(margin, x))));
    }, Attribute.optional("margin", Attribute.Type.NUMBER, 1.0, "from where dissimilar pairs cost nothing"))
            .formula("x \\text{ if } t = 1 \\text{ else } \\max(0, m - x)", "1 \\text{ if } t = 1 \\text{ else } -[x < m]")
            .convention("at x = margin the derivative is 0").traits(COMPARES).cautions(Cautions.NONE.labelsOnly(1, -1, 1));
    static final OpDefinition POISSON_NLL = loss("poisson_nll_loss", X, Tensor.vector(1, 0, 2), Losses::poisson,
            Attribute.optional("log_input", Attribute.Type.BOOLEAN, true, "the input is the logarithm of the expected count"),
            Attribute.optional("full", Attribute.Type.BOOLEAN, false, "with Stirling's approximation of log t! for t above 1"),
            Attribute.optional("eps", Attribute.Type.NUMBER, 1e-8, "added to an input that is no logarithm, in its logarithm"))
            .formula("e^x - t x", "e^x - t",
                    slope((a, x) -> a.flag("log_input") ? sub(exp(x[0]), x[1]) : sub(1, div(x[1], add(x[0], a.number("eps"))))))
            .domain(0.2, 1.9).traits(COMPARES);

    static final List<OpDefinition> ALL = List.of(MSE, L1, SMOOTH_L1, HUBER, BINARY_CROSS_ENTROPY, BINARY_CROSS_ENTROPY_WITH_LOGITS, KL_DIV,
            HINGE_EMBEDDING, POISSON_NLL);

    private Losses() {}

    private static OpDefinition loss(String name, Tensor input, Tensor target, Function<Attributes, BinaryOperator<Node>> circuit,
            Attribute... attributes) {
        Attribute[] all = Arrays.copyOf(attributes, attributes.length + 1);
        all[attributes.length] = reduction();
        return OpDefinition.define(name, Family.COMPOSITE, "input", "target").attribute(all)
                .example("x = " + name + "(input, target, reduction='none')\nf = sum(x)", input, target)
                .as(a -> {
                    BinaryOperator<Node> elementwise = circuit.apply(a);
                    String reduction = reduction(a);
                    return Composite.of(name, a.written(), x -> reduced(elementwise.apply(x[0], x[1]), reduction));
                });
    }

    /** The slope of the loss of one element by an operand. */
    private interface Slope {
        Node of(Attributes attributes, Node[] operands);
    }

    /** Tells the backward pass of a loss from the slopes by its operands, where they have one shape. */
    private static Backward slope(Slope... slopes) {
        return Backward.rule((a, x, cotangent, operand) -> operand < slopes.length && x[0].shape().equals(x[1].shape())
                ? reducedBack(mul(cotangent, slopes[operand].of(a, x)), a, (double) x[0].shape().size())
                : null);
    }

    /** The gradient of a mean of so many losses is divided by their number. */
    static Node reducedBack(Node gradient, Attributes a, double count) {
        return reduction(a).equals("mean") ? div(gradient, count) : gradient;
    }

    private static Node clipped(Node x, double most) {
        return x.graph().add(Comparisons.CLIP.create(Map.of("min", -most, "max", most), 1), x);
    }

    static Attribute reduction() {
        return Attribute.optional("reduction", Attribute.Type.TEXT, "mean", "'mean', 'sum' or 'none'");
    }

    static String reduction(Attributes a) {
        return a.choice("reduction", "mean", "sum", "none");
    }

    static Node reduced(Node losses, String reduction) {
        Node count = number(losses.graph(), (double) losses.shape().size());
        return reduced(losses, reduction, count);
    }

    /** The mean divides by {@code count}: further losses are 0 and do not count. */
    static Node reduced(Node losses, String reduction, Node count) {
        return switch (reduction) {
            case "none" -> losses;
            case "sum" -> total(losses);
            default -> div(total(losses), count);
        };
    }

    static Node total(Node x) {
        return sum(x, IntStream.range(0, x.shape().rank()).boxed().toList(), false);
    }

    private static double notNegative(Attributes a, String name) {
        double value = a.number(name);
        if (!(value >= 0)) {
            throw new ProblemException(
                    a.problem(name, "attribute '" + name + "' is at least 0, not " + value).expected("at least 0", String.valueOf(value)));
        }
        return value;
    }

    private static double positive(Attributes a, String name) {
        a.nonzero(name);
        return notNegative(a, name);
    }

    /** A parabola of curvature slope / width up to the width, a line of that slope beyond. */
    private static Node smooth(Node difference, double width, double slope) {
        Node size = abs(difference);
        return where(lt(size, width), mul(0.5 * slope / width, square(difference)), mul(slope, sub(size, 0.5 * width)));
    }

    private static Node binaryCrossEntropy(Node x, Node t) {
        return neg(add(mul(t, clamped(log(x))), mul(sub(1, t), clamped(unary(Exponentials.LOG1P, neg(x))))));
    }

    private static Node clamped(Node logarithm) {
        return logarithm.graph().add(Arithmetic.MAXIMUM.op(), logarithm, number(logarithm.graph(), -100));
    }

    private static Node softplus(Node x) {
        return x.graph().add(Activations.SOFTPLUS.create(Map.of(), 1), x);
    }

    static Node relu(Node x) {
        return unary(Activations.RELU, x);
    }

    private static BinaryOperator<Node> poisson(Attributes a) {
        boolean logarithm = a.flag("log_input");
        boolean full = a.flag("full");
        double eps = a.number("eps");
        return (x, t) -> {
            Node loss = logarithm ? sub(exp(x), mul(t, x)) : sub(x, mul(t, log(add(x, eps))));
            Node stirling = add(sub(mul(t, log(t)), t), mul(0.5, log(mul(2 * Math.PI, t))));
            return full ? add(loss, where(gt(t, 1), stirling, 0)) : loss;
        };
    }
}
