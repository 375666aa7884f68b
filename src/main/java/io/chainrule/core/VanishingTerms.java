package io.chainrule.core;

import io.chainrule.core.LostGradient.Why;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
    private final IntPredicate isGiven;
    /** The cotangent and the nodes that it is a copy of, since products with a copy may be computed from the copied node. */
    private final Set<Integer> cotangents = new HashSet<>();
    private final boolean isNumber;
    private final Map<Integer, Boolean> fromCotangent = new HashMap<>();

    /** What made all elements of a node zero. */
    private enum Zero {
        /** No element is zero by rounding, if the values that the op reads are taken as they are. */
        EXACT,
        /** Some element is a value or product that is too small for a double. */
        ROUNDED,
        UNKNOWN
    }

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
        this.isGiven = isGiven;
        int copied = cotangent;
        cotangents.add(copied);
        while (Magnitudes.isCopy(graph, copied)) {
            copied = graph.operand(copied, 0);
            cotangents.add(copied);
        }
        this.isNumber = graph.isLiteral(copied);
    }

    /** Whether the cotangent is known to have no zero element. */
    boolean isFull() {
        return isFull(cotangent);
    }

    private boolean isFull(int node) {
        return magnitudes(node).min() > 0;
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
        return isFlat(zero) ? flat(zero) : switch (zero(zero)) {
            case EXACT -> isFull() ? Why.CLOSED : Why.CLOSED_IN_PART;
            case ROUNDED -> !hasZeroFactor(zero) && !(isNumber && least() == 1)
                    ? Why.UNDERFLOWS
                    : isNumber ? Why.ROUNDS_TO_ZERO : Why.UNKNOWN;
            case UNKNOWN -> Why.UNKNOWN;
        };
    }

    /** Finds why a node is zero that is zero for every cotangent. */
    private Why flat(int zero) {
        return switch (zero(zero)) {
            case EXACT -> Why.CLOSED;
            case ROUNDED -> Why.ROUNDS_TO_ZERO;
            case UNKNOWN -> Why.UNKNOWN;
        };
    }

    private boolean hasZeroFactor(int product) {
        return IntStream.range(0, graph.operandCount(product)).anyMatch(k -> isZero.test(graph.operand(product, k)));
    }

    private Zero zero(int node) {
        if (graph.isLeaf(node) || isGiven.test(node)) {
            return Zero.EXACT;
        }
        if (OpCatalogue.isSlope(graph.op(node))) {
            return slope(node);
        }
        boolean isByOperands = OpCatalogue.has(graph.op(node), Trait.ZERO_BY_OPERANDS);
        if (isByOperands && OpCatalogue.has(graph.op(node), Trait.NONZERO_AT_ZERO)) {
            return Zero.ROUNDED;
        }
        List<Integer> operands = IntStream.range(0, graph.operandCount(node)).map(k -> graph.operand(node, k)).boxed().toList();
        if (node < primals && !operands.stream().allMatch(run::tellsZero)) {
            return Zero.UNKNOWN;
        }
        if (operands.size() == 3 && graph.op(node).ignores(0)) {
            int condition = operands.getFirst();
            return isZero.test(condition)
                    ? chosen(operands.get(2))
                    : isFull(condition) ? chosen(operands.get(1)) : both(chosen(operands.get(1)), chosen(operands.get(2)));
        }
        List<Integer> zeros = operands.stream().filter(isZero::test).toList();
        Family family = graph.op(node).family();
        if (isByOperands || family == Family.BILINEAR) {
            return zeros.isEmpty() ? isByOperands ? product(operands) : Zero.UNKNOWN : exactOnce(zeros);
        }
        if (zeros.size() == operands.size()
                && (family == Family.MOVEMENT || family == Family.LINEAR || OpCatalogue.has(graph.op(node), Trait.SUMS))) {
            return zeros.stream().map(this::zero).reduce(this::both).orElse(Zero.EXACT);
        }
        boolean isStep = IntStream.range(0, operands.size()).allMatch(graph.op(node)::ignores);
        return isStep
                || operands.stream().allMatch(family == Family.MOVEMENT ? this::isMoved : operand -> isMoved(operand) && !isFrom(operand))
                        ? Zero.EXACT
                        : Zero.UNKNOWN;
    }

    /** A slope that is computed is 0 by rounding, unless an operand is 0. */
    private Zero slope(int node) {
        if (Magnitudes.isCopy(graph, node)) {
            return zero(graph.operand(node, 0));
        }
        return IntStream.range(0, graph.operandCount(node)).anyMatch(k -> isZero.test(graph.operand(node, k)))
                ? Zero.UNKNOWN
                : Zero.ROUNDED;
    }

    /** What is known of a branch, the chosen elements of which are zero. */
    private Zero chosen(int branch) {
        return isZero.test(branch) ? zero(branch) : isMoved(branch) ? Zero.EXACT : Zero.UNKNOWN;
    }

    private Zero both(Zero a, Zero b) {
        return a == Zero.ROUNDED || b == Zero.ROUNDED ? Zero.ROUNDED : a == Zero.EXACT ? b : a;
    }

    /** What is known of a product that has these zero factors: an exact zero is enough. */
    private Zero exactOnce(List<Integer> zeros) {
        List<Zero> found = zeros.stream().map(this::zero).toList();
        return found.contains(Zero.EXACT) ? Zero.EXACT : found.contains(Zero.UNKNOWN) ? Zero.UNKNOWN : Zero.ROUNDED;
    }

    /** What is known of a zero product none of whose factors is all zero. */
    private Zero product(List<Integer> factors) {
        if (factors.stream().filter(factor -> !isFull(factor)).count() <= 1) {
            return Zero.ROUNDED;
        }
        return areExact(factors) ? Zero.EXACT : Zero.UNKNOWN;
    }

    /** Whether no element of these factors, or of their product, can be zero by rounding. */
    private boolean areExact(List<Integer> factors) {
        double[] least = factors.stream().mapToDouble(factor -> magnitudes(factor).nonzero()).toArray();
        boolean isGrowing = Arrays.stream(least).filter(x -> !(x >= 1)).count() <= 1;
        return (isGrowing || Arrays.stream(least).reduce(1, (a, b) -> a * b) > 0)
                && factors.stream().allMatch(factor -> isMoved(factor) || isFull(factor) || isExactProduct(factor));
    }

    private boolean isExactProduct(int node) {
        return graph.operandCount(node) == 2 && OpCatalogue.has(graph.op(node), Trait.ZERO_BY_OPERANDS)
                && OpCatalogue.has(graph.op(node), Trait.POLYNOMIAL) && areExact(List.of(graph.operand(node, 0), graph.operand(node, 1)));
    }

    /** Whether a node's elements are those of the cotangent or of values that the op reads, moved or negated at most. */
    private boolean isMoved(int node) {
        return cotangents.contains(node) || graph.isLeaf(node) || isGiven.test(node)
                || graph.op(node).family() == Family.MOVEMENT && !OpCatalogue.has(graph.op(node), Trait.SUMS)
                        && IntStream.range(0, graph.operandCount(node)).allMatch(k -> isMoved(graph.operand(node, k)));
    }

    /** Whether a node of the derivative is zero for every cotangent. */
    private boolean isFlat(int node) {
        if (!isFrom(node)) {
            return isZero.test(node);
        }
        if (cotangents.contains(node)) {
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
        return cotangents.contains(contribution) || graph.op(contribution).family() == Family.ELEMENTWISE
                && !OpCatalogue.has(graph.op(contribution), Trait.SUMS) && graph.operandCount(contribution) <= 2
                && IntStream.range(0, graph.operandCount(contribution)).map(k -> graph.operand(contribution, k))
                        .allMatch(operand -> cotangents.contains(operand) || magnitudes(operand).min() >= 1
                                || magnitudes(operand).min() * magnitudes(cotangent).nonzero() > 0);
    }

    /** Finds why a node is zero that the derivative of an op appended; the op is not elementwise. */
    Why why(int zero) {
        if (!isFrom(zero)) {
            return flat(zero);
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
            // A later factor of 0 may have removed the terms that cancel or underflow here, so the reason is not certain.
            return (found == Why.CANCELS_WITHIN || found == Why.UNDERFLOWS) && !isPassed ? Why.UNKNOWN : found;
        }
        if (OpCatalogue.has(graph.op(zero), Trait.SUMS)) {
            return zeros < graph.operandCount(zero) ? Why.CANCELS_WITHIN : flat(zero);
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

    /** Whether each element of a node that depends on the cotangent is a product with a single element of the cotangent. */
    private boolean isPlain(int node) {
        return cotangents.contains(node) || !isFrom(node)
                || (Magnitudes.isCopy(graph, node)
                        || graph.op(node).family() == Family.ELEMENTWISE && !OpCatalogue.has(graph.op(node), Trait.SUMS))
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
