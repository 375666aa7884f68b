package io.chainrule.service.diagnostics;

import io.chainrule.core.Trouble;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.language.Phrase;
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

    private Phrase cause(Trouble trouble) {
        String key = "trouble." + trouble.kind().id();
        String at = name(trouble.node());
        return switch (trouble.kind()) {
            case EXPLODING_GRADIENT, VANISHING_GRADIENT -> Phrase.of(key, name(trouble.nodes().getFirst()), at, n(trouble, "from"),
                    n(trouble, "to"), n(trouble, "steps"), n(trouble, "factor"));
            case DEAD_UNITS -> Phrase.of(key, at, n(trouble, "dead"), n(trouble, "units"), n(trouble, "samples"));
            case SATURATED_UNITS -> trouble.numbers().containsKey("samples")
                    ? Phrase.of(key + ".samples", at, n(trouble, "saturated"), n(trouble, "units"), n(trouble, "samples"))
                    : Phrase.of(key, at, n(trouble, "saturated"), n(trouble, "units"));
            case CANCELLATION, CANCELLING_GRADIENT -> Phrase.of(key, at, n(trouble, "term"), n(trouble, "result"), lost(trouble));
            case ILL_CONDITIONED -> Phrase.of(key, at, n(trouble, "condition"), digits(trouble, "digits_left"));
            case ALREADY_NORMALIZED -> Phrase.of(key, at, applied(trouble), name(trouble.nodes().getFirst()), squeezed(trouble));
            case LABELS_OUT_OF_RANGE -> Phrase.of(key, at, n(trouble, "count"), n(trouble, "labels"), label(trouble), range(trouble));
            case SUM_OVER_SAMPLES -> trouble.nodes().isEmpty()
                    ? Phrase.of(key, at, n(trouble, "samples"))
                    : Phrase.of(key + ".rows", at, n(trouble, "samples"), program.id(trouble.nodes().getFirst()));
        };
    }

    private static Phrase lost(Trouble trouble) {
        double term = trouble.numbers().getOrDefault("term", 0.0);
        return trouble.numbers().getOrDefault("result", 0.0) == 0
                ? Phrase.of("trouble.lost.all", number(2 * Math.ulp(term)))
                : Phrase.of("trouble.lost", digits(trouble, "digits_lost"));
    }

    /** What is left of the probabilities. Of {@code classes} classes the least loss is log(e + classes − 1) − 1, where one has them all. */
    private static Phrase squeezed(Trouble trouble) {
        Double classes = trouble.numbers().get("classes");
        return classes == null
                ? Phrase.of("trouble.squeezed")
                : Phrase.of("trouble.squeezed.classes", Math.floor(1000 * (Math.log(Math.E + classes - 1) - 1)) / 1000);
    }

    private String applied(Trouble trouble) {
        return program.graph().op(trouble.nodes().getFirst()).name();
    }

    private Object label(Trouble trouble) {
        int operand = trouble.nodes().getFirst();
        return program.graph().isLiteral(operand) ? Phrase.of("trouble.second-operand") : "'" + program.id(operand) + "'";
    }

    private static Phrase range(Trouble trouble) {
        double low = trouble.numbers().getOrDefault("low", 0.0);
        double high = trouble.numbers().getOrDefault("high", 1.0);
        return Phrase.of(low < 0 ? "trouble.either" : "trouble.between", number(low), number(high));
    }

    private Phrase remedy(Trouble trouble) {
        String key = "remedy." + trouble.kind().id();
        return switch (trouble.kind()) {
            case EXPLODING_GRADIENT, VANISHING_GRADIENT -> Phrase.of(hasLayers() ? key : key + ".plain");
            case ALREADY_NORMALIZED -> Phrase.of(key, name(trouble.nodes().getFirst()));
            case LABELS_OUT_OF_RANGE -> Phrase.of(trouble.numbers().getOrDefault("low", 0.0) < 0 ? key + ".signs" : key);
            case DEAD_UNITS, SATURATED_UNITS, CANCELLATION, CANCELLING_GRADIENT, ILL_CONDITIONED, SUM_OVER_SAMPLES -> Phrase.of(key);
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
        return text.replaceAll("(\\.\\d*?)0+$", "$1").replaceAll("\\.$", "");
    }
}
