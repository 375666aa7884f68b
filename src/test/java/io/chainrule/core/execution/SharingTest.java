package io.chainrule.core.execution;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Preparation;
import io.chainrule.core.tensor.Checkpoint;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes that need no computation of their own, because another array has their elements. */
class SharingTest {
    private final GraphBuilder builder = GraphBuilder.withShapes();
    private final Node x = builder.input("x", Shape.of(2, 3));
    private final Tensor value = Tensor.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);

    private static BitSet bits(Node... nodes) {
        BitSet bits = new BitSet();
        Arrays.stream(nodes).forEach(node -> bits.set(node.index()));
        return bits;
    }

    private Plan plan(Node... results) {
        return Plan.of(builder.build(), bits(results));
    }

    private static List<String> executed(Plan plan) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < plan.graph().size(); i++) {
            if (plan.isComputedAlone(i)) {
                names.add(plan.graph().op(i).name());
            }
        }
        return names;
    }

    private Executor run(Plan plan) {
        Executor executor = new Executor(plan, Parallel.NONE);
        executor.place(x.index(), value);
        executor.run();
        return executor;
    }

    @Test
    void whatIsEqualIsComputedOnce() {
        Node first = call("mul", call("exp", x), x);
        Node second = call("mul", call("exp", x), x);
        Node other = call("mul", x, call("exp", x));
        Node sum = call("add", call("add", first, second), other);
        Plan plan = plan(sum, second);
        assertThat(executed(plan)).containsExactly("exp", "mul", "mul", "add", "add");
        assertThat(run(plan).value(second.index())).isEqualTo(run(plan(first)).value(first.index()));
    }

    @Test
    void attributesTellOpsApart() {
        Node sums = call("add", call("sum", Map.of("axis", 0), x), call("sum", Map.of("axis", 0, "keepdims", true), x));
        assertThat(executed(plan(sums))).containsExactly("sum", "sum", "add");
    }

    @Test
    void aPartThatWasJoinedIsNotCopiedBack() {
        Node sine = call("sin", x);
        Node exp = call("exp", x);
        Node joined = call("concatenate", Map.of("axis", 1), sine, exp);
        Node stacked = call("stack", Map.of("axis", 1), exp, sine);
        Node left = call("index", Map.of("at", List.of("...", ":3")), joined);
        Node second = call("index", Map.of("at", List.of(":", 1)), stacked);
        Node across = call("index", Map.of("at", List.of(":", "1:4")), joined);
        Node result = call("sub", left, second);
        assertThat(executed(plan(result))).containsExactly("sin", "sub");
        assertThat(run(plan(result)).value(result.index())).isEqualTo(Tensor.zeros(Shape.of(2, 3)));
        assertThat(executed(plan(across))).containsExactly("sin", "exp", "concatenate", "index");
        assertThat(run(plan(left, joined)).value(left.index())).isEqualTo(run(plan(sine)).value(sine.index()));
    }

    @Test
    void reshapesAreNotCopied() {
        Node twice = call("mul", x, builder.literal(2));
        Node flat = call("reshape", Map.of("shape", List.of(6)), twice);
        Node turned = call("neg", call("reshape", Map.of("shape", List.of(3, 2)), flat));
        Node sine = call("sin", twice);
        Plan plan = plan(turned, flat, sine);
        assertThat(executed(plan)).containsExactly("mul", "neg", "sin");
        Executor executor = run(plan);
        assertThat(executor.value(flat.index())).isEqualTo(Tensor.vector(2, 4, 6, 8, 10, 12));
        assertThat(executor.value(turned.index())).isEqualTo(Tensor.of(Shape.of(3, 2), -2, -4, -6, -8, -10, -12));
    }

    @Test
    void resultsAreNeverTheArraysOfInputs() {
        Node flat = call("reshape", Map.of("shape", List.of(6)), x);
        Node back = call("transpose", call("transpose", x));
        Executor executor = run(plan(flat, back));
        assertThat(executor.value(flat.index()).data()).isNotSameAs(value.data());
        assertThat(executor.value(back.index()).data()).isNotSameAs(value.data()).containsExactly(value.data());
        Node before = call("reshape", Map.of("shape", List.of(3, 2)), x);
        Node again = call("reshape", Map.of("shape", List.of(3, 2)), x);
        Executor second = run(plan(call("sum", before), again));
        assertThat(second.value(again.index()).data()).isNotSameAs(value.data()).containsExactly(value.data());
    }

    @Test
    void productsReadTransposesInPlace() {
        Node square = call("matmul", call("transpose", x), x);
        Node other = call("matmul", x, call("transpose", x));
        Plan plan = plan(square, other);
        assertThat(executed(plan)).containsExactly("matmul", "matmul");
        assertThat(run(plan).value(square.index())).isEqualTo(Tensor.of(Shape.of(3, 3), 17, 22, 27, 22, 29, 36, 27, 36, 45));
        assertThat(run(plan).value(other.index())).isEqualTo(Tensor.of(Shape.of(2, 2), 14, 32, 32, 77));
        Node kept = call("transpose", x);
        Plan both = plan(call("matmul", kept, x), kept);
        assertThat(executed(both)).containsExactly("transpose", "matmul");
    }

    @Test
    void broadcastsAreReadWhereTheyComeFrom() {
        Node column = call("sin", builder.input("column", Shape.of(4, 1)));
        Node wide = builder.input("wide", Shape.of(4, 300));
        Node stretched = call("broadcast_to", Map.of("shape", List.of(4, 300)), column);
        Node number = call("sum", column);
        Node everywhere = call("broadcast_to", Map.of("shape", List.of(4, 300)), number);
        Node product = call("mul", call("mul", stretched, wide), everywhere);
        Plan plan = Plan.of(builder.build(), bits(product), new Checks(bits(stretched, everywhere), bits(stretched, everywhere)),
                Checkpoint.NONE);
        assertThat(executed(plan)).containsExactly("sin", "sum", "mul", "mul");
        Executor executor = new Executor(plan, Parallel.NONE);
        executor.place(wide.index(), Tensor.zeros(Shape.of(4, 300)));
        for (double wrong : new double[]{0, Double.NaN}) {
            executor.place(column.operand(0).index(), Tensor.of(Shape.of(4, 1), 0, 0, wrong, 0));
            executor.run();
            assertThat(executor.sawNonFinite()).isEqualTo(wrong != 0);
            assertThat(executor.firstNonFinite(bits(stretched), bits(everywhere))).containsExactly(wrong == 0 ? -1 : stretched.index(),
                    wrong == 0 ? -1 : everywhere.index());
            assertThat(executor.isZero(stretched.index())).isEqualTo(wrong == 0);
            assertThat(executor.isZero(everywhere.index())).isEqualTo(wrong == 0);
        }
        Node narrow = call("mul", call("broadcast_to", Map.of("shape", List.of(4, 3)), column), builder.input("narrow", Shape.of(4, 3)));
        assertThat(executed(plan(narrow))).as("also where runs are short").containsExactly("sin", "mul");
    }

    /** The slope of tanh is 1 / cosh²; only the derivative of the slope reads tanh itself, which is neither computed nor checked. */
    @Test
    void whatOnlyFurtherDerivativesNeedIsLeftOut() {
        GraphFunction gradient = GraphFunction.of(y -> call("sum", call("tanh", y[0])), Shape.of(3)).vjp();
        Graph graph = gradient.graph();
        BitSet results = new BitSet();
        results.set(gradient.outputs()[0]);
        BitSet all = new BitSet();
        all.set(0, graph.size());
        Plan plan = Plan.of(graph, results, new Checks(all, all), Checkpoint.NONE);
        assertThat(executed(plan)).contains("sech_squared").doesNotContain("tanh");
        assertThat(plan.checks().finite()).isEqualTo(plan.computed());
        assertThat(plan.computed().stream().mapToObj(node -> graph.op(node).name())).contains("tanh_slope").doesNotContain("tanh");
    }

    @Test
    void anArrayLivesAsLongAsItsViews() {
        Node a = call("sin", x);
        Node view = call("reshape", Map.of("shape", List.of(1, 2, 3)), a);
        Node b = call("sum", Map.of("axis", 0), call("exp", a));
        Node c = call("cos", call("sin", x));
        Node late = call("mul", view, call("reshape", Map.of("shape", List.of(1, 2, 3)), call("mul", c, b)));
        Executor together = run(plan(late));
        Executor all = run(plan(IntStream.range(0, builder.build().size()).mapToObj(builder::node).toArray(Node[]::new)));
        assertThat(together.value(late.index())).isEqualTo(all.value(late.index()));
    }

    @Test
    void checksSeeWhatIsShared() {
        Node log = call("log", x);
        Node again = call("log", x);
        Node flat = call("reshape", Map.of("shape", List.of(6)), again);
        Node turned = call("transpose", log);
        Node ofInput = call("reshape", Map.of("shape", List.of(3, 2)), x);
        Node result = call("matmul", call("matmul", call("matmul", turned, again), ofInput),
                call("reshape", Map.of("shape", List.of(2, 3)), flat));
        BitSet checked = bits(again, flat, turned, ofInput);
        Plan plan = Plan.of(builder.build(), bits(result), new Checks(checked, bits(flat, turned, ofInput)), Checkpoint.NONE);
        Executor executor = run(plan);
        assertThat(executor.sawNonFinite()).isFalse();
        assertThat(executor.isZero(flat.index())).isFalse();
        for (double wrong : new double[]{0, Double.NaN}) {
            executor.place(x.index(), Tensor.of(Shape.of(2, 3), 1, 1, wrong, 1, 1, 1));
            executor.run();
            assertThat(executor.sawNonFinite()).isTrue();
            assertThat(executor.firstNonFinite(bits(again), bits(flat), bits(turned), bits(ofInput))).containsExactly(again.index(),
                    flat.index(), turned.index(), wrong == 0 ? -1 : ofInput.index());
        }
        executor.place(x.index(), Tensor.of(Shape.of(2, 3), 1, 1, 1, 1, 1, 1));
        executor.run();
        assertThat(executor.sawNonFinite()).isFalse();
        assertThat(Stream.of(flat, turned).allMatch(node -> executor.isZero(node.index()))).isTrue();
        assertThat(executor.isZero(ofInput.index())).isFalse();
    }

    @Test
    void theRepeatedPartReadsWhatTheFirstPartComputed() {
        Node before = call("exp", x);
        Node seed = builder.input("seed", Shape.of(2, 3));
        Node again = call("mul", call("exp", x), seed);
        int repeatFrom = before.index() + 1;
        Plan plan = Plan.repeating(builder.build(), bits(again), repeatFrom, Checks.NONE, Checkpoint.NONE);
        Executor executor = new Executor(plan, Parallel.NONE);
        executor.place(x.index(), Tensor.zeros(Shape.of(2, 3)));
        executor.place(seed.index(), value);
        executor.run();
        executor.place(seed.index(), Tensor.zeros(Shape.of(2, 3)));
        executor.repeat();
        assertThat(executor.value(again.index())).isEqualTo(Tensor.zeros(Shape.of(2, 3)));
        executor.place(seed.index(), value);
        executor.repeat();
        assertThat(executor.value(again.index())).isEqualTo(value);
    }

    static Stream<OpCase> ops() {
        return OpCase.all();
    }

    /** Of all ops, with first and second derivatives: each value is the one of its op alone. */
    @ParameterizedTest
    @MethodSource("ops")
    void sharingChangesNoBit(OpCase one) {
        GraphFunction function = one.function().vjp().jvp();
        Graph graph = function.graph();
        Random random = new Random(5);
        List<Tensor> operands = one.operands(5);
        List<Tensor> inputs = IntStream.range(0, function.inputs().length).mapToObj(k -> k < operands.size()
                ? operands.get(k)
                : random(random, graph.shape(function.inputs()[k]))).toList();
        Tensor[] alone = alone(function, inputs);
        List<Tensor> together = function.run(inputs);
        for (int k = 0; k < together.size(); k++) {
            assertThat(together.get(k)).isEqualTo(alone[function.outputs()[k]]);
        }
    }

    private static Tensor random(Random random, Shape shape) {
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), _ -> random.nextGaussian());
        return tensor;
    }

    /**
     * The value of each node by its op's own kernel. What is computed from the factors of a transpose is computed from those of the matrix
     * that was transposed.
     */
    private static Tensor[] alone(GraphFunction function, List<Tensor> inputs) {
        Graph graph = function.graph();
        Tensor[] values = new Tensor[graph.size()];
        for (int k = 0; k < inputs.size(); k++) {
            values[function.inputs()[k]] = inputs.get(k);
        }
        for (int i = 0; i < values.length; i++) {
            switch (graph.op(i)) {
                case Leaf.Literal(double number) -> values[i] = Tensor.scalar(number);
                case Leaf.Constant(Tensor constant) -> values[i] = constant;
                case Leaf.Input _ -> assertThat(values[i]).isNotNull();
                default -> {
                    int node = i;
                    values[i] = Tensor.zeros(graph.shape(i));
                    if (values[i].length() > 0) {
                        List<Tensor> operands = IntStream.range(0, graph.operandCount(i)).mapToObj(k -> values[graph.operand(node, k)])
                                .toList();
                        Preparation preparation = graph.op(i).preparation();
                        if (preparation != null && isTransposed(graph, graph.operand(i, 0))) {
                            writeOfTransposed(graph, i, values[graph.operand(graph.operand(i, 0), 0)], operands, values[i], preparation);
                        } else {
                            GraphFunction.write(graph.op(i), operands, values[i], Parallel.NONE);
                        }
                    }
                }
            }
        }
        return values;
    }

    private static boolean isTransposed(Graph graph, int node) {
        return graph.operandCount(node) == 1 && graph.op(node).swapsLastAxes(graph.shape(graph.operand(node, 0)));
    }

    private static void writeOfTransposed(Graph graph, int node, Tensor stored, List<Tensor> operands, Tensor result,
            Preparation preparation) {
        double[] prepared = new double[preparation.shape(stored.shape()).length()];
        preparation.prepare(stored.shape()).run(new double[][]{stored.data()}, prepared, Parallel.NONE);
        boolean[] swapped = new boolean[operands.size()];
        swapped[0] = true;
        double[][] arrays = Stream.concat(operands.stream().map(Tensor::data), Stream.of(prepared)).toArray(double[][]::new);
        graph.op(node).prepareSwapped(graph.operandShapes(node), result.shape(), swapped).run(arrays, result.data(), Parallel.NONE);
    }
}
