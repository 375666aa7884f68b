package io.chainrule.core;

import io.chainrule.core.LostGradient.Why;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
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
    private final CotangentUses uses;
    private final ExactZeros zeros;

    /**
     * @param primals the number of nodes that precede all derivatives in the graph
     * @param isZero whether all elements of a node were zero in the run
     * @param isGiven whether a node's value is one that the op reads
     */
    VanishingTerms(Graph graph, int primals, int cotangent, PlannedGraph.Run run, IntPredicate isZero, IntPredicate isGiven) {
        this.graph = graph;
        this.primals = primals;
        this.cotangent = cotangent;
        this.run = run;
        this.isZero = isZero;
        this.uses = new CotangentUses(graph, primals, cotangent);
        this.zeros = new ExactZeros(graph, primals, uses, run, isZero, isGiven);
    }

    /** Whether the cotangent is known to have no zero element. */
    boolean isFull() {
        return isFull(cotangent);
    }

    private boolean isFull(int node) {
        return magnitudes(node).areNonzero();
    }

    /** The least magnitude of the cotangent's elements, if none of them is known to be zero. */
    double least() {
        return magnitudes(cotangent).min();
    }

    private Magnitudes magnitudes(int node) {
        return Magnitudes.of(graph, run, node);
    }

    /** The operand of the sum with which a contribution undoes broadcasting; −1 if the contribution does not sum. */
    int summed(int contribution) {
        int sum = contribution;
        while (sum >= primals && Magnitudes.isCopy(graph, sum)) {
            sum = graph.operand(sum, 0);
        }
        boolean isSum = sum >= primals && graph.op(sum).family() == Family.LINEAR && OpCatalogue.has(graph.op(sum), Trait.SUMS);
        return isSum ? graph.operand(sum, 0) : NONE;
    }

    /** Finds why a node is zero each of whose elements is a product with one element of the cotangent. */
    Why closed(int zero) {
        return isFlat(zero) ? flat(zero) : switch (zeros.kind(zero)) {
            case EXACT -> isFull() ? Why.CLOSED : Why.CLOSED_IN_PART;
            case ROUNDED -> !hasZeroFactor(zero) && !(uses.isLiteral() && least() == 1)
                    ? Why.UNDERFLOWS
                    : uses.isLiteral() ? Why.ROUNDS_TO_ZERO : Why.UNKNOWN;
            case UNKNOWN -> Why.UNKNOWN;
        };
    }

    /** Finds why a node is zero that is zero for every cotangent. */
    private Why flat(int zero) {
        return switch (zeros.kind(zero)) {
            case EXACT -> Why.CLOSED;
            case ROUNDED -> Why.ROUNDS_TO_ZERO;
            case UNKNOWN -> Why.UNKNOWN;
        };
    }

    private boolean hasZeroFactor(int product) {
        return IntStream.range(0, graph.operandCount(product)).anyMatch(k -> isZero.test(graph.operand(product, k)));
    }

    /** Whether a node of the derivative is zero for every cotangent. */
    private boolean isFlat(int node) {
        if (!uses.isFrom(node)) {
            return isZero.test(node);
        }
        if (uses.isCotangent(node)) {
            return false;
        }
        if (Magnitudes.isCopy(graph, node)) {
            return isFlat(graph.operand(node, 0));
        }
        IntStream operands = IntStream.range(0, graph.operandCount(node)).map(k -> graph.operand(node, k));
        if (graph.operandCount(node) == 3 && graph.op(node).ignores(0)) {
            int condition = graph.operand(node, 0);
            return (isZero.test(condition) || isFlat(graph.operand(node, 1))) && (isFull(condition) || isFlat(graph.operand(node, 2)));
        }
        return OpCatalogue.has(graph.op(node), Trait.SUMS) ? operands.allMatch(this::isFlat) : operands.anyMatch(this::isFlat);
    }

    /** Whether an elementwise derivative passes on every nonzero element of the cotangent, and no product underflows. */
    boolean passesAll(int contribution) {
        return uses.isCotangent(contribution) || graph.op(contribution).family() == Family.ELEMENTWISE
                && !OpCatalogue.has(graph.op(contribution), Trait.SUMS) && graph.operandCount(contribution) <= 2
                && IntStream.range(0, graph.operandCount(contribution)).map(k -> graph.operand(contribution, k))
                        .allMatch(operand -> uses.isCotangent(operand) || magnitudes(operand).min() >= 1
                                || magnitudes(operand).min() * magnitudes(cotangent).nonzero() > 0);
    }

    /** Finds why a node is zero that the derivative of an op appended; the op is not elementwise. */
    Why why(int zero) {
        if (!uses.isFrom(zero)) {
            return flat(zero);
        }
        Why found = null;
        int zeroOperands = 0;
        boolean isFlat = false;
        boolean isPlain = true;
        boolean isFull = true;
        boolean isPassed = true;
        for (int k = 0; k < graph.operandCount(zero); k++) {
            int operand = graph.operand(zero, k);
            boolean isFactor = graph.op(zero).ignores(k) || !uses.isFrom(operand);
            isFull &= isFull(operand);
            isPassed &= !isFactor || isFull(operand) || OpCatalogue.has(graph.op(zero), Trait.SUMS);
            isPlain &= isFactor || uses.isPlain(operand);
            if (isZero.test(operand)) {
                zeroOperands++;
                isFlat |= isFactor;
                found = isFactor || found != null && found != Why.CLOSED && found != Why.CLOSED_IN_PART ? found : why(operand);
            }
        }
        if (found != null) {
            // A later factor of 0 may have removed the terms that cancel or underflow here, so the reason is not certain.
            return (found == Why.CANCELS_WITHIN || found == Why.UNDERFLOWS) && !isPassed ? Why.UNKNOWN : found;
        }
        if (OpCatalogue.has(graph.op(zero), Trait.SUMS)) {
            return zeroOperands < graph.operandCount(zero) ? Why.CANCELS_WITHIN : flat(zero);
        }
        if (isFlat) {
            return flat(zero);
        }
        return switch (graph.op(zero).family()) {
            case ELEMENTWISE -> isPlain ? closed(zero) : isFlat(zero) ? flat(zero) : Why.UNKNOWN;
            case MOVEMENT -> graph.shape(zero).size() < graph.shape(graph.operand(zero, 0)).size() ? Why.UNKNOWN_IN_PART : Why.UNKNOWN;
            case BILINEAR ->
                isFull && graph.shape(zero).rank() <= 2 ? ofTerms(graph.operand(zero, 0), graph.operand(zero, 1)) : Why.UNKNOWN;
            default -> Why.UNKNOWN;
        };
    }

    /** Finds why sums of products of two nodes' elements are zero, none of which is zero. */
    private Why ofTerms(int a, int b) {
        Magnitudes left = magnitudes(a);
        Magnitudes right = magnitudes(b);
        return left.min() * right.min() > 0 ? Why.CANCELS_WITHIN : left.max() * right.max() > 0 ? Why.UNKNOWN : Why.UNDERFLOWS;
    }
}
