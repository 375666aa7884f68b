package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.CheckReport;
import io.chainrule.core.CheckOptions;
import io.chainrule.core.Signature;
import io.chainrule.core.graph.LimitException;
import io.chainrule.service.run.Query;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Differences against derivatives: agreement is told from kinks, jumps and rounding. */
class CheckServiceTest {

    private static CheckReport check(Query call, int order) {
        return TestService.checks().check(call, new CheckOptions(0x1p-7, 1e-4, order, 1000)).result();
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "f = sum(tanh(W @ x)^2)",
            "f = -log_softmax(W @ x)[1]",
            "f = sum(exp(10 * W)) + x[0]^5",
            "f = sum(sin(100 * x)) * mean(W)",
            "f = logsumexp(W @ x * 300)",
            "f = norm(W) + prod(x)",
            "f = sum(log(W^2 + 1e-6)) * sum(sqrt(x^2 + 1))",
    })
    void smoothProgramsPassAtBothOrders(String program) {
        Query call = call(program, "W", new double[][]{{0.1, 0.5}, {-0.3, 0.8}, {0.7, -0.2}}, "x", new double[]{0.2, 0.4});
        for (int order = 1; order <= 2; order++) {
            CheckReport answer = check(call, order);
            assertThat(answer.passed()).as("%s", answer).isTrue();
            assertThat(answer.checks()).hasSize(order == 1 ? 2 : 4).allSatisfy(one -> {
                assertThat(one.maxRelativeError()).as("%s", one).isLessThan(1e-6);
                assertThat(one.checked()).isEqualTo(one.of());
                assertThat(one.notes()).extracting(CheckReport.Note::kind).doesNotContain("kink", "jump");
            });
        }
    }

    /** Entries of very different size in one input, and an input of zeros. */
    @Test
    void theStepFitsEachEntry() {
        CheckReport answer = check(
                call("f = sum(log(x)) + sum(exp(z)) + sin(y)", "y", 1e10, "x", new double[]{1e-12, 1e-3, 1, 1e9}, "z", new double[]{0, 0}),
                1);
        assertThat(answer.checks()).allSatisfy(one -> {
            assertThat(one.verdict()).as("%s", one).isEqualTo("good");
            assertThat(one.notes()).extracting(CheckReport.Note::kind).doesNotContain("jump", "kink");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            kink  | relu(x)                       | 0
            kink  | abs(x - 2)                    | 2
            kink  | maximum(x, 3 * x)             | 0
            kink  | sqrt(x)                       | 0
            jump  | floor(x) + x                  | 3
            jump  | where(x > 1, 2 * x, 0)        | 1
            noise | (1e16 + x) - 1e16             | 1
            noise | ((1e12 + x / 3) - 1e12)^2     | 3.3
            noise | log(1 + x) / x                | 1e-13
            kink  | cbrt(x)                       | 0
            """)
    void whatDifferencesCannotTellIsSaidAndNotFailed(String kind, String program, double x) {
        CheckReport answer = check(call("f = " + program, "x", x), 1);
        assertThat(answer.checks().getFirst().notes()).as("%s", answer).extracting(CheckReport.Note::kind).containsExactly(kind);
        assertThat(answer.passed()).isTrue();
    }

    @Test
    void theNodeWhereTermsCancelIsNamed() {
        CheckReport answer = check(call("s = 1e12 + x / 3\nf = (s - 1e12)^2", "x", 3.3), 1);
        assertThat(answer.checks().getFirst().notes()).singleElement()
                .satisfies(note -> assertThat(note.message()).contains("'s' (add)"));
    }

    /** stop_gradient makes a derivative that is none, which must be found out. */
    @ParameterizedTest
    @ValueSource(strings = {"x * stop_gradient(x)", "relu(x) * stop_gradient(x)", "sin(stop_gradient(x))"})
    void aWrongDerivativeFails(String program) {
        CheckReport answer = check(call("f = sum(" + program + ")", "x", new double[]{1.5, 0.25}), 1);
        assertThat(answer.passed()).isFalse();
        assertThat(answer.checks().getFirst().verdict()).isEqualTo("wrong");
        assertThat(answer.checks().getFirst().notes()).isEmpty();
    }

    @Test
    void aWrongSecondDerivativeFailsAtOrderTwoOnly() {
        Query call = call("f = x * stop_gradient(x) / 2 + stop_gradient(x) * x / 2 + y^3", "x", 2, "y", 3);
        CheckReport answer = check(call, 2);
        assertThat(answer.passed()).isFalse();
        assertThat(answer.checks()).filteredOn(one -> one.verdict().equals("wrong"))
                .singleElement().satisfies(one -> assertThat(one.wrt() + one.by()).isEqualTo("xx"));
    }

    @Test
    void largeInputsAreSampledAndOneDirectionGoesThroughAll() {
        double[] x = IntStream.range(0, 3000).mapToDouble(i -> Math.sin(i) + 2).toArray();
        CheckReport answer = TestService.checks().check(call("f = sum(log(x)) * y", "x", x, "y", 0.5),
                new CheckOptions(0x1p-7, 1e-4, 1, 50)).result();
        assertThat(answer.checks().getFirst().checked()).isEqualTo(50);
        assertThat(answer.checks().getFirst().of()).isEqualTo(3000);
        assertThat(answer.direction()).isNotNull().satisfies(direction -> {
            assertThat(direction.verdict()).isEqualTo("good");
            assertThat(direction.analytic()).isNotZero();
        });
        assertThat(answer.passed()).isTrue();
    }

    /** Runs one after the other hold no more memory than one of them. */
    @Test
    void aLargeInputIsCheckedWithinTheBudget() {
        Query call = call("f = sum(sin(x)^2)", "x", IntStream.range(0, 100_000).mapToDouble(i -> 0.1 * (i % 71)).toArray());
        CheckOptions options = new CheckOptions(0x1p-7, 1e-4, 1, 100);
        assertThat(TestService.checks("shared-bytes", "100000000").check(call, options).result().passed()).isTrue();
    }

    @Test
    void anEntryThatTheSampleMissesIsFoundByTheDirection() {
        double[] x = IntStream.range(0, 200).mapToDouble(i -> i + 1).toArray();
        CheckReport answer = TestService.checks().check(call("f = sum(x^2) + 1000 * x[0] * stop_gradient(x[0])", "x", x),
                new CheckOptions(0x1p-7, 1e-4, 1, 1)).result();
        assertThat(answer.checks().getFirst().checked()).isEqualTo(1);
        assertThat(answer.passed()).isFalse();
    }

    @Test
    void nodesInsideAndUnmentionedInputsCanBeChecked() {
        Query call = TestService.wrt(call("h = x^2\nf = h * sin(x)", "x", 1.5, "z", 4), "x", "h", "z");
        CheckReport answer = check(call, 1);
        assertThat(answer.checks()).extracting(CheckReport.InputCheck::verdict).containsOnly("good");
        assertThat(answer.checks().get(1).worst()).isNotNull()
                .satisfies(worst -> assertThat(worst.analytic()).isEqualTo(Math.sin(1.5)));
    }

    @Test
    void aBatchIsCheckedAsTheSumOfItsSamples() {
        Query call = batch(call("f = tanh(w * x)", "w", 0.5, "x", new double[]{1, 2, 3}), Signature.Reduction.NONE, "x");
        CheckReport answer = check(call, 1);
        assertThat(answer.checks()).extracting(CheckReport.InputCheck::of).containsExactly(1L, 3L);
        assertThat(answer.passed()).isTrue();
    }

    @Test
    void emptyInputsAndValuesThatAreNotFiniteAreNoFailureOfTheService() {
        assertThat(check(call("f = sum(x) + y", "x", Tensor.zeros(Shape.of(0, 3)), "y", 1), 1).passed()).isTrue();
        CheckReport answer = check(call("f = log(x)", "x", -1), 1);
        assertThat(answer.passed()).isFalse();
        assertThat(answer.checks().getFirst().notes()).extracting(CheckReport.Note::kind).containsExactly("undefined");
    }

    /** Second derivatives that are zero, or nearly, beside values of order 1: differences of the gradient see nothing but rounding. */
    @ParameterizedTest
    @ValueSource(strings = {"f = mean((group_norm(x, [1, 1, 1, 1], [0, 0, 0, 0], groups=2) @ [0.3, -0.2, 0.7, 0.4] - 1)^2)",
            "h = x @ W\nm = mean(h, axis=0)\nf = mean((((h - m) / sqrt(var(h, axis=0, correction=0) + 1e-5)) @ [0.3, 0.4] - 1)^2)",
            "f = sum(softmax(100 * x)^2) + sum(layer_norm(x, [1, 1, 1, 1], [0, 0, 0, 0])^2)"})
    void secondDerivativesThatVanishPass(String program) {
        CheckReport answer = check(call(program, "x", new double[][]{{1, 2, 5, 3}, {0.3, 0.5, -1, 2}, {4, 4.5, 0.1, 1}},
                "W", new double[][]{{0.1, -0.4}, {0.3, 0.2}, {0.5, 0.6}, {-0.7, 0.8}}), 2);
        assertThat(answer.passed()).as("%s", answer).isTrue();
        assertThat(answer.checks())
                .allSatisfy(one -> assertThat(one.notes()).extracting(CheckReport.Note::kind).doesNotContain("jump", "kink"));
    }

    @Test
    void aKinkOfTheGradientDoesNotFailItsDerivative() {
        assertThat(check(call("f = abs(x)^3", "x", 0), 2).passed()).isTrue();
    }

    /** A staircase of fine steps: flat at the point, though not for large steps. */
    @Test
    void stepsBecomeSmallEnough() {
        CheckReport answer = check(call("f = round(x * 1e6) / 1e6", "x", 0.3), 1);
        assertThat(answer.passed()).as("%s", answer).isTrue();
    }

    @Test
    void workIsLimitedBeforeItIsDone() {
        double[][] w = new double[200][200];
        assertThatThrownBy(() -> TestService.checks("flops", "1000000").check(call("f = sum((W @ W)^2)", "W", w), CheckOptions.DEFAULT))
                .isInstanceOf(LimitException.class);
    }
}
