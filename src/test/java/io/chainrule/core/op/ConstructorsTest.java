package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.execution.NodeByNode;
import io.chainrule.core.expression.ExpressionParser;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ops without operands, as programs write them. */
class ConstructorsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            zeros(shape=[2, 2])                    | 2,2 | 0,0,0,0
            ones(shape=2)                          | 2   | 1,1
            full(shape=[], value=7)                | ''  | 7
            full(shape=[1, 2], value=-Infinity)    | 1,2 | -Infinity,-Infinity
            eye(n=2)                               | 2,2 | 1,0,0,1
            arange(stop=3)                         | 3   | 0,1,2
            arange(stop=2.5)                       | 3   | 0,1,2
            arange(start=1, stop=2, step=0.25)     | 4   | 1,1.25,1.5,1.75
            arange(start=3, stop=0, step=-2)       | 2   | 3,1
            arange(start=3, stop=0)                | 0   | ''
            linspace(start=0, stop=1, num=11)      | 11  | 0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1
            linspace(start=5, stop=9, num=1)       | 1   | 5
            linspace(start=-1e308, stop=1e308, num=3) | 3 | -1e308,0,1e308
            linspace(start=-1e308, stop=1e308, num=5) | 5 | -1e308,-5e307,0,5e307,1e308
            linspace(start=1e16, stop=1, num=2)    | 2   | 1e16,1
            linspace(start=2, stop=3, num=0)       | 0   | ''
            eye(n=0)                               | 0,0 | ''
            eye(n=3)                               | 3,3 | 1,0,0,0,1,0,0,0,1
            2 * ones(shape=[2]) + arange(stop=2)   | 2   | 2,3
            """)
    void values(String text, String shape, String values) {
        String written = text.replace("-Infinity", "-inf");
        assertThat(value(program(written))).isEqualTo(Tensor.of(Shape.of(integers(shape)), numbers(values)));
        assertThat(value(program(ExpressionPrinter.print(program(written))))).as("printed and read again")
                .isEqualTo(value(program(written)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            zeros(x, shape=[2])               | argument 'shape' of zeros is known before the program runs, as a number is, and no array
            zeros()                           | zeros needs attribute 'shape'
            ones(shape=[-1])                  | ones attribute 'shape' has a negative length
            arange(stop=1, step=0)            | arange attribute 'step' is 0
            arange(stop=1e12)                 | arange would have 1.0E12 elements
            arange(stop=2147483648)           | arange would have 2.147483648E9 elements
            arange(stop=nan)                  | arange would have NaN elements
            arange(stop=-1e12, step=-1)       | arange would have 1.0E12 elements
            eye(n=-1)                         | eye attribute 'n' is at least 0, not -1
            linspace(start=0, stop=1, num=-1) | linspace attribute 'num' is at least 0, not -1
            """)
    void what_is_refused(String text, String message) {
        assertThatThrownBy(() -> program(text)).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.problems()).anySatisfy(problem -> assertThat(problem.message()).isEqualTo(message)));
    }

    @Test
    void a_range_has_as_many_elements_as_can_be_counted() {
        assertThat(GraphFunction.op("arange", Map.of("stop", Integer.MAX_VALUE), 0).shape()).isEqualTo(Shape.of(Integer.MAX_VALUE));
    }

    /** A number that is written with few bits is held as it is; others are rounded, and those of steps more often. */
    @Test
    void only_what_cannot_be_written_in_a_few_bits_has_an_error() {
        assertThat(bounds("full", Map.of("shape", 2, "value", 0.5))).containsOnly(0);
        for (double bound : bounds("linspace", Map.of("start", 0, "stop", 0.1, "num", 3))) {
            assertThat(bound).isBetween(0.0, 1e-16);
        }
        assertThat(bounds("full", Map.of("shape", 1, "value", 0.1))[0]).isBetween(Math.ulp(0.1) / 2, 8 * Math.ulp(0.1));
    }

    /** Bounds on the errors of the elements. */
    private static double[] bounds(String op, Map<String, ?> attributes) {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node made = graph.node(graph.add(GraphFunction.op(op, attributes, 0), new int[0]));
        Node bound = Objects.requireNonNull(made.op().error(made, new Node[0]));
        return Objects.requireNonNull(NodeByNode.values(graph.build(), Map.of()).get(bound.index())).data();
    }

    /** Nothing in a batch is anything but what it is outside. */
    @Test
    void an_op_without_operands_is_never_mapped_over_a_batch() {
        Op ones = GraphFunction.op("ones", Map.of("shape", 2), 0);
        assertThat(ones.family()).isEqualTo(Family.CUSTOM);
        assertThatThrownBy(() -> ones.batch(new Node[0], new boolean[0], 3)).isInstanceOf(IllegalStateException.class)
                .hasMessage("ones has no operand to be mapped over");
    }

    @Test
    void a_gradient_passes_by_a_constructor() {
        NamedGraph program = ShapeInference.infer(
                ExpressionParser.parse("sum(x * arange(stop=3))", Set.of("x"), new ExpressionParser.Limits(100, 100)),
                Map.of("x", Shape.of(3)));
        GraphFunction function = new GraphFunction(program.graph(), new int[]{program.inputs().getFirst()}, new int[]{program.output()});
        assertThat(function.vjp().apply(Tensor.vector(5, 6, 7), Tensor.scalar(1))).isEqualTo(Tensor.vector(0, 1, 2));
    }

    private static NamedGraph program(String text) {
        return ShapeInference.infer(ExpressionParser.parse(text, Set.of("x"), new ExpressionParser.Limits(100, 100)),
                Map.of("x", Shape.SCALAR));
    }

    private static Tensor value(NamedGraph program) {
        return new GraphFunction(program.graph(), new int[0], new int[]{program.output()}).run(List.of()).getFirst();
    }

    private static int[] integers(String text) {
        return Arrays.stream(text.split(",")).filter(part -> !part.isEmpty()).mapToInt(Integer::parseInt).toArray();
    }

    private static double[] numbers(String text) {
        return Arrays.stream(text.split(",")).filter(part -> !part.isEmpty()).mapToDouble(Double::parseDouble).toArray();
    }
}
