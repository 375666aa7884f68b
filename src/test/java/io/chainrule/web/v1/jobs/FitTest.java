package io.chainrule.web.v1.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.chainrule.TestFolder;
import io.chainrule.core.Source;
import io.chainrule.core.fit.Lbfgs;
import io.chainrule.core.fit.LbfgsState;
import io.chainrule.core.fit.MinibatchFit;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.language.Language;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowInput;
import io.chainrule.core.rows.RowPolicy;
import io.chainrule.core.rows.RowProgram;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Optimizer;
import io.chainrule.core.training.Schedule;
import io.chainrule.service.bulk.BulkProgress;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.Fit;
import io.chainrule.service.bulk.Mapping;
import io.chainrule.service.bulk.Reduction;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.service.bulk.RowFeed;
import io.chainrule.service.bulk.SparkProperties;
import io.chainrule.service.bulk.StepFit;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.JobKind;
import io.chainrule.service.jobs.JobProperties;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.FunctionCache;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Turns;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.v1.Queries;
import io.chainrule.web.v1.ResponseMapper;
import io.chainrule.web.v1.models.SavedResponse;
import io.chainrule.web.v1.models.TrainingSaver;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Parameters that are fitted to the rows of a data set: a logistic regression of two columns. How many parts the rows are divided into, and
 * so how often progress is told, depends on the number of threads.
 */
@DirtiesContext
@TestPropertySource(properties = "chainrule.limits.threads=2")
class FitTest extends JobsHttpTest {
    private static final int ROWS = 40_000;
    private static final String LOSS = "\"expression\": \"z = dot(w, x) + b\\nloss = softplus(z) - y * z\", "
            + "\"inputs\": {\"w\": [0, 0], \"b\": 0}, \"wrt\": [\"w\", \"b\"], \"columns\": {\"x\": [\"u\", \"v\"], \"y\": \"y\"}";

    private static final double[][] POINTS = points();

    private static final AtomicInteger MODELS = new AtomicInteger();
    private static Path grown = Path.of("");

    @Autowired
    private DatasetService datasets;

    @Autowired
    private KindServices services;

    @Autowired
    private FitJobs fits;

    @Autowired
    private Budget budget;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) throws IOException {
        Path folder = TestFolder.add(properties, "fit-");
        grown = Files.createDirectories(folder.resolve("grown"));
        properties.add("chainrule.datasets.roots", () -> "file:" + grown);
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
        stored("clicks", clicks(Integer.MAX_VALUE));
    }

    /** @param holes each of so many rows has no number */
    private static String clicks(int holes) {
        StringBuilder csv = new StringBuilder("u,v,y,note\n");
        int rows = 0;
        for (double[] point : POINTS) {
            rows++;
            csv.append(rows % holes == 0 ? Double.NaN : point[0]).append(',').append(point[1]).append(',').append((int) point[2])
                    .append(',')
                    .append("some text that makes the file longer than one of its splits ".repeat(3)).append('\n');
        }
        return csv.toString();
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

    /** The losses are those of the parameters that are answered, also where the steps end within an epoch. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "steps": 3                   | 1 | 0 | 300
            "steps": 403                 | 2 | 1 | 300
            "steps": 400                 | 1 | 1 | 40000
            "steps": 401, "epochs": 3    | 2 | 1 | 100
            """)
    void aFitThatEndsWithinAnEpochTellsTheLossesOfItsParameters(String fields, int losses, int epochs, int rows) {
        JsonNode found = result("fit", "{\"dataset\": \"clicks\", \"validation\": \"clicks\", " + LOSS + ", \"batch_size\": 100, "
                + "\"optimizer\": {\"type\": \"adam\", \"lr\": 0.02}, " + fields + "}");
        assertThat(found.path("history")).as(found.toString()).hasSize(losses);
        assertThat(found.path("validation_history")).hasSize(losses);
        assertThat(found.path("epochs").asInt()).isEqualTo(epochs);
        assertThat(found.at("/rows/used").asInt()).isEqualTo(rows);
        assertThat(found.path("loss")).isEqualTo(found.path("history").get(losses - 1));
        assertThat(found.path("validation_loss")).isEqualTo(found.path("validation_history").get(losses - 1));
        JsonNode mean = result("reduce",
                "{\"dataset\": \"clicks\", \"derivatives\": \"none\", " + LOSS.replace(", \"wrt\": [\"w\", \"b\"]", "")
                        .replaceFirst("\"inputs\": \\{.*?\\}", "\"inputs\": " + found.path("parameters")) + "}");
        assertThat(found.path("validation_loss")).isEqualTo(mean.at("/value/mean"));
    }

    @Test
    void ofManyEpochsTheHistoryTellsWhichItHas() {
        stored("few", "x\n1\n2\n");
        String request = "{\"dataset\": \"few\", \"expression\": \"(w - x)^2\", \"inputs\": {\"w\": 0}, \"wrt\": [\"w\"], "
                + "\"optimizer\": \"sgd\", \"epochs\": %d}";
        JsonNode all = result("fit", request.formatted(1_000));
        assertThat(all.path("history")).hasSize(1_000);
        assertThat(all.has("history_epochs")).isFalse();
        JsonNode some = result("fit", request.formatted(1_500));
        List<Integer> epochs = some.path("history_epochs").valueStream().map(JsonNode::asInt).toList();
        assertThat(epochs).hasSameSizeAs(some.path("history")).startsWith(1, 3, 5).endsWith(1_499, 1_500);
        assertThat(some.path("history").get(2)).as("the loss of the fifth epoch").isEqualTo(all.path("history").get(4));
    }

    /** Where a step has no finite loss, the parameters before it are answered, and so is their loss over the validation data. */
    @Test
    void theValidationLossOfAFitThatBecomesInfinite() {
        storeLines();
        JsonNode found = result("fit", line("okrow", "\"validation\": \"okrow\", \"batch_size\": 1, \"steps\": 9, "
                + "\"optimizer\": {\"type\": \"sgd\", \"lr\": 1e200}"));
        assertThat(found.path("stopped_by").asString()).as(found.toString()).isEqualTo("non_finite");
        double a = found.at("/parameters/a").asDouble();
        double expected = ((a - 2) * (a - 2) + (2 * a - 4) * (2 * a - 4) + (3 * a - 6) * (3 * a - 6)) / 3;
        assertThat(found.path("validation_loss").asDouble()).isCloseTo(expected, withinPercentage(1e-10));
    }

    /** A line search that finds no point makes no step. */
    @Test
    void aFitWithoutAStep() {
        stored("kink", "x\n1\n2\n3\n");
        JsonNode found = result("fit", "{\"dataset\": \"kink\", \"expression\": \"abs(w - x)\", \"inputs\": {\"w\": 2}, \"wrt\": [\"w\"], "
                + "\"tolerance\": 0}");
        assertThat(found.path("history")).as(found.toString()).hasSize(found.path("iterations").asInt() + 1);
        assertThat(found.at("/parameters/w").asDouble()).isEqualTo(2);
    }

    /** However the rows of a step are divided among threads, the error names the first wrong one. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void theFirstWrongRowOfAStepIsNamed(int seed) {
        StringBuilder csv = new StringBuilder("x\n");
        for (int row = 1; row <= 5_000; row++) {
            csv.append(row == 10 || row == 4_000 ? "?" : "1").append('\n');
        }
        stored("wrong", csv.toString());
        JsonNode job = ended("fit", "{\"dataset\": \"wrong\", \"expression\": \"(w - x)^2\", \"inputs\": {\"w\": 2}, \"wrt\": [\"w\"], "
                + "\"optimizer\": \"sgd\", \"batch_size\": 5000, \"shuffle_seed\": " + seed + "}");
        assertThat(job.at("/problem/errors/0/message").asString()).as(job.toString()).startsWith("row 10, column 'x'");
    }

    /** A program that cannot be stored without shapes has those of the columns. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    "expression": "z = NET(x)[0] * s\\nl = (z - y)^2"                   | `x`
                    "expression": "z = sum(np.diff(x) * s)\\nl = (z - y)^2"             | `x`
                    "expression": "z = sum(x) / len(x) * s\\nl = (z - y)^2"             | `x`
                    "graph": {"nodes": [{"id": "u", "op": "sum", "inputs": ["x"]}, {"id": "z", "op": "mul", "inputs": ["u", "s"]}, {"id": "d", "op": "sub", "inputs": ["z", "y"]}, {"id": "l", "op": "pow", "inputs": ["d", 2]}]} | `x`
                    """)
    void aFitStoresProgramsWithTheShapesOfColumns(String program, String input) {
        String model = "shaped_" + MODELS.incrementAndGet();
        send("PUT", "/v1/models/" + model + "_net", BodyPublishers.ofString(
                """
                        {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "out", "units": 2}]}, "seed": 4}"""),
                "Content-Type", "application/json");
        for (String optimizer : List.of("", ", \"optimizer\": \"sgd\"")) {
            JsonNode found = result("fit", "{\"dataset\": \"clicks\", \"columns\": {\"x\": [\"u\", \"v\"], \"y\": \"y\"}, "
                    + program.replace("NET", model + "_net") + ", \"inputs\": {\"s\": 1}, \"wrt\": [\"s\"], \"iterations\": 1, \"steps\": 1"
                            .replace(optimizer.isEmpty() ? ", \"steps\": 1" : ", \"iterations\": 1", "")
                    + optimizer + ", \"save_as\": {\"name\": \"" + model + "\", \"output\": \"z\"}}");
            assertThat(found.at("/saved/version").asInt()).as(found.toString()).isPositive();
            assertThat(json(get("/v1/models/" + model)).path("inputs").propertyNames()).containsExactly(input);
            JsonNode answer = json(post("/v1/evaluate", "{\"model\": \"" + model + "\", \"inputs\": {\"x\": [1, 3]}}"));
            assertThat(answer.path("value").isNumber()).as(answer.toString()).isTrue();
        }
    }

    private static String line(String dataset, String fields) {
        return "{\"dataset\": \"" + dataset + "\", \"expression\": \"(a*x-y)^2\", \"inputs\": {\"a\": 0}, \"wrt\": [\"a\"]"
                + (fields.isEmpty() ? "" : ", " + fields) + "}";
    }

    private void storeLines() {
        stored("okrow", "x,y\n1,2\n2,4\n3,6\n");
        stored("nanrow", "x,y\n1,2\n2,4\nNaN,5\n3,6\n");
        stored("missrow", "x,y\n1,2\n,4\n3,6\n");
    }

    private static final String STEPS = "\"optimizer\": {\"type\": \"adam\", \"lr\": 0.1}, \"batch_size\": 8, \"epochs\": 5";

    /** A row that has no loss at the start ends the fit, and the version that there is stays the latest. */
    @ParameterizedTest
    @ValueSource(strings = {"", "\"on_result\": \"fail\"", STEPS, "\"on_result\": \"fail\", " + STEPS,
            "\"optimizer\": \"sgd\", \"batch_size\": 1"})
    void aRowWithoutALossEndsTheFit(String fields) {
        storeLines();
        String model = "nightly_" + MODELS.incrementAndGet();
        String save = "\"save_as\": {\"name\": \"" + model + "\"}";
        assertThat(result("fit", line("okrow", save)).at("/parameters/a").asDouble()).isCloseTo(2, within(1e-8));
        JsonNode job = ended("fit", line("nanrow", fields.isEmpty() ? save : fields + ", " + save));
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("failed");
        assertThat(job.at("/problem/errors/0/message").asString()).isEqualTo("row 3: 'x' is the first value that is not finite");
        assertThat(job.at("/problem/errors/0/hint").asString()).contains("\"on_result\": \"skip\"");
        assertThat(json(get("/v1/models/" + model)).path("version").asInt()).isEqualTo(1);
    }

    /** The fit is that of the other rows. */
    @ParameterizedTest
    @ValueSource(strings = {"", STEPS})
    void aRowWithoutALossIsLeftOut(String fields) {
        storeLines();
        JsonNode expected = result("fit", line("okrow", fields));
        JsonNode found = result("fit", line("nanrow", fields.isEmpty() ? "\"on_result\": \"skip\"" : fields + ", \"on_result\": \"skip\""));
        assertThat(found.path("parameters")).isEqualTo(expected.path("parameters"));
        assertThat(found.path("history")).isEqualTo(expected.path("history"));
        assertThat(found.path("stopped_by")).isEqualTo(expected.path("stopped_by"));
        assertThat(found.at("/rows/read").asInt()).isEqualTo(4);
        assertThat(found.at("/rows/used").asInt()).isEqualTo(3);
        assertThat(found.at("/rows/not_finite").asInt()).isEqualTo(1);
        assertThat(found.at("/rows/faults/0/row").asInt()).isEqualTo(3);
    }

    /** A fit that is told to go on with such a row has made no step; nothing is stored, and a diagnostic says why. */
    @ParameterizedTest
    @ValueSource(strings = {"", STEPS})
    void aRowWithoutALossThatIsKeptLeavesNothingToStore(String fields) {
        storeLines();
        String model = "nightly_" + MODELS.incrementAndGet();
        JsonNode job = ended("fit", line("nanrow", (fields.isEmpty() ? "" : fields + ", ") + "\"on_result\": \"keep\", \"save_as\": "
                + "{\"name\": \"" + model + "\"}"));
        JsonNode found = json(get("/v1/jobs/" + job.path("id").asString() + "/result"));
        assertThat(found.path("stopped_by").asString()).as(job.toString() + found).isEqualTo("non_finite");
        assertThat(found.path("iterations").asInt()).isZero();
        assertThat(found.at("/parameters/a").asDouble()).isZero();
        assertThat(found.at("/saved/version").isMissingNode()).as(found.toString()).isTrue();
        assertThat(found.at("/saved/errors/0/message").asString()).contains("initial");
        assertThat(get("/v1/models/" + model).statusCode()).isEqualTo(404);
        assertThat(job.at("/diagnostics/0/kind").asString()).as(job.toString()).isEqualTo("non-finite");
        assertThat(job.at("/diagnostics/0/node").asString()).isEqualTo("x");
        assertThat(job.at("/diagnostics/0/message").asString()).contains("initial");
    }

    /** Steps may go where rows have no loss that have one at the start. That is no fault of the rows. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "on_result": "fail"                                              | gradient   | 3
            "on_result": "skip"                                              | gradient   | 3
            "on_result": "fail", "optimizer": {"type": "sgd", "lr": 1000}, "epochs": 3 | non_finite | 3
            "on_result": "skip", "optimizer": {"type": "sgd", "lr": 1000}, "epochs": 3 | non_finite | 3
            """)
    void aStepThatGoesTooFarIsNoFaultOfTheRows(String fields, String stop, int used) {
        stored("positive", "x\n1\n2\n3\n");
        JsonNode found = result("fit", "{\"dataset\": \"positive\", \"expression\": \"10 * (w * x - log(w))\", \"inputs\": {\"w\": 0.8}, "
                + "\"wrt\": [\"w\"], " + fields + "}");
        assertThat(found.path("stopped_by").asString()).as(found.toString()).isEqualTo(stop);
        assertThat(found.at("/parameters/w").asDouble()).isCloseTo(stop.equals("gradient") ? 0.5 : 0.8, within(1e-8));
        assertThat(found.at("/rows/used").asInt()).isEqualTo(used);
        assertThat(found.at("/rows/skipped").asInt()).isZero();
    }

    /** The mean over other rows tells nothing of a step, so that a fit stays where those that were left out have no loss. */
    @Test
    void aFitThatLeavesRowsOutComparesTheLossesOfTheSameRows() {
        stored("bounds", "x\n-10\n2\n");
        JsonNode found = result("fit", "{\"dataset\": \"bounds\", \"expression\": \"(a - 5)^2 + 0.01 * log(a - x)^2\", "
                + "\"inputs\": {\"a\": 0}, \"wrt\": [\"a\"], \"on_result\": \"skip\"}");
        double a = found.at("/parameters/a").asDouble();
        assertThat(a).as(found.toString()).isBetween(1.0, 2.0);
        assertThat(found.path("loss").asDouble()).isCloseTo(Math.pow(a - 5, 2) + 0.01 * Math.pow(Math.log(a + 10), 2), within(1e-12));
        assertThat(found.at("/rows/used").asInt()).isEqualTo(1);
        assertThat(found.at("/rows/skipped").asInt()).isEqualTo(1);
    }

    /** What is wrong with validation rows is told of them, before a step is made. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            missrow | row 2, column 'x': the cell is missing
            nanrow  | row 3: 'x' is the first value that is not finite
            """)
    void whatIsWrongWithValidationRowsIsToldOfThem(String validation, String message) {
        storeLines();
        for (String optimizer : List.of("", ", \"optimizer\": \"sgd\"")) {
            JsonNode job = ended("fit", line("okrow", "\"validation\": \"" + validation + "\"" + optimizer));
            assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("failed");
            assertThat(job.at("/problem/errors/0/pointer").asString()).isEqualTo("/request/validation");
            assertThat(job.at("/problem/errors/0/message").asString()).isEqualTo("validation data '" + validation + "': " + message);
            assertThat(job.at("/progress/done").asInt(0)).as(job.toString()).isZero();
        }
    }

    /** Where no row is left, the error tells what is wrong with them; where there are none, the fit is not accepted. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            x,y\\n1,downtown\\n2,\\n3,uptown | 'downtown' is not | none of 3 rows; column 'y': 1 missing, 2 malformed
            x,y\\nNaN,1\\n2,NaN             | row 1: 'x' is the first | none of 2 rows; 2 not finite
            x,y                               |                         | none
            """)
    void aFitWithoutAUsableRowTellsWhy(String csv, @Nullable String hint, String actual) {
        storeLines();
        stored("unusable", csv.replace("\\n", "\n") + "\n");
        for (String optimizer : List.of("", ", \"optimizer\": \"sgd\"")) {
            for (boolean isHeldOut : new boolean[]{false, true}) {
                String request = line(isHeldOut ? "okrow" : "unusable", (isHeldOut ? "\"validation\": \"unusable\", " : "")
                        + "\"on_cell\": \"skip\", \"on_result\": \"skip\"" + optimizer);
                JsonNode error = hint == null
                        ? json(post("/v1/jobs", "{\"kind\": \"fit\", \"request\": " + request + "}")).at("/errors/0")
                        : ended("fit", request).at("/problem/errors/0");
                assertThat(error.path("pointer").asString()).as(error.toString())
                        .isEqualTo(isHeldOut ? "/request/validation" : "/request/dataset");
                assertThat(error.path("message").asString())
                        .endsWith(hint == null ? "the data set 'unusable' has no rows" : "no row is left that has a loss");
                assertThat(error.path("actual").asString()).isEqualTo(actual);
                assertThat(error.path("hint").asString("")).contains(hint == null ? "" : hint);
            }
        }
    }

    /** Validation rows that are left out are counted and named. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            missrow | 2 | 2 | missing-cell
            nanrow  | 3 | 3 | not-finite-value
            """)
    void validationRowsThatAreLeftOutAreCounted(String validation, int used, int row, String kind) {
        storeLines();
        for (String optimizer : List.of("", ", " + STEPS)) {
            JsonNode found = result("fit", line("okrow",
                    "\"validation\": \"" + validation + "\", \"on_cell\": \"skip\", \"on_result\": \"skip\"" + optimizer));
            assertThat(found.path("validation_loss").asDouble()).as(found.toString()).isFinite();
            assertThat(found.at("/validation_rows/used").asInt()).isEqualTo(used);
            assertThat(found.at("/validation_rows/skipped").asInt()).isEqualTo(1);
            assertThat(found.at("/validation_rows/faults/0/row").asInt()).isEqualTo(row);
            assertThat(found.at("/validation_rows/faults/0/kind").asString()).isEqualTo(kind);
            assertThat(found.at("/rows/skipped").asInt()).isZero();
        }
        assertThat(result("fit", line("okrow", "")).path("validation_rows").isMissingNode()).isTrue();
    }

    /** A validation loss that is not finite is told, and no fit ends early by such losses alone. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                                                                                                  | gradient
            "optimizer": "sgd", "epochs": 9                                                       | epochs
            "optimizer": "sgd", "epochs": 9, "early_stopping": {"patience": 2}                    | non_finite
            """)
    void aValidationLossThatIsNotFiniteIsTold(@Nullable String fields, String stop) {
        storeLines();
        String model = "told_" + MODELS.incrementAndGet();
        JsonNode job = ended("fit", line("okrow", "\"validation\": \"nanrow\", \"on_result\": \"keep\", \"save_as\": {\"name\": \"" + model
                + "\"}" + (fields == null ? "" : ", " + fields)));
        JsonNode found = json(get("/v1/jobs/" + job.path("id").asString() + "/result"));
        assertThat(found.path("stopped_by").asString()).as(job.toString() + found).isEqualTo(stop);
        assertThat(found.path("validation_loss").asString()).isEqualTo("NaN");
        assertThat(found.at("/validation_rows/faults/0/row").asInt()).isEqualTo(3);
        assertThat(found.at("/parameters/a").asDouble()).isGreaterThan(0);
        assertThat(found.at("/saved/version").asInt()).isEqualTo(1);
        assertThat(job.path("diagnostics")).hasSize(1);
        assertThat(job.at("/diagnostics/0/kind").asString()).isEqualTo("non-finite");
        assertThat(job.at("/diagnostics/0/message").asString()).contains("validation");
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

    /** Each time that the model is looked up, another version of it has just been stored. */
    @Test
    void aNameMeansOneVersionWhileAJobIsAccepted() {
        String model = "moved_" + MODELS.incrementAndGet();
        AtomicInteger looks = new AtomicInteger();
        Map<String, String> meant = new AbstractMap<>() {
            @Override
            public Set<Entry<String, String>> entrySet() {
                return Set.of();
            }

            @Override
            public @Nullable String get(Object reference) {
                return containsKey(reference) ? "" : null;
            }

            @Override
            public boolean containsKey(Object reference) {
                if (reference.equals(model)) {
                    HttpResponse<String> put = send("PUT", "/v1/models/" + model, BodyPublishers.ofString(
                            "{\"expression\": \"z = dot(w, x) + b\\nloss = softplus(z) - y * z\", \"inputs\": {\"w\": [0, 0], \"b\": "
                                    + looks.incrementAndGet() + "}, \"declares\": {\"x\": {\"shape\": [2]}, \"y\": {\"shape\": []}}}"),
                            "Content-Type", "application/json");
                    assertThat(put.statusCode()).as(put.body()).isBetween(200, 201);
                }
                return false;
            }
        };
        JobKind.Accepted accepted = fits.check(new JobCall("open", true, Language.EN, meant, """
                {"dataset": "clicks", "validation": "clicks", "model": "%s", "columns": {"x": ["u", "v"], "y": "y"}, "iterations": 2,
                "save_as": {"name": "%s"}}""".formatted(model, model)));
        assertThat(looks).hasValue(1);
        assertThat(accepted.meant()).containsEntry(model, model + ":1").containsKey("dataset/clicks");
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

    /** Values that the client has not sent are no mistake of the client's where the text does not read them. */
    @Test
    void aModelNeedNotReadAllThatItKeepsForTheLengthsOfTheRows() {
        String model = "lengths_" + MODELS.incrementAndGet();
        send("PUT", "/v1/models/" + model, BodyPublishers.ofString(
                "{\"expression\": \"if len(x) > 2:\\n    y = W * sum(x)\\nelse:\\n    y = (c * sum(x) - 1)^2\", "
                        + "\"inputs\": {\"W\": 1, \"c\": 2}, \"declares\": {\"x\": {\"shape\": [\"n\"]}}}"),
                "Content-Type", "application/json");
        for (String optimizer : List.of("", ", \"optimizer\": {\"type\": \"adamw\", \"lr\": 0.01}, \"epochs\": 1")) {
            JsonNode found = result("fit",
                    "{\"dataset\": \"clicks\", \"model\": \"" + model + "\", \"columns\": {\"x\": [\"u\", \"v\"]}" + optimizer + "}");
            assertThat(found.at("/parameters/W").asDouble()).as(found.toString()).isEqualTo(1);
            assertThat(found.at("/parameters/c").asDouble()).as(found.toString()).isNotEqualTo(2);
        }
    }

    /** Each column goes to the input of its name, also where the text of a model reads the name as a constant otherwise. */
    @Test
    void withoutColumnsAModelHasThoseOfItsInputs() {
        stored("named", "application/x-ndjson", "{\"x\": [1, 2], \"e\": 0.25}\n{\"x\": [3, 4], \"e\": 0.75}\n");
        String model = "named_" + MODELS.incrementAndGet();
        send("PUT", "/v1/models/" + model, BodyPublishers.ofString("{\"expression\": \"loss = (w - e)^2 + 0 * sum(x) / len(x)\", "
                + "\"inputs\": {\"w\": 0}, \"declares\": {\"x\": {\"shape\": [\"n\"]}, \"e\": {\"range\": [0, 1]}}}"), "Content-Type",
                "application/json");
        JsonNode result = result("fit", "{\"dataset\": \"named\", \"model\": \"" + model + "\"}");
        assertThat(result.at("/parameters/w").asDouble()).as(result.toString()).isCloseTo(0.5, within(1e-6));
    }

    /** A column that the text of a model reads for other lengths alone is not looked at. */
    @Test
    void columnsThatAModelDoesNotReadForRowsOfTheirLengthAreLeftOut() {
        stored("short", "application/x-ndjson", "{\"x\": [1, 2], \"t\": 3, \"s\": null}\n{\"x\": [3, 4], \"t\": 7, \"s\": 5}\n");
        String model = "short_" + MODELS.incrementAndGet();
        HttpResponse<String> put = send("PUT", "/v1/models/" + model, BodyPublishers.ofString(
                "{\"expression\": \"if len(x) < 10:\\n  s = 1\\ny = (w * s * sum(x) / len(x) - t)^2\", \"inputs\": {\"w\": 1}, \"declares\": {\"x\": {\"shape\": [\"n\"]}, \"t\": {}}}"),
                "Content-Type", "application/json");
        assertThat(put.statusCode()).as(put.body()).isEqualTo(201);
        JsonNode result = result("fit", "{\"dataset\": \"short\", \"model\": \"" + model + "\"}");
        assertThat(result.at("/parameters/w").asDouble()).as(result.toString()).isCloseTo(2, within(1e-6));
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

    /** The nodes of a stored program are right for rows, and values in place of those that it keeps, of the shapes that it had. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            3 | {}            | shape-mismatch /request/columns/x
            2 | {"w": [1, 2]} | shape-mismatch /request/inputs/w
            """)
    void aFitIsOfTheShapesForWhichAModelWasMade(int length, String inputs, String error) {
        String model = "click_" + MODELS.incrementAndGet();
        HttpResponse<String> put = send("PUT", "/v1/models/" + model, BodyPublishers.ofString("""
                {"expression": "(sum(w * x) / len(x) - y)^2", "inputs": {"w": 0}, "declares": {"x": {"shape": [%d]}, "y": {"shape": []}}}"""
                .formatted(length)), "Content-Type", "application/json");
        assertThat(put.statusCode()).as(put.body()).isEqualTo(201);
        for (String way : List.of("\"iterations\": 1", "\"optimizer\": \"sgd\", \"steps\": 1")) {
            assertThat(errors(post("/v1/jobs",
                    """
                            {"kind": "fit", "request": {"dataset": "clicks", "model": "%s", "inputs": %s, "columns": {"x": ["u", "v"], "y": "y"}, %s}}"""
                            .formatted(model, inputs, way))))
                    .containsExactly(error);
        }
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

    /** A node that the model computes is no column, however the fit is made. */
    @ParameterizedTest
    @ValueSource(strings = {"", ", \"optimizer\": \"sgd\""})
    void aNodeOfAModelIsNoColumn(String more) {
        send("PUT", "/v1/models/with_node",
                BodyPublishers.ofString("{\"expression\": \"h = tanh(w * x)\\ny = h^2\", \"inputs\": {\"w\": 1}}"),
                "Content-Type", "application/json");
        assertThat(errors(post("/v1/jobs", "{\"kind\": \"fit\", \"request\": {\"dataset\": \"clicks\", \"model\": \"with_node\", "
                + "\"columns\": {\"x\": \"u\", \"h\": \"v\"}" + more + "}}"))).containsExactly("unknown-node /request/columns/h");
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
            "columns": {"u": "u", "y": "y"} | u,y\\n"[1, 2]",3 | 'u' has shape [2] in a row of 'held_out'
                                            | u,y\\n1,"[1, 2]" | 'y' has shape [2] in a row of 'held_out'
            """)
    void whatTheValidationDataLackIsToldOfThem(@Nullable String columns, String csv, String message) {
        stored("held_out", csv.replace("\\n", "\n") + "\n");
        HttpResponse<String> refused = post("/v1/jobs", "{\"kind\": \"fit\", \"request\": {\"dataset\": \"clicks\", "
                + "\"validation\": \"held_out\", \"expression\": \"sum((w * u - y)^2)\", \"inputs\": {\"w\": 0}, \"wrt\": [\"w\"]"
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
        return work("clicks", RowPolicy.OnResult.FAIL);
    }

    private BulkWork work(String dataset, RowPolicy.OnResult results) throws IOException {
        RowProgram program = new RowProgram(new Source.Text("z = dot(w, x) + b\nloss = softplus(z) - y * z"),
                RowProgram.Derivatives.GRADIENT,
                List.of("w", "b"), List.of(new RowInput.Vector("x", List.of("u", "v")), new RowInput.Scalar("y", "y")),
                Map.of("w", Tensor.vector(0, 0), "b", Tensor.scalar(0)));
        return new BulkWork(datasets.open(datasets.find("open", dataset)),
                services.functions().prepared(limits -> RowFunction.of(program, limits)),
                new RowPolicy(RowPolicy.OnCell.FAIL, results));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFitThatGoesOnFromAnyStateEndsWithTheSameBits(boolean hasRowsWithoutLoss) throws IOException {
        if (hasRowsWithoutLoss) {
            stored("holes", clicks(1_000));
        }
        BulkWork work = hasRowsWithoutLoss ? work("holes", RowPolicy.OnResult.SKIP) : work();
        Lbfgs method = new Lbfgs(Lbfgs.HISTORY, 1e-6, 0, 6);
        States states = new States();
        Fit whole = Fit.of(work, method, 1e-3, work, null);
        states.source = whole::state;
        LbfgsState expected = whole.run(services.engine(), states, states, () -> {});
        Double held = whole.validationLoss(expected, services.engine(), states);
        assertThat(held).isEqualTo(expected.value());
        int left = hasRowsWithoutLoss ? ROWS - ROWS / 1_000 : ROWS;
        assertThat(Objects.requireNonNull(whole.tally()).used()).isEqualTo(left);
        assertThat(Objects.requireNonNull(whole.validationTally()).used()).isEqualTo(left);
        assertThat(states.all).hasSizeGreaterThan(20);
        for (int i = 0; i < states.all.size(); i += states.all.size() / 6) {
            Fit rest = Fit.of(work, method, 1e-3, work, states.all.get(i));
            LbfgsState found = rest.run(services.engine(), new States(), new States(), () -> {});
            assertThat(found.toBytes()).as("from state %d", i).isEqualTo(expected.toBytes());
            assertThat(rest.losses()).isEqualTo(whole.losses());
            assertThat(Objects.requireNonNull(rest.tally()).toBytes()).isEqualTo(Objects.requireNonNull(whole.tally()).toBytes());
            assertThat(rest.validationLoss(found, services.engine(), new States())).isEqualTo(held);
        }
        Fit otherUnits = Fit.of(work, method, 0, work, null);
        assertThat(otherUnits.run(services.engine(), new States(), new States(), () -> {}).toBytes()).isEqualTo(expected.toBytes());
    }

    @Test
    void whatAFitRemembersOfStepsIsMemoryInUse() throws IOException {
        Lbfgs method = new Lbfgs(Lbfgs.HISTORY, 1e-6, 0, 6);
        BulkWork work = work();
        try (var _ = budget.reserveForLong(0)) {
            long before = budget.used();
            Fit.of(work, method, 1e-3, null, null);
            assertThat(budget.used() - before).as("three parameters").isEqualTo(method.bytes(3)).isPositive();
        }
    }

    /** What looks like Spark and Chainrule's part for it. */
    private static Path spark() throws IOException {
        Path home = TestFolder.create("spark-");
        Files.createFile(Files.createDirectory(home.resolve("jars")).resolve("spark-core_2.13-4.2.0.jar"));
        Files.createFile(home.resolve("chainrule-spark.jar"));
        return home;
    }

    /** The memory suffices for the validation rows. After a pass over these the job would not be left to others any more. */
    @ParameterizedTest
    @EnumSource(RowEngine.Kind.class)
    void aReplicaWithTooLittleMemoryForAFitTellsNoProgress(RowEngine.Kind engine, @Autowired FunctionCache cache,
            @Autowired JobProperties jobs, @Autowired Queries queries, @Autowired TrainingSaver saver, @Autowired JsonMapper json)
            throws IOException {
        stored("few", "u,v,y\n1,2,0\n3,-4,1\n-2,1,1\n0.5,3,0\n");
        SparkProperties spark = new SparkProperties("spark://host:7077", spark(), null, "hidden", "1g", Map.of());
        Limits limits = TestService.limits("shared-bytes", "30000000");
        Budget little = new Budget(limits);
        KindServices small = new KindServices(new Admission(limits, little, new Turns(limits)), cache, jobs, spark);
        FitJobs replica = new FitJobs(small, new RowsMapper(datasets, small, queries, json), queries, saver, new JobRequests(json, little),
                json);
        JobCall call = new JobCall("open", true, Language.EN, Map.of(), """
                {"dataset": "few", "validation": "few", "expression": "(sum(w) * u - y)^2", "inputs": {"w": [%s0]}, "wrt": ["w"],
                "columns": {"u": "u", "y": "y"}, "engine": "%s"}""".formatted("0, ".repeat(19_999), engine.text()));
        RecordedRun run = new RecordedRun();
        try (var _ = little.reserveForLong(0)) {
            assertThatThrownBy(() -> replica.run(call, run)).isInstanceOf(LimitException.class).hasMessageStartingWith("shared-bytes: ");
        }
        assertThat(run.told()).isEmpty();
    }

    /** Rows that are held out are not those of a pass, and their time is none of the fit's steps, also where the gradient ends these. */
    @ParameterizedTest
    @CsvSource({"0, 3, 3", "1000, 100, 0"})
    void theProgressIsThatOfTheRowsThatAreFitted(double tolerance, int iterations, int made) throws IOException {
        stored("few", "u,v,y\n1,2,0\n3,-4,1\n-2,1,1\n0.5,3,0\n");
        BulkWork work = work("few", RowPolicy.OnResult.FAIL);
        Fit fit = Fit.of(work, new Lbfgs(Lbfgs.HISTORY, tolerance, 0, iterations), 1e-3, work(), null);
        RecordedRun run = new RecordedRun();
        // What is measured meanwhile changes what is thought of later work.
        double guess = (iterations + 1) * services.cost(List.of(new KindServices.Passes(work, 1)), 1, "").seconds();
        FitProgress progress = new FitProgress(run, () -> {}, services, work, work(), fit, iterations, JSON);
        LbfgsState found = fit.run(services.engine(), progress, progress.ofHeldOut(), progress::stepped);
        int ofSteps = run.told().size();
        fit.validationLoss(found, services.engine(), progress.ofHeldOut());
        assertThat(run.told()).extracting(told -> JSON.readTree(told.latest()).path("rows_of_pass").asInt()).contains(0, 4)
                .allMatch(rows -> rows <= 4);
        long held = run.told().stream().takeWhile(told -> told.latest().equals("{\"rows_of_pass\":0}")).count();
        assertThat(held).as("parts of the rows that are held out").isGreaterThan(1);
        assertThat(guess).isPositive();
        assertThat(run.told().subList(0, ofSteps)).as("the last pass over rows that are held out is to come").isNotEmpty()
                .allMatch(told -> told.secondsLeft() > 0);
        double ofPass = run.told().get(ofSteps - 1).secondsLeft();
        assertThat(run.told().subList(0, (int) held)).allMatch(told -> told.secondsLeft() > guess);
        assertThat(run.told().get((int) held - 1).secondsLeft()).as("no step was made, and one of two passes").isEqualTo(guess + ofPass);
        assertThat(run.told().subList(ofSteps, run.told().size() - 1)).isNotEmpty().allMatch(told -> told.secondsLeft() > 0);
        assertThat(run.told().getLast().secondsLeft()).isZero();
        assertThat(run.told().getLast().done()).isEqualTo(made);
        assertThat(run.states()).as("states of both kinds of passes").hasSizeGreaterThan((int) held);
    }

    /** This machine in place of a cluster, of which it is known whether it is held. */
    private static final class Cluster implements RowEngine {
        private final RowEngine machine;
        private boolean isHeld;

        Cluster(RowEngine machine) {
            this.machine = machine;
        }

        @Override
        public Kind kind() {
            return Kind.SPARK;
        }

        @Override
        public void check(BulkWork work, long bytesOfResults, long more) {
            machine.check(work, bytesOfResults, more);
        }

        @Override
        public void reduce(Reduction reduction, BulkProgress progress) {
            machine.reduce(reduction, progress);
        }

        @Override
        public void map(Mapping mapping, BulkProgress progress) {
            machine.map(mapping, progress);
        }

        @Override
        public RowFeed feed(BulkWork work, byte[] earlier, Checkpoint checkpoint) {
            assertThat(isHeld).isTrue();
            return machine.feed(work, earlier, checkpoint);
        }

        @Override
        public long bytesOfFeed(BulkWork work) {
            return machine.bytesOfFeed(work);
        }

        @Override
        public <T> T hold(BulkWork work, long times, Supplier<T> evaluations) {
            isHeld = true;
            try {
                return evaluations.get();
            } finally {
                isHeld = false;
            }
        }
    }

    /** To store the model takes long where the database is away, and others may need the cluster. */
    @Test
    void aClusterIsNotKeptWhileAModelIsStored(@Autowired Queries queries, @Autowired JobRequests requests) throws IOException {
        stored("few", "u,v,y\n1,2,0\n3,-4,1\n-2,1,1\n0.5,3,0\n");
        JobCall call = new JobCall("open", true, Language.EN, Map.of(),
                "{\"dataset\": \"few\", " + LOSS + ", \"optimizer\": \"sgd\", \"epochs\": 1, \"batch_size\": 2}");
        FitRequest request = requests.of(call, FitRequest.class);
        Cluster cluster = new Cluster(services.engine());
        List<Boolean> held = new ArrayList<>();
        FitResponse response = new StepFits(services, JSON).run(request,
                new RowsMapper.Prepared(work("few", RowPolicy.OnResult.FAIL), cluster, queries.caller(call)), null, new RecordedRun(),
                () -> {}, new ResponseMapper(null, Language.EN), (_, _) -> {
                    held.add(cluster.isHeld);
                    return null;
                });
        assertThat(response.engine()).isEqualTo("spark");
        assertThat(held).containsExactly(false);
    }

    /** Of many parameters they take long. They are made with a permit to compute, and not again in each try to store the model. */
    @Test
    void theDigestsOfAModelAreMadeBeforeItIsStored(@Autowired Queries queries, @Autowired JobRequests requests,
            @Autowired TrainingSaver saver) {
        JobCall call = new JobCall("open", true, Language.EN, Map.of(),
                "{\"dataset\": \"clicks\", " + LOSS + ", \"save_as\": {\"name\": \"tried_again\"}}");
        FitRequest request = requests.of(call, FitRequest.class);
        AtomicInteger looks = new AtomicInteger();
        Map<String, Tensor> parameters = new AbstractMap<>() {
            @Override
            public Set<Entry<String, Tensor>> entrySet() {
                looks.incrementAndGet();
                return Map.of("w", Tensor.vector(1, 2), "b", Tensor.scalar(3)).entrySet();
            }
        };
        RecordedRun run = new RecordedRun() {
            private boolean isAway = true;

            @Override
            public <T> T storing(Supplier<T> work, ToIntFunction<T> version, byte @Nullable [] state) {
                if (isAway) {
                    throw new StoreUnavailableException(new IllegalStateException("no answer"));
                }
                return super.storing(work, version, state);
            }

            @Override
            public <T> T untilStored(Supplier<T> work) {
                int before = looks.get();
                assertThat(before).isPositive();
                assertThatThrownBy(work::get).isInstanceOf(StoreUnavailableException.class);
                isAway = false;
                T stored = work.get();
                assertThat(looks).hasValue(before);
                return stored;
            }
        };
        Map<String, Shape> columns = Map.of("x", Shape.of(2), "y", Shape.of());
        SavedResponse saved = saver.prepare(request, request.save_as(), queries.caller(call), columns, run).save(parameters, false);
        assertThat(Objects.requireNonNull(saved).version()).isEqualTo(1);
        JsonNode answer = json(post("/v1/evaluate",
                "{\"model\": \"tried_again\", \"inputs\": {\"x\": [1, 0], \"y\": 0}, \"output\": \"z\"}"));
        assertThat(answer.path("value").asDouble()).as(answer.toString()).isEqualTo(4);
    }

    /** What was before the first step is no measure of how long steps take. */
    @Test
    void theTimeLeftOfStepsIsThatOfSteps() throws IOException {
        stored("few", "u,v,y\n1,2,0\n3,-4,1\n-2,1,1\n0.5,3,0\n");
        MinibatchFit.Options options = new MinibatchFit.Options(Optimizer.of("sgd", Map.of()), Schedule.CONSTANT, 4, 1, 1_000, 100,
                Double.POSITIVE_INFINITY, null);
        StepFit fit = StepFit.of(work("few", RowPolicy.OnResult.FAIL), options, 0, null, 0, null);
        RecordedRun run = new RecordedRun();
        StepProgress progress = new StepProgress(run, () -> {}, fit, 100, 1e-3, null, 0, JSON);
        LockSupport.parkNanos(500_000_000);
        long begin = System.nanoTime();
        services.engine().hold(work("few", RowPolicy.OnResult.FAIL), 1, () -> {
            fit.run(services.engine(), services.engine(), progress, progress::stepped);
            return true;
        });
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertThat(run.told()).hasSize(100);
        assertThat(run.told().getFirst().secondsLeft()).as("nothing but the guess is known").isEqualTo(99 * 1e-3);
        for (int step = 2; step <= 100; step++) {
            assertThat(run.told().get(step - 1).secondsLeft()).isLessThanOrEqualTo(seconds / (step - 1) * (100 - step));
        }
    }

    /** Steps end in the middle of an epoch, or with it, by their number or that of epochs. */
    @ParameterizedTest
    @CsvSource({"6, 1000", "8, 1000", "8, 2", "4, 1"})
    void theTimeLeftOfStepsHasThatOfTheLastPassOverValidationRows(long steps, long epochs) throws IOException {
        stored("few", "u,v,y\n1,2,0\n3,-4,1\n-2,1,1\n0.5,3,0\n");
        MinibatchFit.Options options = new MinibatchFit.Options(Optimizer.of("sgd", Map.of()), Schedule.CONSTANT, 4, 1, epochs,
                epochs == 1_000 ? steps : Long.MAX_VALUE, Double.POSITIVE_INFINITY, null);
        StepFit fit = StepFit.of(work("few", RowPolicy.OnResult.FAIL), options, 0, work(), 1e-3, null);
        RecordedRun run = new RecordedRun();
        StepProgress progress = new StepProgress(run, () -> {}, fit, steps, 1e-9, work(), 1e3, JSON);
        services.engine().hold(work("few", RowPolicy.OnResult.FAIL), 1, () -> {
            fit.run(services.engine(), services.engine(), progress, progress::stepped);
            return true;
        });
        List<RecordedRun.Told> before = run.told().stream().takeWhile(told -> told.done() == 0).toList();
        assertThat(before).as("the pass before the first step").hasSizeGreaterThan(1)
                .allMatch(told -> told.secondsLeft() > 0 && !told.latest().contains("loss"));
        double first = run.told().get(before.size()).secondsLeft();
        assertThat(first - (steps - 1) * 1e-9).as("a pass as long as the one before the first step").isGreaterThan(1e-4).isLessThan(1e3);
        assertThat(run.told()).filteredOn(told -> told.done() < steps).allMatch(told -> told.secondsLeft() > 0);
        List<RecordedRun.Told> ofEnd = run.told().stream().filter(told -> told.done() == steps).toList();
        assertThat(ofEnd.getFirst().secondsLeft()).isPositive();
        // A step that ends an epoch is told behind the pass that follows it.
        assertThat(ofEnd.get(ofEnd.size() - (steps % 4 == 0 ? 2 : 1)).secondsLeft()).as("when the last pass is over").isZero();
        assertThat(ofEnd.getLast().secondsLeft()).isZero();
    }

    /** It is interrupted between two epochs. The next attempt makes no step before the pass is over. */
    @Test
    void aFitByStepsThatGoesOnWithinValidationRowsTellsItsProgress() throws IOException {
        stored("few", "u,v,y\n1,2,0\n3,-4,1\n-2,1,1\n0.5,3,0\n");
        BulkWork work = work("few", RowPolicy.OnResult.FAIL);
        MinibatchFit.Options options = new MinibatchFit.Options(Optimizer.of("sgd", Map.of()), Schedule.CONSTANT, 4, 1, 2, Long.MAX_VALUE,
                Double.POSITIVE_INFINITY, null);
        RecordedRun run = new RecordedRun();
        StepFit whole = StepFit.of(work, options, 0, work(), 1e-3, null);
        StepProgress progress = new StepProgress(run, () -> {}, whole, 8, 1, work(), 1, JSON);
        whole.run(services.engine(), services.engine(), progress, progress::stepped);
        assertThat(run.states()).as("one each time that progress is told").hasSameSizeAs(run.told());
        long ofPass = run.told().stream().takeWhile(told -> told.done() < 4).count();

        RecordedRun later = new RecordedRun();
        StepFit rest = StepFit.of(work, options, 0, work(), 1e-3, run.states().get((int) ofPass));
        StepProgress ofRest = new StepProgress(later, () -> {}, rest, 8, 1, work(), 1, JSON);
        rest.run(services.engine(), services.engine(), ofRest, ofRest::stepped);
        assertThat(later.told().stream().takeWhile(told -> told.done() == 4)).as("parts of the pass, and the end of the epoch")
                .hasSizeGreaterThan(1).allMatch(told -> told.secondsLeft() > 4 && told.latest().contains("loss"));
        assertThat(later.told().getLast().done()).isEqualTo(8);
        assertThat(rest.state()).isEqualTo(whole.state());
    }

    /** Where nobody has counted the rows, those of the parts that are done tell about how many there are. */
    @Test
    void theTimeLeftOfRowsThatNobodyHasCountedIsEstimatedByParts() throws IOException {
        BulkWork counted = work();
        BulkWork work = new BulkWork(counted.rows(), counted.function(), counted.policy(), -1, 0);
        Reduction reduction = Reduction.of(work, Moments.Order.FIRST, 1e-3, null);
        RecordedRun run = new RecordedRun();
        RowsProgress progress = new RowsProgress(run, reduction, () -> {});
        run.setWanting(false);
        progress.done(0);
        assertThat(run.told()).containsExactly(new RecordedRun.Told(0, 0, JobRun.NOT_KNOWN, ""));
        run.told().clear();
        reduction.run(services.engine(), progress);
        assertThat(reduction.rowsInAll()).isEqualTo(ROWS);
        assertThat(run.told()).hasSizeGreaterThan(2).allMatch(told -> told.total() == 0);
        assertThat(run.told().subList(0, run.told().size() - 1)).allMatch(told -> told.secondsLeft() > 0);
        assertThat(run.told().getLast().done()).isEqualTo(ROWS);
        assertThat(run.told().getLast().secondsLeft()).isZero();
    }

    /** Parts without rows tell nothing of the others. */
    @Test
    void theTimeLeftIsNotKnownBeforeThereIsARow() throws IOException {
        stored("few", "u,v,y\n1,2,0\n3,-4,1\n-2,1,1\n0.5,3,0\n");
        BulkWork counted = work("few", RowPolicy.OnResult.FAIL);
        BulkWork work = new BulkWork(counted.rows(), counted.function(), counted.policy(), -1, 0);
        // So many seconds a row that there are more parts than rows.
        Reduction reduction = Reduction.of(work, Moments.Order.FIRST, 100, null);
        RecordedRun run = new RecordedRun();
        run.setWanting(false);
        reduction.run(services.engine(), new RowsProgress(run, reduction, () -> {}));
        assertThat(run.told()).filteredOn(told -> told.done() == 0).isNotEmpty()
                .allMatch(told -> told.secondsLeft() == JobRun.NOT_KNOWN);
        assertThat(run.told().getLast()).isEqualTo(new RecordedRun.Told(4, 0, 0, ""));
    }

    /** It had no rows when they were counted, so that nobody would read it. */
    @Test
    void aFileWithoutRowsThatGrowsIsToldAtOnceAndAtTheEnd() throws IOException {
        for (String name : List.of("a", "b")) {
            Files.writeString(grown.resolve(name + ".csv"), "u,v,y\n" + (name.equals("a") ? "1,2,0\n" : ""));
        }
        assertThat(send("PUT", "/v1/datasets/grown", BodyPublishers.ofString("{\"location\": \"file:" + grown + "\", \"format\": \"csv\"}"),
                "Content-Type", "application/json").statusCode()).isEqualTo(201);
        BulkWork work = work("grown", RowPolicy.OnResult.FAIL);
        Files.writeString(grown.resolve("b.csv"), "u,v,y\n3,4,1\n");
        Reduction reduction = Reduction.of(work, Moments.Order.FIRST, 0, null);
        assertThatThrownBy(() -> reduction.run(services.engine(), new States())).hasMessageContaining("have changed");
        assertThat(errors(post("/v1/jobs", "{\"kind\": \"reduce\", \"request\": {\"dataset\": \"grown\", \"expression\": \"u\"}}")))
                .containsExactly("invalid-value /request/dataset");
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
