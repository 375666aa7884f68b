package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Sums, means, products and extrema along axes. */
final class Reductions {
    private static final Tensor SAMPLE = Tensor.matrix(new double[]{1, 2, 3}, new double[]{4, 5, 6});

    private static final String OF_THE_CHOSEN = "\\bar x_i = \\bar y\\, \\frac{[x_i = y]}{\\sum_j [x_j = y]}";

    static final OpDefinition SUM = reduction("sum", Family.LINEAR, Sum::new).formula("\\sum_i x_i", "\\bar x_i = \\bar y").traits(FINITE,
            ISOLATED_ZEROS, POLYNOMIAL, SUMS, TOTAL).pairwise("add")
            .code(OpCode.reduction("""
                    double s = 0.0;
                    for (int i = 0; i < n0; i++) {
                        s += x0[o0 + i * s0];
                    }
                    return s;
                    """).numpy("np.sum($0, axis=$axis, keepdims=$keepdims)"));
    static final OpDefinition MEAN = reduction("mean", Family.COMPOSITE,
            (axes, keepdims) -> composite("mean", axes, keepdims, Reductions::mean))
            .formula("\\frac{1}{n} \\sum_i x_i", "\\bar x_i = \\frac{\\bar y}{n}", Backward.count("n"));
    static final OpDefinition PROD = reduction("prod", Family.COMPOSITE,
            (axes, keepdims) -> composite("prod", axes, keepdims, Reductions::prod))
            .formula("\\prod_i x_i", "\\bar x_i = \\bar y \\prod_{j \\ne i} x_j")
            .convention("right with zeros in it, to any order: no division").vanishes(", where it is multiplied by 0")
            .pairwise("mul");
    static final OpDefinition MAX = reduction("max", Family.CUSTOM, (axes, keepdims) -> new Extremum(true, axes, keepdims))
            .formula("\\max_i x_i", OF_THE_CHOSEN, Backward.told("[\\,]", "bracket")).convention("a tie is shared equally")
            .alias("amax").traits(FINITE, ROUTES).latex("\\max\\left(", "\\right)").vanishes(", where other elements are larger")
            .several("maximum")
            .code(OpCode.reduction("""
                    double m = x0[o0];
                    for (int i = 1; i < n0; i++) {
                        double v = x0[o0 + i * s0];
                        m = v > m || v != v ? v : m;
                    }
                    return m;
                    """).numpy("np.max($0, axis=$axis, keepdims=$keepdims)"));
    static final OpDefinition MIN = reduction("min", Family.CUSTOM, (axes, keepdims) -> new Extremum(false, axes, keepdims))
            .formula("\\min_i x_i", OF_THE_CHOSEN, Backward.told("[\\,]", "bracket")).convention("a tie is shared equally")
            .alias("amin").traits(FINITE, ROUTES).latex("\\min\\left(", "\\right)").vanishes(", where other elements are smaller")
            .several("minimum")
            .code(OpCode.reduction("""
                    double m = x0[o0];
                    for (int i = 1; i < n0; i++) {
                        double v = x0[o0 + i * s0];
                        m = v < m || v != v ? v : m;
                    }
                    return m;
                    """).numpy("np.min($0, axis=$axis, keepdims=$keepdims)"));
    static final OpDefinition LOGSUMEXP = reduction("logsumexp", Family.CUSTOM, LogSumExp::new)
            .formula("\\log \\sum_i e^{x_i}", "\\bar x_i = \\bar y\\, e^{x_i - y}")
            .convention("infinite largest elements share the gradient equally")
            .equivalentForms(x -> log(sum(exp(x[0]), Circuit.SAMPLE_AXES, false)), x -> {
                Node largest = x[0].graph().add(new Extremum(true, Circuit.SAMPLE_AXES, true), x[0]);
                return add(largest, log(sum(exp(sub(x[0], largest)), Circuit.SAMPLE_AXES, true)));
            }).traits(FINITE, ISOLATED_ZEROS, ROUNDED)
            .code(OpCode.reduction(Softmax.SUM_OF_EXPONENTIALS + """
                    return m + log(s);
                    """).numpy("logsumexp($0, axis=$axis, keepdims=$keepdims)"));

    static final List<OpDefinition> ALL = List.of(SUM, MEAN, PROD, MAX, MIN, LOGSUMEXP);

    private Reductions() {}

    private static OpDefinition reduction(String name, Family family,
            BiFunction<@Nullable List<Integer>, Boolean, Op> make) {
        return OpDefinition.define(name, family, "x")
                .attribute(Attribute.optional("axis", Attribute.Type.INTS, null, "axes to reduce; all if left out"),
                        Attribute.optional("keepdims", Attribute.Type.BOOLEAN, false, "keep reduced axes with length 1"))
                .example("y = " + name + "(x, axis=1)\nf = sum(y * [1, 2])", SAMPLE)
                .as(a -> make.apply(a.integers("axis"), a.flag("keepdims")));
    }

    static Composite composite(String name, @Nullable List<Integer> axes, boolean keepdims,
            BiFunction<Node, boolean[], Node> circuit) {
        return composite(name, new Sum(axes, keepdims).attributes(), axes, keepdims, circuit);
    }

    /** A circuit whose result has the elements of a reduction along these axes; it is reshaped to the reduction's shape. */
    static Composite composite(String name, Map<String, Object> attributes, @Nullable List<Integer> axes, boolean keepdims,
            BiFunction<Node, boolean[], Node> circuit) {
        Sum like = new Sum(axes, keepdims);
        return new Composite(name, attributes, like::shape, x -> {
            Node reduced = circuit.apply(x[0], like.axes(x[0].shape()));
            return reshape(reduced, like.shape(x[0].shape()));
        });
    }

    private static Node mean(Node x, boolean[] axes) {
        return div(sum(x, numbers(axes), false), count(x.shape(), axes));
    }

    /** A balanced tree of products: halves are multiplied until one is left. */
    private static Node prod(Node x, boolean[] axes) {
        Shape kept = x.shape().reduced(axes, false);
        int n = (int) count(x.shape(), axes);
        if (n == 0) {
            return broadcastTo(Maths.number(x.graph(), 1), kept);
        }
        Node left = lines(x, axes);
        List<Node> odd = new ArrayList<>();
        while (n > 1) {
            int half = n / 2;
            if (n % 2 == 1) {
                odd.add(part(left, n - 1, n));
            }
            left = mul(part(left, 0, half), part(left, half, 2 * half));
            n = half;
        }
        for (Node rest : odd) {
            left = mul(left, rest);
        }
        return left;
    }

    /** Joins the marked axes into one, the last. */
    static Node lines(Node x, boolean[] axes) {
        List<Integer> order = new ArrayList<>();
        for (boolean reduced : new boolean[]{false, true}) {
            for (int i = 0; i < axes.length; i++) {
                if (axes[i] == reduced) {
                    order.add(i);
                }
            }
        }
        Shape kept = x.shape().reduced(axes, false);
        Node sorted = order.size() < 2 ? x : transpose(x, order);
        return reshape(sorted, kept.inserted(kept.rank(), (int) count(x.shape(), axes)));
    }

    static double count(Shape shape, boolean[] axes) {
        double n = 1;
        for (int i : numbers(axes)) {
            n *= shape.dim(i);
        }
        return n;
    }

    private static Node part(Node x, int from, int to) {
        return index(x, List.of("...", from + ":" + to));
    }

    static List<Integer> numbers(boolean[] axes) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < axes.length; i++) {
            if (axes[i]) {
                numbers.add(i);
            }
        }
        return numbers;
    }

    /** Adds up along axes; the transpose stretches. */
    static final class Sum extends AxisOp {
        Sum(@Nullable List<Integer> axes, boolean keepdims) {
            super("sum", axes, keepdims);
        }

        @Override
        AxisOp along(List<Integer> others, boolean keep) {
            return new Sum(others, keep);
        }

        @Override
        public Family family() {
            return Family.LINEAR;
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            return AxisSums.of(operands[0], axes(operands[0]));
        }

        @Override
        public Node vjp(Node node, int operand, Node cotangent) {
            return stretched(cotangent, node.operand(0).shape());
        }

        @Override
        public Node error(Node node, @Nullable Node[] errors) {
            Node rounding = node.graph().add(new SumRounding(axes, keepdims), node.operand(0), node);
            return errors[0] == null ? rounding : add(rounding, mul(1 + 0x1p-20, node.graph().add(this, errors[0])));
        }

        @Override
        public Node jvp(Node node, @Nullable Node[] tangents) {
            return node.graph().add(this, Objects.requireNonNull(tangents[0]));
        }
    }

    /** The largest or smallest element along axes. */
    static final class Extremum extends AxisOp {
        private final boolean largest;

        Extremum(boolean largest, @Nullable List<Integer> axes, boolean keepdims) {
            super(largest ? "max" : "min", axes, keepdims);
            this.largest = largest;
        }

        @Override
        AxisOp along(List<Integer> others, boolean keep) {
            return new Extremum(largest, others, keep);
        }

        @Override
        public Family family() {
            return Family.CUSTOM;
        }

        @Override
        public Shape shape(Shape... operands) {
            return shapeOfSome(operands[0]);
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            return largest
                    ? fold(operands[0], Double.NEGATIVE_INFINITY, Kernels.best()::max, Math::max, Kernels.Binary.MAXIMUM)
                    : fold(operands[0], Double.POSITIVE_INFINITY, Extremum::min, Math::min, Kernels.Binary.MINIMUM);
        }

        private static double min(double[] x, int from, int n) {
            double min = Double.POSITIVE_INFINITY;
            for (int i = 0; i < n; i++) {
                min = Math.min(min, x[from + i]);
            }
            return min;
        }

        @Override
        public Node vjp(Node node, int operand, Node cotangent) {
            Shape full = node.operand(0).shape();
            return where(winners(node), stretched(div(cotangent, count(node)), full), 0);
        }

        @Override
        public Node jvp(Node node, @Nullable Node[] tangents) {
            Node shared = div(Objects.requireNonNull(tangents[0]), stretched(count(node), node.operand(0).shape()));
            return total(where(winners(node), shared, 0));
        }

        /** The value moves no farther than the element that moves most. */
        @Override
        public @Nullable Node error(Node node, @Nullable Node[] errors) {
            return errors[0] == null ? null : node.graph().add(new Extremum(true, axes, keepdims), errors[0]);
        }

        @Override
        public Node kink(Node node) {
            return gt(count(node), 1);
        }

        private Node winners(Node node) {
            Node x = node.operand(0);
            return eq(x, stretched(node, x.shape()));
        }

        private Node count(Node node) {
            return total(winners(node));
        }
    }

    /** The largest elements; they are subtracted and added again, so need no gradient. */
    static Node shift(Node x, @Nullable List<Integer> axes, boolean keepdims) {
        return unary(Comparisons.STOP_GRADIENT, x.graph().add(new Extremum(true, axes, keepdims), x));
    }
}
