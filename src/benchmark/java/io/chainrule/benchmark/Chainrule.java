package io.chainrule.benchmark;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.FunctionRun;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Runner;
import io.chainrule.core.Shapes;
import io.chainrule.core.execution.ComputePool;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Ours, as a Java program calls it: compiled once, then called with arrays by name. It notes nothing beside its results, as no peer does.
 */
final class Chainrule {
    private Chainrule() {}

    /** The value of a program, on one thread. */
    static Contender value(String program, Map<String, Tensor> inputs) {
        return value(program, inputs, 1);
    }

    static Contender value(String program, Map<String, Tensor> inputs, int threads) {
        return repeated(Program.parse(program).value().withoutRemarks().compile(Shapes.ofValues(inputs)), inputs, threads);
    }

    /** The value of a program and its gradient by these names, on one thread. */
    static Contender gradient(String program, Map<String, Tensor> inputs, String... wrt) {
        return gradient(program, inputs, 1, wrt);
    }

    static Contender gradient(String program, Map<String, Tensor> inputs, int threads, String... wrt) {
        return repeated(compiled(program, inputs, wrt), inputs, threads, wrt);
    }

    /** The same work, of which the value alone is compared. */
    static Contender gradientBesideValue(String program, Map<String, Tensor> inputs, String... wrt) {
        return repeated(compiled(program, inputs, wrt), inputs, 1);
    }

    private static CompiledFunction compiled(String program, Map<String, Tensor> inputs, String... wrt) {
        return Program.parse(program).valueAndGradient(wrt).withoutRemarks().compile(Shapes.ofValues(inputs));
    }

    /**
     * A compiled function, run again and again in the same arrays. A BLAS is given the array that it writes into too, and PyTorch's arrays
     * come from malloc, which gives a run memory that the run before it has freed.
     */
    static Contender repeated(CompiledFunction function, Map<String, Tensor> inputs, int threads, String... wrt) {
        FunctionRun run = function.start(runner(threads).parallel());
        inputs.forEach(run::place);
        int output = function.bound().program().output();
        return new Contender() {
            @Override
            public Object run() {
                run.run();
                return run;
            }

            @Override
            public double[] results() {
                return numbers(Stream.concat(Stream.of(run.value(output)), Arrays.stream(wrt).map(run::gradient)).toList());
            }
        };
    }

    /** Calls of a compiled function, each with arrays of its own; the results are the value, and the gradients by these names. */
    static Contender of(CompiledFunction function, Map<String, Tensor> inputs, String... wrt) {
        return new Contender() {
            private @Nullable Outcome outcome;

            @Override
            public Object run() {
                outcome = function.call(inputs);
                return outcome;
            }

            @Override
            public double[] results() {
                Outcome last = Objects.requireNonNull(outcome);
                return numbers(Stream.concat(Stream.of(last.value()), Arrays.stream(wrt).map(last::gradient)).toList());
            }
        };
    }

    private static Runner runner(int threads) {
        return threads == 1 ? Runner.DIRECT : Runner.on(new ComputePool(threads).with(Checkpoint.NONE));
    }

    /** Calls of a compiled Jacobian or Hessian, whose only block is that of {@code of} by {@code wrt}. */
    static Contender of(CompiledJacobian function, Map<String, Tensor> inputs, String of, String wrt) {
        return Contender.of(() -> function.call(inputs).block(of, wrt).dense().data());
    }

    /** All elements of these tensors, one after another. */
    static double[] numbers(Collection<Tensor> tensors) {
        return tensors.stream().flatMapToDouble(tensor -> Arrays.stream(tensor.data())).toArray();
    }
}
