package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.strong;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Elements left out at random; the same ones for a seed on every machine. */
final class Dropout {
    /** 2⁶⁴ divided by the golden ratio, odd. */
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final Tensor SAMPLE = Tensor.vector(-1, 0.5, 2, 4);
    private static final Attribute RATE = Attribute.required("rate", Attribute.Type.NUMBER,
            "how likely an element is left out, from 0 to 1");
    private static final Attribute SEED = Attribute.required("seed", Attribute.Type.INT, "tells which elements");

    static final OpDefinition RANDOM_MASK = OpDefinition.define("random_mask", Family.CUSTOM)
            .attribute(Attribute.required("shape", Attribute.Type.INTS, "lengths of the axes"), RATE, SEED)
            .formula("0 \\text{ if } u_i < r \\text{ else } \\frac{1}{1 - r}", "0 \\text{: a constant}")
            .convention("u_i in [0, 1) is the i-th number of SplitMix64, as java.util.SplittableRandom draws it from the seed")
            .example("y = x * random_mask(shape=[4], rate=0.5, seed=3)\nf = sum(y^2)", "x", SAMPLE)
            .as(a -> mask(a.shape("shape"), a.number("rate", 0, 1), a.integer("seed"), a.written()));
    static final OpDefinition DROPOUT = OpDefinition.define("dropout", Family.COMPOSITE, "x").attribute(RATE, SEED)
            .formula("m_i x_i", "\\bar x_i = m_i \\bar y_i").convention("m is the random_mask of the same rate and seed, in the shape of x")
            .example("y = dropout(x, rate=0.5, seed=3)\nf = sum(y^2)", SAMPLE).as(a -> {
                double rate = a.number("rate", 0, 1);
                int seed = a.integer("seed");
                return Composite.of("dropout", a, x -> {
                    List<Integer> shape = x[0].shape().toList();
                    Op mask = mask(x[0].shape(), rate, seed, Map.of("shape", shape, "rate", rate, "seed", seed));
                    return strong(x[0].graph().node(x[0].graph().add(mask, new int[0])), x[0]);
                });
            });

    static final List<OpDefinition> ALL = List.of(RANDOM_MASK, DROPOUT);

    private Dropout() {}

    private static Op mask(Shape shape, double rate, long seed, Map<String, Object> attributes) {
        return new Constructors.Constructor("random_mask", attributes, shape, y -> fill(y, rate, seed));
    }

    /**
     * A mask of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): each element
     * depends on the seed and its position alone.
     */
    static void fill(double[] y, double rate, long seed) {
        double kept = 1 / (1 - rate);
        for (int i = 0; i < y.length; i++) {
            double u = (mixed(seed + (i + 1) * GOLDEN_GAMMA) >>> 11) * 0x1p-53;
            y[i] = u < rate ? 0 : kept;
        }
    }

    private static long mixed(long state) {
        long z = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
