package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.execution.NodeByNode;
import org.jspecify.annotations.Nullable;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a derivative is where calculus leaves it open: at kinks, jumps and infinities. */
class ConventionsTest {
    private static final double NAN = Double.NaN;

    /** A row of the page in docs: an expression, where it is looked at, and its derivatives, all of them in one list. */
    record Row(String expression, SequencedMap<String, Tensor> at, double[] derivatives) {
        @Override
        public String toString() {
            return expression + " at " + at.values().stream().map(x -> Arrays.toString(x.data())).toList();
        }

        Stream<String> ops() {
            return Pattern.compile("(\\w+)\\(").matcher(expression).results().map(match -> match.group(1));
        }
    }

    static List<Row> page() throws IOException {
        return Files.readAllLines(Path.of("docs/conventions.md")).stream().filter(line -> line.startsWith("| `")).map(line -> {
            String[] cells = line.split("\\|", -1);
            SequencedMap<String, Tensor> at = new LinkedHashMap<>();
            Pattern.compile("(\\w+) = (.*?)(?=, \\w+ = |$)").matcher(cells[2].strip()).results()
                    .forEach(match -> at.put(match.group(1), tensor(match.group(2))));
            return new Row(cells[1].strip().replace("`", ""), at, numbers(cells[3]));
        }).toList();
    }

    private static double[] numbers(String text) {
        return Arrays.stream(text.replaceAll("[\\[\\] ]", "").replace("inf", "Infinity").split(",")).mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** Nested lists as NumPy writes them. */
    private static Tensor tensor(String text) {
        double[] data = numbers(text);
        List<Integer> dims = new ArrayList<>();
        int lists = 1;
        for (String opening = "["; text.startsWith(opening); opening += "[") {
            String inner = opening + "[";
            int within = text.startsWith(inner) ? lists(text, inner.length()) : data.length;
            dims.add(within / lists);
            lists = within;
        }
        return Tensor.of(Shape.of(dims.stream().mapToInt(Integer::intValue).toArray()), data);
    }

    /** How many lists open at a depth. */
    private static int lists(String text, int wanted) {
        int depth = 0;
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            count += c == '[' && depth == wanted ? 1 : 0;
        }
        return count;
    }

    @ParameterizedTest
    @MethodSource("page")
    void the_page_tells_the_derivative_in_both_modes(Row row) {
        SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
        row.at().forEach((name, value) -> shapes.put(name, value.shape()));
        GraphFunction function = GraphFunction.of(row.expression(), shapes);
        List<Tensor> x = List.copyOf(row.at().values());
        Tensor ones = Tensor.full(function.outputShapes().getFirst(), 1);
        List<Tensor> gradients = function.vjp().run(Stream.concat(x.stream(), Stream.of(ones)).toList());
        assertNear("backward", gradients.stream().flatMapToDouble(gradient -> Arrays.stream(gradient.data())).toArray(), row.derivatives());
        GraphFunction forward = function.jvp();
        double[] sums = new double[row.derivatives().length];
        for (int i = 0; i < sums.length; i++) {
            List<Tensor> tangents = shapes.values().stream().map(Tensor::zeros).toList();
            int left = i;
            int k = 0;
            for (; left >= tangents.get(k).length(); k++) {
                left -= tangents.get(k).length();
            }
            tangents.get(k).data()[left] = 1;
            sums[i] = Arrays.stream(forward.run(Stream.concat(x.stream(), tangents.stream()).toList()).getFirst().data()).sum();
        }
        assertNear("forward", sums, row.derivatives());
    }

    private static void assertNear(String mode, double[] actual, double[] expected) {
        assertThat(actual).as(mode).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            if (Double.isFinite(expected[i])) {
                assertThat(actual[i]).as("%s, element %d", mode, i).isCloseTo(expected[i], within(1e-15 * Math.abs(expected[i])));
            } else {
                assertThat(actual[i]).as("%s, element %d", mode, i).isEqualTo(Double.valueOf(expected[i]));
            }
        }
    }

    /** Ops that publish a convention which is not one of derivatives. */
    private static final Set<String> OTHER_CONVENTIONS = Set.of("diag", "take_along_axis", "take_along_axis_transpose", "take", "one_hot",
            "argmin", "argcummax", "argcummin", "index_transpose", "einsum", "cross_entropy", "layer_norm", "inv", "solve",
            "triangular_solve", "matrix_power", "convolution", "conv1d", "conv2d", "conv_transpose2d", "max_pool2d_indices", "avg_pool2d",
            "global_avg_pool2d", "embedding", "nll_loss", "class_index", "batch_norm", "group_norm", "random_mask", "dropout", "lstm_cell",
            "gru_cell", "cofactor_derivative");

    /** By construction: an op with a kink, its own or one of its circuit, or with a convention, has a row. */
    @Test
    void every_op_with_a_kink_or_a_convention_is_on_the_page() throws IOException {
        Set<String> told = page().stream().flatMap(Row::ops).collect(Collectors.toSet());
        assertThat(OpCatalogue.all().stream().filter(op -> !told.contains(op.name()))
                .filter(op -> op.convention() != null && !OTHER_CONVENTIONS.contains(op.name())
                        || OpCase.of(op).anyMatch(ConventionsTest::hasKink))
                .map(OpDefinition::name))
                .as("ops to add to docs/conventions.md, or to OTHER_CONVENTIONS where what they publish is none of derivatives").isEmpty();
        assertThat(OTHER_CONVENTIONS).doesNotContainAnyElementsOf(told)
                .allSatisfy(op -> assertThat(Objects.requireNonNull(OpCatalogue.find(op), op).convention()).isNotNull());
    }

    private static boolean hasKink(OpCase one) {
        Graph graph = one.function().graph();
        GraphBuilder builder = GraphBuilder.extending(graph, Allowance.UNBOUNDED);
        return IntStream.range(0, graph.size()).anyMatch(i -> graph.op(i).kink(builder.node(i)) != null);
    }

    /** Uses of each op whose operands get any numbers, so that some are outside of the domain. */
    static Stream<OpCase> anywhere() {
        return OpCase.all().filter(one -> !one.shapes().isEmpty() && one.shape().size() > 0
                && IntStream.range(0, one.shapes().size()).noneMatch(one::isDiscrete));
    }

    /**
     * A gradient that is NaN is a factor of the cotangent, so that its derivative by this is NaN, too; as is that by the operands. The
     * logarithms of binary_cross_entropy go through a maximum, which passes no derivative on from NaN.
     */
    @ParameterizedTest
    @MethodSource("anywhere")
    void second_derivatives_are_NaN_where_the_first_are(OpCase one) {
        GraphFunction function = one.function();
        GraphFunction gradient = function.vjp();
        GraphFunction forward = gradient.jvp();
        Random random = new Random(7);
        for (int trial = 0; trial < 20; trial++) {
            List<Tensor> x = Stream.concat(one.shapes().stream(), Stream.of(one.shape())).map(shape -> {
                Tensor operand = Tensor.zeros(shape);
                Arrays.setAll(operand.data(), _ -> 2 * random.nextGaussian());
                return operand;
            }).toList();
            Arrays.fill(x.getLast().data(), 1);
            List<Tensor> first;
            try {
                first = gradient.run(x);
            } catch (ProblemException _) {
                continue;
            }
            List<Tensor> byCotangent = forward.run(Stream.concat(x.stream(), directions(x, 0, 1)).toList());
            List<Tensor> byOperands = forward.run(Stream.concat(x.stream(), directions(x, 1, 0)).toList());
            for (int k = 0; k < one.shapes().size(); k++) {
                for (int i = 0; i < first.get(k).length(); i++) {
                    if (Double.isNaN(first.get(k).data()[i])) {
                        assertThat(byCotangent.get(k).data()[i]).as("operand %d, element %d of %s by the cotangent", k, i, x).isNaN();
                        if (!one.definition().name().equals("binary_cross_entropy")) {
                            assertThat(byOperands.get(k).data()[i]).as("operand %d, element %d of %s by the operands", k, i, x).isNaN();
                        }
                    }
                }
            }
        }
    }

    /** Tangents for the operands, and for the cotangent behind them. */
    private static Stream<Tensor> directions(List<Tensor> x, double ofOperands, double ofCotangent) {
        int last = x.size() - 1;
        return IntStream.rangeClosed(0, last).mapToObj(k -> Tensor.full(x.get(k).shape(), k == last ? ofCotangent : ofOperands));
    }

    /** Ops that have a kink, where they sit on it and where not. */
    static Stream<Arguments> kinks() {
        return Stream.of(
                Arguments.of("relu", Map.of(), at(0), at(1)), Arguments.of("abs", Map.of(), at(-0.0), at(-1)),
                Arguments.of("leaky_relu", Map.of(), at(0), at(1)), Arguments.of("elu", Map.of("alpha", 2), at(0), at(1)),
                Arguments.of("clip", Map.of("min", -1, "max", 1), at(1), at(0.5)),
                Arguments.of("clip", Map.of("min", -1, "max", 1), at(-1), at(2)),
                Arguments.of("clip", Map.of("max", 1), at(1), at(0.5)),
                Arguments.of("maximum", Map.of(), at(2, 2), at(2, 3)), Arguments.of("minimum", Map.of(), at(2, 2), at(2, 3)),
                Arguments.of("fmax", Map.of(), at(2, 2), at(2, 3)), Arguments.of("fmin", Map.of(), at(2, 2), at(NAN, 3)),
                Arguments.of("selu", Map.of(), at(0), at(1)), Arguments.of("relu6", Map.of(), at(6), at(5)),
                Arguments.of("hard_tanh", Map.of(), at(-1), at(0)), Arguments.of("hard_sigmoid", Map.of(), at(3), at(0)),
                Arguments.of("hard_swish", Map.of(), at(-3), at(0)), Arguments.of("softshrink", Map.of(), at(-0.5), at(0)),
                Arguments.of("hardshrink", Map.of(), at(0.5), at(0)), Arguments.of("prelu", Map.of(), at(0, 2), at(0, 1)),
                Arguments.of("threshold", Map.of("threshold", 1, "value", 1), at(1), at(0)),
                Arguments.of("hypot", Map.of(), at(0, 0), at(0, 1)), Arguments.of("copysign", Map.of(), at(0, 1), at(1, 0)));
    }

    private static double[] at(double... x) {
        return x;
    }

    @ParameterizedTest
    @MethodSource("kinks")
    void an_op_tells_where_it_sits_on_a_kink(String op, Map<String, ?> attributes, double[] on, double[] off) {
        assertThat(mask(op, attributes, on)).isEqualTo(1);
        assertThat(mask(op, attributes, off)).isZero();
    }

    private static double mask(String op, Map<String, ?> attributes, double[] x) {
        Shape[] scalars = Stream.generate(() -> Shape.SCALAR).limit(x.length).toArray(Shape[]::new);
        return GraphFunction.of(nodes -> {
            Node node = call(op, attributes, nodes);
            return Objects.requireNonNull(node.op().kink(node));
        }, scalars).at(x);
    }

    @ParameterizedTest
    @MethodSource("ties")
    void a_reduction_sits_on_a_kink_where_several_elements_win(List<Double> x, double expected) {
        GraphFunction kink = GraphFunction.of(nodes -> {
            Node node = call("max", nodes);
            return Objects.requireNonNull(node.op().kink(node));
        }, Shape.of(x.size()));
        assertThat(kink.apply(Tensor.vector(x.stream().mapToDouble(Double::doubleValue).toArray())).item()).isEqualTo(expected);
    }

    static Stream<Arguments> ties() {
        return Stream.of(Arguments.of(List.of(1.0, 3.0, 3.0), 1), Arguments.of(List.of(1.0, 3.0, 2.0), 0), Arguments.of(List.of(1.0), 0));
    }

    /** Elements of an array that are read in an order of its own: where equal ones could change places. */
    static Stream<Arguments> orders() {
        Map<String, ?> rows = Map.of("axis", 0);
        return Stream.of(Arguments.of("argsort", Map.of(), -1, matrix(at(2, 1, 2), at(1, 2, 3)), matrix(at(0, 1, 1), at(0, 0, 0))),
                Arguments.of("argsort", rows, 0, matrix(at(2, 1, 5), at(2, 0, 5)), matrix(at(1, 0, 1), at(1, 0, 1))),
                Arguments.of("argsort", rows, -2, matrix(at(2, 1), at(2, 0)), matrix(at(1, 0), at(1, 0))),
                Arguments.of("argsort", Map.of("descending", true), 1, matrix(at(3, 1, 1, 1)), matrix(at(0, 1, 1, 1))),
                Arguments.of("argsort", Map.of(), -1, matrix(at(1), at(1)), null),
                Arguments.of("argsort", rows, -1, matrix(at(1, 1)), null),
                Arguments.of("argcummax", Map.of(), -1, matrix(at(1, 3, 3), at(3, 3, 5)), matrix(at(0, 0, 1), at(0, 1, 0))),
                Arguments.of("argcummax", Map.of(), -1, matrix(at(3, 1, 3, 4, 3)), matrix(at(0, 0, 1, 0, 0))),
                Arguments.of("argcummin", rows, 0, matrix(at(3, 1), at(3, 2), at(4, 1)), matrix(at(0, 0), at(1, 0), at(1, 1))),
                Arguments.of("argmax", Map.of("axis", -1, "keepdims", true), -1, matrix(at(1, 1)), null));
    }

    private static Tensor matrix(double[]... rows) {
        return Tensor.matrix(rows);
    }

    @ParameterizedTest
    @MethodSource("orders")
    void elements_that_are_read_in_their_order_sit_on_a_kink_where_they_tie(String order, Map<String, ?> attributes, int axis, Tensor x,
            @Nullable Tensor ties) {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node array = graph.input("x", x.shape());
        Node read = call("take_along_axis", Map.of("axis", axis), array, call(order, attributes, array));
        Node kink = read.op().kink(read);
        assertThat(kink == null).isEqualTo(ties == null);
        if (kink != null) {
            assertThat(NodeByNode.values(graph.build(), Map.of(array.index(), x)).get(kink.index())).isEqualTo(ties);
            Node other = call("take_along_axis", Map.of("axis", axis), call("neg", array), read.operand(1));
            assertThat(other.op().kink(other)).as("in the order of another array").isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("smoothChoices")
    void attributes_that_smooth_a_kink_leave_none(String op, Map<String, ?> attributes) {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node node = call(op, attributes, graph.input("x", Shape.SCALAR));
        assertThat(node.op().kink(node)).isNull();
    }

    static Stream<Arguments> smoothChoices() {
        return Stream.of(Arguments.of("elu", Map.of("alpha", 1)), Arguments.of("leaky_relu", Map.of("negative_slope", 1)),
                Arguments.of("clip", Map.of()), Arguments.of("softshrink", Map.of("lambd", 0)),
                Arguments.of("hardshrink", Map.of("lambd", 0)), Arguments.of("celu", Map.of("alpha", 2)));
    }

    @ParameterizedTest
    @MethodSource("flat")
    void piecewise_constant_ops_say_so(String op, int arity, boolean flat) {
        assertThat(IntStream.range(0, arity).allMatch(GraphFunction.op(op, Map.of(), arity)::ignores)).isEqualTo(flat);
        if (flat) {
            GraphBuilder graph = GraphBuilder.withShapes();
            Node[] x = IntStream.range(0, arity).mapToObj(k -> graph.input("x", Shape.SCALAR)).toArray(Node[]::new);
            Node node = call(op, x);
            int size = graph.size();
            assertThat(node.op().vjp(node, 0, x[0])).isNull();
            assertThat(node.op().jvp(node, x)).isNull();
            assertThat(graph.size()).as("nodes, none of them added").isEqualTo(size);
        }
    }

    static Stream<Arguments> flat() {
        return Stream.of(Arguments.of("sign", 1, true), Arguments.of("floor", 1, true), Arguments.of("round", 1, true),
                Arguments.of("lt", 2, true),
                Arguments.of("logical_and", 2, true), Arguments.of("isnan", 1, true), Arguments.of("floor_divide", 2, true),
                Arguments.of("stop_gradient", 1, true), Arguments.of("relu", 1, false), Arguments.of("heaviside", 2, false),
                Arguments.of("where", 3, false), Arguments.of("add", 2, false));
    }
}
