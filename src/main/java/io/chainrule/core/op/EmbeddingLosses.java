package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;
import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.List;

/** Losses of pairs and triples of vectors, along the last axis, that should be near to each other or far apart, as in PyTorch. */
final class EmbeddingLosses {
    private static final Tensor A = Tensor.matrix(new double[]{1, 2}, new double[]{3, -1});
    private static final Tensor B = Tensor.matrix(new double[]{2, 1}, new double[]{1, 1});
    private static final Tensor C = Tensor.matrix(new double[]{0, 2}, new double[]{-2, 1});

    static final OpDefinition COSINE_EMBEDDING = OpDefinition.define("cosine_embedding_loss", Family.COMPOSITE, "a", "b", "target")
            .attribute(Attribute.optional("margin", Attribute.Type.NUMBER, 0.0, "up to which cosine dissimilar pairs cost nothing"),
                    Losses.reduction())
            .formula("1 - \\cos(a, b) \\text{ if } t = 1,\\ \\max(0, \\cos(a, b) - m) \\text{ if } t = -1",
                    "\\bar a = -\\bar y\\, \\nabla_a \\cos(a, b) \\text{ if } t = 1,"
                            + "\\ \\bar y\\, [\\cos(a, b) > m]\\, \\nabla_a \\cos(a, b) \\text{ if } t = -1")
            .convention("at a cosine of margin, and of the length of zeros, the derivative is 0; the target passes no gradient")
            .example("f = cosine_embedding_loss(a, b, target)", A, B, Tensor.vector(1, -1)).as(a -> {
                double margin = a.number("margin");
                String reduction = Losses.reduction(a);
                return Composite.of("cosine_embedding_loss", a, x -> Losses.reduced(cosine(x[0], x[1], x[2], margin), reduction))
                        .ignoring(2);
            }).traits(COMPARES).cautions(Cautions.NONE.labelsOnly(2, -1, 1));
    static final OpDefinition TRIPLET = OpDefinition.define("triplet_loss", Family.COMPOSITE, "anchor", "positive", "negative")
            .attribute(Attribute.optional("margin", Attribute.Type.NUMBER, 1.0, "by how much the negative has to be farther off"),
                    Attribute.optional("p", Attribute.Type.NUMBER, 2.0, "the order of the norm; a number or \"Infinity\""),
                    Attribute.optional("eps", Attribute.Type.NUMBER, 1e-6, "added to the differences"),
                    Attribute.optional("swap", Attribute.Type.BOOLEAN, false,
                            "take the negative's distance from the positive where that is less"),
                    Losses.reduction())
            .formula("\\max(0, d(a, p) - d(a, n) + m),\\ d(u, v) = \\lVert u - v + \\epsilon \\rVert_p",
                    "\\bar a = \\bar y\\, [d(a, p) - d(a, n) + m > 0]\\, (\\nabla_a d(a, p) - \\nabla_a d(a, n))")
            .convention("where the loss just begins, and at a distance of 0, the derivative is 0")
            .example("f = triplet_loss(anchor, positive, negative)", A, B, C).as(a -> {
                Triplet triplet = new Triplet(a.number("margin"), a.number("p"), a.number("eps"), a.flag("swap"));
                String reduction = Losses.reduction(a);
                return Composite.of("triplet_loss", a, x -> Losses.reduced(triplet.losses(x[0], x[1], x[2]), reduction));
            }).traits(COMPARES);

    static final List<OpDefinition> ALL = List.of(COSINE_EMBEDDING, TRIPLET);

    private EmbeddingLosses() {}

    private static Node cosine(Node a, Node b, Node target, double margin) {
        Node cosine = Normalizations.cosine(a, b, -1, 1e-8);
        if (!target.shape().broadcastsTo(cosine.shape())) {
            Shape wanted = cosine.shape();
            throw new ShapeException("needs target " + wanted + ", got " + target.shape(), wanted.toString(), target.shape().toString());
        }
        return add(where(eq(target, 1), sub(1, cosine), 0), where(eq(target, -1), Losses.relu(sub(cosine, number(a.graph(), margin))), 0));
    }

    private record Triplet(double margin, double p, double eps, boolean swap) {

        Node losses(Node anchor, Node positive, Node negative) {
            Node far = distance(anchor, negative);
            Node away = swap ? far.graph().add(Arithmetic.MINIMUM.op(), far, distance(positive, negative)) : far;
            return Losses.relu(add(sub(distance(anchor, positive), away), margin));
        }

        private Node distance(Node u, Node v) {
            Node norm = Statistics.norm(add(sub(u, v), eps), p, List.of(-1));
            return reshape(norm, norm.shape().sub(0, norm.shape().rank() - 1));
        }
    }
}
