package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.elementary.Exponential;
import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.RowKernel;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Probabilities from scores along one axis, or their logarithms; shifted by the largest score so that nothing overflows. */
final class Softmax implements Op {
    private static final Tensor SAMPLE = Tensor.vector(-2.85, 0.86, 0.28);

    /** In code of other languages, {@code m} is the largest element of a line, and {@code s} the sum of the exponentials shifted by it. */
    static final String SUM_OF_EXPONENTIALS = """
            double m = x0[o0];
            for (int i = 1; i < n0; i++) {
                m = x0[o0 + i * s0] > m ? x0[o0 + i * s0] : m;
            }
            double s = 0.0;
            for (int i = 0; i < n0; i++) {
                s += exp(x0[o0 + i * s0] - m);
            }
            """;

    static final OpDefinition SOFTMAX = definition("softmax", false).formula("\\frac{e^{x_i}}{\\sum_j e^{x_j}}",
            "\\bar x = y \\odot \\left(\\bar y - \\textstyle\\sum_j \\bar y_j y_j\\right)")
            .equivalentForms(x -> share(exp(x[0])), x -> share(exp(unstoppedShift(x[0]))))
            .traits(FINITE, NONZERO_AT_ZERO, ZERO_BY_OPERANDS, SATURATES, NONNEGATIVE, ACTIVATION)
            .vanishes(", which is saturated: one class has all the probability")
            .code(OpCode.map(SUM_OF_EXPONENTIALS + """
                    for (int i = 0; i < n0; i++) {
                        y[oy + i * sy] = exp(x0[o0 + i * s0] - m) / s;
                    }
                    """).numpy("softmax($0, axis=$axis)"));
    static final OpDefinition LOG_SOFTMAX = definition("log_softmax", true).formula("x_i - \\log \\sum_j e^{x_j}",
            "\\bar x = \\bar y - e^{y} \\textstyle\\sum_j \\bar y_j")
            .equivalentForms(x -> sub(x[0], x[0].graph().add(new LogSumExp(Circuit.SAMPLE_AXES, true), x[0])),
                    x -> unary(Exponentials.LOG, x[0].graph().add(SOFTMAX.create(Map.of("axis", Circuit.SAMPLE_AXIS), 1), x[0])),
                    x -> {
                        Node shifted = unstoppedShift(x[0]);
                        return sub(shifted, log(sum(exp(shifted), Circuit.SAMPLE_AXES, true)));
                    })
            .traits(FINITE, ISOLATED_ZEROS, ACTIVATION)
            .code(OpCode.map(SUM_OF_EXPONENTIALS + """
                    for (int i = 0; i < n0; i++) {
                        y[oy + i * sy] = x0[o0 + i * s0] - m - log(s);
                    }
                    """).numpy("log_softmax($0, axis=$axis)"));

    static final List<OpDefinition> ALL = Definitions.all(ROUNDED, List.of(SOFTMAX, LOG_SOFTMAX));

    private static Node share(Node x) {
        return div(x, sum(x, Circuit.SAMPLE_AXES, true));
    }

    /** The form in which the gradient goes through the shift as well, as people write it. */
    private static Node unstoppedShift(Node x) {
        return sub(x, x.graph().add(new Reductions.Extremum(true, Circuit.SAMPLE_AXES, true), x));
    }

    private static final int OPERATIONS_AN_ELEMENT = 16;
    private static final int ELEMENTS_BETWEEN_CHECKS = 1 << 18;

    private final boolean logarithm;
    private final int axis;
    private final Map<String, Object> attributes;

    private Softmax(boolean logarithm, int axis, Map<String, Object> attributes) {
        this.logarithm = logarithm;
        this.axis = axis;
        this.attributes = attributes;
    }

    private static OpDefinition definition(String name, boolean logarithm) {
        return OpDefinition.define(name, Family.CUSTOM, "x")
                .attribute(Attribute.optional("axis", Attribute.Type.INT, -1, "the axis along which the exponentials add up to 1"))
                .example("y = " + name + "(x)\nf = y[2]", SAMPLE).as(a -> new Softmax(logarithm, a.integer("axis"), a.written()));
    }

    @Override
    public String name() {
        return logarithm ? "log_softmax" : "softmax";
    }

    @Override
    public Map<String, Object> attributes() {
        return attributes;
    }

    @Override
    public Family family() {
        return Family.CUSTOM;
    }

    @Override
    public boolean isGate() {
        return true;
    }

    @Override
    public Node expand(Node[] operands) {
        Node x = operands[0];
        Node shifted = x.shape().size() == 0 ? x : sub(x, Reductions.shift(x, List.of(axis), true));
        Node exponentials = exp(shifted);
        return logarithm ? sub(shifted, log(total(exponentials))) : div(exponentials, total(exponentials));
    }

    @Override
    public Shape shape(Shape... operands) {
        operands[0].axis(axis);
        return operands[0];
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return 4 * result.size();
    }

    @Override
    public Kernel prepare(Shape[] operands, Shape result) {
        int at = result.axis(axis);
        int n = result.dim(at);
        int step = Strides.of(result)[at];
        if (step == 1) {
            return new RowKernel(result.length() / n, OPERATIONS_AN_ELEMENT, logarithm ? n : 0,
                    (x, from, y, o, spare) -> scores(x[0], from[0], y, o, n, spare));
        }
        if (ColumnScores.fits(n, step)) {
            return new ColumnScores(logarithm, n, step);
        }
        return (x, y, parallel) -> parallel.share(y.length / n, parallel.grain(OPERATIONS_AN_ELEMENT * (long) n),
                (first, end) -> write(x[0], y, n, step, first, end, parallel));
    }

    private void write(double[] x, double[] y, int n, int step, int first, int end, Checkpoint checkpoint) {
        double[] line = new double[n];
        double[] spare = new double[logarithm ? n : 0];
        int linesBetweenChecks = Math.max(1, ELEMENTS_BETWEEN_CHECKS / n);
        for (int i = first; i < end; i++) {
            if (i % linesBetweenChecks == 0) {
                checkpoint.check();
            }
            int from = i / step * step * n + i % step;
            for (int j = 0; j < n; j++) {
                line[j] = x[from + j * step];
            }
            scores(line, 0, line, 0, n, spare);
            for (int j = 0; j < n; j++) {
                y[from + j * step] = line[j];
            }
        }
    }

    /** One line, from x to y, which may be the same. */
    private void scores(double[] x, int xFrom, double[] y, int yFrom, int n, double[] spare) {
        Kernels kernels = Kernels.best();
        double max = kernels.max(x, xFrom, n);
        kernels.binary(Kernels.Binary.SUB, x, xFrom, 1, new double[]{max}, 0, 0, y, yFrom, n);
        if (logarithm) {
            double log = LogSumExp.ofShifted(y, yFrom, spare, n);
            kernels.binary(Kernels.Binary.SUB, y, yFrom, 1, new double[]{log}, 0, 0, y, yFrom, n);
            return;
        }
        kernels.unary(Kernels.Unary.EXP, y, yFrom, y, yFrom, n);
        double sum = kernels.sum(y, yFrom, n);
        kernels.binary(Kernels.Binary.DIV, y, yFrom, 1, new double[]{sum}, 0, 0, y, yFrom, n);
    }

    @Override
    public Node vjp(Node y, int operand, Node cotangent) {
        return logarithm ? lessShare(y, cotangent, mul(exp(y), others(cotangent))) : mul(y, sub(cotangent, total(mul(cotangent, y))));
    }

    @Override
    public Node jvp(Node y, @Nullable Node[] tangents) {
        Node t = Objects.requireNonNull(tangents[0]);
        return logarithm ? lessShare(y, t, others(mul(exp(y), t))) : mul(y, sub(t, total(mul(t, y))));
    }

    /** t (1 − p) − ofOthers, where p = exp(y) may be so near to 1 that only −expm1(y) tells how near. */
    private Node lessShare(Node y, Node t, Node ofOthers) {
        return sub(timesOneMinusShare(t, y), ofOthers);
    }

    /** t (1 − p). Where each line of t is one update, all other elements are 0, so they are not computed. */
    private Node timesOneMinusShare(Node t, Node y) {
        if (!isOneUpdate(t)) {
            return neg(mul(t, unary(Exponentials.EXPM1, y)));
        }
        Node index = t.operand(0);
        Node read = Gathering.takeAlong(y, index, y.shape().axis(axis));
        return y.graph().add(t.op(), index, neg(mul(t.operand(1), unary(Exponentials.EXPM1, read))));
    }

    /** For each element the sum of the others. */
    private Node others(Node x) {
        return sub(total(x), x);
    }

    /** If scores move within their errors, p and 1 − p each grow by exp(e) at most; e is the score's error plus the largest error. */
    @Override
    public Node error(Node y, @Nullable Node[] errors) {
        Node error = errors[0];
        int n = y.shape().dim(y.shape().axis(axis));
        Node moved = error == null ? y.graph().literal(0) : add(error, Errors.largest(error, axis));
        return y.graph()
                .add(Elementwise.ternary(name() + "_error", (p, e, x) -> x == Double.NEGATIVE_INFINITY && e < Double.POSITIVE_INFINITY
                        ? 0
                        : logarithm ? ofLogarithm(p, e, n) : ofShare(p, e, n)), y, moved, y.operand(0));
    }

    private static double ofLogarithm(double y, double e, int n) {
        // Exponentials of which nothing but the least numbers is left have no relative accuracy.
        double rounding = (n - 1) * 2 * Double.MIN_VALUE;
        if (y != 0) {
            double size = Math.abs(y);
            rounding += Accuracy.UNIT * size * (n + 10 + Logarithm.log(n) + Math.max(0, -Logarithm.log(size)));
        }
        return Math.min(1, -Exponential.expm1(y - rounding) * Exponential.exp(e)) * e * Accuracy.ROOM + rounding;
    }

    private static double ofShare(double y, double e, int n) {
        // A share of half and more is that of the largest score, whose exponential is 1.
        double ofExponential = y == 0 || y >= 0.5 ? 0 : 3 - Logarithm.log(y);
        double rounding = Accuracy.UNIT * y * (n + 1 + (1 - y) * (5 + Logarithm.log(n)) + ofExponential) + 2 * Double.MIN_VALUE;
        return Math.min(1, (Math.min(y, 1 - y) + rounding) * Exponential.expm1(e) * Accuracy.ROOM) + rounding;
    }

    @Override
    public Node batch(Node[] operands, boolean[] batched, int n) {
        int shifted = axis < 0 ? axis : axis + 1;
        return operands[0].graph().add(new Softmax(logarithm, shifted, Map.of("axis", shifted)), operands[0]);
    }

    private Node total(Node x) {
        return isOneUpdate(x) ? x.operand(1) : sum(x, List.of(axis), true);
    }

    /** Whether lines are zero but for one update, which is then their sum, as the cotangents of a loss by class labels are. */
    private boolean isOneUpdate(Node x) {
        int at = x.shape().axis(axis);
        return x.op() instanceof AlongAxis.AddAlong add && x.shape().axis(add.axis) == at && x.operand(1).shape().dim(at) == 1;
    }
}
