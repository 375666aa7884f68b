package io.chainrule.web.v1.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What /v1/train makes of programs. */
class TrainTest extends HttpTest {

    private JsonNode train(String request) {
        HttpResponse<String> response = post("/v1/train", request);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    private static double[] numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToDouble(JsonNode::asDouble).toArray();
    }

    @Test
    void aParameterMayBeCalledByASecondNameOfTheInput() {
        JsonNode answer = train("""
                {"expression": "v = u\\nf = (v - 1)^2", "inputs": {"u": 3}, "wrt": ["v"], "steps": 1}""");
        assertThat(answer.path("parameters").path("v").asDouble()).isEqualTo(2.996);
    }

    /** With one sample, batch_norm could not be trained. */
    @Test
    void aStepThatIsNotMadeIsNotLookedAt() {
        String request = """
                {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "units": 2}, {"type": "batch_norm"},
                 {"type": "dense", "units": 1}], "loss": {"type": "mse", "target": "y"}}, "inputs": {"x": %s, "y": %s}, "steps": %d}""";
        String x = Collections.nCopies(33, "[1, 2]").toString();
        String y = Collections.nCopies(33, "[1]").toString();
        assertThat(train(request.formatted(x, y, 1)).path("steps").asInt()).isEqualTo(1);
        assertThat(post("/v1/train", request.formatted(x, y, 2)).statusCode()).isEqualTo(422);
    }

    /** Only samples of inputs that are named are drawn, so that others would be paired wrongly. */
    @Test
    void samplesAreNotCalledByASecondName() {
        HttpResponse<String> refused = post("/v1/train", """
                {"expression": "v = x\\np = w * v\\nloss = (p - y)^2", "inputs": {"x": [0, 1, 2, 3], "y": [0, 2, 4, 6], "w": 0},
                 "batch": ["v", "y"], "wrt": ["w"], "epochs": 2}""");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).contains("invalid-value /batch/0");
        assertThat(refused.body()).contains("'v' is another name of 'x'");
    }

    @Test
    void fitsALine() {
        JsonNode answer = train("""
                {"expression": "p = w * x + b\\nloss = (p - y)^2", "inputs": {"w": 0, "b": 0, "x": [0, 1, 2, 3], "y": [1, 3, 5, 7]},
                 "wrt": ["w", "b"], "batch": ["x", "y"], "batch_size": 3, "epochs": 400, "optimizer": {"lr": 0.05, "momentum": 0.8},
                 "metrics": ["mae"], "prediction": "p", "target": "y", "validation": {"inputs": {"x": [10], "y": [21]}}}""");
        assertThat(answer.at("/parameters/w").asDouble()).isCloseTo(2, within(1e-6));
        assertThat(answer.at("/parameters/b").asDouble()).isCloseTo(1, within(1e-6));
        assertThat(answer.path("stopped_by").asString()).isEqualTo("epochs");
        assertThat(answer.path("steps").asInt()).isEqualTo(800);
        JsonNode last = answer.path("history").get(answer.path("history").size() - 1);
        assertThat(last.path("epoch").asInt()).isEqualTo(400);
        assertThat(last.path("validation_loss").asDouble()).isLessThan(1e-9);
        assertThat(last.at("/metrics/mae").asDouble()).isLessThan(1e-5);
        assertThat(last.at("/metrics/validation_mae").asDouble()).isLessThan(1e-4);
        assertThat(answer.path("diagnostics")).isEmpty();
    }

    @Test
    void learnsXorToZeroErrors() {
        JsonNode answer = train("""
                {"expression": "h = tanh(x @ W1 + b1)\\nz = h @ W2 + b2\\np = sigmoid(z)\\nloss = binary_cross_entropy_with_logits(z, y)",
                 "inputs": {"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [0, 1, 1, 0],
                            "W1": [[1, 1, 0.5], [1, 1, -0.5]], "b1": [0, 0, 0], "W2": [1, -1, 0.3], "b2": 0},
                 "wrt": ["W1", "b1", "W2", "b2"], "optimizer": {"type": "adam", "lr": 0.05}, "epochs": 500,
                 "metrics": ["accuracy"], "prediction": "p", "target": "y"}""");
        JsonNode last = answer.path("history").get(answer.path("history").size() - 1);
        assertThat(last.at("/metrics/accuracy").asDouble()).isEqualTo(1);
        assertThat(last.path("loss").asDouble()).isLessThan(0.05);
    }

    /** (w − x)² over samples x: a step of learning rate ½ takes w to the mean of its samples. */
    @Test
    void goesThroughAllSamplesOfAnEpochInTheOrderOfItsSeed() {
        String request = """
                {"expression": "(w - x)^2", "inputs": {"w": 0, "x": [1, 2, 4, 8, 16]}, "wrt": ["w"], "batch": ["x"], "batch_size": 2,
                 "epochs": 3, "optimizer": {"type": "sgd", "lr": 0.5}, "shuffle_seed": %d}""";
        JsonNode answer = train(request.formatted(1));
        double[] losses = numbers(JSON.valueToTree(StreamSupport.stream(answer.path("history").spliterator(), false)
                .map(entry -> entry.path("loss").asDouble()).toList()));
        assertThat(losses).hasSize(9);
        double w = 0;
        for (int epoch = 0; epoch < 3; epoch++) {
            int[] left = {1, 2, 4, 8, 16};
            for (int step = 0; step < 3; step++) {
                int[] samples = samples(left, step < 2 ? 2 : 1, w, losses[3 * epoch + step]);
                left = Arrays.stream(left).filter(x -> Arrays.stream(samples).noneMatch(taken -> taken == x)).toArray();
                w = Arrays.stream(samples).average().orElseThrow();
            }
            assertThat(left).as("every sample has its turn").isEmpty();
        }
        assertThat(answer.at("/parameters/w").asDouble()).isCloseTo(w, within(1e-12));
        assertThat(train(request.formatted(1))).isEqualTo(answer);
        assertThat(IntStream.range(2, 6).mapToObj(seed -> train(request.formatted(seed)).path("history")).distinct()).hasSizeGreaterThan(1);
    }

    /** The samples among those left that have this mean loss. */
    private static int[] samples(int[] left, int count, double w, double loss) {
        return IntStream.range(0, left.length).boxed()
                .flatMap(i -> count == 1
                        ? Stream.of(new int[]{left[i]})
                        : IntStream.range(0, i).mapToObj(j -> new int[]{left[i], left[j]}))
                .filter(each -> Math.abs(Arrays.stream(each).mapToDouble(x -> (w - x) * (w - x)).average().orElseThrow() - loss) < 1e-9)
                .findFirst().orElseThrow();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    the value of the output itself without a batch | "expression": "sum((w - x)^2)", "inputs": {"w": [0, 0], "x": [1, 3]}, "steps": 1, "optimizer": {"lr": 0.1} | [0.2, 0.6]
                    a norm that is clipped  | "expression": "sum(w * x)", "inputs": {"w": [0, 0], "x": [30, 40]}, "clip_norm": 5, "steps": 2, "optimizer": {"lr": 1} | [-6, -8]
                    a norm that is not      | "expression": "sum(w * x)", "inputs": {"w": [0, 0], "x": [3, 4]}, "clip_norm": 6, "steps": 2, "optimizer": {"lr": 1} | [-6, -8]
                    a rate that falls       | "expression": "sum(w * x)", "inputs": {"w": [0, 0], "x": [3, 4]}, "epochs": 3, "schedule": {"type": "step", "step_size": 1, "gamma": 0.5}, "optimizer": {"lr": 1} | [-5.25, -7]
                    a rate that rises by steps | "expression": "sum(w * x)", "inputs": {"w": [0, 0], "x": [3, 4]}, "epochs": 3, "schedule": {"type": "warmup", "unit": "step", "total_iters": 2, "start_factor": 0}, "optimizer": {"lr": 1} | [-4.5, -6]
                    defaults                | "expression": "sum(w * x)", "inputs": {"w": [0, 0], "x": [3, 4]} | [-0.003, -0.004]
                    a schedule by its name  | "expression": "sum(w * x)", "inputs": {"w": [0, 0], "x": [3, 4]}, "optimizer": "sgd", "schedule": "constant" | [-0.003, -0.004]
                    """)
    void moves(String what, String fields, String expected) {
        JsonNode answer = train("{" + fields + ", \"wrt\": [\"w\"]}");
        assertThat(numbers(answer.at("/parameters/w"))).as(what).containsExactly(numbers(JSON.readTree(expected)), within(1e-5));
    }

    /** Errors 1, 2, 4, 8, 16 in batches of two: their mean is told at the end of the epoch, whatever their order. */
    @Test
    void tellsMetricsOfAllSamplesOfTheEpoch() {
        JsonNode history = train("""
                {"expression": "p = w + 0 * x\\nf = (p - x)^2", "inputs": {"w": 0, "x": [1, 2, 4, 8, 16]}, "wrt": ["w"], "batch": ["x"],
                 "batch_size": 2, "epochs": 2, "optimizer": {"lr": 0}, "metrics": ["mae"], "prediction": "p", "target": "x"}""")
                .path("history");
        assertThat(history.get(2).at("/metrics/mae").asDouble()).isCloseTo(31.0 / 5, within(1e-12));
        assertThat(history.get(5).at("/metrics/mae").asDouble()).isCloseTo(31.0 / 5, within(1e-12));
        double first = history.get(0).at("/metrics/mae").asDouble();
        assertThat(first * 2).isNotEqualTo(31.0 / 5 * 2).isEqualTo(Math.rint(first * 2));
    }

    @Test
    void tellsTheValidationLossOfItsLastStepWithinAnEpochToo() {
        JsonNode history = train("""
                {"expression": "(w - x)^2", "inputs": {"w": 0, "x": [3, 3, 3, 3]}, "wrt": ["w"], "batch": ["x"], "batch_size": 2,
                 "steps": 3, "optimizer": {"lr": 0.5}, "validation": {"inputs": {"x": [5]}},
                 "early_stopping": {"patience": 1}}""").path("history");
        assertThat(history.size()).isEqualTo(3);
        assertThat(history.get(2).path("validation_loss").asDouble()).isEqualTo(4);
    }

    @Test
    void stopsWhereItGetsNoBetter() {
        String request = """
                {"expression": "(w - 1)^2 + 1", "inputs": {"w": 0}, "wrt": ["w"], "epochs": 1000, "optimizer": {"lr": 0.25},
                 "early_stopping": {"patience": %d, "min_delta": 0.01}}""";
        // The losses are 1 + 4⁻ᵗ: 2, 1.25, 1.0625, 1.0156, 1.0039, …; the first fall by less than a hundredth comes at step 6.
        JsonNode answer = train(request.formatted(1));
        assertThat(answer.path("stopped_by").asString()).isEqualTo("early_stopping");
        assertThat(answer.path("steps").asInt()).isEqualTo(6);
        assertThat(train(request.formatted(3)).path("steps").asInt()).isEqualTo(8);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a value     | q = 2 - w\\nl = log(q)\\nf = -w + 0 * l | 0  | 1     | 3 | l | forward  | 1      | 2
            a gradient  | s = sqrt(w)\\nf = w + s                 | 4  | 3.2   | 3 | w | backward | 0      | 1
            an update   | f = w                                   | 0  | 1e308 | 2 | w | -        | -1e308 | 2
            at once     | l = log(w)\\nf = l                      | -1 | 1     | 2 | l | forward  | -1     | 0
            """)
    void stopsWithTheLastGoodParameters(String what, String expression, double start, double rate, int all, String node,
            String phase, double last, int steps) {
        JsonNode answer = train("{\"expression\": \"" + expression + "\", \"inputs\": {\"w\": " + start
                + "}, \"wrt\": [\"w\"], \"steps\": " + all + ", \"optimizer\": {\"lr\": " + rate + "}}");
        assertThat(answer.path("stopped_by").asString()).as(what + answer).isEqualTo("non_finite");
        assertThat(answer.at("/diagnostics/0/kind").asString()).isEqualTo("non-finite");
        assertThat(answer.at("/diagnostics/0/node").asString()).isEqualTo(node);
        assertThat(answer.at("/diagnostics/0/phase").asString("-")).isEqualTo(phase);
        assertThat(answer.at("/parameters/w").asDouble()).isEqualTo(last);
        assertThat(answer.path("steps").asInt()).isEqualTo(steps);
        assertThat(answer.path("history").size()).isEqualTo(steps);
        assertThat(answer.at("/diagnostics/0/message").asString().contains("initial")).isEqualTo(steps == 0);
    }

    @Test
    void tellsOfParametersThatStayAsTheyAre() {
        JsonNode answer = train(
                """
                        {"expression": "f = w^2 + floor(v)", "inputs": {"w": 1, "v": 2.5, "u": [3]}, "wrt": ["w", "v", "u"], "optimizer": "adamw"}""");
        assertThat(answer.at("/parameters/v").asDouble()).isEqualTo(2.5);
        assertThat(answer.at("/parameters/u/0").asDouble()).isEqualTo(3);
        assertThat(answer.at("/parameters/w").asDouble()).isLessThan(1);
        assertThat(StreamSupport.stream(answer.path("diagnostics").spliterator(), false).map(each -> each.path("kind").asString() + " "
                + each.path("node").asString())).containsExactlyInAnyOrder("unused-input u", "zero-derivative v");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "wrt": ["w"], "optimizer": {"type": "adamm"}                             | invalid-value /optimizer
            "wrt": ["w"], "optimizer": {"type": "adamm", "lr": 1}                    | invalid-value /optimizer/type
            "wrt": ["w"], "optimizer": "adamm"                                       | invalid-value /optimizer
            "wrt": ["w"], "optimizer": 3                                             | wrong-type /optimizer
            "wrt": ["w"], "optimizer": {"type": "adam", "momentum": 0.9}             | invalid-value /optimizer/momentum
            "wrt": ["w"], "optimizer": {"type": "adam", "betas": [0.9, 2]}           | invalid-value /optimizer/betas
            "wrt": ["w"], "optimizer": {"type": "adam", "beta": 1}                   | unknown-field /optimizer/beta
            "wrt": ["w"], "schedule": {"type": "step"}                               | invalid-value /schedule/step_size
            "wrt": ["w"], "epochs": 0                                                | invalid-value /epochs
            "wrt": ["w"], "epochs": 1.5                                              | wrong-type /epochs
            "wrt": ["w"], "clip_norm": 0                                             | invalid-value /clip_norm
            "wrt": ["w"], "batch_size": 2                                            | invalid-value /batch_size
            "wrt": ["w"], "early_stopping": {"patience": 0}                          | invalid-value /early_stopping/patience
            "epochs": 1                                                              | invalid-value /wrt
            "wrt": ["v"]                                                             | unknown-node /wrt/0
            "wrt": ["f"]                                                             | invalid-value /wrt/0
            "wrt": ["w", "x"], "batch": ["x"]                                        | invalid-value /wrt/1
            "wrt": ["w"], "output": "e"                                              | not-scalar /expression
            "wrt": ["w"], "metrics": ["mae"], "prediction": "e"                      | invalid-value /target
            "wrt": ["w"], "metrics": ["mae"], "prediction": "e", "target": "z"       | unknown-node /target
            "wrt": ["w"], "metrics": ["accuracy", "mae"], "prediction": "e", "target": "w" | shape-mismatch /metrics/1
            "wrt": ["w"], "prediction": "e"                                          | invalid-value /prediction
            "wrt": ["w"], "metrics": [], "target": "x"                               | invalid-value /target
            "wrt": ["w"], "metrics": ["recall"]                                      | invalid-value /metrics/0
            "wrt": ["w"], "batch": ["x"], "validation": {}                           | invalid-value /validation
            "wrt": ["w"], "batch": ["x"], "validation": {"inputs": {}}               | missing-input /validation/inputs
            "wrt": ["w"], "batch": ["x"], "validation": {"inputs": {"x": [[1]]}}     | shape-mismatch /validation/inputs/x
            "wrt": ["w"], "batch": ["x"], "validation": {"inputs": {"x": [1], "w": 1}} | invalid-value /validation/inputs/w
            "wrt": ["w"], "steps": 1000000                                           | limit-exceeded -
            """)
    void refuses(String fields, String error) {
        HttpResponse<String> response = post("/v1/train",
                "{\"expression\": \"e = w - x\\nf = sum(e^2)\", \"inputs\": {\"w\": 1, \"x\": [1, 2]}, " + fields + "}");
        assertThat(response.statusCode()).as(response.body()).isIn(400, 422);
        assertThat(errors(response)).isEqualTo(List.of(error));
    }

    /** Weight 0.4 gives logits of ±0.4, on the right side of 0 and all below one half. */
    @Test
    void takesTheLogitsOfANetworkForYesAboveZero() {
        JsonNode answer = train(
                """
                        {"network": {"input": {"name": "x", "shape": [1]}, "layers": [{"type": "dense", "name": "d", "units": 1}],
                                     "loss": {"type": "binary_cross_entropy_with_logits", "target": "y"}},
                         "parameters": {"d.weight": [[0.4]], "d.bias": [0]}, "inputs": {"x": [[1], [-1]], "y": [[1], [0]]}, "metrics": ["accuracy"]}""");
        assertThat(answer.at("/history/0/metrics/accuracy").asDouble()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    "network": {"input": {"name": "x", "shape": [2, 2, 2]}, "layers": [{"type": "conv2d", "name": "c", "filters": 2, "kernel_size": 1}], "loss": {"type": "cross_entropy", "target": "y"}}, "parameters": {"c.weight": [[[[1]], [[0]]], [[[0]], [[1]]]]}, "inputs": {"x": [[[[0, 1], [0, 1]], [[9, 9], [8, 9]]]], "y": [[[1, 1], [1, 1]]]}
                    "network": {"input": {"name": "x", "shape": [2, 1, 3]}, "layers": [{"type": "conv2d", "name": "c", "filters": 2, "kernel_size": 1}], "loss": {"type": "cross_entropy", "target": "y"}}, "parameters": {"c.weight": [[[[1]], [[0]]], [[[0]], [[1]]]]}, "inputs": {"x": [[[[1, 1, 9]], [[2, 2, 2]]]], "y": [[[1, 1, 0]]]}
                    "expression": "z = x + w\\nf = cross_entropy(z, y, axis=0)", "batch": ["x", "y"], "wrt": ["w"], "prediction": "z", "target": "y", "inputs": {"w": 0, "x": [[[1, 1, 9], [2, 2, 2]]], "y": [[1, 1, 0]]}
                    "expression": "z = x + w\\nf = cross_entropy(z, y)", "batch": ["x", "y"], "wrt": ["w"], "prediction": "z", "target": "y", "inputs": {"w": 0, "x": [[[1, 2], [1, 2], [9, 2]]], "y": [[1, 1, 0]]}
                    """)
    void looksForClassesWhereTheLossDoes(String program) {
        JsonNode answer = train("{" + program + ", \"metrics\": [\"accuracy\"], \"optimizer\": {\"lr\": 0}}");
        assertThat(answer.at("/history/0/metrics/accuracy").asDouble()).as(program).isEqualTo(1);
    }

    @Test
    void asksForNoCotangentItWouldNotTake() {
        HttpResponse<String> response = post("/v1/train",
                "{\"expression\": \"w * x\", \"inputs\": {\"w\": 1, \"x\": [1, 2]}, \"wrt\": [\"w\"]}");
        assertThat(errors(response)).containsExactly("not-scalar /expression");
        assertThat(json(response).at("/errors/0/hint").asString()).contains("sum(").doesNotContain("cotangent");
    }

    @Test
    void refusesAnEmptyBatch() {
        HttpResponse<String> response = post("/v1/train",
                "{\"expression\": \"(w - x)^2\", \"inputs\": {\"w\": 1, \"x\": []}, \"wrt\": [\"w\"], \"batch\": [\"x\"]}");
        assertThat(errors(response)).containsExactly("invalid-value /inputs/x");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    {"type": "dense", "name": "d", "units": 2}                        | [[1], [2], [3], [4], [5]] | [0, 1, 0, 1, 2]   | [[1]] | [0]  | /inputs/y/4            | the label 2
                    {"type": "dense", "name": "d", "units": 2}                        | [[1], [2], [3], [4], [5]] | [0, 1, 0.5, 1, 0] | [[1]] | [0]  | /inputs/y/2            | the label 0.5
                    {"type": "dense", "name": "d", "units": 2}                        | [[1], [2], [3], [4], [5]] | [0, 1, 0, 1, 0]   | [[1]] | [-1] | /validation/inputs/y/0 | the label -1
                    {"type": "embedding", "name": "e", "vocabulary": 4, "units": 2}, {"type": "flatten"} | [[1], [2], [3], [4], [0]] | [0, 1, 0, 1, 0] | [[1]] | [0] | /inputs/x/3            | index 4
                    {"type": "embedding", "name": "e", "vocabulary": 4, "units": 2}, {"type": "flatten"} | [[1], [2], [3], [1], [0]] | [0, 1, 0, 1, 0] | [[9]] | [0] | /validation/inputs/x/0 | index 9
                    """)
    void findsSamplesThatCannotBeUsedBeforeItBegins(String layers, String x, String y, String vx, String vy, String pointer, String words) {
        HttpResponse<String> response = post("/v1/train", """
                {"network": {"input": {"name": "x", "shape": [1]}, "layers": [%s], "loss": {"type": "cross_entropy", "target": "y"}},
                 "batch_size": 2, "inputs": {"x": %s, "y": %s}, "validation": {"inputs": {"x": %s, "y": %s}}}"""
                .formatted(layers, x, y, vx, vy));
        assertThat(errors(response)).as(response.body()).containsExactly("invalid-value " + pointer);
        assertThat(json(response).at("/errors/0/message").asString())
                .contains("sample " + pointer.substring(pointer.lastIndexOf('/') + 1) + ": ").contains(words);
    }

    @Test
    void namesTheNodeThatCannotUseASample() {
        HttpResponse<String> response = post("/v1/train", """
                {"expression": "t = take(w, k, axis=0)\\nf = t^2", "inputs": {"w": [1, 2], "k": [0, 1, 0, 7]}, "wrt": ["w"], "batch": ["k"],
                 "batch_size": 1}""");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(json(response).at("/errors/0/node").asString()).isEqualTo("t");
    }
}
