package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.execution.NodeByNode;
import io.chainrule.core.kernel.simd.KernelSets;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.Threads;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The benchmark's programs on small arrays. Their values and gradients have the bits that are written down, on every machine, with vectors
 * of any length and without, on any number of threads; and their plans take no more than is written down, so that a change which makes them
 * slower is seen where no time is measured. Where a change means to alter them, {@code bits-and-plans.txt} takes the lines that this test
 * prints. The build runs this test with the longest vectors of the machine, with vectors of 256 bits, and without the module that has them.
 */
@Tag("kernel")
@Tag("bits")
class BitsAndPlansTest {
    /**
     * The case whose nodes have other last digits when each is computed alone. Its program solves equations with Aᵀ by the factors of A; a
     * kernel that is given Aᵀ alone cannot know A.
     */
    private static final String BY_SHARED_FACTORS = "linear algebra";

    private static KernelSets.Closing vectors;

    @BeforeAll
    static void useVectors() {
        vectors = KernelSets.vectorsAtOnce();
    }

    @AfterAll
    static void useWhatIsCompiled() {
        vectors.close();
    }

    /**
     * @param inputs names and dimensions; an input {@code y} has labels of the classes that its last number tells, all others numbers
     *        between −1 and 1
     */
    record Case(String name, String program, String inputs, String wrt) {
        @Override
        public String toString() {
            return name;
        }

        Map<String, Tensor> values() {
            Random random = new Random(1);
            Map<String, Tensor> values = new LinkedHashMap<>();
            for (String input : inputs.split(", ", -1)) {
                String[] parts = input.split(" ", -1);
                boolean isLabel = parts[0].equals("y");
                int[] dims = Stream.of(parts).skip(1).limit(parts.length - (isLabel ? 2L : 1L)).mapToInt(Integer::parseInt).toArray();
                Tensor value = Tensor.zeros(Shape.of(dims));
                for (int i = 0; i < value.length(); i++) {
                    value.data()[i] = isLabel ? random.nextInt(Integer.parseInt(parts[parts.length - 1])) : random.nextDouble(-1, 1);
                }
                values.put(parts[0], value);
            }
            return values;
        }
    }

    static Stream<Case> programs() {
        return Stream.of(
                new Case("neuron, weights shared by all samples", "sum(sigmoid(w0*x0 + w1*x1 + w2))", "x0 5000, x1 5000, w0, w1, w2",
                        "w0,w1,w2"),
                new Case("neuron, weights of each sample", "sum(sigmoid(w0*x0 + w1*x1 + w2))",
                        "x0 5000, x1 5000, w0 5000, w1 5000, w2 5000",
                        "w0,x0,w1,x1,w2"),
                new Case("elementwise", "sum(sigmoid(x) * tanh(y_) + exp(-x^2) * z)", "x 5000, y_ 5000, z 5000", "x,y_,z"),
                new Case("perceptron", """
                        h1 = relu(x @ W1 + b1)
                        h2 = relu(h1 @ W2 + b2)
                        loss = cross_entropy(h2 @ W3 + b3, y)
                        """, "x 20 300, W1 300 70, b1 70, W2 70 33, b2 33, W3 33 10, b3 10, y 20 10", "W1,b1,W2,b2,W3,b3"),
                new Case("convolutions", """
                        h1 = max_pool2d(relu(conv2d(x, K1, b1)), kernel_size=2)
                        h2 = max_pool2d(relu(conv2d(h1, K2, b2)), kernel_size=2)
                        loss = cross_entropy(reshape(h2, shape=[4, 400]) @ W + b, y)
                        """, "x 4 1 28 28, K1 8 1 3 3, b1 8, K2 16 8 3 3, b2 16, W 400 10, b 10, y 4 10", "K1,b1,K2,b2,W,b"),
                new Case("LSTM", """
                        h = zeros(shape=[8, 20])
                        c = zeros(shape=[8, 20])
                        for t in range(5):
                          s = lstm_cell(x[:, t], h, c, W, U, b)
                          h = s[:, :20]
                          c = s[:, 20:]
                        loss = mean(h^2)
                        """, "x 8 5 6, W 6 80, U 20 80, b 80", "W,U,b"),
                new Case("GRU", """
                        h = zeros(shape=[8, 20])
                        for t in range(5):
                          h = gru_cell(x[:, t], h, W, U, a, b)
                        loss = mean(h^2)
                        """, "x 8 5 6, W 6 60, U 20 60, a 60, b 60", "W,U,a,b"),
                new Case("simple recurrence", """
                        h = zeros(shape=[8, 20])
                        for t in range(5):
                          h = rnn_cell(x[:, t], h, W, U, b)
                        loss = mean(h^2)
                        """, "x 8 5 6, W 6 20, U 20 20, b 20", "W,U,b"),
                new Case("softmax cross entropy", "cross_entropy(x, y)", "x 40 300, y 40 300", "x"),
                new Case("layer norm", "sum(layer_norm(x, w, b) * t)", "x 40 300, w 300, b 300, t 40 300", "x,w,b"),
                new Case("attention", "sum(scaled_dot_product_attention(q, k, v) * t)", "q 2 40 16, k 2 40 16, v 2 40 16, t 2 40 16",
                        "q,k,v"),
                new Case(BY_SHARED_FACTORS,
                        "logdet(A @ A.T + 5 * eye(n=12)) + sum(solve(A @ A.T + 5 * eye(n=12), v)) + sum(eigvalsh(A + A.T)^3)",
                        "A 12 12, v 12", "A,v"),
                new Case("elementary functions",
                        """
                                a = sin(x) + cos(50 * x) + tan(x) + asin(x) + acos(x) + atan(9 * x) + sinh(x) + cosh(x) + asinh(9 * x) + atanh(x)
                                b = log(abs(x)) + log1p(x) + expm1(x) + erf(x) + erfc(3 * x) + gelu(x) + softplus(9 * x) + cbrt(x) + abs(x)^0.3 + 2^x
                                f = sum(a * b)
                                """,
                        "x 3000", "x"),
                new Case("logsumexp of a long line", "logsumexp(x)", "x 9000", "x"),
                new Case("clusters", """
                        d = sum(C^2, axis=1)[:, None] + sum(P^2, axis=1) - 2 * C @ P.T
                        f = sum(min(d, axis=0))
                        """, "C 70 8, P 90 8", "C"),
                new Case("mixture of Gaussians", """
                        at = [6, 6, 6, 6, 0, 6, 6, 6, 1, 3, 6, 6, 2, 4, 5, 6]
                        L = reshape(take(concatenate((l, zeros(shape=[7, 1])), 1), at, axis=1), shape=[7, 4, 4])
                        Q = L + exp(q)[:, :, None] * eye(n=4)
                        r = (x - mu[:, None]) @ swapaxes(Q, 1, 2)
                        beta = (alpha + sum(q, axis=1))[:, None] - sum(r^2, axis=2) / 2
                        prior = -(sum(exp(2 * q)) + sum(l^2)) / 2
                        f = sum(logsumexp(beta, axis=0)) - 60 * logsumexp(alpha) + prior
                        """, "alpha 7, mu 7 4, q 7 4, l 7 6, x 60 4", "alpha,mu,q,l"),
                new Case("least squares by Horner's method", """
                        p = x[11]
                        for j in range(11):
                          p = p * t + x[10 - j]
                        f = sum((sign(t) - p)^2) / 2
                        """, "x 12, t 3000", "x"),
                new Case("differential equation", """
                        def f(y):
                          return x * concatenate(([1], y[:-1]), 0)
                        y = zeros(shape=[3000])
                        for s in range(3):
                          k1 = f(y)
                          k2 = f(y + 0.1 * k1)
                          k3 = f(y + 0.1 * k2)
                          k4 = f(y + 0.2 * k3)
                          y = y + 0.2 / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
                        total = sum(y)
                        """, "x 3000", "x"));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void bitsAndPlansAreThoseWrittenDown(Case one) throws IOException, NoSuchAlgorithmException {
        Map<String, Tensor> values = one.values();
        String[] wrt = one.wrt().split(",", -1);
        CompiledFunction function = Program.parse(one.program()).valueAndGradient(wrt).compile(Shapes.ofValues(values));
        String summary = function.toString();
        String plan = summary.substring(summary.lastIndexOf("gradient by"));
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int threads : new int[]{1, 2, 8}) {
            try (Threads parallel = Threads.of(threads)) {
                Outcome outcome = function.call(values, Map.of(), Runner.on(parallel));
                add(digest, outcome.value());
                for (String name : wrt) {
                    add(digest, outcome.gradient(name));
                }
            }
            String bits = HexFormat.of().formatHex(digest.digest()).substring(0, 16);
            assertThat(one + " | " + plan.substring(plan.indexOf(": ") + 2) + " | " + bits).as("on " + threads + " threads")
                    .isEqualTo(expected(one));
        }
    }

    /** No bit depends on which nodes are computed together, in which order, and in which arrays. */
    @ParameterizedTest
    @MethodSource("programs")
    void eachNodeComputedAloneHasTheSameBits(Case one) {
        Map<String, Tensor> values = one.values();
        String[] wrt = one.wrt().split(",", -1);
        CompiledFunction function = Program.parse(one.program()).valueAndGradient(wrt).compile(Shapes.ofValues(values));
        Outcome outcome = function.call(values);
        LoweredProgram lowered = function.derived().lowered();
        Map<Integer, Tensor> alone = NodeByNode.values(function.derived().graph(), lowered.placed(values));
        assertThat(outcome.value()).isEqualTo(alone.get(lowered.result(lowered.program().output())));
        for (String name : wrt) {
            Tensor expected = Objects.requireNonNull(alone.get(function.derived().cotangent(function.bound().wrt(name))));
            double error = one.name().equals(BY_SHARED_FACTORS) ? 1e-12 : 0;
            assertThat(outcome.gradient(name).data()).as(name).containsExactly(expected.data(), within(error));
        }
    }

    /** Neither the nodes that are listed, nor the other gradients that are asked for, nor remarks change a bit. */
    @ParameterizedTest
    @MethodSource("programs")
    void noBitDependsOnWhatElseIsAsked(Case one) {
        Map<String, Tensor> values = one.values();
        Shapes shapes = Shapes.ofValues(values);
        String[] wrt = one.wrt().split(",", -1);
        Program program = Program.parse(one.program());
        Outcome listed = program.valueAndGradient(wrt).listing(new Signature.NodeSelection.All()).compile(shapes).call(values);
        assertThat(program.value().compile(shapes).call(values).value()).isEqualTo(listed.value());
        Outcome together = program.valueAndGradient(wrt).compile(shapes).call(values);
        Outcome withoutRemarks = program.valueAndGradient(wrt).withoutRemarks().compile(shapes).call(values);
        for (Outcome outcome : List.of(together, withoutRemarks)) {
            assertThat(outcome.value()).isEqualTo(listed.value());
        }
        for (String name : wrt) {
            Outcome single = program.valueAndGradient(name).compile(shapes).call(values);
            assertThat(single.value()).isEqualTo(listed.value());
            for (Outcome outcome : List.of(together, withoutRemarks, single)) {
                assertThat(outcome.gradient(name)).as(name).isEqualTo(listed.gradient(name));
            }
        }
    }

    /** A Jacobian and a Hessian of the benchmark take as many passes and operations as their structure needs. */
    @Test
    void derivativesOfSecondRankTakeFewPasses() {
        assertThat(Program.parse("y = tanh(W @ x)").jacobian("x").compile(Shapes.of("W", 50, 50, "x", 50)).toString())
                .endsWith(": 50 passes in reverse mode; 7650 flops, 44120 bytes");
        assertThat(Program.parse("sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)").hessian("x").compile(Shapes.of("x", 50)).toString())
                .endsWith(": 3 passes in reverse mode; 3875 flops, 28552 bytes");
    }

    /**
     * All samples are computed together by array loops, block by block, with the bits of one sample at a time; what no sample is needed
     * for is computed once.
     */
    @Test
    void aBatchOfAGraphOfScalarsIsComputedInBlocks() {
        Program program = Program.parse("f = sigmoid(w * x + b) * exp(-x^2) + tanh(x) / (1 + b^2)");
        Tensor x = new Case("", "", "x 5000", "").values().values().iterator().next();
        Map<String, Tensor> values = Map.of("x", x, "w", Tensor.scalar(1.5), "b", Tensor.scalar(-0.5));
        CompiledFunction batch = program.valueAndGradient("x", "w", "b").over("x").compile(Shapes.ofValues(values));
        assertThat(batch.toString()).contains(": 2 instructions {scalar=4, blocks=26};");
        Outcome outcome = batch.call(values);
        CompiledFunction single = program.valueAndGradient("x", "w", "b").compile(Shapes.of("x", "w", "b"));
        for (int i = 0; i < x.length(); i += 7) {
            Outcome expected = single.call(x.data()[i], 1.5, -0.5);
            assertThat(outcome.value().data()[i]).isEqualTo(expected.value().item());
            for (String name : List.of("x", "w", "b")) {
                assertThat(outcome.gradient(name).data()[i]).as(name).isEqualTo(expected.gradient(name).item());
            }
        }
    }

    /** Parts of a power of two of 256 samples each can be computed apart: sums over them join to those of the whole. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sigmoid(w * x) * exp(-x^2)                       | 8192
            tanh(sum(w * x))                                 | 8192 3
            softmax(x * w)[1]                                | 8192 3
            """)
    void sumsOverABatchJoinFromParts(String program, String dims) {
        Tensor x = new Case("", "", "x " + dims, "").values().values().iterator().next();
        Tensor w = x.shape().rank() == 1 ? Tensor.scalar(1.5) : Tensor.vector(1.5, -0.5, 0.25);
        Outcome whole = sumOver(program, x, w);
        int half = x.length() / 2;
        List<Outcome> parts = Stream.of(0, half).map(from -> {
            int[] partOf = x.shape().toList().stream().mapToInt(Integer::intValue).toArray();
            partOf[0] /= 2;
            return sumOver(program, Tensor.of(Shape.of(partOf), Arrays.copyOfRange(x.data(), from, from + half)), w);
        }).toList();
        assertThat(parts.get(0).value().item() + parts.get(1).value().item()).isEqualTo(whole.value().item());
        double[] joined = parts.get(0).gradient("w").data().clone();
        Arrays.setAll(joined, i -> joined[i] + parts.get(1).gradient("w").data()[i]);
        assertThat(joined).isEqualTo(whole.gradient("w").data());
    }

    private static Outcome sumOver(String program, Tensor x, Tensor w) {
        Map<String, Tensor> values = Map.of("x", x, "w", w);
        return Program.parse(program).valueAndGradient("w").reducedOver(Signature.Reduction.SUM, "x").compile(Shapes.ofValues(values))
                .call(values);
    }

    /** The line of the case: its name, the instructions, operations and bytes of a run, and the beginning of the SHA-256 of the results. */
    private static String expected(Case one) throws IOException {
        try (InputStream file = Objects.requireNonNull(BitsAndPlansTest.class.getResourceAsStream("/bits-and-plans.txt"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> line.startsWith(one + " | ")).findFirst()
                    .orElse("none of " + one);
        }
    }

    private static void add(MessageDigest digest, Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * tensor.length());
        for (double number : tensor.data()) {
            bytes.putLong(Double.doubleToLongBits(number));
        }
        digest.update(bytes.flip());
    }
}
