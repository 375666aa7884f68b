package io.chainrule.core.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Source;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rows.RowFault.Kind;
import io.chainrule.core.rows.RowPolicy.OnCell;
import io.chainrule.core.rows.RowPolicy.OnResult;
import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of rows with missing or malformed cells, of rows that the program refuses, and of results that are not finite. */
class RowRunTest {
    /** Refuses indices other than 0, 1, 2; its value is infinite, and so is its gradient, where w[i] · x is 0. */
    private static final RowFunction FUNCTION = RowFunction.of(new RowProgram(new Source.Text("p = take(w, i) * x\nf = log(p)"),
            Derivatives.GRADIENT, List.of("w"), List.of(new RowInput.Scalar("i", "place"), new RowInput.Scalar("x", "size")),
            Map.of("w", Tensor.vector(1, 2, 4))), BuildLimits.GENEROUS);

    private static Rows run(RowPolicy policy, @Nullable String[]... rows) {
        return Rows.of(FUNCTION, policy, List.of(rows));
    }

    private static @Nullable String[] row(@Nullable String... cells) {
        return cells;
    }

    private static List<Tensor> result(int place, double size) {
        double w = place == 0 ? 1 : place == 1 ? 2 : 4;
        double[] gradient = new double[3];
        gradient[place] = size * (1 / (w * size));
        return List.of(Tensor.scalar(Math.log(w * size)), Tensor.vector(gradient));
    }

    private static final RowPolicy LENIENT = new RowPolicy(OnCell.SKIP, OnResult.SKIP);

    @Test
    void rows_without_faults_have_results() {
        Rows found = run(new RowPolicy(OnCell.FAIL, OnResult.FAIL), row("0", "1"), row(" 1 ", "4e0"));
        assertThat(found.results()).isEqualTo(Map.of(1L, result(0, 1), 2L, result(1, 4)));
        RowTally tally = found.tally();
        assertThat(List.of(tally.rows(), tally.used(), tally.skipped(), tally.refused(), tally.notFinite())).containsExactly(2L, 2L, 0L, 0L,
                0L);
        assertThat(tally.columns()).isEmpty();
        assertThat(tally.faults()).isEmpty();
        tally.throwIfFailed();
    }

    @Test
    void rows_with_faults_are_left_out_counted_and_named() {
        Rows found = run(LENIENT, row("0", "1"), row("", "1"), row("1", "1kg"), row("NA", "x"), row("2", null), row("3", "1"),
                row("0", "0"),
                row("1"), row("2", "1"));
        assertThat(found.results().keySet()).containsExactly(1L, 9L);
        RowTally tally = found.tally();
        assertThat(List.of(tally.rows(), tally.used(), tally.skipped(), tally.refused(), tally.notFinite())).containsExactly(9L, 2L, 7L, 1L,
                1L);
        assertThat(tally.columns()).isEqualTo(Map.of("place", new RowTally.Cells(2, 0), "size", new RowTally.Cells(2, 2)));
        assertThat(tally.faults().stream().map(RowFault::message)).containsExactly("row 2, column 'place': the cell is missing",
                "row 3, column 'size': '1kg' is not a number", "row 4, column 'place': the cell is missing",
                "row 4, column 'size': 'x' is not a number", "row 5, column 'size': the cell is missing",
                "row 6: line 1, column 5: take: index 3 is out of range for axis 0, which has length 3",
                "row 7: 'f' is the first value that is not finite", "row 8, column 'size': the cell is missing");
        assertThat(tally.failure()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"FAIL,FAIL,2", "FAIL,SKIP,2", "FAIL,KEEP,2", "SKIP,FAIL,4", "NAN,FAIL,2", "NAN,SKIP,0", "SKIP,SKIP,0", "SKIP,KEEP,0",
            "NAN,KEEP,0"})
    void the_first_fault_that_may_not_be_ends_the_work(OnCell cells, OnResult results, long failing) {
        Rows found = run(new RowPolicy(cells, results), row("0", "1"), row("0", "?"), row("1", "2"), row("5", "1"), row("0", "-1"),
                row("0", "!"));
        RowFault failure = found.tally().failure();
        assertThat(failure == null ? 0 : failure.row()).isEqualTo(failing);
        if (failure != null) {
            assertThatThrownBy(found.tally()::throwIfFailed).isInstanceOfSatisfying(ProblemException.class,
                    thrown -> assertThat(thrown.problems()).singleElement().extracting(Problem::message).isEqualTo(failure.message()));
        }
    }

    /** Rows of a block are looked at in their order, so that a fault of a result is found before that of a later cell. */
    @Test
    void a_fault_of_an_earlier_row_of_the_block_comes_first() {
        Rows found = run(new RowPolicy(OnCell.FAIL, OnResult.FAIL), row("0", "1"), row("0", "0"), row("0", "1"), row("1", "?"),
                row("7", "1"));
        assertThat(found.tally().failure()).extracting(RowFault::row, RowFault::kind, RowFault::name).containsExactly(2L,
                Kind.NOT_FINITE_VALUE, "f");
        assertThat(found.results()).isEmpty();
        assertThat(found.tally().rows()).as("rows after the one that ends the work are not wanted").isEqualTo(4);
    }

    @Test
    void the_problem_says_what_was_expected() {
        RowFault malformed = new RowFault("b.csv", 17, Kind.MALFORMED_CELL, "age", "abc", "a number");
        Problem problem = malformed.exception().problems().getFirst();
        assertThat(problem.message()).isEqualTo("row 17 of 'b.csv', column 'age': 'abc' is not a number");
        assertThat(problem.expected()).isEqualTo("a number");
        assertThat(problem.actual()).isEqualTo("abc");
        Problem missing = new RowFault("", 3, Kind.MISSING_CELL, "age", "", "a number").exception().problems().getFirst();
        assertThat(List.of(missing.message(), missing.expected(), missing.actual())).containsExactly(
                "row 3, column 'age': the cell is missing",
                "a number", "nothing");
        assertThat(missing.hint()).contains("\"on_cell\": \"skip\"");
        Problem infinite = new RowFault("", 3, Kind.NOT_FINITE_VALUE, "f", "", null).exception().problems().getFirst();
        assertThat(infinite.node()).isEqualTo("f");
        assertThat(infinite.hint()).contains("\"on_result\": \"skip\"");
        assertThat(new RowFault("", 3, Kind.NOT_FINITE_DERIVATIVE, null, "", null).message())
                .isEqualTo("row 3: a second derivative is not finite");
        assertThat(new RowFault("", 3, Kind.NOT_FINITE_DERIVATIVE, "x", "", null).message())
                .isEqualTo("row 3: the gradient of 'x' is the first that is not finite");
        assertThat(new RowFault("", 3, Kind.MALFORMED_CELL, "a", "9".repeat(500), "a number").text()).hasSize(200).endsWith("9…");
        String cut = new RowFault("", 3, Kind.MALFORMED_CELL, "a", "9".repeat(198) + "😀".repeat(9), "a number").text();
        assertThat(cut).isEqualTo("9".repeat(198) + "…");
    }

    @Test
    void cells_that_are_not_known_can_be_NaN_and_results_kept_as_they_are() {
        Rows found = run(new RowPolicy(OnCell.NAN, OnResult.KEEP), row("0", "oops"), row("1", "1"), row("9", "1"), row("2", "0"));
        assertThat(found.results()).isEqualTo(Map.of(
                1L, List.of(Tensor.scalar(Double.NaN), Tensor.vector(Double.NaN, 0, 0)), 2L, result(1, 1),
                3L, List.of(Tensor.scalar(Double.NaN), Tensor.vector(Double.NaN, Double.NaN, Double.NaN)),
                4L, List.of(Tensor.scalar(Double.NEGATIVE_INFINITY), Tensor.vector(0, 0, Double.NaN))));
        assertThat(found.tally().used()).isEqualTo(4);
        assertThat(found.tally().columns()).isEqualTo(Map.of("size", new RowTally.Cells(0, 1)));
        assertThat(List.of(found.tally().refused(), found.tally().notFinite())).containsExactly(1L, 2L);
        assertThat(found.tally().faults().stream().map(fault -> fault.row() + " " + fault.kind() + " " + fault.name())).containsExactly(
                "1 MALFORMED_CELL size", "1 NOT_FINITE_VALUE x", "3 REFUSED_ROW take_1", "4 NOT_FINITE_VALUE f");
    }

    /** What a fit over rows needs: rows that never have a result are left out, and those that have none with these parameters are seen. */
    @Test
    void refused_rows_can_be_left_out_while_other_results_are_kept() {
        Rows found = run(new RowPolicy(OnCell.SKIP, OnResult.SKIP, OnResult.KEEP, RowPolicy.NAMED), row("0", "1"), row("9", "1"),
                row("2", "0"), row("2", "?"));
        assertThat(found.results().keySet()).containsExactly(1L, 3L);
        assertThat(found.results()).extractingByKey(3L).extracting(List::getFirst).isEqualTo(Tensor.scalar(Double.NEGATIVE_INFINITY));
        assertThat(List.of(found.tally().used(), found.tally().refused(), found.tally().notFinite())).containsExactly(2L, 1L, 1L);
    }

    /** The first input or node that is not finite is named, of the backward pass where all values are finite. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a = x + 1;b = log(x);f = b * 0 + a | GRADIENT | 0        | b | NOT_FINITE_VALUE
            f = x * 2                          | NONE     | NaN      | x | NOT_FINITE_VALUE
            f = x * 2                          | GRADIENT | Infinity | x | NOT_FINITE_VALUE
            b = sqrt(x);c = b * 2;f = c + x    | GRADIENT | 0        | x | NOT_FINITE_DERIVATIVE
            b = sqrt(x);c = b * 2;f = c + x    | HESSIAN  | 0        | x | NOT_FINITE_DERIVATIVE
            b = log(x);c = 1 / b;f = c + x     | HESSIAN  | 1        | c | NOT_FINITE_VALUE
            a = x^1.5;f = a + x                | HESSIAN  | 0        |   | NOT_FINITE_DERIVATIVE
            """)
    void results_that_are_not_finite_are_traced(String text, Derivatives derivatives, String cell, @Nullable String node, Kind kind) {
        RowFunction function = RowFunction.of(new RowProgram(new Source.Text(text.replace(';', '\n')), derivatives, null,
                List.of(new RowInput.Scalar("x", "x")), Map.of()), BuildLimits.GENEROUS);
        Rows found = Rows.of(function, LENIENT, List.of(row("4"), row(cell), row("2")));
        assertThat(found.results().keySet()).containsExactly(1L, 3L);
        assertThat(found.tally().faults()).containsExactly(new RowFault("", 2, kind, node, "", null));
    }

    /** A value that all rows share is named itself, and not the first node that reads it. */
    @Test
    void an_input_that_all_rows_share_and_that_is_not_finite_is_named() {
        RowFunction function = RowFunction.of(new RowProgram(new Source.Text("c2 = c * 2\nf = x * c2"), Derivatives.NONE, null,
                List.of(new RowInput.Scalar("x", "x")), Map.of("c", Tensor.scalar(Double.NaN))), BuildLimits.GENEROUS);
        assertThat(Rows.of(function, LENIENT, List.of(row("4"), row("5"))).tally().faults())
                .containsExactly(new RowFault("", 1, Kind.NOT_FINITE_VALUE, "c", "", null),
                        new RowFault("", 2, Kind.NOT_FINITE_VALUE, "c", "", null));
    }

    @Test
    void values_that_all_rows_share_can_be_replaced_between_rows() {
        RowFunction function = RowFunction.of(
                new RowProgram(new Source.Text("p = a * x\nq = log(p)\nf = q + b"), Derivatives.GRADIENT, null,
                        List.of(new RowInput.Scalar("x", "x")), Map.of("a", Tensor.scalar(1), "b", Tensor.scalar(0))),
                BuildLimits.GENEROUS);
        List<Double> found = new ArrayList<>();
        RowRun run = function.start("", LENIENT, results -> found.add(results.isOmitted(0) ? null : results.values(0)[0]), Parallel.NONE);
        // The rows have results by the first values, so that they are kept where they have none.
        double[][] replaced = {{2, 0}, {0, 7}, {-3, 7}, {1, 7}};
        for (int i = 0; i < replaced.length; i++) {
            run.replace(i == 2
                    ? Map.of("a", Tensor.scalar(-3))
                    : Map.of("a", Tensor.scalar(replaced[i][0]), "b", Tensor.scalar(replaced[i][1])));
            run.begin(i + 1);
            run.cell(0, 1);
            run.end();
            assertThatIllegalStateException().isThrownBy(() -> run.replace(Map.of())).withMessageContaining("not computed yet");
            run.finish();
        }
        assertThat(found).containsExactly(Math.log(2), Double.NEGATIVE_INFINITY, Double.NaN, 7.0);
        assertThat(run.tally().faults()).extracting(RowFault::row, RowFault::name).containsExactly(tuple(2L, "q"), tuple(3L, "q"));
        assertThatIllegalArgumentException().isThrownBy(() -> run.replace(Map.of("x", Tensor.scalar(1)))).withMessageContaining("'x'");
    }

    /**
     * A row that has a result by the first values is kept, whatever the policy is: others are wrong. The rows are x and i of
     * {@code log(a * x) + v[i + k]}, first with a = 1 and k = 1.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -1 | 1 | 1 0; 2 0 | 1 2 |   | NaN where the first values have a result
            -1 | 1 | 1 0;-2 0 | 1 2 |   | beside another row that had none and has one now
            -1 | 1 | 0 0; 1 0 | 2   | 1 | infinite by both
            -1 | 0 | 1 2; 1 0 | 2   | 1 | refused by the first values, and NaN
             1 | 0 | 1 2; 1 0 | 1 2 |   | refused by the first values, and not now
             1 | 2 | 1 1; 1 0 | 1 2 |   | refused now, and not by the first values
             1 | 2 | 0 1; 1 0 | 2   | 1 | refused now, and infinite by the first values
             1 | 2 | 1 2; 1 0 | 2   | 1 | refused by both
            """)
    void rows_that_have_results_by_the_first_values_are_kept(double a, double k, String rows, String kept, @Nullable String failing,
            String why) {
        for (Derivatives derivatives : List.of(Derivatives.NONE, Derivatives.GRADIENT)) {
            RowFunction function = RowFunction
                    .of(new RowProgram(new Source.Text("log(a * x) + take(v, i + k)"), derivatives, List.of("a"),
                            List.of(new RowInput.Scalar("x", "x"), new RowInput.Scalar("i", "i")),
                            Map.of("a", Tensor.scalar(1), "k", Tensor.scalar(1), "v", Tensor.vector(1, 2, 3))), BuildLimits.GENEROUS)
                    .with(Map.of("a", Tensor.scalar(a), "k", Tensor.scalar(k)));
            List<String[]> cells = Stream.of(rows.split(";")).map(row -> row.strip().split(" ")).toList();
            Rows found = Rows.of(function, LENIENT, cells);
            assertThat(found.results().keySet()).as(why).containsExactlyElementsOf(
                    Stream.of(kept.split(" ")).map(Long::valueOf).toList());
            assertThat(found.tally().used()).isEqualTo(found.results().size());
            assertThat(found.tally().failure()).isNull();
            RowFault failure = Rows.of(function, new RowPolicy(OnCell.FAIL, OnResult.FAIL), cells).tally().failure();
            assertThat(failure == null ? null : String.valueOf(failure.row())).as(why).isEqualTo(failing);
            assertThat(Rows.of(function, new RowPolicy(OnCell.FAIL, OnResult.KEEP), cells).results().keySet()).containsExactly(1L, 2L);
            // The results of rows that are kept, and of those beside them, are those by the present values.
            Rows.of(function, new RowPolicy(OnCell.FAIL, OnResult.KEEP), cells).results()
                    .forEach((row, results) -> assertThat(found.results().getOrDefault(row, results)).isEqualTo(results));
        }
    }

    /** What counts the memory of compiling may be gone when a row is looked at alone. */
    @Test
    void rows_are_looked_at_after_the_program_is_compiled() {
        boolean[] isCompiled = new boolean[1];
        BuildLimits limits = new BuildLimits(100, 100, 1000, 1000, 1000, 1, 1, _ -> assertThat(isCompiled[0]).isFalse(),
                () -> assertThat(isCompiled[0]).isFalse());
        RowFunction function = RowFunction.of(new RowProgram(new Source.Text("f = log(x)"), Derivatives.GRADIENT, null,
                List.of(new RowInput.Scalar("x", "x")), Map.of()), limits);
        isCompiled[0] = true;
        assertThat(Rows.of(function, LENIENT, List.<String[]>of(row("0"))).tally().faults()).extracting(RowFault::name)
                .containsExactly("f");
    }

    /** However many rows of a block are refused, the others have the results that they have alone. */
    @ParameterizedTest
    @CsvSource({"0.01", "0.3", "0.97", "1"})
    void rows_beside_refused_ones_have_their_own_results(double part) {
        Random random = new Random(41);
        List<String[]> rows = IntStream.range(0, 700).mapToObj(_ -> new String[]{
                random.nextDouble() < part ? "-9" : "" + random.nextInt(3), "" + random.nextInt(1, 100)}).toList();
        Rows found = Rows.of(FUNCTION, LENIENT, rows);
        for (int i = 0; i < rows.size(); i++) {
            String[] row = rows.get(i);
            assertThat(found.results().get(i + 1L)).isEqualTo(row[0].equals("-9")
                    ? null
                    : Rows.of(FUNCTION, LENIENT, List.<String[]>of(row)).results().get(1L));
        }
        assertThat(found.tally().refused()).isEqualTo(rows.stream().filter(row -> row[0].equals("-9")).count());
    }

    @Test
    void only_the_first_faults_are_named() {
        String[][] rows = IntStream.range(0, 1000).mapToObj(i -> row("0", i % 3 == 0 ? "?" : i % 3 == 1 ? "0" : "1"))
                .toArray(String[][]::new);
        RowTally tally = run(new RowPolicy(OnCell.SKIP, OnResult.SKIP, OnResult.SKIP, 5), rows).tally();
        assertThat(tally.faults().stream().map(RowFault::row)).containsExactly(1L, 2L, 4L, 5L, 7L);
        assertThat(tally.notFinite()).isEqualTo(333);
        assertThat(tally.columns()).isEqualTo(Map.of("size", new RowTally.Cells(0, 334)));
        assertThat(run(new RowPolicy(OnCell.SKIP, OnResult.SKIP, OnResult.SKIP, 0), rows).tally().faults()).isEmpty();
        RowFault failure = run(new RowPolicy(OnCell.FAIL, OnResult.SKIP, OnResult.SKIP, 0), rows).tally().failure();
        assertThat(failure).extracting(RowFault::row).isEqualTo(1L);
    }

    /** Where a data set is stored, such arrays are missing, too. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "1   | [1,2,3]     | 0 0", "[NA]    | [1,2,3]  | 1 0", "[[1,null]] | [1,2,3] | 1 0", "[1]    | [1,2,3]    | 0 1",
            "1   | [1,NA,3]    | 1 0", "1       | [1,NA]   | 1 0", "1          | [[null],[2]] | 1 0", "1 | [1,2]      | 0 1",
            "1   | [1,[NA]]    | 0 1", "1       | [1,NA    | 0 1", "1          | [NA,x,3]     | 0 1"})
    void an_array_that_lacks_a_number_is_missing_whatever_its_shape(String number, String array, String expected) {
        RowFunction function = RowFunction.of(new RowProgram(new Source.Text("k * sum(v)"), Derivatives.NONE, List.of(),
                List.of(new RowInput.Scalar("k", "k"), new RowInput.Array("v", "v", Shape.of(3))), Map.of()), BuildLimits.GENEROUS);
        RowTally tally = Rows.of(function, LENIENT, List.<String[]>of(new String[]{number, array})).tally();
        long missing = tally.columns().values().stream().mapToLong(RowTally.Cells::missing).sum();
        long malformed = tally.columns().values().stream().mapToLong(RowTally.Cells::malformed).sum();
        assertThat(missing + " " + malformed).isEqualTo(expected);
    }

    @Test
    void a_tally_names_columns_of_any_length() {
        String name = "가".repeat(22_000);
        RowFunction function = RowFunction.of(new RowProgram(new Source.Text("x"), Derivatives.NONE, List.of(),
                List.of(new RowInput.Scalar("x", name)), Map.of()), BuildLimits.GENEROUS);
        RowTally tally = Rows.of(function, LENIENT, List.<String[]>of(row("?"))).tally();
        RowTally read = RowTally.of(tally.toBytes());
        assertThat(read.columns()).isEqualTo(Map.of(name, new RowTally.Cells(0, 1)));
        assertThat(read.faults()).isEqualTo(tally.faults());
    }

    /** Cells may come as text, as bytes, as numbers and as arrays; what does not fit the input is malformed. */
    @Test
    void cells_come_in_several_forms() {
        RowFunction function = RowFunction.of(new RowProgram(new Source.Text("f = sum(v) + x"), Derivatives.NONE, null,
                List.of(new RowInput.Array("v", "v", Shape.of(2)), new RowInput.Scalar("x", "x")), Map.of()), BuildLimits.GENEROUS);
        Map<Long, List<Tensor>> results = new HashMap<>();
        RowRun run = function.start("part-1", new RowPolicy(OnCell.NAN, OnResult.KEEP), found -> {
            assertThat(found.part()).isEqualTo("part-1");
            Rows.collect(found, results);
        }, Parallel.NONE);
        run.begin(10);
        run.cell(0, new double[]{9, 1, 2, 9}, 1, 2);
        run.cell(1, 0.5);
        run.end();
        run.begin(20);
        run.cell(0, "x[3, 4]x".getBytes(StandardCharsets.UTF_8), 1, 7);
        run.cell(1, new double[]{1}, 0, 1);
        run.end();
        run.begin(30);
        run.cell(0, 5.0);
        run.cell(1, new double[3], 0, 3);
        run.end();
        run.finish();
        run.finish();
        assertThat(results.get(10L)).containsExactly(Tensor.scalar(3.5));
        assertThat(results.get(20L)).containsExactly(Tensor.scalar(8));
        assertThat(results.get(30L)).containsExactly(Tensor.scalar(Double.NaN));
        assertThat(run.tally().faults().stream().map(RowFault::message)).containsExactly(
                "row 30 of 'part-1', column 'v': '5.0' is not an array of shape [2]",
                "row 30 of 'part-1', column 'x': 'an array of 3 numbers' is not a number",
                "row 30 of 'part-1': 'v' is the first value that is not finite");
    }

    @ParameterizedTest
    @EnumSource
    void tallies_of_parts_add_up_to_that_of_all(OnResult results) {
        List<String[]> rows = IntStream.range(0, 900).mapToObj(i -> new String[]{"" + i % 4, i % 7 == 0 ? "?" : i % 5 == 0 ? "0" : "1"})
                .toList();
        for (OnCell cells : OnCell.values()) {
            RowPolicy policy = new RowPolicy(cells, results, results, 7);
            byte[] whole = tally(policy, rows, 0, rows.size()).toBytes();
            Random random = new Random(42);
            for (int i = 0; i < 5; i++) {
                List<Integer> cuts = new ArrayList<>(random.ints(6, 0, rows.size()).boxed().toList());
                cuts.addAll(List.of(0, rows.size()));
                Collections.sort(cuts);
                List<RowTally> parts = new ArrayList<>();
                for (int k = 1; k < cuts.size(); k++) {
                    parts.add(RowTally.of(tally(policy, rows, cuts.get(k - 1), cuts.get(k)).toBytes()));
                }
                Collections.shuffle(parts, random);
                RowTally sum = parts.removeFirst();
                parts.forEach(sum::add);
                boolean isFailed = RowTally.of(whole).failure() != null;
                assertThat(sum.failure()).isEqualTo(RowTally.of(whole).failure());
                assertThat(isFailed || Arrays.equals(sum.toBytes(), whole)).as("%s %s", cells, results).isTrue();
            }
        }
    }

    private static RowTally tally(RowPolicy policy, List<String[]> rows, int from, int end) {
        RowRun run = FUNCTION.start("", policy, _ -> {}, Parallel.NONE);
        boolean isWanted = true;
        for (int row = from; row < end && isWanted; row++) {
            run.begin(row + 1);
            run.cell(0, rows.get(row)[0]);
            run.cell(1, rows.get(row)[1]);
            isWanted = run.end();
        }
        run.finish();
        return run.tally();
    }

    @Test
    void bytes_that_are_no_tally_are_refused() {
        byte[] bytes = run(LENIENT, row("0", "?")).tally().toBytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatIllegalArgumentException().isThrownBy(() -> RowTally.of(part)).withMessageContaining("not a tally");
        }
        bytes[3]++;
        assertThatIllegalArgumentException().isThrownBy(() -> RowTally.of(bytes)).withMessageContaining("begin with");
    }
}
