package io.chainrule.core;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.network.LayerSummary;
import io.chainrule.core.op.Cautions;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Tells which values of a program that is not mapped over samples have a row for each sample nevertheless: those that are made row by row
 * of data, an input that is not differentiated by. Nodes are those of the bound program.
 */
final class SampleRows {
    private static final int NONE = -1;
    private static final int LEAST_SAMPLES = 2;
    private static final double LEAST_FACTOR = 0.5;

    private final DerivedGraph derived;
    private final BoundProgram bound;
    private final Graph graph;
    private final boolean isMapped;

    SampleRows(DerivedGraph derived) {
        this.derived = derived;
        this.bound = derived.lowered().bound();
        this.graph = bound.program().graph();
        this.isMapped = bound.samples().keepAxis() || bound.samples().areReduced();
    }

    /** The output as a sum of the losses of samples: of labels, a network's data, or rows of data that share their parameters. */
    Optional<Trouble> total() {
        int node = bound.program().output();
        if (isMapped || graph.isLeaf(node) || !graph.shape(node).isScalar()) {
            return Optional.empty();
        }
        Multiple multiple = multiple(node);
        if (!graph.isLeaf(multiple.of) && graph.op(multiple.of).family() == Family.ELEMENTWISE
                && OpCatalogue.has(graph.op(multiple.of), Trait.SUMS) && OpCatalogue.has(graph.op(multiple.of), Trait.COMMUTATIVE)) {
            multiple = multiple(graph.operand(multiple.of, 0));
        }
        node = multiple.of;
        if (graph.isLeaf(node) || !Cautions.isTotal(graph.op(node))) {
            return Optional.empty();
        }
        int terms = graph.operand(node, 0);
        boolean areKnown = !OpCatalogue.has(graph.op(node), Trait.TOTAL) && (bound.network() != null || hasClasses(node));
        int data = areKnown ? graph.operand(node, bound.network() == null ? 1 : 0) : data(terms);
        int samples = data == NONE || graph.shape(data).isScalar() ? 0 : graph.shape(data).dim(0);
        // A small factor is that of a mean, however it is written.
        return samples < LEAST_SAMPLES || multiple.size < LEAST_FACTOR || multiple.size * samples < 1.5
                ? Optional.empty()
                : Optional.of(new Trouble(Trouble.Kind.SUM_OVER_SAMPLES, node, areKnown ? List.of() : List.of(data),
                        Map.of("samples", (double) samples)));
    }

    /** A node's value is a literal factor, of this size, times that of another node. */
    private record Multiple(double size, int of) {}

    private Multiple multiple(int node) {
        double size = 1;
        int at = node;
        while (!graph.isLeaf(at) && graph.op(at).family() == Family.ELEMENTWISE && OpCatalogue.has(graph.op(at), Trait.POLYNOMIAL)) {
            boolean isSign = graph.operandCount(at) == 1 && OpCatalogue.has(graph.op(at), Trait.EXACT);
            boolean isProduct = graph.operandCount(at) == 2 && OpCatalogue.has(graph.op(at), Trait.COMMUTATIVE)
                    && !OpCatalogue.has(graph.op(at), Trait.SUMS);
            int first = graph.operand(at, 0);
            if (isSign) {
                at = first;
            } else if (isProduct && graph.op(first) instanceof Leaf.Literal(double factor)) {
                size *= Math.abs(factor);
                at = graph.operand(at, 1);
            } else if (isProduct && graph.op(graph.operand(at, 1)) instanceof Leaf.Literal(double factor)) {
                size *= Math.abs(factor);
                at = first;
            } else {
                break;
            }
        }
        return new Multiple(size, at);
    }

    /** Whether a loss reads labels of classes, of which there is one for each sample. */
    boolean hasClasses(int loss) {
        return OpCatalogue.has(graph.op(loss), Trait.CLASS_LABELS)
                && graph.shape(graph.operand(loss, 1)).rank() < graph.shape(graph.operand(loss, 0)).rank();
    }

    /** Whether the leading axis of a node's value is known to count the samples. */
    boolean areLeading(int node) {
        if (isMapped) {
            return bound.network() == null && bound.names().isSampled(node);
        } else if (bound.network() != null) {
            return bound.network().layers().stream().map(LayerSummary::name).anyMatch(bound.program().id(node)::equals);
        }
        return graph.shape(node).rank() == 2 && data(node) != NONE;
    }

    /** The data of which a value is made row by row with the same parameters; −1 if that is not sure. */
    private int data(int value) {
        if (bound.signature().wrt() == null) {
            return NONE;
        }
        int node = value;
        while (!graph.isLeaf(node)) {
            int made = node;
            if (OpCatalogue.has(graph.op(made), Trait.ROW_BY_ROW)) {
                if (derived.isZero(graph.operand(made, 1))) {
                    return NONE;
                }
                node = graph.operand(made, 0);
            } else if (graph.op(made).family() == Family.ELEMENTWISE) {
                Shape shape = graph.shape(made);
                node = IntStream.range(0, graph.operandCount(made)).map(k -> graph.operand(made, k))
                        .filter(k -> !graph.isLeaf(k) && graph.shape(k).equals(shape)).findFirst().orElse(NONE);
            } else {
                return NONE;
            }
            if (node == NONE) {
                return NONE;
            }
        }
        boolean isData = graph.op(node) instanceof Leaf.Input && !bound.names().hasWrt(node) && graph.shape(node).rank() == 2;
        return isData && node != value ? node : NONE;
    }
}
