package io.chainrule.core;

import io.chainrule.core.LostGradient.Why;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds where gradients that are zero in a run became so, from which nodes of the derived graph were zero in it. Nodes are those of
 * the lowered graph, or of the derived graph, which extends it.
 */
final class LostGradients {
    private static final int NONE = -1;

    private final BoundProgram bound;
    private final DerivedGraph derived;
    private final LoweredProgram lowered;
    private final Graph graph;
    private final PlannedGraph.Run run;
    private final PathsToOutput paths;
    /** What is known of nodes whose cotangent is zero. */
    private final Map<Integer, Step> steps = new HashMap<>();
    /** What was found out of nodes between one cotangent and one contribution. */
    private final Map<Integer, Why> reasons = new HashMap<>();
    private final Map<Integer, Boolean> fromCotangent = new HashMap<>();

    /** Where a zero comes from: from the next node, or where {@code why} is given from here. */
    private record Step(int next, @Nullable Why why, List<Integer> through) {}

    LostGradients(CompiledFunction function, PlannedGraph.Run run) {
        this.bound = function.bound();
        this.derived = function.derived();
        this.lowered = derived.lowered();
        this.graph = derived.graph();
        this.run = run;
        this.paths = new PathsToOutput(lowered.graph(), lowered.result(lowered.program().output()));
    }

    /** By node of the bound program, of those among {@code nodes} whose gradient is lost on a way to the output. */
    Map<Integer, LostGradient> of(Collection<Integer> nodes) {
        if (bound.samples().length() == 0) {
            return Map.of();
        }
        BitSet zero = new BitSet();
        nodes.forEach(node -> zero.set(lowered.image(node)));
        for (int i = zero.nextSetBit(0); i >= 0; i = zero.nextSetBit(i + 1)) {
            paths.users(i).stream().filter(this::isLost).forEach(zero::set);
        }
        for (int i = zero.length() - 1; i >= 0; i = zero.previousSetBit(i - 1)) {
            Step step = step(i);
            if (step != null) {
                steps.put(i, step);
            }
        }
        Map<Integer, LostGradient> found = new LinkedHashMap<>();
        nodes.stream().filter(node -> steps.containsKey(lowered.image(node))).forEach(node -> found.put(node, lost(node)));
        return found;
    }

    /** Whether a node that derivatives see has a zero cotangent; one without elements has none that could be zero. */
    private boolean isLost(int node) {
        int cotangent = derived.cotangents()[node];
        return cotangent != NONE && graph.shape(node).size() > 0 && isZero(cotangent);
    }

    /** Contributions that are added up at once are not computed one by one; each is zero where what it places is. */
    private boolean isZero(int node) {
        if (graph.op(node) instanceof Leaf.Literal(double value)) {
            return value == 0;
        }
        return run.has(node)
                ? run.isZero(node)
                : graph.operandCount(node) > 0
                        && IntStream.range(0, graph.operandCount(node)).allMatch(k -> isZero(graph.operand(node, k)));
    }

    /** Called for users of a node before the node. */
    private @Nullable Step step(int node) {
        List<Integer> nonzero = new ArrayList<>();
        Step here = null;
        Step further = null;
        for (int user : paths.users(node)) {
            for (int k = 0; k < graph.operandCount(user); k++) {
                int contribution = graph.operand(user, k) == node ? derived.contributions()[graph.use(user, k)] : NONE;
                if (contribution == NONE) {
                    continue;
                }
                if (!isZero(contribution)) {
                    nonzero.add(user);
                } else if (isLost(user)) {
                    further = further == null && steps.containsKey(user) ? new Step(user, null, List.of()) : further;
                } else if (here == null) {
                    here = new Step(user, why(node, user, contribution), List.of(user));
                }
            }
        }
        return nonzero.isEmpty() ? here == null ? further : here : new Step(NONE, Why.CANCELS_BETWEEN, nonzero);
    }

    /** Why a user whose cotangent is not zero contributes zero. */
    private Why why(int node, int user, int contribution) {
        reasons.clear();
        fromCotangent.clear();
        Why why = why(contribution, user);
        boolean overSamples = bound.samples().areReduced() && bound.names().isSampled(lowered.origin(user))
                && !bound.names().isSampled(lowered.origin(node));
        boolean overBroadcast = graph.op(user).family() == Family.ELEMENTWISE && lowered.image(lowered.origin(node)) == node;
        return why != Why.CANCELS_WITHIN
                ? why
                : overSamples ? Why.CANCELS_OVER_SAMPLES : overBroadcast ? Why.CANCELS_OVER_BROADCAST : why;
    }

    /** Why a node of the derived graph is zero that the derivative of {@code user} appended. */
    private Why why(int zero, int user) {
        Why known = reasons.get(zero);
        Why why = known == null ? newReason(zero, user) : known;
        reasons.put(zero, why);
        return why;
    }

    private Why newReason(int zero, int user) {
        Family family = graph.op(zero).family();
        boolean isFactor = zero < lowered.graph().size() || graph.isLeaf(zero) || !isFrom(derived.cotangents()[user], zero);
        if (isFactor || family == Family.ELEMENTWISE && graph.op(user).family() == Family.ELEMENTWISE) {
            return Why.CLOSED;
        }
        Why found = null;
        for (int k = 0; k < graph.operandCount(zero); k++) {
            int operand = graph.operand(zero, k);
            if (isZero(operand) && (found == null || found == Why.CLOSED)) {
                found = why(operand, user);
            }
        }
        if (found != null) {
            return found;
        }
        if (OpCatalogue.has(graph.op(zero), Trait.SUMS)) {
            return Why.CANCELS_WITHIN;
        }
        boolean isPart = family == Family.MOVEMENT && graph.shape(zero).size() < graph.shape(graph.operand(zero, 0)).size();
        return isPart ? Why.UNKNOWN_IN_PART : family.mixesElements() ? Why.UNKNOWN : Why.CLOSED;
    }

    /** Whether a node depends on a cotangent, as far as can be seen: products with numbers are folded away. */
    private boolean isFrom(int cotangent, int node) {
        boolean isNumber = graph.isLiteral(cotangent)
                || graph.op(cotangent).family() == Family.MOVEMENT && graph.isLiteral(graph.operand(cotangent, 0));
        if (isNumber || node <= cotangent) {
            return isNumber || node == cotangent;
        }
        Boolean known = fromCotangent.get(node);
        boolean isFrom = known == null
                ? IntStream.range(0, graph.operandCount(node)).anyMatch(k -> isFrom(cotangent, graph.operand(node, k)))
                : known;
        fromCotangent.put(node, isFrom);
        return isFrom;
    }

    private LostGradient lost(int node) {
        List<Integer> path = new ArrayList<>(List.of(lowered.image(node)));
        Step step = steps.get(path.getFirst());
        while (step != null && step.why == null) {
            path.add(step.next);
            step = steps.get(step.next);
        }
        if (step == null || step.why == null) {
            throw new IllegalStateException("a zero gradient without a reason");
        }
        if (step.next != NONE) {
            path.add(step.next);
        }
        return step.why == Why.CANCELS_BETWEEN ? cancels(node, path, step.through) : lost(step.why, node, path, step.through);
    }

    private LostGradient lost(Why why, int node, List<Integer> path, List<Integer> at) {
        List<Integer> written = new ArrayList<>(List.of(node));
        path.stream().map(lowered::origin).filter(origin -> !origin.equals(written.getLast())).forEach(written::add);
        return new LostGradient(why, written, at.stream().map(lowered::origin).distinct().toList());
    }

    /** Users that stand inside one gate are that gate. */
    private LostGradient cancels(int node, List<Integer> path, List<Integer> users) {
        int user = lowered.origin(users.getFirst());
        if (users.stream().anyMatch(other -> lowered.origin(other) != user)) {
            return lost(Why.CANCELS_BETWEEN, node, path, users);
        }
        path.add(users.getFirst());
        boolean readsTwice = users.stream().distinct().count() == 1 && lowered.image(user) == users.getFirst();
        return lost(readsTwice ? Why.CANCELS_BETWEEN_OPERANDS : Why.CANCELS_WITHIN, node, path, users);
    }
}
