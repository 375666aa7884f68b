package io.chainrule.core.network;

import io.chainrule.core.elementary.Circular;
import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.linalg.Householder;
import io.chainrule.core.op.Catalogue;
import io.chainrule.core.op.Definition;
import io.chainrule.core.op.Wording;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * The initial values of parameters, with PyTorch's formulas: Glorot and Bengio (2010), He et al. (2015), LeCun et al. (1998), Saxe et
 * al. (2013). Each parameter has its own stream of random numbers, and loops run in a fixed order, so that the same seed always gives
 * the same values.
 */
public final class Initializers {
    private static final String ALGORITHM = "L64X128MixRandom";
    private static final Attribute GAIN = Attribute.number("gain", 1, "a factor of the numbers");
    private static final String FAN_IN = "fan_in";
    private static final String BOTH_FANS = "(fan_in + fan_out)";

    public static final Catalogue<Definition<Initializer>> INITIALIZERS = new Catalogue<>("initializer", List.of(
            scheme("zeros", "Zeros.", "w = 0", null, List.of(), Map.of(), a -> (values, fans, random, checkpoint) -> {}),
            scheme("ones", "Ones.", "w = 1", null, List.of(), Map.of(),
                    a -> (values, fans, random, checkpoint) -> Arrays.fill(values.data(), 1)),
            scheme("constant", "One number.", "w = v", null,
                    List.of(Attribute.required("value", Attribute.Type.NUMBER, "of every element")), Map.of("value", 0.5),
                    a -> (values, fans, random, checkpoint) -> Arrays.fill(values.data(), a.number("value"))),
            scheme("uniform", "Evenly spread numbers.", "w \\sim U(l, h)", null,
                    List.of(Attribute.number("low", -0.05, "the least"),
                            Attribute.number("high", 0.05, "the largest, itself left out")),
                    Map.of("low", -0.5, "high", 0.5), Initializers::uniform),
            scheme("normal", "Normally distributed numbers.", "w \\sim N(m, s^2)", null,
                    List.of(Attribute.number("mean", 0, "of the numbers"),
                            Attribute.number("stddev", 0.05, "their standard deviation").atLeast(0)),
                    Map.of("stddev", 0.5),
                    a -> (values, fans, random, checkpoint) -> fillNormal(values.data(), a.number("mean"), a.number("stddev"), random)),
            uniformByFan("glorot_uniform", "Glorot and Bengio 2010", BOTH_FANS, Fans::both),
            normalByFan("glorot_normal", "Glorot and Bengio 2010", 2, BOTH_FANS, Fans::both),
            uniformByFan("he_uniform", "He et al. 2015", FAN_IN, Fans::in),
            normalByFan("he_normal", "He et al. 2015", 2, FAN_IN, Fans::in),
            normalByFan("lecun_normal", "LeCun et al. 1998", 1, FAN_IN, Fans::in),
            scheme("orthogonal", "Rows, or columns where there are more rows, at right angles to each other and of length `gain`.",
                    "w w^\\mathsf{T} = g^2 I", "Saxe et al. 2013", List.of(GAIN), Map.of(),
                    a -> (values, fans, random, checkpoint) -> fillOrthogonal(values, a.number("gain"), random, checkpoint))));

    /** Writes the initial values of a parameter. */
    interface Initializer {
        void fill(Tensor values, Fans fans, RandomGenerator random, Checkpoint checkpoint);
    }

    /** The number of inputs of each output, and the sum of inputs and outputs; at least 1. */
    record Fans(double in, double both) {
        static Fans of(Parameter parameter) {
            return new Fans(Math.max(1, parameter.fanIn()), Math.max(1, parameter.fanIn() + parameter.fanOut()));
        }
    }

    private Initializers() {}

    private static Definition<Initializer> scheme(String name, String description, String formula, @Nullable String source,
            List<Attribute> options, Map<String, Object> example, Function<Attributes, Initializer> factory) {
        return new Definition<>(name, description, formula, source, options, example, factory);
    }

    private static Definition<Initializer> uniformByFan(String name, String source, String fan, ToDoubleFunction<Fans> size) {
        return scheme(name, "Evenly spread numbers, so that the layer keeps the spread of what it reads.",
                "w \\sim U(-b, b),\\ b = g \\sqrt{6 / \\text{" + fan + "}}", source, List.of(GAIN), Map.of(),
                a -> (values, fans, random, checkpoint) -> fillSymmetric(values.data(),
                        a.number("gain") * Math.sqrt(6 / size.applyAsDouble(fans)), random));
    }

    private static Definition<Initializer> normalByFan(String name, String source, int variance, String fan,
            ToDoubleFunction<Fans> size) {
        return scheme(name, "Normally distributed numbers, so that the layer keeps the spread of what it reads.",
                "w \\sim N(0, g^2 \\cdot " + variance + " / \\text{" + fan + "})", source, List.of(GAIN), Map.of(),
                a -> (values, fans, random, checkpoint) -> fillNormal(values.data(), 0,
                        a.number("gain") * Math.sqrt(variance / size.applyAsDouble(fans)), random));
    }

    private static Initializer uniform(Attributes a) {
        double low = a.number("low");
        double high = a.number("high");
        if (low > high) {
            throw new ProblemException(Problem.of(ProblemCode.BAD_ATTRIBUTE, "initializer uniform: low is above high").attribute("low")
                    .expected("at most " + high, String.valueOf(low)));
        }
        return (values, fans, random, checkpoint) -> fillUniform(values.data(), low, high, random);
    }

    /** Reports what is wrong with an initializer. */
    static void check(InitializerSpec spec, Place place, Problems problems) {
        Definition<Initializer> definition = INITIALIZERS.find(spec.scheme());
        if (definition == null) {
            problems.add(() -> INITIALIZERS.unknown(ProblemCode.UNKNOWN_OP, spec.scheme()).at(place.part("scheme")));
            return;
        }
        try {
            make(definition, spec);
        } catch (ProblemException e) {
            e.problems().forEach(problem -> problems.add(problem.at(place.part(Objects.requireNonNull(problem.attribute())))));
        }
    }

    private static Initializer make(Definition<Initializer> definition, InitializerSpec spec) {
        return definition.factory().apply(
                new Attributes("initializer " + spec.scheme(), Wording.ATTRIBUTE, definition.options(), spec.options()));
    }

    static Tensor draw(Parameter parameter, long seed, Checkpoint checkpoint) {
        InitializerSpec spec = parameter.initializer();
        RandomGenerator random = RandomGeneratorFactory.of(ALGORITHM).create(Seeds.of(seed, parameter.name()));
        Tensor values = Tensor.zeros(parameter.shape());
        make(Objects.requireNonNull(INITIALIZERS.find(spec.scheme()), spec.scheme()), spec).fill(values, Fans.of(parameter), random,
                checkpoint);
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

    /**
     * Draws two numbers at a time by the Box–Muller transform (Box and Muller, "A note on the generation of random normal deviates",
     * 1958).
     */
    private static void fillNormal(double[] y, double mean, double stddev, RandomGenerator random) {
        for (int i = 0; i < y.length; i += 2) {
            double radius = stddev * Math.sqrt(-2 * Logarithm.log(1 - unit(random)));
            double angle = 2 * Math.PI * unit(random);
            y[i] = mean + radius * Circular.cos(angle);
            if (i + 1 < y.length) {
                y[i + 1] = mean + radius * Circular.sin(angle);
            }
        }
    }

    /**
     * Makes the rows, or the columns if there are more rows than columns, orthogonal vectors of length {@code gain}, by a QR
     * decomposition of normally distributed numbers. The first axis counts the rows.
     */
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

    /** Returns a multiple of 2⁻⁵³ that is at least 0 and less than 1. */
    private static double unit(RandomGenerator random) {
        return (random.nextLong() >>> 11) * 0x1p-53;
    }
}
