package io.chainrule.service.diagnostics;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.LostGradient;
import io.chainrule.core.Outcome;
import io.chainrule.core.PathsToOutput;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Explains why gradients are zero, for each name to differentiate by. */
final class ZeroGradients {
    private static final int MOST_TOLD = 20;

    private final Diagnostics diagnostics;
    private final Outcome outcome;
    private final BoundProgram bound;
    private final NamedGraph program;
    private final PathsToOutput paths;

    ZeroGradients(Diagnostics diagnostics, Outcome outcome) {
        this.diagnostics = diagnostics;
        this.outcome = outcome;
        this.bound = outcome.function().bound();
        this.program = bound.program();
        this.paths = diagnostics.paths();
    }

    /** Explains gradients that are zero whatever the values are. */
    void always() {
        bound.wrt().forEach((id, node) -> {
            if (node >= 0 && outcome.function().isConstant(node)) {
                constant(id, node);
            }
        });
    }

    private void constant(String id, int node) {
        if (!paths.reaches(node)) {
            diagnostics.add("unreached-output", id, Phrase.of("diagnostic.unreached-output", id, program.id(program.output())));
        } else {
            int flat = paths.flatUse(node);
            diagnostics.add("zero-derivative", id, flat < 0
                    ? Phrase.of("diagnostic.zero-derivative", id)
                    : Phrase.of("diagnostic.zero-derivative.flat", id, diagnostics.name(flat)));
        }
    }

    /** Explains gradients that are zero at these values, though not at others. */
    void atTheseValues() {
        Map<String, Integer> zero = new LinkedHashMap<>();
        bound.wrt().forEach((id, node) -> {
            if (node >= 0 && !outcome.function().isConstant(node) && outcome.isZeroGradient(node)) {
                zero.put(id, node);
            }
        });
        if (zero.isEmpty()) {
            return;
        }
        List<String> told = zero.keySet().stream().limit(MOST_TOLD).toList();
        Map<Integer, LostGradient> lost = outcome.findings().lostGradients(told.stream().map(zero::get).toList());
        told.forEach(id -> {
            LostGradient found = lost.get(zero.get(id));
            if (found != null) {
                tell(id, found);
            }
        });
        zero.keySet().stream().skip(MOST_TOLD).findFirst().ifPresent(id -> diagnostics.add("zero-gradient", id,
                Phrase.of("diagnostic.zero-gradients", id, zero.size() - MOST_TOLD - 1)));
    }

    private void tell(String id, LostGradient lost) {
        diagnostics.add(new Diagnostic("zero-gradient", id, null, null,
                Phrase.of("diagnostic.zero-gradient", id, reason(lost)), diagnostics.ids(lost.path()), Map.of()));
    }

    private Object all(List<Integer> nodes) {
        return nodes.size() > Diagnostics.MOST_NAMED
                ? diagnostics.names(nodes)
                : Phrase.of("diagnostic.and", diagnostics.names(nodes.subList(0, nodes.size() - 1)), diagnostics.name(nodes.getLast()));
    }

    private Phrase reason(LostGradient lost) {
        int last = lost.path().getLast();
        String at = diagnostics.name(last);
        Op op = program.graph().op(last);
        String key = "lost." + lost.why().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return switch (lost.why()) {
            case CLOSED -> closed(key, at, op);
            case ROUNDS_TO_ZERO -> OpCatalogue.has(op, Trait.SATURATES) ? closed(key, at, op) : Phrase.of(key, at);
            case CANCELS_BETWEEN -> lost.path().size() == 1
                    ? Phrase.of(key, all(lost.nodes()))
                    : Phrase.of(key + ".later", at, all(lost.nodes()));
            case CANCELS_OVER_BROADCAST -> Phrase.of(key, at, program.id(lost.path().get(lost.path().size() - 2)));
            case CLOSED_IN_PART, UNDERFLOWS, CANCELS_BETWEEN_OPERANDS, CANCELS_WITHIN, CANCELS_OVER_SAMPLES, UNKNOWN, UNKNOWN_IN_PART ->
                Phrase.of(key, at);
        };
    }

    /** Says why the op's derivative is zero where its definition does. */
    private static Phrase closed(String key, String at, Op op) {
        String why = OpCatalogue.of(op).vanishing();
        return why == null ? Phrase.of(key, at) : Phrase.of("lost.vanishing", at, Phrase.ofEnglish("vanishing", why));
    }
}
