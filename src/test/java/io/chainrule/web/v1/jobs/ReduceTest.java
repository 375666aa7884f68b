package io.chainrule.web.v1.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.TestFolder;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.language.Language;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Sums, means and variances over the rows of data sets. */
@DirtiesContext
class ReduceTest extends JobsHttpTest {
    private static final String POINTS = "a,b,y\n1,2,0\n-0.5,1e3,1\n0.25,-7,1\n";

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "reduce-");
        properties.add("chainrule.jobs.checkpoint", () -> "50ms");
    }

    @Autowired
    private ReduceJobs jobs;

    @Autowired
    private JobErrors errors;

    /** A job that a replica with Spark has accepted may be taken by one without. */
    @ParameterizedTest
    @CsvSource({"'\"engine\": \"spark\"', true", "'\"ddof\": 2', false"})
    void thatAReplicaHasNoSparkIsNoFaultOfTheJob(String field, boolean isOfReplica) {
        stored("few", "a\n1\n");
        JobCall call = new JobCall("open", false, Language.EN, Map.of(), "{\"dataset\": \"few\", \"expression\": \"a\", " + field + "}");
        RequestException refused = catchThrowableOfType(RequestException.class, () -> jobs.check(call));
        assertThat(errors.of("some", refused)).isNotNull();
        assertThat(errors.isOfReplica(refused)).isEqualTo(isOfReplica);
    }

    /** Its cells are texts, which are read as arrays; a list of columns has one number in each. */
    @Test
    void aColumnOfArraysIsNotInAList() {
        stored("of_one", "application/x-ndjson", "{\"a\": [1], \"b\": 2}\n");
        HttpResponse<String> refused = post("/v1/jobs",
                "{\"kind\": \"reduce\", \"request\": {\"dataset\": \"of_one\", \"columns\": {\"x\": [\"a\", \"b\"]}, "
                        + "\"expression\": \"sum(x)\"}}");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(refused.body()).contains("name the column alone");
    }

    @Test
    void valuesGradientsAndHessiansAreReduced() {
        stored("points", POINTS);
        JsonNode result = result("reduce", """
                {"dataset": "points", "expression": "p = w * a + c\\nf = p^2 * b", "inputs": {"w": 2, "c": 1}, "wrt": ["w", "c"],
                 "derivatives": "hessian", "of": ["p"], "variance": true, "ddof": 1}""");
        assertThat(result.path("rows").path("read").asInt()).isEqualTo(3);
        assertThat(result.path("rows").path("used").asInt()).isEqualTo(3);
        double[] a = {1, -0.5, 0.25};
        double[] b = {2, 1e3, -7};
        double[] p = IntStream.range(0, 3).mapToDouble(i -> 2 * a[i] + 1).toArray();
        assertThat(result.path("value").path("sum").asDouble()).isEqualTo(p[0] * p[0] * b[0] + p[1] * p[1] * b[1] + p[2] * p[2] * b[2]);
        assertThat(result.path("nodes").path("p").path("mean").asDouble()).isEqualTo((p[0] + p[1] + p[2]) / 3);
        double[] byW = IntStream.range(0, 3).mapToDouble(i -> 2 * p[i] * a[i] * b[i]).toArray();
        assertThat(result.path("gradients").path("w").path("sum").asDouble()).isEqualTo(byW[0] + byW[1] + byW[2]);
        double mean = (byW[0] + byW[1] + byW[2]) / 3;
        double variance = IntStream.range(0, 3).mapToDouble(i -> (byW[i] - mean) * (byW[i] - mean)).sum() / 2;
        assertThat(result.path("gradients").path("w").path("variance").asDouble()).isCloseTo(variance,
                within(1e-9 * variance));
        double mixed = IntStream.range(0, 3).mapToDouble(i -> 2 * a[i] * b[i]).sum();
        assertThat(result.path("hessians").path("w").path("c").path("sum").asDouble()).isEqualTo(mixed);
    }

    @Test
    void aModelIsRunForEachRow() {
        stored("points", POINTS);
        HttpResponse<String> model = send("PUT", "/v1/models/scaled",
                BodyPublishers.ofString("{\"expression\": \"f = w * a * b\", \"inputs\": {\"w\": 2}}"), "Content-Type", "application/json");
        assertThat(model.statusCode()).as(model.body()).isIn(200, 201);
        JsonNode written = result("reduce", """
                {"dataset": "points", "expression": "f = 2 * a * b", "derivatives": "none"}""");
        assertThat(written.path("rows").path("used").asInt()).isEqualTo(3);
        String graph = "\"graph\": {\"nodes\": [{\"id\": \"f\", \"op\": \"scaled:1\", \"inputs\": [\"a\", \"b\"]}]}";
        for (String program : List.of("\"model\": \"scaled:1\"", "\"expression\": \"f = scaled(a, b)\"", graph)) {
            JsonNode found = result("reduce", "{\"dataset\": \"points\", " + program + ", \"derivatives\": \"none\"}");
            assertThat(found.path("value")).as(program).isEqualTo(written.path("value"));
        }
    }

    /** 200,000 numbers of very different sizes; the answer is the exact sum, rounded once. */
    @Test
    void sumsAreExactWhateverTheOrder() {
        Random random = new Random(5);
        int rows = 200_000;
        double[] values = IntStream.range(0, rows).mapToDouble(i -> (random.nextDouble() - 0.5) * Math.pow(10, i % 30)).toArray();
        StringBuilder forth = new StringBuilder("x\n");
        StringBuilder back = new StringBuilder("x\n");
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 0; i < rows; i++) {
            forth.append(values[i]).append('\n');
            back.append(values[rows - 1 - i]).append('\n');
            sum = sum.add(new BigDecimal(values[i]));
        }
        stored("forth", forth.toString());
        stored("back", back.toString());
        for (String name : new String[]{"forth", "back"}) {
            JsonNode result = result("reduce", "{\"dataset\": \"" + name + "\", \"expression\": \"x\", \"derivatives\": \"none\"}");
            assertThat(result.path("value").path("sum").asDouble()).as(name).isEqualTo(sum.doubleValue());
            assertThat(result.path("value").path("mean").asDouble()).isEqualTo(sum.divide(BigDecimal.valueOf(rows), MathContext.DECIMAL128)
                    .doubleValue());
            assertThat(result.path("rows").path("read").asLong()).isEqualTo(rows);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "application/x-ndjson | {'a': 1, 'v': [1, 2]}\\n{'a': 2, 'v': [3, 4]}\\n | {'a': 'a', 'x': 'v'} | 1 * 3 + 2 * 7",
            "text/csv | a,u,v\\n1,1,2\\n2,3,4\\n | {'a': 'a', 'x': ['u', 'v']} | 1 * 3 + 2 * 7"})
    void columnsGoToInputs(String type, String content, String columns, String expected) {
        String name = "set_" + type.replaceAll("[^a-z]", "_");
        stored(name, type, content.replace('\'', '"').replace("\\n", "\n"));
        JsonNode result = result("reduce",
                ("{\"dataset\": \"" + name + "\", \"expression\": \"a * sum(x)\", \"derivatives\": \"none\", \"columns\": "
                        + columns + "}").replace('\'', '"'));
        assertThat(result.path("value").path("sum").asDouble()).as(expected).isEqualTo(17);
    }

    /** The rows of an array of NumPy, here of float32, are in the column 'value'. */
    @Test
    void anArrayOfNumpyIsReduced() throws IOException {
        stored("numpy", "application/x-npy", Files.readAllBytes(Path.of("src/test/resources/datasets/table.npy")));
        String request = """
                {"dataset": "numpy", "columns": {"x": "value"}, "expression": "w * dot(x, x)", "inputs": {"w": 2}, "wrt": ["w"]%s}""";
        JsonNode result = result("reduce", request.formatted(""));
        double squares = 1 + 4 + 0.25 + 16 + 9 + 0.0625;
        assertThat(result.at("/rows/used").asInt()).isEqualTo(3);
        assertThat(result.at("/value/sum").asDouble()).isEqualTo(2 * squares);
        assertThat(result.at("/gradients/w/sum").asDouble()).isEqualTo(squares);
        HttpResponse<String> refused = post("/v1/jobs",
                "{\"kind\": \"reduce\", \"request\": " + request.formatted(", \"engine\": \"spark\"") + "}");
        assertThat(errors(refused)).containsExactly("invalid-value /request/engine");
        assertThat(json(refused).at("/errors/0/message").asString()).isEqualTo("Spark does not read npy");
        assertThat(json(refused).at("/errors/0/expected").asString()).startsWith("the engine 'local'");
    }

    /** Whoever runs the service says where files may be read; without {@code chainrule.datasets.roots} it is nowhere. */
    @ParameterizedTest
    @ValueSource(strings = {"file:FOLDER/there.csv", "file:FOLDER", "file:/", "s3a://bucket/there.csv", "hdfs://host:9000/there.csv"})
    void withoutRootsEveryLocationIsRefused(String location, @TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("there.csv"), "x\n1\n");
        HttpResponse<String> refused = send("PUT", "/v1/datasets/located",
                BodyPublishers.ofString("{\"format\": \"csv\", \"location\": \"" + location.replace("FOLDER", folder.toString()) + "\"}"),
                "Content-Type", "application/json");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value /location");
        assertThat(json(refused).path("detail").asString()).isEqualTo("nothing may be read there");
        assertThat(get("/v1/datasets/located").statusCode()).isEqualTo(404);
    }

    @Test
    void rowsWithWrongCellsAreTreatedAsTheJobSays() {
        stored("spotted", "x,note\n1,a\n,b\n3,c\noops,d\n5,e\n");
        String request = "{\"dataset\": \"spotted\", \"expression\": \"x^2\", \"derivatives\": \"none\"%s}";
        JsonNode failed = ended("reduce", request.formatted(""));
        assertThat(failed.path("status").asString()).isEqualTo("failed");
        JsonNode error = failed.path("problem").path("errors").get(0);
        assertThat(error.path("message").asString()).contains("row 2", "'x'", "missing");
        assertThat(error.path("hint").asString()).contains("\"on_cell\": \"skip\"");
        HttpResponse<String> answer = get("/v1/jobs/" + failed.path("id").asString() + "/result");
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(json(answer).path("detail").asString()).isEqualTo("the job has failed, and has no answer");
        assertThat(json(answer).at("/errors/0/hint").asString())
                .isEqualTo("GET /v1/jobs/" + failed.path("id").asString() + " tells why in 'problem'");
        JsonNode skipped = result("reduce", request.formatted(", \"on_cell\": \"skip\""));
        assertThat(skipped.path("value").path("sum").asDouble()).isEqualTo(1 + 9 + 25);
        assertThat(skipped.path("rows").path("skipped").asInt()).isEqualTo(2);
        assertThat(skipped.path("rows").path("columns").path("x").toString()).isEqualTo("{\"missing\":1,\"malformed\":1}");
        assertThat(skipped.path("rows").path("faults").get(1).toString().toLowerCase(Locale.ROOT)).contains("\"row\":4", "malformed-cell",
                "'oops' is not");
        JsonNode nan = result("reduce", request.formatted(", \"on_cell\": \"nan\", \"on_result\": \"keep\""));
        assertThat(nan.path("value").path("sum").asString()).isEqualTo("NaN");
        assertThat(nan.path("rows").path("not_finite").asInt()).isEqualTo(2);
    }

    /** Without 'columns' each input has the column of its name, and no other name of the program has one. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            x,loss          | "expression": "loss = x^2"                                                              | 13
            x,pi            | "expression": "x * pi > 7"                                                              | 1
            x,F,np,len,t    | "expression": "t = np.exp(x)\\nF = 2 * x\\nF"                                          | 10
            x,i,range       | "expression": "s = x\\nfor i in range(3):\\n    s = s + i\\ns"                         | 11
            x,twice         | "expression": "twice(x)"                                                                | 10
            x,y,w           | "model": "twice"                                                                        | 10
            x,t             | "model": "slope"                                                                        | 10
            ｘ              | "expression": "ｘ * 2"                                                                 | 10
            x,f,exp         | "graph": {"nodes": [{"id": "f", "op": "mul", "inputs": ["x", 2]}]}                      | 10
            x,f             | "graph": {"nodes": [{"id": "x", "op": "input"}, {"id": "f", "op": "mul", "inputs": ["x", 2]}]} | 10
            x,y             | "expression": "def f(x):\\n    y = 2 * x\\n    return y"                               | 10
            """)
    void columnsThatAreNoInputsChangeNothing(String header, String program, double sum) {
        int more = header.split(",").length - 1;
        stored("named", header + "\n2" + ",0.5".repeat(more) + "\n3" + ",7".repeat(more) + "\n");
        send("PUT", "/v1/models/twice", BodyPublishers.ofString("{\"expression\": \"w = 2 * x\\nf = w * k\", \"inputs\": {\"k\": 1}}"),
                "Content-Type", "application/json");
        send("PUT", "/v1/models/slope", BodyPublishers.ofString("{\"expression\": \"f(t, x) = 2 * x\"}"), "Content-Type",
                "application/json");
        JsonNode result = result("reduce", "{\"dataset\": \"named\", " + program + ", \"derivatives\": \"none\"}");
        assertThat(result.at("/value/sum").asDouble()).isEqualTo(sum);
    }

    /** A value in 'inputs' is that of all rows, also where a column has its name. Then the column is told not to be read. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            reduce | "inputs": {"w": 1, "u": 0}                                       | u
            map    | "inputs": {"w": 1, "u": 0}, "save_as": "unread"                  | u
            reduce | "inputs": {"w": 1, "u": 0}, "columns": {"label": "label"}        |
            reduce | "inputs": {"w": 1}                                               |
            fit    | "inputs": {"w": 1, "u": 2}, "wrt": ["w"]                         | u
            fit    | "inputs": {"w": 1, "u": 0}, "wrt": ["w", "u"]                    |
            """)
    void aColumnWhoseInputHasAValueIsToldNotToBeRead(String kind, String fields, @Nullable String column) {
        stored("pairs", "u,v,label\n0.5,-1,1\n2,0.25,0\n-1,1.5,1\n");
        JsonNode job = ended(kind, "{\"dataset\": \"pairs\", \"expression\": \"(w * u - label)^2\", " + fields + "}");
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
        List<String> told = job.path("diagnostics").valueStream()
                .map(one -> one.path("kind").asString() + " " + one.path("node").asString())
                .toList();
        assertThat(told).containsExactlyElementsOf(column == null ? List.of() : List.of("unread-column " + column));
    }

    /** The columns of a network's data have the shape of one sample. */
    @Test
    void columnsGoToTheDataOfNetworks() {
        stored("samples", "application/x-ndjson", "{\"x\": [1, 2], \"y\": 1, \"out\": 3}\n{\"x\": [3, 4], \"y\": 0, \"out\": 3}\n");
        String network = """
                "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "out", "units": 1}]}""";
        String values = "\"out.weight\": [[1], [10]], \"out.bias\": [0]";
        HttpResponse<String> put = send("PUT", "/v1/models/dense", BodyPublishers.ofString(
                "{" + network + ", \"parameters\": {" + values + "}}"), "Content-Type", "application/json");
        assertThat(put.statusCode()).as(put.body()).isIn(200, 201);
        for (String program : List.of(network + ", \"parameters\": {" + values + "}", "\"model\": \"dense\"",
                "\"expression\": \"dense(x)\"")) {
            JsonNode result = result("reduce", "{\"dataset\": \"samples\", " + program + ", \"derivatives\": \"none\"}");
            assertThat(result.at("/value/sum").toString()).as(program).contains("64.0");
        }
    }

    /** Parameters that are drawn are told, so that another job can be given the same. */
    @Test
    void parametersThatAreDrawnAreTold() {
        stored("vectors", "application/x-ndjson", "{\"x\": [1, 2]}\n{\"x\": [3, 4]}\n");
        String network = """
                "network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "out", "units": 1}]}, "seed": 7""";
        String request = "{\"dataset\": \"vectors\", \"derivatives\": \"none\", " + network + "%s}";
        JsonNode drawn = result("reduce", request.formatted(", \"parameters\": {\"out.bias\": [1]}"));
        assertThat(drawn.path("parameters").propertyNames()).as(drawn.toString()).containsExactly("out.weight");
        JsonNode weight = drawn.at("/parameters/out.weight");
        JsonNode map = result("map", request.formatted(", \"parameters\": {\"out.bias\": [1]}, \"save_as\": \"drawn\""));
        assertThat(map.path("parameters")).isEqualTo(drawn.path("parameters"));
        JsonNode given = result("reduce", request.formatted(", \"parameters\": {\"out.bias\": [1], \"out.weight\": " + weight + "}"));
        assertThat(given.path("value")).isEqualTo(drawn.path("value"));
        assertThat(given.has("parameters")).isFalse();
        assertThat(result("reduce", "{\"dataset\": \"vectors\", \"expression\": \"sum(x)\"}").has("parameters")).isFalse();
    }

    /** What is wrong with a program, or with the shape of a column, is told as where columns are named. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "expression": "sum(W @ x)"                     | missing-input /request/expression  | 'W' has no value
            "expression": "sum(m)"                         | invalid-value /request/columns/m   | different shapes
            "model": "of_three"                            | shape-mismatch /request/columns/x  | its value has [2]
            "model": "of_three", "columns": {"x": "x"}     | shape-mismatch /request/columns/x  | its value has [2]
            "model": "of_three", "columns": {"x": "y"}     | shape-mismatch /request/columns/x  | its value has []
            """)
    void shapesOfColumnsAreToldWhereTheyAre(String program, String error, String message) {
        stored("arrays", "application/x-ndjson",
                "{\"x\": [1, 2], \"y\": 1, \"m\": [[1], [2]]}\n{\"x\": [3, 4], \"y\": 0, \"m\": [[1, 2]]}\n");
        send("PUT", "/v1/models/of_three",
                BodyPublishers.ofString("{\"expression\": \"sum(x)\", \"declares\": {\"x\": {\"shape\": [3]}}}"), "Content-Type",
                "application/json");
        HttpResponse<String> response = post("/v1/jobs",
                "{\"kind\": \"reduce\", \"request\": {\"dataset\": \"arrays\", " + program + "}}");
        assertThat(errors(response)).as(response.body()).containsExactly(error);
        assertThat(response.body()).contains(message);
    }

    /** Once the request names columns, no input has one that is not named. A constant in place of a column would be another question. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a + z | {"z": "b"} | `add "a": "a" to columns`
            z + w | {"z": "b"} | `add "w" to inputs`
            """)
    void anInputWithoutAColumnIsToldHowToGetIt(String expression, String columns, String hint) {
        stored("points", POINTS);
        HttpResponse<String> response = post("/v1/jobs", "{\"kind\": \"reduce\", \"request\": {\"dataset\": \"points\", \"expression\": \""
                + expression + "\", \"columns\": " + columns + "}}");
        assertThat(errors(response)).as(response.body()).containsExactly("missing-input /request/expression");
        assertThat(json(response).at("/errors/0/hint").asString()).isEqualTo(hint);
    }

    /** An array of another length than most is a malformed cell of its row. */
    @Test
    void anArrayOfAnotherLengthIsMalformed() {
        stored("lengths", "application/x-ndjson", "{\"v\": [1, 2]}\n{\"v\": [1, 2, 3]}\n{\"v\": [3, 4]}\n");
        JsonNode column = json(get("/v1/datasets/lengths")).at("/columns/0");
        assertThat(column.path("malformed").asInt()).as(column.toString()).isEqualTo(1);
        assertThat(column.path("differing").toString()).isEqualTo("{\"row\":2,\"shape\":[3],\"first\":[2]}");
        String request = "{\"dataset\": \"lengths\", \"expression\": \"sum(v)\", \"derivatives\": \"none\"%s}";
        JsonNode failed = ended("reduce", request.formatted(""));
        assertThat(failed.at("/problem/errors/0/message").asString()).contains("row 2", "'v'");
        JsonNode skipped = result("reduce", request.formatted(", \"on_cell\": \"skip\""));
        assertThat(skipped.at("/value/sum").asDouble()).isEqualTo(10);
        assertThat(skipped.at("/rows/columns/v").toString()).isEqualTo("{\"missing\":0,\"malformed\":1}");
        JsonNode nan = result("reduce", request.formatted(", \"on_cell\": \"nan\", \"on_result\": \"keep\""));
        assertThat(nan.at("/rows/not_finite").asInt()).isEqualTo(1);
    }

    /** The data set and the job say the same of each cell. */
    @Test
    void anArrayThatLacksANumberIsMissing() {
        stored("lacking", "v,k\n\"[1,2,3]\",1\n\"[4,5,6]\",2\n\"[1,NA]\",3\n\"[1,2,3]\",\"[NA]\"\n\"[1,2]\",5\n");
        JsonNode skipped = result("reduce",
                "{\"dataset\": \"lacking\", \"expression\": \"k * sum(v)\", \"derivatives\": \"none\", \"on_cell\": \"skip\"}");
        assertThat(skipped.at("/value/sum").asDouble()).isEqualTo(6 + 2 * 15);
        for (JsonNode column : json(get("/v1/datasets/lacking")).path("columns")) {
            String expected = column.path("name").asString().equals("v")
                    ? "{\"missing\":1,\"malformed\":1}"
                    : "{\"missing\":1,\"malformed\":0}";
            assertThat("{\"missing\":" + column.path("missing") + ",\"malformed\":" + column.path("malformed") + "}")
                    .isEqualTo(skipped.at("/rows/columns/" + column.path("name").asString()).toString()).isEqualTo(expected);
        }
    }

    @Test
    void aCellThatIsAnObjectIsMalformed() {
        stored("objects", "application/x-ndjson", "{\"x\": 1}\n{\"x\": {\"z\": 1}}\n");
        String request = "{\"dataset\": \"objects\", \"expression\": \"x^2\"%s}";
        JsonNode error = ended("reduce", request.formatted("")).at("/problem/errors/0");
        assertThat(error.path("message").asString()).isEqualTo("row 2, column 'x': the cell is neither a number nor an array of numbers");
        JsonNode skipped = result("reduce", request.formatted(", \"on_cell\": \"skip\""));
        assertThat(skipped.at("/value/sum").asInt()).isEqualTo(1);
        assertThat(skipped.at("/rows/columns/x").toString()).isEqualTo("{\"missing\":0,\"malformed\":1}");
    }

    @Test
    void valuesOutsideOfTheRangeOfAModelAreTold() {
        stored("points", POINTS);
        send("PUT", "/v1/models/ranged", BodyPublishers.ofString(
                "{\"expression\": \"k * a\", \"declares\": {\"k\": {\"range\": [0, 1]}, \"a\": {\"range\": [0, 1]}}}"), "Content-Type",
                "application/json");
        JsonNode job = ended("reduce", "{\"dataset\": \"points\", \"model\": \"ranged\", \"inputs\": {\"k\": 3}}");
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.at("/diagnostics")).hasSize(1);
        assertThat(job.at("/diagnostics/0/kind").asString()).isEqualTo("out-of-range");
        assertThat(job.at("/diagnostics/0/node").asString()).isEqualTo("k");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{\"expression\": \"a\"} | invalid-value /request/dataset",
            "{\"dataset\": \"nobody\", \"expression\": \"a\"} | not-found /request/dataset",
            "{\"dataset\": \"few\", \"expression\": \"a * z\", \"columns\": {\"a\": \"zz\"}} | invalid-value /request/columns/a",
            "{\"dataset\": \"others\", \"expression\": \"a\", \"columns\": {\"a\": \"day\"}} | invalid-value /request/columns/a",
            "{\"dataset\": \"others\", \"expression\": \"sum(a)\", \"columns\": {\"a\": [\"x\", \"price\"]}} | invalid-value /request/columns/a",
            "{\"dataset\": \"noted\", \"expression\": \"a * k\", \"columns\": {\"a\": \"note\", \"k\": \"k\"}} | invalid-value /request/columns/a",
            "{\"dataset\": \"noted\", \"expression\": \"sum(x)\", \"columns\": {\"x\": [\"k\", \"note\"]}} | invalid-value /request/columns/x",
            "{\"dataset\": \"noted\", \"expression\": \"note\"} | invalid-value /request/columns/note",
            "{\"dataset\": \"few\", \"expression\": \"a * z\"} | missing-input /request/expression",
            "{\"dataset\": \"arrays\", \"expression\": \"sum(x)\", \"columns\": {\"x\": [\"v\"]}} | invalid-value /request/columns/x",
            "{\"dataset\": \"arrays\", \"expression\": \"sum(x)\", \"columns\": {\"x\": [\"k\", \"v\"]}} | invalid-value /request/columns/x",
            "{\"dataset\": \"few\", \"expression\": \"sum([a, b])\", \"inputs\": {\"a\": 1, \"b\": 2}, \"columns\": {\"q\": \"a\"}} | unknown-node /request/columns/q",
            "{\"dataset\": \"few\", \"expression\": \"[a, b]\"} | not-scalar /request/expression",
            "{\"dataset\": \"few\", \"expression\": \"a\", \"on_cell\": \"ignore\"} | invalid-value /request/on_cell",
            "{\"dataset\": \"few\", \"expression\": \"a\", \"engine\": \"spark\"} | invalid-value /request/engine",
            "{\"dataset\": \"few\", \"expression\": \"a\", \"engine\": \"flink\"} | invalid-value /request/engine",
            "{\"dataset\": \"few\", \"expression\": \"a\", \"spark\": {\"spark.executor.memory\": \"8g\"}} | unknown-field /request/spark",
            "{\"dataset\": \"few\", \"expression\": \"a\", \"spark.executor.memory\": \"8g\"} "
                    + "| unknown-field /request/spark.executor.memory",
            "{\"dataset\": \"few\", \"expression\": \"a\", \"ddof\": 2} | invalid-value /request/ddof",
            "{\"dataset\": \"few\", \"expression\": \"a\", \"ddof\": 1} | invalid-value /request/ddof",
            "{\"dataset\": \"few\", \"expression\": \"a\", \"ddof\": 1, \"variance\": false} | invalid-value /request/ddof",
            "{\"dataset\": \"few\", \"expression\": \"a\", \"of\": [\"a\", \"nobody\"]} | unknown-node /request/of/1",
            "{\"dataset\": \"few\", \"expression\": \"sum(x)\", \"columns\": {\"x\": {\"isOne\": true}}} | wrong-type /request/columns/x",
            "{\"dataset\": \"few\", \"expression\": \"sum(x)\", \"columns\": {\"x\": {\"names\": [\"a\"], \"isOne\": false}}} "
                    + "| wrong-type /request/columns/x",
            "{\"dataset\": \"few\", \"expression\": \"sum(x)\", \"columns\": {\"x\": 1}} | wrong-type /request/columns/x",
            "{\"dataset\": \"few\", \"expression\": \"sum(x)\", \"columns\": {\"x\": null}} | wrong-type /request/columns/x",
            "{\"dataset\": \"few\", \"expression\": \"sum(x)\", \"columns\": {\"x\": [\"a\", 1]}} | wrong-type /request/columns/x/1",
            "{\"dataset\": \"few\", \"model\": \"kept\", \"columns\": {\"a\": \"a\"}, \"inputs\": {\"w\": 3}} "
                    + "| invalid-value /request/inputs/w",
            "{\"dataset\": \"few\", \"model\": \"kept\", \"columns\": {\"a\": \"a\", \"w\": \"b\"}} | invalid-value /request/columns/w",
            "{\"dataset\": \"few\", \"expression\": \"kept(a)\", \"inputs\": {\"kept.w\": 3}} | invalid-value /request/inputs/kept.w",
            "{\"dataset\": \"few\", \"expression\": \"kept(a)\", \"columns\": {\"a\": \"a\", \"kept.w\": \"b\"}} "
                    + "| invalid-value /request/columns/kept.w"})
    void whatIsWrongIsSaidAtOnce(String request, String error) throws IOException {
        stored("few", POINTS);
        stored("noted", "k,note\n1,one\n2,two\n3,3\n");
        stored("arrays", "application/x-ndjson", "{\"v\": [1, 2], \"k\": 1}\n");
        stored("others", "application/vnd.apache.parquet", Files.readAllBytes(Path.of("src/test/resources/datasets/others.parquet")));
        send("PUT", "/v1/models/kept", BodyPublishers.ofString("{\"expression\": \"f = w * a\", \"inputs\": {\"w\": 2}}"), "Content-Type",
                "application/json");
        HttpResponse<String> response = post("/v1/jobs", "{\"kind\": \"reduce\", \"request\": " + request + "}");
        assertThat(response.statusCode()).as(response.body()).isBetween(400, 422);
        assertThat(errors(response)).as(response.body()).contains(error);
    }

    /** A job that does not end with such a cell takes a column of text for the numbers in it. */
    @Test
    void aColumnOfTextIsTakenWhereItsCellsAreLeftOut() {
        stored("mostly_text", "x\none\ntwo\n3\n");
        String request = "{\"dataset\": \"mostly_text\", \"expression\": \"2 * x\", \"derivatives\": \"none\"%s}";
        assertThat(result("reduce", request.formatted(", \"on_cell\": \"skip\"")).at("/value/sum").asDouble()).isEqualTo(6);
        HttpResponse<String> refused = post("/v1/jobs", "{\"kind\": \"reduce\", \"request\": " + request.formatted("") + "}");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(json(refused).at("/errors/0/hint").asString()).contains("\"on_cell\": \"skip\"");
    }

    /** A cotangent is nothing that a job takes. */
    @ParameterizedTest
    @ValueSource(strings = {"reduce", "map", "fit"})
    void anOutputThatIsNoScalarIsToBeReduced(String kind) {
        stored("few", POINTS);
        String more = kind.equals("map") ? ", \"save_as\": \"out\"" : "";
        HttpResponse<String> refused = post("/v1/jobs", "{\"kind\": \"" + kind
                + "\", \"request\": {\"dataset\": \"few\", \"expression\": \"f = [w * a, b]\", \"inputs\": {\"w\": 1}, \"wrt\": [\"w\"]"
                + more + "}}");
        assertThat(errors(refused)).containsExactly("not-scalar /request/expression");
        assertThat(json(refused).at("/errors/0/hint").asString()).isEqualTo("reduce it, as by sum(f)");
    }

    /** What is said of so many mistakes takes little memory. */
    @Test
    void ofManyMistakesTheFirstAreTold() {
        stored("wide", IntStream.range(0, 400).mapToObj(i -> "c" + i).collect(Collectors.joining(",")) + "\n" + "1,".repeat(399) + "1\n");
        HttpResponse<String> refused = post("/v1/jobs", "{\"kind\": \"reduce\", \"request\": {\"dataset\": \"wide\", \"expression\": "
                + "\"sum(a)\", \"columns\": {\"a\": [\"d\"" + ", \"d\"".repeat(200_000) + "]}}}");
        assertThat(refused.statusCode()).isEqualTo(422);
        JsonNode errors = json(refused).path("errors");
        assertThat(errors).hasSize(100);
        assertThat(errors.get(0).path("expected").asString()).startsWith("one of [c0, c1, ").endsWith("c49] and 350 others");
    }

    /** Of several errors the one with the lowest status is foremost, as in the answer of an endpoint. */
    @Test
    void aFailedJobTellsWhatAnEndpointWouldAnswer() {
        JsonNode found = JSON.readTree(told(new ProblemException(List.of(
                Problem.of(ProblemCode.INVALID_VALUE, "no number").position(new Problem.Position(2, 3)),
                Problem.of(ProblemCode.UNKNOWN_OP, "no op").at(Place.setting("expression"))), 5)));
        assertThat(found.path("detail").asString()).isEqualTo("no number (and 4 more)");
        assertThat(found.at("/errors/0/line").asInt()).isEqualTo(2);
        assertThat(found.at("/errors/0/column").asInt()).isEqualTo(3);
        assertThat(found.at("/errors/0/pointer").isMissingNode()).isTrue();
        assertThat(found.at("/errors/1/pointer").asString()).isEqualTo("/request/expression");
        JsonNode worse = JSON.readTree(told(new RequestException(List.of(ErrorDetail.of(ProblemType.INVALID_VALUE, "no number"),
                ErrorDetail.of(ProblemType.BAD_REQUEST, "no request")))));
        assertThat(worse.path("status").asInt()).isEqualTo(400);
        assertThat(worse.path("detail").asString()).isEqualTo("no request (and 1 more)");
        assertThat(worse.path("instance").asString()).isEqualTo("/base/v1/jobs/1");
    }

    private static String told(RuntimeException cause) {
        return Objects.requireNonNull(new JobErrors(JSON, "/base").of("1", cause));
    }

    /** A job reads the version of the data set that was there when it was accepted. */
    @Test
    void aReplacedDataSetIsReadAsItWas() {
        stored("changing", "x\n1\n2\n");
        JsonNode first = result("reduce", "{\"dataset\": \"changing\", \"expression\": \"x\", \"derivatives\": \"none\"}");
        stored("changing", "x\n10\n20\n");
        JsonNode second = result("reduce", "{\"dataset\": \"changing\", \"expression\": \"x\", \"derivatives\": \"none\"}");
        assertThat(first.path("value").path("sum").asInt()).isEqualTo(3);
        assertThat(second.path("value").path("sum").asInt()).isEqualTo(30);
    }
}
