package io.chainrule.web.v1.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.Source;
import io.chainrule.core.fit.Lbfgs;
import io.chainrule.core.fit.LbfgsState;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowInput;
import io.chainrule.core.rows.RowPolicy;
import io.chainrule.core.rows.RowProgram;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.bulk.BulkProgress;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.Fit;
import io.chainrule.service.bulk.Reduction;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.jobs.JobServices;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Parameters that are fitted to the rows of a data set: a logistic regression of two columns. */
@DirtiesContext
class FitTest extends JobsHttpTest {
    private static final int ROWS = 40_000;
    private static final String LOSS = "\"expression\": \"z = dot(w, x) + b\\nloss = softplus(z) - y * z\", "
            + "\"inputs\": {\"w\": [0, 0], \"b\": 0}, \"wrt\": [\"w\", \"b\"], \"columns\": {\"x\": [\"u\", \"v\"], \"y\": \"y\"}";

    private static final double[][] POINTS = points();

    private static final AtomicInteger MODELS = new AtomicInteger();

    @Autowired
    private DatasetService datasets;

    @Autowired
    private JobServices services;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) throws IOException {
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "fit-");
        properties.add("chainrule.data-directory", folder.resolve("data")::toString);
    }

    private static double[][] points() {
        Random random = new Random(3);
        double[][] points = new double[ROWS][3];
        for (double[] point : points) {
            point[0] = random.nextGaussian();
            point[1] = random.nextGaussian() + 0.5 * point[0];
            point[2] = random.nextDouble() < 1 / (1 + Math.exp(-(1.5 * point[0] - 0.75 * point[1] + 0.25))) ? 1 : 0;
        }
        return points;
    }

    /** More than one split, so that there is something to go on with. */
    @BeforeEach
    void store() {
        StringBuilder csv = new StringBuilder("u,v,y,note\n");
        for (double[] point : POINTS) {
            csv.append(point[0]).append(',').append(point[1]).append(',').append((int) point[2]).append(',')
                    .append("some text that makes the file longer than one of its splits ".repeat(3)).append('\n');
        }
        stored("clicks", csv.toString());
    }

    /** Newton's method for the same optimum, written by hand. */
    private static double[] newton() {
        double[] w = new double[3];
        for (int step = 0; step < 20; step++) {
            double[][] system = new double[3][4];
            for (double[] point : POINTS) {
                double[] x = {point[0], point[1], 1};
                double p = 1 / (1 + Math.exp(-(w[0] * x[0] + w[1] * x[1] + w[2])));
                for (int i = 0; i < 3; i++) {
                    for (int j = 0; j < 3; j++) {
                        system[i][j] += p * (1 - p) * x[i] * x[j];
                    }
                    system[i][3] += (p - point[2]) * x[i];
                }
            }
            double[] change = solved(system);
            for (int i = 0; i < 3; i++) {
                w[i] -= change[i];
            }
        }
        return w;
    }

    private static double[] solved(double[][] a) {
        for (int k = 0; k < 3; k++) {
            for (int i = 0; i < 3; i++) {
                double factor = i == k ? 0 : a[i][k] / a[k][k];
                for (int j = k; j < 4; j++) {
                    a[i][j] -= factor * a[k][j];
                }
            }
        }
        return new double[]{a[0][3] / a[0][0], a[1][3] / a[1][1], a[2][3] / a[2][2]};
    }

    @Test
    void theOptimumIsFound() {
        JsonNode result = result("fit", "{\"dataset\": \"clicks\", \"validation\": \"clicks\", " + LOSS + "}");
        double[] expected = newton();
        assertThat(result.path("parameters").path("w").get(0).asDouble()).isCloseTo(expected[0], within(1e-6));
        assertThat(result.path("parameters").path("w").get(1).asDouble()).isCloseTo(expected[1], within(1e-6));
        assertThat(result.path("parameters").path("b").asDouble()).isCloseTo(expected[2], within(1e-6));
        assertThat(result.path("converged").asBoolean()).isTrue();
        assertThat(result.path("stopped_by").asString()).isEqualTo("gradient");
        assertThat(result.path("gradient_norm").asDouble()).isLessThan(1e-8);
        assertThat(result.path("history").get(0).asDouble()).isCloseTo(Math.log(2), within(1e-12));
        assertThat(result.path("history")).hasSize(result.path("iterations").asInt() + 1);
        assertThat(result.path("validation_loss").asDouble()).isEqualTo(result.path("loss").asDouble());
        assertThat(result.path("rows").path("used").asInt()).isEqualTo(ROWS);
    }

    @Test
    void stepsOverAFewRowsComeToTheOptimumToo() {
        JsonNode result = result("fit",
                "{\"dataset\": \"clicks\", \"validation\": \"clicks\", " + LOSS + ", \"epochs\": 3, \"batch_size\": 100, "
                        + "\"optimizer\": {\"type\": \"adam\", \"lr\": 0.02}, \"schedule\": \"cosine\", "
                        + "\"save_as\": {\"name\": \"clicks\", \"output\": \"z\"}}");
        double[] expected = newton();
        assertThat(result.path("parameters").path("w").get(0).asDouble()).isCloseTo(expected[0], within(0.02));
        assertThat(result.path("parameters").path("w").get(1).asDouble()).isCloseTo(expected[1], within(0.02));
        assertThat(result.path("parameters").path("b").asDouble()).isCloseTo(expected[2], within(0.02));
        assertThat(result.path("stopped_by").asString()).isEqualTo("epochs");
        assertThat(result.path("iterations").asInt()).isEqualTo(3 * ROWS / 100);
        assertThat(result.path("epochs").asInt()).isEqualTo(3);
        assertThat(result.path("history")).hasSize(3);
        assertThat(result.path("validation_history")).hasSize(3);
        assertThat(result.path("rows").path("used").asInt()).isEqualTo(ROWS);
        assertThat(result.at("/saved/version").asInt()).isEqualTo(1);
        double w = result.at("/parameters/w/0").asDouble();
        JsonNode answer = json(post("/v1/evaluate", "{\"model\": \"clicks\", \"inputs\": {\"x\": [1, 0], \"y\": 0}}"));
        assertThat(answer.path("value").asDouble()).isEqualTo(w + result.at("/parameters/b").asDouble());
    }

    /** A stored program is fitted from what it keeps, and is stored again with it and with all that is said of its inputs. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                                      | "w": [0, 0], "b": 0.25 | "w"
            "b": 0.25                 | "w": [0, 0]            | "w"
            "b": 0.25, "w": [0, 0]    |                        | "w", "b"
            """)
    void aModelThatIsFittedIsStoredWithWhatItHad(@Nullable String kept, @Nullable String inputs, String wrt) {
        String model = "click_" + MODELS.incrementAndGet();
        HttpResponse<String> put = send("PUT", "/v1/models/" + model, BodyPublishers.ofString("""
                {"expression": "z = dot(w, x) + b\\nloss = softplus(z) - y * z", "inputs": {%s},
                "declares": {"y": {"shape": []}, "x": {"shape": [2], "text": "a point"}}}""".formatted(kept == null ? "" : kept)),
                "Content-Type", "application/json");
        assertThat(put.statusCode()).as(put.body()).isEqualTo(201);
        JsonNode result = result("fit", """
                {"dataset": "clicks", "model": "%s", "inputs": {%s}, "wrt": [%s], "columns": {"x": ["u", "v"], "y": "y"}, "iterations": 2,
                "save_as": {"name": "%s"}}""".formatted(model, inputs == null ? "" : inputs, wrt, model));
        assertThat(result.at("/saved/version").asInt()).as(result.toString()).isEqualTo(2);
        JsonNode stored = json(get("/v1/models/" + model));
        assertThat(stored.path("inputs").toString()).isEqualTo("{\"y\":{\"shape\":[]},\"x\":{\"shape\":[2],\"text\":\"a point\"}}");
        assertThat(stored.path("kept").propertyNames()).containsExactlyInAnyOrder("w", "b");
        JsonNode answer = json(
                post("/v1/evaluate", "{\"model\": \"" + model + "\", \"inputs\": {\"x\": [1, 0], \"y\": 0}, \"output\": \"z\"}"));
        double b = wrt.contains("b") ? result.at("/parameters/b").asDouble() : 0.25;
        assertThat(answer.path("value").asDouble()).as(answer.toString()).isEqualTo(result.at("/parameters/w/0").asDouble() + b);
    }

    /** As a training does, a fit begins with what is kept, or with what is given instead, and changes that unless it names others. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                                             | "w": [0, 0], "b": 0.25 | "w", "b"
            "inputs": {"w": [1, 0.5]}        | "w": [1, 0.5], "b": 0.25 | "w", "b"
            "inputs": {"b": -1}, "wrt": ["w"] | "w": [0, 0], "b": -1 | "w"
            "wrt": ["b"], "optimizer": "sgd", "steps": 3 | "w": [0, 0], "b": 0.25 | "b"
            """)
    void aFitBeginsWithTheValuesOfAModel(@Nullable String fields, String inputs, String wrt) {
        String program = "\"expression\": \"z = dot(w, x) + b\\nloss = softplus(z) - y * z\", \"inputs\": ";
        String model = "click_" + MODELS.incrementAndGet();
        send("PUT", "/v1/models/" + model, BodyPublishers.ofString("{" + program + "{\"w\": [0, 0], \"b\": 0.25}}"), "Content-Type",
                "application/json");
        boolean isBySteps = fields != null && fields.contains("steps");
        String request = "{\"dataset\": \"clicks\", \"columns\": {\"x\": [\"u\", \"v\"], \"y\": \"y\"}, "
                + (isBySteps ? "\"optimizer\": \"sgd\", \"steps\": 3" : "\"iterations\": 2") + ", ";
        String own = fields == null ? "" : ", " + fields.replaceFirst(", \"optimizer.*", "");
        JsonNode called = result("fit", request + "\"model\": \"" + model + "\"" + own + "}");
        JsonNode written = result("fit", request + program + "{" + inputs + "}, \"wrt\": [" + wrt + "]}");
        assertThat(called).isEqualTo(written);
    }

    /** All parameters of a network are fitted, also where it is stored, and it is stored again with all of them. */
    @Test
    void aStoredNetworkIsFittedAsItIsWritten() {
        String network = """
                "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "out", "units": 2}],
                "loss": {"type": "mse", "target": "y"}}""";
        String model = "net_" + MODELS.incrementAndGet();
        HttpResponse<String> put = send("PUT", "/v1/models/" + model, BodyPublishers.ofString("{" + network + ", \"seed\": 4}"),
                "Content-Type", "application/json");
        assertThat(put.statusCode()).as(put.body()).isEqualTo(201);
        String data = "\"dataset\": \"clicks\", \"iterations\": 2, \"columns\": {\"x\": [\"u\", \"v\"], \"y\": [\"v\", \"y\"]}}";
        JsonNode written = result("fit", "{" + network + ", \"seed\": 4, " + data);
        JsonNode fitted = result("fit", "{\"model\": \"" + model + "\", " + data);
        assertThat(fitted).isEqualTo(written);
        assertThat(fitted.path("parameters").propertyNames()).containsExactlyInAnyOrder("out.weight", "out.bias");
        JsonNode saved = result("fit",
                "{\"model\": \"" + model + "\", \"wrt\": [\"out.bias\"], \"save_as\": {\"name\": \"" + model + "\"}, "
                        + data);
        assertThat(saved.at("/saved/version").asInt()).as(saved.toString()).isEqualTo(2);
        JsonNode stored = json(get("/v1/models/" + model));
        assertThat(stored.path("kept").propertyNames()).containsExactlyInAnyOrder("out.weight", "out.bias");
        JsonNode answer = json(post("/v1/evaluate", "{\"model\": \"" + model + "\", \"inputs\": {\"x\": [[0, 0]]}}"));
        assertThat(answer.at("/value/0")).isEqualTo(saved.at("/parameters/out.bias"));
    }

    /** A fit is refused that names no inputs, of a program that keeps none. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "model": "open_loss"
            "expression": "(u - v)^2"
            "model": "open_loss", "wrt": []
            """)
    void aFitNeedsSomethingToFit(String program) {
        send("PUT", "/v1/models/open_loss", BodyPublishers.ofString("{\"expression\": \"(u - v)^2\"}"), "Content-Type", "application/json");
        assertThat(errors(post("/v1/jobs", "{\"kind\": \"fit\", \"request\": {\"dataset\": \"clicks\", " + program + "}}")))
                .containsExactly("invalid-value /request/wrt");
    }

    @Test
    void whatIsDeclaredOfAFittedModelIsNotKept() {
        String model = "click_" + MODELS.incrementAndGet();
        send("PUT", "/v1/models/" + model, BodyPublishers.ofString("{" + LOSS.replaceAll(", \"wrt\".*", "") + "}"), "Content-Type",
                "application/json");
        JsonNode result = result("fit", """
                {"dataset": "clicks", "model": "%s", "wrt": ["w"], "columns": {"x": ["u", "v"], "y": "y"}, "iterations": 1,
                "save_as": {"name": "%s", "declares": {"b": {"text": "what is added"}}}}""".formatted(model, model));
        assertThat(result.at("/saved/version").asInt()).as(result.toString()).isEqualTo(2);
        JsonNode stored = json(get("/v1/models/" + model));
        assertThat(stored.path("kept").propertyNames()).containsExactly("w");
        assertThat(stored.at("/inputs/b/text").asString()).isEqualTo("what is added");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"\"wrt\": [\"w\", \"b\"] | \"wrt\": [] | invalid-value /request/wrt",
            "\"y\": \"y\" | \"y\": \"y\", \"w\": \"u\" | invalid-value /request/columns/w",
            "\"wrt\": | \"iterations\": 0, \"wrt\": | invalid-value /request/iterations",
            "\"wrt\": | \"tolerance\": -1, \"wrt\": | invalid-value /request/tolerance",
            "\"wrt\": | \"epochs\": 2, \"wrt\": | invalid-value /request/epochs",
            "\"wrt\": | \"optimizer\": \"sgd\", \"tolerance\": 1, \"wrt\": | invalid-value /request/tolerance",
            "\"wrt\": | \"optimizer\": \"sgd\", \"batch_size\": 0, \"wrt\": | invalid-value /request/batch_size",
            "\"wrt\": | \"optimizer\": \"none\", \"wrt\": | invalid-value /request/optimizer",
            "\"wrt\": | \"save_as\": {\"name\": \"No name\"}, \"wrt\": | invalid-value /request/save_as/name",
            "\"wrt\": | \"validation\": \"none\", \"wrt\": | not-found /request/validation"})
    void whatIsWrongIsSaidAtOnce(String part, String other, String error) {
        HttpResponse<String> response = post("/v1/jobs",
                "{\"kind\": \"fit\", \"request\": {\"dataset\": \"clicks\", " + LOSS.replace(part, other) + "}}");
        assertThat(errors(response)).as(response.body()).contains(error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            []                                     | 'wrt' is empty
            null                                   | 'wrt' is missing
            ["w"], "save_as": {}                   | 'name' is missing
            ["w"], "save_as": {"name": "No name"}  | 'No name' cannot be the name of a model
            """)
    void whatIsMissingIsCalledSo(String wrt, String message) {
        HttpResponse<String> refused = post("/v1/jobs",
                "{\"kind\": \"fit\", \"request\": {\"dataset\": \"clicks\", " + LOSS.replace("[\"w\", \"b\"]", wrt) + "}}");
        assertThat(json(refused).at("/errors/0/message").asString()).isEqualTo(message);
    }

    /** What comes from a column, is computed, or follows the batches has no value that a fit could change. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "expression": "z = w * u\\n(z - y)^2", "inputs": {"w": 0}, "wrt": ["w", "z"]                         | /request/wrt/1
            "expression": "z = w * u\\n(z - y)^2", "inputs": {"w": 0}, "wrt": ["w", "y"]                         | /request/wrt/1
            "expression": "z = w * u\\n(z - y)^2", "inputs": {"w": 0}, "wrt": ["y", "w"], "optimizer": "sgd"     | /request/wrt/0
            "expression": "k = w\\nf = (k * u - y)^2", "inputs": {"w": 0}, "wrt": ["k"]                          | /request/wrt/0
            "expression": "(w * u - y)^2", "inputs": {"w": 0}, "wrt": ["w", "a/b"], "columns": {"a/b": "u"}     | /request/columns/a~1b
            "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "batch_norm", "name": "n"}], \
            "loss": {"type": "mse", "target": "t"}}, "columns": {"x": ["u", "v"], "t": ["v", "y"]}, \
            "wrt": ["n.weight", "n.running_mean"] | /request/wrt/1
            """)
    void whatHasNoValueIsNotFitted(String program, String pointer) {
        HttpResponse<String> refused = post("/v1/jobs", "{\"kind\": \"fit\", \"request\": {\"dataset\": \"clicks\", " + program + "}}");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).contains("invalid-value " + pointer);
    }

    /** Layers that compute otherwise in training; a fit computes each row alone. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"type": "dropout", "rate": 0.5}, {"type": "layer_norm"}                                    | 0
            {"type": "dense", "units": 2}, {"type": "batch_norm"}                                       | 1
            {"type": "residual", "layers": [{"type": "layer_norm"}, {"type": "dropout", "rate": 0.1}]}  | 0/layers/1
            {"type": "dropout", "rate": 0}, {"type": "layer_norm"}                                      |
            """)
    void layersThatNeedABatchAreNotFitted(String layers, @Nullable String place) {
        String network = "\"network\": {\"input\": {\"name\": \"x\", \"shape\": [2]}, \"layers\": [" + layers
                + "], \"loss\": {\"type\": \"mse\", \"target\": \"t\"}}";
        String model = "layers_" + MODELS.incrementAndGet();
        send("PUT", "/v1/models/" + model, BodyPublishers.ofString("{" + network + "}"), "Content-Type", "application/json");
        String data = ", \"dataset\": \"clicks\", \"columns\": {\"x\": [\"u\", \"v\"], \"t\": [\"v\", \"y\"]}, \"iterations\": 1}}";
        HttpResponse<String> written = post("/v1/jobs", "{\"kind\": \"fit\", \"request\": {" + network + data);
        HttpResponse<String> stored = post("/v1/jobs", "{\"kind\": \"fit\", \"request\": {\"model\": \"" + model + "\"" + data);
        if (place == null) {
            assertThat(List.of(written.statusCode(), stored.statusCode())).as(written.body() + stored.body()).containsOnly(202);
        } else {
            assertThat(errors(written)).as(written.body()).containsExactly("invalid-value /request/network/layers/" + place);
            assertThat(errors(stored)).as(stored.body()).containsExactly("invalid-value /request/model");
        }
    }

    /** The columns are those of the data set, in which nothing is wrong with them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "columns": {"u": "u", "y": "y"} | u       | 'held_out' has no column 'y'
                                            | u       | 'held_out' has no column 'y'
            "columns": {"u": "u", "y": "y"} | u,y\\n"[1, 2]",3 | has shape [2]
            """)
    void whatTheValidationDataLackIsToldOfThem(@Nullable String columns, String csv, String message) {
        stored("held_out", csv.replace("\\n", "\n") + "\n");
        HttpResponse<String> refused = post("/v1/jobs", "{\"kind\": \"fit\", \"request\": {\"dataset\": \"clicks\", "
                + "\"validation\": \"held_out\", \"expression\": \"(w * u - y)^2\", \"inputs\": {\"w\": 0}, \"wrt\": [\"w\"]"
                + (columns == null ? "" : ", " + columns) + "}}");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).allMatch(error -> error.endsWith(" /request/validation"));
        assertThat(json(refused).path("detail").asString()).contains(message);
    }

    /** Keeps all states that a job would store. */
    private static final class States implements BulkProgress {
        private final List<byte[]> all = new ArrayList<>();
        private Supplier<byte[]> source = () -> new byte[0];

        @Override
        public void done(long rows) {
            all.add(source.get());
        }

        @Override
        public void check() {}
    }

    private BulkWork work() throws IOException {
        RowProgram program = new RowProgram(new Source.Text("z = dot(w, x) + b\nloss = softplus(z) - y * z"),
                RowProgram.Derivatives.GRADIENT,
                List.of("w", "b"), List.of(new RowInput.Vector("x", List.of("u", "v")), new RowInput.Scalar("y", "y")),
                Map.of("w", Tensor.vector(0, 0), "b", Tensor.scalar(0)));
        return new BulkWork(datasets.open(datasets.find("open", "clicks")),
                services.functions().prepared(limits -> RowFunction.of(program, limits)),
                new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.FAIL));
    }

    @Test
    void aFitThatGoesOnFromAnyStateEndsWithTheSameBits() throws IOException {
        BulkWork work = work();
        Lbfgs method = new Lbfgs(Lbfgs.HISTORY, 1e-6, 0, 6);
        States states = new States();
        Fit whole = Fit.of(work, method, 1e-3, work, null);
        states.source = whole::state;
        LbfgsState expected = whole.run(services.engine(), states, () -> {});
        Double held = whole.validationLoss(expected, services.engine(), states);
        assertThat(held).isEqualTo(expected.value());
        assertThat(states.all).hasSizeGreaterThan(20);
        for (int i = 0; i < states.all.size(); i += states.all.size() / 6) {
            Fit rest = Fit.of(work, method, 1e-3, work, states.all.get(i));
            LbfgsState found = rest.run(services.engine(), new States(), () -> {});
            assertThat(found.toBytes()).as("from state %d", i).isEqualTo(expected.toBytes());
            assertThat(rest.losses()).isEqualTo(whole.losses());
            assertThat(rest.validationLoss(found, services.engine(), new States())).isEqualTo(held);
        }
    }

    @Test
    void aReductionThatGoesOnFromAnyStateHasTheSameBits() throws IOException {
        BulkWork work = work();
        States states = new States();
        Reduction whole = Reduction.of(work, Moments.Order.SECOND, 1e-3, null);
        states.source = whole::state;
        whole.run(services.engine(), states);
        assertThat(states.all).hasSizeGreaterThan(3);
        for (byte[] state : states.all) {
            Reduction rest = Reduction.of(work, Moments.Order.SECOND, 1e-3, state);
            rest.run(services.engine(), new States());
            assertThat(rest.moments().toBytes()).isEqualTo(whole.moments().toBytes());
            assertThat(rest.tally().toBytes()).isEqualTo(whole.tally().toBytes());
        }
        Reduction otherUnits = Reduction.of(work, Moments.Order.SECOND, 0, null);
        otherUnits.run(services.engine(), new States());
        assertThat(otherUnits.moments().toBytes()).isEqualTo(whole.moments().toBytes());
    }
}
