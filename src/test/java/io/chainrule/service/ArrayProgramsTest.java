package io.chainrule.service;

import static io.chainrule.service.TestService.call;
import static io.chainrule.service.TestService.gradient;
import static io.chainrule.service.TestService.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

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

    @Test
    void theDeviationOfEqualNumbersSitsOnItsKink() {
        Answer.Gradient answer = gradient(call("f = std(x)", "x", vector(0.1, 0.1, 0.1)));
        assertThat(TestService.at(answer.gradients(), "x").data()).containsExactly(0, 0, 0);
        assertThat(answer.diagnostics()).singleElement().satisfies(d -> {
            assertThat(d.kind()).isEqualTo("kink");
            assertThat(d.message()).contains("deviation of equal numbers");
        });
    }

    @Test
    void anIndexHasAZeroDerivative() {
        assertThat(gradient(call("f = x[0] * take(x, i)", "x", vector(1, 2), "i", 1)).diagnostics()).singleElement()
                .satisfies(d -> assertThat(d.kind() + " " + d.node()).isEqualTo("zero-derivative i"));
    }
}
