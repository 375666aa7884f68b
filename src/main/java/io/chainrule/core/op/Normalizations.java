package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Arrays scaled to some length or spread, and the affine layer, with PyTorch's formulas. */
final class Normalizations {
    private static final Tensor X = Tensor.matrix(new double[]{3, 4, 0}, new double[]{1, -2, 2});

    static final OpDefinition COSINE_SIMILARITY = OpDefinition.define("cosine_similarity", Family.COMPOSITE, "a", "b")
            .attribute(Attribute.optional("axis", Attribute.Type.INT, 1, "the axis of the vectors"),
                    Attribute.optional("eps", Attribute.Type.NUMBER, 1e-8, "the least length by which is divided"))
            .formula("\\frac{a \\cdot b}{\\max(|a|, \\epsilon) \\max(|b|, \\epsilon)}",
                    "\\bar a = \\frac{\\bar y}{|a|} \\left(\\frac{b}{|b|} - y \\frac{a}{|a|}\\right)")
            .convention("at a vector of zeros the length's derivative is 0")
            .example("y = cosine_similarity(a, b)\nf = sum(y^2)", X, Tensor.matrix(new double[]{1, 1, 1}, new double[]{2, 0, 1}))
            .as(a -> {
                int axis = a.integer("axis");
                double eps = a.number("eps");
                return Composite.of("cosine_similarity", a.written(), x -> cosine(x[0], x[1], axis, eps));
            });
    static final OpDefinition NORMALIZE = OpDefinition.define("normalize", Family.COMPOSITE, "x")
            .attribute(Attribute.optional("ord", Attribute.Type.NUMBER, 2.0, "of the norm; a number or \"Infinity\""),
                    Attribute.optional("axis", Attribute.Type.INTS, List.of(1), "the axes of the vectors"),
                    Attribute.optional("eps", Attribute.Type.NUMBER, 1e-12, "the least norm by which is divided"))
            .formula("\\frac{x}{\\max(\\lVert x \\rVert, \\epsilon)}",
                    "\\bar x = \\frac{1}{\\lVert x \\rVert} (\\bar y - y\\, (y \\cdot \\bar y))")
            .convention("at a vector of zeros the norm's derivative is 0").example("y = normalize(x)\nf = sum(y[0]^3)", X).as(a -> {
                double ord = a.number("ord");
                double eps = a.number("eps");
                List<Integer> axes = Objects.requireNonNull(a.integers("axis"));
                return Composite.of("normalize", a.written(), x -> divided(x[0], norm(x[0], ord, axes), eps));
            });
    static final OpDefinition LINEAR = OpDefinition.define("linear", Family.COMPOSITE, "x", "weight", "bias")
            .formula("x w + b",
                    "\\bar x = \\bar y\\, w^\\mathsf{T},\\ \\bar w = x^\\mathsf{T} \\bar y,\\ \\bar b = \\textstyle\\sum \\bar y")
            .example("y = linear(x, weight, bias)\nf = sum(y^2)", X, Tensor.matrix(new double[]{1}, new double[]{-1}, new double[]{2}),
                    Tensor.vector(0.5))
            .as(Composite.of("linear", Map.of(), x -> linear(x[0], x[1], x[2])));
    static final OpDefinition LAYER_NORM = OpDefinition.define("layer_norm", Family.COMPOSITE, "x", "weight", "bias")
            .attribute(Attribute.optional("axes", Attribute.Type.INTS, List.of(-1), "the axes of one mean and variance"),
                    Attribute.optional("eps", Attribute.Type.NUMBER, 1e-5, "added to the variance"))
            .formula("\\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}}\\, w + b",
                    "\\bar x = \\frac{1}{\\sqrt{\\sigma^2 + \\epsilon}} (g - \\overline{g} - \\hat x\\, \\overline{g \\hat x}),\\ g = w \\bar y")
            .convention("the variance is that of all elements, not of a sample")
            .example("y = layer_norm(x, weight, bias)\nf = sum(y[0]^3)", X, Tensor.vector(1, 2, 0.5), Tensor.vector(0, 1, -1)).as(a -> {
                List<Integer> axes = Objects.requireNonNull(a.integers("axes"));
                double eps = a.number("eps");
                return Composite.of("layer_norm", a.written(), x -> layerNorm(x[0], x[1], x[2], axes, eps));
            });

    static final List<OpDefinition> ALL = List.of(COSINE_SIMILARITY, NORMALIZE, LINEAR, LAYER_NORM);

    private Normalizations() {}

    private static Node cosine(Node a, Node b, int axis, double eps) {
        Shape shape = a.shape().broadcast(b.shape());
        Node left = broadcastTo(a, shape);
        Node right = broadcastTo(b, shape);
        List<Integer> axes = List.of(axis);
        Node product = mul(divided(left, norm(left, 2, axes), eps), divided(right, norm(right, 2, axes), eps));
        return sum(product, axes, false);
    }

    private static Node divided(Node x, Node norm, double eps) {
        return div(x, x.graph().add(Arithmetic.MAXIMUM.op(), norm, number(x.graph(), eps)));
    }

    /** Kept with axes of length 1. */
    private static Node norm(Node x, double ord, List<Integer> axes) {
        if (ord == 2) {
            return sqrt(sum(square(x), axes, true));
        }
        if (Double.isInfinite(ord)) {
            return axes.isEmpty() ? abs(x) : x.graph().add(new Reductions.Extremum(ord > 0, axes, true), abs(x));
        }
        if (ord == 0) {
            return sum(isNonzero(x), axes, true);
        }
        Node powers = ord == 1 ? abs(x) : pow(abs(x), number(x.graph(), ord));
        return pow(sum(powers, axes, true), number(x.graph(), 1 / ord));
    }

    private static Node linear(Node x, Node weight, Node bias) {
        if (weight.shape().rank() != 2 || bias.shape().rank() != 1 || bias.shape().last() != weight.shape().last()) {
            throw new ShapeException("linear takes a weight of shape [in, out] and a bias of shape [out], not " + weight.shape() + " and "
                    + bias.shape(), "[in, out] and [out]", weight.shape() + " and " + bias.shape());
        }
        return add(matmul(x, weight), bias);
    }

    private static Node layerNorm(Node x, Node weight, Node bias, List<Integer> axes, double eps) {
        boolean[] normalized = x.shape().axes(axes.stream().mapToInt(Integer::intValue).toArray());
        Shape lengths = Contractions.lengths(x.shape(), Reductions.numbers(normalized));
        if (!weight.shape().equals(lengths) || !bias.shape().equals(lengths)) {
            throw new ShapeException(
                    "layer_norm over axes " + axes + " of shape " + x.shape() + " takes weight and bias of shape " + lengths
                            + ", not " + weight.shape() + " and " + bias.shape(),
                    lengths.toString(), weight.shape() + " and " + bias.shape());
        }
        boolean[] others = new boolean[normalized.length];
        for (int i = 0; i < others.length; i++) {
            others[i] = !normalized[i];
        }
        Shape aligned = x.shape().reduced(others, true);
        Node centered = sub(x, mean(x, axes, lengths.size()));
        Node scale = unary(Arithmetic.RSQRT, add(mean(square(centered), axes, lengths.size()), eps));
        return add(mul(mul(centered, scale), reshape(weight, aligned)), reshape(bias, aligned));
    }

    private static Node mean(Node x, List<Integer> axes, long n) {
        return div(sum(x, axes, true), (double) n);
    }
}
