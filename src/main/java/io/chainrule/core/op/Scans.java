package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;

import org.jspecify.annotations.Nullable;

/** Cumulative reductions along an axis. */
final class Scans {
    private static final Attribute AXIS = Attribute.optional("axis", Attribute.Type.INT, null,
            "the axis along which; of the flattened array if left out");
    private static final String FIRST_WINS = "in a tie the first element gets the gradient";

    static final OpDefinition CUMSUM = define("cumsum", Family.LINEAR)
            .attribute(Attribute.optional("reverse", Attribute.Type.BOOLEAN, false, "from the end"))
            .formula("y_i = \\sum_{j \\le i} x_j", "\\bar x_j = \\sum_{i \\ge j} \\bar y_i")
            .as(a -> {
                boolean reverse = a.flag("reverse");
                return a.has("axis")
                        ? new CumSum(a.integer("axis"), reverse)
                        : scan("cumsum", a, (x, axis) -> x.graph().add(new CumSum(axis, reverse), x));
            });
    static final OpDefinition CUMPROD = define("cumprod", Family.COMPOSITE)
            .formula("y_i = \\prod_{j \\le i} x_j", "\\bar x_j = \\sum_{i \\ge j} \\bar y_i \\prod_{k \\le i, k \\ne j} x_k")
            .convention("right with zeros in it, to any order: no division")
            .as(a -> scan("cumprod", a, (x, axis) -> doubling(x, axis, Maths::mul))).vanishes(", where it is multiplied by 0");
    static final OpDefinition CUMMAX = extremum("cummax", true, "\\max");
    static final OpDefinition CUMMIN = extremum("cummin", false, "\\min");
    static final OpDefinition ARGCUMMAX = position("argcummax", true, "\\arg\\max")
            .code(OpCode.map("""
                    int k = 0;
                    for (int i = 0; i < n0; i++) {
                        double v = x0[o0 + i * s0];
                        double m = x0[o0 + k * s0];
                        k = v > m || (v != v && m == m) ? i : k;
                        y[oy + i * sy] = k;
                    }
                    """).numpy("arg_extremum($0, $axis, 1)"));
    static final OpDefinition ARGCUMMIN = position("argcummin", false, "\\arg\\min")
            .code(OpCode.map("""
                    int k = 0;
                    for (int i = 0; i < n0; i++) {
                        double v = x0[o0 + i * s0];
                        double m = x0[o0 + k * s0];
                        k = v < m || (v != v && m == m) ? i : k;
                        y[oy + i * sy] = k;
                    }
                    """).numpy("arg_extremum($0, $axis, -1)"));
    static final OpDefinition LOGCUMSUMEXP = define("logcumsumexp", Family.COMPOSITE)
            .formula("y_i = \\log \\sum_{j \\le i} e^{x_j}", "\\bar x_j = \\sum_{i \\ge j} \\bar y_i\\, e^{x_j - y_i}")
            .convention("of equal infinities each takes half of what the later and those before it have")
            .as(a -> scan("logcumsumexp", a,
                    (x, axis) -> doubling(x, axis, (before, after) -> x.graph().add(Exponentials.LOGADDEXP.op(), before, after))));

    static final List<OpDefinition> ALL = List.of(CUMSUM, CUMPROD, CUMMAX, CUMMIN, ARGCUMMAX, ARGCUMMIN, LOGCUMSUMEXP);

    private Scans() {}

    private static OpDefinition define(String name, Family family) {
        return OpDefinition.define(name, family, "x").attribute(AXIS).example("y = " + name + "(x)\nf = sum(y * [1, 2, 3])",
                Tensor.vector(1, 3, 2));
    }

    private static OpDefinition extremum(String name, boolean largest, String symbol) {
        return define(name, Family.COMPOSITE)
                .formula("y_i = " + symbol + "_{j \\le i} x_j", "\\bar x_j = \\sum_{i: y_i \\text{ is } x_j} \\bar y_i")
                .convention(FIRST_WINS)
                .as(a -> scan(name, a, (x, axis) -> Gathering.takeAlong(x, x.graph().add(new ArgCumulative(largest, axis), x), axis)));
    }

    private static OpDefinition position(String name, boolean largest, String symbol) {
        return OpDefinition.define(name, Family.CUSTOM, "x")
                .attribute(Attribute.optional("axis", Attribute.Type.INT, -1, "the axis along which"))
                .formula("y_i = " + symbol + "_{j \\le i} x_j", "0").convention("the first of several; NaN before all")
                .example("y = " + name + "(x)\nf = sum(y * x)", Tensor.vector(1, 3, 2))
                .as(a -> new ArgCumulative(largest, a.integer("axis")));
    }

    /** A circuit along an axis, or along the flattened array if no axis is given. */
    private static Composite scan(String name, Attributes a, BiFunction<Node, Integer, Node> circuit) {
        return Composite.of(name, a, x -> a.has("axis")
                ? circuit.apply(x[0], x[0].shape().axis(a.integer("axis")))
                : circuit.apply(Rearranging.flatten(x[0], 0), 0));
    }

    /** Each element combined with the one 1 before it, then 2, 4, 8, ... before it (Hillis and Steele 1986). */
    private static Node doubling(Node x, int axis, BinaryOperator<Node> combine) {
        int n = x.shape().size() == 0 ? 0 : x.shape().dim(axis);
        Node scanned = x;
        for (int reach = 1; reach < n; reach = Math.min(n, 2 * reach)) {
            Node combined = combine.apply(Rearranging.part(scanned, axis, 0, n - reach), Rearranging.part(scanned, axis, reach, n));
            scanned = Rearranging.join(axis, Rearranging.part(scanned, axis, 0, reach), combined);
        }
        return scanned;
    }

    /** Running sums, from either end. */
    static final class CumSum extends LineOp {
        /** Fewer columns than these are faster one after the other. */
        private static final int FEWEST_COLUMNS = 16;
        private static final int ELEMENTS_BETWEEN_CHECKS = 1 << 18;
        private static final double[] ZERO = {0};

        private final boolean reverse;

        CumSum(int axis, boolean reverse) {
            super("cumsum", axis);
            this.reverse = reverse;
        }

        @Override
        LineOp along(int other) {
            return new CumSum(other, reverse);
        }

        @Override
        public Map<String, Object> attributes() {
            Map<String, Object> attributes = new LinkedHashMap<>(Map.of("axis", axis()));
            if (reverse) {
                attributes.put("reverse", true);
            }
            return attributes;
        }

        @Override
        public Family family() {
            return Family.LINEAR;
        }

        @Override
        void line(double[] x, double[] y, int from, int step, int n) {
            int by = reverse ? -step : step;
            int at = reverse ? from + (n - 1) * step : from;
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += x[at];
                y[at] = sum;
                at += by;
            }
        }

        @Override
        int together(int step) {
            return step < FEWEST_COLUMNS ? 1 : FEWEST_COLUMNS;
        }

        /** Lines that lie beside each other are added together, a row of their elements at a time. */
        @Override
        void lines(double[] x, double[] y, int n, int step, int first, int end, Checkpoint checkpoint) {
            if (step < FEWEST_COLUMNS) {
                super.lines(x, y, n, step, first, end, checkpoint);
                return;
            }
            Kernels kernels = Kernels.best();
            int by = reverse ? -step : step;
            int sinceCheck = 0;
            for (int line = first, count; line < end; line += count) {
                count = Math.min(end - line, step - line % step);
                int at = line / step * step * n + line % step + (reverse ? (n - 1) * step : 0);
                kernels.binary(Kernels.Binary.ADD, x, at, 1, ZERO, 0, 0, y, at, count);
                for (int i = 1; i < n; i++) {
                    sinceCheck += count;
                    if (sinceCheck > ELEMENTS_BETWEEN_CHECKS) {
                        checkpoint.check();
                        sinceCheck = 0;
                    }
                    at += by;
                    kernels.binary(Kernels.Binary.ADD, y, at - by, 1, x, at, 1, y, at, count);
                }
            }
        }

        @Override
        public Node vjp(Node node, int operand, Node cotangent) {
            return node.graph().add(new CumSum(axis(), !reverse), cotangent);
        }

        @Override
        public Node jvp(Node node, @Nullable Node[] tangents) {
            return node.graph().add(this, Objects.requireNonNull(tangents[0]));
        }

        @Override
        public Node error(Node node, @Nullable Node[] errors) {
            Node sizes = node.graph().add(this, abs(node.operand(0)));
            Node rounding = mul(sizes.shape().dim(sizes.shape().axis(axis())) * Accuracy.UNIT, sizes);
            return errors[0] == null ? rounding : add(rounding, mul(1 + 0x1p-20, node.graph().add(this, errors[0])));
        }

        @Override
        public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
            int at = result.axis(axis());
            int n = result.dim(at);
            int inner = Strides.of(result)[at];
            for (int to = 0; to < result.length(); to++) {
                int position = to / inner % n;
                for (int j = reverse ? position : 0; j < (reverse ? n : position + 1); j++) {
                    dependence.between(0, to + (j - position) * inner, to);
                }
            }
            return true;
        }

        @Override
        public boolean ignores(int operand) {
            return false;
        }
    }

    /** The position of the largest or smallest element so far. */
    static final class ArgCumulative extends LineOp {
        private final boolean largest;

        ArgCumulative(boolean largest, int axis) {
            super(largest ? "argcummax" : "argcummin", axis);
            this.largest = largest;
        }

        @Override
        LineOp along(int other) {
            return new ArgCumulative(largest, other);
        }

        @Override
        void line(double[] x, double[] y, int from, int step, int n) {
            int best = 0;
            double extreme = x[from];
            for (int i = 0; i < n; i++) {
                double element = x[from + i * step];
                boolean better = largest ? element > extreme : element < extreme;
                if (better || Double.isNaN(element) && !Double.isNaN(extreme)) {
                    best = i;
                    extreme = element;
                }
                y[from + i * step] = best;
            }
        }

        @Override
        public @Nullable Node error(Node node, @Nullable Node[] errors) {
            return Ordering.ofOrder(node.operand(0), errors[0], axis());
        }

        /** A tie: a later element equals the extreme one that was read. */
        @Override
        Node ties(Node read) {
            Node extremes = read.graph().add(new CumSum(axis(), false), eq(read.operand(0), read));
            return gt(extremes, Gathering.takeAlong(extremes, read.operand(1), axis()));
        }
    }
}
