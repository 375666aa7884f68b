package io.chainrule.core.explain;

import io.chainrule.core.LostGradient;
import io.chainrule.core.RunFindings;
import io.chainrule.core.Trouble;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is remarkable at a node: kinks, dead and saturated units, digits that cancel, values that are not finite, gradients that are lost.
 */
final class Notes {
    private static final int MOST_LOST = 20;

    private final Scene scene;
    private final Map<Integer, Map<String, String>> notes = new HashMap<>();

    private Notes(Scene scene) {
        this.scene = scene;
    }

    /** Reads the remarks of a run; none if it made none. */
    static Notes of(Scene scene) {
        Notes found = new Notes(scene);
        if (scene.hasRemarks()) {
            found.read();
        }
        return found;
    }

    private void read() {
        RunFindings findings = scene.outcome.findings();
        findings.kinks().forEach(this::kink);
        int value = findings.firstNonFiniteValue();
        if (value >= 0) {
            add(value, "note.non-finite.forward");
        }
        int gradient = findings.firstNonFiniteGradient();
        if (gradient >= 0) {
            add(gradient, "note.non-finite.backward");
        }
        findings.troubles().forEach(this::trouble);
        List<Integer> zero = scene.bound.wrt().values().stream()
                .filter(node -> node >= 0 && !scene.outcome.function().isConstant(node) && scene.outcome.isZeroGradient(node))
                .limit(MOST_LOST).toList();
        findings.lostGradients(zero).forEach((node, lost) -> add(node, cancels(lost.why()) ? "note.lost.cancels" : "note.lost",
                scene.id(lost.path().getLast())));
    }

    /** Tells what holds at a kink, as the op's definition says it. */
    private void kink(int node, long count) {
        add(node, "note.kink", count, phrase(node));
    }

    private Phrase phrase(int node) {
        OpDefinition op = OpCatalogue.find(scene.graph.op(node).name());
        String text = op == null ? null : op.convention();
        return text == null ? Phrase.of("convention.other") : Phrase.ofEnglish("convention", text);
    }

    /** What holds at the kink on which a node sits; null if it sits on none, or the run noted none. */
    @Nullable
    Phrase convention(int node) {
        return scene.hasRemarks() && scene.outcome.findings().kinks().containsKey(node) ? phrase(node) : null;
    }

    boolean isSaturationTold(int node) {
        return notes.getOrDefault(node, Map.of()).containsKey("note.saturated-units");
    }

    private static boolean cancels(LostGradient.Why why) {
        return switch (why) {
            case CANCELS_BETWEEN, CANCELS_BETWEEN_OPERANDS, CANCELS_WITHIN, CANCELS_OVER_BROADCAST, CANCELS_OVER_SAMPLES -> true;
            case CLOSED, CLOSED_IN_PART, ROUNDS_TO_ZERO, UNDERFLOWS, UNKNOWN, UNKNOWN_IN_PART -> false;
        };
    }

    private void trouble(Trouble trouble) {
        String key = "note." + trouble.kind().id();
        int node = trouble.node();
        switch (trouble.kind()) {
            case DEAD_UNITS -> add(node, key, number(trouble, "dead"), number(trouble, "units"));
            case SATURATED_UNITS -> add(node, key, number(trouble, "saturated"), number(trouble, "units"));
            case CANCELLATION, CANCELLING_GRADIENT -> add(node, key, digits(trouble, "digits_lost"));
            case ILL_CONDITIONED -> add(node, key, digits(trouble, "digits_left"));
            case EXPLODING_GRADIENT, VANISHING_GRADIENT -> add(node, key, scene.id(trouble.nodes().getFirst()), number(trouble, "steps"),
                    number(trouble, "factor"));
            // These are about what a program is for, not about its chain rule.
            case ALREADY_NORMALIZED, LABELS_OUT_OF_RANGE, SUM_OVER_SAMPLES -> {
            }
        }
    }

    private static String number(Trouble trouble, String key) {
        return Numerals.of(trouble.numbers().getOrDefault(key, Double.NaN));
    }

    private static String digits(Trouble trouble, String key) {
        return Numerals.of(Math.rint(trouble.numbers().getOrDefault(key, Double.NaN)));
    }

    private void add(int node, String key, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of(scene.id(node)));
        arguments.addAll(List.of(more));
        notes.computeIfAbsent(node, _ -> new LinkedHashMap<>()).put(key, scene.text(key, arguments.toArray()));
    }

    List<String> of(int node) {
        return List.copyOf(notes.getOrDefault(node, Map.of()).values());
    }
}
