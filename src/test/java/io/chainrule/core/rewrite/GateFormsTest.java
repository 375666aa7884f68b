package io.chainrule.core.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.expression.ExpressionParser;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Gates opened into circuits, circuits closed into gates: the same program, value and gradient. */
class GateFormsTest {
    private static final ExpressionParser.Limits LIMITS = new ExpressionParser.Limits(200_000, 100);
    private static final Map<String, Shape> SHAPES = Map.of("u", Shape.of(3), "v", Shape.of(3), "s", Shape.SCALAR, "x", Shape.of(2, 3), "q",
            Shape.of(3, 3), "t", Shape.of(2, 3, 4));

    static Stream<OpCase> gates() {
        return OpCase.all().filter(one -> one.op().isGate());
    }

    /** Those with a kernel of their own, as they are without attributes but axes. */
    static Stream<OpCase> closable() {
        return gates().filter(one -> !one.op().isComposite() || one.definition().name().equals("squared_norm"))
                .filter(one -> Set.of("axis", "keepdims").containsAll(one.op().attributes().keySet()))
                .filter(one -> !List.of().equals(one.op().attributes().get("axis")) && one.shapes().getFirst().rank() > 0);
    }

    @ParameterizedTest
    @MethodSource("gates")
    void opening_changes_neither_value_nor_gradient(OpCase one) {
        NamedGraph opened = Gates.open(program(one), Allowance.UNBOUNDED);
        assertThat(ops(opened)).noneMatch(Op::isGate);
        assertSameFunction(one, opened);
    }

    @ParameterizedTest
    @MethodSource("closable")
    void closing_matches_what_opening_writes(OpCase one) {
        NamedGraph closed = Gates.close(Gates.open(program(one), Allowance.UNBOUNDED), new BitSet());
        assertThat(closed.graph().op(closed.output()).name()).isEqualTo(one.definition().name());
        assertThat(closed.graph().size()).isEqualTo(one.shapes().size() + 1);
        assertSameFunction(one, closed);
    }

    @Test
    void the_known_gates_are_these() {
        assertThat(OpCatalogue.all().stream().filter(definition -> OpCase.of(definition).limit(1).anyMatch(one -> one.op().isGate()))
                .filter(definition -> !definition.family().name().equals("COMPOSITE")).map(definition -> definition.name())).contains(
                        "sigmoid", "tanh", "softplus", "silu", "softmax", "log_softmax", "logsumexp", "gelu", "mish", "logit", "logaddexp",
                        "log_sigmoid", "softsign", "tanhshrink");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 / (1 + exp(-u))                                    | sigmoid(u)
            1 / (exp(-u) + 1)                                    | sigmoid(u)
            reciprocal(1 + exp(-u))                              | sigmoid(u)
            (1 + exp(-u))^-1                                     | sigmoid(u)
            exp(u) / (1 + exp(u))                                | sigmoid(u)
            exp(u) / (exp(u) + 1)                                | sigmoid(u)
            0.5 * (1 + tanh(u / 2))                              | sigmoid(u)
            (tanh(0.5 * u) + 1) * 0.5                            | sigmoid(u)
            (1 + tanh(u / 2)) / 2                                | sigmoid(u)
            1 / (1 + exp(-(u * v + s)))                          | sigmoid(u * v + s)
            exp(u * v + s) / (1 + exp(u * v + s))                | sigmoid(u * v + s)
            (exp(u) - exp(-u)) / (exp(u) + exp(-u))              | tanh(u)
            (exp(u) - exp(-u)) / (exp(-u) + exp(u))              | tanh(u)
            (1 - exp(-2 * u)) / (1 + exp(-2 * u))                | tanh(u)
            (exp(2 * u) - 1) / (exp(2 * u) + 1)                  | tanh(u)
            2 * sigmoid(2 * u) - 1                               | tanh(u)
            2 * (1 / (1 + exp(-(2 * u)))) - 1                    | tanh(u)
            sinh(u) / cosh(u)                                    | tanh(u)
            log(1 + exp(u))                                      | softplus(u)
            log(exp(u) + 1)                                      | softplus(u)
            log1p(exp(u))                                        | softplus(u)
            u * sigmoid(u)                                       | silu(u)
            u * (1 / (1 + exp(-u)))                              | silu(u)
            u / (1 + exp(-u))                                    | silu(u)
            u * tanh(log(1 + exp(u)))                            | mish(u)
            log(1 / (1 + exp(-u)))                               | log_sigmoid(u)
            log(sum(exp(u)))                                     | logsumexp(u)
            log(sum(exp(x), axis=1))                             | logsumexp(x, axis=[1])
            log(sum(exp(x), axis=-1, keepdims=true))             | logsumexp(x, axis=[1], keepdims=true)
            log(sum(exp(t), axis=[0, 2]))                        | logsumexp(t, axis=[0, 2])
            max(u) + log(sum(exp(u - max(u))))                   | logsumexp(u)
            exp(u) / sum(exp(u))                                 | softmax(u)
            exp(x) / sum(exp(x), axis=0)                         | softmax(x, axis=0)
            exp(x) / sum(exp(x), axis=1, keepdims=true)          | softmax(x)
            exp(u - max(u)) / sum(exp(u - max(u)))               | softmax(u)
            exp(x - max(x, axis=0)) / sum(exp(x - max(x, axis=0)), axis=1, keepdims=true) | softmax(x - max(x, axis=[0]))
            log(exp(u) / sum(exp(u)))                            | log_softmax(u)
            u - log(sum(exp(u)))                                 | log_softmax(u)
            u - max(u) - log(sum(exp(u - max(u))))               | log_softmax(u)
            log(exp(u) + exp(v))                                 | logaddexp(u, v)
            sum(u^2)                                             | squared_norm(u)
            sum(u * u)                                           | squared_norm(u)
            sum(x^2, axis=1)                                     | squared_norm(x, axis=[1])
            dot(u, u)                                            | squared_norm(u)
            u @ u                                                | squared_norm(u)
            sqrt(sum(u^2))                                       | norm(u)
            """)
    void a_known_circuit_is_closed(String circuit, String gate) {
        NamedGraph written = parse(circuit);
        NamedGraph closed = Gates.close(written, new BitSet());
        assertThat(ExpressionPrinter.print(closed)).isEqualTo(gate);
        assertThat(closed.outputId()).isEqualTo(written.outputId());
        List<Tensor> values = written.inputs().stream().map(input -> random(written.graph().shape(input), 7)).toList();
        assertClose(function(closed).run(values).getFirst(), function(written).run(values).getFirst());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 / (2 + exp(-u))
            2 / (1 + exp(-u))
            1 / (1 + exp(u))
            1 / (1 - exp(-u))
            exp(u) / (1 + exp(v))
            u / (1 + exp(-v))
            0.5 * (1 + tanh(u / 3))
            (exp(u) + exp(-u)) / (exp(u) - exp(-u))
            exp(x) / sum(exp(x))
            exp(t) / sum(exp(t), axis=[0, 1])
            exp(q) / sum(exp(q), axis=1)
            exp(u) / sum(exp(v))
            exp(q - max(q, axis=1)) / sum(exp(q - max(q, axis=1)), axis=1)
            q @ q
            a = u * v⏎b = u * v⏎exp(a) / (1 + exp(b))
            exp(u * v) / (1 + exp(u * s))
            exp(2 * u) / (1 + exp(3 * u))
            u * tanh(softplus(u, beta=2))
            sum(u * v)
            sum(u^3)
            """)
    void a_near_miss_is_left_alone(String circuit) {
        NamedGraph written = parse(circuit);
        assertThat(names(Gates.close(written, new BitSet()))).isEqualTo(names(written));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            e = exp(-u)⏎y = 1 / (1 + e)                  | y | y = sigmoid(u)
            e = exp(-u)⏎y = 1 / (1 + e)⏎f = y * e        | f | e = exp(-u)⏎y = 1 / (1 + e)⏎f = y * e
            e = exp(u)⏎p = e / sum(e)⏎f = -log(p[2])     | f | p = softmax(u)⏎f = -log(p[2])
            a = 1 + exp(-u)⏎y = 1 / a⏎a                  | output | a = 1 + exp(-u)⏎y = 1 / a⏎a
            z = u * v⏎y = z * (1 / (1 + exp(-z)))⏎y + z  | output | z = u * v⏎y = silu(z)⏎y + z
            """)
    void what_something_else_reads_is_not_closed_over(String text, String output, String expected) {
        NamedGraph closed = Gates.close(parse(text), new BitSet());
        assertThat(closed.outputId()).isEqualTo(output);
        assertThat(ExpressionPrinter.print(closed)).isEqualTo(expected.replace('⏎', '\n'));
    }

    @Test
    void a_node_that_is_kept_is_not_closed_over() {
        NamedGraph written = parse("e = exp(-u)\ny = 1 / (1 + e)");
        BitSet kept = new BitSet();
        kept.set(Objects.requireNonNull(written.find("e")));
        assertThat(names(Gates.close(written, kept))).isEqualTo(names(written));
    }

    @Test
    void nodes_inside_a_gate_are_called_after_it_and_all_others_keep_their_ids() {
        NamedGraph written = parse("h = tanh(sigmoid(u))\nsum(h * sigmoid(v))");
        NamedGraph opened = Gates.open(written, Allowance.UNBOUNDED);
        assertThat(ids(opened)).containsExactly("u", "sigmoid_1/neg_1", "sigmoid_1/exp_1", "sigmoid_1/add_1", "sigmoid_1", "h/exp_1",
                "h/neg_1", "h/exp_2", "h/sub_1", "h/add_1", "h", "v", "sigmoid_2/neg_1", "sigmoid_2/exp_1",
                "sigmoid_2/add_1", "sigmoid_2", "mul_1", "output");
        assertThat(opened.position(Objects.requireNonNull(opened.find("sigmoid_2/exp_1"))))
                .isEqualTo(written.position(Objects.requireNonNull(written.find("sigmoid_2"))));
    }

    @Test
    void only_the_gates_that_are_named_are_opened_and_those_inside_them() {
        NamedGraph written = parse("p = mish(u)\nf = sum(p * sigmoid(v))");
        BitSet gates = new BitSet();
        gates.set(Objects.requireNonNull(written.find("p")));
        NamedGraph opened = Gates.open(written, gates, Allowance.UNBOUNDED);
        assertThat(names(opened)).contains("sigmoid").doesNotContain("mish", "tanh", "softplus");
        assertThat(names(Gates.open(written, new BitSet(), Allowance.UNBOUNDED))).isEqualTo(names(written));
        gates.set(0, written.graph().size());
        assertThat(names(Gates.open(written, gates, Allowance.UNBOUNDED)))
                .isEqualTo(names(Gates.open(written, Allowance.UNBOUNDED)));
    }

    @Test
    void an_opened_program_is_printed_so_that_it_parses() {
        NamedGraph opened = Gates.open(parse("p = softmax(u)\nf = -log(p[0])"), Allowance.UNBOUNDED);
        NamedGraph again = parse(ExpressionPrinter.print(opened));
        assertThat(names(again)).isEqualTo(names(opened));
    }

    @Test
    void opening_counts_against_the_limit() {
        assertThatThrownBy(() -> Gates.open(parse("sigmoid(u)"), Allowance.nodes(3))).isInstanceOf(LimitException.class);
    }

    @Test
    void a_long_chain_closes_in_linear_time() {
        GraphBuilder builder = GraphBuilder.withShapes();
        int node = builder.input("x", Shape.SCALAR).index();
        int one = builder.literalIndex(1);
        for (int i = 0; i < 50_000; i++) {
            int e = builder.add(GraphFunction.op("exp", Map.of(), 1), builder.add(GraphFunction.op("neg", Map.of(), 1), node));
            node = builder.add(GraphFunction.op("div", Map.of(), 2), one, builder.add(GraphFunction.op("add", Map.of(), 2), one, e));
        }
        NamedGraph chain = new NamedGraph(builder.build(), node, new String[builder.size()], _ -> null);
        NamedGraph closed = Gates.close(chain, new BitSet());
        assertThat(closed.graph().size()).isEqualTo(50_001);
        assertThat(Gates.open(closed, Allowance.UNBOUNDED).graph().size()).isEqualTo(chain.graph().size());
    }

    private static void assertSameFunction(OpCase one, NamedGraph other) {
        GraphFunction original = function(program(one));
        List<Tensor> values = new ArrayList<>(one.operands(3));
        GraphFunction rewritten = function(other);
        assertClose(rewritten.run(values).getFirst(), original.run(values).getFirst());
        values.add(random(one.shape(), 5));
        List<Tensor> expected = original.vjp().run(values);
        List<Tensor> actual = rewritten.vjp().run(values);
        IntStream.range(0, expected.size()).forEach(k -> assertClose(actual.get(k), expected.get(k)));
    }

    private static void assertClose(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        for (int i = 0; i < actual.length(); i++) {
            double wanted = expected.data()[i];
            assertThat(actual.data()[i]).isCloseTo(wanted, within(1e-12 * Math.max(1, Math.abs(wanted))));
        }
    }

    private static NamedGraph program(OpCase one) {
        GraphBuilder builder = GraphBuilder.withShapes();
        String[] names = new String[one.shapes().size() + 1];
        int[] operands = new int[one.shapes().size()];
        for (int k = 0; k < operands.length; k++) {
            names[k] = "x" + k;
            operands[k] = builder.input(names[k], one.shapes().get(k)).index();
        }
        int output = builder.add(one.op(), operands);
        return new NamedGraph(builder.build(), output, names, _ -> null);
    }

    private static GraphFunction function(NamedGraph program) {
        Gates.Expansion opened = Gates.expand(program.graph(), Allowance.UNBOUNDED);
        return new GraphFunction(opened.graph(), program.inputs().stream().mapToInt(input -> opened.image()[input]).toArray(),
                new int[]{opened.image()[program.output()]});
    }

    private static NamedGraph parse(String text) {
        return ShapeInference.infer(ExpressionParser.parse(text.replace('⏎', '\n'), SHAPES.keySet(), LIMITS), SHAPES);
    }

    private static Tensor random(Shape shape, long seed) {
        Tensor tensor = Tensor.zeros(shape);
        Random random = new Random(seed);
        Arrays.setAll(tensor.data(), _ -> random.nextGaussian());
        return tensor;
    }

    private static List<Op> ops(NamedGraph program) {
        Graph graph = program.graph();
        return IntStream.range(0, graph.size()).mapToObj(graph::op).toList();
    }

    private static List<String> names(NamedGraph program) {
        return ops(program).stream().map(Op::name).filter(name -> !name.equals("literal")).toList();
    }

    private static List<String> ids(NamedGraph program) {
        return IntStream.range(0, program.graph().size()).filter(i -> !program.graph().isLiteral(i)).mapToObj(program::id).toList();
    }
}
