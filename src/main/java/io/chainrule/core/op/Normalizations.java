package io.chainrule.core.op;

import static io.chainrule.core.op.Composite.needs;
import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** Normalization to unit norm or unit variance, and the affine layer, with PyTorch's formulas. */
final class Normalizations {
    private static final Tensor X = Tensor.matrix(new double[]{3, 4, 0}, new double[]{1, -2, 2});
    private static final Attribute EPS = Attribute.optional("eps", Attribute.Type.NUMBER, 1e-5, "added to the variance");

    private static final String OF_X = "\\bar x = \\frac{1}{s} \\left(w \\bar y - \\operatorname{mean}\\left(w \\bar y\\right) - z "
            + "\\operatorname{mean}\\left(w \\bar y z\\right)\\right)";
    private static final String OF_AFFINE = "\\bar w = \\textstyle\\sum \\bar y z,\\ \\bar b = \\textstyle\\sum \\bar y";
    private static final Backward STANDARDIZED = Backward.told("s", "deviation").and(Backward.told("z", "standardized"))
            .and(Backward.regardless("axes", "eps"));

    static final OpDefinition COSINE_SIMILARITY = OpDefinition.define("cosine_similarity", Family.COMPOSITE, "a", "b")
            .attribute(Attribute.optional("axis", Attribute.Type.INT, 1, "the axis of the vectors"),
                    Attribute.optional("eps", Attribute.Type.NUMBER, 1e-8, "the least length by which is divided"))
            .formula("\\frac{a \\cdot b}{\\max(|a|, \\epsilon) \\max(|b|, \\epsilon)}",
                    "\\bar a = \\frac{\\bar y}{|a|} \\left(\\frac{b}{|b|} - y \\frac{a}{|a|}\\right),\\ "
                            + "\\bar b = \\frac{\\bar y}{|b|} \\left(\\frac{a}{|a|} - y \\frac{b}{|b|}\\right)",
                    Backward.regardless("eps"))
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
                    "\\bar x = \\frac{1}{\\lVert x \\rVert} \\left(\\bar y - y\\, (y \\cdot \\bar y)\\right)")
            .convention("at a vector of zeros the norm's derivative is 0").example("y = normalize(x)\nf = sum(y[0]^3)", X).as(a -> {
                double ord = a.number("ord");
                double eps = a.number("eps");
                List<Integer> axes = Objects.requireNonNull(a.integers("axis"));
                return Composite.of("normalize", a.written(), x -> divided(x[0], Statistics.norm(x[0], ord, axes), eps));
            });
    static final OpDefinition LINEAR = OpDefinition.define("linear", Family.COMPOSITE, "x", "weight", "bias")
            .formula("x w + b",
                    "\\bar x = \\bar y\\, w^\\mathsf{T},\\ \\bar w = x^\\mathsf{T} \\bar y,\\ \\bar b = \\textstyle\\sum \\bar y")
            .example("y = linear(x, weight, bias)\nf = sum(y^2)", X, Tensor.matrix(new double[]{1}, new double[]{-1}, new double[]{2}),
                    Tensor.vector(0.5))
            .as(Composite.of("linear", Map.of(), x -> linear(x[0], x[1], x[2]))).vanishes(", where it is multiplied by 0")
            .traits(Trait.ROW_BY_ROW);
    static final OpDefinition LAYER_NORM = OpDefinition.define("layer_norm", Family.COMPOSITE, "x", "weight", "bias")
            .attribute(Attribute.optional("axes", Attribute.Type.INTS, List.of(-1), "the axes of one mean and variance"),
                    EPS)
            .formula("\\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}}\\, w + b",
                    OF_X + ",\\ " + OF_AFFINE, STANDARDIZED)
            .convention("the variance is that of all elements, not of a sample")
            .example("y = layer_norm(x, weight, bias)\nf = sum(y[0]^3)", X, Tensor.vector(1, 2, 0.5), Tensor.vector(0, 1, -1)).as(a -> {
                List<Integer> axes = Objects.requireNonNull(a.integers("axes"));
                double eps = a.number("eps");
                return Composite.of("layer_norm", a.written(), x -> layerNorm(x[0], x[1], x[2], axes, eps));
            });

    static final OpDefinition BATCH_NORM = OpDefinition.define("batch_norm", Family.COMPOSITE, "x", "weight", "bias", "mean", "variance")
            .attribute(Attribute.optional("training", Attribute.Type.BOOLEAN, false,
                    "take mean and variance from x, over all axes but one, and leave the operands of these names unused"),
                    Attribute.optional("axis", Attribute.Type.INT, 1, "the axis of the channels, each with a mean and variance"), EPS)
            .formula("\\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}}\\, w + b",
                    "\\bar x = \\frac{w \\bar y}{s},\\ " + OF_AFFINE + ";\\ \\text{in training } " + OF_X,
                    STANDARDIZED)
            .convention("in training the variance is that of all elements, not of a sample").domain(0.2, 1.9)
            .example("y = batch_norm(x, weight, bias, mean, variance)\nf = sum(y[0]^3)", X, Tensor.vector(1, 2, 0.5),
                    Tensor.vector(0, 1, -1), Tensor.vector(2, 1, 1), Tensor.vector(1, 9, 0.25))
            .as(a -> {
                boolean training = a.flag("training");
                int axis = a.integer("axis");
                double eps = a.number("eps");
                Composite op = Composite.of("batch_norm", a, x -> batchNorm(x, training, axis, eps));
                return training ? op.ignoring(3, 4) : op;
            });
    static final OpDefinition GROUP_NORM = OpDefinition.define("group_norm", Family.COMPOSITE, "x", "weight", "bias")
            .attribute(Attribute.required("groups", Attribute.Type.INT, "into how many the channels, axis 1, are divided"), EPS)
            .formula("\\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}}\\, w + b",
                    OF_X + ",\\ " + OF_AFFINE, STANDARDIZED)
            .convention("the variance is that of all elements of a group, not of a sample")
            .example("y = group_norm(x, weight, bias, groups=2)\nf = sum(y[0]^3)",
                    Tensor.matrix(new double[]{3, 4, 0, 1}, new double[]{1, -2, 2, 5}), Tensor.vector(1, 2, 0.5, 1),
                    Tensor.vector(0, 1, -1, 2))
            .as(a -> {
                int groups = a.integer("groups", 1, Integer.MAX_VALUE);
                double eps = a.number("eps");
                return Composite.of("group_norm", a, x -> groupNorm(x[0], x[1], x[2], groups, eps));
            });

    static final List<OpDefinition> ALL = List.of(COSINE_SIMILARITY, NORMALIZE, LINEAR, LAYER_NORM, BATCH_NORM, GROUP_NORM);

    private Normalizations() {}

    static Node cosine(Node a, Node b, int axis, double eps) {
        Shape shape = a.shape().broadcast(b.shape());
        Node left = broadcastTo(a, shape);
        Node right = broadcastTo(b, shape);
        List<Integer> axes = List.of(axis);
        Node product = mul(divided(left, Statistics.norm(left, 2, axes), eps), divided(right, Statistics.norm(right, 2, axes), eps));
        return sum(product, axes, false);
    }

    private static Node divided(Node x, Node norm, double eps) {
        return div(x, x.graph().add(Arithmetic.MAXIMUM.op(), norm, number(x.graph(), eps)));
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
        List<Integer> numbers = Reductions.numbers(normalized);
        Shape lengths = Contractions.lengths(x.shape(), numbers);
        needs("weight", lengths, weight);
        needs("bias", lengths, bias);
        boolean[] others = new boolean[normalized.length];
        for (int i = 0; i < others.length; i++) {
            others[i] = !normalized[i];
        }
        Shape aligned = x.shape().reduced(others, true);
        return add(mul(standardized(x, numbers, eps), reshape(weight, aligned)), reshape(bias, aligned));
    }

    private static Node batchNorm(Node[] x, boolean training, int axis, double eps) {
        int at = x[0].shape().axis(axis);
        Shape channels = Shape.of(x[0].shape().dim(at));
        for (int k = 1; k < x.length; k++) {
            needs(BATCH_NORM.operands().get(k), channels, x[k]);
        }
        Node normal;
        if (training) {
            normal = standardized(x[0], IntStream.range(0, x[0].shape().rank()).filter(i -> i != at).boxed().toList(), eps);
        } else {
            Node scale = unary(Arithmetic.RSQRT, add(x[4], eps));
            normal = mul(sub(x[0], alongAxis(x[3], x[0].shape(), at)), alongAxis(scale, x[0].shape(), at));
        }
        return add(mul(normal, alongAxis(x[1], x[0].shape(), at)), alongAxis(x[2], x[0].shape(), at));
    }

    private static Node groupNorm(Node x, Node weight, Node bias, int groups, double eps) {
        Shape shape = x.shape();
        if (shape.rank() < 2) {
            throw new ShapeException("needs x [batch, channels, …], got " + shape, "[batch, channels, …]", shape.toString());
        }
        int channels = shape.dim(1);
        if (channels % groups != 0) {
            throw new ShapeException(channels + " channels do not fall into " + groups + " groups", "a divisor of " + channels,
                    String.valueOf(groups)).by("groups");
        }
        needs("weight", Shape.of(channels), weight);
        needs("bias", Shape.of(channels), bias);
        Node grouped = reshape(x, Shape.of(shape.dim(0), groups, channels / groups * shape.sub(2, shape.rank()).length()));
        Node normal = reshape(standardized(grouped, List.of(2), eps), shape);
        return add(mul(normal, alongAxis(weight, shape, 1)), alongAxis(bias, shape, 1));
    }

    /** Shifted and scaled to mean 0 and variance 1 (up to eps) along axes. */
    private static Node standardized(Node x, List<Integer> axes, double eps) {
        long n = Contractions.lengths(x.shape(), axes).size();
        Node centered = sub(x, mean(x, axes, n));
        return mul(centered, unary(Arithmetic.RSQRT, add(mean(square(centered), axes, n), eps)));
    }

    /** Reshapes a vector so that it broadcasts along one axis of arrays of a shape. */
    private static Node alongAxis(Node numbers, Shape shape, int axis) {
        boolean[] others = new boolean[shape.rank()];
        Arrays.fill(others, true);
        others[axis] = false;
        return reshape(numbers, shape.reduced(others, true));
    }

    private static Node mean(Node x, List<Integer> axes, long n) {
        return div(sum(x, axes, true), (double) n);
    }
}
