package io.chainrule.web.v1.jobs;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/** Jobs on a cluster of Apache Spark come to the same bits, counts and names of rows as on this machine. */
@DirtiesContext
@Tag("spark")
@Timeout(600)
class SparkTest extends SparkJobs {
    private static final String REGRESSION = "\"expression\": \"z = dot(w, x) + b\\nloss = softplus(z) - y * z\", "
            + "\"inputs\": {\"w\": [0.1, -0.2], \"b\": 0.05}, \"wrt\": [\"w\", \"b\"], "
            + "\"columns\": {\"x\": [\"u\", \"v\"], \"y\": \"label\"}";

    private static String points(int rows, long seed) {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder("u,v,label,note\n");
        for (int i = 0; i < rows; i++) {
            csv.append(random.nextGaussian()).append(',').append(random.nextGaussian()).append(',').append(random.nextInt(2)).append(",\"")
                    .append(i % 7 == 0 ? "with \"\"quotes\"\", and commas" : "plain").append("\"\n");
        }
        return csv.toString();
    }

    @Test
    void reductionsOfCsvHaveTheSameBits() {
        stored("points", "text/csv", points(50_000, 1).getBytes(StandardCharsets.UTF_8));
        JsonNode result = answerOfBoth("reduce", "{\"dataset\": \"points\", " + REGRESSION
                + ", \"derivatives\": \"hessian\", \"of\": [\"z\"], \"variance\": true, \"ddof\": 1}");
        assertThat(result.path("rows").path("used").asInt()).isEqualTo(50_000);
    }

    private void written(String name, String file, String content) {
        try {
            Path inFolder = Files.createDirectories(folder.resolve("files").resolve(name)).resolve(file);
            Files.writeString(inFolder, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Files of several pieces each, whose cells are missing and malformed here and there; one has lines that end with CR LF. */
    private void spotted(String name) {
        for (int file = 0; file < 3; file++) {
            Random random = new Random(file);
            String end = file == 1 ? "\r\n" : "\n";
            StringBuilder csv = new StringBuilder("x,\"note, quoted\",y" + end);
            for (int i = 0; i < 30_000; i++) {
                String x = switch (random.nextInt(4_000)) {
                    case 0 -> "";
                    case 1 -> "NA";
                    case 2 -> "1.5e";
                    case 3 -> "\"\"";
                    case 4 -> " 7 ";
                    default -> String.valueOf(random.nextDouble());
                };
                csv.append(x).append(",\"it said \"\"no, never\"\", and so on and so on and so on\",").append(random.nextInt(100))
                        .append(end);
                csv.append(random.nextInt(5_000) == 0 ? "  " + end + end : "");
            }
            written(name, "part " + file + (file == 2 ? " [x].csv" : ".csv"), csv.toString());
        }
        located(name, "csv");
    }

    /** Cells that hold line breaks, so that a row has several lines. */
    private void broken(String name) {
        for (int file = 0; file < 2; file++) {
            StringBuilder csv = new StringBuilder("note,x,y\n");
            for (int i = 0; i < 500; i++) {
                csv.append(i % 3 == 0 ? "\"two\nlines, and a \"\"quote\"\"\"" : "one").append(',').append(i % 50 == 49 ? "oops" : i / 8.0)
                        .append(',').append(i % 70 == 69 ? "" : i).append(file == 0 ? "\r\n" : "\n")
                        .append(i % 90 == 5 ? "  \r\n\r\n" : "");
            }
            written(name, file + ".csv", csv.toString());
        }
        located(name, "csv");
    }

    @ParameterizedTest
    @ValueSource(strings = {"spotted", "broken"})
    void rowsWithWrongCellsAreNamedByTheSameNumbers(String name) {
        if (name.equals("spotted")) {
            spotted(name);
        } else {
            broken(name);
        }
        String request = "{\"dataset\": \"" + name + "\", \"expression\": \"w * x^2 + log(y)\", \"inputs\": {\"w\": 0.3}, "
                + "\"wrt\": [\"w\"], \"on_cell\": \"%s\", \"on_result\": \"%s\"}";
        JsonNode skipped = answerOfBoth("reduce", request.formatted("skip", "skip"));
        assertThat(skipped.path("rows").path("faults").size()).isEqualTo(20);
        assertThat(skipped.path("rows").path("not_finite").asInt()).isPositive();
        answerOfBoth("reduce", request.formatted("nan", "keep"));
        JsonNode expected = ended(begun("reduce", "local", request.formatted("fail", "skip"))).path("problem").path("errors");
        JsonNode found = ended(begun("reduce", "spark", request.formatted("fail", "skip"))).path("problem").path("errors");
        assertThat(expected.get(0).path("message").asString()).startsWith("row ");
        assertThat(found).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"spotted, jsonl, skip, skip", "spotted, parquet, nan, keep", "broken, jsonl, nan, skip"})
    void mapsHaveTheSameBytes(String name, String format, String onCell, String onResult) {
        if (name.equals("spotted")) {
            spotted(name);
        } else {
            broken(name);
        }
        String request = "{\"dataset\": \"" + name
                + "\", \"expression\": \"p = w * x\\nsum(p)^2 + log(y)\", \"inputs\": {\"w\": [0.3, -1]}, "
                + "\"wrt\": [\"w\", \"x\"], \"derivatives\": \"hessian\", \"of\": [\"p\"], \"on_cell\": \"" + onCell
                + "\", \"on_result\": \""
                + onResult + "\", \"format\": \"" + format + "\"}";
        List<Object> expected = mapped("local", request, "here");
        assertThat(mapped("spark", request, "there")).isEqualTo(expected);
        if (format.equals("jsonl")) {
            assertThat(get("/v1/datasets/there/file").body()).startsWith("{\"row\":").isEqualTo(get("/v1/datasets/here/file").body());
        }
    }

    @Test
    void aRowThatEndsAMapIsNamedAndNothingIsStored() {
        spotted("spotted");
        String request = "{\"dataset\": \"spotted\", \"expression\": \"x + y\", \"save_as\": \"never\"}";
        JsonNode expected = ended(begun("map", "local", request)).path("problem").path("errors");
        JsonNode found = ended(begun("map", "spark", request)).path("problem").path("errors");
        assertThat(expected.get(0).path("message").asString()).startsWith("row ");
        assertThat(found).isEqualTo(expected);
        assertThat(get("/v1/datasets/never").statusCode()).isEqualTo(404);
    }

    /** A file stands where the folder was made, so that workers see no folder, as if they had other disks. */
    @Test
    void aMapWhoseWorkersSeeNoFolderIsRefused() throws IOException {
        stored("few", "text/csv", "x\n1\n2\n".getBytes(StandardCharsets.UTF_8));
        String id = begun("map", "spark", "{\"dataset\": \"few\", \"expression\": \"x\", \"save_as\": \"never\"}");
        Path draft = folder.resolve("data/datasets/draft-" + id);
        await().pollInterval(Duration.ofMillis(1)).until(() -> Files.isDirectory(draft));
        // The service looks how much room the folder has before it starts the driver, and workers are asked seconds later.
        await().pollInterval(Duration.ofMillis(10))
                .until(() -> SparkFaultsTest.drivers(ProcessHandle.current()).findAny().isPresent());
        FileSystemUtils.deleteRecursively(draft);
        Files.createFile(draft);
        JsonNode job = ended(id);
        JsonNode error = job.at("/problem/errors/0");
        assertThat(error.path("message").asString()).as(job.toString()).contains("does not see the folder");
        assertThat(error.path("pointer").asString()).isEqualTo("/request/engine");
        assertThat(error.path("hint").asString()).contains("chainrule.datasets.directory");
        assertThat(job.path("attempts").asInt()).isEqualTo(1);
        assertThat(get("/v1/datasets/never").statusCode()).isEqualTo(404);
    }

    /** Spark reads what this machine cannot: here a file system of Hadoop whose folder is in truth one of this machine. */
    @Test
    void aLocationThatOnlySparkCanReadHasTheSameBits() {
        written("many", "1.csv", points(20_000, 5));
        written("many", "0.csv", points(10_000, 6).replaceFirst("u,v,label", "u, \"v\",label"));
        located("many", "csv");
        located("remote", "hdfs://elsewhere/files/many", "csv");
        JsonNode expected = answer("reduce", "local", "{\"dataset\": \"many\", " + REGRESSION + "}");
        assertThat(answer("reduce", "spark", "{\"dataset\": \"remote\", " + REGRESSION + "}")).isEqualTo(expected);
        List<Object> mapped = mapped("local", "{\"dataset\": \"many\", " + REGRESSION + "}", "here");
        assertThat(mapped("spark", "{\"dataset\": \"remote\", " + REGRESSION + "}", "there")).isEqualTo(mapped);
        HttpResponse<String> accepted = post("/v1/jobs", "{\"kind\": \"reduce\", \"request\": {\"dataset\": \"remote\", "
                + REGRESSION.replace("\"label\"", "\"nothing\"") + "}}");
        JsonNode failed = ended(json(accepted).path("id").asString());
        assertThat(failed.path("problem").path("detail").asString()).as(failed.toString())
                .isEqualTo("the data set has no column 'nothing'");
        assertThat(failed.at("/problem/errors/0/pointer").asString()).isEqualTo("/request/columns");
        assertThat(failed.path("attempts").asInt()).isEqualTo(1);
        HttpResponse<String> refused = post("/v1/jobs",
                "{\"kind\": \"reduce\", \"request\": {\"dataset\": \"remote\", \"expression\": \"u\"}}");
        assertThat(errors(refused)).containsExactly("invalid-value /request/columns");
    }

    @Test
    void aRowThatHasTooManyCellsIsRefusedWhereNobodyHasLookedBefore() {
        written("wide", "0.csv", "x,y\n1,2\n3,4,5\n");
        located("wide", "hdfs://elsewhere/files/wide", "csv");
        JsonNode failed = ended(begun("reduce", "spark", """
                {"dataset": "wide", "expression": "x", "derivatives": "none", "columns": {"x": "x"}, "on_cell": "skip"}"""));
        assertThat(failed.path("problem").path("detail").asString()).as(failed.toString())
                .isEqualTo("data set 'wide': a row is not well-formed");
    }

    /** Lines that end with CR LF, blanks before names and cells, and quotes behind them; with a line break in a cell, and without one. */
    @ParameterizedTest
    @CsvSource({"short_rows, one", "long_rows, 'two\r\nlines'"})
    void namesAndCellsBeginBehindBlanksAndEndBeforeTheEndOfTheLine(String name, String note) {
        String csv = """
                "note", u,v, label\s
                "NOTE",1,2,"3"
                x, "4",5,6\s
                 "a, b",\t7, 8,
                y,9,"10",\s
                z,0.5,-1, ""
                u,0.25,2,oops
                v,1e-3,\u0001 2, "0"
                """;
        written(name, "0.csv", csv.replace("\n", "\r\n").replace("NOTE", note));
        located(name, "csv");
        located("far_" + name, "hdfs://elsewhere/files/" + name, "csv");
        String request = "{\"dataset\": \"%s\", \"on_cell\": \"skip\", " + REGRESSION + "}";
        JsonNode expected = answerOfBoth("reduce", request.formatted(name));
        assertThat(expected.path("rows").path("used").asInt()).isEqualTo(3);
        assertThat(expected.path("rows").path("columns").path("label").toString()).isEqualTo("{\"missing\":3,\"malformed\":1}");
        assertThat(answer("reduce", "spark", request.formatted("far_" + name))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x, y,y ", "x,y,y", "y,x,\"y\""})
    void twoColumnsOfOneNameAreRefusedWhereNobodyHasLookedBefore(String header) {
        written("twice", "0.csv", header + "\n1,2,3\n");
        located("twice", "hdfs://elsewhere/files/twice", "csv");
        JsonNode failed = ended(begun("reduce", "spark", """
                {"dataset": "twice", "expression": "x", "derivatives": "none", "columns": {"x": "x"}}"""));
        assertThat(failed.path("problem").path("detail").asString()).as(failed.toString())
                .isEqualTo("data set 'twice': two columns are called 'y'");
    }

    /** Quotes within cells that do not begin with one, as of inches, may make the number of quotes in each line even. */
    @Test
    void rowsOfSeveralLinesMayHaveQuotesOfInches() {
        written("inches", "0.csv", "x,w,note,h\n1,5\",\"first\nsecond\",6\"\n2,7\",\"a\nb\",8\"\n");
        located("inches", "csv");
        JsonNode sum = answerOfBoth("reduce", """
                {"dataset": "inches", "expression": "x", "derivatives": "none", "columns": {"x": "x"}}""");
        assertThat(sum.at("/value/sum").asInt()).isEqualTo(3);
    }

    /** Spark itself would read two rows, one, and one. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            elements ~ [{"x": 1}, {"x": 2}]   ~ there is no object of JSON
            objects  ~ {"x": 1} {"x": 2}      ~ something follows the object of JSON
            names    ~ {"x": 1, "x": 2}       ~ there is 'x' twice
            """)
    void aLineThatIsNotOneObjectIsRefusedWhereNobodyHasLookedBefore(String name, String line, String message) {
        String lines = "{\"x\": 0}\n" + line + "\n";
        HttpResponse<String> refused = send("PUT", "/v1/datasets/" + name, BodyPublishers.ofString(lines), "Content-Type",
                "application/jsonl");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        written(name, "0.jsonl", lines);
        located(name, "hdfs://elsewhere/files/" + name, "jsonl");
        JsonNode failed = ended(begun("reduce", "spark", """
                {"dataset": "%s", "expression": "x", "derivatives": "none", "columns": {"x": "x"}, "on_cell": "skip"}""".formatted(name)));
        assertThat(failed.path("problem").path("detail").asString()).as(failed.toString())
                .isEqualTo("data set '" + name + "': " + message + " in the line that begins with " + line);
        assertThat(failed.path("attempts").asInt()).isEqualTo(1);
    }

    @Test
    void linesThatNobodyHasLookedAtHaveTheSameBits() {
        written("seen", "0.jsonl", "\ufeff{\"x\": 1, \"y\": {\"x\": [{}]}}\r\n  \r\n\n {\"x\": [2]} \n{\"y\": NaN}\n{\"x\": 0.1}");
        located("seen", "jsonl");
        located("unseen", "hdfs://elsewhere/files/seen", "jsonl");
        String request = "{\"dataset\": \"%s\", \"expression\": \"w * x\", \"inputs\": {\"w\": 3}, \"wrt\": [\"w\"], "
                + "\"columns\": {\"x\": \"x\"}, \"on_cell\": \"skip\"}";
        JsonNode expected = answer("reduce", "local", request.formatted("seen"));
        assertThat(expected.path("rows").path("read").asInt()).isEqualTo(4);
        assertThat(expected.path("rows").path("used").asInt()).isEqualTo(2);
        assertThat(answer("reduce", "spark", request.formatted("unseen"))).isEqualTo(expected);
    }

    @Test
    void aFileThatSparkDoesNotSeeIsRefused() {
        written("_shown", "_hidden.csv", "x\n1\n2\n");
        written("_shown", "seen.csv", "x\n3\n");
        located("hidden", "file:" + folder.resolve("files/_shown/_hidden.csv"), "csv");
        HttpResponse<String> refused = post("/v1/jobs", """
                {"kind": "reduce", "request": {"dataset": "hidden", "expression": "x", "derivatives": "none", "engine": "spark"}}""");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
        assertThat(errors(refused)).containsExactly("invalid-value /request/dataset");
        // Of a folder only the names within count.
        located("shown", "file:" + folder.resolve("files/_shown"), "csv");
        JsonNode result = answerOfBoth("reduce", "{\"dataset\": \"shown\", \"expression\": \"x\", \"derivatives\": \"none\"}");
        assertThat(result.path("rows").path("read").asInt()).isEqualTo(1);
    }

    @Test
    void jsonLinesHaveTheSameBits() {
        Random random = new Random(9);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            Object x = switch (i % 100) {
                case 17 -> "null";
                case 23 -> "\"1e-3\"";
                case 29 -> "true";
                case 31 -> "\"NaN\"";
                case 37 -> "12345678901234567890123";
                case 41 -> "\"caf\u00e9 \\u00e9\"";
                case 43 -> "{\"a\": 1}";
                case 47 -> "0.1000000000000000055511151231257827021181583404541015625";
                case 53 -> "NaN";
                default -> random.nextGaussian() * 1e-200;
            };
            lines.append("{\"X\": 1, \"v\": [").append(random.nextDouble()).append(", [1]]".length() > i % 3 ? ", 2]" : ", 2.5]")
                    .append(i % 90 == 11 ? "" : ", \"x\": " + x).append("}\n").append(i % 300 == 0 ? "\n" : "");
        }
        stored("lines", "application/x-ndjson", lines.toString().getBytes(StandardCharsets.UTF_8));
        JsonNode result = answerOfBoth("reduce", """
                {"dataset": "lines", "expression": "w * x + sum(v)", "inputs": {"w": 2}, "wrt": ["w"], "variance": true,
                 "columns": {"x": "x", "v": "v"}, "on_cell": "skip", "on_result": "skip"}""");
        assertThat(result.path("rows").path("columns").path("x").path("missing").asInt()).isPositive();
        assertThat(result.path("rows").path("columns").path("x").path("malformed").asInt()).isPositive();
    }

    @Test
    void parquetHasTheSameBits() throws IOException {
        Path resources = Path.of("src/test/resources/datasets");
        Path inFolder = Files.createDirectories(folder.resolve("files").resolve("parquet"));
        for (String codec : List.of("gzip", "snappy", "uncompressed", "zstd")) {
            Files.copy(resources.resolve(codec + ".parquet"), inFolder.resolve(codec + ".parquet"));
        }
        located("parquet", "parquet");
        JsonNode result = answerOfBoth("reduce", """
                {"dataset": "parquet", "expression": "w * x + flag + n / big + f + sum(pair) * sum(grid[0]) + u / ub", "inputs": {"w": 2},
                 "wrt": ["w"], "derivatives": "hessian", "variance": true, "on_cell": "skip"}""");
        assertThat(result.path("rows").path("read").asInt()).isEqualTo(400);
        assertThat(result.path("rows").path("columns").path("pair").path("missing").asInt()).isEqualTo(4 * 14);
    }

    /** Spark has a meaning of its own for these names. */
    @ParameterizedTest
    @ValueSource(strings = {"_corrupt_record", "_metadata"})
    void columnsMayHaveNamesThatSparkKnows(String name) {
        stored("named_csv", "text/csv", (name + ",y\n1,2\n3,\"4\"\n").getBytes(StandardCharsets.UTF_8));
        stored("named_jsonl", "application/jsonl", "{\"NAME\": 1, \"y\": 2}\n{\"NAME\": 3, \"y\": 4}\n".replace("NAME", name)
                .getBytes(StandardCharsets.UTF_8));
        for (String format : List.of("csv", "jsonl")) {
            JsonNode result = answerOfBoth("reduce", """
                    {"dataset": "named_%s", "expression": "10 * x + y", "derivatives": "none", "columns": {"x": "%s", "y": "y"}}"""
                    .formatted(format, name));
            assertThat(result.at("/value/sum").asDouble()).isEqualTo(46);
        }
    }

    /** Spark has no types for the times that stand beside. */
    @Test
    void eachFileOfParquetHasItsOwnTypes() throws IOException {
        Path inFolder = Files.createDirectories(folder.resolve("files").resolve("types"));
        for (String type : List.of("boolean", "double", "doubles", "float", "int16", "int32", "int64", "integers", "split", "text",
                "uint32", "uint64")) {
            Files.copy(Path.of("src/test/resources/datasets/types", type + ".parquet"), inFolder.resolve(type + ".parquet"));
        }
        located("types", "parquet");
        located("far_types", "hdfs://elsewhere/files/types", "parquet");
        String request = """
                {"dataset": "%s", "expression": "w * x", "inputs": {"w": 2}, "wrt": ["w"], "columns": {"x": "x"}, "on_cell": "skip",
                 "on_result": "skip"}""";
        JsonNode result = answerOfBoth("reduce", request.formatted("types"));
        assertThat(result.path("rows").path("read").asInt()).isEqualTo(36);
        assertThat(result.path("rows").path("used").asInt()).isEqualTo(21);
        assertThat(answer("reduce", "spark", request.formatted("far_types"))).isEqualTo(result);
        JsonNode refused = ended(begun("reduce", "spark", request.formatted("far_types").replace("\"x\"}", "\"time\"}")));
        assertThat(refused.path("problem").path("detail").asString()).as(refused.toString())
                .isEqualTo("the column 'time' of the data set has values that no input can have");
        assertThat(refused.path("attempts").asInt()).isEqualTo(1);
    }

    /** What this machine says of a location that it sees, Spark says of one that only it sees. */
    @ParameterizedTest
    @CsvSource({"of_folders, csv, the folder has folders", "of_years, parquet, the folder has folders",
            "of_nothing, jsonl, the folder has no files", "of_nobody, csv, there is no such file",
            "of_texts, parquet, this is no file of Parquet that can be read",
            "of_footers, parquet, this is no file of Parquet that can be read",
            "of_others, parquet, the columns are not those of the first file",
            "of_orders, csv, the columns are not those of the first file",
            "of_blanks, csv, the file is empty"})
    void aFolderThatCannotBeReadIsRefusedAlsoWhereNobodyHasLookedBefore(String name, String format, String message) throws IOException {
        Path files = folder.resolve("files");
        Path parquet = Path.of("src/test/resources/datasets/snappy.parquet");
        switch (name) {
            case "of_folders" -> {
                written(name, "0.csv", "x\n1\n");
                written(name + "/within", "0.csv", "x\n2\n");
            }
            case "of_years" -> Files.copy(parquet, Files.createDirectories(files.resolve(name).resolve("year=2026")).resolve("0.parquet"));
            case "of_texts" -> written(name, "0.parquet", "PAR1 is how files of Parquet begin");
            case "of_footers" -> written(name, "0.parquet", "PAR1\0\0\0\0\u0004\0\0\0PAR1");
            case "of_others" -> {
                Files.copy(parquet, Files.createDirectories(files.resolve(name)).resolve("0.parquet"));
                Files.copy(parquet.resolveSibling("nulls.parquet"), files.resolve(name).resolve("1.parquet"));
            }
            case "of_orders" -> {
                written(name, "0.csv", "x,y\n1,2\n");
                written(name, "1.csv", "y,x\n2,1\n");
            }
            case "of_blanks" -> {
                written(name, "0.csv", "x\n1\n");
                written(name, "1.csv", " \n\n");
            }
            case "of_nobody" -> assertThat(files.resolve(name)).doesNotExist();
            default -> written(name, "_SUCCESS", "");
        }
        HttpResponse<String> seen = send("PUT", "/v1/datasets/" + name,
                BodyPublishers.ofString("{\"location\": \"file:" + files.resolve(name)
                        + "\", \"format\": \"" + format + "\"}"),
                "Content-Type", "application/json");
        assertThat(seen.statusCode()).as(seen.body()).isEqualTo(422);
        assertThat(json(seen).at("/errors/0/message").asString()).contains(message);
        located(name, "hdfs://elsewhere/files/" + name, format);
        JsonNode failed = ended(begun("reduce", "spark", """
                {"dataset": "%s", "expression": "x", "derivatives": "none", "columns": {"x": "x"}, "on_cell": "skip"}""".formatted(name)));
        assertThat(failed.path("problem").path("detail").asString()).as(failed.toString())
                .startsWith("data set '" + name + "': " + message);
        assertThat(failed.path("attempts").asInt()).isEqualTo(1);
    }

    @Test
    void textsOfJsonThatBeginAsObjectsDoAreToldAsObjects() {
        stored("braces", "application/jsonl", """
                {"x": {"a": 1}}
                {"x": "{\\"a\\": 1}"}
                {"x": "\\u007bno object"}
                {"x": " {no object"}
                {"x": 1}
                """.getBytes(StandardCharsets.UTF_8));
        JsonNode result = answerOfBoth("reduce", """
                {"dataset": "braces", "expression": "x", "derivatives": "none", "on_cell": "skip"}""");
        String object = "the cell is neither a number nor an array of numbers";
        assertThat(result.path("rows").path("faults").findValuesAsString("message")).containsExactly("row 1, column 'x': " + object,
                "row 2, column 'x': " + object, "row 3, column 'x': " + object, "row 4, column 'x': '{no object' is not a number");
    }

    @Test
    void arraysOfParquetThatLackNumbersAreMissing() throws IOException {
        stored("nulls", "application/vnd.apache.parquet", Files.readAllBytes(Path.of("src/test/resources/datasets/nulls.parquet")));
        JsonNode result = answerOfBoth("reduce", """
                {"dataset": "nulls", "expression": "w * x + sum(list) + sum(grid[1])", "inputs": {"w": 2}, "wrt": ["w"],
                 "on_cell": "skip"}""");
        JsonNode columns = result.path("rows").path("columns");
        assertThat(columns.path("list").toString()).isEqualTo("{\"missing\":4,\"malformed\":0}");
        assertThat(columns.path("grid").toString()).isEqualTo("{\"missing\":2,\"malformed\":3}");
        assertThat(result.path("rows").path("used").asInt()).isEqualTo(4);
    }

    /** Rows of several pieces and windows, some of which have no number. */
    @Test
    void fitsByStepsHaveTheSameBits() {
        for (int file = 0; file < 2; file++) {
            Random random = new Random(file);
            StringBuilder csv = new StringBuilder("u,v,label,note\n");
            for (int i = 0; i < 6_000; i++) {
                csv.append(random.nextGaussian()).append(',').append(i % 700 == 3 ? "none" : random.nextGaussian()).append(',')
                        .append(i % 900 == 5 ? "" : random.nextInt(2)).append(",\"").append("a long text, ".repeat(150)).append("\"\n");
            }
            written("long", file + ".csv", csv.toString());
        }
        located("long", "csv");
        located("far", "hdfs://elsewhere/files/long", "csv");
        stored("held_out", "text/csv", points(1_000, 3).getBytes(StandardCharsets.UTF_8));
        String request = "{\"dataset\": \"%s\", \"validation\": %s, \"on_cell\": \"skip\", \"optimizer\": {\"type\": \"adam\", \"lr\": 0.01}, "
                + "\"epochs\": 2, \"batch_size\": 170, \"shuffle_seed\": 3, " + REGRESSION + "}";
        JsonNode result = answerOfBoth("fit", request.formatted("long", "\"held_out\""));
        assertThat(result.path("rows").path("skipped").asInt()).isPositive();
        assertThat(result.path("validation_history").size()).isEqualTo(2);
        // The number of its rows is found by Spark alone.
        assertThat(answer("fit", "spark", request.formatted("far", "null")))
                .isEqualTo(answer("fit", "local", request.formatted("long", "null")));
        String fail = request.formatted("long", "null").replace("skip", "fail");
        JsonNode expected = ended(begun("fit", "local", fail)).path("problem").path("errors");
        assertThat(expected.get(0).path("message").asString()).startsWith("row ");
        assertThat(ended(begun("fit", "spark", fail)).path("problem").path("errors")).isEqualTo(expected);
    }

    @Test
    void fitsHaveTheSameBits() {
        stored("fitted", "text/csv", points(20_000, 2).getBytes(StandardCharsets.UTF_8));
        stored("held_out", "text/csv", points(1_000, 3).getBytes(StandardCharsets.UTF_8));
        JsonNode result = answerOfBoth("fit",
                "{\"dataset\": \"fitted\", \"validation\": \"held_out\", \"iterations\": 6, " + REGRESSION + "}");
        assertThat(result.path("iterations").asInt()).isPositive();
        assertThat(result.path("validation_loss").asDouble()).isPositive();
    }
}
