package io.chainrule.core.simplify;

import io.chainrule.core.graph.Graph;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads a node of a graph as a linear function of another one. An op that is not known to be one maps the identity, as a batch. */
final class LinearMap {
    /** Longer rows are not written entry by entry. */
    private static final int MOST_ENTRIES = 8;

    private final Graph graph;
    private final Node[] image;
    private final int from;
    private final Node source;
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
            if (map.dependsOnSource(node)) {
                List<LinearTerm> terms = map.terms(node);
                map.known.put(node, terms == null ? List.of(new Whole(map.batched(node))) : map.merged(terms));
            }
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

    private boolean dependsOnSource(int node) {
        return IntStream.range(0, graph.operandCount(node)).anyMatch(k -> known.containsKey(graph.operand(node, k)));
    }

    static Node call(String op, Node... operands) {
        return operands[0].graph().add(UniqueNodes.op(op, Map.of(), operands.length), operands);
    }

    private Node jacobian(int node) {
        Node sum = null;
        for (LinearTerm term : Objects.requireNonNull(known.get(node))) {
            Node jacobian = LinearTerm.jacobian(term, graph.shape(node), source);
            sum = sum == null ? jacobian : call("add", sum, jacobian);
        }
        return Objects.requireNonNull(sum);
    }

    /** The terms of an operand; null if it does not depend on the source. */
    private @Nullable List<LinearTerm> operand(int node, int position) {
        return known.get(graph.operand(node, position));
    }

    private Node fixed(int node, int position) {
        return image[graph.operand(node, position)];
    }

    /** Null where no rule applies. */
    private @Nullable List<LinearTerm> terms(int node) {
        Shape shape = graph.shape(node);
        return switch (graph.op(node).name()) {
            case "neg" -> weighted(operand(node, 0), source.graph().literal(-1), shape);
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
            case "matmul" -> product(node);
            case "dot" -> {
                int k = operand(node, 0) == null ? 1 : 0;
                yield total(weighted(operand(node, k), fixed(node, 1 - k), graph.shape(graph.operand(node, k))), node, k);
            }
            case "sum" -> shape.isScalar() ? total(operand(node, 0), node, 0) : line(node, graph.op(node));
            case "transpose" -> graph.op(node).attributes().isEmpty() ? transposed(operand(node, 0), shape) : null;
            case "broadcast_to" -> stretched(node, 0, source.graph().literal(1));
            case "index" -> rows(node, graph.op(node));
            case "stack" -> shape.rank() == 1 ? stacked(node) : null;
            case "concat" -> joined(node);
            case "reshape" -> column(node, shape);
            case "solve" -> operand(node, 0) == null ? solved(node) : null;
            default -> null;
        };
    }

    private @Nullable List<LinearTerm> sum(int node, int sign) {
        List<LinearTerm> all = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            if (operand(node, k) != null) {
                List<LinearTerm> part = stretched(node, k, source.graph().literal(k == 0 ? 1 : sign));
                if (part == null) {
                    return null;
                }
                all.addAll(part);
            }
        }
        return all;
    }

    /** The terms of an operand times a node that depends on nothing, in the shape of the result. */
    private @Nullable List<LinearTerm> stretched(int node, int position, Node weight) {
        Shape shape = graph.shape(node);
        List<LinearTerm> terms = operand(node, position);
        Shape own = graph.shape(graph.operand(node, position));
        if (terms == null || !own.equals(shape) && !own.isScalar()) {
            return null;
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

    private @Nullable List<LinearTerm> weighted(@Nullable List<LinearTerm> terms, Node weight, Shape shape) {
        if (terms == null || weight.isLiteral(1)) {
            return terms;
        }
        return terms.stream().map(term -> switch (term) {
            case Product product -> product.weighted(product.weight() == null ? weight : times(product.weight(), weight));
            case Functional(var value, Node gradient) ->
                (LinearTerm) new Functional(value == null ? weight : times(value, weight), gradient);
            case Entry(var value, int at) -> new Entry(value == null ? weight : times(value, weight), at);
            case Whole(Node jacobian) -> new Whole(times(weight.shape().isScalar() ? weight : beside(weight, shape), jacobian));
        }).toList();
    }

    /** Reshapes an array so that it is repeated along the axes of the source. */
    private Node beside(Node x, Shape shape) {
        int[] ones = IntStream.range(0, source.shape().rank()).map(_ -> 1).toArray();
        return Maths.reshape(Maths.broadcastTo(x, shape), shape.concat(Shape.of(ones)));
    }

    private @Nullable List<LinearTerm> selected(int node) {
        if (operand(node, 0) != null) {
            return null;
        }
        List<LinearTerm> all = new ArrayList<>();
        Node one = source.graph().literal(1);
        Node zero = source.graph().literal(0);
        for (int k = 1; k < 3; k++) {
            if (operand(node, k) != null) {
                List<LinearTerm> part = stretched(node, k, call("where", fixed(node, 0), k == 1 ? one : zero, k == 1 ? zero : one));
                if (part == null) {
                    return null;
                }
                all.addAll(part);
            }
        }
        return all;
    }

    private @Nullable List<LinearTerm> product(int node) {
        int k = operand(node, 0) == null ? 1 : 0;
        Node other = fixed(node, 1 - k);
        int rank = graph.shape(graph.operand(node, k)).rank();
        if (rank > 2 || other.shape().rank() > 2) {
            return null;
        } else if (rank == 1 && other.shape().rank() == 1) {
            return total(weighted(operand(node, k), other, other.shape()), node, k);
        } else if (rank == 1) {
            return each(node, k, term -> left(k == 1 ? other : call("transpose", other), term));
        } else if (k == 1) {
            return other.shape().rank() == 2
                    ? each(node, k, term -> left(other, term))
                    : each(node, k, term -> turned(term) instanceof Product turned ? right(turned, other) : null);
        }
        return each(node, k, term -> term instanceof Product product ? right(product, other) : null);
    }

    /** Applies a function to each term of an operand; null if it cannot be applied to one of them. */
    private @Nullable List<LinearTerm> each(int node, int position, Function<LinearTerm, @Nullable LinearTerm> function) {
        List<LinearTerm> all = new ArrayList<>();
        for (LinearTerm term : Objects.requireNonNull(operand(node, position))) {
            LinearTerm mapped = function.apply(term);
            if (mapped == null) {
                return null;
            }
            all.add(mapped);
        }
        return all;
    }

    private @Nullable LinearTerm left(Node matrix, LinearTerm term) {
        return switch (term) {
            case Entry _ -> null;
            case Functional(var value, Node gradient) ->
                value == null || value.shape().isScalar() ? null : new Functional(call("matmul", matrix, value), gradient);
            case Product product -> {
                boolean isVector = source.shape().rank() == 1;
                Node before = isVector ? product.matrix() : product.left();
                yield isVector || product.isMatrices()
                        ? new Product(product.isMatrices() ? product.weight() : null,
                                before == null ? matrix : call("matmul", matrix, before),
                                product.transposed(), product.right())
                        : null;
            }
            case Whole(Node jacobian) -> source.shape().rank() == 1 && jacobian.shape().rank() == 2
                    ? new Whole(call("matmul", matrix, jacobian))
                    : null;
        };
    }

    private static @Nullable LinearTerm right(Product product, Node other) {
        return product.isMatrices()
                ? new Product(product.weight(), product.left(), product.transposed(),
                        product.right() == null ? other : call("matmul", product.right(), other))
                : null;
    }

    private @Nullable List<LinearTerm> transposed(@Nullable List<LinearTerm> terms, Shape shape) {
        if (terms == null || shape.rank() != 2) {
            return terms != null && shape.rank() < 2 ? terms : null;
        }
        List<LinearTerm> all = new ArrayList<>();
        for (LinearTerm term : terms) {
            LinearTerm turned = turned(term);
            if (turned == null) {
                return null;
            }
            all.add(turned);
        }
        return all;
    }

    /** The term transposed, a matrix. */
    private @Nullable LinearTerm turned(LinearTerm term) {
        return switch (term) {
            case Functional(var value, Node gradient) -> value == null || value.shape().rank() < 2
                    ? null
                    : new Functional(call("transpose", value), gradient);
            case Product(var weight, var left, boolean transposed, var right) -> source.shape().rank() < 2
                    || weight != null && weight.shape().rank() == 1
                            ? null
                            : new Product(weight == null || weight.shape().isScalar() ? weight : call("transpose", weight),
                                    right == null ? null : call("transpose", right), !transposed,
                                    left == null ? null : call("transpose", left));
            case Whole _,Entry _ -> null;
        };
    }

    /** The sum of all elements of an operand with these terms. */
    private @Nullable List<LinearTerm> total(@Nullable List<LinearTerm> terms, int node, int position) {
        Shape shape = graph.shape(graph.operand(node, position));
        List<LinearTerm> all = new ArrayList<>();
        for (LinearTerm term : Objects.requireNonNull(terms)) {
            switch (term) {
                case Functional(var value, Node gradient) ->
                    all.add(new Functional(call("sum", Maths.broadcastTo(value == null ? source.graph().literal(1) : value, shape)),
                            gradient));
                case Product product when shape.rank() <= 2 && source.shape().rank() == shape.rank() ->
                    all.add(new Functional(null, gradient(product, shape)));
                default -> {
                    return null;
                }
            }
        }
        return all;
    }

    /** The gradient of the sum of a product's elements: {@code leftᵀ weight rightᵀ}. */
    private Node gradient(Product product, Shape shape) {
        Node gradient = Maths.broadcastTo(product.weight() == null ? source.graph().literal(1) : product.weight(), shape);
        Node left = product.left();
        Node right = product.right();
        gradient = left == null ? gradient : call("matmul", call("transpose", left), gradient);
        gradient = right == null ? gradient : call("matmul", gradient, call("transpose", right));
        return product.transposed() ? call("transpose", gradient) : gradient;
    }

    /** Elements and slices of a vector select rows of its Jacobian. */
    private @Nullable List<LinearTerm> rows(int node, Op index) {
        Shape shape = graph.shape(graph.operand(node, 0));
        if (shape.rank() != 1 || source.shape().rank() != 1) {
            return null;
        }
        if (graph.operand(node, 0) == from && index.attributes().get("at") instanceof List<?> at && at.size() == 1
                && at.getFirst() instanceof Number place) {
            return List.of(new Entry(null, place.intValue() < 0 ? place.intValue() + shape.dim(0) : place.intValue()));
        }
        Node rows = source.graph().add(index, jacobian(graph.operand(node, 0)));
        return List.of(graph.shape(node).isScalar() ? new Functional(null, rows) : new Product(null, rows, false, null));
    }

    /** The rows of a matrix whose entries are known one by one; else those of {@link #joined}. */
    private @Nullable List<LinearTerm> stacked(int node) {
        int n = source.shape().rank() == 1 ? source.shape().dim(0) : Integer.MAX_VALUE;
        boolean isByEntry = n <= MOST_ENTRIES && IntStream.range(0, graph.operandCount(node))
                .allMatch(k -> operand(node, k) == null
                        || Objects.requireNonNull(operand(node, k)).stream().allMatch(Entry.class::isInstance));
        if (!isByEntry) {
            return joined(node);
        }
        GraphBuilder builder = source.graph();
        Node[] rows = new Node[graph.operandCount(node)];
        for (int k = 0; k < rows.length; k++) {
            Node[] entries = new Node[n];
            Arrays.fill(entries, builder.literal(0));
            for (LinearTerm term : Objects.requireNonNullElse(operand(node, k), List.<LinearTerm>of())) {
                if (term instanceof Entry(var value, int at)) {
                    Node one = value == null ? builder.literal(1) : value;
                    entries[at] = entries[at].isLiteral(0) ? one : call("add", entries[at], one);
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
    private @Nullable List<LinearTerm> joined(int node) {
        Shape shape = graph.shape(node);
        if (shape.rank() != 1 || source.shape().rank() != 1) {
            return null;
        }
        Node[] parts = new Node[graph.operandCount(node)];
        for (int k = 0; k < parts.length; k++) {
            int operand = graph.operand(node, k);
            parts[k] = operand(node, k) == null
                    ? Maths.broadcastTo(source.graph().literal(0), graph.shape(operand).concat(source.shape()))
                    : jacobian(operand);
        }
        return List.of(new Product(null, source.graph().add(graph.op(node), parts), false, null));
    }

    /** A matrix of one column as a vector. */
    private @Nullable List<LinearTerm> column(int node, Shape shape) {
        Shape own = graph.shape(graph.operand(node, 0));
        boolean isColumn = own.rank() == 2 && own.last() == 1 && shape.rank() == 1 && source.shape().rank() == 2;
        return !isColumn
                ? null
                : each(node, 0, term -> term instanceof Product(var weight, var left, boolean transposed, Node right)
                        && (weight == null || weight.shape().isScalar())
                                ? new Product(weight, left, transposed, Maths.reshape(right, Shape.of(right.shape().dim(0))))
                                : null);
    }

    /** The sums of the rows of a matrix, or of its columns, as a product with ones. */
    private @Nullable List<LinearTerm> line(int node, Op sum) {
        Shape own = graph.shape(graph.operand(node, 0));
        BitSet axes = Axes.of(sum, own.rank());
        if (own.rank() != 2 || source.shape().rank() != 2 || axes == null || axes.cardinality() != 1 || graph.shape(node).rank() != 1) {
            return null;
        }
        int axis = axes.nextSetBit(0);
        Node ones = Maths.broadcastTo(source.graph().literal(1), Shape.of(own.dim(axis)));
        return each(node, 0, term -> {
            LinearTerm turned = axis == 1 ? term : turned(term);
            return turned instanceof Product product ? right(product, ones) : null;
        });
    }

    private @Nullable List<LinearTerm> solved(int node) {
        Node matrix = fixed(node, 0);
        Shape shape = graph.shape(node);
        if (matrix.shape().rank() != 2 || shape.rank() > 2 || source.shape().rank() != shape.rank()) {
            return null;
        }
        return each(node, 1, term -> {
            Node before = term instanceof Product product ? shape.rank() == 1 ? product.matrix() : product.left() : null;
            return term instanceof Product product && (shape.rank() == 1 || product.isMatrices())
                    ? new Product(product.isMatrices() ? product.weight() : null,
                            before == null ? call("inv", matrix) : call("solve", matrix, before), product.transposed(), product.right())
                    : null;
        });
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
