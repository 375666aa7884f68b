package io.chainrule.service.diagnostics;

import io.chainrule.core.Trouble;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Tells of {@link Trouble} in two sentences: what happens and why, and what helps. */
final class TroubleText {
    private static final double WHOLE = 1e6;

    private final NamedGraph program;

    TroubleText(NamedGraph program) {
        this.program = program;
    }

    Diagnostic of(Trouble trouble) {
        return Diagnostic.trouble(trouble.kind().id(), program.id(trouble.node()), new TreeMap<>(trouble.numbers()), cause(trouble),
                remedy(trouble));
    }

    private String cause(Trouble trouble) {
        String at = name(trouble.node());
        return switch (trouble.kind()) {
            case EXPLODING_GRADIENT -> chain(trouble, "grows");
            case VANISHING_GRADIENT -> chain(trouble, "falls");
            case DEAD_UNITS -> n(trouble, "dead") + " of the " + n(trouble, "units") + " units of " + at + " are 0 for all "
                    + n(trouble, "samples") + " samples, so that the loss of this batch passes no gradient on through them";
            case SATURATED_UNITS -> n(trouble, "saturated") + " of the " + n(trouble, "units")
                    + (trouble.numbers().containsKey("samples")
                            ? " units of " + at + " are within 1 % of a limit of their values for all " + n(trouble, "samples") + " samples"
                            : " elements of " + at + " are within 1 % of a limit of their values")
                    + ", where the slope is nearly 0, so that hardly any gradient passes them";
            case CANCELLATION -> at + " adds or subtracts rounded numbers of about " + cancelled(trouble);
            case CANCELLING_GRADIENT -> "the gradient of " + at + " is a sum of rounded contributions of about " + cancelled(trouble);
            case ILL_CONDITIONED -> at + " solves equations that are nearly dependent: a change in the last digit of the matrix changes the"
                    + " result " + n(trouble, "condition") + " times as much, so about " + digits(trouble, "digits_left")
                    + " of 16 digits can be trusted";
            case ALREADY_NORMALIZED -> at + " applies " + applied(trouble) + " itself, and reads " + name(trouble.nodes().getFirst())
                    + ", to which it has been applied already: of numbers between 0 and 1 it makes " + squeezed(trouble);
            case LABELS_OUT_OF_RANGE -> n(trouble, "count") + " of the " + n(trouble, "labels") + " labels of " + at + " in "
                    + label(trouble) + " are not what the loss is meant for, which is " + range(trouble);
            case SUM_OVER_SAMPLES -> at + " adds up " + (trouble.nodes().isEmpty()
                    ? "the losses of " + n(trouble, "samples") + " samples, so its"
                    : "what is made of the " + n(trouble, "samples") + " rows of '" + program.id(trouble.nodes().getFirst())
                            + "', so if these are samples, the")
                    + " gradient is " + n(trouble, "samples") + " times that of their mean and grows with the number of samples";
        };
    }

    private static String cancelled(Trouble trouble) {
        double term = trouble.numbers().getOrDefault("term", 0.0);
        return n(trouble, "term") + " that cancel to " + n(trouble, "result") + ": " + (trouble.numbers().getOrDefault("result", 0.0) == 0
                ? "unless it is 0 indeed, a result below " + number(2 * Math.ulp(term)) + " is lost with all its digits"
                : "about " + digits(trouble, "digits_lost") + " of 16 digits are lost");
    }

    private String chain(Trouble trouble, String changes) {
        return "on the way back from " + name(trouble.nodes().getFirst()) + " to " + name(trouble.node()) + " the gradient's norm "
                + changes + " from " + n(trouble, "from") + " to " + n(trouble, "to") + ": each of " + n(trouble, "steps")
                + " steps multiplies it by " + n(trouble, "factor") + " on average";
    }

    /** What is left of the probabilities. Of {@code classes} classes the least loss is log(e + classes − 1) − 1, where one has them all. */
    private static String squeezed(Trouble trouble) {
        Double classes = trouble.numbers().get("classes");
        return classes == null
                ? "probabilities from 0.5 to 0.732 only"
                : "probabilities of which none is more than 2.72 times another, and the loss of a sample, whose target adds up to 1, does not"
                        + " fall below " + Math.floor(1000 * (Math.log(Math.E + classes - 1) - 1)) / 1000;
    }

    private String applied(Trouble trouble) {
        return program.graph().op(trouble.nodes().getFirst()).name();
    }

    private String label(Trouble trouble) {
        int operand = trouble.nodes().getFirst();
        return program.graph().isLiteral(operand) ? "the second operand" : "'" + program.id(operand) + "'";
    }

    private static String range(Trouble trouble) {
        double low = trouble.numbers().getOrDefault("low", 0.0);
        double high = trouble.numbers().getOrDefault("high", 1.0);
        return low < 0 ? number(low) + " or " + number(high) : "from " + number(low) + " to " + number(high);
    }

    private String remedy(Trouble trouble) {
        return switch (trouble.kind()) {
            case EXPLODING_GRADIENT -> hasLayers()
                    ? "Clip the gradient's norm, start with smaller weights, or normalize between the steps."
                    : "The result depends very much on what is before these steps: take fewer of them, or scale them down.";
            case VANISHING_GRADIENT -> !hasLayers()
                    ? "The result hardly depends on what is before these steps: if it shall, take fewer of them, or read those values behind the steps too."
                    : "Use an activation with a slope near 1 such as relu, weights that start larger, normalization, or connections that skip steps.";
            case DEAD_UNITS ->
                "Lower the learning rate or start with other weights and biases; leaky_relu keeps a slope where relu has none.";
            case SATURATED_UNITS -> "Scale the inputs, start with smaller weights, or normalize before the activation.";
            case CANCELLATION ->
                "Rewrite the difference so that it is computed directly, as expm1(x) for exp(x) - 1, log1p(x) for log(1 + x), or (a - b)(a + b) for a^2 - b^2.";
            case CANCELLING_GRADIENT ->
                "Rewrite the program so that equal and opposite parts are taken away before it is differentiated, or take no more digits than are left.";
            case ILL_CONDITIONED ->
                "Scale the equations, add a small multiple of the identity, or use a least-squares solution by qr or svd.";
            case ALREADY_NORMALIZED -> "Give the loss the numbers that " + name(trouble.nodes().getFirst()) + " reads.";
            case LABELS_OUT_OF_RANGE -> trouble.numbers().getOrDefault("low", 0.0) < 0
                    ? "Map the labels to -1 and 1."
                    : "Map the labels to numbers from 0 to 1, as (y + 1) / 2 does for -1 and 1.";
            case SUM_OVER_SAMPLES -> "If the step size shall not depend on the number of samples, take the mean.";
        };
    }

    /** Whether the program has activations, as networks have; others are no matter of weights. */
    private boolean hasLayers() {
        Graph graph = program.graph();
        return IntStream.range(0, graph.size()).anyMatch(node -> OpCatalogue.has(graph.op(node), Trait.ACTIVATION));
    }

    private String name(int node) {
        return "'" + program.id(node) + "' (" + program.graph().op(node).name() + ")";
    }

    private static String n(Trouble trouble, String key) {
        return number(trouble.numbers().getOrDefault(key, Double.NaN));
    }

    private static String digits(Trouble trouble, String key) {
        return String.valueOf(Math.round(trouble.numbers().getOrDefault(key, Double.NaN)));
    }

    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < WHOLE) {
            return String.valueOf((long) value);
        }
        String text = String.format(Locale.ROOT, "%.3g", value);
        return text.contains("e") ? text : text.replaceAll("(\\.\\d*?)0+$", "$1").replaceAll("\\.$", "");
    }
}
