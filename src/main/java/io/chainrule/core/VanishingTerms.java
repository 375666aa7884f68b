package io.chainrule.core;

import io.chainrule.core.LostGradient.Why;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * For one op whose cotangent is not zero, finds why a contribution that its derivative computes from the cotangent is zero: because every
 * term is zero, or because terms cancel. Nodes are those of the derived graph. If the cotangent is a literal, the derivative contains no
 * product with it.
 */
final class VanishingTerms {
    private static final int NONE = -1;

    private final Graph graph;
    private final int primals;
    private final int cotangent;
    private final PlannedGraph.Run run;
    private final IntPredicate isZero;
    /** The cotangent and the nodes that it is a copy of, since products with a copy may be computed from the copied node. */
    private final Set<Integer> cotangents = new HashSet<>();
    private final boolean isNumber;
    private final Map<Integer, Boolean> fromCotangent = new HashMap<>();

    /**
     * @param primals the number of nodes that precede all derivatives in the graph
     * @param isZero whether all elements of a node were zero in the run
     */
    VanishingTerms(Graph graph, int primals, int cotangent, PlannedGraph.Run run, IntPredicate isZero) {
        this.graph = graph;
        this.primals = primals;
        this.cotangent = cotangent;
        this.run = run;
        this.isZero = isZero;
        int copied = cotangent;
        cotangents.add(copied);
        while (isCopy(copied)) {
            copied = graph.operand(copied, 0);
            cotangents.add(copied);
        }
        this.isNumber = graph.isLiteral(copied);
    }

    /** Whether a node only copies elements of its operand, and sets no element to zero. */
    private boolean isCopy(int node) {
        return graph.op(node).family() == Family.MOVEMENT && graph.operandCount(node) == 1
                && OpCatalogue.has(graph.op(node), Trait.ISOLATED_ZEROS);
    }

    /** Whether the cotangent is known to have no zero element. */
    boolean isFull() {
        return isFull(cotangent);
    }

    private boolean isFull(int node) {
        if (graph.op(node) instanceof Leaf.Literal(double value)) {
            return value != 0;
        }
        Tensor known = run.known(node);
        return known == null
                ? isCopy(node) && isFull(graph.operand(node, 0))
                : Arrays.stream(known.data()).allMatch(element -> element != 0);
    }

    /** The operand of the sum with which a contribution undoes broadcasting; −1 if the contribution does not sum. */
    int summed(int contribution) {
        int sum = contribution;
        while (sum >= primals && isCopy(sum)) {
            sum = graph.operand(sum, 0);
        }
        boolean isSum = sum >= primals && graph.op(sum).family() == Family.LINEAR && OpCatalogue.has(graph.op(sum), Trait.SUMS);
        return isSum ? graph.operand(sum, 0) : NONE;
    }

    /** Whether a zero node would be zero for every cotangent. Each of its elements must be a product with one element of the cotangent. */
    Why closed(int zero) {
        return isFull() || isFlat(zero) ? Why.CLOSED : Why.CLOSED_IN_PART;
    }

    /** Whether a node of the derivative is zero for every cotangent. */
    private boolean isFlat(int node) {
        if (!isFrom(node)) {
            return isZero.test(node);
        }
        IntStream operands = IntStream.range(0, graph.operandCount(node)).map(k -> graph.operand(node, k));
        if (graph.operandCount(node) == 3 && graph.op(node).ignores(0)) {
            int condition = graph.operand(node, 0);
            return (isZero.test(condition) || isFlat(graph.operand(node, 1))) && (isFull(condition) || isFlat(graph.operand(node, 2)));
        }
        return !cotangents.contains(node) && (OpCatalogue.has(graph.op(node), Trait.SUMS)
                ? operands.allMatch(this::isFlat)
                : operands.anyMatch(this::isFlat));
    }

    /** Whether an elementwise derivative passes on every nonzero element of the cotangent. */
    boolean passesAll(int contribution) {
        return cotangents.contains(contribution) || graph.op(contribution).family() == Family.ELEMENTWISE
                && !OpCatalogue.has(graph.op(contribution), Trait.SUMS) && graph.operandCount(contribution) <= 2
                && IntStream.range(0, graph.operandCount(contribution)).map(k -> graph.operand(contribution, k))
                        .allMatch(operand -> cotangents.contains(operand) || isFull(operand));
    }

    /** Finds why a node is zero that the derivative of an op appended; the op is not elementwise. */
    Why why(int zero) {
        if (!isFrom(zero)) {
            return closed(zero);
        }
        Why found = null;
        int zeros = 0;
        boolean isFlat = false;
        boolean isPlain = true;
        boolean isFull = true;
        boolean isPassed = true;
        for (int k = 0; k < graph.operandCount(zero); k++) {
            int operand = graph.operand(zero, k);
            boolean isFactor = graph.op(zero).ignores(k) || !isFrom(operand);
            isFull &= isFull(operand);
            isPassed &= !isFactor || isFull(operand) || OpCatalogue.has(graph.op(zero), Trait.SUMS);
            isPlain &= isFactor || isPlain(operand);
            if (isZero.test(operand)) {
                zeros++;
                isFlat |= isFactor;
                found = isFactor || found != null && found != Why.CLOSED && found != Why.CLOSED_IN_PART ? found : why(operand);
            }
        }
        if (found != null) {
            // A later factor of 0 may have removed the terms that cancel here, so the reason is not certain.
            return found == Why.CANCELS_WITHIN && !isPassed ? Why.UNKNOWN : found;
        }
        if (OpCatalogue.has(graph.op(zero), Trait.SUMS)) {
            return zeros < graph.operandCount(zero) ? Why.CANCELS_WITHIN : Why.CLOSED;
        }
        return switch (graph.op(zero).family()) {
            case ELEMENTWISE -> isPlain ? closed(zero) : isFlat(zero) ? Why.CLOSED : Why.UNKNOWN;
            case MOVEMENT -> isFlat
                    ? Why.CLOSED
                    : graph.shape(zero).size() < graph.shape(graph.operand(zero, 0)).size() ? Why.UNKNOWN_IN_PART : Why.UNKNOWN;
            case BILINEAR -> isFlat ? Why.CLOSED : isFull && graph.shape(zero).rank() <= 2 ? Why.CANCELS_WITHIN : Why.UNKNOWN;
            default -> isFlat ? Why.CLOSED : Why.UNKNOWN;
        };
    }

    /** Whether each element of a node that depends on the cotangent is a product with a single element of the cotangent. */
    private boolean isPlain(int node) {
        return cotangents.contains(node) || !isFrom(node)
                || (isCopy(node) || graph.op(node).family() == Family.ELEMENTWISE && !OpCatalogue.has(graph.op(node), Trait.SUMS))
                        && IntStream.range(0, graph.operandCount(node))
                                .allMatch(k -> graph.op(node).ignores(k) || isPlain(graph.operand(node, k)));
    }

    /**
     * Whether the derivative computes a node from the cotangent. If the cotangent is a literal, every node that the derivative appended and
     * that has operands counts.
     */
    private boolean isFrom(int node) {
        if (cotangents.contains(node) || node < primals) {
            return cotangents.contains(node);
        }
        if (!isNumber && node < cotangent) {
            return false;
        }
        Boolean known = fromCotangent.get(node);
        boolean isFrom = known == null
                ? IntStream.range(0, graph.operandCount(node)).filter(k -> !graph.op(node).ignores(k))
                        .anyMatch(k -> isNumber || isFrom(graph.operand(node, k)))
                : known;
        fromCotangent.put(node, isFrom);
        return isFrom;
    }
}
