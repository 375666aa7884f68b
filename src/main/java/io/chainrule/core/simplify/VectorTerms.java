package io.chainrule.core.simplify;

import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Axes;
import io.chainrule.core.op.Maths;
import io.chainrule.core.simplify.LinearTerm.Entry;
import io.chainrule.core.simplify.LinearTerm.Functional;
import io.chainrule.core.simplify.LinearTerm.Product;
import io.chainrule.core.simplify.LinearTerm.Whole;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The rules of a {@link LinearMap} for parts of vectors, and vectors made of parts. */
record VectorTerms(LinearMap map) {
    /** Longer rows are not written entry by entry. */
    private static final int MOST_ENTRIES = 8;

    /** Elements and slices of an array select parts of its Jacobian, of a vector rows. */
    List<LinearTerm> rows(int node, Op index) {
        int operand = map.graph.operand(node, 0);
        Shape shape = map.graph.shape(operand);
        boolean isOfVector = shape.rank() == 1 && map.source.shape().rank() == 1;
        if (isOfVector && operand == map.from && index.attributes().get("at") instanceof List<?> at && at.size() == 1
                && at.getFirst() instanceof Number place) {
            return List.of(new Entry(null, place.intValue() < 0 ? place.intValue() + shape.dim(0) : place.intValue()));
        }
        Node part = map.source.graph().add(Axes.countedFromFirst(index, shape, 1), map.jacobian(operand));
        if (!isOfVector) {
            return List.of(new Whole(part));
        }
        return List.of(map.graph.shape(node).isScalar() ? new Functional(null, part) : new Product(null, part, false, null));
    }

    /** The rows of a matrix whose entries are known one by one; else those of {@link #joined}. */
    @Nullable
    List<LinearTerm> stacked(int node) {
        int n = map.source.shape().rank() == 1 ? map.source.shape().dim(0) : Integer.MAX_VALUE;
        boolean isByEntry = n <= MOST_ENTRIES && IntStream.range(0, map.graph.operandCount(node))
                .allMatch(k -> map.operand(node, k) == null
                        || Objects.requireNonNull(map.operand(node, k)).stream().allMatch(Entry.class::isInstance));
        if (!isByEntry) {
            return joined(node);
        }
        GraphBuilder builder = map.source.graph();
        Node[] rows = new Node[map.graph.operandCount(node)];
        for (int k = 0; k < rows.length; k++) {
            Node[] entries = new Node[n];
            Arrays.fill(entries, builder.literal(0));
            for (LinearTerm term : Objects.requireNonNullElse(map.operand(node, k), List.<LinearTerm>of())) {
                if (term instanceof Entry(var value, int at)) {
                    Node one = value == null ? builder.literal(1) : value;
                    entries[at] = entries[at].isLiteral(0) ? one : LinearMap.call("add", entries[at], one);
                }
            }
            boolean isConstant = Arrays.stream(entries).allMatch(entry -> entry.literal().isPresent());
            rows[k] = isConstant
                    ? builder.constant(Tensor.vector(Arrays.stream(entries).mapToDouble(entry -> entry.literal().orElseThrow()).toArray()))
                    : builder.add(UniqueNodes.op("stack", Map.of(), n), entries);
        }
        return List.of(new Product(null, builder.add(UniqueNodes.op("stack", Map.of(), rows.length), rows), false, null));
    }

    /** The Jacobians of the parts of a vector lie one upon another. */
    @Nullable
    List<LinearTerm> joined(int node) {
        Shape shape = map.graph.shape(node);
        if (shape.rank() != 1 || map.source.shape().rank() != 1) {
            return null;
        }
        Node[] parts = new Node[map.graph.operandCount(node)];
        for (int k = 0; k < parts.length; k++) {
            int operand = map.graph.operand(node, k);
            parts[k] = map.operand(node, k) == null
                    ? Maths.broadcastTo(map.source.graph().literal(0), map.graph.shape(operand).concat(map.source.shape()))
                    : map.jacobian(operand);
        }
        return List.of(new Product(null, map.source.graph().add(Axes.countedFromFirst(map.graph.op(node), shape, parts.length), parts),
                false, null));
    }
}
