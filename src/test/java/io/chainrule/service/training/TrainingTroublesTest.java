package io.chainrule.service.training;

import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.inputs;
import static io.chainrule.service.program.TestService.withRemarks;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.service.diagnostics.KoreanText;
import io.chainrule.core.language.Language;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.network.Networks;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Metric;
import io.chainrule.core.training.TrainingTrouble;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Draining;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Turns;
import io.chainrule.service.run.Query;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.support.GenericApplicationContext;

/** Trainings with and without each trouble, and what is said of them: all that is there, and nothing else. */
class TrainingTroublesTest {
    private static final String NONE = "";
    /** So near to the bound that either may be said. */
    private static final String OPEN = "open";
    private static final Set<String> KINDS = Arrays.stream(TrainingTrouble.Kind.values()).map(TrainingTrouble.Kind::id)
            .collect(Collectors.toSet());

    static TrainingCall train(Query query, int epochs, String optimizer, Map<String, Object> options) {
        return new TrainingCall(query, new TrainingCall.Part(optimizer, options), new TrainingCall.Part("constant", Map.of()), epochs, null,
                null, 0, null, null, List.of(), null, null, null);
    }

    static TrainingCall sgd(Query query, int epochs, double rate) {
        return train(query, epochs, "sgd", Map.of("lr", rate));
    }

    static TrainingCall with(TrainingCall call, @Nullable Integer batch, @Nullable Map<String, Tensor> validation,
            Metric... metrics) {
        return new TrainingCall(call.query(), call.optimizer(), call.schedule(), call.epochs(), call.steps(), batch, call.shuffleSeed(),
                call.clipNorm(), validation, List.of(metrics), call.prediction(), call.target(), call.earlyStopping());
    }

    static TrainingCall clipped(TrainingCall call, double norm) {
        return new TrainingCall(call.query(), call.optimizer(), call.schedule(), call.epochs(), call.steps(), call.batchSize(),
                call.shuffleSeed(), norm, call.validation(), call.metrics(), call.prediction(), call.target(), call.earlyStopping());
    }

    /** A parabola with these curvatures. */
    private static Query parabola(double... curvatures) {
        double[] start = new double[curvatures.length];
        Arrays.fill(start, 1);
        return wrt(call("f = 0.5 * sum(c * w^2)", "c", curvatures, "w", start), "w");
    }

    /** The same with a least value of 1. */
    private static Query above(double... curvatures) {
        double[] start = new double[curvatures.length];
        Arrays.fill(start, 1);
        return wrt(call("f = 1 + 0.5 * sum(c * w^2)", "c", curvatures, "w", start), "w");
    }

    private static Query line(int samples, double noise) {
        Random random = new Random(3);
        double[] x = new double[samples];
        double[] y = new double[samples];
        for (int i = 0; i < samples; i++) {
            x[i] = random.nextGaussian();
            y[i] = 2 * x[i] - 1 + noise * random.nextGaussian();
        }
        return batch(wrt(call("f = (w * x + b - y)^2", "w", 0, "b", 0, "x", x, "y", y), "w", "b"), Signature.Reduction.NONE, "x", "y");
    }

    static Stream<Arguments> diverging() {
        return DoubleStream.of(0.5, 0.9, 0.99, 0.999, 1.0, 1.01, 1.05, 1.2, 2, 10).boxed().flatMap(part -> {
            String told = part > 1.02 ? "divergence w" : NONE;
            double bound = 2 / 10.0 * part;
            return Stream.of(
                    Arguments.of(sgd(above(10, 1, 0.1), 200, bound),
                            part == 1.01 ? "divergence w" : part > 0.95 && part < 1.005 ? OPEN : told),
                    Arguments.of(train(above(10, 1), 300, "sgd", Map.of("lr", bound * 1.9, "momentum", 0.9)),
                            part >= 1.01 ? "divergence w" : part > 0.95 ? OPEN : "plateau null"),
                    Arguments.of(train(above(10, 1), 300, "sgd", Map.of("lr", bound * 1.9 / 2.8, "momentum", 0.9, "nesterov", true)),
                            part >= 1.01 ? "divergence w" : part > 0.95 ? OPEN : "plateau null"));
        });
    }

    static Query network(int samples, int units, String activation, double noise, double bias) {
        Random random = new Random(11);
        double[][] x = new double[samples][2];
        double[][] y = new double[samples][1];
        for (int i = 0; i < samples; i++) {
            Arrays.setAll(x[i], _ -> random.nextGaussian());
            y[i][0] = Math.sin(x[i][0]) + x[i][1] + noise * random.nextGaussian();
        }
        NetworkSpec spec = Networks.network(Shape.of(2), new LossSpec("mse", "y", Map.of()),
                Networks.layer("dense", "h", Map.of("units", units, "activation", activation)),
                Networks.layer("dense", "out", Map.of("units", 1)));
        Tensor biases = Tensor.full(Shape.of(units), bias);
        return query(spec, inputs("x", x, "y", y), bias == 0 ? Map.of() : Map.of("h.bias", biases));
    }

    private static Query query(NetworkSpec spec, Map<String, Tensor> data, Map<String, Tensor> parameters) {
        return new Query(new Source.Network(spec, InitializerSpec.DEFAULT, false, 0), data, parameters, 5, null, null,
                new Signature.NodeSelection.All(), Signature.Batch.NONE, Signature.GateForm.Whole.AS_WRITTEN, false, Set.of(),
                Transformation.Remarks.ALL);
    }

    static Map<String, Tensor> validation(int samples) {
        Random random = new Random(12);
        double[][] x = new double[samples][2];
        double[][] y = new double[samples][1];
        for (int i = 0; i < samples; i++) {
            Arrays.setAll(x[i], _ -> random.nextGaussian());
            y[i][0] = Math.sin(x[i][0]) + x[i][1] + random.nextGaussian();
        }
        return inputs("x", x, "y", y);
    }

    private static Query classes(double offset) {
        Random random = new Random(4);
        double[][] x = new double[60][2];
        double[] y = new double[60];
        for (int i = 0; i < 60; i++) {
            y[i] = i % 10 == 0 ? 1 : 0;
            Arrays.setAll(x[i], _ -> random.nextGaussian());
            x[i][0] += offset * y[i];
        }
        NetworkSpec spec = Networks.network(Shape.of(2), new LossSpec("cross_entropy", "y", Map.of()),
                new LayerSpec("dense", "out", Map.of("units", 2), List.of(), null));
        return query(spec, inputs("x", x, "y", y),
                Map.of("out.weight", Tensor.zeros(Shape.of(2, 2)), "out.bias", Tensor.vector(1, 0)));
    }

    static Stream<Arguments> others() {
        Query flat = wrt(call("f = relu(w - 5) + 1", "w", 1), "w");
        Query noisy = line(64, 1);
        return Stream.of(Arguments.of(sgd(line(64, 0.1), 40, 0.1), NONE),
                Arguments.of(with(sgd(line(64, 0.1), 60, 0.1), 64, null), "plateau null"), Arguments.of(sgd(line(64, 0.1), 6, 0.1), NONE),
                Arguments.of(sgd(line(64, 0.1), 40, 3), "divergence ?"), Arguments.of(sgd(line(64, 0.1), 40, 1e-5), "small-steps null"),
                Arguments.of(sgd(line(64, 0.1), 40, 1e-3), NONE),
                Arguments.of(train(line(64, 0.1), 40, "adam", Map.of("lr", 1e-5)), "small-steps null"),
                Arguments.of(train(line(64, 0.1), 15, "adam", Map.of("lr", 0.1)), NONE),
                Arguments.of(sgd(parabola(1), 40, 1e-4), "small-steps null"), Arguments.of(sgd(parabola(1), 40, 1e-2), NONE),
                Arguments.of(sgd(parabola(1), 40, 0.5), NONE), Arguments.of(sgd(parabola(1), 10, 1e-4), NONE),
                Arguments.of(sgd(above(1), 40, 0.5), "plateau null"), Arguments.of(sgd(above(1), 12, 0.5), NONE),
                Arguments.of(sgd(above(100), 40, 1e-6), "small-steps null"), Arguments.of(sgd(above(1), 40, 0.05), NONE),
                Arguments.of(clipped(sgd(above(10), 40, 0.4), 0.01), NONE), Arguments.of(sgd(flat, 40, 0.1), "plateau null"),
                Arguments.of(sgd(wrt(call("f = -w^2", "w", 1), "w"), 40, 0.1), NONE),
                Arguments.of(sgd(wrt(call("f = w^4", "w", 1), "w"), 60, 0.9), "divergence w"),
                Arguments.of(sgd(wrt(call("f = w^4", "w", 1), "w"), 60, 0.1), NONE),
                Arguments.of(sgd(wrt(call("f = w^4", "w", 1), "w"), 60, 0.4), NONE),
                Arguments.of(sgd(wrt(call("f = w^4", "w", 3), "w"), 60, 0.5), "divergence w"),
                Arguments.of(sgd(wrt(call("f = exp(w)", "w", 0), "w"), 60, 0.1), NONE),
                Arguments.of(with(sgd(noisy, 30, 0.02), 8, null), "plateau null"), Arguments.of(with(sgd(noisy, 5, 0.02), 8, null), NONE),
                Arguments.of(with(sgd(noisy, 30, 3), 8, null), "divergence ?"),
                Arguments.of(with(sgd(network(12, 60, "tanh", 1, 0), 600, 0.1), 12, validation(60)), "over-fitting null"),
                Arguments.of(with(sgd(network(12, 60, "tanh", 1, 0), 4, 0.1), 12, validation(60)), NONE),
                Arguments.of(with(sgd(network(200, 4, "tanh", 1, 0), 20, 0.1), 50, validation(200)), "plateau null"),
                Arguments.of(sgd(network(64, 16, "relu", 0.1, 0), 60, 0.01), NONE),
                Arguments.of(train(network(64, 16, "relu", 0.1, 0), 60, "adam", Map.of("lr", 3)), "?dying-units h"),
                Arguments.of(sgd(network(64, 16, "leaky_relu", 0.1, 0), 60, 0.01), NONE),
                Arguments.of(sgd(network(64, 16, "relu", 0.1, -50), 60, 0.01), "dead-units h"),
                Arguments.of(with(sgd(classes(0), 30, 0.01), 60, null, Metric.ACCURACY), "small-steps null"),
                Arguments.of(with(sgd(classes(0), 60, 0.1), 60, null, Metric.ACCURACY), "still-metric accuracy"),
                Arguments.of(with(sgd(classes(5), 200, 0.5), 60, null, Metric.ACCURACY), NONE),
                Arguments.of(with(sgd(line(64, 0.1), 12, 0.1), 64, null), NONE), Arguments.of(sgd(parabola(5, 1), 10, 0.1), NONE),
                Arguments.of(sgd(parabola(5, 1), 60, 0.1), NONE), Arguments.of(sgd(above(5, 1), 60, 0.6), "divergence w"));
    }

    /** Usual optimizers at usual rates, while they still make progress. */
    static Stream<Arguments> healthy() {
        Map<String, Map<String, Object>> rates = new LinkedHashMap<>();
        rates.put("sgd", Map.of("lr", 0.05));
        rates.put("sgd momentum", Map.of("lr", 0.02, "momentum", 0.9));
        rates.put("rmsprop", Map.of("lr", 0.02));
        rates.put("adam", Map.of("lr", 0.05));
        rates.put("adamw", Map.of("lr", 0.05));
        rates.put("adagrad", Map.of("lr", 0.2));
        return rates.entrySet().stream().flatMap(rate -> Stream
                .of(parabola(3, 1), line(64, 0.1), network(64, 8, "tanh", 0.1, 0), network(64, 8, "relu", 0.1, 0.1), wrt(
                        call("f = (w - 3)^2 * (w + 3)^2 + w", "w", 1), "w"))
                .map(query -> Arguments
                        .of(train(query, query.source() instanceof Source.Network ? 12 : 10, rate.getKey().replace(" momentum", ""),
                                rate.getValue()), NONE)));
    }

    static TrainingService service() {
        Limits limits = TestService.limits();
        Budget budget = new Budget(limits);
        return new TrainingService(TestService.functions(limits, budget), new Admission(limits, budget, new Turns(limits)),
                new Draining(new GenericApplicationContext(), Duration.ZERO));
    }

    static List<Diagnostic> told(TrainingCall call) {
        return service().train(call, TrainingCall.Progress.NONE).diagnostics().stream().filter(d -> KINDS.contains(d.kind())).toList();
    }

    static Stream<Arguments> all() {
        return Stream.of(diverging(), others(), healthy()).flatMap(rows -> rows);
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatIsSaidIsThere(TrainingCall call, String expected) {
        List<Diagnostic> told = told(call);
        List<String> kinds = told.stream().map(d -> d.kind() + " " + d.node()).toList();
        if (expected.startsWith("?")) {
            assertThat(kinds).contains(expected.substring(1));
        } else if (!expected.equals(OPEN)) {
            assertThat(kinds).hasSize(expected.isEmpty() ? 0 : 1).allMatch(kind -> kind.startsWith(expected.replace("?", "")));
        }
        assertThat(told).allSatisfy(d -> {
            assertThat(d.numbers()).containsKey("step");
            assertThat(d.numbers().values()).allMatch(Double::isFinite);
            assertThat(d.remedy(Language.EN)).endsWith(".");
        });
        KoreanText.check(told);
    }

    static double number(Diagnostic diagnostic, String name) {
        return Objects.requireNonNull(diagnostic.numbers().get(name), name);
    }

    @Test
    void thereAreAtLeastAHundredTrainings() {
        assertThat(all().count()).isGreaterThanOrEqualTo(100);
    }

    @Test
    void theLargestStableRateIsThatOfTheLargestCurvature() {
        Diagnostic told = told(sgd(above(10, 3, -2), 200, 0.25)).getFirst();
        assertThat(number(told, "stable_rate")).isCloseTo(0.2, within(0.002));
        assertThat(told.message(Language.EN)).contains("stay bounded up to a rate of about 0.2");
        Diagnostic momentum = told(train(above(10, 3), 200, "sgd", Map.of("lr", 0.5, "momentum", 0.9))).getFirst();
        assertThat(number(momentum, "stable_rate")).isCloseTo(0.38, within(0.004));
    }

    @Test
    void anOptimizerWithoutAKnownBoundIsToldOfWithoutOne() {
        assertThat(told(train(above(10, 3), 200, "sgd", Map.of("lr", 0.9, "momentum", 0.5, "dampening", 0.1)))).singleElement()
                .satisfies(d -> assertThat(d.numbers()).doesNotContainKey("stable_rate"));
    }

    @Test
    void aDivergenceIsToldWhenItBegins() {
        LiveTroubles live = new LiveTroubles();
        service().train(sgd(above(10), 400, 0.25), live);
        assertThat(live.found).singleElement().satisfies(d -> assertThat(d.message(Language.EN)).startsWith("from step 1 on the loss grows")
                .contains("up to a rate of about 0.2"));
        assertThat(live.steps.getFirst()).isLessThan(20);
    }

    @Test
    void nothingIsSaidWhereNothingIsWanted() {
        TrainingCall call = sgd(withRemarks(Transformation.Remarks.NONE, above(10)), 200, 0.3);
        assertThat(service().train(call, TrainingCall.Progress.NONE).diagnostics()).isEmpty();
    }
}
