package io.chainrule.core.network;

import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.linalg.Householder;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * First values of parameters, with PyTorch's formulas: Glorot and Bengio (2010), He et al. (2015), LeCun et al. (1998),
 * Saxe et al. (2013). Each parameter has a stream of random numbers of its own, and loops run in order.
 */
final class Initializers {
    private static final String ALGORITHM = "L64X128MixRandom";
    private static final Map<String, List<Attribute>> SCHEMES = new LinkedHashMap<>();

    static {
        Attribute gain = number("gain", 1, "a factor of the numbers");
        SCHEMES.put("zeros", List.of());
        SCHEMES.put("ones", List.of());
        SCHEMES.put("constant", List.of(Attribute.required("value", Attribute.Type.NUMBER, "of every element")));
        SCHEMES.put("uniform", List.of(number("low", -0.05, "the least"), number("high", 0.05, "the largest, itself left out")));
        SCHEMES.put("normal", List.of(number("mean", 0, "of the numbers"), number("stddev", 0.05, "their standard deviation")));
        for (String scheme : List.of("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "orthogonal")) {
            SCHEMES.put(scheme, List.of(gain));
        }
    }

    private Initializers() {}

    private static Attribute number(String name, double value, String description) {
        return Attribute.optional(name, Attribute.Type.NUMBER, value, description);
    }

    /** Adds what is wrong with an initialiser to the problems. */
    static void check(InitializerSpec spec, String pointer, Problems problems) {
        List<Attribute> known = SCHEMES.get(spec.scheme());
        if (known == null) {
            problems.add(() -> Problem.of(ProblemCode.UNKNOWN_OP, "there is no initializer '" + spec.scheme() + "'")
                    .pointer(pointer + "/scheme").expected("one of " + SCHEMES.keySet(), spec.scheme())
                    .hint(Nearest.hint(spec.scheme(), SCHEMES.keySet()).orElse(null)));
            return;
        }
        try {
            Attributes options = new Attributes("initializer " + spec.scheme(), known, spec.options());
            if (spec.scheme().equals("normal")) {
                options.nonnegative("stddev");
            }
            if (spec.scheme().equals("uniform") && options.number("low") > options.number("high")) {
                throw new ProblemException(Problem.of(ProblemCode.BAD_ATTRIBUTE, "initializer uniform: low is above high").attribute("low")
                        .expected("at most " + options.number("high"), String.valueOf(options.number("low"))));
            }
        } catch (ProblemException e) {
            e.problems().forEach(problem -> problems
                    .add(problem.pointer(problem.attribute() == null ? pointer : pointer + JsonPointer.of(problem.attribute()))));
        }
    }

    static Tensor draw(Parameter parameter, long seed, Checkpoint checkpoint) {
        String scheme = parameter.initializer().scheme();
        Attributes options = new Attributes(scheme, Objects.requireNonNull(SCHEMES.get(scheme), scheme), parameter.initializer().options());
        RandomGenerator random = RandomGeneratorFactory.of(ALGORITHM).create(Seeds.of(seed, parameter.name()));
        Tensor values = Tensor.zeros(parameter.shape());
        double in = Math.max(1, parameter.fanIn());
        double both = Math.max(1, parameter.fanIn() + parameter.fanOut());
        switch (scheme) {
            case "zeros" -> {
            }
            case "ones" -> Arrays.fill(values.data(), 1);
            case "constant" -> Arrays.fill(values.data(), options.number("value"));
            case "uniform" -> fillUniform(values.data(), options.number("low"), options.number("high"), random);
            case "normal" -> fillNormal(values.data(), options.number("mean"), options.number("stddev"), random);
            case "glorot_uniform" -> fillSymmetric(values.data(), options.number("gain") * StrictMath.sqrt(6 / both), random);
            case "glorot_normal" -> fillNormal(values.data(), 0, options.number("gain") * StrictMath.sqrt(2 / both), random);
            case "he_uniform" -> fillSymmetric(values.data(), options.number("gain") * StrictMath.sqrt(6 / in), random);
            case "he_normal" -> fillNormal(values.data(), 0, options.number("gain") * StrictMath.sqrt(2 / in), random);
            case "lecun_normal" -> fillNormal(values.data(), 0, options.number("gain") * StrictMath.sqrt(1 / in), random);
            case "orthogonal" -> fillOrthogonal(values, options.number("gain"), random, checkpoint);
            default -> throw new IllegalStateException(scheme);
        }
        return values;
    }

    private static void fillSymmetric(double[] y, double bound, RandomGenerator random) {
        fillUniform(y, -bound, bound, random);
    }

    private static void fillUniform(double[] y, double low, double high, RandomGenerator random) {
        for (int i = 0; i < y.length; i++) {
            y[i] = low + (high - low) * unit(random);
        }
    }

    /** Two numbers at a time (Box and Muller, "A note on the generation of random normal deviates", 1958). */
    private static void fillNormal(double[] y, double mean, double stddev, RandomGenerator random) {
        for (int i = 0; i < y.length; i += 2) {
            double radius = stddev * StrictMath.sqrt(-2 * StrictMath.log(1 - unit(random)));
            double angle = 2 * Math.PI * unit(random);
            y[i] = mean + radius * StrictMath.cos(angle);
            if (i + 1 < y.length) {
                y[i + 1] = mean + radius * StrictMath.sin(angle);
            }
        }
    }

    /** Rows, or columns where there are more rows, of length {@code gain} and at right angles; the first axis counts rows. */
    private static void fillOrthogonal(Tensor values, double gain, RandomGenerator random, Checkpoint checkpoint) {
        if (values.length() == 0) {
            return;
        }
        int rows = values.shape().dim(0);
        int columns = values.length() / rows;
        int n = Math.min(rows, columns);
        int m = Math.max(rows, columns);
        Tensor normal = Tensor.zeros(Shape.of(m, n));
        fillNormal(normal.data(), 0, 1, random);
        Tensor q = Tensor.zeros(Shape.of(m, n));
        Tensor r = Tensor.zeros(Shape.of(n, n));
        Householder.write(normal.data(), m, n, 1, q.data(), r.data(), checkpoint);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sign = r.data()[j * n + j] < 0 ? -gain : gain;
                values.data()[rows < columns ? j * columns + i : i * columns + j] = sign * q.data()[i * n + j];
            }
        }
    }

    /** From 0 to 1, a multiple of 2⁻⁵³. */
    private static double unit(RandomGenerator random) {
        return (random.nextLong() >>> 11) * 0x1p-53;
    }
}
