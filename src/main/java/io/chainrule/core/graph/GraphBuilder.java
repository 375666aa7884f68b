package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A graph under construction; nodes are added at its end. Equal literals share a node. With shapes, every added node is checked and given
 * its shape at once, as derivative rules need; without, shapes are left to {@link ShapeInference}.
 */
public final class GraphBuilder {
    private static final Shape[] NO_SHAPES = {};
    private static final int[] NO_OPERANDS = {};
    private static final long GROWTH_STEP = 1 << 16;

    private final Allowance allowance;
    /** Made on first use: most graphs that are extended have few literals, or get none added. */
    private @Nullable LiteralTable literals;
    private int literalCount;
    private Op[] ops;
    private int[] starts;
    private int[] operands;
    private Shape @Nullable [] shapes;
    private int size;
    private long told;
    private long untold;

    private GraphBuilder(Allowance allowance, boolean withShapes) {
        this.allowance = allowance;
        this.ops = new Op[16];
        this.starts = new int[17];
        this.operands = new int[32];
        this.shapes = withShapes ? new Shape[16] : null;
    }

    private GraphBuilder(Graph graph, Allowance allowance) {
        this.allowance = allowance;
        size = graph.size();
        int capacity = 16 + size + (size >> 1);
        ops = Arrays.copyOf(graph.ops, capacity);
        starts = Arrays.copyOf(graph.starts, capacity + 1);
        operands = Arrays.copyOf(graph.operands, Math.max(32, starts[size] + (starts[size] >> 1)));
        Shape[] known = Objects.requireNonNull(graph.shapes);
        shapes = Arrays.copyOf(known, capacity);
        if (known.length == 0) {
            Arrays.fill(shapes, 0, size, Shape.SCALAR);
        }
        literalCount = graph.growth.literals();
        told = graph.growth.told();
        untold = graph.growth.untold();
    }

    public static GraphBuilder withShapes() {
        return withShapes(Allowance.UNBOUNDED);
    }

    public static GraphBuilder withShapes(Allowance allowance) {
        return new GraphBuilder(allowance, true);
    }

    /** Returns a builder for programs whose inputs have no shapes yet. */
    public static GraphBuilder withoutShapes(Allowance allowance) {
        return new GraphBuilder(allowance, false);
    }

    /** Continues a graph that has shapes: its nodes keep their numbers, and count against the allowance. */
    public static GraphBuilder extending(Graph graph, Allowance allowance) {
        GraphBuilder builder = new GraphBuilder(graph, allowance);
        if (builder.size - builder.literalCount > allowance.nodes()) {
            throw LimitException.moreThan(allowance.limit(), allowance.nodes());
        }
        if (builder.told > 0) {
            allowance.growth().accept(builder.told);
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

    /** Adds a node of another graph, where its shape has already been computed. */
    public int add(Op op, Shape shape, int... nodes) {
        return append(op, shape, nodes);
    }

    /** Copies a node of another graph; {@code image} maps its operands to this graph. Equal literals still share a node. */
    public int copy(Graph graph, int node, int[] image) {
        if (graph.op(node) instanceof Leaf.Literal(double value)) {
            return literalIndex(value);
        }
        int[] nodes = new int[graph.operandCount(node)];
        for (int k = 0; k < nodes.length; k++) {
            nodes[k] = image[graph.operand(node, k)];
        }
        return append(graph.op(node), graph.shape(node), nodes);
    }

    public Node add(Op op, Node... nodes) {
        int[] indices = new int[nodes.length];
        for (int i = 0; i < nodes.length; i++) {
            indices[i] = nodes[i].index();
        }
        return node(add(op, indices));
    }

    public Node input(String id, Shape shape) {
        return node(add(new Leaf.Input(id, shape), NO_OPERANDS));
    }

    public Node constant(Tensor value) {
        return node(add(new Leaf.Constant(value), NO_OPERANDS));
    }

    public Node literal(double value) {
        return node(literalIndex(value));
    }

    public int literalIndex(double value) {
        LiteralTable table = literals();
        int known = table.find(value);
        if (known != LiteralTable.NONE) {
            return known;
        }
        int index = add(new Leaf.Literal(value), NO_OPERANDS);
        table.add(value, index);
        literalCount = table.size();
        return index;
    }

    private LiteralTable literals() {
        if (literals == null) {
            literals = new LiteralTable();
            for (int i = 0; i < size && literals.size() < literalCount; i++) {
                if (ops[i] instanceof Leaf.Literal(double value) && literals.find(value) == LiteralTable.NONE) {
                    literals.add(value, i);
                }
            }
        }
        return literals;
    }

    /** The graph so far. The builder can go on growing; the built graph does not change. */
    public Graph build() {
        return new Graph(ops, starts, operands, shapes, size, new Graph.Growth(literalCount, told, untold));
    }

    private int append(Op op, @Nullable Shape shape, int[] nodes) {
        if (size - literalCount >= allowance.nodes() && !(op instanceof Leaf.Literal)) {
            throw LimitException.moreThan(allowance.limit(), allowance.nodes());
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

    /**
     * Charges the memory of a node's op. Elementwise ops cost less because many nodes share one object; other ops are objects with their
     * own attributes.
     */
    private void account(Op op) {
        untold += switch (op.family()) {
            case LEAF, ELEMENTWISE -> 48;
            default -> 320;
        };
        if (untold >= GROWTH_STEP) {
            long grown = untold;
            untold = 0;
            told += grown;
            allowance.growth().accept(grown);
        }
    }
}
