package io.chainrule.core;

import io.chainrule.core.LostGradient.Why;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds what can be said of whole ops, as they were written, at which gradients are lost. Nodes are those of the derived graph unless a
 * parameter says otherwise.
 */
final class WrittenOps {
    private static final int NONE = -1;
    /** Numbers from this one on are large enough to be shared among all elements that tie. */
    private static final double NOT_TINY = 1e-290;

    private final DerivedGraph derived;
    private final LoweredProgram lowered;
    private final Graph graph;
    private final PlannedGraph.Run run;
    private final PathsToOutput paths;
    private final IntPredicate isZero;

    /** @param paths those of the lowered graph */
    WrittenOps(DerivedGraph derived, PlannedGraph.Run run, PathsToOutput paths, IntPredicate isZero) {
        this.derived = derived;
        this.lowered = derived.lowered();
        this.graph = derived.graph();
        this.run = run;
        this.paths = paths;
        this.isZero = isZero;
    }

    /** Small values of which a run must keep the elements, because nothing less tells whether an op is saturated that mixes elements. */
    static BitSet kept(DerivedGraph derived) {
        Graph graph = derived.graph();
        LoweredProgram lowered = derived.lowered();
        int samples = lowered.bound().samples().keepAxis() ? lowered.bound().samples().length() : 1;
        BitSet kept = new BitSet();
        for (int i = 0; i < lowered.graph().size(); i++) {
            if (derived.cotangents()[i] != NONE && OpCatalogue.has(graph.op(i), Trait.SATURATES) && graph.op(i).family().mixesElements()
                    && graph.shape(i).size() * samples <= LocalTerms.MOST) {
                kept.set(graph.operand(i, 0));
                kept.set(derived.cotangents()[i]);
            }
        }
        return kept;
    }

    VanishingTerms terms(int user) {
        return new VanishingTerms(graph, lowered.graph().size(), derived.cotangents()[user], run, isZero,
                node -> node < lowered.graph().size() && lowered.origin(node) != lowered.origin(user));
    }

    /** Whether a node is part of a gate that was opened into several. */
    boolean isOpened(int node) {
        int gate = lowered.origin(node);
        return lowered.image(gate) != node
                || IntStream.range(0, graph.operandCount(node)).anyMatch(k -> lowered.origin(graph.operand(node, k)) == gate);
    }

    private @Nullable LocalTerms terms(int node, int user) {
        int cotangent = derived.cotangents()[lowered.image(user)];
        return cotangent == NONE
                ? null
                : LocalTerms.of(lowered, run, node, user, run.known(cotangent), terms(lowered.image(user)).least());
    }

    /**
     * Finds the reason for a path's end from the Jacobian of the last op that was written, if its nodes do not show the reason.
     *
     * @param path the path in nodes of the derived graph
     * @param written the path in nodes of the bound program
     */
    Why settled(Why why, List<Integer> path, List<Integer> written) {
        Why found = isSettled(why, path) || written.size() < 2
                ? why
                : local(why, written.get(written.size() - 2), written.getLast());
        boolean isRounded = found == Why.ROUNDS_TO_ZERO || found == Why.UNDERFLOWS;
        // The exponential of −∞ is 0, not too small.
        return isRounded && !isFinite() ? Why.UNKNOWN : found;
    }

    /** Whether a reason that the nodes show holds for the op that was written. */
    private boolean isSettled(Why why, List<Integer> path) {
        int last = path.getLast();
        return switch (why) {
            case UNKNOWN -> false;
            case CLOSED, ROUNDS_TO_ZERO -> !isOpened(last) || isOnlyWay(path);
            case CLOSED_IN_PART, UNDERFLOWS -> !isOpened(last);
            // The derivative of an op with its own rules may be computed from terms that cancel while no entry of its Jacobian does.
            case CANCELS_WITHIN -> graph.op(last).family() != Family.CUSTOM;
            default -> true;
        };
    }

    /** Whether the nodes of the gate at the path's end read the operand, and each other, along the path only, up to its last node. */
    private boolean isOnlyWay(List<Integer> path) {
        int gate = lowered.origin(path.getLast());
        for (int i = path.size() - 2; i >= 0; i--) {
            if (paths.users(path.get(i)).stream().filter(user -> lowered.origin(user) == gate).count() != 1) {
                return false;
            }
            if (lowered.origin(path.get(i)) != gate) {
                return true;
            }
        }
        return false;
    }

    private Why local(Why why, int node, int user) {
        LocalTerms terms = terms(node, user);
        if (terms == null || !terms.areKnown()) {
            return why == Why.CLOSED && isTold(user) ? why : Why.UNKNOWN;
        } else if (terms.areAny()) {
            return Why.CANCELS_WITHIN;
        } else if (terms.underflow()) {
            return Why.UNDERFLOWS;
        } else if (!terms.areRounded()) {
            return terms.areFlat() ? Why.CLOSED : Why.CLOSED_IN_PART;
        }
        boolean saturates = OpCatalogue.has(lowered.program().graph().op(user), Trait.SATURATES);
        return terms.areFlat() && (why == Why.ROUNDS_TO_ZERO || saturates) ? Why.ROUNDS_TO_ZERO : Why.UNKNOWN;
    }

    /**
     * Whether an op that passes on some elements of its cotangent passes on nothing to the others because its derivative by them is zero,
     * for the reason that the op's definition tells.
     */
    boolean takesPart(int node, int user) {
        int gate = lowered.image(lowered.origin(user));
        if (!isTold(lowered.origin(user)) || derived.cotangents()[gate] == NONE || !terms(gate).isFull()) {
            return false;
        }
        boolean isOne = graph.shape(gate).size() == 1;
        Family family = graph.op(user).family();
        if (!isOpened(user) && (family == Family.MOVEMENT || isOne && family == Family.CUSTOM && terms(gate).least() >= NOT_TINY)) {
            return true;
        }
        int written = lowered.origin(node);
        LocalTerms local = isOne && lowered.image(written) == node
                ? terms(written, lowered.origin(user))
                : null;
        return local != null && local.areKnown() && !local.underflow() && !local.areRounded();
    }

    private boolean isFinite() {
        return !run.sawNonFinite() && lowered.bound().inputs().stream().map(lowered::image).allMatch(run::isFinite);
    }

    /** Whether a node's op tells itself why its derivative is zero. */
    private boolean isTold(int user) {
        return OpCatalogue.of(lowered.program().graph().op(user)).vanishing() != null;
    }

}
