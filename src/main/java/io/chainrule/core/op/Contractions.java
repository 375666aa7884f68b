package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Products of arrays that are circuits of matrix products, elementwise ones and sums. */
final class Contractions {
    private static final Tensor M = Tensor.matrix(new double[]{1, 2}, new double[]{3, 4});
    private static final Tensor V = Tensor.vector(5, -1);

    static final OpDefinition INNER = product("inner", x -> inner(x[0], x[1]))
            .formula("\\sum_k a_{\\dots k} b_{\\dots k}", "\\bar a = \\bar y\\, b,\\ \\bar b = \\bar y^\\mathsf{T} a")
            .example("y = inner(a, b)\nf = sum(y^2)", M, V);
    static final OpDefinition VECDOT = OpDefinition.define("vecdot", Family.COMPOSITE, "a", "b")
            .attribute(Attribute.optional("axis", Attribute.Type.INT, -1, "the axis of the vectors"))
            .formula("\\sum_k a_k b_k", "\\bar a = \\bar y\\, b,\\ \\bar b = \\bar y\\, a")
            .example("y = vecdot(a, b)\nf = sum(y^2)", M, V)
            .as(a -> {
                int axis = a.integer("axis");
                return Composite.of("vecdot", a.written(), x -> vecdot(x[0], x[1], axis));
            });
    static final OpDefinition MATVEC = product("matvec", x -> matvec(x[0], x[1]))
            .formula("y_i = \\sum_k a_{ik} b_k", "\\bar a = \\bar y\\, b^\\mathsf{T},\\ \\bar b = a^\\mathsf{T} \\bar y")
            .example("y = matvec(a, b)\nf = sum(y^2)", M, V);
    static final OpDefinition TRACE = OpDefinition.define("trace", Family.COMPOSITE, "x")
            .attribute(Attribute.optional("offset", Attribute.Type.INT, 0, "which diagonal; those above the main one are positive"))
            .formula("\\sum_i x_{ii}", "\\bar x_{ij} = \\bar y\\, \\delta_{ij}", Backward.told("\\delta", "kronecker"))
            .example("y = trace(x)\nf = y^2", M).latex("\\operatorname{tr}\\left(", "\\right)")
            .as(a -> {
                int offset = a.integer("offset");
                return Composite.of("trace", a.written(), x -> trace(x[0], offset));
            });
    static final OpDefinition TENSORDOT = OpDefinition.define("tensordot", Family.COMPOSITE, "a", "b")
            .attribute(Attribute.optional("axes", Attribute.Type.AXIS_PAIRS, 2,
                    "how many last axes of a meet the first of b; or the axes of a and those of b that they meet"))
            .formula("\\sum_{k} a_{\\dots k \\dots} b_{\\dots k \\dots}",
                    "\\bar a = \\textstyle\\sum \\bar y\\, b,\\ \\bar b = \\textstyle\\sum a\\, "
                            + "\\bar y \\text{ over the other's free axes}")
            .example("y = tensordot(a, b, axes=[[0], [0]])\nf = sum(y^2)", M, V)
            .as(a -> {
                Object axes = a.axisPairs("axes");
                return Composite.of("tensordot", a.written(), x -> tensordot(x[0], x[1], axes));
            });
    static final OpDefinition CROSS = OpDefinition.define("cross", Family.COMPOSITE, "a", "b")
            .attribute(Attribute.optional("axis", Attribute.Type.INT, -1, "the axis of the vectors, of length 3"))
            .formula("a \\times b", "\\bar a = b \\times \\bar y,\\ \\bar b = \\bar y \\times a")
            .example("y = cross(a, b)\nf = sum(y^2)", Tensor.vector(1, 2, 3), Tensor.vector(4, -5, 6))
            .as(a -> {
                int axis = a.integer("axis");
                return Composite.of("cross", a.written(), x -> cross(x[0], x[1], axis));
            });
    static final OpDefinition KRON = product("kron", x -> kron(x[0], x[1]))
            .formula("y_{ip+k,\\, jq+l} = a_{ij} b_{kl}",
                    "\\bar a_{ij} = \\textstyle\\sum_{kl} \\bar y_{ip+k,\\, jq+l} b_{kl},\\ "
                            + "\\bar b_{kl} = \\textstyle\\sum_{ij} \\bar y_{ip+k,\\, jq+l} a_{ij}",
                    Backward.told("p", "rows-of-second").and(Backward.told("q", "columns-of-second")))
            .example("y = kron(a, b)\nf = sum(y^2)", M, V);

    static final List<OpDefinition> ALL = List.of(INNER, VECDOT, MATVEC, TRACE, TENSORDOT, CROSS, KRON, Einsum.DEFINITION);

    private Contractions() {}

    private static OpDefinition product(String name, Function<Node[], Node> circuit) {
        return OpDefinition.define(name, Family.COMPOSITE, "a", "b").as(Composite.of(name, Map.of(), circuit));
    }

    private static Node inner(Node a, Node b) {
        if (a.shape().isScalar() || b.shape().isScalar()) {
            return mul(a, b);
        }
        return contracted(a, b, List.of(a.shape().rank() - 1), List.of(b.shape().rank() - 1));
    }

    private static Node vecdot(Node a, Node b, int axis) {
        Node left = atEnd(a, axis);
        Node right = atEnd(b, axis);
        if (left.shape().last() != right.shape().last()) {
            throw misfit(a.shape(), b.shape());
        }
        return sum(mul(left, right), List.of(-1), false);
    }

    private static Node atEnd(Node x, int axis) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, x.shape().rank()).boxed().toList());
        int at = x.shape().axis(axis);
        order.remove(Integer.valueOf(at));
        order.add(at);
        return ordered(x, order);
    }

    private static Node matvec(Node a, Node b) {
        Shape matrix = a.shape();
        if (matrix.rank() < 2 || b.shape().isScalar()) {
            throw new ShapeException("matvec takes a matrix and a vector, not " + matrix + " and " + b.shape(), "[…, m, n] and […, n]",
                    matrix + " and " + b.shape());
        }
        Node product = matmul(a, reshape(b, b.shape().inserted(b.shape().rank(), 1)));
        return reshape(product, product.shape().sub(0, product.shape().rank() - 1));
    }

    private static Node trace(Node x, int offset) {
        Shape shape = x.shape();
        if (shape.rank() < 2) {
            throw new ShapeException("trace takes a matrix, not shape " + shape, "at least two axes", shape.toString());
        }
        return sum(diagonal(x, offset), List.of(-1), false);
    }

    /** The diagonal of the last two axes. */
    static Node diagonal(Node x, int offset) {
        int rank = x.shape().rank();
        int rows = x.shape().dim(rank - 2);
        int columns = x.shape().last();
        int at = Math.clamp(offset, -rows, columns);
        int top = Math.max(0, -at);
        int left = Math.max(0, at);
        int n = Math.min(rows - top, columns - left);
        boolean whole = n == rows && n == columns;
        Node square = whole ? x : index(x, List.of("...", top + ":" + (top + n), left + ":" + (left + n)));
        Node flat = reshape(square, x.shape().sub(0, rank - 2).concat(Shape.of(Shape.of(n, n).length())));
        return n < 2 ? flat : index(flat, List.of("...", "::" + (n + 1)));
    }

    private static Node tensordot(Node a, Node b, Object axes) {
        if (axes instanceof List<?> pair) {
            return contracted(a, b, positive(a.shape(), (List<?>) pair.getFirst()), positive(b.shape(), (List<?>) pair.getLast()));
        }
        int n = (Integer) axes;
        int rank = a.shape().rank();
        if (n < 0 || n > rank || n > b.shape().rank()) {
            throw new ShapeException("there are no " + n + " axes to contract in shapes " + a.shape() + " and " + b.shape(),
                    "from 0 to " + Math.min(rank, b.shape().rank()), String.valueOf(n)).by("axes");
        }
        return contracted(a, b, IntStream.range(rank - n, rank).boxed().toList(), IntStream.range(0, n).boxed().toList());
    }

    private static List<Integer> positive(Shape shape, List<?> axes) {
        int[] numbers = axes.stream().mapToInt(axis -> (Integer) axis).toArray();
        shape.axes(numbers);
        return IntStream.of(numbers).map(shape::axis).boxed().toList();
    }

    /** As one matrix product, [free axes of a, contracted axes] · [contracted axes, free axes of b]. */
    private static Node contracted(Node a, Node b, List<Integer> ofA, List<Integer> ofB) {
        Shape met = lengths(a.shape(), ofA);
        if (!met.equals(lengths(b.shape(), ofB))) {
            throw misfit(a.shape(), b.shape());
        }
        List<Integer> freeA = others(a.shape(), ofA);
        List<Integer> freeB = others(b.shape(), ofB);
        Shape rows = lengths(a.shape(), freeA);
        Shape columns = lengths(b.shape(), freeB);
        Node left = reshape(ordered(a, joined(freeA, ofA)), Shape.of(rows.length(), met.length()));
        Node right = reshape(ordered(b, joined(ofB, freeB)), Shape.of(met.length(), columns.length()));
        return reshape(matmul(left, right), rows.concat(columns));
    }

    static Node ordered(Node x, List<Integer> order) {
        return order.equals(IntStream.range(0, order.size()).boxed().toList()) ? x : transpose(x, order);
    }

    static Shape lengths(Shape shape, List<Integer> axes) {
        return Shape.of(axes.stream().map(shape::dim).toList());
    }

    private static List<Integer> others(Shape shape, List<Integer> axes) {
        return IntStream.range(0, shape.rank()).filter(axis -> !axes.contains(axis)).boxed().toList();
    }

    static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static ShapeException misfit(Shape a, Shape b) {
        return new ShapeException("shapes " + a + " and " + b + " do not fit along the axes that meet", "equal lengths", a + " and " + b);
    }

    private static Node cross(Node a, Node b, int axis) {
        return sub(mul(turned(a, axis, 1), turned(b, axis, 2)), mul(turned(a, axis, 2), turned(b, axis, 1)));
    }

    /** Moves the components of vectors: component i of the result is component i + by, modulo 3, of x. */
    private static Node turned(Node x, int axis, int by) {
        int at = x.shape().axis(axis);
        if (x.shape().dim(at) != 3) {
            throw new ShapeException("cross takes vectors of length 3, not shape " + x.shape() + " along axis " + axis, "3",
                    String.valueOf(x.shape().dim(at)));
        }
        List<Object> tail = new ArrayList<>(Collections.nCopies(at, (Object) ":"));
        List<Object> head = new ArrayList<>(tail);
        tail.add(by + ":");
        head.add(":" + by);
        return x.graph().add(new Join(false, at), index(x, tail), index(x, head));
    }

    private static Node kron(Node a, Node b) {
        int rank = Math.max(a.shape().rank(), b.shape().rank());
        int[] left = new int[2 * rank];
        int[] right = new int[2 * rank];
        int[] result = new int[rank];
        for (int i = 0; i < rank; i++) {
            left[2 * i] = length(a.shape(), i - rank);
            right[2 * i] = 1;
            left[2 * i + 1] = 1;
            right[2 * i + 1] = length(b.shape(), i - rank);
            result[i] = Math.multiplyExact(left[2 * i], right[2 * i + 1]);
        }
        return reshape(mul(reshape(a, Shape.of(left)), reshape(b, Shape.of(right))), Shape.of(result));
    }

    /** The length of an axis counted from the end; 1 where there is none. */
    private static int length(Shape shape, int fromEnd) {
        return fromEnd + shape.rank() < 0 ? 1 : shape.dim(fromEnd + shape.rank());
    }
}
