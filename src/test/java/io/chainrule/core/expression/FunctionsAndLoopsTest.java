package io.chainrule.core.expression;

import io.chainrule.core.print.ExpressionPrinter;
import static io.chainrule.core.expression.Programs.calls;
import static io.chainrule.core.expression.Programs.nodes;
import static io.chainrule.core.expression.Programs.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Problem.Position;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.NamedGraph;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions and loops mean what is left when they are written out. */
class FunctionsAndLoopsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            sigma(u) = 1 / (1 + exp(-u))⏎f = sigma(w * x)     | div(1, add(1, exp(neg(mul(w, x)))))
            f(a, b) = a - b; f(x, y)                          | sub(x, y)
            f(a, b) = a - b; f(b=x, a=y)                      | sub(y, x)
            f(a, b) = a - b; f(x, b=y * y,)                   | sub(x, mul(y, y))
            f(u) = 2 * u; f(f(x)) + f(3)                      | add(mul(2, mul(2, x)), mul(2, 3))
            f(u) = 2 * u; -f(x)^2                             | neg(pow(mul(2, x), 2))
            f(u) = u + 1; f(x) * f(x)[0]                      | mul(add(x, 1), index(add(x, 1); at=[0]))
            f(u) = u + 1⏎g(u) = f(u) * u⏎g(x.T)               | mul(add(transpose(x), 1), transpose(x))
            k() = 3 * x; k() + 1                              | add(mul(3, x), 1)
            f(u,) = u⏎f(x) + 1                                | add(x, 1)
            f(u) = [u, 1]; f(x)                               | stack(x, 1)
            f(u) = sum(⏎  u,⏎  axis=0)⏎exp(f(x))              | exp(sum(x; axis=[0]))
            f(u) = u * 2⏎exp([⏎f(x),⏎y])                      | exp(stack(mul(x, 2), y))
            # a name in a body: a parameter, else what it means where the function is called
            pi = y; f(pi) = pi * 2; f(x)                      | mul(x, 2)
            f(u) = u * a⏎a = x + 1⏎f(y)                       | mul(y, add(x, 1))
            f(u) = u * a⏎a = x + 1⏎b = f(y)⏎a = 2 * x⏎f(b)    | mul(mul(y, add(x, 1)), mul(2, x))
            f(u) = g(u) + 1⏎g(v) = u * v⏎f(x)                 | add(mul(u, x), 1)
            f(u) = u + 1⏎a = f(x)⏎f(u) = u * 2⏎f(a)           | mul(add(x, 1), 2)
            # a function hides an op of its name; values have names of their own
            relu(u) = maximum(u, 0.1 * u)⏎relu(x)             | maximum(x, mul(0.1, x))
            a = exp(x)⏎exp(u) = u⏎exp(a) * 1                  | mul(exp(x), 1)
            f(x) = 2 * x⏎f = f(x)⏎f(f)                        | mul(2, mul(2, x))
            # a parameter that is given a number is an index
            at(u, k) = u[k, k + 1:]⏎at(x, 2)                  | index(x; at=[2, 3:])
            # or the value of an attribute
            total(u, k) = sum(u, axis=[k, k + 1])⏎total(x, 1) | sum(x; axis=[1, 2])
            """)
    void writesOutAFunctionAtEachCall(String text, String calls) {
        assertThat(calls(parse(text))).isEqualTo(calls);
    }

    /** The arguments of these parameters are of no use, and keep their names. */
    @Test
    void theProgramMayGiveItsParametersValues() {
        NamedGraph program = Programs.parse("def f(x, h):\n  h = 5 * x\n  h = h + x\n  return exp(h)", "x", "h");
        assertThat(nodes(program)).containsExactly("x = input()", "h_1 = mul(5, x)", "h_2 = add(h_1, x)", "f = exp(h_2)");
        assertThat(program.find("h")).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"',
            textBlock = """
                    h = 0⏎for i in 0:3⏎  h = tanh(w * h + x[i])   | h = 0; h = tanh(w * h + x[0]); h = tanh(w * h + x[1]); h = tanh(w * h + x[2])
                    h = x⏎for i in 1:7:3:⏎  h = h * i⏎h + 1        | h = x; h = h * 1; h = h * 4; h + 1
                    h = x; for i in 3:0:-1: h = h - i; g = h * h  | h = x; h = h - 3; g = h * h; h = h - 2; g = h * h; h = h - 1; g = h * h
                    h = x⏎for i in -1:1: h = h^i⏎g = h             | h = x; h = h^(-1); h = h^0; g = h
                    for i in 0:2⏎  x[i] * 2                        | x[0] * 2; x[1] * 2
                    for i in 0:2⏎  f = i                           | f = 0; f = 1
                    for i in 1:3⏎  f = x[2*i-1, i:i+1, -i, (i + 1) * 2 // 3 % 2] | f = x[1, 1:2, -1, 1]; f = x[3, 2:3, -2, 0]
                    for i in 0:2: f = 2 * i * x                    | f = 2 * 0 * x; f = 2 * 1 * x
                    for i in 2:3⏎ f = [i, 1] * -i + sum(x, axis=i) | f = [2, 1] * -2 + sum(x, axis=2)
                    f = x⏎for i in 3:3⏎  f = f * i                 | f = x
                    f = x⏎for i in 0:2⏎  for j in i:2⏎    f = f * j⏎  f = f + i⏎f = -f | f = x; f = f * 0; f = f * 1; f = f + 0; f = f * 1; f = f + 1; f = -f
                    f = x⏎for i in 0:2: for j in 0:2: f = f + j    | f = x; f = f + 0; f = f + 1; f = f + 0; f = f + 1
                    f = x⏎for i in 0:2⏎⏎  # squares⏎  f = f^2;⏎⏎⏎ | f = x; f = f^2; f = f^2
                    f = x⏎for i in 0:2⏎  f = [f,⏎1]⏎  f = f * f    | f = x; f = [f, 1]; f = f * f; f = [f, 1]; f = f * f
                    for i in 0:3⏎  f = x * i⏎f = f + i             | f = x * 0; f = x * 1; f = x * 2; f = f + 2
                    for i in 0:3⏎  f = x * i⏎i = f; i * i          | f = x * 0; f = x * 1; f = x * 2; i = f; i * i
                    g(u) = u * i⏎for i in 0:2: f = g(x)            | f = x * 0; f = x * 1
                    f = x⏎for i in 0:2⏎  g(u) = u * i⏎  f = g(f)   | f = x; f = f * 0; f = f * 1
                    at(k) = x[k]⏎for i in 0:2: f = at(i) + i       | f = x[0] + 0; f = x[1] + 1
                    """)
    void writesOutALoopPassByPass(String text, String writtenOut) {
        NamedGraph program = parse(text);
        NamedGraph expected = parse(writtenOut);
        assertThat(nodes(program)).isEqualTo(nodes(expected));
        assertThat(program.outputId()).isEqualTo(expected.outputId());
        assertThat(program.aliases()).isEqualTo(expected.aliases());
    }

    @Test
    void namesNodesAsIfTheyHadBeenWrittenOut() {
        assertThat(nodes(parse("sigma(u) = 1 / (1 + exp(-u))\ny = sigma(x) * sigma(2)"))).containsExactly("x = input()", "neg_1 = neg(x)",
                "exp_1 = exp(neg_1)", "add_1 = add(1, exp_1)", "div_1 = div(1, add_1)", "neg_2 = neg(2)", "exp_2 = exp(neg_2)",
                "add_2 = add(1, exp_2)", "div_2 = div(1, add_2)", "y = mul(div_1, div_2)");
        assertThat(nodes(parse("h = x * 1\nfor i in 0:2: h = h * i"))).containsExactly("x = input()", "h_1 = mul(x, 1)",
                "h_2 = mul(h_1, 0)",
                "h = mul(h_2, 1)");
    }

    @Test
    void knowsBothPlacesOfWhatWasWrittenOut() {
        NamedGraph program = parse("g(u) = u * u\nf(u) = g(u) + 1\nfor i in 0:2\n  y = f(x)");
        assertThat(program.position(program.output())).isEqualTo(new Position(2, 13, "in f, called at line 4, column 7, for i = 1"));
        Integer product = program.find("mul_1");
        assertThat(product).isNotNull();
        assertThat(program.position(product))
                .isEqualTo(new Position(1, 10, "in g, called at line 2, column 8, in f, called at line 4, column 7, for i = 0"));
    }

    @Test
    void givesHintsWhereNothingIsComputed() {
        assertThat(Programs.problems("import numpy as np")).singleElement()
                .satisfies(problem -> assertThat(problem.message()).isEqualTo("the expression has no statement"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            f(u, k) = sum(u, axis=0, keepdims=k); f(x, true)        | sum(x; axis=[0], keepdims=true)
            f(u, k) = sum(u, axis=0, keepdims=k); f(x, false)       | sum(x; axis=[0])
            f(u, k) = sum(u, axis=k, keepdims=k > 0); f(x, 1)       |
            f(u, k) = sum(u, axis=k); f(x, 3 - 2)                   | sum(x; axis=[1])
            f(u, k) = sum(u, axis=k + 1); f(x, -(2 - 2))            | sum(x; axis=[1])
            f(u, k) = sum(u, axis=k); g(v, n) = f(v, n + 1); g(x, 0) | sum(x; axis=[1])
            f(u, a) = leaky_relu(u, negative_slope=a); f(x, 1 / 8)  | leaky_relu(x; negative_slope=0.125)
            f(u, k) = u[k]; f(x, 2 * 2)                             | index(x; at=[4])
            f(u, k) = sum(u, keepdims=k); f(x, 1 + 1)               |
            f(u, k) = sum(u, axis=k); f(x, x * 0)                   |
            f(u, k) = sum(u, axis=k); n = 1 + 1; f(x, n)            | sum(x; axis=[2])
            f(u, a) = leaky_relu(u, negative_slope=a); n = 1 / 8; f(x, n) |
            f(u, k) = sum(u, axis=k); f(x, [1][0])                  |
            """)
    void takesFlagsAndComputedNumbersAsArgumentsThatAreAttributes(String text, @Nullable String calls) {
        if (calls == null) {
            assertThat(Programs.problems(text)).isNotEmpty();
        } else {
            assertThat(Programs.calls(parse(text))).isEqualTo(calls);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"for i in 0:1000000000⏎  x", "for i in 0:1000000000: f = i", "for i in 0:50000: for j in 0:50000: x",
            "for i in 0:50000⏎  for j in 0:0⏎    x⏎  for j in 0:3: x", "f = x⏎for i in 0:2000000000:2⏎  f = f * x",
            "for i in 0:90000⏎  f = [1, 2, 3, 4, 5, 6, 7, 8]; f = f + 1"})
    @Timeout(60)
    void refusesALoopThatIsTooLong(String text) {
        assertThatExceptionOfType(LimitException.class)
                .isThrownBy(() -> ExpressionParser.parse(text.replace('⏎', '\n'), Set.of(), new ExpressionParser.Limits(100_000, 100)))
                .satisfies(e -> assertThat(e.limit()).isEqualTo("nodes"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"u + u", "u", "-u", "[u, u]"})
    @Timeout(60)
    void refusesFunctionsThatGrowExponentially(String body) {
        String definitions = "f0(u) = " + body + "\n"
                + IntStream.rangeClosed(1, 60).mapToObj(i -> "f%d(u) = f%d(f%d(u))\n".formatted(i, i - 1, i - 1))
                        .collect(Collectors.joining());
        assertThatExceptionOfType(LimitException.class).isThrownBy(
                () -> ExpressionParser.parse(definitions + "f60(x)", Set.of(), new ExpressionParser.Limits(100_000, 10_000)))
                .satisfies(e -> assertThat(e.limit()).isIn("nodes", "nesting"));
    }

    /** Texts of words that stand anywhere: each is a program, or has problems, or is too large. */
    @Test
    @Timeout(60)
    void findsItsWayThroughAnyText() {
        List<String> words = List.of("f(u) = ", "g(u, v) = ", "f(", "g(", ")", ",", "u", "v", "x", "i", "j", "h = ", "for i in 0:3",
                "for j in ", "0:i",
                ":", "\n", "\n  ", "\n    ", ";", "x[", "]", "[", "+", "*", "-", "2", "u=", "f", "(", "$", "\nf(u) = u * ",
                "\nfor i in 1:3\n  h = ");
        Random random = new Random(7);
        int programs = 0;
        for (int round = 0; round < 30_000; round++) {
            String text = IntStream.range(0, 1 + random.nextInt(25)).mapToObj(k -> words.get(random.nextInt(words.size())))
                    .collect(Collectors.joining());
            try {
                NamedGraph program = ExpressionParser.parse(text, Set.of(), new ExpressionParser.Limits(200, 50));
                assertThat(nodes(parse(ExpressionPrinter.print(program)))).as(text).hasSameSizeAs(nodes(program));
                programs++;
            } catch (ProblemException | LimitException e) {
                assertThat(e.getMessage()).as(text).isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError(text, e);
            }
        }
        assertThat(programs).isGreaterThan(500);
    }

    @Test
    @Timeout(60)
    void readsWhatIsNestedDeepWithoutRecursion() {
        String functions = "f0(u) = u * 2\n" + IntStream.rangeClosed(1, 50_000).mapToObj(i -> "f%d(u) = [f%d(u), 1]\n".formatted(i, i - 1))
                .collect(Collectors.joining());
        assertThat(parse(functions + "f5000(x)").graph().size()).isEqualTo(5_000 + 4);
        String loops = IntStream.range(0, 2_000).mapToObj(i -> " ".repeat(i) + "for i%d in 0:1\n".formatted(i))
                .collect(Collectors.joining());
        assertThat(nodes(parse(loops + " ".repeat(2_000) + "f = x * i1999"))).containsExactly("x = input()", "f = mul(x, 0)");
    }
}
