package io.chainrule.service.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.management.ThreadMXBean;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.json.CollidingNames;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is found in files of each format, and what their readers give. */
class ScanTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(Files.createTempFile(folder, "data", null), bytes);
    }

    private Path file(String text) throws IOException {
        return file(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Layout layout(DatasetFormat format, Path... files) throws IOException {
        List<Layout.DataFile> names = new ArrayList<>();
        for (Path file : files) {
            names.add(new Layout.DataFile(files.length == 1 ? "" : String.valueOf(file.getFileName()), Files.size(file), 0));
        }
        return Scan.of(format, Stream.of(files).map(RowFile::own).toList(), names, () -> {}, _ -> {});
    }

    private static RowSource source(DatasetFormat format, Layout layout, Path... files) {
        return source(format, null, layout, files);
    }

    private static RowSource source(DatasetFormat format, @Nullable String location, Layout layout, Path... files) {
        return new RowSource(new Dataset("me", "data", 1, format, location, "", layout.bytes(), layout.rows(), Instant.EPOCH), layout,
                Stream.of(files).map(RowFile::own).toList());
    }

    /** Each row as text: its number, and its cells with bars between them. */
    private static List<String> rows(RowSource source, List<String> columns) throws IOException {
        List<String> rows = new ArrayList<>();
        for (RowSplit split : source.splits()) {
            try (RowReader reader = source.read(split, columns, Checkpoint.NONE)) {
                while (reader.next()) {
                    String cells = IntStream.range(0, columns.size()).mapToObj(i -> cell(reader, i)).collect(Collectors.joining("|"));
                    rows.add(reader.row() + ": " + cells);
                }
            }
        }
        return rows;
    }

    private static String cell(RowReader reader, int column) {
        return switch (reader.kind(column)) {
            case MISSING -> "-";
            case OTHER -> "?";
            case NUMBER -> String.valueOf(reader.number(column));
            case ARRAY -> Arrays.toString(reader.array(column)) + Arrays.toString(reader.shape(column));
            case TEXT -> new String(reader.bytes(column), reader.from(column), reader.to(column) - reader.from(column),
                    StandardCharsets.UTF_8);
        };
    }

    private List<String> rows(DatasetFormat format, String text, String... columns) throws IOException {
        Path file = file(text);
        Layout layout = layout(format, file);
        return rows(source(format, layout, file),
                columns.length > 0 ? List.of(columns) : layout.columns().stream().map(Column::name).toList());
    }

    private static String escaped(String text) {
        return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").replace("\\ufeff", "\ufeff");
    }

    /** {@code \n} and {@code \r} are line breaks; rows stand in brackets. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            x,y\\n1,2\\n3,4\\n               ~ [1: 1|2, 2: 3|4]
            x,y\\n1,2\\n3,4                  ~ [1: 1|2, 2: 3|4]
            x,y\\r\\n1,2\\r\\n3,4\\r\\n      ~ [1: 1|2, 2: 3|4]
            x,y\\n\\n1,2\\n  \\n3,4\\n\\n    ~ [1: 1|2, 2: 3|4]
            \\ufeffx,y\\n1,2\\n              ~ [1: 1|2]
            x,y\\n1,\\n,4\\n" ", 5\\n        ~ [1: 1|-, 2: -|4, 3: -|5]
            x,y\\none, "3"\\n "a,b",\\t"c"\\n ~ [1: one|3, 2: a,b|c]
            x, y\\n\u0001 5,6 \\n           ~ `[1: 5|6 ]`
            "x","y"\\n"1","2"\\n             ~ [1: 1|2]
            x,y\\n"a,b","c ""d""\"\\n1,2\\n   ~ [1: a,b|c "d", 2: 1|2]
            x,y\\n"a\\nb",2\\r\\n"c\\r\\nd",4 ~ `[1: a\\nb|2, 2: c\\r\\nd|4]`
            x,y\\na"b,2"\\n                  ~ [1: a"b|2"]
            x\\n1\\n""\\n2\\n                ~ [1: 1, 2: -, 3: 2]
            x,y\\n"",""\\n                   ~ [1: -|-]
            ,b\\n1,2\\n                      ~ [1: 1|2]
            x,y\\n                           ~ []
            x,y                              ~ []
            größe,y\\nschön,2                ~ [1: schön|2]
            a,b\\n"그는 ""예""라고 했다",1\\n  ~ [1: 그는 "예"라고 했다|1]
            a,b,c\\n1,\"""예"" 다",ü\\n       ~ [1: 1|"예" 다|ü]
            \"""예"" 했다","c"\\n1,2\\n       ~ [1: 1|2]
            """)
    void cellsOfCsvAreWhatStandsBetweenCommas(String text, String expected) throws IOException {
        assertThat(rows(DatasetFormat.CSV, escaped(text))).hasToString(escaped(expected));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            {"x": 1, "y": [1, 2]}\\n{"y": [3], "x": -2.50e3}\\n          ~ [1: 1|[1, 2], 2: -2.50e3|[3]]
            {"x": 1}\\r\\n\\r\\n{"y": 2}\\r\\n                           ~ [1: 1|-, 2: -|2]
            {"x": null, "y": "NaN"}\\n{"x": NaN, "y": true}              ~ [1: -|NaN, 2: NaN|true]
            {"x": "a\\\\u00e9\\\\\\\\b", "y": "é"}                       ~ [1: aé\\\\b|é]
            {"x": {"a": 1}, "y": [[1, 2], [3, 4]]}                       ~ [1: ?|[[1, 2], [3, 4]]]
              {"x": 1, "y": 2} \\n                                       ~ [1: 1|2]
            \\ufeff{"x": 1, "y": ""}                                     ~ [1: 1|]
            """)
    void cellsOfJsonAreTheirTexts(String text, String expected) throws IOException {
        assertThat(rows(DatasetFormat.JSONL, escaped(text).replace("\\\\", "\\"), "x", "y")).hasToString(expected.replace("\\\\", "\\"));
    }

    @Test
    void columnsAreReadInTheOrderInWhichTheyAreAskedFor() throws IOException {
        assertThat(rows(DatasetFormat.CSV, "a,b,c\n1,2,3\n", "c", "a")).containsExactly("1: 3|1");
        assertThat(rows(DatasetFormat.JSONL, "{\"a\": 1, \"b\": {\"c\": 5}, \"c\": 3}", "c", "a")).containsExactly("1: 3|1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            CSV   ~ x\\n1\\n-2.5e-3\\n.5\\n+4.\\nNaN\\n-inf\\nInfinity\\ntrue ~ NUMBER null 0 0
            CSV   ~ x\\n1\\n\\n 2 \\n""\\n                                ~ NUMBER null 1 0
            CSV   ~ x\\n1\\n2\\n1e\\n                                     ~ NUMBER null 0 1
            CSV   ~ x\\n1\\nNA\\nnull\\n1e999\\n                           ~ NUMBER null 2 1
            CSV   ~ x\\nred\\n2\\nblue\\n                                 ~ TEXT null 0 0
            CSV   ~ x,y\\n"[1, 2]",1\\n"[3,4 ]",1                         ~ ARRAY [2] 0 0
            CSV   ~ x,y\\n"[1, 2]",1\\n"[3]",1\\n,1                       ~ ARRAY null 1 0
            CSV   ~ x\\n"[1, 2]"\\n"[3]"\\n"[4, 5]"                       ~ ARRAY [2] 0 1
            CSV   ~ x\\n"[3]"\\n"[1, 2]"\\n"[4, 5]"\\nred               ~ ARRAY [2] 0 2
            CSV   ~ x\\n"[3]"\\n"[1, 2]"\\n"[4, 5]"\\n"[6, 7, 8]"        ~ ARRAY null 0 0
            CSV   ~ x,y\\n                                                ~ NUMBER null 0 0
            JSONL ~ {"x": [[1], [2]]}\\n{"x": [[1, 2]]}\\n{"x": [[3], [4]]} ~ ARRAY null 0 0
            JSONL ~ {"x": [[1, 2, 3], [4, 5, "NaN"]]}                     ~ ARRAY [2, 3] 0 0
            JSONL ~ {"x": [[1, 2, 3], [4, 5]]}                            ~ TEXT null 0 0
            JSONL ~ {"x": []}\\n{"x": [ ]}                                ~ ARRAY [0] 0 0
            JSONL ~ {"x": [1, ]}                                          ~ -
            JSONL ~ {"x": [1, 2]}\\n{"x": [1, 2, 3]}\\n{"x": [1]}\\n{"x": [2]}\\n{"x": [3]}  ~ ARRAY [1] 0 2
            JSONL ~ {"x": 1}\\n{"y": 1}\\n{"x": {}}\\n{"x": 5}            ~ NUMBER null 1 1
            """)
    void aColumnIsWhatMostOfItsCellsAre(DatasetFormat format, String text, String expected) throws IOException {
        Path file = file(escaped(text));
        if (expected.equals("-")) {
            assertThat(problems(format, file)).isNotEmpty();
            return;
        }
        Column column = layout(format, file).columns().getFirst();
        assertThat(column.type() + " " + column.shape() + " " + column.missing() + " " + column.malformed()).isEqualTo(expected);
    }

    @Test
    void theFirstArrayOfAnotherShapeIsNamed() throws IOException {
        Path file = file("x,y\n\"[1, 2]\",1\n,2\n\"[3]\",3\n\"[]\",4\n");
        List<Column> columns = layout(DatasetFormat.CSV, file).columns();
        assertThat(columns.getFirst().differing()).isEqualTo(new Column.Differing(List.of(2), List.of(1), 3));
        assertThat(columns.getLast().differing()).isNull();
    }

    private static List<String> problems(DatasetFormat format, Path... files) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> layout(format, files));
        assertThat(refused).isNotNull();
        return refused.problems().stream().map(problem -> problem.line() + ": " + problem.message()).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', nullValues = "EMPTY",
            textBlock = """
                    CSV   ~ EMPTY                           ~ null: the file is empty
                    CSV   ~ \\n\\n                          ~ null: the file is empty
                    CSV   ~ x,y\\n1,2\\n3\\n4,5,6\\n        ~ `3: row 2 has another number of cells than there are columns, 4: row 3 has another number of cells than there are columns`
                    CSV   ~ x,y\\n"1\\n2",2\\n3\\n          ~ 4: row 2 has another number of cells than there are columns
                    CSV   ~ x,y\\n"1,2\\n3,4\\n             ~ 2: row 1 has a quote that is not closed, or text behind one
                    CSV   ~ x,y\\n"1"2,3\\n                 ~ 2: row 1 has a quote that is not closed, or text behind one
                    CSV   ~ x,y\\n1, "2" 3\\n               ~ 2: row 1 has a quote that is not closed, or text behind one
                    CSV   ~ x,y,x,y\\n1,2,3,4\\n5\\n          ~ `1: two columns are called 'x', 1: two columns are called 'y'.`
                    CSV   ~ x,y\\r1,2\\r3,4\\r             ~ 1: the line with the names of the columns has a carriage return that no line feed follows.
                    CSV   ~ x\\r\\r\\n1\\r\\r\\n             ~ 1: the line with the names of the columns has a carriage return that no line feed follows.
                    CSV   ~ x,y\\n1,2\\r3,4\\n             ~ 2: row 1 has another number of cells than there are columns.
                    CSV   ~ x,"a\\n(cm)"\\n1,2\\n          ~ 1: column 2 has no name that can be used
                    CSV   ~ x;y\\n1;2\\n                    ~ 1: there is one column, whose name holds other separators
                    CSV   ~ x\\ty\\n1\\t2\\n                  ~ 1: there is one column, whose name holds other separators
                    JSONL ~ {"x": 1}\\n{"x": 2\\n           ~ 2: row 2 is no object of JSON: its line ends before it does
                    JSONL ~ {"x": 1\\n{"x": 2}\\n[3]\\n{"x": 4 ~ `1: row 1 is no object of JSON: its line ends before it does, 3: row 3 is no object of JSON: it is no object, 4: row 4 is no object of JSON: its line ends before it does.`
                    JSONL ~ {"x": 1\\n{"x": 2}\\n{"x": 3\\n4}\\n5\\n ~ `1: row 1 is no object of JSON: its line ends before it does, 3: row 3 is no object of JSON: its line ends before it does.`
                    JSONL ~ {"x": 1}\\n\\n[1]\\n            ~ 3: row 2 is no object of JSON: it is no object
                    JSONL ~ [{"x": 1},\\n{"x": 2},\\n{"x": 3}]  ~ null: the file is an array of JSON.
                    JSONL ~ \\ufeff\\n [{"x": 1}]           ~ null: the file is an array of JSON.
                    JSONL ~ {"x": 1} {"x": 2}               ~ 1: row 1 is no object of JSON: something follows the object
                    JSONL ~ {"x": 1, "x": 2}                ~ 1: row 1 has 'x' twice
                    JSONL ~ {"x": tru}                      ~ 1: row 1 is no object of JSON
                    JSONL ~ {"x": 1}\\n{"": 1}               ~ 2: column 2 has no name that can be used
                    """)
    void whatIsWrongIsToldWithItsPlace(DatasetFormat format, String text, String expected) throws IOException {
        List<String> problems = problems(format, file(text == null ? "" : escaped(text)));
        assertThat(String.join(", ", problems) + ".").startsWith(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            CSV   ~ x,y\\nü,2\\n
            CSV   ~ x,y\\n1,ü\\n
            CSV   ~ ü,y\\n1,2\\n
            CSV   ~ x,ü\\n1,2\\n
            JSONL ~ {"x": "ü"}\\n
            """)
    void otherEncodingsAreRefused(DatasetFormat format, String line) throws IOException {
        String text = escaped(line);
        assertThat(problems(format, file(text.getBytes(StandardCharsets.ISO_8859_1)))).singleElement().asString().contains("UTF-8");
        for (var encoding : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            assertThat(problems(format, file(text.getBytes(encoding)))).as(encoding.name()).isNotEmpty();
        }
    }

    /** What is wrong with a name is told, and not the name, which may be one of a file that was not meant. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`',
            value = {"JSONL ~ {\"\": 1} ~ 0 characters", "JSONL ~ {\"a\\u0007\": 1} ~ U+0007",
                    "CSV ~ \"a\\n(cm)\" ~ U+000A"})
    void whyANameCannotBeUsedIsTold(DatasetFormat format, String text, String actual) throws IOException {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> layout(format, file(escaped(text))));
        assertThat(refused.problems()).singleElement().extracting(Problem::actual).isEqualTo(actual);
    }

    @Test
    void theNameThatIsTooManyIsToldWithItsLine() throws IOException {
        String row = IntStream.range(0, Scan.MOST_COLUMNS).mapToObj(i -> "\"c" + i + "\": 1").collect(Collectors.joining(", ", "{", "}\n"));
        assertThat(problems(DatasetFormat.JSONL, file(row + "{\"one more\": 1}\n"))).containsExactly("2: there are too many columns");
    }

    /** The names of one client's file may collide in the table of a parser, which is no other file's. */
    @Test
    void namesOfOneFileDoNotDisturbAnother() throws IOException {
        List<String> names = CollidingNames.make(1_600);
        for (int i = 0; i < names.size(); i += 100) {
            List<String> some = names.subList(i, i + 100);
            Path file = file(some.stream().collect(Collectors.joining("\": 1, \"", "{\"", "\": 1}\n")));
            assertThat(layout(DatasetFormat.JSONL, file).columns()).extracting(Column::name).containsExactlyElementsOf(some);
        }
    }

    /** The parser of JSON, as that of Spark, takes up to 1,000 digits. A text that is a number, and a cell of CSV, may have more. */
    @Test
    void aNumberOfJsonHasAtMostAThousandDigits() throws IOException {
        String most = "0." + "1".repeat(999);
        Column numbers = new Column("x", Column.Type.NUMBER, null, 0, 0);
        assertThat(layout(DatasetFormat.JSONL, file("{\"x\": " + most + "}\n{\"x\": \"" + most + "1\"}\n")).columns())
                .containsExactly(numbers);
        assertThat(layout(DatasetFormat.CSV, file("x\n" + most + "1\n")).columns()).containsExactly(numbers);
        assertThat(problems(DatasetFormat.JSONL, file("{\"x\": " + most + "1}\n")))
                .containsExactly("1: row 1 is no object of JSON: a number has more than 1000 digits");
    }

    /** What exceeds a limit of the parser is said in the words of the document. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{'x': 9}  | 1001  | a number has more than 1000 digits                    | as a text",
            "{'x': [}  | 499   |                                                       | ",
            "{'x': [}  | 500   | arrays and objects are nested deeper than 500         | ",
            "{'x': {'a': 1}} | 50000  |                                                | ",
            "{'x': {'a': 1}} | 50001  | a name has more than 50000 bytes               | ",
            "{'x': {'é': 1}} | 25000  |                                                | ",
            "{'x': {'é': 1}} | 25001  | a name has more than 50000 bytes               | "})
    void whatIsBeyondTheParserIsTold(String row, int times, @Nullable String wrong, @Nullable String hint) throws IOException {
        String text = row.replace('\'', '"').replace("9", "9".repeat(times)).replace("a", "a".repeat(times)).replace("é", "é".repeat(times))
                .replace("[", "[".repeat(times) + "]".repeat(times));
        Path file = file("{\"x\": 1}\n" + text + "\n{\"x\": 2}\n");
        if (wrong == null) {
            assertThat(layout(DatasetFormat.JSONL, file).columns()).containsExactly(new Column("x", Column.Type.NUMBER, null, 0, 1));
            return;
        }
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> layout(DatasetFormat.JSONL, file));
        assertThat(refused.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.message()).isEqualTo("row 2 is no object of JSON: " + wrong);
            assertThat(problem.line()).isEqualTo(2);
            assertThat(String.valueOf(problem.hint())).contains(hint == null ? "null" : hint);
        });
    }

    /** Some programs end lines with CR alone; then commas in quotes are not what is wrong. Others write an object in several lines. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            CSV   ~ x,y\\r1,2\\r                                    ~ CR alone ends none
            CSV   ~ x,y\\n1,2\\r3,4\\n                             ~ CR alone ends none
            CSV   ~ x,y\\n1,2,3\\r\\n                              ~ a cell with a comma stands in quotes
            CSV   ~ x,y\\n1\\r                                     ~ an empty cell
            CSV   ~ x,y\\r\\n1\\r\\n                              ~ an empty cell
            JSONL ~ {"x": 1}\\r{"x": 2}\\r                         ~ CR alone ends none
            JSONL ~ {"x": 1} {"x": 2}\\r\\n                        ~ null
            JSONL ~ {"x": 1}]\\r\\n                               ~ null
            JSONL ~ {\\n  "x": 1\\n}\\n{\\n  "x": 2\\n}\\n           ~ jq -c .
            JSONL ~ {"x": 1,\\n "y": 2}\\n{"x": 3,\\n "y": 4}\\n       ~ jq -c .
            JSONL ~ {"x": 1}\\r\\n{"x": [1,\\r\\n2]}\\r\\n{"x":\\r\\n3} ~ jq -c .
            """)
    void howLinesEndIsTold(DatasetFormat format, String text, String hint) throws IOException {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> layout(format, file(escaped(text))));
        assertThat(refused.problems()).singleElement().satisfies(problem -> assertThat(String.valueOf(problem.hint())).contains(hint));
    }

    /** Where a writer was stopped within a line, the next line is an object again, and the first is no part of one in several lines. */
    @Test
    void aLineThatWasCutIsNotToldToBeWrittenInOneLine() throws IOException {
        Path file = file("{\"x\": 1\n{\"x\": 2}\n{\"x\": 3\n4}\n");
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> layout(DatasetFormat.JSONL, file));
        assertThat(refused.problems()).hasSize(2).first().extracting(Problem::hint).isNull();
        assertThat(refused.problems()).last().extracting(Problem::hint).isEqualTo("write each object in one line, as `jq -c .` does");
        Path many = file("{\"x\": 1\n{\"x\": 2}\n".repeat(200) + "{\n}\n]\n");
        ProblemException ofMany = catchThrowableOfType(ProblemException.class, () -> layout(DatasetFormat.JSONL, many));
        assertThat(ofMany.total()).isEqualTo(201);
        assertThat(ofMany.problems()).hasSize(100).extracting(Problem::hint).containsOnlyNulls();
    }

    @Test
    void ofManyProblemsTheFirstHundredAreTold() throws IOException {
        ProblemException refused = catchThrowableOfType(ProblemException.class,
                () -> layout(DatasetFormat.CSV, file("x,y\n" + "1\n".repeat(1_000))));
        assertThat(refused.total()).isEqualTo(1_000);
        assertThat(refused.problems()).hasSize(100).last().extracting(Problem::line).isEqualTo(101);
    }

    /** A row may have as many cells as bytes. Memory is taken for the bytes, and for no more cells than there may be columns. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "''     | 1: there are too many columns: more",
            "x,y\\n | 2: row 1 has another number of cells than there are columns: 8388609"})
    void cellsThatNoColumnHasTakeNoMemory(String before, String expected) throws IOException {
        Path file = file(escaped(before) + ",".repeat(1 << 23) + "\n");
        long[] told = {0};
        long begin = THREADS.getCurrentThreadAllocatedBytes();
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> Scan.of(DatasetFormat.CSV, List.of(RowFile.own(file)),
                List.of(new Layout.DataFile("", Files.size(file), 0)), () -> {}, bytes -> told[0] += bytes));
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - begin).isLessThan(told[0] + (1 << 21));
        assertThat(refused.problems()).extracting(problem -> problem.line() + ": " + problem.message() + ": " + problem.actual())
                .containsExactly(expected);
    }

    @Test
    void ofManyFilesTheMemoryOfTheLargestIsTold() throws IOException {
        Path file = file("x\n1\n");
        long[] told = {0};
        Scan.of(DatasetFormat.CSV, Collections.nCopies(50, RowFile.own(file)), Collections.nCopies(50, new Layout.DataFile("a", 4, 0)),
                () -> {},
                bytes -> told[0] += bytes);
        assertThat(told[0]).isBetween(1L << 18, 1L << 20);
    }

    /**
     * The shapes of all columns stay in memory until the end: the first, the first other one, and those with one axis that are counted.
     */
    @ParameterizedTest
    @CsvSource({"1, 100, 66", "2, 100, 2", "64, 100, 2", "1, 10, 11"})
    void theMemoryOfShapesIsTold(int axes, int rows, int kept) throws IOException {
        Path file = file(IntStream.rangeClosed(1, rows)
                .mapToObj(i -> "{\"x\": " + "[".repeat(axes) + "0" + ", 0".repeat(i) + "]".repeat(axes) + "}\n")
                .collect(Collectors.joining()));
        long[] told = {0, 0};
        Layout layout = Scan.of(DatasetFormat.JSONL, List.of(RowFile.own(file)), List.of(new Layout.DataFile("", Files.size(file), 0)),
                () -> {}, bytes -> told[bytes < 10_000 ? 1 : 0] += bytes);
        assertThat(told[1]).isEqualTo((168L + 24L * axes) * kept);
        assertThat(layout.columns().getFirst().differing()).extracting(Column.Differing::row).isEqualTo(2L);
        assertThat(Objects.requireNonNull(layout.readers()).besides()).as("a reader keeps none").isEqualTo(told[0]);
    }

    /** Somebody may have gone, or a job may be cancelled, while there are blank lines alone. */
    @ParameterizedTest
    @EnumSource(names = {"CSV", "JSONL"})
    void betweenRowsTheCheckpointIsAskedToo(DatasetFormat format) throws IOException {
        String blank = "\n".repeat(1 << 23);
        Path file = file(format == DatasetFormat.CSV ? "x\n" + blank + "1\n" : "{\"x\": 1}\n" + blank + "{\"x\": 2}\n");
        int[] left = {10};
        assertThatThrownBy(() -> Scan.of(format, List.of(RowFile.own(file)), List.of(new Layout.DataFile("", Files.size(file), 0)), () -> {
            if (--left[0] == 0) {
                throw new CancellationException();
            }
        }, _ -> {})).isInstanceOf(CancellationException.class);
    }

    private void assertTooLong(String message, String hint, ThrowingCallable scan) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, scan);
        assertThat(refused.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.message()).isEqualTo(message);
            assertThat(problem.expected()).contains("1000000 characters");
            assertThat(problem.hint()).contains(hint);
        });
    }

    @Test
    void aDescriptionThatIsTooLongTellsWhatTakesTheMost() throws IOException {
        int files = 4_000;
        Path file = file(npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (6,), }", data("<f8")));
        List<Layout.DataFile> names = IntStream.range(0, files)
                .mapToObj(i -> new Layout.DataFile("part-" + i + "-" + "a".repeat(200), 1, 0)).toList();
        assertTooLong("there are too many files, or their names are too long", "fewer files",
                () -> Scan.of(DatasetFormat.NPY, Collections.nCopies(files, RowFile.own(file)), names, () -> {}, _ -> {}));
        // Each file has a part, whose description is longer than that of a file with a short name.
        assertTooLong("the files have too many parts", "fewer files", () -> Scan.of(DatasetFormat.NPY,
                Collections.nCopies(3 * files, RowFile.own(file)), Collections.nCopies(3 * files, new Layout.DataFile("a", 1, 0)), () -> {},
                _ -> {}));
        Path wide = file(IntStream.range(0, Scan.MOST_COLUMNS).mapToObj(i -> "b".repeat(195) + i).collect(Collectors.joining(",")));
        assertTooLong("the names of the columns are too long", "shorter names", () -> layout(DatasetFormat.CSV, wide));
    }

    /** What is known of the memory of readers is what they take. */
    @ParameterizedTest
    @EnumSource(value = DatasetFormat.class, names = {"CSV", "JSONL", "NPY"})
    void theMemoryOfAReaderIsKnown(DatasetFormat format) throws IOException {
        String text = "\\\"a".repeat(500_000);
        Path file = switch (format) {
            case CSV -> file("x,y\n1,\"" + text.replace("\\\"", "\"\"") + "\"\n");
            case JSONL -> file("{\"x\": 1, \"y\": \"" + text + "\"}\n");
            default -> file(npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 200000), }", ByteBuffer.allocate(3_200_000)
                    .position(3_200_000)));
        };
        Layout layout = layout(format, file);
        RowSource source = source(format, layout, file);
        List<String> columns = layout.columns().stream().map(Column::name).toList();
        long begin = THREADS.getCurrentThreadAllocatedBytes();
        try (RowReader reader = source.read(source.splits().getFirst(), columns, Checkpoint.NONE)) {
            while (reader.next()) {
                assertThat(reader.kind(0)).isNotEqualTo(RowReader.Kind.MISSING);
            }
        }
        long taken = THREADS.getCurrentThreadAllocatedBytes() - begin;
        assertThat(source.bytesOfReader(columns)).isBetween(taken - (1 << 18), 2 * taken);
    }

    /** The line with the names is no row, and mistakes before the row are told, too. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`',
            textBlock = """
                    CSV   ~ LONG,y\\n1,2\\n                      ~ 1: the line with the names of the columns is too long
                    CSV   ~ x,y\\n1\\n"a\\nb",2\\n\\n3,"LONG"\\n ~ `2: row 1 has another number of cells than there are columns, 6: row 3 is too long`
                    JSONL ~ {"x": 1}\\n\\n[]\\n{"x": "LONG"}\\n  ~ `3: row 2 is no object of JSON: it is no object, 4: row 3 is too long`
                    """)
    void aRowThatIsTooLongIsRefused(DatasetFormat format, String text, String expected) throws IOException {
        Path file = file(escaped(text).replace("LONG", "a".repeat(ByteWindow.LONGEST_ROW)));
        assertThat(problems(format, file)).hasToString("[" + expected + "]");
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> layout(format, file));
        assertThat(String.valueOf(refused.problems().getLast().hint()).contains("quote")).isEqualTo(format == DatasetFormat.CSV);
    }

    @Test
    void theLongestRowHasOneByteLessThanIsTooMany() throws IOException {
        String begin = "{\"x\": ";
        String most = begin + " ".repeat(ByteWindow.LONGEST_ROW - begin.length() - 3) + "1}";
        assertThat(most).hasSize(ByteWindow.LONGEST_ROW - 1);
        assertThat(layout(DatasetFormat.JSONL, file(most + "\n" + most)).rows()).isEqualTo(2);
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> layout(DatasetFormat.JSONL, file(most + " ")));
        assertThat(refused.problems()).singleElement().extracting(Problem::expected).isEqualTo("fewer than 16777216 bytes");
    }

    /** A row of CSV is split again from its start whenever more of it has come. */
    @Test
    void aLongRowComesInFewPieces() throws IOException {
        Path file = file("a".repeat(ByteWindow.LONGEST_ROW - 1));
        int[] checks = {0};
        int pieces = 0;
        try (ByteWindow window = new ByteWindow(RowFile.own(file), 0, _ -> {}, () -> checks[0]++)) {
            while (!window.isLast) {
                window.fill();
                pieces++;
            }
            assertThat(window.end).isEqualTo(ByteWindow.LONGEST_ROW - 1);
        }
        assertThat(pieces).isLessThan(8);
        assertThat(checks[0]).as("how often the reading may be stopped").isGreaterThan(30);
    }

    @Test
    void aRowThatIsTooLongIsToldWithItsFile() throws IOException {
        Path second = file("x\n" + "a".repeat(ByteWindow.LONGEST_ROW));
        assertThat(problems(DatasetFormat.CSV, file("x\n1\n"), second)).containsExactly("2: row 2 is too long of " + second.getFileName());
    }

    /** Parts end between rows, also where line breaks stand within quotes, and their rows are numbered through. */
    @Test
    void partsTogetherAreAllRows() throws IOException {
        StringBuilder text = new StringBuilder("id,text\n");
        StringBuilder json = new StringBuilder();
        List<String> expected = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; text.length() < 10_000_000; i++) {
            String cell = "a,\n\"b\" ".repeat(random.nextInt(40)) + "é" + i;
            text.append(i).append(",\"").append(cell.replace("\"", "\"\"")).append("\"\n");
            json.append("{\"text\": \"").append(cell.replace("\"", "\\\"").replace("\n", "\\n")).append("\", \"id\": ").append(i)
                    .append("}\n");
            expected.add(i + 1 + ": " + i + "|" + cell);
        }
        for (DatasetFormat format : List.of(DatasetFormat.CSV, DatasetFormat.JSONL)) {
            Path file = file(format == DatasetFormat.CSV ? text.toString() : json.toString());
            Layout layout = layout(format, file);
            assertThat(layout.hasQuotes()).isEqualTo(format == DatasetFormat.CSV);
            assertThat(layout.hasLongRows()).isEqualTo(format == DatasetFormat.CSV);
            assertThat(layout.splits()).hasSizeGreaterThan(1);
            assertThat(Layout.read(layout.json())).isEqualTo(layout);
            assertThat(rows(source(format, layout, file), List.of("id", "text"))).isEqualTo(expected);
        }
    }

    @Test
    void filesOfAFolderAreReadOneAfterTheOther() throws IOException {
        Path first = file("x,y\n1,2\n3,4\n");
        Path second = file("x,y\n5,6\n");
        Layout layout = layout(DatasetFormat.CSV, first, second);
        assertThat(rows(source(DatasetFormat.CSV, layout, first, second), List.of("y"))).containsExactly("1: 2", "2: 4", "3: 6");
        assertThat(problems(DatasetFormat.CSV, first, file("y,x\n1,2\n"))).singleElement().asString()
                .startsWith("1: the columns are not those of the first file of data");
        ProblemException refused = catchThrowableOfType(ProblemException.class,
                () -> layout(DatasetFormat.CSV, first, file("x,password\n1,2\n")));
        assertThat(refused.problems()).singleElement().asString().as("it may be the file of somebody else").doesNotContain("password");
    }

    @Test
    void aFileThatHasChangedIsNotRead() throws IOException {
        Path file = file("x\n1\n");
        Layout layout = layout(DatasetFormat.CSV, file);
        RowSource source = source(DatasetFormat.CSV, layout, file);
        Files.writeString(file, "x\n1\n2\n");
        assertThat(
                catchThrowableOfType(ProblemException.class, () -> source.read(source.splits().getFirst(), List.of("x"), Checkpoint.NONE))
                        .getMessage())
                .contains("have changed", "PUT /v1/datasets/data");
        assertThat(
                catchThrowableOfType(ProblemException.class, () -> source.read(source.splits().getFirst(), List.of("z"), Checkpoint.NONE))
                        .getMessage())
                .contains("no column 'z'");
    }

    /** The disk of the service may be away for a moment, as a folder that replicas share. What others have removed does not come back. */
    @ParameterizedTest
    @CsvSource({", false, the store", "file:/in, false, have changed", ", true, the store", "file:/in, true, cannot be read any more"})
    void aFileThatIsNotThereMayComeBackIfTheServiceKeepsIt(@Nullable String location, boolean isClosed, String message) throws IOException {
        Path within = Files.createDirectory(folder.resolve("within"));
        Path file = Files.writeString(within.resolve("data"), "x\n1\n");
        RowSource source = source(DatasetFormat.CSV, location, layout(DatasetFormat.CSV, file), file);
        try {
            if (isClosed) {
                Files.setPosixFilePermissions(within, Set.of());
                assumeFalse(Files.isReadable(within), "modes do not bind the user who runs the tests");
            } else {
                Files.delete(file);
            }
            Class<? extends RuntimeException> expected = location == null ? StoreUnavailableException.class : ProblemException.class;
            assertThatThrownBy(source::checkUnchanged).isInstanceOf(expected).hasMessageContaining(message);
            assertThatThrownBy(() -> source.read(source.splits().getFirst(), List.of("x"), Checkpoint.NONE)).isInstanceOf(expected)
                    .hasMessageContaining(message);
        } finally {
            Files.setPosixFilePermissions(within, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static byte[] npy(int version, String header, ByteBuffer data) {
        byte[] text = (header + "\n").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer file = ByteBuffer.allocate(12 + text.length + data.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) version).put((byte) 0);
        if (version == 1) {
            file.putShort((short) text.length);
        } else {
            file.putInt(text.length);
        }
        file.put(text).put(data.duplicate().flip());
        return Arrays.copyOf(file.array(), file.position());
    }

    private static ByteBuffer data(String type) {
        ByteBuffer data = ByteBuffer.allocate(6 * Character.digit(type.charAt(2), 10)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 1; i <= 6; i++) {
            switch (type.substring(1)) {
                case "f8" -> data.putDouble(i);
                case "f4" -> data.putFloat(i);
                case "i8", "u8" -> data.putLong(i);
                case "i4", "u4" -> data.putInt(i);
                case "i2", "u2" -> data.putShort((short) i);
                default -> data.put((byte) i);
            }
        }
        return data;
    }

    @ParameterizedTest
    @CsvSource({"<f8, 1", "<f4, 1", "<i8, 2", "<u8, 2", "<i4, 2", "<u4, 2", "<i2, 3", "<u2, 3", "|i1, 1", "|u1, 1"})
    void arraysOfNumpyAreRowsOfTheirFirstAxis(String type, int version) throws IOException {
        Path table = file(npy(version, "{'descr': '" + type + "', 'fortran_order': False, 'shape': (3, 2), }", data(type)));
        Layout layout = layout(DatasetFormat.NPY, table);
        assertThat(layout.columns()).containsExactly(new Column("value", Column.Type.ARRAY, List.of(2), 0, 0));
        assertThat(rows(source(DatasetFormat.NPY, layout, table), List.of("value"))).containsExactly("1: [1.0, 2.0][2]", "2: [3.0, 4.0][2]",
                "3: [5.0, 6.0][2]");
        Path list = file(npy(version, "{'descr': '" + type + "', 'fortran_order': False, 'shape': (6,), }", data(type)));
        Layout ofList = layout(DatasetFormat.NPY, list);
        assertThat(rows(source(DatasetFormat.NPY, ofList, list), List.of("value"))).startsWith("1: 1.0", "2: 2.0").hasSize(6);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~',
            textBlock = """
                    {'descr': '|u1', 'fortran_order': False, 'shape': (2147483648,), }           ~ the array is too large
                    {'descr': '|u1', 'fortran_order': False, 'shape': (2147483647,), }           ~ the file has not the elements that its header tells
                    {'descr': '>f8', 'fortran_order': False, 'shape': (6,), }                    ~ elements of this type are not read
                    {'descr': '<c16', 'fortran_order': False, 'shape': (3,), }                   ~ elements of this type are not read
                    {'descr': '|O', 'fortran_order': False, 'shape': (3,), }                     ~ elements of this type are not read
                    {'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (6,), }           ~ the header is not understood
                    {'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }                   ~ the rows are not one after the other
                    {'descr': '<f8', 'fortran_order': False, 'shape': (1 2,), }                  ~ the header is not understood
                    {'descr': '<f8', 'fortran_order': False, 'shape': (1,,2), }                  ~ the header is not understood
                    {'descr': '<f8', 'fortran_order': False, 'shape': (), }                      ~ a single number has no rows
                    {'descr': '<f8', 'fortran_order': False, 'shape': (7,), }                    ~ the file has not the elements that its header tells
                    {'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }          ~ the array is too large
                    {'descr': '<f8', 'fortran_order': False, 'shape': (1, 99999, 99999), }       ~ the array is too large
                    {'descr': '|u1', 'fortran_order': False, 'shape': (1, 2097153), }            ~ the array is too large
                    {'descr': '|u1', 'fortran_order': False, 'shape': (1, 2097152), }            ~ the file has not the elements that its header tells
                    {'descr': '<f8', 'fortran_order': False, 'shape': (1, 99999, 0), }           ~ the file has not the elements that its header tells
                    """)
    void otherArraysOfNumpyAreRefused(String header, String expected) throws IOException {
        assertThat(problems(DatasetFormat.NPY, file(npy(1, header, data("<f8"))))).singleElement().asString().contains(expected);
        assertThat(problems(DatasetFormat.NPY, file("PK"))).singleElement().asString().contains("ends within its header");
        assertThat(problems(DatasetFormat.NPY, file("PK345678901234"))).singleElement().asString().contains("no file of NumPy");
    }

    /** A conversion to real numbers would drop the imaginary parts. */
    @ParameterizedTest
    @CsvSource({"<c16, a.imag", "<c8, a.imag", "|O, astype"})
    void howElementsAreConvertedIsTold(String type, String hint) throws IOException {
        Path file = file(npy(1, "{'descr': '" + type + "', 'fortran_order': False, 'shape': (3,), }", data("<f8")));
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> layout(DatasetFormat.NPY, file));
        assertThat(refused.problems()).singleElement().extracting(Problem::hint).asString().contains(hint);
    }

    /** Jobs know arrays of npy and Parquet by the number of their elements, and those of texts by their shapes. */
    @Test
    void arraysOfOneAxisAndOfSeveralHaveNoShapeTogether() throws IOException {
        String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }";
        Path flat = file(npy(1, header.formatted("1, 6"), data("<f8")));
        Path deep = file(npy(1, header.formatted("1, 2, 3"), data("<f8")));
        assertThat(layout(DatasetFormat.NPY, flat, flat, deep).columns()).containsExactly(
                new Column("value", Column.Type.ARRAY, null, 0, 0, new Column.Differing(List.of(6), List.of(2, 3), 3)));
        Path lines = file("{\"x\": [1, 2]}\n{\"x\": [[1], [2]]}\n{\"x\": [3, 4]}\n");
        assertThat(layout(DatasetFormat.JSONL, lines).columns()).containsExactly(
                new Column("x", Column.Type.ARRAY, List.of(2), 0, 1, new Column.Differing(List.of(2), List.of(2, 1), 2)));
    }

    /** Its shape counts only where no file of the folder has rows. */
    @Test
    void anArrayOfNumpyWithoutRowsHasTheShapeOfItsHeader() throws IOException {
        String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }";
        Path list = file(npy(1, header.formatted("0, 3"), ByteBuffer.allocate(0)));
        Path grid = file(npy(1, header.formatted("0, 2, 3"), ByteBuffer.allocate(0)));
        Path rows = file(npy(1, header.formatted("1, 6"), data("<f8")));
        assertThat(layout(DatasetFormat.NPY, list).columns()).containsExactly(new Column("value", Column.Type.ARRAY, List.of(3), 0, 0));
        assertThat(layout(DatasetFormat.NPY, list, grid).columns()).isEqualTo(layout(DatasetFormat.NPY, list).columns());
        Column expected = new Column("value", Column.Type.ARRAY, List.of(6), 0, 0);
        assertThat(layout(DatasetFormat.NPY, rows, grid).columns()).containsExactly(expected);
        assertThat(layout(DatasetFormat.NPY, grid, list, rows).columns()).containsExactly(expected);
        Path numbers = file(npy(1, header.formatted("6,"), data("<f8")));
        assertThat(layout(DatasetFormat.NPY, grid, numbers).columns()).containsExactly(new Column("value", Column.Type.NUMBER, null, 0, 0));
    }

    /** Unsigned numbers become the nearest doubles, as those of Parquet do. */
    @Test
    void numbersOf64BitsWithoutASignAreRead() throws IOException {
        long[] numbers = {0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1, 0x8000_0000_0000_0401L, 0x8000_0000_0000_0400L, 0x8000_0000_0000_0C00L};
        ByteBuffer data = ByteBuffer.allocate(Long.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long number : numbers) {
            data.putLong(number);
        }
        Path file = file(npy(1, "{'descr': '<u8', 'fortran_order': False, 'shape': (" + numbers.length + ",), }", data));
        List<String> rows = rows(source(DatasetFormat.NPY, layout(DatasetFormat.NPY, file), file), List.of("value"));
        assertThat(rows).hasSize(numbers.length);
        for (int i = 0; i < numbers.length; i++) {
            assertThat(rows.get(i)).isEqualTo((i + 1) + ": " + new BigInteger(Long.toUnsignedString(numbers[i])).doubleValue());
        }
    }

    /** Lines that the service writes are looked at while they are written, in pieces of any length. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            ``                                                              ~ 1
            {"row":1,"value":2.5}                                           ~ 30000
            {"row":1,"value":"NaN","gradient_x":[[1.0,"Infinity"],[2.0,3.0]]} ~ 1
            {"row":1,"a:\\"":2.5,"b":[],"c":[[],[]]}                        ~ 4
            {"row":1,"long":[LONG]}                                         ~ 5
            {"row":1,"value":"-Infinity","long":[LONG]}                     ~ 5
            """)
    void whatIsFoundWhileLinesAreWrittenIsWhatIsRead(String line, int rows) throws IOException {
        String text = line.isEmpty() ? "" : (line.replace("LONG", "1.0,".repeat(300_000) + "\"NaN\"") + "\n").repeat(rows);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int piece : new int[]{7, 1 << 16, bytes.length + 1}) {
            WrittenLines lines = new WrittenLines(bytes.length, line.contains(":\""));
            for (int from = 0; from < bytes.length; from += piece) {
                lines.add(bytes, from, Math.min(bytes.length, from + piece));
            }
            WrittenLines again = WrittenLines.of(lines.toBytes());
            Path path = file(bytes);
            Layout expected = layout(DatasetFormat.JSONL, path);
            Layout found = Scan.of(new WrittenFile(DatasetFormat.JSONL, path, bytes.length, "", Map.of(), again), () -> {}, _ -> {});
            assertThat(found.columns()).isEqualTo(expected.columns());
            assertThat(found.splits()).isEqualTo(expected.splits());
            assertThat(found.rows()).isEqualTo(line.isEmpty() ? 0 : rows);
            Layout.ReaderBytes ofAll = Objects.requireNonNull(expected.readers());
            Layout.ReaderBytes ofWritten = Objects.requireNonNull(found.readers());
            assertThat(ofWritten.columns()).isEqualTo(ofAll.columns());
            // Reading charges for a text, and what was written for its line.
            long longest = text.isEmpty() ? 0 : text.indexOf('\n');
            assertThat(ofWritten.besides()).isBetween(ofAll.besides(), ofAll.besides() + 5 * longest);
        }
    }

    @Test
    void aLineThatIsTooLongToBeReadIsNotedWhileItIsWritten() {
        WrittenLines lines = new WrittenLines(0, false);
        byte[] row = "{}\n".getBytes(StandardCharsets.UTF_8);
        lines.add(row, 0, row.length);
        byte[] text = new byte[1 << 20];
        Arrays.fill(text, (byte) ' ');
        for (int i = 0; i < 16; i++) {
            lines.add(text, 0, text.length);
        }
        assertThatThrownBy(() -> lines.add(row, 0, row.length)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("row 2 is too long");
    }
}
