package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.strong;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Elements left out at random; the same ones for a seed on every machine. */
final class Dropout {
    /** 2⁶⁴ divided by the golden ratio, odd. */
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final Tensor SAMPLE = Tensor.vector(-1, 0.5, 2, 4);
    private static final Attribute RATE = Attribute.required("rate", Attribute.Type.NUMBER,
            "how likely an element is left out, from 0 to 1");
    private static final Attribute SEED = Attribute.required("seed", Attribute.Type.INT, "tells which elements");

    static final OpDefinition RANDOM_MASK = OpDefinition.define("random_mask", Family.CUSTOM, "step").lastOptional()
            .attribute(Attribute.required("shape", Attribute.Type.INTS, "lengths of the axes"), RATE, SEED)
            .formula("0 \\text{ if } u_i < r \\text{ else } \\frac{1}{1 - r}", "0 \\text{: a constant}")
            .convention(
                    "u_i in [0, 1) is the i-th number of SplitMix64, as java.util.SplittableRandom draws it from the seed, "
                            + "or with a step from mix(seed + mix(floor(step))), "
                            + "where mix is the mixing function of SplitMix64; steps [n] give n masks")
            .example("y = x * random_mask(shape=[4], rate=0.5, seed=3)\nf = sum(y^2)", "x", SAMPLE)
            .as(a -> new Mask(a.shape("shape"), a.number("rate", 0, 1), a.integer("seed")));
    static final OpDefinition DROPOUT = OpDefinition.define("dropout", Family.COMPOSITE, "x", "step").lastOptional().attribute(RATE, SEED)
            .formula("m_i x_i", "\\bar x_i = m_i \\bar y_i", Backward.told("m", "mask"))
            .convention("m is the random_mask of the same rate, seed and step, a number that may be left out, in the shape of x")
            .example("y = dropout(x, rate=0.5, seed=3)\nf = sum(y^2)", SAMPLE).as(a -> {
                double rate = a.number("rate", 0, 1);
                int seed = a.integer("seed");
                return Composite.of("dropout", a, x -> {
                    if (x.length > 1) {
                        Composite.needs("step", Shape.SCALAR, x[1]);
                    }
                    Node[] steps = Arrays.copyOfRange(x, 1, x.length);
                    return strong(x[0].graph().add(new Mask(x[0].shape(), rate, seed), steps), x[0]);
                }).ignoring(1);
            }).vanishes(", where it is multiplied by 0");

    static final List<OpDefinition> ALL = List.of(RANDOM_MASK, DROPOUT);

    private Dropout() {}

    /**
     * A mask of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): each element
     * depends on the seed and its position alone.
     */
    private static void fill(double[] y, int from, int to, double rate, long seed) {
        double kept = 1 / (1 - rate);
        for (int i = from; i < to; i++) {
            double u = (mixed(seed + (i - from + 1) * GOLDEN_GAMMA) >>> 11) * 0x1p-53;
            y[i] = u < rate ? 0 : kept;
        }
    }

    private static long mixed(long state) {
        long z = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /** A mask for each element of the operand {@code step}, or one mask without it. */
    private record Mask(Shape made, double rate, int seed) implements FlatOp {
        @Override
        public String name() {
            return RANDOM_MASK.name();
        }

        @Override
        public Map<String, Object> attributes() {
            Map<String, Object> attributes = new LinkedHashMap<>();
            attributes.put("shape", made.toList());
            attributes.put("rate", rate);
            attributes.put("seed", seed);
            return attributes;
        }

        @Override
        public Family family() {
            return Family.CUSTOM;
        }

        @Override
        public Shape shape(Shape... operands) {
            return operands.length == 0 ? made : operands[0].concat(made);
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            if (operands.length == 0) {
                return (x, y, checkpoint) -> fill(y, 0, y.length, rate, seed);
            }
            int length = made.length();
            return (x, y, checkpoint) -> {
                double[] steps = x[0];
                for (int k = 0; k < steps.length; k++) {
                    checkpoint.check();
                    fill(y, k * length, (k + 1) * length, rate, mixed(seed + mixed((long) Math.floor(steps[k]))));
                }
            };
        }

        @Override
        public long flops(Shape[] operands, Shape result) {
            return result.size();
        }

        @Override
        public Node error(Node node, @Nullable Node[] errors) {
            Node ofStep = Errors.unlessExact(errors.length == 0 ? null : errors[0]);
            Node ofMask = Errors.ofWritten(node);
            if (ofStep == null) {
                return ofMask;
            }
            int[] ones = new int[made.rank()];
            Arrays.fill(ones, 1);
            return Maths.add(ofMask, Maths.reshape(ofStep, ofStep.shape().concat(Shape.of(ones))));
        }

        @Override
        public Node batch(Node[] operands, boolean[] batched, int n) {
            return operands[0].graph().add(this, operands);
        }
    }
}
