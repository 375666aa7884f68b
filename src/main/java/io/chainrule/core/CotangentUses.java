package io.chainrule.core;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Tells which nodes of one op's derivative are computed from the op's cotangent, and how. Nodes are those of the derived graph. */
final class CotangentUses {
    private final Graph graph;
    private final int primals;
    private final int cotangent;
    /** The cotangent and the nodes that it is a copy of, since products with a copy may be computed from the copied node. */
    private final Set<Integer> cotangents = new HashSet<>();
    private final boolean isLiteral;
    private final Map<Integer, Boolean> fromCotangent = new HashMap<>();

    /** @param primals the number of nodes that precede all derivatives in the graph */
    CotangentUses(Graph graph, int primals, int cotangent) {
        this.graph = graph;
        this.primals = primals;
        this.cotangent = cotangent;
        int copied = cotangent;
        cotangents.add(copied);
        while (Magnitudes.isCopy(graph, copied)) {
            copied = graph.operand(copied, 0);
            cotangents.add(copied);
        }
        this.isLiteral = graph.isLiteral(copied);
    }

    /** Whether the cotangent is a literal, or a copy of one. */
    boolean isLiteral() {
        return isLiteral;
    }

    /** Whether a node is the cotangent, or one that the cotangent is a copy of. */
    boolean isCotangent(int node) {
        return cotangents.contains(node);
    }

    /** Whether each element of a node that depends on the cotangent is a product with a single element of the cotangent. */
    boolean isPlain(int node) {
        return isCotangent(node) || !isFrom(node)
                || (Magnitudes.isCopy(graph, node)
                        || graph.op(node).family() == Family.ELEMENTWISE && !OpCatalogue.has(graph.op(node), Trait.SUMS))
                        && IntStream.range(0, graph.operandCount(node))
                                .allMatch(k -> graph.op(node).ignores(k) || isPlain(graph.operand(node, k)));
    }

    /**
     * Whether the derivative computes a node from the cotangent. If the cotangent is a literal, every node that the derivative appended and
     * that has operands counts.
     */
    boolean isFrom(int node) {
        if (isCotangent(node) || node < primals) {
            return isCotangent(node);
        }
        if (!isLiteral && node < cotangent) {
            return false;
        }
        Boolean known = fromCotangent.get(node);
        boolean isFrom = known == null
                ? IntStream.range(0, graph.operandCount(node)).filter(k -> !graph.op(node).ignores(k))
                        .anyMatch(k -> isLiteral || isFrom(graph.operand(node, k)))
                : known;
        fromCotangent.put(node, isFrom);
        return isFrom;
    }
}
