package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A graph that grows at its end. Equal literals share a node. With shapes, every added node is checked and given its
 * shape at once, as derivative rules need; without, shapes are left to {@link ShapeInference}.
 */
public final class GraphBuilder {
    private static final Shape[] NO_SHAPES = {};

    private static final long GROWTH_STEP = 1 << 16;
    private final Allowance allowance;
    private final Map<Long, Integer> literals = new HashMap<>();
    private Op[] ops;
    private int[] starts;
    private int[] operands;
    private Shape @Nullable [] shapes;
    private int size;
    private long unaccounted;

    private GraphBuilder(Allowance allowance, boolean withShapes) {
        this.allowance = allowance;
        this.ops = new Op[16];
        this.starts = new int[17];
        this.operands = new int[32];
        this.shapes = withShapes ? new Shape[16] : null;
    }

    public static GraphBuilder withShapes() {
        return withShapes(Allowance.UNBOUNDED);
    }

    public static GraphBuilder withShapes(Allowance allowance) {
        return new GraphBuilder(allowance, true);
    }

    /** For programs whose input shapes are not known yet; {@link LimitException} beyond {@code maxNodes}, not counting literals. */
    public static GraphBuilder withoutShapes(int maxNodes) {
        return new GraphBuilder(Allowance.nodes(maxNodes), false);
    }

    /** Continues a graph that has shapes: its nodes keep their numbers. */
    public static GraphBuilder extending(Graph graph, Allowance allowance) {
        GraphBuilder builder = new GraphBuilder(allowance, true);
        for (int i = 0; i < graph.size(); i++) {
            int[] operands = new int[graph.operandCount(i)];
            for (int k = 0; k < operands.length; k++) {
                operands[k] = graph.operand(i, k);
            }
            builder.append(graph.op(i), graph.shape(i), operands);
            if (graph.op(i) instanceof Leaf.Literal literal) {
                builder.literals.putIfAbsent(Double.doubleToRawLongBits(literal.value()), i);
            }
        }
        return builder;
    }

    public int size() {
        return size;
    }

    public Op op(int node) {
        return ops[node];
    }

    public int operandCount(int node) {
        return starts[node + 1] - starts[node];
    }

    public int operand(int node, int position) {
        return operands[starts[node] + position];
    }

    public Shape shape(int node) {
        if (shapes == null) {
            throw new IllegalStateException("this graph has no shapes yet");
        }
        return shapes[node];
    }

    public Node node(int index) {
        return new Node(this, index);
    }

    public int add(Op op, int... nodes) {
        Shape shape = null;
        if (shapes != null) {
            Shape[] operandShapes = nodes.length == 0 ? NO_SHAPES : new Shape[nodes.length];
            for (int i = 0; i < nodes.length; i++) {
                operandShapes[i] = shapes[nodes[i]];
            }
            shape = op.shape(operandShapes);
        }
        return append(op, shape, nodes);
    }

    /** A node of another graph, whose shape is known from there. */
    public int add(Op op, Shape shape, int... nodes) {
        return append(op, shape, nodes);
    }

    public Node add(Op op, Node... nodes) {
        int[] indices = new int[nodes.length];
        for (int i = 0; i < nodes.length; i++) {
            indices[i] = nodes[i].index();
        }
        return node(add(op, indices));
    }

    public Node input(String id, Shape shape) {
        return node(add(new Leaf.Input(id, shape), new int[0]));
    }

    public Node constant(Tensor value) {
        return node(add(new Leaf.Constant(value), new int[0]));
    }

    public Node literal(double value) {
        return node(literalIndex(value));
    }

    public int literalIndex(double value) {
        long bits = Double.doubleToRawLongBits(value);
        Integer known = literals.get(bits);
        if (known != null) {
            return known;
        }
        int index = add(new Leaf.Literal(value), new int[0]);
        literals.put(bits, index);
        return index;
    }

    /** The graph so far. The builder can go on growing; the built graph does not change. */
    public Graph build() {
        return new Graph(ops, starts, operands, shapes, size);
    }

    private int append(Op op, @Nullable Shape shape, int[] nodes) {
        if (size - literals.size() >= allowance.nodes() && !(op instanceof Leaf.Literal)) {
            throw LimitException.moreThan("nodes", allowance.nodes());
        }
        account(op);
        if (size == ops.length) {
            int longer = size + (size >> 1);
            ops = Arrays.copyOf(ops, longer);
            starts = Arrays.copyOf(starts, longer + 1);
            shapes = shapes == null ? null : Arrays.copyOf(shapes, longer);
        }
        int start = starts[size];
        if (start + nodes.length > operands.length) {
            operands = Arrays.copyOf(operands, Math.max(start + nodes.length, operands.length + (operands.length >> 1)));
        }
        System.arraycopy(nodes, 0, operands, start, nodes.length);
        ops[size] = op;
        if (shapes != null && shape != null) {
            shapes[size] = shape;
        }
        starts[size + 1] = start + nodes.length;
        return size++;
    }

    /** Elementwise ops are shared; others are objects of their own, with attributes and a shape. */
    private void account(Op op) {
        unaccounted += switch (op.family()) {
            case LEAF, ELEMENTWISE -> 48;
            default -> 320;
        };
        if (unaccounted >= GROWTH_STEP) {
            long grown = unaccounted;
            unaccounted = 0;
            allowance.growth().accept(grown);
        }
    }
}
