package io.chainrule.core.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Node;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What must hold of the inputs so that an expression is finite, not zero, not negative or above a number. */
class DomainTest {
    private final TextbookNodes nodes = new TextbookNodes();
    private final Domain domain = nodes.domain;

    private Node node(String text, String shapes) {
        return nodes.node(text, shapes);
    }

    private String conditions() {
        return nodes.conditions();
    }

    private void assertAnswer(BiPredicate<Domain, Node> question, String text, String shapes, boolean answer, @Nullable String conditions) {
        assertThat(question.test(domain, node(text, shapes))).isEqualTo(answer);
        assertThat(conditions()).isEqualTo(Objects.requireNonNullElse(conditions, ""));
        int stated = conditions == null ? 0 : conditions.split("(isfinite|!=|>)", -1).length - 1;
        assertThat(domain.stated()).as("how often something was stated").isEqualTo(stated);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # expression                         | shapes | answer | conditions
            x                                    | x:     | true   | isfinite(x)
            3                                    | x:     | true   |
            x + y                                | x: y:  | true   | isfinite(x), isfinite(y)
            x - y                                | x: y:  | true   | isfinite(x), isfinite(y)
            x * y                                | x: y:  | true   | isfinite(x), isfinite(y)
            x / y                                | x: y:  | true   | isfinite(x), isfinite(y), y != 0
            x / 2                                | x:     | true   | isfinite(x)
            x / 0                                | x:     | false  |
            x * x                                | x:     | true   | isfinite(x)
            x * sin(x)                           | x:     | true   | isfinite(x), isfinite(x)
            -x                                   | x:     | true   | isfinite(x)
            x^2                                  | x:     | true   | isfinite(x)
            x^0.5                                | x:     | true   | isfinite(x^0.5)
            x^-2                                 | x:     | true   | isfinite(x^-2)
            x^y                                  | x: y:  | true   | isfinite(x^y)
            exp(x)                               | x:     | true   | isfinite(exp(x))
            log(x)                               | x:     | true   | isfinite(log(x))
            sin(x)                               | x:     | true   | isfinite(x)
            sin(x / y)                           | x: y:  | true   | isfinite(sin(x / y))
            log(1 + x^2)                         | x:     | true   | isfinite(x)
            softmax(x)                           | x:3    | true   | isfinite(x)
            expm1(x)                             | x:     | true   | isfinite(expm1(x))
            expm1(log_softmax(x))                | x:3    | true   | isfinite(x)
            one_hot(x, num_classes=3)            | x:2    | true   |
            sum([1, 2])                          | x:     | true   |
            (1 / 0) * x                          | x:     | false  |
            """)
    void anExpressionIsFiniteWhereItsInputsAreOrItself(String text, String shapes, boolean answer, @Nullable String conditions) {
        // A condition that two operands ask for is stated twice and kept once.
        String kept = conditions == null ? null : Arrays.stream(conditions.split(", ", -1)).distinct().collect(Collectors.joining(", "));
        assertThat(domain.isFinite(node(text, shapes))).isEqualTo(answer);
        assertThat(conditions()).isEqualTo(Objects.requireNonNullElse(kept, ""));
        if (answer) {
            assertThat(domain.stated()).isEqualTo(conditions == null ? 0 : conditions.split(", ", -1).length);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # expression              | shapes | answer | conditions
            x                         | x:     | true   | x != 0
            x * y                     | x: y:  | true   | x != 0, y != 0
            0 * x                     | x:     | false  |
            x * 0                     | x:     | false  | x != 0
            -x                        | x:     | true   | x != 0
            abs(x)                    | x:     | true   | x != 0
            sqrt(x)                   | x:     | true   | x != 0
            x.T                       | x:2,3  | true   | x != 0
            reshape(x, shape=[6])     | x:2,3  | true   | x != 0
            broadcast_to(x, shape=[6]) | x:    | true   | x != 0
            x^2                       | x:     | true   | x != 0
            x^0.5                     | x:     | true   | x != 0
            x^-2                      | x:     | true   | x^-2 != 0
            x^y                       | x: y:  | true   | x^y != 0
            x + y                     | x: y:  | true   | x + y != 0
            x / y                     | x: y:  | true   | x / y != 0
            sin(x)                    | x:     | true   | sin(x) != 0
            exp(x)                    | x:     | true   |
            1 + x^2                   | x:     | true   |
            2                         | x:     | true   |
            0                         | x:     | false  |
            -2                        | x:     | true   |
            """)
    void aProductIsNotZeroWhereNoFactorIs(String text, String shapes, boolean answer, @Nullable String conditions) {
        assertAnswer(Domain::isNonzero, text, shapes, answer, conditions);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # expression | shapes | answer | conditions
            x            | x:     | true   | x >= 0
            x^2          | x:     | true   |
            x^3          | x:     | true   | x^3 >= 0
            exp(x)       | x:     | true   |
            0            | x:     | true   |
            2            | x:     | true   |
            0 - 2        | x:     | true   | 0 - 2 >= 0
            """)
    void whatMayBeNegativeIsStated(String text, String shapes, boolean answer, @Nullable String conditions) {
        assertAnswer(Domain::isNotNegative, text, shapes, answer, conditions);
    }

    @Test
    void aNegativeNumberIsNegative() {
        assertThat(domain.isNotNegative(nodes.graph.literal(-2))).isFalse();
        assertThat(conditions()).isEmpty();
    }

    @Test
    void aValueIsAboveANumberButNotAboveAnExpression() {
        Node x = node("x", "x:");
        assertThat(domain.isAbove(x, nodes.graph.literal(3))).isTrue();
        assertThat(domain.isAbove(x, x)).isFalse();
        assertThat(domain.isNot(x, -100)).isTrue();
        assertThat(conditions()).isEqualTo("x > 3, x != -100");
    }

    /** A chain of n functions of x has n + 1 nodes; 25 may be stated. */
    @ParameterizedTest
    @CsvSource({"24, true", "25, false"})
    void longConditionsAreNotStated(int functions, boolean answer) {
        Node chain = node("tan(".repeat(functions) + "x" + ")".repeat(functions), "x:");
        assertThat(domain.isNonzero(chain)).isEqualTo(answer);
        assertThat(domain.isNot(chain, 5)).isEqualTo(answer);
        assertThat(domain.conditions()).hasSize(answer ? 2 : 0);
        assertThat(domain.stated()).isEqualTo(answer ? 2 : 0);
    }

    @ParameterizedTest
    @CsvSource({"24, true", "25, false"})
    void longExpressionsAreNotLookedThroughForInputs(int functions, boolean answer) {
        assertThat(domain.isFinite(node("sin(".repeat(functions) + "x" + ")".repeat(functions), "x:"))).isEqualTo(answer);
    }

    @Test
    void aConditionIsKeptOnceAndThoseThatDifferInOnePartAreTwo() {
        for (String text : new String[]{"x[0]", "x[1]", "x[0]", "x[0] + 1", "x[0] + 2", "sum(x)", "sum(x)"}) {
            assertThat(domain.isNot(node(text, "x:3"), 5)).isTrue();
        }
        assertThat(domain.isNot(node("y[0]", "y:3"), 5)).isTrue();
        assertThat(domain.isNot(node("x[0]", "x:3"), 6)).isTrue();
        assertThat(conditions()).isEqualTo("x[0] != 5, x[1] != 5, x[0] + 1 != 5, x[0] + 2 != 5, sum(x) != 5, y[0] != 5, x[0] != 6");
        assertThat(domain.stated()).isEqualTo(9);
    }

    @Test
    void conditionsCanBeTakenBack() {
        Node x = node("x", "x:");
        domain.isNonzero(x);
        int mark = domain.mark();
        domain.isFinite(x);
        assertThat(conditions()).isEqualTo("x != 0, isfinite(x)");
        domain.reset(mark);
        assertThat(conditions()).isEqualTo("x != 0");
        Domain next = new UniqueNodes(Allowance.UNBOUNDED).restrict(Set.of(), domain.conditions());
        assertThat(next.conditions()).hasSize(1);
    }

    @Test
    void aReaderKnowsTheOpsOfTheProgram() {
        assertThat(domain.isWritten("tanh")).isTrue();
        assertThat(domain.isWritten("cosh")).isFalse();
    }
}
