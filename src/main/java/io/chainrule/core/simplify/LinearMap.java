package io.chainrule.core.simplify;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.simplify.LinearTerm.Entry;
import io.chainrule.core.simplify.LinearTerm.Functional;
import io.chainrule.core.simplify.LinearTerm.Product;
import io.chainrule.core.simplify.LinearTerm.Whole;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads a node of a graph as a linear function of another one. An op that is not known to be one maps the identity, as a batch. */
final class LinearMap {
    final Graph graph;
    private final Node[] image;
    final int from;
    final Node source;
    private final MatrixTerms matrices = new MatrixTerms(this);
    private final VectorTerms vectors = new VectorTerms(this);
    private final Map<Integer, List<LinearTerm>> known = new HashMap<>();

    private LinearMap(Graph graph, Node[] image, int from) {
        this.graph = graph;
        this.image = image;
        this.from = from;
        this.source = image[from];
    }

    /**
     * The Jacobian of one node by another.
     *
     * @param image the nodes of the builder to which the Jacobian is appended
     * @param path the nodes that depend linearly on {@code from}
     */
    static Node of(Graph graph, Node[] image, BitSet path, int from, int to) {
        LinearMap map = new LinearMap(graph, image, from);
        map.known.put(from, List.of(Product.IDENTITY));
        for (int node = path.nextSetBit(from + 1); node >= 0 && node <= to; node = path.nextSetBit(node + 1)) {
            List<LinearTerm> terms = map.terms(node);
            map.known.put(node, terms == null ? List.of(new Whole(map.batched(node))) : map.merged(terms));
        }
        return map.jacobian(to);
    }

    /** Adds up the weights of products that have the same matrices. */
    private List<LinearTerm> merged(List<LinearTerm> terms) {
        List<LinearTerm> merged = new ArrayList<>();
        for (LinearTerm term : terms) {
            int same = 0;
            while (same < merged.size() && !(term instanceof Product product && merged.get(same) instanceof Product other
                    && product.hasMatricesOf(other))) {
                same++;
            }
            if (same < merged.size() && term instanceof Product product && merged.get(same) instanceof Product other) {
                Node one = source.graph().literal(1);
                merged.set(same, other.weighted(call("add", Objects.requireNonNullElse(other.weight(), one),
                        Objects.requireNonNullElse(product.weight(), one))));
            } else {
                merged.add(term);
            }
        }
        return merged;
    }

    static Node call(String op, Node... operands) {
        return operands[0].graph().add(UniqueNodes.op(op, Map.of(), operands.length), operands);
    }

    /** The Jacobian of a node whose terms are known. */
    Node jacobian(int node) {
        Node sum = null;
        for (LinearTerm term : Objects.requireNonNull(known.get(node))) {
            Node jacobian = LinearTerm.jacobian(term, graph.shape(node), source);
            sum = sum == null ? jacobian : call("add", sum, jacobian);
        }
        return Objects.requireNonNull(sum);
    }

    /** The terms of an operand; null if it does not depend on the source. */
    @Nullable
    List<LinearTerm> operand(int node, int position) {
        return known.get(graph.operand(node, position));
    }

    /** Returns the terms of an operand, which must depend on the source. */
    List<LinearTerm> needed(int node, int position) {
        return Objects.requireNonNull(operand(node, position));
    }

    /** An operand that does not depend on the source. */
    Node fixed(int node, int position) {
        return image[graph.operand(node, position)];
    }

    /** Null where no rule applies. */
    private @Nullable List<LinearTerm> terms(int node) {
        Shape shape = graph.shape(node);
        return switch (graph.op(node).name()) {
            case "neg" -> weighted(needed(node, 0), source.graph().literal(-1), shape);
            case "add" -> sum(node, 1);
            case "sub" -> sum(node, -1);
            case "mul", "strong_mul", "strong_mul_both" -> {
                int k = operand(node, 0) == null ? 1 : 0;
                yield stretched(node, k, fixed(node, 1 - k));
            }
            case "div" -> operand(node, 1) == null
                    ? stretched(node, 0, call("div", source.graph().literal(1), fixed(node, 1)))
                    : null;
            case "where" -> selected(node);
            case "matmul" -> matrices.product(node);
            case "dot" -> {
                int k = operand(node, 0) == null ? 1 : 0;
                Shape own = graph.shape(graph.operand(node, k));
                yield matrices.total(weighted(needed(node, k), fixed(node, 1 - k), own), own);
            }
            case "sum" -> shape.isScalar()
                    ? matrices.total(needed(node, 0), graph.shape(graph.operand(node, 0)))
                    : matrices.line(node, graph.op(node));
            case "transpose" -> graph.op(node).attributes().isEmpty() && shape.rank() == 2 ? matrices.transposed(node) : null;
            case "broadcast_to" -> stretched(node, 0, source.graph().literal(1));
            case "index" -> vectors.rows(node, graph.op(node));
            case "stack" -> shape.rank() == 1 ? vectors.stacked(node) : null;
            case "concatenate" -> vectors.joined(node);
            case "reshape" -> shape.rank() == 1 ? matrices.column(node) : reshaped(node);
            case "solve" -> operand(node, 0) == null ? matrices.solved(node) : null;
            default -> null;
        };
    }

    private List<LinearTerm> sum(int node, int sign) {
        List<LinearTerm> all = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            if (operand(node, k) != null) {
                all.addAll(stretched(node, k, source.graph().literal(k == 0 ? 1 : sign)));
            }
        }
        return all;
    }

    /** The terms of an operand times a node that depends on nothing, in the shape of the result. */
    private List<LinearTerm> stretched(int node, int position, Node weight) {
        Shape shape = graph.shape(node);
        List<LinearTerm> terms = needed(node, position);
        Shape own = graph.shape(graph.operand(node, position));
        if (!own.equals(shape) && !own.isScalar()) {
            Node repeated = Maths.reshape(jacobian(graph.operand(node, position)), padded(own, shape.rank()).concat(source.shape()));
            return List.of(new Whole(Maths.broadcastTo(times(beside(weight, weight.shape()), repeated), shape.concat(source.shape()))));
        }
        return own.equals(shape)
                ? weighted(terms, weight, shape)
                : terms.stream().map(term -> (LinearTerm) new Functional(Maths.broadcastTo(
                        term instanceof Functional(Node value, var _) && value != null ? times(weight, value) : weight, shape),
                        term instanceof Functional functional ? functional.gradient() : LinearTerm.jacobian(term, own, source))).toList();
    }

    static Node times(Node a, Node b) {
        return a.isLiteral(1) ? b : b.isLiteral(1) ? a : call("mul", a, b);
    }

    /** Terms times a node that depends on nothing. */
    List<LinearTerm> weighted(List<LinearTerm> terms, Node factor, Shape shape) {
        if (factor.isLiteral(1)) {
            return terms;
        }
        Node weight = factor.shape().isScalar() ? factor : Maths.broadcastTo(factor, shape);
        return terms.stream().map(term -> switch (term) {
            case Product product -> product.weighted(product.weight() == null ? weight : times(product.weight(), weight));
            case Functional(var value, Node gradient) ->
                (LinearTerm) new Functional(value == null ? weight : times(value, weight), gradient);
            case Entry(var value, int at) -> new Entry(value == null ? weight : times(value, weight), at);
            case Whole(Node jacobian) -> new Whole(times(weight.shape().isScalar() ? weight : beside(weight, shape), jacobian));
        }).toList();
    }

    /** Adds axes of length 1 in front. */
    private static Shape padded(Shape shape, int rank) {
        int[] ones = new int[rank - shape.rank()];
        Arrays.fill(ones, 1);
        return Shape.of(ones).concat(shape);
    }

    private List<LinearTerm> reshaped(int node) {
        return List.of(new Whole(Maths.reshape(jacobian(graph.operand(node, 0)), graph.shape(node).concat(source.shape()))));
    }

    /** Reshapes an array so that it is repeated along the axes of the source. */
    private Node beside(Node x, Shape shape) {
        int[] ones = IntStream.range(0, source.shape().rank()).map(_ -> 1).toArray();
        return Maths.reshape(Maths.broadcastTo(x, shape), shape.concat(Shape.of(ones)));
    }

    /** The terms of a selection, whose condition does not depend on the source. */
    private List<LinearTerm> selected(int node) {
        List<LinearTerm> all = new ArrayList<>();
        Node one = source.graph().literal(1);
        Node zero = source.graph().literal(0);
        for (int k = 1; k < 3; k++) {
            if (operand(node, k) != null) {
                all.addAll(stretched(node, k, call("where", fixed(node, 0), k == 1 ? one : zero, k == 1 ? zero : one)));
            }
        }
        return all;
    }

    /** The Jacobian of a node from those of its operands: the op maps each of their columns. */
    private Node batched(int node) {
        int n = source.shape().length();
        Node[] operands = new Node[graph.operandCount(node)];
        boolean[] batched = new boolean[operands.length];
        for (int k = 0; k < operands.length; k++) {
            int operand = graph.operand(node, k);
            batched[k] = operand(node, k) != null;
            operands[k] = batched[k] ? columnsFirst(jacobian(operand), graph.shape(operand), n) : image[operand];
        }
        Node mapped = graph.op(node).batch(operands, batched, n);
        Shape shape = graph.shape(node);
        Node columnsLast = moved(mapped, IntStream.rangeClosed(1, shape.rank() + 1).map(axis -> axis % (shape.rank() + 1)).toArray());
        return Maths.reshape(columnsLast, shape.concat(source.shape()));
    }

    private static Node columnsFirst(Node jacobian, Shape shape, int n) {
        Node flat = Maths.reshape(jacobian, shape.concat(Shape.of(n)));
        return moved(flat, IntStream.rangeClosed(0, shape.rank()).map(axis -> axis == 0 ? shape.rank() : axis - 1).toArray());
    }

    private static Node moved(Node x, int[] axes) {
        return axes.length < 2
                ? x
                : x.graph().add(axes.length == 2
                        ? UniqueNodes.op("transpose", Map.of(), 1)
                        : UniqueNodes.op("transpose", Map.of("axes", IntStream.of(axes).boxed().toList()), 1), x);
    }
}
