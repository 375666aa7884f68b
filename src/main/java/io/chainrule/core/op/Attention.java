package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Scaled dot-product attention (Vaswani et al., "Attention is all you need", 2017); leading axes are batch axes. */
final class Attention {
    /** In place of −∞, so that no value inside the circuit is infinite; its exponential is 0 beside that of any usual score. */
    private static final double NEVER = -Double.MAX_VALUE;
    private static final Tensor Q = Tensor.matrix(new double[]{1, 0}, new double[]{0.5, -1});
    private static final Tensor K = Tensor.matrix(new double[]{0, 1}, new double[]{1, 1}, new double[]{-1, 0.5});
    private static final Tensor V = Tensor.matrix(new double[]{1, 2}, new double[]{3, 5}, new double[]{-2, 0});
    private static final Tensor MASK = Tensor.matrix(new double[]{1, 1, 0}, new double[]{1, 1, 1});

    static final OpDefinition ATTENTION = OpDefinition.define("scaled_dot_product_attention", Family.COMPOSITE, "q", "k", "v", "mask")
            .lastOptional()
            .attribute(Attribute.optional("causal", Attribute.Type.BOOLEAN, false, "query i attends to keys 0 to i only"),
                    Attribute.optional("scale", Attribute.Type.NUMBER, null,
                            "of the scores; 1/√d if left out, with d the length of a query"))
            .formula("\\operatorname{softmax}(s\\, q k^\\mathsf{T})\\, v",
                    "\\bar v = p^\\mathsf{T} \\bar y,\\ \\bar q = s\\, \\bar a\\, k,\\ \\bar k = s\\, \\bar a^\\mathsf{T} q,"
                            + "\\ \\bar a = p \\odot (\\bar y v^\\mathsf{T} - \\textstyle\\sum_j (\\bar y v^\\mathsf{T})_{j} p_{j})",
                    Backward.told("p", "attention").and(Backward.regardless("causal", "scale")))
            .convention("a key attends where the mask is not 0; a query to which no key attends has value and gradient 0; "
                    + "the mask passes no gradient")
            .example("y = scaled_dot_product_attention(q, k, v, mask)\nf = sum(y^2)", Q, K, V, MASK).as(a -> {
                boolean causal = a.flag("causal");
                double scale = a.has("scale") ? a.number("scale") : Double.NaN;
                boolean given = a.has("scale");
                return Composite.of("scaled_dot_product_attention", a, x -> {
                    checkShapes(x[0].shape(), x[1].shape(), x[2].shape());
                    Node scores = matmul(x[0], matrixTranspose(x[1]));
                    Node scaled = mul(given ? scale : 1 / Math.sqrt(x[0].shape().last()), scores);
                    return attend(scaled, x[2], x.length < 4 ? number(scores.graph(), 1) : x[3], causal);
                }).ignoring(3);
            });

    static final List<OpDefinition> ALL = List.of(ATTENTION);

    private Attention() {}

    private static void checkShapes(Shape q, Shape k, Shape v) {
        boolean fit = q.rank() >= 2 && k.rank() >= 2 && v.rank() >= 2 && q.last() == k.last() && k.dim(k.rank() - 2) == v.dim(v.rank() - 2);
        if (!fit) {
            throw new ShapeException("needs q […, queries, d], k […, keys, d] and v […, keys, e], got " + q + ", " + k + " and " + v,
                    "[…, queries, d], […, keys, d] and […, keys, e]", q + ", " + k + " and " + v);
        }
    }

    private static Node attend(Node scores, Node v, Node mask, boolean causal) {
        Shape shape = scores.shape();
        if (!mask.shape().broadcastsTo(shape)) {
            throw new ShapeException("needs mask " + shape + ", got " + mask.shape(), shape.toString(), mask.shape().toString());
        }
        Node attends = causal ? and(mask, past(scores)) : mask;
        boolean all = attends.literal().orElse(0) != 0;
        Node shares = softmax(all ? scores : where(attends, scores, NEVER));
        return matmul(all ? shares : where(attends, shares, 0), v);
    }

    /** 1 where the key does not come after the query. */
    private static Node past(Node scores) {
        Shape matrix = scores.shape().sub(scores.shape().rank() - 2, scores.shape().rank());
        return MatrixFunction.triangle(broadcastTo(number(scores.graph(), 1), matrix), true, 0);
    }

    private static Node softmax(Node x) {
        return x.graph().add(Softmax.SOFTMAX.create(Map.of(), 1), x);
    }
}
