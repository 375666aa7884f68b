package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Variances and norms along axes, and whether any or all elements are true. */
final class Statistics {
    private static final Attribute AXIS = Attribute.optional("axis", Attribute.Type.INTS, null, "axes to reduce; all if left out");
    private static final Attribute KEEPDIMS = Attribute.optional("keepdims", Attribute.Type.BOOLEAN, false,
            "keep reduced axes with length 1");
    private static final Attribute CORRECTION = Attribute.optional("correction", Attribute.Type.NUMBER, 1.0,
            "what is subtracted from the number of elements");
    private static final Tensor SAMPLE = Tensor.matrix(new double[]{1, 2, 3}, new double[]{4, 6, 9});

    private static final Backward OF_DEVIATIONS = Backward.count("n").and(Backward.attribute("c", "correction"))
            .and(Backward.told("\\mu", "mean"));

    static final OpDefinition VAR = define("var", AXIS, CORRECTION, KEEPDIMS)
            .formula("\\frac{1}{n - c} \\sum_i (x_i - \\mu)^2", "\\bar x_i = \\bar y\\, \\frac{2 (x_i - \\mu)}{n - c}", OF_DEVIATIONS)
            .as(a -> composite("var", a, (x, axes) -> {
                Node squares = sum(square(centred(x, axes)), Reductions.numbers(axes), false);
                return div(squares, degrees(a, x, axes));
            }));
    static final OpDefinition STD = define("std", AXIS, CORRECTION, KEEPDIMS)
            .formula("\\sqrt{\\frac{1}{n - c} \\sum_i (x_i - \\mu)^2}", "\\bar x_i = \\bar y\\, \\frac{x_i - \\mu}{(n - c)\\, y}",
                    OF_DEVIATIONS)
            .convention("the gradient of the deviation of equal numbers is 0")
            .as(a -> composite("std", a, (x, axes) -> {
                Node length = x.graph().add(new Norm(Reductions.numbers(axes), false), centred(x, axes));
                return div(length, Math.sqrt(degrees(a, x, axes)));
            }));
    static final OpDefinition SQUARED_NORM = define("squared_norm", AXIS, KEEPDIMS)
            .formula("\\lVert x \\rVert^2 = \\sum_i x_i^2", "\\bar x_i = 2\\,\\bar y\\, x_i")
            .as(a -> composite("squared_norm", a, (x, axes) -> sum(square(x), Reductions.numbers(axes), a.flag("keepdims"))))
            .equivalentForms(x -> sum(pow(x[0], number(x[0].graph(), 2)), Circuit.SAMPLE_AXES, false),
                    x -> sum(mul(x[0], x[0]), Circuit.SAMPLE_AXES, false), x -> matmul(x[0], x[0]),
                    x -> x[0].graph().add(Products.DOT.op(), x[0], x[0]));
    static final OpDefinition NORM = define("norm",
            Attribute.optional("ord", Attribute.Type.NUMBER, 2.0,
                    "the power; \"Infinity\" is the largest magnitude, 0 counts what is not 0"),
            AXIS, KEEPDIMS)
            .formula("\\Big( \\sum_i |x_i|^p \\Big)^{1/p}",
                    "\\bar x_i = \\bar y\\, \\operatorname{sign}(x_i) \\left(\\frac{|x_i|}{y}\\right)^{p-1}",
                    Backward.attribute("p", "ord"))
            .convention("the gradient of the norm of zeros is 0").alias("vector_norm").as(Statistics::norm)
            .traits(ISOLATED_ZEROS, NONNEGATIVE).latex("\\left\\lVert ", "\\right\\rVert{}");
    static final OpDefinition ANY = define("any", AXIS, KEEPDIMS).formula("\\exists i: x_i \\ne 0", "0")
            .as(a -> composite("any", a, (x, axes) -> gt(sum(isNonzero(x), Reductions.numbers(axes), false), 0)).ignoring(0));
    static final OpDefinition ALL_TRUE = define("all", AXIS, KEEPDIMS).formula("\\forall i: x_i \\ne 0", "0")
            .as(a -> composite("all", a, (x, axes) -> eq(sum(not(x), Reductions.numbers(axes), false), 0)).ignoring(0));

    static final List<OpDefinition> ALL = List.of(VAR, STD, SQUARED_NORM, NORM, ANY, ALL_TRUE);

    private Statistics() {}

    private static OpDefinition define(String name, Attribute... attributes) {
        return OpDefinition.define(name, Family.COMPOSITE, "x").attribute(attributes)
                .example("y = " + name + "(x, axis=1)\nf = sum(y * [1, 2])", SAMPLE);
    }

    private static Composite composite(String name, Attributes a, BiFunction<Node, boolean[], Node> circuit) {
        return Reductions.composite(name, a.written(), a.integers("axis"), a.flag("keepdims"), circuit);
    }

    private static double degrees(Attributes a, Node x, boolean[] axes) {
        return Math.max(0, Reductions.count(x.shape(), axes) - a.number("correction"));
    }

    /** x − mean(x), exactly 0 where all elements are equal: the first element is subtracted before the mean is taken. */
    private static Node centred(Node x, boolean[] axes) {
        if (x.shape().size() == 0) {
            return x;
        }
        List<Object> first = new ArrayList<>();
        for (boolean reduced : axes) {
            first.add(reduced ? "0:1" : ":");
        }
        Node shifted = sub(x, unary(Comparisons.STOP_GRADIENT, index(x, first)));
        return sub(shifted, div(sum(shifted, Reductions.numbers(axes), true), Reductions.count(x.shape(), axes)));
    }

    private static Op norm(Attributes a) {
        double p = a.number("ord");
        if (p == 2) {
            return new Norm(a.integers("axis"), a.flag("keepdims"));
        }
        Composite norm = composite("norm", a, (x, axes) -> norm(x, p, Reductions.numbers(axes)));
        return Double.isInfinite(p) ? norm.shapedBy(new Norm(a.integers("axis"), a.flag("keepdims"))::shapeOfSome) : norm;
    }

    /** The norm of order p along axes, which are kept with length 1. */
    static Node norm(Node x, double p, List<Integer> axes) {
        if (p == 0) {
            return sum(isNonzero(x), axes, true);
        } else if (p == 1) {
            return sum(abs(x), axes, true);
        } else if (p == 2) {
            return x.graph().add(new Norm(axes, true), x);
        } else if (Double.isInfinite(p)) {
            return x.graph().add(new Reductions.Extremum(p > 0, axes, true), abs(x));
        }
        return powers(x, p, axes);
    }

    /**
     * (Σ |x|ᵖ)^(1/p), scaled by the largest (for p < 0 the smallest) magnitude so that powers do not overflow; value and
     * derivatives are unchanged. For zeros the Euclidean norm is used, which has the same value and reports the kink.
     */
    private static Node powers(Node x, double p, List<Integer> axes) {
        if (x.shape().size() == 0) {
            return sum(x, axes, true);
        }
        Node size = abs(x);
        Node extreme = x.graph().add(new Reductions.Extremum(p > 0, axes, true), unary(Comparisons.STOP_GRADIENT, size));
        Node usable = and(isFinite(extreme), isNonzero(extreme));
        Node scale = where(usable, extreme, 1);
        Node sum = sum(pow(div(size, scale), number(x.graph(), p)), axes, true);
        Node nothing = eq(sum, 0);
        Node root = pow(where(nothing, 1, sum), number(x.graph(), 1 / p));
        return where(nothing, norm(x, 2, axes), mul(scale, root));
    }

    /** The Euclidean norm along axes, without intermediate overflow or underflow. */
    static final class Norm extends AxisOp {
        private static final double SMALL = 1e-130;
        private static final double LARGE = 1e130;

        Norm(@Nullable List<Integer> axes, boolean keepdims) {
            super("norm", axes, keepdims);
        }

        @Override
        AxisOp along(List<Integer> others, boolean keep) {
            return new Norm(others, keep);
        }

        @Override
        public boolean isGate() {
            return true;
        }

        @Override
        public Node expand(Node[] operands) {
            return sqrt(total(square(operands[0])));
        }

        @Override
        public Family family() {
            return Family.CUSTOM;
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            return lines(operands[0], Norm::value);
        }

        private static double value(double[] x, int from, int n, double[] spare) {
            double largest = 0;
            for (int i = from; i < from + n; i++) {
                largest = Math.max(largest, Math.abs(x[i]));
            }
            if (largest == 0 || !Double.isFinite(largest)) {
                return largest;
            }
            double scale = largest > SMALL && largest < LARGE ? 1 : largest;
            double squares = 0;
            for (int i = from; i < from + n; i++) {
                double part = x[i] / scale;
                squares += part * part;
            }
            return scale * Math.sqrt(squares);
        }

        @Override
        public Node vjp(Node node, int operand, Node cotangent) {
            return strong(stretched(cotangent, node.operand(0).shape()), direction(node));
        }

        @Override
        public Node jvp(Node node, @Nullable Node[] tangents) {
            return total(strong(Objects.requireNonNull(tangents[0]), direction(node)));
        }

        @Override
        public Node error(Node node, @Nullable Node[] errors) {
            double terms = (double) node.operand(0).shape().size() / node.shape().size();
            Node rounding = add(mul(Accuracy.UNIT * (terms / 2 + 6), node), mul(Double.MIN_VALUE, isNonzero(node)));
            return errors[0] == null ? rounding : add(rounding, mul(1 + 0x1p-20, node.graph().add(this, errors[0])));
        }

        @Override
        public Node kink(Node node) {
            return eq(node, 0);
        }

        /** x / y, and 0 where y is 0. */
        private Node direction(Node node) {
            Node x = node.operand(0);
            Shape full = x.shape();
            Node length = stretched(where(eq(node, 0), 1, node), full);
            return where(stretched(eq(node, 0), full), 0, div(x, length));
        }
    }
}
