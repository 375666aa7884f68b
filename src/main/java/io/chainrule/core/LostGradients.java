package io.chainrule.core;

import io.chainrule.core.LostGradient.Why;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.tensor.Shape;
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
 * Finds where gradients that are zero in a run were lost, by looking at which nodes of the derived graph were zero in that run. Node
 * numbers are those of the lowered graph, which the derived graph extends.
 */
final class LostGradients {
    private static final int NONE = -1;

    private final BoundProgram bound;
    private final DerivedGraph derived;
    private final LoweredProgram lowered;
    private final Graph graph;
    private final PlannedGraph.Run run;
    private final PathsToOutput paths;
    private final WrittenOps writtenOps;
    /** For nodes whose cotangent is zero, what is known about the reason. */
    private final Map<Integer, Step> steps = new HashMap<>();

    /**
     * The next step from a node towards the place where its gradient is lost.
     *
     * @param way the next nodes on the path to the output
     * @param why the reason, found at the last of these nodes; null if that node has a step of its own, which must be followed
     * @param between the users whose contributions cancel
     * @param isPart whether the reason is one for a part of the gradient of the first of these nodes
     */
    private record Step(List<Integer> way, @Nullable Why why, List<Integer> between, boolean isPart) {
        Step(int user, @Nullable Why why) {
            this(List.of(user), why, List.of(), false);
        }
    }

    LostGradients(CompiledFunction function, PlannedGraph.Run run) {
        this.bound = function.bound();
        this.derived = function.derived();
        this.lowered = derived.lowered();
        this.graph = derived.graph();
        this.run = run;
        this.paths = new PathsToOutput(lowered.graph(), lowered.result(lowered.program().output()));
        this.writtenOps = new WrittenOps(derived, run, paths, this::isZero);
    }

    /**
     * Returns, for those of {@code nodes} whose gradient is lost on a path to the output, where and why. Keys are nodes of the bound
     * program.
     */
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

    /** Whether a node has a cotangent whose elements are all zero. A node without elements does not count. */
    private boolean isLost(int node) {
        int cotangent = derived.cotangents()[node];
        return cotangent != NONE && graph.shape(node).size() > 0 && isZero(cotangent);
    }

    /**
     * Whether a contribution was zero in the run. Contributions that one op adds up are not computed one by one; such a contribution is
     * zero if all its operands are.
     */
    private boolean isZero(int node) {
        if (graph.op(node) instanceof Leaf.Literal(double value)) {
            return value == 0;
        }
        return run.has(node)
                ? run.isZero(node)
                : graph.operandCount(node) > 0
                        && IntStream.range(0, graph.operandCount(node)).allMatch(k -> isZero(graph.operand(node, k)));
    }

    /** Finds the next step for a node. Must be called for all users of a node before the node itself. */
    private @Nullable Step step(int node) {
        List<Integer> nonzero = new ArrayList<>();
        Step here = null;
        Step further = null;
        for (int user : paths.users(node)) {
            for (int k = 0; k < graph.operandCount(user); k++) {
                int contribution = contribution(node, user, k);
                if (contribution == NONE) {
                    continue;
                }
                if (!isZero(contribution)) {
                    nonzero.add(user);
                } else if (isLost(user)) {
                    further = further == null && steps.containsKey(user) ? new Step(user, null) : further;
                } else if (here == null) {
                    here = closed(node, user, contribution);
                }
            }
        }
        return nonzero.isEmpty() ? here == null ? further : here : new Step(List.of(), Why.CANCELS_BETWEEN, nonzero, false);
    }

    /**
     * The contribution of a user to the cotangent of a node through one operand; −1 if it is always zero, or if that operand is another
     * node.
     */
    private int contribution(int node, int user, int operand) {
        return graph.operand(user, operand) == node ? derived.contributions()[graph.use(user, operand)] : NONE;
    }

    /** Finds why a user contributes zero although its own cotangent is not zero. */
    private Step closed(int node, int user, int contribution) {
        if (graph.isLiteral(Magnitudes.copied(graph, contribution))) {
            // The product of two literals was computed when the derivative was built.
            boolean hasZero = IntStream.range(0, graph.operandCount(user)).map(k -> graph.operand(user, k))
                    .anyMatch(operand -> graph.isLiteral(operand) && isZero(operand));
            return new Step(user, hasZero ? Why.CLOSED : Why.UNKNOWN);
        }
        VanishingTerms terms = writtenOps.terms(user);
        Shape from = graph.shape(user);
        Shape to = graph.shape(node);
        if (graph.op(user).family() == Family.ELEMENTWISE) {
            int sum = terms.summed(contribution);
            return new Step(user, sum == NONE || isZero(sum)
                    ? terms.closed(sum == NONE ? contribution : sum)
                    : cancels(node, user, from, to));
        }
        // If an op of this kind is its own transpose, it only keeps some elements in their places and sets the others to zero.
        boolean isSelection = graph.op(user).family() == Family.MOVEMENT && graph.op(contribution).equals(graph.op(user));
        Why why = from.size() == 0
                ? Why.CLOSED
                : from.size() == 1 || isSelection ? terms.closed(contribution) : terms.why(contribution);
        return why == Why.UNKNOWN_IN_PART ? partly(user) : new Step(user, why);
    }

    /** Finds the sum in which the terms of an elementwise op cancel. */
    private Why cancels(int node, int user, Shape from, Shape to) {
        boolean overSamples = bound.samples().areReduced() && bound.names().isSampled(lowered.origin(user))
                && !bound.names().isSampled(lowered.origin(node));
        if (overSamples) {
            return from.sub(1, from.rank()).equals(to) ? Why.CANCELS_OVER_SAMPLES : Why.CANCELS_WITHIN;
        }
        return lowered.image(lowered.origin(node)) == node ? Why.CANCELS_OVER_BROADCAST : Why.CANCELS_WITHIN;
    }

    /** Follows a node whose cotangent is partly zero towards the op that passes on nothing to that part. */
    private Step partly(int node) {
        List<Integer> way = new ArrayList<>();
        for (int at = node;;) {
            way.add(at);
            int user = NONE;
            int contribution = NONE;
            int uses = 0;
            for (int other : paths.users(at)) {
                for (int k = 0; k < graph.operandCount(other); k++) {
                    int added = contribution(at, other, k);
                    if (added != NONE && !isZero(added)) {
                        user = other;
                        contribution = added;
                        uses++;
                    }
                }
            }
            if (uses != 1) {
                return new Step(List.of(node), Why.UNKNOWN_IN_PART, List.of(), true);
            }
            if (writtenOps.takesPart(at, user)) {
                way.add(user);
                return new Step(way, Why.CLOSED, List.of(), true);
            }
            if (writtenOps.isOpened(user) || graph.op(user).family() != Family.ELEMENTWISE || !graph.shape(user).equals(graph.shape(at))
                    || !writtenOps.terms(user).passesAll(contribution)) {
                return new Step(List.of(node), Why.UNKNOWN_IN_PART, List.of(), true);
            }
            at = user;
        }
    }

    private LostGradient lost(int node) {
        List<Integer> path = new ArrayList<>(List.of(lowered.image(node)));
        Step step = steps.get(path.getFirst());
        while (step != null && step.why == null) {
            path.addAll(step.way);
            step = steps.get(path.getLast());
        }
        if (step == null || step.why == null) {
            throw new IllegalStateException("a zero gradient without a reason");
        }
        path.addAll(step.way);
        if (step.why == Why.CANCELS_BETWEEN) {
            return cancels(node, path, step.between);
        }
        LostGradient found = lost(step.why, node, path, List.of(path.getLast()));
        return step.isPart
                ? found
                : new LostGradient(writtenOps.settled(step.why, path, found.path()), found.path(), found.nodes());
    }

    private LostGradient lost(Why why, int node, List<Integer> path, List<Integer> at) {
        List<Integer> written = new ArrayList<>(List.of(node));
        path.stream().map(lowered::origin).filter(origin -> !origin.equals(written.getLast())).forEach(written::add);
        return new LostGradient(why, written, at.stream().map(lowered::origin).distinct().toList());
    }

    /** Reports contributions that cancel. Users inside one opened gate count as that gate. */
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
