package io.chainrule.web.v1.jobs;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import io.chainrule.TestFolder;
import io.chainrule.core.Source;
import io.chainrule.core.language.Language;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowInput;
import io.chainrule.core.rows.RowPolicy;
import io.chainrule.core.rows.RowProgram;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.bulk.BulkProgress;
import io.chainrule.service.bulk.BulkWork;
import io.chainrule.service.bulk.Mapping;
import io.chainrule.service.datasets.Dataset;
import io.chainrule.service.datasets.DatasetDraft;
import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.datasets.Layout;
import io.chainrule.service.datasets.WrittenFile;
import io.chainrule.service.datasets.WrittenLines;
import io.chainrule.service.jobs.JobCall;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.service.store.Terms;
import io.chainrule.web.problem.RequestException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** What a program comes to for each row of a data set, as another data set. */
@DirtiesContext
class MapTest extends JobsHttpTest {
    private static final String PROGRAM = "\"expression\": \"p = w * x\\nf = sum(p^2) * k\", \"inputs\": {\"w\": [2, 3]}, "
            + "\"columns\": {\"x\": [\"u\", \"v\"], \"k\": \"k\"}, \"wrt\": [\"w\", \"k\"]";

    @Autowired
    private DatasetService datasets;

    @Autowired
    private KindServices services;

    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        folder = TestFolder.add(properties, "map-");
        properties.add("chainrule.jobs.checkpoint", () -> "50ms");
        properties.add("chainrule.datasets.bytes", () -> "60000000");
        properties.add("chainrule.datasets.roots", () -> "file:" + folder);
    }

    private List<JsonNode> lines(String name) {
        HttpResponse<String> file = get("/v1/datasets/" + name + "/file");
        assertThat(file.statusCode()).as(file.body()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Type")).contains("application/x-ndjson");
        return file.body().lines().map(JSON::readTree).toList();
    }

    @Test
    void eachRowHasItsValueAndDerivatives() {
        stored("points", "u,v,k,note\n1,2,1,a\n-0.5,4,2,b\n0.25,3,-1,c\n");
        JsonNode result = result("map", "{\"dataset\": \"points\", " + PROGRAM
                + ", \"derivatives\": \"hessian\", \"of\": [\"p\", \"x\"], \"save_as\": \"scores\"}");
        assertThat(result.at("/dataset/name").asString()).isEqualTo("scores");
        assertThat(result.at("/dataset/rows").asInt()).isEqualTo(3);
        assertThat(result.at("/rows/used").asInt()).isEqualTo(3);
        assertThat(result.at("/dataset/columns")).extracting(column -> column.path("name").asString() + column.path("shape"))
                .containsExactlyInAnyOrder("row", "value", "gradient_w[2]", "gradient_k", "hessian_w_w[2,2]", "hessian_w_k[2]",
                        "hessian_k_w[2]", "hessian_k_k", "p[2]", "x[2]");
        double[][] rows = {{1, 2, 1}, {-0.5, 4, 2}, {0.25, 3, -1}};
        List<JsonNode> lines = lines("scores");
        assertThat(lines).hasSize(3);
        for (int i = 0; i < 3; i++) {
            double u = rows[i][0];
            double v = rows[i][1];
            double k = rows[i][2];
            JsonNode line = lines.get(i);
            assertThat(line.path("row").asInt()).isEqualTo(i + 1);
            assertThat(numbers(line.path("p"))).containsExactly(2 * u, 3 * v);
            assertThat(numbers(line.path("x"))).containsExactly(u, v);
            assertThat(line.path("value").asDouble()).isEqualTo((4 * u * u + 9 * v * v) * k);
            assertThat(numbers(line.path("gradient_w"))).containsExactly(2 * 2 * u * u * k, 2 * 3 * v * v * k);
            assertThat(line.path("gradient_k").asDouble()).isEqualTo(4 * u * u + 9 * v * v);
            assertThat(numbers(line.at("/hessian_w_w/0"))).containsExactly(2 * u * u * k, 0.0);
            assertThat(numbers(line.path("hessian_w_k"))).containsExactly(2 * 2 * u * u, 2 * 3 * v * v);
        }
    }

    /** Results without rows have their columns, so that the next job of a pipeline is accepted. */
    @ParameterizedTest
    @ValueSource(strings = {"jsonl", "parquet"})
    void resultsWithoutRowsHaveTheirColumns(String format) {
        for (String csv : List.of("u,v,k\n", "u,v,k\n,2,3\n")) {
            stored("none", csv);
            JsonNode result = result("map",
                    "{\"dataset\": \"none\", " + PROGRAM + ", \"on_cell\": \"skip\", \"of\": [\"x\"], \"format\": \""
                            + format + "\", \"save_as\": \"empty_" + format + "\"}");
            assertThat(result.at("/dataset/columns"))
                    .extracting(column -> column.path("name").asString() + column.path("type").asString() + column.path("shape"))
                    .containsExactlyInAnyOrder("rownumber", "valuenumber", "gradient_warray[2]", "gradient_knumber", "xarray[2]");
            JsonNode next = result("reduce",
                    "{\"dataset\": \"empty_" + format + "\", \"expression\": \"value + sum(x)\", \"derivatives\": \"none\"}");
            assertThat(next.at("/rows/read").asInt()).isZero();
        }
    }

    /** All files without rows of JSON Lines have the same bytes, and yet other columns. */
    @ParameterizedTest
    @ValueSource(strings = {"jsonl", "parquet"})
    void theColumnsOfResultsWithoutRowsAreThoseOfTheLatestMap(String format) {
        stored("no_rows", "a,b\n");
        String name = "latest_" + format;
        String map = "{\"dataset\": \"no_rows\", \"expression\": \"a * b\", \"format\": \"" + format + "\", \"save_as\": \"" + name
                + "\", ";
        for (int version = 1; version <= 3; version++) {
            // The third is made as the second, and changes nothing.
            String asked = version == 1 ? "\"derivatives\": \"none\"}" : "\"of\": [\"a\"]}";
            String[] columns = version == 1 ? new String[]{"row", "value"} : new String[]{"row", "value", "gradient_a", "gradient_b", "a"};
            JsonNode result = result("map", map + asked);
            for (JsonNode dataset : List.of(result.path("dataset"), json(get("/v1/datasets/" + name)))) {
                assertThat(dataset.path("columns").valueStream().map(column -> column.path("name").asString()).toList())
                        .as(dataset.toString()).containsExactlyInAnyOrder(columns);
            }
            assertThat(datasets.find("open", name).version()).isEqualTo(Math.min(version, 2));
        }
    }

    /** A client that sends the bytes that are there changes nothing, also where they do not tell the columns. */
    @Test
    void resultsWithoutRowsThatAreSentAgainKeepTheirColumns() {
        stored("no_rows", "a,b\n");
        result("map", "{\"dataset\": \"no_rows\", \"expression\": \"a * b\", \"save_as\": \"emptied\"}");
        JsonNode columns = json(get("/v1/datasets/emptied")).path("columns");
        assertThat(columns).isNotEmpty();
        HttpResponse<String> put = send("PUT", "/v1/datasets/emptied", BodyPublishers.ofString(""), "Content-Type", "application/x-ndjson");
        assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
        assertThat(json(put).path("columns")).isEqualTo(columns);
        assertThat(json(get("/v1/datasets/emptied")).path("columns")).isEqualTo(columns);
    }

    private static double[] numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToDouble(JsonNode::asDouble).toArray();
    }

    /** The reader of Parquet and its writer are of different libraries. */
    @Test
    void bothFormatsHaveTheSameRows() {
        Random random = new Random(1);
        int rows = 20_000;
        StringBuilder csv = new StringBuilder("u,v,k\n");
        for (int i = 0; i < rows; i++) {
            csv.append(random.nextGaussian()).append(',').append(random.nextGaussian()).append(',').append(i % 7).append('\n');
        }
        stored("many", csv.toString());
        for (String format : List.of("jsonl", "parquet")) {
            JsonNode result = result("map", "{\"dataset\": \"many\", " + PROGRAM + ", \"of\": [\"x\"], \"format\": \"" + format
                    + "\", \"save_as\": \"as_" + format + "\"}");
            assertThat(result.at("/dataset/rows").asInt()).isEqualTo(rows);
            assertThat(result.at("/dataset/format").asString()).isEqualTo(format);
            assertWhatIsKnownIsWhatIsRead("as_" + format);
        }
        // Sums are exact, so that equal sums of the elements and of their products with the row's number tell equal columns.
        String sums = "\"expression\": \"row + 0 * value\", \"derivatives\": \"none\"";
        List<JsonNode> answers = new ArrayList<>();
        for (String format : List.of("jsonl", "parquet")) {
            JsonNode job = ended("reduce", "{\"dataset\": \"as_" + format + "\", " + sums.replace("row + 0 * value",
                    "a = value * row\\nb = gradient_w * row\\nc = gradient_k * row\\nd = x * row\\nsum(b) + a")
                    + ", \"of\": [\"row\", \"a\", \"b\", \"c\", \"d\"]}");
            assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
            answers.add(json(get("/v1/jobs/" + job.path("id").asString() + "/result")));
        }
        assertThat(answers.get(0)).isEqualTo(answers.get(1));
        assertThat(answers.get(0).at("/nodes/row/sum").asLong()).isEqualTo((long) rows * (rows + 1) / 2);
    }

    /** Only some rows of a result are read. The same file from elsewhere is read as a whole. */
    private void assertWhatIsKnownIsWhatIsRead(String name) {
        Dataset known = datasets.find("open", name);
        try {
            Path copy = Files.copy(Objects.requireNonNull(datasets.file(known)), folder.resolve("copy"));
            datasets.put("open", "copy", known.format(), copy, known.bytes(), known.sha256(), Terms.none());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Layout read = datasets.layout(datasets.find("open", "copy"));
        Layout layout = datasets.layout(known);
        assertThat(layout.columns()).isEqualTo(read.columns());
        assertThat(layout.splits()).isEqualTo(read.splits());
        assertThat(layout.files()).isEqualTo(read.files());
        Layout.ReaderBytes expected = Objects.requireNonNull(read.readers());
        Layout.ReaderBytes found = Objects.requireNonNull(layout.readers());
        assertThat(found.besides()).isEqualTo(expected.besides());
        for (int i = 0; i < expected.columns().size(); i++) {
            // Packed pages differ a little.
            assertThat((double) found.columns().get(i)).isCloseTo(expected.columns().get(i), withPercentage(5));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "skip | keep | 1 3 5        | the row without a number is left out",
            "nan  | skip | 1 5          | and with NaN it has a result that is not finite",
            "skip | skip | 1 5          | the row whose logarithm is NaN is left out"})
    void rowsWithFaultsAreLeftOutAsTheRequestSays(String onCell, String onResult, String expected, String why) {
        stored("faulty", "a\n1\nnothing\n-1\n\"\"\n4\n");
        JsonNode result = result("map",
                "{\"dataset\": \"faulty\", \"expression\": \"log(a)\", \"on_cell\": \"" + onCell + "\", \"on_result\": \""
                        + onResult + "\", \"save_as\": \"left\"}");
        List<JsonNode> lines = lines("left");
        assertThat(lines.stream().map(line -> line.path("row").asString()).toList()).as(why).isEqualTo(List.of(expected.split(" ")));
        assertThat(result.at("/rows/read").asInt()).isEqualTo(5);
        if (onResult.equals("keep")) {
            assertThat(lines.get(1).path("value").asString()).isEqualTo("NaN");
        }
    }

    @Test
    void aRowEndsTheJobAndNothingIsStored() {
        stored("faulty", "a\n1\nnothing\n-1\n");
        JsonNode job = ended("map", "{\"dataset\": \"faulty\", \"expression\": \"log(a)\", \"save_as\": \"never\"}");
        assertThat(job.path("status").asString()).isEqualTo("failed");
        assertThat(job.at("/problem/errors/0/message").asString()).contains("row 2, column 'a'");
        assertThat(get("/v1/datasets/never").statusCode()).isEqualTo(404);
        await().untilAsserted(() -> assertThat(drafts()).doesNotContain("draft-" + job.path("id").asString()));
    }

    private static List<String> drafts() {
        String[] names = folder.resolve("data/datasets").toFile().list((_, name) -> name.startsWith("draft-"));
        return names == null ? List.of() : Arrays.asList(names);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "/request/save_as | ",
            "/request/save_as | , \"save_as\": \"Bad Name\"",
            "/request/of/0    | , \"save_as\": \"x\", \"of\": [\"nobody\"]",
            "/request/format  | , \"save_as\": \"x\", \"format\": \"csv\"",
            "/request/of      | , \"save_as\": \"x\", \"of\": [\"value\"]"})
    void whatIsWrongWithTheRequestIsSaidAtOnce(String pointer, String more) {
        stored("few", "a\n1\n");
        HttpResponse<String> refused = post("/v1/jobs", "{\"kind\": \"map\", \"request\": {\"dataset\": \"few\", "
                + "\"expression\": \"value = a^2\\nvalue + 1\"" + (more == null ? "" : more) + "}}");
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(json(refused).at("/errors/0/pointer").asString()).as(refused.body()).isEqualTo(pointer);
    }

    /** A node is named if it has the name of another column, else what is differentiated by. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ["a", "b_c", "a_b", "c"] | hessian  | []              | /request/wrt
            ["a", "b_c", "a_b", "c"] | hessian  | ["c"]           | /request/wrt
            ["c"]                    | gradient | ["gradient_c"]  | /request/of
            ["a", "c"]               | hessian  | ["hessian_a_c"] | /request/of
            """)
    void columnsOfOneNameAreRefused(String wrt, String derivatives, String of, String pointer) {
        stored("few", "x\n1\n");
        HttpResponse<String> refused = post("/v1/jobs", """
                {"kind": "map", "request": {"dataset": "few", "save_as": "x", "inputs": {"a": 1, "b_c": 2, "a_b": 3, "c": 4}, "wrt": %s,
                 "expression": "gradient_c = x * a * b_c\\nhessian_a_c = a_b * c\\ngradient_c + hessian_a_c", "derivatives": "%s",
                 "of": %s}}""".formatted(wrt, derivatives, of));
        assertThat(errors(refused)).as(refused.body()).containsExactly("invalid-value " + pointer);
        assertThat(json(refused).at("/errors/0/hint").asString()).startsWith(
                pointer.endsWith("of") ? "give the node another name" : "give one of the inputs another name");
    }

    @Test
    void aValueThatAModelKeepsIsNotGiven() {
        stored("few", "a\n1\n");
        send("PUT", "/v1/models/kept", BodyPublishers.ofString("{\"expression\": \"x * w * x\", \"inputs\": {\"w\": 5}}"), "Content-Type",
                "application/json");
        String request = "{\"dataset\": \"few\", \"model\": \"kept\", \"columns\": {\"x\": \"a\"%s}, \"save_as\": \"squares\"%s}";
        for (String error : List.of("/request/inputs/w", "/request/columns/w")) {
            boolean isColumn = error.contains("columns");
            assertThat(errors(post("/v1/jobs", "{\"kind\": \"map\", \"request\": "
                    + request.formatted(isColumn ? ", \"w\": \"a\"" : "", isColumn ? "" : ", \"inputs\": {\"w\": 100}") + "}")))
                    .containsExactly("invalid-value " + error);
        }
        result("map", request.formatted("", ""));
        assertThat(lines("squares").getFirst().path("value").asDouble()).isEqualTo(5);
    }

    @Test
    void resultsThatExceedTheQuotaEndTheJob() {
        stored("few", "a\n" + "1\n".repeat(30_000));
        JsonNode job = ended("map", "{\"dataset\": \"few\", \"expression\": \"sum(a * big)\", \"wrt\": [\"big\"], \"inputs\": {\"big\": "
                + Arrays.toString(IntStream.range(0, 1_000).toArray()) + "}, \"save_as\": \"large\"}");
        assertThat(job.path("status").asString()).isEqualTo("failed");
        assertThat(job.at("/problem/errors/0/message").asString()).as(job.toString()).contains("60000000");
        await().untilAsserted(() -> assertThat(drafts()).doesNotContain("draft-" + job.path("id").asString()));
    }

    /** Parts that other maps have written count, also while these wait. */
    @Test
    void allMapsOfAnOwnerShareItsQuota() throws IOException {
        stored("few", "a\n1\n2\n");
        String blocking = busy();
        String map = "{\"dataset\": \"few\", \"expression\": \"a^2\", \"save_as\": \"squares\"}";
        String first = accepted("map", map);
        String between = lasting();
        String second = accepted("map", map);
        DatasetDraft draft = datasets.draft(second);
        assertThat(draft.bytes()).isZero();
        draft.open();
        try (RandomAccessFile part = new RandomAccessFile(draft.part("part").toFile(), "rw")) {
            part.setLength(60_000_000);
        }
        assertThat(draft.bytes()).isEqualTo(60_000_000);
        for (BodyPublisher body : List.of(BodyPublishers.ofString("a\n3\n"),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[]{'a', '\n', '3', '\n'})))) {
            HttpResponse<String> more = send("PUT", "/v1/datasets/more", body, "Content-Type", "text/csv");
            assertThat(json(more).at("/errors/0/expected").asString()).as("a file has no room beside them: " + more.body())
                    .isEqualTo("at most 60000000 (chainrule.datasets.bytes)");
        }
        stored("few", "a\n1\n2\n");
        send("DELETE", "/v1/jobs/" + blocking, BodyPublishers.noBody());
        JsonNode refused = ended(first);
        assertThat(refused.path("status").asString()).isEqualTo("failed");
        assertThat(refused.at("/problem/errors/0/expected").asString()).as(refused.toString())
                .isEqualTo("at most 60000000 (chainrule.datasets.bytes)");
        Files.delete(draft.part("part"));
        send("DELETE", "/v1/jobs/" + between, BodyPublishers.noBody());
        assertThat(ended(second).path("status").asString()).isEqualTo("succeeded");
    }

    /** Interrupted after each group of units, on fresh threads, the file has the bytes of a map that was not interrupted. */
    @ParameterizedTest
    @EnumSource(value = DatasetFormat.class, names = {"JSONL", "PARQUET"})
    void aMapGoesOnWithTheSameBytes(DatasetFormat format) throws IOException {
        StringBuilder csv = new StringBuilder("a,note\n");
        for (int i = 0; i < 40_000; i++) {
            csv.append(i).append(',').append("some text that makes the file longer than one of its splits ".repeat(6)).append('\n');
        }
        stored("long", csv.toString());
        // Results are so long that joining takes more than one step.
        Tensor w = Tensor.of(Shape.of(110), new double[110]);
        RowProgram program = new RowProgram(new Source.Text("sum(sin(a) * w)"), RowProgram.Derivatives.GRADIENT, List.of("w"),
                List.of(new RowInput.Scalar("a", "a")), Map.of("w", w));
        RowFunction function = services.functions().prepared(limits -> RowFunction.of(program, limits));
        BulkWork work = new BulkWork(datasets.open(datasets.find("open", "long")), function,
                new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.FAIL));
        DatasetDraft whole = datasets.draft("whole" + format.text());
        Mapping once = Mapping.of(work, format, whole, 5e-4, null, Runnable::run);
        once.run(services.engine(), new Following(Integer.MAX_VALUE));
        WrittenFile expected = once.join(services.engine(), new Following(Integer.MAX_VALUE));

        DatasetDraft draft = datasets.draft("parts" + format.text());
        byte[] state = null;
        int attempts = 0;
        boolean isOver = false;
        while (!isOver) {
            Mapping mapping = Mapping.of(work, format, draft, 5e-4, state, Runnable::run);
            isOver = !interrupted(mapping);
            state = mapping.state();
            attempts++;
        }
        Mapping last = Mapping.of(work, format, draft, 5e-4, state, Runnable::run);
        assertThat(attempts).isGreaterThan(1);
        assertThat(last.earlier()).isEqualTo(40_000);
        assertThat(last.tally().used()).isEqualTo(40_000);
        long written = draft.bytes();
        assertThat(last.left()).isEqualTo(written);
        double seconds = last.secondsToJoin(40_000, 40_000);
        assertThat(seconds).isPositive();
        byte[] joined = interruptedJoin(last);
        assertThat(joined).isNotEqualTo(state);
        assertThat(draft.bytes()).as("what is joined is not counted twice").isEqualTo(written);
        Mapping again = Mapping.of(work, format, draft, 5e-4, joined, Runnable::run);
        assertThat(again.left()).isLessThan(written);
        again.run(services.engine(), new Following(0));
        List<Double> left = new ArrayList<>();
        WrittenFile file = again.join(services.engine(), new Following(Integer.MAX_VALUE) {
            @Override
            public void done(long rows) {
                left.add(again.secondsToJoin(40_000, 40_000));
            }
        });
        assertThat(Files.mismatch(file.path(), expected.path())).isEqualTo(-1);
        assertThat(file.sha256()).isEqualTo(expected.sha256());
        assertThat(left).isNotEmpty().allSatisfy(now -> assertThat(now).isLessThan(seconds));
        try (Stream<Path> parts = Files.list(draft.folder())) {
            Files.delete(parts.filter(part -> String.valueOf(part.getFileName()).endsWith("-0")).findFirst().orElseThrow());
        }
        byte[] stale = state;
        assertThatThrownBy(() -> Mapping.of(work, format, draft, 5e-4, stale, Runnable::run))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("removed");
        Mapping anew = Mapping.of(work, format, draft, 5e-4, null, Runnable::run);
        assertThat(anew.earlier()).isZero();
        assertThat(draft.bytes()).as("parts of attempts that nobody goes on with do not count").isZero();
        try (Stream<Path> files = Files.list(draft.folder())) {
            assertThat(files).isEmpty();
        }
        whole.remove();
        draft.remove();
    }

    /** What it finds is another attempt's, which has begun while this one had read that there was no state, or an old one. */
    @Test
    void anAttemptThatWakesLateRemovesNothing(@Autowired MapJobs maps) throws IOException {
        stored("late", "a\n1\n");
        RecordedRun late = new RecordedRun();
        late.takeOver();
        DatasetDraft draft = datasets.draft(late.id());
        draft.open();
        List<Path> left = List.of(Files.createFile(draft.part("0-0")), draft.begin());
        JobCall call = new JobCall("open", true, Language.EN, Map.of(),
                "{\"dataset\": \"late\", \"expression\": \"a^2\", \"save_as\": \"squares\"}");
        assertThatThrownBy(() -> maps.run(call, late)).isInstanceOf(CancellationException.class);
        assertThat(left).allSatisfy(file -> assertThat(file).exists());
        draft.clearing(false).run();
        assertThat(left.getFirst()).exists();
        assertThat(left.getLast()).as("nobody goes on with it").doesNotExist();
        draft.clearing(true).run();
        assertThat(left.getFirst()).doesNotExist();
        draft.remove();
    }

    /** The attempt that has stored its results ends just after that. Whoever sees these may change or remove what they were made of. */
    @ParameterizedTest
    @CsvSource({"1;no number;3, 2, false", "1;no number;3, 2, true", "'', 0, false", "'', 0, true"})
    void aMapThatIsStoredIsAnsweredWithoutItsSource(String cells, int used, boolean isRemoved, @Autowired MapJobs maps)
            throws IOException {
        String lines = cells.isEmpty() ? "" : cells.replace(';', '\n') + "\n";
        Path source = Files.writeString(folder.resolve("source.csv"), "a\n" + lines);
        stored("source", "application/json", "{\"location\": \"file:" + source + "\", \"format\": \"csv\"}");
        JobCall call = new JobCall("open", true, Language.EN, Map.of(),
                "{\"dataset\": \"source\", \"expression\": \"a^2\", \"on_cell\": \"skip\", \"save_as\": \"of_source\"}");
        RecordedRun run = new RecordedRun();
        run.setWanting(false);
        JsonNode answer = JSON.readTree(maps.run(call, run));
        assertThat(answer.at("/rows/used").asInt()).as(answer.toString()).isEqualTo(used);
        if (isRemoved) {
            Files.delete(source);
        } else {
            Files.writeString(source, "a\n1\n2\n3\n4\n");
        }
        assertThat(JSON.readTree(maps.run(call, run.next()))).isEqualTo(answer);
        assertThatThrownBy(() -> maps.run(call, new RecordedRun())).isInstanceOf(RequestException.class);
        maps.ended(run.id());
        Files.deleteIfExists(source);
    }

    /** PostgreSQL ends the transaction of an attempt that stands still. Another one begins before the first wakes, and goes on removing. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAttemptThatStandsStillWhileItClearsRemovesNothingOfTheNext(boolean isAnew) throws IOException {
        stored("still", "a\n1\n");
        RowProgram program = new RowProgram(new Source.Text("a^2"), RowProgram.Derivatives.NONE, null,
                List.of(new RowInput.Scalar("a", "a")), Map.of());
        BulkWork work = new BulkWork(datasets.open(datasets.find("open", "still")),
                services.functions().prepared(limits -> RowFunction.of(program, limits)),
                new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.FAIL));
        DatasetDraft draft = datasets.draft("still" + isAnew);
        draft.open();
        Path left = draft.begin();
        List<Path> ofNext = new ArrayList<>();
        assertThatThrownBy(() -> Mapping.of(work, DatasetFormat.JSONL, draft, 5e-4, isAnew ? null : new byte[1], clearing -> {
            try {
                ofNext.add(Files.createFile(draft.part(UUID.randomUUID() + "-0")));
                ofNext.add(draft.begin());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            clearing.run();
            throw new CancellationException("the transaction was ended");
        })).isInstanceOf(CancellationException.class);
        assertThat(left).doesNotExist();
        assertThat(ofNext).hasSize(2).allSatisfy(file -> assertThat(file).exists());
        draft.remove();
    }

    /** Folders for temporary files often execute nothing, and a library that could not load its native code once does not try again. */
    @Test
    void librariesThatPackResultsUnpackTheirCodeInTheDataDirectory() throws IOException {
        System.clearProperty("org.xerial.snappy.tempdir");
        DatasetDraft draft = datasets.draft("packed");
        draft.open();
        assertThat(Path.of(System.getProperty("org.xerial.snappy.tempdir"))).isDirectory().startsWith(folder.resolve("data"));
        draft.remove();
    }

    /** A file that could not be stored stays for another attempt. Nobody writes to a file that is stored. */
    @Test
    void aDraftHasItsFileUntilItIsStored() throws IOException {
        DatasetDraft draft = datasets.draft("kept");
        draft.open();
        byte[] bytes = "{\"row\":1,\"value\":2.0}\n".getBytes(StandardCharsets.US_ASCII);
        Path whole = Files.write(draft.whole("results"), bytes);
        WrittenLines lines = new WrittenLines(bytes.length, false);
        lines.add(bytes, 0, bytes.length);
        WrittenFile file = new WrittenFile(DatasetFormat.JSONL, whole, bytes.length, "ab".repeat(32), Map.of(), lines);
        String nameThatNoTableTakes = "n".repeat(1_000);
        assertThatThrownBy(() -> datasets.put("open", nameThatNoTableTakes, file, Terms.none()))
                .isInstanceOf(RuntimeException.class);
        assertThat(whole).hasBinaryContent(bytes);
        assertThatThrownBy(() -> datasets.put("open", "kept", file, Terms.guarded(_ -> () -> {
            // Where files cannot have two names, it was moved away from here.
            assertThat(whole.toFile().delete()).isTrue();
            throw new StoreUnavailableException(new IllegalStateException("no answer"));
        }))).isInstanceOf(StoreUnavailableException.class);
        assertThat(whole).hasBinaryContent(bytes);
        datasets.put("open", "kept", file, Terms.none());
        assertThat(whole).doesNotExist();
        draft.remove();
        assertThat(get("/v1/datasets/kept/file").body()).isEqualTo(new String(bytes, StandardCharsets.US_ASCII));
        assertThat(folder.resolve("data/datasets").toFile().list((_, name) -> name.endsWith(".part"))).isEmpty();
    }

    /** The state after the first step. */
    private byte[] interruptedJoin(Mapping mapping) {
        AtomicReference<byte[]> state = new AtomicReference<>();
        assertThatThrownBy(() -> mapping.join(services.engine(), new Following(1) {
            @Override
            public void done(long rows) {
                super.done(rows);
                state.set(mapping.state());
            }
        })).hasMessage("enough");
        return state.get();
    }

    private boolean interrupted(Mapping mapping) {
        try {
            mapping.run(services.engine(), new Following(1));
            return false;
        } catch (IllegalStateException _) {
            return true;
        }
    }

    /** Ends the work after some groups of units. */
    private static class Following implements BulkProgress {
        private int left;

        Following(int groups) {
            left = groups;
        }

        @Override
        public void done(long rows) {
            left--;
        }

        @Override
        public void check() {
            if (left <= 0) {
                throw new IllegalStateException("enough");
            }
        }
    }

    @Test
    void aFileIsSentInPartsAndNotTwice() {
        stored("few", "a\n1\n2\n3\n");
        HttpResponse<String> whole = get("/v1/datasets/few/file");
        assertThat(whole.body()).isEqualTo("a\n1\n2\n3\n");
        String tag = whole.headers().firstValue("ETag").orElseThrow();
        assertThat(tag).contains(json(get("/v1/datasets/few")).path("sha256").asString());
        assertThat(whole.headers().firstValue("Content-Length")).contains("8");
        assertThat(whole.headers().firstValue("Content-Disposition")).contains("attachment; filename=\"few.csv\"");
        assertThat(whole.headers().firstValue("Repr-Digest").orElseThrow()).startsWith("sha-256=:");
        HttpResponse<String> part = get("/v1/datasets/few/file", "Range", "bytes=2-5", "If-Range", tag);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("1\n2\n");
        assertThat(part.headers().firstValue("Content-Range")).contains("bytes 2-5/8");
        assertThat(get("/v1/datasets/few/file", "Range", "bytes=2-5", "If-Range", "\"other\"").body()).isEqualTo(whole.body());
        HttpResponse<String> known = get("/v1/datasets/few/file", "If-None-Match", tag);
        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(get("/v1/datasets/none/file").statusCode()).isEqualTo(404);
    }

    /** The names of columns are looked at before the work, as they would be after it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "of": ["a", "NAME"]                           | 201 | /request/of/1
            "of": ["a"], "wrt": ["NAME"]                  | 192 | /request/wrt
            "wrt": ["NAME"], "derivatives": "hessian"     | 110 | /request/wrt
            "of": ["\\u0001"]                             | 1   | /request/of/0
            """)
    void columnsThatNoDataSetMayHaveAreRefusedAtOnce(String asked, int length, String pointer) {
        stored("few", "a\n1\n2\n");
        String id = asked.contains("u0001") ? "\\u0001" : "n".repeat(length);
        String request = "{\"kind\": \"map\", \"request\": {\"dataset\": \"few\", \"save_as\": \"x\", " + asked.replace("NAME", id)
                + ", \"graph\": {\"nodes\": [{\"id\": \"" + id + "\", \"op\": \"exp\", \"inputs\": [\"a\"]}, "
                + "{\"id\": \"f\", \"op\": \"exp\", \"inputs\": [\"" + id + "\"]}]}}}";
        HttpResponse<String> refused = post("/v1/jobs", request);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value " + pointer);
        if (length > 1) {
            HttpResponse<String> accepted = post("/v1/jobs", request.replace(id, id.substring(length > 150 ? 1 : 20)));
            assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        }
    }

    @Test
    void columnsThatAreTooLongTogetherAreRefusedAtOnce() {
        stored("few", "a\n1\n2\n");
        List<String> ids = IntStream.range(1_000, 5_000).mapToObj(i -> "n".repeat(195) + i).toList();
        String program = ids.stream().map(id -> id + " = a + 1").collect(Collectors.joining("\\n"));
        String of = "[\"" + String.join("\", \"", ids) + "\"]";
        String request = "{\"dataset\": \"few\", \"save_as\": \"wide\", \"derivatives\": \"none\", \"expression\": \"" + program
                + "\", \"of\": ";
        HttpResponse<String> refused = post("/v1/jobs", "{\"kind\": \"map\", \"request\": " + request + of + "}}");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("limit-exceeded /request/wrt");
        assertThat(json(refused).path("detail").asString()).contains("1000000 characters");
        String fewer = "[\"" + String.join("\", \"", ids.subList(0, 3_000)) + "\"]";
        assertThat(result("map", request + fewer + "}").at("/dataset/columns")).hasSize(3_002);
    }

    private static String longest(List<Integer> shape) {
        return shape.isEmpty()
                ? String.valueOf(-Double.MIN_NORMAL)
                : "[" + String.join(",", Collections.nCopies(shape.getFirst(), longest(shape.subList(1, shape.size())))) + "]";
    }

    /** Otherwise all rows would be computed before one is found to be too long. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"'' | true", "3 | true", "2 3 | true", "3 0 | true", "0 3 | true", "2 1 2 1 | true",
            "600000 | true", "680000 | false", "500000 1 1 1 1 1 1 1 1 1 1 | false", "6000000 0 | false"})
    void aRowThatCouldBeTooLongIsRefusedAtOnce(String lengths, boolean isShort) {
        List<Integer> shape = Stream.of(lengths.split(" ")).filter(length -> !length.isEmpty()).map(Integer::valueOf).toList();
        Map<String, List<Integer>> columns = Map.of("é", shape);
        if (isShort) {
            String row = "{\"é\":" + longest(shape) + "}";
            assertThat(DatasetDraft.bytesOfRow(columns)).isBetween((long) row.getBytes(StandardCharsets.UTF_8).length,
                    row.length() + 10L * (shape.size() + 1));
            assertThat(DatasetDraft.refusal(DatasetFormat.JSONL, columns, 1)).isNull();
        } else {
            assertThat(DatasetDraft.refusal(DatasetFormat.JSONL, columns, 1)).startsWith("a row could take ");
        }
        assertThat(DatasetDraft.refusal(DatasetFormat.PARQUET, columns, 1)).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"bytes=2-5 | bytes 2-5/8 | 1;2;", "bytes=6- | bytes 6-7/8 | 3;", "bytes=-4 | bytes 4-7/8 | 2;3;",
            "bytes=7-99 | bytes 7-7/8 | ;", "bytes=-99 | bytes 0-7/8 | a;1;2;3;"})
    void aPartIsSentThatRangeNames(String range, String sent, String text) {
        stored("few", "a\n1\n2\n3\n");
        HttpResponse<String> part = get("/v1/datasets/few/file", "Range", range);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.headers().firstValue("Content-Range")).contains(sent);
        assertThat(part.body()).isEqualTo(text.replace(';', '\n'));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-1,4-5", "bytes=8-9,0-1", "lines=1-2", "bytes=5-2", "bytes=a-b", "bytes 1-2", "bytes=", "x"})
    void severalPartsAndWhatIsNoRangeAreAnsweredWithAllOfTheFile(String range) {
        stored("few", "a\n1\n2\n3\n");
        HttpResponse<String> all = get("/v1/datasets/few/file", "Range", range);
        assertThat(all.statusCode()).isEqualTo(200);
        assertThat(all.body()).isEqualTo("a\n1\n2\n3\n");
        assertThat(all.headers().firstValue("Content-Range")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=8-", "bytes=8-9", "bytes=-0", "bytes=8-9,20-30"})
    void aPartBeyondTheEndIsRefusedWithTheLength(String range) {
        stored("few", "a\n1\n2\n3\n");
        HttpResponse<String> refused = get("/v1/datasets/few/file", "Range", range);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(416);
        assertThat(refused.headers().firstValue("Content-Range")).contains("bytes */8");
        assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(refused.headers().firstValue("ETag")).isEmpty();
        assertThat(refused.headers().firstValue("Repr-Digest")).isEmpty();
        assertThat(json(refused).path("code").asString()).isEqualTo("range-not-satisfiable");
        assertThat(refused.body()).contains("the file has 8 bytes");
    }
}
