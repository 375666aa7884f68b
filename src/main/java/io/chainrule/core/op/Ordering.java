package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Positions of extreme elements and sorted orders, and ops that read elements at such positions. */
final class Ordering {
    private static final Tensor SAMPLE = Tensor.matrix(new double[]{3, 1, 2}, new double[]{4, 6, 5});
    private static final Attribute AXIS = Attribute.optional("axis", Attribute.Type.INT, -1, "the axis along which");
    private static final Attribute AXES = Attribute.optional("axis", Attribute.Type.INTS, null, "axes to reduce; all if left out");
    private static final Attribute KEEPDIMS = Attribute.optional("keepdims", Attribute.Type.BOOLEAN, false,
            "keep reduced axes with length 1");
    private static final Attribute DESCENDING = Attribute.optional("descending", Attribute.Type.BOOLEAN, false, "largest first");
    private static final String FIRST_WINS = "in a tie the order stays, so that the first element wins; NaN counts as largest";
    private static final Backward POSITIONS = Backward.told("\\sigma", "position").and(Backward.regardless("descending"));
    private static final String PERMUTED = "\\bar x_{\\sigma_i} = \\bar y_i";

    static final OpDefinition ARGMAX = extremum("argmax", true)
            .code(OpCode.reduction("""
                    int k = 0;
                    for (int i = 1; i < n0; i++) {
                        double v = x0[o0 + i * s0];
                        double m = x0[o0 + k * s0];
                        k = v > m || (v != v && m == m) ? i : k;
                    }
                    return k;
                    """).numpy("np.argmax($0, axis=$axis, keepdims=$keepdims)"));
    static final OpDefinition ARGMIN = extremum("argmin", false)
            .code(OpCode.reduction("""
                    int k = 0;
                    for (int i = 1; i < n0; i++) {
                        double v = x0[o0 + i * s0];
                        double m = x0[o0 + k * s0];
                        k = v < m || (v != v && m == m) ? i : k;
                    }
                    return k;
                    """).numpy("np.argmin($0, axis=$axis, keepdims=$keepdims)"));
    static final OpDefinition ARGSORT = define("argsort", Family.CUSTOM, AXIS, DESCENDING)
            .formula("\\sigma \\text{ with } x_{\\sigma_0} \\le x_{\\sigma_1} \\le \\dots", "0").convention(FIRST_WINS)
            .example("y = argsort(x)\nf = sum(y * x)", SAMPLE).as(a -> new ArgSort(a.integer("axis"), a.flag("descending")))
            .code(OpCode.array("argsort($0, $axis, $descending)"));
    static final OpDefinition SORT = define("sort", Family.COMPOSITE, AXIS, DESCENDING).formula("y_i = x_{\\sigma_i}", PERMUTED, POSITIONS)
            .convention(FIRST_WINS).example("y = sort(x)\nf = sum(y * [1, 2, 3])", SAMPLE)
            .as(a -> Composite.of("sort", a, x -> sorted(x[0], a.integer("axis"), a.flag("descending"))));
    static final OpDefinition TOPK = define("topk", Family.COMPOSITE, Attribute.required("k", Attribute.Type.INT, "how many"), AXIS)
            .formula("y_i = x_{\\sigma_i},\\ x_{\\sigma_0} \\ge x_{\\sigma_1} \\ge \\dots", PERMUTED, POSITIONS).convention(FIRST_WINS)
            .example("y = topk(x, k=2)\nf = sum(y * [1, 2])", SAMPLE).as(a -> {
                int k = a.integer("k", 0, Integer.MAX_VALUE);
                return Composite.of("topk", a, x -> largest(x[0], k, a.integer("axis")));
            });
    static final OpDefinition MEDIAN = define("median", Family.COMPOSITE, AXES, KEEPDIMS)
            .formula("x_{\\sigma_{(n-1)/2}}", "\\bar x_{\\sigma_{(n-1)/2}} = \\bar y")
            .convention("between two elements their mean, which shares the gradient; in a tie the first element wins")
            .example("y = median(x, axis=1)\nf = sum(y * [1, 2])", SAMPLE).as(a -> quantile("median", a, 0.5));
    static final OpDefinition QUANTILE = define("quantile", Family.COMPOSITE,
            Attribute.required("q", Attribute.Type.NUMBER, "from 0, the smallest element, to 1, the largest"), AXES, KEEPDIMS)
            .formula("x_{\\sigma_{q (n-1)}}", "\\bar x_{\\sigma_{q (n-1)}} = \\bar y")
            .convention("linear between two elements; in a tie the first element wins")
            .example("y = quantile(x, q=0.75, axis=1)\nf = sum(y * [1, 2])", SAMPLE).as(a -> {
                double q = a.number("q");
                if (!(q >= 0 && q <= 1)) {
                    throw new ProblemException(Attributes.bad(Ordering.QUANTILE, "q", "attribute 'q' is from 0 to 1, not " + q)
                            .expected("from 0 to 1", String.valueOf(q)));
                }
                return quantile("quantile", a, q);
            });

    static final List<OpDefinition> ALL = List.of(ARGMAX, ARGMIN, ARGSORT, SORT, TOPK, MEDIAN, QUANTILE);

    private Ordering() {}

    private static OpDefinition define(String name, Family family, Attribute... attributes) {
        return OpDefinition.define(name, family, "x").attribute(attributes);
    }

    private static OpDefinition extremum(String name, boolean largest) {
        return define(name, Family.CUSTOM, AXES, KEEPDIMS).formula("\\operatorname{" + name + "}_i x_i", "0")
                .convention("the first of several; NaN before all; along several axes a position in them flattened")
                .example("y = " + name + "(x, axis=1)\nf = sum(y * x[:, 0])", SAMPLE)
                .as(a -> new ArgExtremum(largest, a.integers("axis"), a.flag("keepdims")));
    }

    private static Node sorted(Node x, int axis, boolean descending) {
        return Gathering.takeAlong(x, x.graph().add(new ArgSort(axis, descending), x), axis);
    }

    private static Node largest(Node x, int k, int axis) {
        int at = x.shape().axis(axis);
        if (k > x.shape().dim(at)) {
            throw new ShapeException("axis " + axis + " of shape " + x.shape() + " has fewer than " + k + " elements",
                    "at most " + x.shape().dim(at), String.valueOf(k)).by("k");
        }
        return Rearranging.part(sorted(x, axis, true), at, 0, k);
    }

    private static Composite quantile(String name, Attributes a, double q) {
        return Reductions.composite(name, a.written(), a.integers("axis"), a.flag("keepdims"), (x, axes) -> {
            Node sorted = sorted(Reductions.lines(x, axes), -1, false);
            int n = sorted.shape().last();
            Shape kept = sorted.shape().sub(0, sorted.shape().rank() - 1);
            if (n == 0) {
                return broadcastTo(number(x.graph(), Double.NaN), kept);
            }
            int low = (int) (q * (n - 1));
            double share = q * (n - 1) - low;
            Node last = index(sorted, List.of("...", n - 1));
            Node lower = index(sorted, List.of("...", low));
            Node between = share == 0 ? lower : add(mul(1 - share, lower), mul(share, index(sorted, List.of("...", low + 1))));
            return where(isNan(last), last, between);
        });
    }

    /** The error of positions in sorted order: infinite along a line in which two elements may change places. */
    static @Nullable Node ofOrder(Node x, @Nullable Node error, int axis) {
        int at = x.shape().axis(axis);
        int n = x.shape().dim(at);
        if (error == null || n < 2 || x.shape().size() == 0) {
            return null;
        }
        Node read = sorted(x, at, false);
        Node moved = Errors.largest(error, at);
        Node gaps = sub(Rearranging.part(read, at, 1, n), Rearranging.part(read, at, 0, n - 1));
        Node doubtful = and(not(gt(gaps, mul(2 * Accuracy.ROOM, moved))), isNonzero(moved));
        return broadcastTo(Errors.whereDoubtful(Errors.largest(doubtful, at)), x.shape());
    }

    /** The position of the largest or smallest element along axes. */
    static final class ArgExtremum extends AxisOp implements FlatOp {
        private final boolean largest;

        ArgExtremum(boolean largest, @Nullable List<Integer> axes, boolean keepdims) {
            super(largest ? "argmax" : "argmin", axes, keepdims);
            this.largest = largest;
        }

        @Override
        AxisOp along(List<Integer> others, boolean keep) {
            return new ArgExtremum(largest, others, keep);
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
            return lines(operands[0], this::position);
        }

        private double position(double[] x, int from, int n, double[] spare) {
            int best = from;
            for (int i = from + 1; i < from + n && !Double.isNaN(x[best]); i++) {
                best = (largest ? x[i] > x[best] : x[i] < x[best]) || Double.isNaN(x[i]) ? i : best;
            }
            return best - from;
        }

        @Override
        public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
            return true;
        }

        /** Where another element may be as large as the one that was found, the position may be any. */
        @Override
        public @Nullable Node error(Node node, @Nullable Node[] errors) {
            Node error = errors[0];
            if (error == null) {
                return null;
            }
            Node x = largest ? node.operand(0) : neg(node.operand(0));
            Node best = stretched(node.graph().add(new Reductions.Extremum(true, axes, keepdims), x), x.shape());
            Node moved = node.graph().add(new Reductions.Extremum(true, axes, keepdims), error);
            Node near = not(gt(sub(best, x), mul(2 * Accuracy.ROOM, stretched(moved, x.shape()))));
            return Errors.whereDoubtful(and(gt(total(near), 1), isNonzero(moved)));
        }
    }

    /** The positions of the elements in sorted order. */
    static final class ArgSort extends LineOp {
        private final boolean descending;

        ArgSort(int axis, boolean descending) {
            super("argsort", axis);
            this.descending = descending;
        }

        @Override
        LineOp along(int other) {
            return new ArgSort(other, descending);
        }

        @Override
        public Map<String, Object> attributes() {
            Map<String, Object> attributes = new LinkedHashMap<>(super.attributes());
            if (descending) {
                attributes.put("descending", true);
            }
            return attributes;
        }

        @Override
        public long flops(Shape[] operands, Shape result) {
            return result.size() * (32 - Integer.numberOfLeadingZeros(result.dim(result.axis(axis()))));
        }

        @Override
        void line(double[] x, double[] y, int from, int step, int n) {
            long[] positions = new SortedOrder(x, from, step, descending).positions(n);
            for (int i = 0; i < n; i++) {
                y[from + i * step] = (int) positions[i];
            }
        }

        @Override
        public @Nullable Node error(Node node, @Nullable Node[] errors) {
            return ofOrder(node.operand(0), errors[0], axis());
        }

        /** In sorted order equal elements are neighbours. */
        @Override
        @Nullable
        Node ties(Node read) {
            Shape shape = read.shape();
            int at = shape.axis(axis());
            int n = shape.dim(at);
            if (n < 2) {
                return null;
            }
            Node equal = eq(Rearranging.part(read, at, 0, n - 1), Rearranging.part(read, at, 1, n));
            Node none = broadcastTo(number(read.graph(), 0), shape.with(at, 1));
            return or(Rearranging.join(at, equal, none), Rearranging.join(at, none, equal));
        }
    }
}
