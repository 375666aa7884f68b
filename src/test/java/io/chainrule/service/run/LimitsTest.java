package io.chainrule.service.run;

import static io.chainrule.service.program.TestService.descriptions;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.matrices;
import static io.chainrule.service.program.TestService.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.Signature;
import io.chainrule.core.LocalJacobians;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.LimitException;
import io.chainrule.service.program.DerivativeForm;
import io.chainrule.service.program.DerivativeFormat;
import io.chainrule.service.program.DerivativeOptions;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.GradientService;
import io.chainrule.service.program.TestService;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every limit is checked before the work that it bounds, and its error names the limit, the size asked for and the property. */
class LimitsTest {
    private static final DerivativeOptions STABLE = new DerivativeOptions(DerivativeForm.STABLE, DerivativeFormat.EXPRESSION, 1, false);

    private static final Tensor MATRIX = Tensor.full(Shape.of(10, 10), 0.5);

    @ParameterizedTest
    @CsvSource({"nodes, 4, 5", "nesting, 2, 3", "tensor-elements, 99, 100", "derived-nodes, 6, 7", "flops, 2000, 4300", "bytes, 1000, 2000",
            "shared-bytes, 1500, 2000"})
    void aGradientBeyondALimitIsRefusedAndNamesIt(String limit, String allowed, long atLeastAsked) {
        Query call = call("f = sum(((A @ A)) ^ 2 + (((1))))", "A", MATRIX);
        assertThatThrownBy(() -> with(limit, allowed).gradient(call, null, Transformation.Locals.NONE))
                .isInstanceOfSatisfying(LimitException.class, e -> {
                    assertThat(e.limit()).isEqualTo(limit);
                    assertThat(e.allowed()).isEqualTo(Long.parseLong(allowed));
                    assertThat(e.asked()).isGreaterThan(e.allowed());
                });
        assertThat(with().gradient(call, null, Transformation.Locals.NONE).result().outcome().value().item()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"nodes, 4", "derived-nodes, 6"})
    void whereCountingStopsAtTheLimitTheErrorSaysMoreThan(String limit, String allowed) {
        Query call = call("f = sum((A @ A) ^ 2 + 1)", "A", MATRIX);
        assertThatThrownBy(() -> with(limit, allowed).gradient(call, null, Transformation.Locals.NONE))
                .isInstanceOfSatisfying(LimitException.class, e -> assertThat(e.isCounted()).isFalse());
    }

    /** Counting stops at some times the limit, or where a node on the way has too many. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            x * A                | 5000 | 10000
            cumsum(x)            | 5000 | 5050
            cumsum(cumsum(x))    | 5000 | more than 5000
            A @ x                | 500  | more than 500
            """)
    void entriesOfSparseJacobiansAreCountedWhereThatIsCheap(String program, String allowed, String need) {
        Query call = call("y = " + program, "A", Tensor.full(Shape.of(100, 100), 0.5), "x", Tensor.full(Shape.of(100), 1));
        assertThatThrownBy(() -> matrices("jacobian-entries", allowed).jacobian(TestService.wrt(call, "x"),
                new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.ENTRIES)))
                .isInstanceOfSatisfying(LimitException.class,
                        e -> assertThat(e.isCounted() ? String.valueOf(e.asked()) : "more than " + e.allowed()).isEqualTo(need));
    }

    @Test
    void jacobianEntriesAreCountedBeforeAnyIsComputed() {
        Query call = call("y = A @ A", "A", MATRIX);
        assertThatThrownBy(() -> matrices("jacobian-entries", "9999").jacobian(call,
                new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.DENSE)))
                .isInstanceOfSatisfying(LimitException.class, e -> assertThat(e.asked()).isEqualTo(10_000));
        assertThat(matrices("jacobian-entries", "10000")
                .jacobian(call, new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.DENSE)).result()
                .function().passes())
                .isEqualTo(100);
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "ALL"})
    void localJacobiansBeyondTheLimitAreLeftOutAndSaySo(Transformation.Locals which) {
        Query call = call("y = sum(A @ A)", "A", MATRIX);
        assertThat(with("jacobian-entries", "9999").gradient(call, null, which).result().jacobians())
                .filteredOn(jacobian -> jacobian.node().equals("matmul_1")).hasSize(2).extracting(LocalJacobians.Local::omitted)
                .allSatisfy(omitted -> assertThat(omitted).startsWith("10000 entries"));
        assertThat(with("jacobian-entries", "20100").gradient(call, null, Transformation.Locals.ALL).result().jacobians())
                .extracting(LocalJacobians.Local::omitted).containsOnlyNulls();
    }

    @Test
    void writtenDerivativesAreCountedBeforeTheyAreWritten() {
        Query program = call("f = sin(x * y) * cos(x / y)", "x", 1, "y", 2);
        assertThat(TestService.symbolic().derivatives(program, Map.of(), STABLE).result()
                .derivatives()).hasSize(2);
        assertThatThrownBy(() -> TestService.symbolic("derived-nodes", "30").derivatives(program, Map.of(), STABLE))
                .isInstanceOfSatisfying(LimitException.class, e -> assertThat(e.limit()).isEqualTo("derived-nodes"));
        assertThatThrownBy(() -> TestService.symbolic("bytes", "50000").derivatives(
                call("f = x * sum(" + "[0.5" + ", 0.5".repeat(999) + "] * y)", "x", 1, "y", 1), Map.of(), STABLE))
                .isInstanceOfSatisfying(LimitException.class, e -> assertThat(e.limit()).isEqualTo("bytes"));
    }

    @Test
    void workBeyondTheTimeIsGivenUp() {
        Query call = TestService.nodes(call("f = sum(A @ A @ A @ A @ A @ A)", "A", Tensor.full(Shape.of(600, 600), 1e-3)),
                new Signature.NodeSelection.None());
        assertThatThrownBy(() -> with("time", "5ms").gradient(call, null, Transformation.Locals.NONE))
                .isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void whatOthersHoldOfTheBudgetIsMissingUntilTheyGiveItBack() {
        Limits limits = TestService.limits("shared-bytes", "1000000");
        Budget budget = new Budget(limits);
        GradientService service = with(limits, budget);
        Query call = call("f = sum(A @ A)", "A", MATRIX);
        Thread.Builder other = Thread.ofPlatform();
        try (var held = new Held(other, budget, 999_000)) {
            assertThat(held.bytes()).isEqualTo(999_000);
            assertThatThrownBy(() -> service.evaluate(call)).isInstanceOfSatisfying(OverloadedException.class,
                    e -> assertThat(e.retryAfter()).isPositive());
        }
        assertThat(service.evaluate(call).result().value().item()).isPositive();
        assertThat(budget.used()).isZero();
    }

    @Test
    void aRefusedRequestGivesItsShareBack() {
        Limits limits = TestService.limits("flops", "100");
        Budget budget = new Budget(limits);
        assertThatThrownBy(() -> with(limits, budget).evaluate(call("f = sum(A @ A)", "A", MATRIX)))
                .isInstanceOf(LimitException.class);
        assertThat(budget.used()).isZero();
    }

    /** A link may cost a tenth of what a request with a body may, and half its time; what is shared stays the same. */
    @Test
    void linksMayHaveATenth() {
        Limits all = TestService.limits("nodes", "1001", "tensor-elements", "10", "bytes", "11", "flops", "20", "time", "4s", "trainings",
                "3",
                "threads", "2", "body-bytes", "50");
        Limits links = all.ofLinks();
        assertThat(links.nodes()).isEqualTo(101);
        assertThat(links.derivedNodes()).isEqualTo(all.derivedNodes() / 10);
        assertThat(links.nesting()).isEqualTo(1_000);
        assertThat(links.tensorElements()).isEqualTo(1);
        assertThat(links.jacobianEntries()).isEqualTo(100_000);
        assertThat(links.bytes()).isEqualTo(2);
        assertThat(links.flops()).isEqualTo(2);
        assertThat(links.answerBytes()).isEqualTo(3_355_444);
        assertThat(links.time()).isBetween(Duration.ofSeconds(2), Duration.ofMillis(2_001));
        assertThat(List.of(links.trainings(), links.threads(), links.bodyBytes(), links.pictureParts(), links.sharedBytes()))
                .isEqualTo(List.of(3, 2, 50L, all.pictureParts(), all.sharedBytes()));
        assertThat(TestService.limits("time", "1ns").ofLinks().time()).as("some time is left").isPositive();
    }

    @Test
    void aReservationWithinAnotherIsGivenBackWithIt() {
        Budget budget = new Budget(TestService.limits("shared-bytes", "100"));
        try (var _ = budget.reserve(10)) {
            try (var _ = budget.reserve(20)) {
                assertThat(budget.used()).isEqualTo(30);
            }
            assertThat(budget.used()).isEqualTo(30);
        }
        assertThat(budget.used()).isZero();
    }

    @Test
    void derivedGraphsTakeTheirMemoryFromTheBudgetAsTheyGrow() {
        Query call = call("f = " + "prod(x) + ".repeat(500) + "1", "x", Tensor.full(Shape.of(1024), 1));
        assertThatThrownBy(() -> with("shared-bytes", "2000000").gradient(call, null, Transformation.Locals.NONE))
                .isInstanceOfSatisfying(LimitException.class, e -> assertThat(e.limit()).isEqualTo("shared-bytes"));
        assertThatThrownBy(() -> with("time", "1ms").gradient(call, null, Transformation.Locals.NONE))
                .isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void aThousandUnknownNamesAreCountedAndAHundredListed() {
        String[] names = IntStream.range(0, 1000).mapToObj(i -> "unknown_" + i).toArray(String[]::new);
        assertThatThrownBy(() -> with().gradient(TestService.wrt(call("f = x", "x", 1), names), null, Transformation.Locals.NONE))
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e.problems()).hasSize(100);
                    assertThat(e.total()).isEqualTo(1000);
                });
    }

    @Test
    void noValueHasMoreThan32Axes() {
        assertThat(with().evaluate(call("sum(reshape(x, shape=" + ones(32) + "))", "x", 3)).result().value())
                .isEqualTo(Tensor.scalar(3));
        assertThatThrownBy(() -> with().evaluate(call("sum(reshape(x, shape=" + ones(33) + "))", "x", 3)))
                .isInstanceOfSatisfying(ProblemException.class,
                        e -> assertThat(e.problems().getFirst().expected()).isEqualTo("at most 32 axes"));
    }

    private static String ones(int rank) {
        return Collections.nCopies(rank, 1).toString();
    }

    @Test
    void describingAProgramTellsItsCostWithoutRunningIt() {
        Answer<Answer.Description> description = descriptions("flops", "1").describe(call("f = sum(A @ B)"),
                Map.of("A", Shape.of(1000, 1000), "B", Shape.of(1000, 1000)));
        assertThat(description.result().cost().forwardFlops()).isEqualTo(2_000_000_000L + 1_000_000L);
        assertThat(description.result().cost().gradientFlops()).isGreaterThan(3 * 2_000_000_000L);
        assertThat(List.of(TestService.inputShape(description, "A"), TestService.inputShape(description, "B")))
                .containsOnly(Shape.of(1000, 1000));
    }

    /** A share of the budget in the hands of another thread. */
    private static final class Held implements AutoCloseable {
        private final CountDownLatch taken = new CountDownLatch(1);
        private final CountDownLatch done = new CountDownLatch(1);
        private final Thread thread;
        private final long bytes;

        Held(Thread.Builder builder, Budget budget, long bytes) {
            this.bytes = bytes;
            thread = builder.start(() -> {
                try (var _ = budget.reserve(bytes)) {
                    taken.countDown();
                    done.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            try {
                taken.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        long bytes() {
            return bytes;
        }

        @Override
        public void close() {
            done.countDown();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
