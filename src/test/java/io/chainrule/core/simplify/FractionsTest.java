package io.chainrule.core.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.Node;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums are written as one fraction, as a product, or multiplied out, where that is no longer; conditions say where it is the same. */
class FractionsTest {
    private final TextbookNodes nodes = new TextbookNodes();

    private Node joined(String text, String shapes) {
        return new Fractions(nodes.graph, nodes.domain).joined(nodes.node(text, shapes));
    }

    private void assertWritten(Node node, String expected, @Nullable String conditions) {
        assertThat(TextbookNodes.text(node)).isEqualTo(expected.replace('⏎', '\n'));
        assertThat(nodes.conditions()).isEqualTo(Objects.requireNonNullElse(conditions, ""));
    }

    private Node shorter(String text, String shapes) {
        return new Expansion(nodes.graph, nodes.domain).shorter(nodes.node(text, shapes));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    # sum                                 | shapes                   | one fraction or product | conditions
                    a / x + b / x                         | a: b: x:                 | (a + b) / x             |
                    a / x - b / x                         | a: b: x:                 | (a - b) / x             |
                    -a / x - b / x                        | a: b: x:                 | (-a - b) / x            |
                    a / (x * y) + b / (x * y)             | a: b: x: y:              | (a + b) / (x * y)       |
                    1 / x + 1 / x^2                       | x:                       | (x + 1) / x^2           | x != 0, isfinite(x)
                    1 / x^2 + 1 / x                       | x:                       | (1 + x) / x^2           | x != 0, isfinite(x)
                    1 / x^3 + 1 / x                       | x:                       | (1 + x^2) / x^3         | x != 0, isfinite(x)
                    1 / (x * x) + 1 / x                   | x:                       | (1 + x) / x^2           | x != 0, isfinite(x)
                    a / (x * y) + b / x                   | a: b: x: y:              | (a + y * b) / (x * y)   | y != 0, isfinite(y)
                    1 - x / (1 + x)                       | x:                       | 1 / (1 + x)             | 1 + x != 0, isfinite(x)
                    x / (x + y) - 1                       | x: y:                    | -y / (x + y)            | x + y != 0, isfinite(x), isfinite(y)
                    exp(x) * a + exp(x) * b               | a: b: x:                 | exp(x) * (a + b)        | isfinite(x)
                    exp(x) * a - exp(x)                   | a: x:                    | exp(x) * (a - 1)        | isfinite(x)
                    exp(x) + exp(x) * exp(x) * a          | a: x:                    | exp_1 = exp(x)⏎exp_1 * (a * exp_1 + 1) | isfinite(x)
                    x^y * a + x^y * b                     | a: b: x: y:              | x^y * (a + b)           | isfinite(x), x != 0, isfinite(y)
                    a / x + b / x + c / x + d / x + e / x + f / x | a: b: c: d: e: f: x: | (a + b + c + d + e + f) / x |
                    """)
    void sumsWithOneDivisorOrOneExponential(String sum, String shapes, String expected, @Nullable String conditions) {
        assertWritten(joined(sum, shapes), expected, conditions);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # sum                                                 | shapes
            1 / x + 1 / y                                         | x: y:
            x / 2 + y / 2                                         | x: y:
            a / x                                                 | a: x:
            exp(x) * a                                            | a: x:
            exp(x) * a + exp(y) * b                               | a: b: x: y:
            exp(x) * a + b                                        | a: b: x:
            exp(x) * a / y + exp(x) * b                           | a: b: x: y:
            x^2 * a + x^2 * b                                     | a: b: x:
            sin(x) * a + sin(x) * b                               | a: b: x:
            exp(x) * a + exp(x) * b                               | a:3 b: x:
            a / x + b / x + c / x + d / x + e / x + f / x + g / x | a: b: c: d: e: f: g: x:
            """)
    void sumsThatStayAsTheyAre(String sum, String shapes) {
        assertThat(joined(sum, shapes)).isEqualTo(nodes.node(sum, shapes));
        assertThat(nodes.conditions()).isEmpty();
    }

    @Test
    void aDivisorOfTooManyFactorsStays() {
        String four = "a / (p * q * r * s) + b / (p * q * r * s)";
        String five = "a / (p * q * r * s * t) + b / (p * q * r * s * t)";
        String shapes = "a: b: p: q: r: s: t:";
        assertThat(TextbookNodes.text(joined(four, shapes))).isEqualTo("(a + b) / (p * q * r * s)");
        assertThat(joined(five, shapes)).isEqualTo(nodes.node(five, shapes));
    }

    /** A text of more than 60 nodes is not looked at. */
    @ParameterizedTest
    @CsvSource({"26, true", "27, false"})
    void aLongSumStays(int functions, boolean isJoined) {
        String x = "tan(".repeat(functions) + "x" + ")".repeat(functions);
        String sum = "a / " + x + " + 1 / " + x;
        String text = TextbookNodes.text(joined(sum, "a: x:"));
        assertThat(text.startsWith("(a + 1) / ")).isEqualTo(isJoined);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # expression                | shapes   | multiplied out | conditions
            x + y - x                   | x: y:    | y              | isfinite(x)
            -(x - y) + x                | x: y:    | y              | isfinite(x)
            x * (y + 1) - x             | x: y:    | x * y          | isfinite(x)
            (x + y) / z - x / z         | x: y: z: | y / z          | isfinite(x), isfinite(z), z != 0
            2 * x + 2 * y               | x: y:    | 2 * (x + y)    |
            2 * x - 2 * y               | x: y:    | 2 * (x - y)    |
            x / 3 + y / 3               | x: y:    | (x + y) / 3    |
            0.5 * x + 0.5 * y           | x: y:    | (x + y) / 2    |
            2 * (x + y) - 2 * x         | x: y:    | 2 * y          | isfinite(x)
            (x + y)^2 - x               | x: y:    | (x + y)^2 - x  |
            x * (y + z)                 | x: y: z: | x * (y + z)    |
            2 * x + 3 * y               | x: y:    | 2 * x + 3 * y  |
            2 * x + 2                   | x:       | 2 * x + 2      |
            x + y                       | x: y:    | x + y          |
            sin(x + y)                  | x: y:    | sin(x + y)     |
            -sin(x)                     | x:       | -sin(x)        |
            x * y                       | x: y:    | x * y          |
            """)
    void sumsAreMultipliedOutWhereTermsCancel(String text, String shapes, String expected, @Nullable String conditions) {
        assertWritten(shorter(text, shapes), expected, conditions);
    }

    /** Twelve terms are multiplied out, thirteen are not. */
    @ParameterizedTest
    @CsvSource({"12, true", "13, false"})
    void manyTermsStay(int terms, boolean isShorter) {
        String names = IntStream.range(0, terms - 1).mapToObj(i -> "x" + i).collect(Collectors.joining(" + "));
        String shapes = IntStream.range(0, terms - 1).mapToObj(i -> "x" + i + ":").collect(Collectors.joining(" "));
        Node sum = shorter(names + " - x0", shapes);
        assertThat(sum.equals(nodes.node(names + " - x0", shapes))).isEqualTo(!isShorter);
    }

    @Test
    void productsOfManyTermsStay() {
        String twelve = "(a + b) * (c - c + d - d + e + e)";
        String fourteen = "(a + b) * (c - c + d - d + e + e + e)";
        String shapes = "a: b: c: d: e:";
        assertThat(TextbookNodes.text(shorter(twelve, shapes))).isEqualTo("2 * a * e + 2 * b * e");
        assertThat(shorter(fourteen, shapes)).isEqualTo(nodes.node(fourteen, shapes));
    }
}
