package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.gradient;
import static io.chainrule.service.program.TestService.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.service.program.TestService.Found;
import io.chainrule.core.language.Language;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the service says of programs that gather, order and summarise. */
class ArrayProgramsTest {
    @Test
    void anIndexThatPointsNowhereIsToldWithItsNode() {
        assertThatThrownBy(() -> gradient(call("y = take(x, i, axis=0)\nf = sum(y)", "x", vector(1, 2), "i", vector(0, 5))))
                .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .satisfies(e -> assertThat(e.problems()).singleElement().satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
                    assertThat(problem.node()).isEqualTo("y");
                    assertThat(problem.operand()).isEqualTo(1);
                }));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            class_index(c, num_classes=2)           | 0 | the label 2 at [1] is none of the 2 classes
            cross_entropy(x, c)                     | 1 | the label 2 at [1] is none of the 2 classes
            hinge_loss(x, c)                        | 1 | the label 2 at [1] is none of the 2 classes
            embedding(c, x)                         | 0 | embedding: index 2 is out of range for axis 0, which has length 2
            take(x, c, axis=0)                      | 1 | take: index 2 is out of range for axis 0, which has length 2
            scatter_add(x, c, [0, 0], axis=1)       | 1 | scatter_add: index 2 is out of range for axis 1, which has length 2
            one_hot(c + 1, num_classes=3)           | 0 | one_hot: index 3 is out of range for axis 1, which has length 3
            take_along_axis(x, [c, c])              | 1 | take_along_axis: index 2 is out of range for axis 1, which has length 2
            """)
    void aLabelOrIndexThatNamesNothingTellsItsNodeAndOperand(String expression, int operand, String message) {
        assertThatThrownBy(
                () -> gradient(call("y = " + expression + "\nf = sum(y)", "x", new double[][]{{1, 2}, {3, 4}}, "c", vector(0, 2))))
                .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .satisfies(e -> assertThat(e.problems()).singleElement().satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
                    assertThat(problem.node()).isEqualTo("y");
                    assertThat(problem.operand()).isEqualTo(operand);
                    assertThat(problem.message()).endsWith(message);
                }));
    }

    @Test
    void theDeviationOfEqualNumbersSitsOnItsKink() {
        Found answer = gradient(call("f = std(x)", "x", vector(0.1, 0.1, 0.1)));
        assertThat(TestService.at(answer.gradients(), "x").data()).containsExactly(0, 0, 0);
        assertThat(answer.diagnostics()).filteredOn(d -> d.kind().equals("kink")).singleElement().satisfies(d -> {
            assertThat(d.message(Language.EN)).contains("deviation of equal numbers");
        });
    }

    @Test
    void anIndexHasAZeroDerivative() {
        assertThat(gradient(call("f = x[0] * take(x, i)", "x", vector(1, 2), "i", 1)).diagnostics()).singleElement()
                .satisfies(d -> assertThat(d.kind() + " " + d.node()).isEqualTo("zero-derivative i"));
    }
}
