package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.functions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.language.Language;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.picture.PlotFunction;
import io.chainrule.core.picture.Theme;
import io.chainrule.service.run.Query;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a plot shows is read from its description, which tells it in words. */
class PlotServiceTest {
    private static final Pattern RANGE = Pattern.compile("x runs from (\\S+) to (\\S+)\\.[ <]");
    private static final PlotOptions PLAIN = options(Map.of(), List.of(), null);

    private final PlotService plots = new PlotService(functions("time", "10m"));

    private static OpDefinition op(String name) {
        return Objects.requireNonNull(OpCatalogue.find(name), name);
    }

    private static PlotOptions options(Map<String, List<Double>> ranges, List<List<Double>> path, PlotOptions.@Nullable Descent descent) {
        return new PlotOptions(Theme.LIGHT, Language.EN, ranges, path, descent);
    }

    private static PlotOptions descent(double rate, int steps, Object... start) {
        return options(Map.of(), List.of(), new PlotOptions.Descent(
                Map.of((String) start[0], (Double) start[1], (String) start[2], (Double) start[3]), rate, steps));
    }

    private static String svg(Answer<Answer.Drawing> answer) {
        return new String(answer.result().file(), StandardCharsets.UTF_8).replace('−', '-');
    }

    private String plot(Query query, PlotOptions options) {
        return svg(plots.plot(query, options));
    }

    /** Each op where it is finite, and a little more; where it is large almost everywhere, less. */
    @ParameterizedTest
    @CsvSource({"relu, -4, 4", "exp, -4, 4", "log, -0.2984, 4", "asin, -1.16, 1.16", "acosh, 0.76, 4", "atanh, -1.1368, 1.1368",
            "sqrt, -0.32, 4"})
    void ofAnOpOfOneNumberWhereItIsFinite(String name, double from, double to) {
        Matcher range = RANGE.matcher(svg(plots.op(op(name), Theme.LIGHT, Language.EN)));
        assertThat(range.find()).isTrue();
        assertThat(Double.parseDouble(range.group(1))).isCloseTo(from, within(1e-9));
        assertThat(Double.parseDouble(range.group(2))).isCloseTo(to, within(1e-9));
    }

    @Test
    void everyOpIsDrawnOrToldWhyNot() {
        assertThat(OpCatalogue.all()).filteredOn(op -> plots.obstacle(op) == null).hasSizeGreaterThan(60)
                .allSatisfy(op -> assertThat(svg(plots.op(op, Theme.LIGHT, Language.EN))).startsWith("<svg").doesNotContain("NaN"));
    }

    @Test
    void ofAnOpOfTwoNumbersLinesOfEqualValue() {
        assertThat(svg(plots.op(op("mul"), Theme.LIGHT, Language.EN)))
                .contains("<title>mul(x, y) and its gradient</title>", "mul(x, y) over x from -4 to 4 and y from -4 to 4.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            relu      |
            sub       |
            matmul    | it is not computed element by element, so it is no function of one or two numbers
            softmax   | it is not computed element by element, so it is no function of one or two numbers
            glu       | it is not computed element by element, so it is no function of one or two numbers
            sum       | it is not computed element by element, so it is no function of one or two numbers
            where     | it has 3 operands, and a plot shows one or two
            polygamma | it has an attribute without a default
            """)
    void saysWhyAnOpHasNone(String name, @Nullable String obstacle) {
        assertThat(plots.obstacle(op(name))).isEqualTo(obstacle);
    }

    @Test
    void ofAProgramOverTheInputsWithoutAValue() {
        assertThat(plot(call("f = a * x", "a", 2), PLAIN)).contains("f and its derivative", "x runs from -4 to 4.");
        assertThat(plot(call("f = a * x", "a", 2), options(Map.of("x", List.of(0.0, 3.0)), List.of(), null)))
                .contains("x runs from 0 to 3.");
        assertThat(plot(call("f = a * y + x", "a", 2), options(Map.of("x", List.of(1.0, 2.0)), List.of(), null)))
                .contains("f over y from -4 to 4 and x from 1 to 2.");
    }

    @Test
    void aPathIsDrawnAsItIsGiven() {
        List<List<Double>> path = List.of(List.of(1.0, 2.0), List.of(3.0, -1.0), List.of(0.5, 0.25));
        assertThat(plot(call("f = x^2 + y^2"), options(Map.of(), path, null)))
                .contains("A path goes from (1, 2) to (0.5, 0.25); steps: 2.");
    }

    @Test
    void aDescentGoesDownTheGradientAndEndsWhereItLeavesTheNumbers() {
        assertThat(plot(call("f = x^2 + 2 * y^2"), descent(0.25, 1, "y", 1.0, "x", 3.0)))
                .contains("A path goes from (3, 1) to (1.5, 0); steps: 1.");
        assertThat(plot(call("f = x^2 + y^2"), descent(0.5, 500, "x", 3.0, "y", 1.0)))
                .contains("A path goes from (3, 1) to (0, 0); steps: 500.");
        assertThat(plot(call("f = exp(x) + y"), descent(-1, 500, "x", 700.0, "y", 1.0))).contains("; steps: 1.");
    }

    /** Curves and fields are evaluated so many points at a time; how many at a time changes nothing. */
    @ParameterizedTest
    @CsvSource({"1", "3", "7", "20"})
    void aFunctionHasItsValueAndSlopesAtEachPoint(int points) {
        double[] xs = DoubleStream.iterate(-3, x -> x + 1).limit(7).toArray();
        double[] ys = DoubleStream.iterate(2, y -> y / 2).limit(7).toArray();
        try (PlottedFunction function = PlottedFunction.open(functions(), call("f = a * x * y^2", "a", 2), List.of("x", "y"), points)) {
            PlotFunction.Samples found = function.at(xs, ys);
            for (int i = 0; i < xs.length; i++) {
                assertThat(found.values()[i]).isEqualTo(2 * xs[i] * ys[i] * ys[i]);
                assertThat(found.slopes()[0][i]).isEqualTo(2 * ys[i] * ys[i]);
                assertThat(found.slopes()[1][i]).isEqualTo(4 * xs[i] * ys[i]);
            }
        }
    }

    private List<String> problems(Query query, PlotOptions options) {
        return catchThrowableOfType(ProblemException.class, () -> plots.plot(query, options)).problems().stream()
                .map(problem -> problem.code().code() + " " + problem.place() + ": " + problem.message()).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2                | is two numbers, not 1
            1 2 3            | is two numbers, not 3
            2 2              | is empty, since both ends are 2.0
            2 1              | goes from 2.0 to 1.0, which is not greater
            NaN 1            | goes from NaN to 1.0, which is not greater
            -1.7e308 1.7e308 | is wider than the largest number
            0 Infinity       | is wider than the largest number
            1 1.0000000000000002 | is so narrow that there are too few numbers in it
            """)
    void refusesWhatIsNoRange(String ends, String message) {
        List<Double> range = Arrays.stream(ends.split(" ")).map(Double::valueOf).toList();
        assertThat(problems(call("f = x^2"), options(Map.of("x", range), List.of(), null)))
                .containsExactly("invalid-value " + Place.setting("ranges", "x") + ": the range of 'x' " + message);
    }

    @Test
    void tellsAllThatIsWrongAtOnce() {
        PlotOptions path = options(Map.of("z", List.of(1.0, 2.0), "x", List.of(1.0)), List.of(List.of(1.0, 2.0), List.of(1.0)), null);
        assertThat(problems(call("q = x * [1, 2]"), path)).containsExactlyInAnyOrder(
                "not-scalar null: a plot shows a number, and the output 'q' has shape [2]",
                "unknown-node " + Place.setting("ranges", "z") + ": 'z' is no input that is plotted",
                "invalid-value " + Place.setting("ranges", "x") + ": the range of 'x' is two numbers, not 1",
                "invalid-value " + Place.setting("path") + ": a path is drawn in a plot of two inputs",
                "invalid-value " + Place.setting("path").item(1) + ": a point of the path is two numbers");
        assertThat(problems(call("f = x * y"), options(Map.of(), List.of(List.of(1.0, 2.0), List.of(1.0), List.of(1.0, Double.NaN)), null)))
                .hasSize(2).allMatch(problem -> problem.endsWith("a point of the path is two numbers"));
        assertThat(problems(call("f = x"), descent(1, 0, "x", 1.0, "y", 2.0))).hasSize(2);
    }

    @Test
    void aDescentHasAStartForEachInputAndOneToFiveHundredSteps() {
        Query query = call("f = x * y");
        assertThat(problems(query, descent(0.1, 0, "x", 1.0, "y", 2.0))).singleElement().asString()
                .endsWith("a descent has 1 to 500 steps, not 0");
        assertThat(problems(query, descent(0.1, 501, "x", 1.0, "y", 2.0))).singleElement().asString()
                .endsWith("a descent has 1 to 500 steps, not 501");
        assertThat(problems(query, descent(0.1, 500, "x", 1.0, "z", 2.0))).singleElement().asString()
                .endsWith("the descent has no start for 'y'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f = 2         | leave out the value of the input to be plotted | none
            f = x * y * z | give values for the others                     | x, y, z
            """)
    void showsOneInputOrTwo(String program, String hint, String found) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> plots.plot(call(program), PLAIN));
        assertThat(refused.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.message()).isEqualTo("a plot shows one or two inputs, those that have no value");
            assertThat(problem.hint()).isEqualTo(hint);
            assertThat(problem.actual()).isEqualTo(found);
        });
    }
}
