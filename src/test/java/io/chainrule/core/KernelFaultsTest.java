package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.chainrule.core.execution.ComputePool;
import io.chainrule.core.execution.FaultyPlan;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where an instruction of a plan fails, the call fails with it, and the next call of the same function has the right bits. */
class KernelFaultsTest {
    private static final List<Supplier<Throwable>> FAULTS = List.of(() -> new ArithmeticException("made"),
            () -> new OutOfMemoryError("made"),
            () -> new StackOverflowError("made"));
    /** So many of the moments at which a run asks whether it may go on are tried. */
    private static final int MOMENTS = 40;

    static Stream<BitsAndPlansTest.Case> programs() {
        return Stream.concat(BitsAndPlansTest.programs(), Stream.of(
                new BitsAndPlansTest.Case("scalars alone", "f = sigmoid(w * x + b) * exp(-x^2) / (1 + b^2)", "x, w, b", "x,w,b"),
                new BitsAndPlansTest.Case("factors of a matrix",
                        "f = sum(svdvals(A)) + sum(qr_q(A)^3) + trace(cholesky(A.T @ A + eye(n=5)))", "A 5 5", "A"),
                new BitsAndPlansTest.Case("scans and sorting", "f = sum(cumsum(sort(x)) * x[::-1]) + max(x) * logsumexp(x)", "x 40", "x")));
    }

    private static List<Tensor> results(CompiledFunction function, BitsAndPlansTest.Case one, Map<String, Tensor> values,
            Parallel parallel) {
        Outcome outcome = function.call(values, Map.of(), Runner.on(parallel));
        List<Tensor> results = new ArrayList<>(List.of(outcome.value()));
        for (String name : one.wrt().split(",", -1)) {
            results.add(outcome.gradient(name));
        }
        return results;
    }

    @ParameterizedTest
    @MethodSource("programs")
    void everyInstructionMayFail(BitsAndPlansTest.Case one) {
        Map<String, Tensor> values = one.values();
        CompiledFunction function = Program.parse(one.program()).valueAndGradient(one.wrt().split(",", -1))
                .compile(Shapes.ofValues(values));
        List<Tensor> right = results(function, one, values, Parallel.NONE);
        List<Plan> plans = Reachable.from(function).of(Plan.class);
        assertThat(plans).hasSize(1);
        int instructions = FaultyPlan.instructions(plans.getFirst());
        assertThat(instructions).isPositive();
        for (int i = 0; i < instructions; i++) {
            Throwable fault = FAULTS.get(i % FAULTS.size()).get();
            try (FaultyPlan faulty = new FaultyPlan(plans.getFirst(), i, () -> fault)) {
                assertThat(catchThrowable(() -> results(function, one, values, Parallel.NONE))).as("%s", faulty).isSameAs(fault);
            }
            assertThat(results(function, one, values, Parallel.NONE)).as("after instruction %s had failed", i).isEqualTo(right);
        }
    }

    /** A fault within a loop that threads share ends it on all of them, and all of them may help again. */
    @ParameterizedTest
    @MethodSource("programs")
    void runsMayFailAnywhereOnSeveralThreads(BitsAndPlansTest.Case one) {
        Map<String, Tensor> values = one.values();
        CompiledFunction function = Program.parse(one.program()).valueAndGradient(one.wrt().split(",", -1))
                .compile(Shapes.ofValues(values));
        AtomicInteger asked = new AtomicInteger();
        List<Tensor> right = results(function, one, values, Parallel.onThisThread(asked::incrementAndGet));
        AtomicInteger given = new AtomicInteger();
        ComputePool.Permits counted = permits(given);
        try (ComputePool pool = new ComputePool(3, counted)) {
            for (int i = 0; i < Math.min(MOMENTS, asked.get()); i++) {
                Throwable fault = FAULTS.get(i % FAULTS.size()).get();
                int moment = (int) ((long) i * asked.get() / Math.min(MOMENTS, asked.get()));
                AtomicInteger left = new AtomicInteger(moment);
                Checkpoint failing = () -> {
                    if (left.getAndDecrement() <= 0) {
                        KernelFaultsTest.<RuntimeException>raise(fault);
                    }
                };
                assertThat(catchThrowable(() -> results(function, one, values, sharing(pool.with(failing))))).isSameAs(fault);
                assertThat(results(function, one, values, sharing(pool.with(Checkpoint.NONE)))).as("after the fault at moment %s", moment)
                        .isEqualTo(right);
            }
        }
        assertThat(given.get()).as("permits of helpers that were not given back").isZero();
    }

    private static ComputePool.Permits permits(AtomicInteger given) {
        return new ComputePool.Permits() {
            @Override
            public boolean tryTake() {
                given.incrementAndGet();
                return true;
            }

            @Override
            public void giveBack() {
                given.decrementAndGet();
            }

            @Override
            public boolean isWanted() {
                return false;
            }
        };
    }

    /** Shares loops however short they are. */
    private static Parallel sharing(Parallel pool) {
        return new Parallel() {
            @Override
            public int threads() {
                return pool.threads();
            }

            @Override
            public void run(int parts, IntConsumer part) {
                pool.run(parts, part);
            }

            @Override
            public int operationsAPart() {
                return 1;
            }

            @Override
            public void check() {
                pool.check();
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void raise(Throwable fault) throws E {
        throw (E) fault;
    }
}
