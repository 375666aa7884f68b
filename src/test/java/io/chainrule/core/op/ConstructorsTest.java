package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.expression.ExpressionParser;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
            linspace(start=0, stop=1, num=-1) | linspace attribute 'num' is at least 0, not -1
            """)
    void what_is_refused(String text, String message) {
        assertThatThrownBy(() -> program(text)).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.problems()).anySatisfy(problem -> assertThat(problem.message()).isEqualTo(message)));
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
