package io.chainrule.core;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Tells zeros that are exact from zeros to which a value or a product was rounded because it is too small for a double. Nodes are those of
 * the derived graph, and all elements of a node in question were zero in the run.
 */
final class ExactZeros {
    private final Graph graph;
    private final int primals;
    private final CotangentUses uses;
    private final PlannedGraph.Run run;
    private final IntPredicate isZero;
    private final IntPredicate isGiven;

    /** What made all elements of a node zero. */
    enum Kind {
        /** No element is zero by rounding, if the values that the op reads are taken as they are. */
        EXACT,
        /** Some element is zero because a value or product is too small for a double. */
        ROUNDED,
        UNKNOWN
    }

    /**
     * @param primals the number of nodes that precede all derivatives in the graph
     * @param isZero whether all elements of a node were zero in the run
     * @param isGiven whether a node's value is one that the op reads
     */
    ExactZeros(Graph graph, int primals, CotangentUses uses, PlannedGraph.Run run, IntPredicate isZero, IntPredicate isGiven) {
        this.graph = graph;
        this.primals = primals;
        this.uses = uses;
        this.run = run;
        this.isZero = isZero;
        this.isGiven = isGiven;
    }

    private Magnitudes magnitudes(int node) {
        return Magnitudes.of(graph, run, node);
    }

    private boolean areNonzero(int node) {
        return magnitudes(node).areNonzero();
    }

    /** What made a node zero. */
    Kind kind(int node) {
        if (graph.isLeaf(node) || isGiven.test(node)) {
            return Kind.EXACT;
        }
        if (OpCatalogue.isSlope(graph.op(node))) {
            return slope(node);
        }
        boolean isByOperands = OpCatalogue.has(graph.op(node), Trait.ZERO_BY_OPERANDS);
        if (isByOperands && OpCatalogue.has(graph.op(node), Trait.NONZERO_AT_ZERO)) {
            return Kind.ROUNDED;
        }
        List<Integer> operands = IntStream.range(0, graph.operandCount(node)).map(k -> graph.operand(node, k)).boxed().toList();
        if (node < primals && !operands.stream().allMatch(run::tellsZero)) {
            return Kind.UNKNOWN;
        }
        if (operands.size() == 3 && graph.op(node).ignores(0)) {
            int condition = operands.getFirst();
            return isZero.test(condition)
                    ? chosen(operands.get(2))
                    : areNonzero(condition) ? chosen(operands.get(1)) : both(chosen(operands.get(1)), chosen(operands.get(2)));
        }
        List<Integer> zeros = operands.stream().filter(isZero::test).toList();
        Family family = graph.op(node).family();
        if (isByOperands || family == Family.BILINEAR) {
            return zeros.isEmpty() ? isByOperands ? product(operands) : Kind.UNKNOWN : exactOnce(zeros);
        }
        if (zeros.size() == operands.size()
                && (family == Family.MOVEMENT || family == Family.LINEAR || OpCatalogue.has(graph.op(node), Trait.SUMS))) {
            return zeros.stream().map(this::kind).reduce(this::both).orElse(Kind.EXACT);
        }
        boolean isStep = IntStream.range(0, operands.size()).allMatch(graph.op(node)::ignores);
        boolean areExact = operands.stream().allMatch(operand -> isMoved(operand) && (family == Family.MOVEMENT || !uses.isFrom(operand)));
        return isStep || areExact ? Kind.EXACT : Kind.UNKNOWN;
    }

    /** A slope that is computed is 0 by rounding, unless an operand is 0. */
    private Kind slope(int node) {
        if (Magnitudes.isCopy(graph, node)) {
            return kind(graph.operand(node, 0));
        }
        return IntStream.range(0, graph.operandCount(node)).anyMatch(k -> isZero.test(graph.operand(node, k)))
                ? Kind.UNKNOWN
                : Kind.ROUNDED;
    }

    /** What is known of a branch, the chosen elements of which are zero. */
    private Kind chosen(int branch) {
        return isZero.test(branch) ? kind(branch) : isMoved(branch) ? Kind.EXACT : Kind.UNKNOWN;
    }

    private Kind both(Kind a, Kind b) {
        return a == Kind.ROUNDED || b == Kind.ROUNDED ? Kind.ROUNDED : a == Kind.EXACT ? b : a;
    }

    /** What is known of a product that has these zero factors: an exact zero is enough. */
    private Kind exactOnce(List<Integer> zeros) {
        List<Kind> found = zeros.stream().map(this::kind).toList();
        return found.contains(Kind.EXACT) ? Kind.EXACT : found.contains(Kind.UNKNOWN) ? Kind.UNKNOWN : Kind.ROUNDED;
    }

    /** What is known of a zero product none of whose factors is all zero. */
    private Kind product(List<Integer> factors) {
        if (factors.stream().filter(factor -> !areNonzero(factor)).count() <= 1) {
            return Kind.ROUNDED;
        }
        return areExact(factors) ? Kind.EXACT : Kind.UNKNOWN;
    }

    /** Whether no element of these factors, or of their product, can be zero by rounding. */
    private boolean areExact(List<Integer> factors) {
        double[] least = factors.stream().mapToDouble(factor -> magnitudes(factor).nonzero()).toArray();
        boolean isGrowing = Arrays.stream(least).filter(x -> !(x >= 1)).count() <= 1;
        return (isGrowing || Arrays.stream(least).reduce(1, (a, b) -> a * b) > 0)
                && factors.stream().allMatch(factor -> isMoved(factor) || areNonzero(factor) || isExactProduct(factor));
    }

    private boolean isExactProduct(int node) {
        return graph.operandCount(node) == 2 && OpCatalogue.has(graph.op(node), Trait.ZERO_BY_OPERANDS)
                && OpCatalogue.has(graph.op(node), Trait.POLYNOMIAL) && areExact(List.of(graph.operand(node, 0), graph.operand(node, 1)));
    }

    /** Whether a node's elements are those of the cotangent or of values that the op reads, moved or negated at most. */
    private boolean isMoved(int node) {
        return uses.isCotangent(node) || graph.isLeaf(node) || isGiven.test(node)
                || graph.op(node).family() == Family.MOVEMENT && !OpCatalogue.has(graph.op(node), Trait.SUMS)
                        && IntStream.range(0, graph.operandCount(node)).allMatch(k -> isMoved(graph.operand(node, k)));
    }
}
