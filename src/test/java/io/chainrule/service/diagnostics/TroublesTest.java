package io.chainrule.service.diagnostics;

import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.gradient;
import static io.chainrule.service.program.TestService.inputs;
import static io.chainrule.service.program.TestService.nodes;
import static io.chainrule.service.program.TestService.output;
import static io.chainrule.service.program.TestService.vector;
import static io.chainrule.service.program.TestService.withRemarks;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.language.Language;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.Trouble;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.network.Networks;
import io.chainrule.core.op.Cautions;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs with and without each trouble, and what is said of them: all that is there, and nothing else. */
class TroublesTest {
    private static final String NONE = "";
    private static final Set<String> KINDS = Arrays.stream(Trouble.Kind.values()).map(Trouble.Kind::id).collect(Collectors.toSet());

    static Stream<Arguments> all() {
        return Stream.of(chains(), deepNetworks(), deadUnits(), saturated(), cancelling(), cancellingGradients(), solving(), normalized(),
                labels(), sums()).flatMap(rows -> rows);
    }

    private static Arguments row(Query query, String expected) {
        return Arguments.of(query, expected);
    }

    private static Query loop(String body, int times, Object... inputs) {
        return call("h = x\nfor i in 0:" + times + ":\n  h = " + body + "\nf = h * 1", inputs);
    }

    private static Stream<Arguments> chains() {
        double[][] turn = {{0.6, -0.8}, {0.8, 0.6}};
        String rnn = "h = x\nfor i in 0:%d:\n  h = tanh(%s * (W @ h))\nf = sum(h)";
        String many = "h = x\nf = 0\nfor i in 0:60:\n  h = h + x\n  f = f + h * 0.1";
        return Stream.of(row(loop("h * 2", 20, "x", 1), "exploding-gradient h_2"),
                row(loop("h * 0.5", 20, "x", 1), "vanishing-gradient h_2"),
                row(loop("h * 0.9", 120, "x", 1), "vanishing-gradient h_2"), row(loop("h * 1.1", 20, "x", 1), NONE),
                row(loop("h * 1.1", 120, "x", 1), "exploding-gradient h_2"), row(loop("h * 1", 120, "x", 1), NONE),
                row(loop("h * -1", 120, "x", 1), NONE), row(loop("h * 2", 4, "x", 1), NONE), row(loop("h * 0.5", 4, "x", 1), NONE),
                row(loop("h * 1000", 2, "x", 1), NONE), row(loop("h * 0.001", 3, "x", 1), NONE), row(loop("h + 1", 200, "x", 1), NONE),
                row(loop("sin(h)", 100, "x", 0.5), NONE), row(loop("cos(h)", 40, "x", 0.5), "vanishing-gradient h_2"),
                row(loop("4 * h * (1 - h)", 40, "x", 0.3), "exploding-gradient h_4"),
                row(loop("2.9 * h * (1 - h)", 8, "x", 0.4), NONE),
                row(loop("2.5 * h * (1 - h)", 40, "x", 0.4), "vanishing-gradient h_2"),
                row(loop("tanh(2 * h)", 3, "x", 0.01), NONE), row(loop("sigmoid(h)", 12, "x", 0.5), "vanishing-gradient h_2"),
                row(loop("sigmoid(4 * h - 2)", 12, "x", 0.5), NONE), row(loop("exp(0.1 * h)", 12, "x", 0.5), "vanishing-gradient h_2"),
                row(loop("(h + 2 / h) / 2", 6, "x", 1), NONE), row(loop("relu(h)", 50, "x", 1), NONE),
                row(loop("relu(3 * h)", 50, "x", 1), "exploding-gradient h_2"),
                row(call("h = x\nfor i in 0:12:\n  h = h * 0.1\n  h = h * 10\nf = h + 0", "x", 1), NONE),
                row(call(many, "x", 1), NONE),
                row(call("x = a\nfor i in range(8):\n  x = (x + a / x) / 2\nf = x", "a", 2), NONE),
                row(call("x = a\nfor i in range(11):\n  x = (x + a / x) / 2\nf = x", "a", 2), NONE),
                row(loop("3.9 * h * (1 - h)", 50, "x", 0.3), "exploding-gradient h_2"),
                row(call("f = 0\nfor i in 0:80:\n  f = f + x * i", "x", 1), NONE),
                row(call(rnn.formatted(30, "1.5"), "x", vector(1e-9, 2e-9), "W", turn), "exploding-gradient h_2"),
                row(call(rnn.formatted(30, "0.5"), "x", vector(1e-3, 2e-3), "W", turn), "vanishing-gradient h_2"),
                row(call(rnn.formatted(30, "1.0"), "x", vector(1e-6, 2e-6), "W", turn), NONE),
                row(call(rnn.formatted(4, "0.5"), "x", vector(1e-3, 2e-3), "W", turn), NONE),
                row(nodes(call(rnn.formatted(30, "0.5"), "x", vector(1e-3, 2e-3), "W", turn), new Signature.NodeSelection.None()),
                        "vanishing-gradient h_2"),
                row(batch(call("h = x\nfor i in 0:20:\n  h = h * w\nf = h * 1", "x", vector(1, 2, 3), "w", 2), Signature.Reduction.MEAN,
                        "x"),
                        "exploding-gradient h_2"),
                row(call("h = x\nfor i in 0:20:\n  h = h + tanh(0.1 * h)\nf = h * 1", "x", 1), NONE));
    }

    private static Query network(int samples, String loss, Map<String, Object> options, Map<String, Tensor> parameters,
            LayerSpec... layers) {
        Random random = new Random(7);
        double[][] x = new double[samples][4];
        double[][] y = new double[samples][1];
        for (int i = 0; i < samples; i++) {
            Arrays.setAll(x[i], _ -> random.nextGaussian());
            y[i][0] = random.nextBoolean() ? 1 : 0;
        }
        NetworkSpec spec = Networks.network(Shape.of(4), new LossSpec(loss, "y", options), layers);
        return new Query(new Source.Network(spec, InitializerSpec.DEFAULT, false, 0), inputs("x", x, "y", y), parameters, 3, null, null,
                new Signature.NodeSelection.All(), Signature.Batch.NONE, Signature.GateForm.Whole.AS_WRITTEN, false, Set.of(),
                Transformation.Remarks.ALL);
    }

    private static LayerSpec dense(String name, int units, String activation) {
        return Networks.layer("dense", name,
                activation.isEmpty() ? Map.of("units", units) : Map.of("units", units, "activation", activation));
    }

    private static Query deep(int layers, String activation, double scale) {
        Random random = new Random(1);
        List<LayerSpec> all = new ArrayList<>();
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        for (int i = 1; i <= layers; i++) {
            all.add(dense("h" + i, 16, activation));
            Tensor weight = Tensor.zeros(Shape.of(i == 1 ? 4 : 16, 16));
            Arrays.setAll(weight.data(), _ -> scale * random.nextGaussian() / Math.sqrt(weight.shape().dim(0)));
            parameters.put("h" + i + ".weight", weight);
        }
        all.add(dense("out", 1, ""));
        return network(32, "mse", Map.of(), parameters, all.toArray(LayerSpec[]::new));
    }

    private static Stream<Arguments> deepNetworks() {
        return Stream.of(row(deep(8, "sigmoid", 1), "vanishing-gradient h1"), row(deep(2, "sigmoid", 1), NONE),
                row(deep(12, "tanh", 0.3), "vanishing-gradient h1"), row(deep(6, "tanh", 1), NONE),
                row(deep(12, "leaky_relu", 4), "exploding-gradient h1"), row(deep(10, "leaky_relu", Math.sqrt(2)), NONE),
                row(deep(3, "leaky_relu", 4), NONE), row(deep(12, "leaky_relu", 0.4), "vanishing-gradient h1"),
                row(deep(4, "tanh", 0.9), NONE));
    }

    /** A hidden layer of 6 units, of which {@code dead} have a bias that no sample outweighs. */
    private static Query relus(int samples, int dead, String activation) {
        double[] bias = new double[6];
        Arrays.fill(bias, 0, dead, -100);
        Arrays.fill(bias, dead, 6, 0.5);
        return network(samples, "mse", Map.of(), Map.of("h.bias", Tensor.vector(bias)), dense("h", 6, activation), dense("out", 1, ""));
    }

    private static Query opened(Query query) {
        return new Query(query.source(), query.inputs(), query.parameters(), query.initializerSeed(), null, null, query.nodes(),
                query.batch(),
                Signature.GateForm.Whole.EXPAND, false, Set.of(), Transformation.Remarks.ALL);
    }

    private static Query kernels(int dead) {
        Random random = new Random(2);
        Tensor x = Tensor.zeros(Shape.of(12, 1, 5, 5));
        Arrays.setAll(x.data(), _ -> random.nextGaussian());
        Tensor bias = Tensor.zeros(Shape.of(4));
        Arrays.setAll(bias.data(), i -> i < dead ? -100 : 0.1);
        NetworkSpec spec = Networks.network(Shape.of(1, 5, 5), new LossSpec("mse", "y", Map.of()),
                Networks.layer("conv2d", "c", Map.of("filters", 4, "kernel_size", 3, "activation", "relu")),
                Networks.layer("flatten", "flat", Map.of()), dense("out", 1, ""));
        return new Query(new Source.Network(spec, InitializerSpec.DEFAULT, false, 0), inputs("x", x, "y", new double[12][1]),
                Map.of("c.bias", bias), 3, null, null, new Signature.NodeSelection.All(), Signature.Batch.NONE,
                Signature.GateForm.Whole.AS_WRITTEN, false, Set.of(), Transformation.Remarks.ALL);
    }

    private static Query neurons(int samples, double bias, Signature.Reduction reduction) {
        return neurons("relu(W @ x + b)", samples, bias, reduction);
    }

    private static Query neurons(String layer, int samples, double bias, Signature.Reduction reduction) {
        Random random = new Random(3);
        double[][] x = new double[samples][2];
        for (double[] sample : x) {
            Arrays.setAll(sample, _ -> random.nextGaussian());
        }
        return batch(
                call("h = " + layer + "\nf = sum(h^2)", "W", new double[][]{{1, 0.5}, {-1, 1}, {0.3, 2}}, "b", vector(bias, 1, 1), "x",
                        x),
                reduction, "x");
    }

    private static Query notebook(String layer, double bias) {
        Random random = new Random(4);
        double[][] x = new double[20][2];
        for (double[] sample : x) {
            Arrays.setAll(sample, _ -> random.nextGaussian());
        }
        return call("h = " + layer + "\nloss = mean((h @ v - 1)^2)", "X", x, "W", new double[][]{{1, 0.5, 1}, {-1, 1, 0.3}}, "b",
                vector(0, bias, 0), "v", vector(1, 2, 3));
    }

    private static Stream<Arguments> deadUnits() {
        return Stream.of(row(relus(32, 0, "relu"), NONE), row(relus(32, 1, "relu"), "dead-units h"),
                row(relus(12, 3, "relu"), "dead-units h"),
                row(relus(32, 5, "relu"), "dead-units h"), row(relus(32, 6, "relu"), NONE), row(relus(5, 3, "relu"), NONE),
                row(relus(32, 3, "leaky_relu"), NONE), row(relus(32, 3, "elu"), NONE), row(relus(32, 3, "relu6"), "dead-units h"),
                row(opened(relus(32, 2, "relu")), "dead-units h"), row(opened(relus(32, 0, "relu")), NONE), row(kernels(0), NONE),
                row(kernels(2), "dead-units c"), row(neurons(16, -50, Signature.Reduction.MEAN), "dead-units h"),
                row(neurons(16, -50, Signature.Reduction.NONE), "dead-units h"), row(neurons(16, 1, Signature.Reduction.MEAN), NONE),
                row(neurons(4, -50, Signature.Reduction.MEAN), NONE),
                row(neurons("maximum(W @ x + b, 0)", 16, -50, Signature.Reduction.MEAN), "dead-units h"),
                row(neurons("max(0, W @ x + b)", 16, -50, Signature.Reduction.NONE), "dead-units h"),
                row(neurons("minimum(0, W @ x - b)", 16, -50, Signature.Reduction.MEAN), "dead-units h"),
                row(neurons("maximum(W @ x + b, 0)", 16, 1, Signature.Reduction.MEAN), NONE),
                row(neurons("maximum(W @ x + b, 0.5)", 16, -50, Signature.Reduction.MEAN), NONE),
                row(neurons("maximum(0 * (W @ x) + [0, 1, 1], 0)", 16, 0, Signature.Reduction.MEAN), NONE),
                row(wrt(notebook("relu(X @ W + b)", -50), "W", "b", "v"), "dead-units h"),
                row(wrt(notebook("maximum(0, X @ W + b)", -50), "W", "b", "v"), "dead-units h"),
                row(wrt(notebook("relu(X @ W + b)", 0.1), "W", "b", "v"), NONE),
                row(call("f = sum(relu(W @ x))", "W", new double[][]{{1, 1}, {-1, -1}}, "x", vector(1, 1)), NONE));
    }

    private static Query tanhs(int samples, double scale, String hidden, String last) {
        Tensor weight = Tensor.zeros(Shape.of(4, 5));
        Random random = new Random(5);
        Arrays.setAll(weight.data(), i -> random.nextGaussian() * (i % 5 == 0 ? 0.3 : 1));
        double[] bias = {0, scale, scale, -scale, 0};
        return network(samples, last.equals("sigmoid") ? "binary_cross_entropy" : "mse", Map.of(),
                Map.of("h.weight", weight, "h.bias", Tensor.vector(bias)), dense("h", 5, hidden), dense("out", 1, last));
    }

    private static Stream<Arguments> saturated() {
        double[][] large = {{30, 20}, {-25, 10}, {9, 18}, {11, -40}};
        String layer = "h = tanh(W @ x)\nf = sum((V @ h)^2)";
        double[][] next = {{1, 1, 1, 1}};
        return Stream.of(row(tanhs(32, 0, "tanh", ""), NONE), row(tanhs(32, 40, "tanh", ""), "saturated-units h"),
                row(tanhs(32, 40, "sigmoid", ""), "saturated-units h"), row(tanhs(32, 0.5, "sigmoid", ""), NONE),
                row(tanhs(32, 40, "softsign", ""), NONE), row(tanhs(32, 1000, "softsign", ""), "saturated-units h"),
                row(tanhs(3, 40, "tanh", ""), "saturated-units h"), row(tanhs(32, 40, "relu", "sigmoid"), "dead-units h"),
                row(tanhs(32, 0, "tanh", "sigmoid"), NONE), row(call(layer, "W", large, "V", next, "x", vector(1, 2)), "saturated-units h"),
                row(call(layer, "W", large, "V", next, "x", vector(0.01, 0.02)), NONE),
                row(call("p = sigmoid(w * x)\nf = -log(p)", "w", 20, "x", 1), NONE),
                row(call("p = sigmoid(W @ x)\nf = binary_cross_entropy(p, [1, 0, 1, 1])", "W", large, "x", vector(1, 0.2)), NONE));
    }

    private static Stream<Arguments> cancelling() {
        double third = 1.0 / 3;
        return Stream.of(row(call("f = exp(x) - 1", "x", 1e-10), "cancellation f"), row(call("f = expm1(x)", "x", 1e-10), NONE),
                row(call("f = exp(x) - 1", "x", 1e-3), NONE), row(call("f = exp(x) - 1", "x", 2), NONE),
                row(call("f = 1 - cos(x)", "x", 1.1e-6), "cancellation f"), row(call("f = 2 * sin(x / 2)^2", "x", 1.1e-6), NONE),
                row(call("f = sqrt(x + 1) - sqrt(x)", "x", 1.2345e12), "cancelling-gradient x, cancellation f"),
                row(call("f = 1 / (sqrt(x + 1) + sqrt(x))", "x", 1.2345e12), NONE),
                row(call("f = sqrt(x + 1) - sqrt(x)", "x", 12.3), NONE), row(call("f = x - 1", "x", 1 + 1e-10), NONE),
                row(call("f = x - y", "x", third, "y", third + 1e-12), NONE),
                row(call("f = 2 * x - y", "x", third, "y", 2 * third + 1e-12), NONE),
                row(call("f = x * x - y * y", "x", 1e8 + third, "y", 1e8), "cancellation f"),
                row(call("f = (x - y) * (x + y)", "x", 1e8 + third, "y", 1e8), NONE),
                row(call("f = x * x - y * y", "x", 1000001, "y", 1000000), NONE),
                row(call("f = (x + y) - y", "x", third * 1e-9, "y", 1), "cancellation f"),
                row(call("f = (x + y) - y", "x", 1, "y", 1e9), NONE),
                row(call("f = (x + y) - y", "x", third, "y", 1), NONE),
                row(call("f = log(x) - log(y)", "x", 5.1, "y", 5.1 + 1e-11), "cancellation f"),
                row(call("f = log(x / y)", "x", 5.1, "y", 5.1 + 1e-11), NONE),
                row(call("f = sin(x) - x", "x", 1e-5), "cancellation f, cancelling-gradient x"),
                row(call("f = tanh(x) - x", "x", 0.5), NONE), row(call("f = x - x", "x", third), NONE),
                row(call("f = exp(x) - exp(x)", "x", third), NONE),
                row(call("f = cosh(x) - sinh(x)", "x", 20), "cancellation f"),
                row(call("f = mean(x^2) - mean(x)^2", "x", vector(100000001.1, 100000002.2, 100000003.3)), "cancellation f"),
                row(call("f = mean((x - mean(x))^2)", "x", vector(100000001.1, 100000002.2, 100000003.3)), NONE),
                row(call("f = exp(2 * x) - exp(2 * x)", "x", third), NONE), row(call("f = exp(x) - 1", "x", 0), NONE),
                row(call("f = abs(x) - x", "x", 0.3), NONE),
                row(call("f = max(x) - x[0]", "x", vector(1, 1 + 1e-12)), NONE),
                row(call("f = maximum(x, y) - y", "x", third, "y", third - 1e-12), NONE),
                row(call("d = exp(x) - [1, 1]\nf = sum(d)", "x", vector(1e-11, 3e-11)), "cancellation d"),
                row(call("d = exp(x) - [1, 1]\nf = sum(d^2)", "x", vector(1e-11, 1)), NONE),
                row(call("f = sum(exp(x) * [1, -1])", "x", vector(0.3, 0.3 + 1e-12)), "cancellation f"),
                row(call("f = sum(x * [1, -1])", "x", vector(0.3, 0.3 + 1e-12)), NONE),
                row(call("f = sum(exp(x))", "x", vector(0.3, 0.4)), NONE),
                row(call("f = cosh(x)^2 - sinh(x)^2", "x", 12.3), "cancellation f"), row(call("f = cosh(x)^2 - sinh(x)^2", "x", 1.3), NONE),
                row(call("f = pow(x, 0.5) - y", "x", 2, "y", Math.sqrt(2) + 1e-13), "cancellation f"),
                row(call("f = sqrt(x) - 2", "x", 4 + 1e-10), "cancellation f"), row(call("f = sqrt(x) - 2", "x", 4.5), NONE),
                row(call("f = x / 4 - y", "x", third, "y", third / 4 + 1e-13), NONE),
                row(call("f = x / 11 - y", "x", third, "y", third / 11 + 1e-13), "cancellation f"));
    }

    private static Stream<Arguments> cancellingGradients() {
        return Stream.of(row(call("f = exp(x) - x", "x", 1e-10), "cancelling-gradient x"), row(call("f = exp(x) - x", "x", 0.5), NONE),
                row(call("f = expm1(x) - x", "x", 0.5), NONE), row(call("f = (x - 3)^2", "x", 3 + 1e-10), NONE),
                row(call("f = x^2 - 6 * x", "x", 3 + 1e-10), NONE), row(call("f = x * 3 - x * 3", "x", 0.1), NONE),
                row(call("f = sin(x) - x", "x", 1.3e-5), "cancellation f, cancelling-gradient x"),
                row(call("f = sin(x) + cos(x)", "x", Math.PI / 4 + 1e-10), "cancelling-gradient x"),
                row(call("f = sin(x) + cos(x)", "x", 0.5), NONE),
                row(call("f = (x * 1e17) / (x * 3) + x", "x", 1.3), "cancelling-gradient x"),
                row(call("f = log(x) / ((x + 3) - (x + 0.5))", "x", 1e9), NONE));
    }

    private static double[] filled(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static double[][] hilbert(int n) {
        double[][] a = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                a[i][j] = 1.0 / (i + j + 1);
            }
        }
        return a;
    }

    private static Stream<Arguments> solving() {
        String solve = "y = solve(A, b)\nf = sum(y)";
        String inverse = "y = inv(A)\nf = sum(y)";
        double[] ones = filled(10);
        double[][] near = {{1, 1}, {1, 1 + 1e-10}};
        double[][] scaled = {{1, 0}, {0, 1e-13}};
        double[][] rows = {{1, 2}, {3e-12, 1e-12}};
        return Stream.of(row(call(solve, "A", hilbert(3), "b", vector(1, 1, 1)), NONE),
                row(call(solve, "A", hilbert(10), "b", ones), "ill-conditioned y"),
                row(call(inverse, "A", hilbert(4)), NONE), row(call(inverse, "A", hilbert(9)), "ill-conditioned y"),
                row(call(solve, "A", near, "b", vector(1, 2)), "ill-conditioned y"), row(call(solve, "A", scaled, "b", vector(1, 2)), NONE),
                row(call(solve, "A", rows, "b", vector(1, 2)), NONE), row(call(inverse, "A", scaled), NONE),
                row(call(inverse, "A", near), "ill-conditioned y"),
                row(call("i = arange(80)\nA = exp(-((i[:, None] - i[None, :]) / 20)^2)\ny = solve(A, b)\nf = sum(y)", "b", filled(80)),
                        "ill-conditioned y"),
                row(call(solve, "A", new double[][]{{2, 1}, {1, 3}}, "b", vector(1, 2)), NONE),
                row(call(solve, "A", near, "b", new double[][]{{1, 0}, {2, 1}}), "ill-conditioned y"),
                row(call("y = solve(A + 0.1 * eye(n=10), b)\nf = sum(y)", "A", hilbert(10), "b", ones), NONE),
                row(nodes(call(solve, "A", near, "b", vector(1, 2)), new Signature.NodeSelection.None()), "ill-conditioned y"));
    }

    private static Query classes(String output, String loss, Map<String, Object> options) {
        NetworkSpec spec = Networks.network(Shape.of(2), new LossSpec(loss, "y", options), dense("out", 3, output));
        return new Query(new Source.Network(spec, InitializerSpec.DEFAULT, false, 0),
                inputs("x", new double[][]{{1, 2}, {0, 1}, {3, 1}}, "y", vector(0, 2, 1)), Map.of(), 3, null, null,
                new Signature.NodeSelection.All(), Signature.Batch.NONE, Signature.GateForm.Whole.AS_WRITTEN, false, Set.of(),
                Transformation.Remarks.ALL);
    }

    private static Stream<Arguments> normalized() {
        double[] x = vector(1, 2, 0.5);
        double[][] rows = {{1, 2, 0.5}, {0, 1, 1}};
        return Stream.of(row(call("f = cross_entropy(softmax(x), 1)", "x", x), "already-normalized f"),
                row(call("p = softmax(x)\nf = cross_entropy(p, [0, 1, 0])", "x", x), "already-normalized f"),
                row(call("f = cross_entropy(x, 1)", "x", x), NONE), row(call("f = cross_entropy(log_softmax(x), 1)", "x", x), NONE),
                row(call("f = cross_entropy(5 * softmax(x), 1)", "x", x), NONE), row(call("f = nll_loss(log_softmax(x), 1)", "x", x), NONE),
                row(call("f = cross_entropy(softmax(x, axis=1), [0, 1])", "x", rows), "already-normalized f"),
                row(call("f = cross_entropy(softmax(x, axis=0), [0, 1])", "x", rows), NONE),
                row(call("f = binary_cross_entropy_with_logits(sigmoid(x), [0, 1, 1])", "x", x), "already-normalized f"),
                row(call("f = binary_cross_entropy(sigmoid(x), [0, 1, 1])", "x", x), NONE),
                row(call("f = binary_cross_entropy_with_logits(x, [0, 1, 1])", "x", x), NONE),
                row(call("f = cross_entropy(sigmoid(x), 1)", "x", x), NONE),
                row(classes("softmax", "cross_entropy", Map.of()), "already-normalized loss"),
                row(classes("", "cross_entropy", Map.of()), NONE), row(classes("log_softmax", "nll", Map.of()), NONE));
    }

    private static Stream<Arguments> labels() {
        double[] p = vector(0.2, 0.7, 0.5);
        return Stream.of(row(call("f = binary_cross_entropy(p, t)", "p", p, "t", vector(-1, 1, -1)), "labels-out-of-range f"),
                row(call("f = binary_cross_entropy(p, t)", "p", p, "t", vector(0, 1, 0)), NONE),
                row(call("f = binary_cross_entropy(p, t)", "p", p, "t", vector(0.1, 0.9, 0.5)), NONE),
                row(call("f = binary_cross_entropy_with_logits(p, t)", "p", p, "t", vector(0, 1, 2)), "labels-out-of-range f"),
                row(call("f = binary_cross_entropy_with_logits(p, t)", "p", p, "t", vector(0, 1, 1)), NONE),
                row(call("f = hinge_embedding_loss(p, t)", "p", p, "t", vector(0, 1, 1)), "labels-out-of-range f"),
                row(call("f = hinge_embedding_loss(p, t)", "p", p, "t", vector(-1, 1, 1)), NONE),
                row(call("f = mse_loss(p, t)", "p", p, "t", vector(-1, 1, 5)), NONE),
                row(call("f = cross_entropy(p, t)", "p", p, "t", vector(0, 2, 0)), "labels-out-of-range f"),
                row(call("f = cross_entropy(p, t)", "p", p, "t", vector(0, 1, 0)), NONE),
                row(call("f = cross_entropy(p, 2)", "p", p), NONE),
                row(batch(call("f = binary_cross_entropy(p, t)", "p", p, "t", vector(-1, 1, 1)), Signature.Reduction.MEAN, "p", "t"),
                        "labels-out-of-range f"),
                row(batch(call("f = binary_cross_entropy(p, t)", "p", p, "t", vector(0, 1, 1)), Signature.Reduction.MEAN, "p", "t"), NONE));
    }

    private static Stream<Arguments> sums() {
        double[][] x = {{1, 2}, {0, 1}, {3, 1}};
        double[] y = vector(1, 0, 2);
        double[] w = vector(0.5, 0.5);
        double[][] scores = {{1, 2, 0.5}, {0, 1, 1}};
        return Stream.of(row(wrt(call("f = sum((X @ w - y)^2)", "X", x, "w", w, "y", y), "w"), "sum-over-samples f"),
                row(wrt(call("f = mean((X @ w - y)^2)", "X", x, "w", w, "y", y), "w"), NONE),
                row(wrt(call("f = sum((X @ w - y)^2) / 3", "X", x, "w", w, "y", y), "w"), NONE),
                row(call("f = sum((X @ w - y)^2)", "X", x, "w", w, "y", y), NONE),
                row(wrt(call("f = 0.5 * sum((X @ w - y)^2)", "X", x, "w", w, "y", y), "w"), "sum-over-samples sum_1"),
                row(wrt(call("f = 1/3 * sum((X @ w - y)^2)", "X", x, "w", w, "y", y), "w"), NONE),
                row(wrt(call("f = -sum(y * log(sigmoid(X @ w)))", "X", x, "w", w, "y", y), "w"), "sum-over-samples sum_1"),
                row(wrt(call("f = sum((tanh(X @ V) @ w - y)^2)", "X", x, "V", new double[][]{{0.1, 0.05}, {0.02, 0.1}}, "w", w, "y", y),
                        "V",
                        "w"),
                        "sum-over-samples f"),
                row(call("f = sum((W @ x - y)^2)", "W", x, "x", w, "y", y), NONE),
                row(wrt(call("f = sum((W @ x - y)^2)", "W", x, "x", w, "y", y), "W"), NONE),
                row(wrt(call("f = mse_loss(X @ w, y, reduction='sum')", "X", x, "w", w, "y", y), "w"), "sum-over-samples f"),
                row(wrt(call("f = mse_loss(X @ w, y)", "X", x, "w", w, "y", y), "w"), NONE),
                row(call("f = cross_entropy(s, [0, 1], reduction='sum')", "s", scores), "sum-over-samples f"),
                row(call("f = cross_entropy(s, [0, 1])", "s", scores), NONE),
                row(call("f = cross_entropy(s, 1, reduction='sum')", "s", vector(1, 2)), NONE),
                row(call("f = mse_loss(s, [0, 1], reduction='sum')", "s", vector(1, 2)), NONE),
                row(classes("", "cross_entropy", Map.of("reduction", "sum")), "sum-over-samples loss"),
                row(classes("", "cross_entropy", Map.of("reduction", "mean")), NONE),
                row(batch(call("f = (w * x - 1)^2", "w", 2, "x", vector(1, 2)), Signature.Reduction.SUM, "x"), NONE));
    }

    static List<String> kinds(Query query) {
        return gradient(query).diagnostics().stream().filter(d -> KINDS.contains(d.kind())).map(d -> d.kind() + " " + d.node()).toList();
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatIsSaidIsThere(Query query, String expected) {
        assertThat(kinds(query)).isEqualTo(expected.isEmpty() ? List.of() : List.of(expected.split(", ")));
        assertThat(gradient(query).diagnostics()).filteredOn(d -> KINDS.contains(d.kind()))
                .allSatisfy(d -> {
                    assertThat(d.message(Language.EN)).contains("'" + d.node() + "'");
                    assertThat(d.numbers().values()).allMatch(Double::isFinite);
                    assertThat(d.remedy(Language.EN)).endsWith(".");
                });
        KoreanText.check(gradient(query).diagnostics());
    }

    @Test
    void thereAreAtLeastAHundredPrograms() {
        assertThat(all().count()).isGreaterThanOrEqualTo(150);
    }

    @ParameterizedTest
    @MethodSource("all")
    void nothingIsSaidWhereNothingIsWanted(Query query, String expected) {
        assertThat(gradient(withRemarks(Transformation.Remarks.NONE, query)).diagnostics()).as(expected).isEmpty();
    }

    private static Diagnostic only(Query query) {
        return gradient(query).diagnostics().stream().filter(d -> KINDS.contains(d.kind())).findFirst().orElseThrow();
    }

    private static double number(Diagnostic diagnostic, String name) {
        return Objects.requireNonNull(diagnostic.numbers().get(name), name);
    }

    @Test
    void aChainIsToldWithItsFactorAndWhereItStarts() {
        Diagnostic told = only(loop("h * 0.5", 20, "x", 1));
        assertThat(told.message(Language.EN))
                .isEqualTo("on the way back from 'h' (mul) to 'h_2' (mul) the gradient's norm falls from 1 to 1.91e-06:"
                        + " each of 19 steps multiplies it by 0.5 on average");
        assertThat(told.numbers()).containsEntry("steps", 19.0);
        assertThat(number(told, "factor")).isCloseTo(0.5, within(1e-12));
        assertThat(told.remedy(Language.EN)).doesNotContain("relu");
        assertThat(only(loop("sigmoid(h)", 12, "x", 0.5)).remedy(Language.EN)).contains("relu");
    }

    @Test
    void deadUnitsAreCountedOverTheBatch() {
        assertThat(only(relus(32, 2, "relu")).message(Language.EN))
                .startsWith("2 of the 6 units of 'h' (relu) are 0 for all 32 samples");
        assertThat(only(relus(32, 2, "relu")).numbers()).isEqualTo(Map.of("dead", 2.0, "units", 6.0, "samples", 32.0));
    }

    /** A program, what is said of its trouble, and what helps. */
    static Stream<Arguments> sentences() {
        double[][] near = {{1, 1}, {1, 1 + 1e-10}};
        double[][] large = {{30, 20}, {-25, 10}, {9, 18}, {11, -40}};
        double[] p = vector(0.2, 0.7, 0.5);
        double[][] x = {{1, 2}, {0, 1}, {3, 1}};
        String from0To1 = "Map the labels to numbers from 0 to 1, as (y + 1) / 2 does for -1 and 1.";
        String saturated = " are within 1 % of a limit of their values";
        String tame = "Scale the inputs, start with smaller weights, or normalize before the activation.";
        String mean = "If the step size shall not depend on the number of samples, take the mean.";
        return Stream.of(
                Arguments.of(call("h = tanh(W @ x)\nf = sum((V @ h)^2)", "W", large, "V", new double[][]{{1, 1, 1, 1}}, "x", vector(1, 2)),
                        "4 of the 4 elements of 'h' (tanh)" + saturated
                                + ", where the slope is nearly 0, so that hardly any gradient passes "
                                + "them",
                        tame),
                Arguments.of(tanhs(32, 40, "tanh", ""),
                        "3 of the 5 units of 'h' (tanh)" + saturated + " for all 32 samples, where the slope "
                                + "is nearly 0, so that hardly any gradient passes them",
                        tame),
                Arguments.of(call("f = (log(3 * x) - log(y)) * 2", "x", 1.7, "y", 3 * 1.7),
                        "'sub_1' (sub) adds or subtracts rounded numbers of about 1.63 that "
                                + "cancel to 0: unless it is 0 indeed, a result below 4.44e-16 is lost with all its digits",
                        "Rewrite the difference so that it is computed directly, as expm1(x) for exp(x) - 1, log1p(x) for log(1 + x), or "
                                + "(a - b)(a + b) for a^2 - b^2."),
                Arguments.of(call("y = solve(A, b)\nf = sum(y)", "A", near, "b", vector(1, 2)),
                        "'y' (solve) solves equations that are nearly "
                                + "dependent: a change in the last digit of the matrix changes the result 4.00e+10 times as much, so about 5 of 16 "
                                + "digits can be trusted",
                        "Scale the equations, add a small multiple of the identity, or use a least-squares solution by qr or svd."),
                Arguments.of(call("f = binary_cross_entropy_with_logits(sigmoid(x), [0, 1, 1])", "x", p), "'f' "
                        + "(binary_cross_entropy_with_logits) applies sigmoid itself, and reads 'sigmoid_1' (sigmoid), to which it has been "
                        + "applied already: of numbers between 0 and 1 it makes probabilities from 0.5 to 0.732 only",
                        "Give the loss the numbers that 'sigmoid_1' (sigmoid) reads."),
                Arguments.of(call("f = binary_cross_entropy(p, t)", "p", p, "t", vector(-1, 1, -1)), "2 of the 3 labels of 'f' "
                        + "(binary_cross_entropy) in 't' are not what the loss is meant for, which is from 0 to 1", from0To1),
                Arguments.of(call("f = binary_cross_entropy(p, 2)", "p", p),
                        "1 of the 1 labels of 'f' (binary_cross_entropy) in the second "
                                + "operand are not what the loss is meant for, which is from 0 to 1",
                        from0To1),
                Arguments.of(call("f = hinge_embedding_loss(p, t)", "p", p, "t", vector(0, 1, 1)), "1 of the 3 labels of 'f' "
                        + "(hinge_embedding_loss) in 't' are not what the loss is meant for, which is -1 or 1",
                        "Map the labels to -1 and 1."),
                Arguments.of(call("f = cross_entropy(s, [0, 1], reduction='sum')", "s", new double[][]{{1, 2, 0.5}, {0, 1, 1}}),
                        "'f' (cross_entropy) adds up the losses of 2 samples, so its gradient is 2 times that of their mean and grows with "
                                + "the number of samples",
                        mean),
                Arguments.of(wrt(call("f = sum((X @ w - y)^2)", "X", x, "w", vector(0.5, 0.5), "y", vector(1, 0, 2)), "w"),
                        "'f' (sum) adds up what is made of the 3 rows of 'X', so if these are samples, the gradient is 3 times that of their "
                                + "mean and grows with the number of samples",
                        mean));
    }

    @ParameterizedTest
    @MethodSource("sentences")
    void aTroubleIsToldWithItsCauseAndWhatHelps(Query query, String cause, String remedy) {
        assertThat(only(query).message(Language.EN)).isEqualTo(cause);
        assertThat(only(query).remedy(Language.EN)).isEqualTo(remedy);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-19, -19", "123456, 123456", "999999, 999999", "1000000, 1.00e+06", "0.5, 0.5", "2.996, 3", "12.34, 12.3",
            "100.5, 101", "0.00125, 0.00125", "1.9073e-6, 1.91e-06", "1.5e10, 1.50e+10"})
    void aNumberIsToldWithThreeDigitsUnlessItIsWhole(double number, String text) {
        assertThat(TroubleText.number(number)).isEqualTo(text);
    }

    /** The program, and the same function without a difference. */
    static Stream<Arguments> lossy() {
        return Stream.of(Arguments.of("f = exp(x) - 1", (DoubleUnaryOperator) Math::expm1, 1e-9),
                Arguments.of("f = 1 - cos(x)", (DoubleUnaryOperator) x -> 2 * Math.sin(x / 2) * Math.sin(x / 2), 1e-5),
                Arguments.of("f = sqrt(1 + x) - 1", (DoubleUnaryOperator) x -> x / (Math.sqrt(1 + x) + 1), 1e-9),
                Arguments.of("f = log(2 + x) - log(2)", (DoubleUnaryOperator) x -> Math.log1p(x / 2), 1e-9),
                Arguments.of("f = 1 / (1 - x) - 1", (DoubleUnaryOperator) x -> x / (1 - x), 1e-9));
    }

    /** The error is at most the estimate, and seldom much less: of 20 values the largest error has as many digits up to one and a half. */
    @ParameterizedTest
    @MethodSource("lossy")
    void theDigitsThatAreLostAreThoseOfTheError(String expression, DoubleUnaryOperator exact, double scale) {
        double[] lost = IntStream.range(0, 20).mapToDouble(i -> {
            double x = scale * (1 + i / 7.0);
            double found = gradient(call(expression, "x", x)).value().item();
            return Math.log10(Math.abs(found - exact.applyAsDouble(x)) / Math.abs(exact.applyAsDouble(x))) + 16;
        }).toArray();
        double told = number(only(call(expression, "x", scale * 13 / 7)), "digits_lost");
        assertThat(Arrays.stream(lost).max().orElseThrow()).isBetween(told - 1.5, told + 1.5);
    }

    @Test
    void aSolutionHasTheDigitsThatAreTold() {
        double[][] a = hilbert(8);
        double[] b = Arrays.stream(a).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
        Query query = call("y = solve(A, b)\nf = sum(y)", "A", a, "b", b);
        double left = number(only(query), "digits_left");
        double error = Arrays.stream(gradient(output(query, "f")).nodes().stream().filter(node -> node.id().equals("y")).findFirst()
                .orElseThrow().value().data()).map(y -> Math.abs(y - 1)).max().orElseThrow();
        assertThat(-Math.log10(error)).isBetween(left - 0.5, left + 3);
    }

    @Test
    void probabilitiesTakenForLogitsBoundTheLoss() {
        assertThat(only(call("f = cross_entropy(softmax(x), 1)", "x", vector(-900, 900, -900))).message(Language.EN))
                .contains("does not fall below 0.551");
        assertThat(gradient(call("f = cross_entropy(softmax(x), 1)", "x", vector(-900, 900, -900))).value().item()).isBetween(0.551, 0.552);
    }

    static Stream<OpDefinition> closedAtZero() {
        return OpCatalogue.all().stream().filter(definition -> definition.has(Trait.CLOSED_AT_ZERO));
    }

    static Stream<OpDefinition> limited() {
        return OpCatalogue.all().stream().filter(definition -> definition.cautions().limits() != null);
    }

    @ParameterizedTest
    @MethodSource("closedAtZero")
    void whereSuchAnOpIsZeroItPassesNoGradient(OpDefinition definition) {
        TestService.Found found = gradient(
                call("y = " + definition.name() + "(x)\nf = sum(y)", "x", vector(-40, -3.5, -1, -0.1, 0, 0.1, 2, 40)));
        double[] y = found.nodes().stream().filter(node -> node.id().equals("y")).findFirst().orElseThrow().value().data();
        double[] slopes = TestService.at(found.gradients(), "x").data();
        assertThat(IntStream.range(0, y.length).filter(i -> y[i] == 0)).isNotEmpty().allMatch(i -> slopes[i] == 0);
    }

    @ParameterizedTest
    @MethodSource("limited")
    void farOutAnOpIsNearItsLimitsAndFlat(OpDefinition definition) {
        Cautions.Limits limits = Objects.requireNonNull(definition.cautions().limits());
        TestService.Found found = gradient(call("y = " + definition.name() + "(x)\nf = sum(y)", "x", vector(-1e6, 1e6)));
        double[] y = found.nodes().stream().filter(node -> node.id().equals("y")).findFirst().orElseThrow().value().data();
        assertThat(y).containsExactly(vector(limits.low(), limits.high()), within(1e-5));
        assertThat(TestService.at(found.gradients(), "x").data()).containsExactly(vector(0, 0), within(1e-5));
    }
}
