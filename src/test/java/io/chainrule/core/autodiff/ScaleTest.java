package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gradients of a million nodes, in the heap that the build gives its tests (1 GiB), against backpropagation by hand. */
class ScaleTest {
    private static final int NODES = 1_000_000;
    private static final int INPUTS = 64;
    private static final Op[] OPS = {GraphFunction.op("sin", Map.of(), 1), GraphFunction.op("tanh", Map.of(), 1),
            GraphFunction.op("mul", Map.of(), 2),
            GraphFunction.op("sub", Map.of(), 2)};

    enum Form {
        CHAIN,
        DAG
    }

    /** A random program as plain arrays: its nodes after the inputs apply {@link #OPS} to nodes before them. */
    private record Tape(int[] ops, int[] left, int[] right) {
        static Tape random(Form form) {
            Random random = new Random(42);
            int[] ops = new int[INPUTS + NODES];
            int[] left = new int[ops.length];
            int[] right = new int[ops.length];
            for (int i = INPUTS; i < ops.length; i++) {
                ops[i] = random.nextInt(OPS.length);
                left[i] = i == INPUTS ? 0 : form == Form.CHAIN ? i - 1 : random.nextInt(i);
                right[i] = form == Form.CHAIN ? random.nextInt(INPUTS) : random.nextInt(Math.max(0, i - 100), i);
            }
            return new Tape(ops, left, right);
        }

        int size() {
            return ops.length;
        }

        double[] values(double[] inputs) {
            double[] v = Arrays.copyOf(inputs, size());
            for (int i = INPUTS; i < size(); i++) {
                double a = v[left[i]];
                double b = v[right[i]];
                v[i] = switch (ops[i]) {
                    case 0 -> Math.sin(a);
                    case 1 -> Math.tanh(a);
                    case 2 -> a * b;
                    default -> a - b;
                };
            }
            return v;
        }

        double[] gradients(double[] v) {
            double[] g = new double[size()];
            g[size() - 1] = 1;
            for (int i = size() - 1; i >= INPUTS; i--) {
                double a = v[left[i]];
                double b = v[right[i]];
                switch (ops[i]) {
                    case 0 -> g[left[i]] += g[i] * Math.cos(a);
                    case 1 -> g[left[i]] += g[i] / (Math.cosh(a) * Math.cosh(a));
                    case 2 -> {
                        g[left[i]] += g[i] * b;
                        g[right[i]] += g[i] * a;
                    }
                    default -> {
                        g[left[i]] += g[i];
                        g[right[i]] -= g[i];
                    }
                }
            }
            return g;
        }

        Graph graph() {
            GraphBuilder builder = GraphBuilder.withShapes();
            for (int i = 0; i < INPUTS; i++) {
                builder.input("x" + i, Shape.SCALAR);
            }
            for (int i = INPUTS; i < size(); i++) {
                if (ops[i] < 2) {
                    builder.add(OPS[ops[i]], left[i]);
                } else {
                    builder.add(OPS[ops[i]], left[i], right[i]);
                }
            }
            return builder.build();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_million_scalar_nodes(Form form) {
        Tape tape = Tape.random(form);
        double[] inputs = new Random(7).doubles(INPUTS, -1, 1).toArray();
        double[] values = tape.values(inputs);
        double[] exact = tape.gradients(values);

        Graph primal = tape.graph();
        int output = primal.size() - 1;
        GraphBuilder builder = GraphBuilder.extending(primal, Allowance.UNBOUNDED);
        BitSet wrt = new BitSet();
        wrt.set(0, INPUTS);
        int[] cotangents = ReverseMode.cotangents(primal, builder, Map.of(output, builder.literal(1)), wrt);
        BitSet results = new BitSet();
        results.set(output);
        IntStream.range(0, INPUTS).filter(i -> cotangents[i] >= 0).forEach(i -> results.set(cotangents[i]));
        Executor executor = new Executor(Plan.of(builder.build(), results), Parallel.NONE);
        for (int i = 0; i < INPUTS; i++) {
            executor.place(i, Tensor.scalar(inputs[i]));
        }
        executor.run();

        assertThat(executor.value(output).item()).isEqualTo(values[output]);
        double largest = Arrays.stream(exact, 0, INPUTS).map(Math::abs).max().orElseThrow();
        assertThat(largest).as("a gradient worth comparing").isFinite().isGreaterThan(1e-3);
        for (int i = 0; i < INPUTS; i++) {
            double actual = cotangents[i] < 0 ? 0 : executor.value(cotangents[i]).item();
            assertThat(actual).isCloseTo(exact[i], within(1e-9 * largest));
        }
    }

    /** One array read element by element: its gradient is one array, not one for each element. */
    @Test
    void a_hundred_thousand_elements() {
        int n = 100_000;
        GraphFunction f = GraphFunction.of(x -> {
            List<Node> squares = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                squares.add(GraphFunction.call("square", GraphFunction.call("index", Map.of("at", List.of(i)), x[0])));
            }
            return GraphFunction.call("sum", GraphFunction.call("stack", squares.toArray(Node[]::new)));
        }, Shape.of(n));
        double[] x = new Random(3).doubles(n).toArray();
        assertThat(f.vjp(0).apply(Tensor.vector(x), Tensor.scalar(1)).data()).isEqualTo(Arrays.stream(x).map(value -> 2 * value).toArray());
    }
}
