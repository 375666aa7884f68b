package io.chainrule.service.diagnostics;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.LostGradient;
import io.chainrule.core.Outcome;
import io.chainrule.core.PathsToOutput;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
        Map<String, Integer> constant = new LinkedHashMap<>(bound.wrt());
        constant.values().removeIf(node -> node < 0 || !outcome.function().isConstant(node));
        constant.forEach((id, node) -> {
            if (!paths.reaches(node)) {
                diagnostics.add("unreached-output", id,
                        "'" + id + "' does not reach the output '" + program.id(program.output()) + "'; its gradient is zero");
            } else {
                int flat = paths.flatUse(node);
                diagnostics.add("zero-derivative", id, flat < 0
                        ? "the derivative of the output by '" + id + "' is zero everywhere"
                        : "every way from '" + id + "' to the output leads through an op whose derivative is zero, such as "
                                + diagnostics.name(flat));
            }
        });
    }

    /** Explains gradients that are zero at these values, though not at others. */
    void atTheseValues() {
        Map<String, Integer> zero = new LinkedHashMap<>(bound.wrt());
        zero.values().removeIf(node -> node < 0 || outcome.function().isConstant(node) || !outcome.isZeroGradient(node));
        if (zero.isEmpty()) {
            return;
        }
        List<String> told = zero.keySet().stream().limit(MOST_TOLD).toList();
        Map<Integer, LostGradient> lost = outcome.lostGradients(told.stream().map(zero::get).toList());
        told.forEach(id -> {
            LostGradient found = lost.get(zero.get(id));
            if (found != null) {
                tell(id, found);
            }
        });
        zero.keySet().stream().skip(MOST_TOLD).findFirst().ifPresent(id -> diagnostics.add("zero-gradient", id,
                "the gradients of '" + id + "' and " + (zero.size() - MOST_TOLD - 1) + " other inputs are zero at these values too"));
    }

    private void tell(String id, LostGradient lost) {
        diagnostics.add(new Diagnostic("zero-gradient", id, null, null,
                "the gradient of '" + id + "' is zero at these values: " + reason(lost), diagnostics.ids(lost.path()), Map.of()));
    }

    private String all(List<Integer> nodes) {
        return nodes.size() > Diagnostics.MOST_NAMED
                ? diagnostics.names(nodes)
                : diagnostics.names(nodes.subList(0, nodes.size() - 1)) + " and " + diagnostics.name(nodes.getLast());
    }

    private String reason(LostGradient lost) {
        int last = lost.path().getLast();
        String at = diagnostics.name(last);
        Op op = program.graph().op(last);
        String cancelsWithin = "it cancels in double precision within " + at;
        return switch (lost.why()) {
            case CLOSED -> "it is lost at " + at + vanishing(op, ", whose derivative is zero there");
            case CLOSED_IN_PART -> "it is lost at " + at + ", whose derivative is zero wherever a gradient arrives";
            case ROUNDS_TO_ZERO -> {
                String rounded = ", whose derivative underflows: it is too small for a double there";
                yield "it is lost at " + at + (OpCatalogue.has(op, Trait.SATURATES) ? vanishing(op, rounded) : rounded);
            }
            case UNDERFLOWS -> "it underflows at " + at + ": its product with the derivative there is too small for a double";
            case CANCELS_BETWEEN -> (lost.path().size() == 1 ? "it" : "that of " + at) + " cancels in double precision between "
                    + all(lost.nodes());
            case CANCELS_BETWEEN_OPERANDS -> "it cancels in double precision between the operands of " + at;
            case CANCELS_WITHIN -> cancelsWithin;
            case CANCELS_OVER_BROADCAST -> cancelsWithin + ", in the sum over the elements that '"
                    + program.id(lost.path().get(lost.path().size() - 2)) + "' is broadcast to";
            case CANCELS_OVER_SAMPLES -> cancelsWithin + ", in the sum over the samples";
            case UNKNOWN -> "it becomes zero on the way back through " + at;
            case UNKNOWN_IN_PART -> "it is the part of the gradient of " + at + " that is zero";
        };
    }

    private static String vanishing(Op op, String otherwise) {
        return Objects.requireNonNullElse(OpCatalogue.of(op).vanishing(), otherwise);
    }
}
