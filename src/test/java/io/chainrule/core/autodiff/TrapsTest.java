package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where systems for automatic differentiation are known to go wrong. */
class TrapsTest {

    /** Every order by every combination of reverse and forward mode. */
    @ParameterizedTest(name = "{0} at {1}")
    @CsvSource(delimiter = '|', textBlock = """
            # function                                  | x  | value | first    | second              | third
            # The branch not taken is infinite, or NaN.
            where(x > 0, sqrt(x), 0)                    | 0  | 0     | 0        | 0                   | 0
            where(x > 0, log(x), x)                     | -1 | -1    | 1        | 0                   | 0
            where(x < 0, x, x * log(x))                 | -2 | -2    | 1        | 0                   | 0
            where(x > 0, 1 / x, where(x < 0, -1 / x, x)) | 0  | 0     | 1        | 0                   | 0
            # Powers at 0, with exponents that the rule divides by or takes the logarithm of 0 for.
            x^0                                         | 0  | 1     | 0        | 0                   | 0
            x^1                                         | 0  | 0     | 1        | 0                   | 0
            x^2                                         | 0  | 0     | 0        | 2                   | 0
            x^3                                         | 0  | 0     | 0        | 0                   | 6
            # Removable: by a series, not by sin(0) / 0.
            sinc(x)                                     | 0  | 1     | 0        | -3.2898681336964529 | 0
            # One node twice, and two nodes alike.
            y = x * x; y * y + y                        | 1  | 2     | 6        | 14                  | 24
            a = sin(x); b = sin(x); a * b               | 0  | 0     | 0        | 2                   | 0
            # Twice through what selects.
            max([x^2, x])                               | 3  | 9     | 6        | 2                   | 0
            max([x^2, x])                               | 1  | 1     | 1.5      | 1                   | 0
            sort([x^3, x, -x])[2]                       | 2  | 8     | 12       | 12                  | 6
            [x^3, x][0]                                 | 2  | 8     | 12       | 12                  | 6
            # What passes no gradient.
            round(x) * x                                | 2  | 4     | 2        | 0                   | 0
            stop_gradient(x) * x                        | 3  | 9     | 3        | 0                   | 0
            """)
    void functions_of_one_number(String text, double x, double value, double first, double second,
            @Nullable Double third) {
        double[] exact = {value, first, second, third == null ? 0 : third};
        int orders = third == null ? 2 : 3;
        for (int modes = 0; modes < 8; modes++) {
            GraphFunction function = GraphFunction.of(text.replace("; ", "\n"), at(Shape.SCALAR));
            String path = "";
            for (int order = 0; order <= orders; order++) {
                double[] arguments = new double[1 + order];
                Arrays.fill(arguments, 1);
                arguments[0] = x;
                assertNear("derivative " + order + " by " + path, function.at(arguments), exact[order]);
                boolean reverse = (modes >> order & 1) == 0;
                path += reverse ? "R" : "F";
                function = reverse ? function.vjp(0) : function.jvp(0);
            }
        }
    }

    /** At a pole: infinite, or NaN where infinities or zeros meet; but a zero tangent stays zero. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            # function   | R         | F         | RR  | RF        | FR        | FF
            sqrt(sin(x)) | Infinity | Infinity | NaN | -Infinity | NaN | -Infinity
            # The square stands still at 0: forward that is a zero tangent, reverse it is ∞ · 0.
            1 / x^2 | NaN | 0 | -Infinity | -Infinity | -Infinity | -Infinity
            1 / x        | -Infinity | -Infinity | Infinity | Infinity | Infinity | Infinity
            """)
    void poles_to_second_order(String text, double r, double f, double rr, double rf, double fr, double ff) {
        GraphFunction function = GraphFunction.of(text, at(Shape.SCALAR));
        GraphFunction backward = function.vjp(0);
        GraphFunction forward = function.jvp(0);
        double[] second = {0, 1, 1};
        assertThat(new double[]{backward.at(0, 1), forward.at(0, 1), backward.vjp(0).at(second), backward.jvp(0).at(second),
                forward.vjp(0).at(second), forward.jvp(0).at(second)}).containsExactly(r, f, rr, rf, fr, ff);
    }

    @ParameterizedTest(name = "{0} at {1}")
    @CsvSource(delimiter = '|',
            textBlock = """
                    # function             | x             | value               | gradient       | Hessian
                    norm(x)                | 0, 0          | 0                   | 0, 0           | 0, 0, 0, 0
                    norm(x)                | 1e200, 0      | 1e200               | 1, 0           | 0, 0, 0, 1e-200
                    norm(x)^2              | 0, 0          | 0                   | 0, 0           | 0, 0, 0, 0
                    std(x)                 | 2, 2, 2       | 0                   | 0, 0, 0        | 0, 0, 0, 0, 0, 0, 0, 0, 0
                    # No division by an element.
                    prod(x)                | 0, 2, 3       | 0                   | 6, 0, 0        | 0, 3, 2, 3, 0, 0, 2, 0, 0
                    prod(x)                | 0, 0, 3       | 0                   | 0, 0, 0        | 0, 3, 0, 3, 0, 0, 0, 0, 0
                    prod(x)                | 0, 0, 0       | 0                   | 0, 0, 0        | 0, 0, 0, 0, 0, 0, 0, 0, 0
                    prod(x)                | 5, 2, 3       | 30                  | 6, 15, 10      | 0, 3, 2, 3, 0, 5, 2, 5, 0
                    prod(x)                | 0, 2, 3, 4, 5 | 0                   | 120, 0, 0, 0, 0 | 0, 60, 40, 30, 24, 60, 0, 0, 0, 0, 40, 0, 0, 0, 0, 30, 0, 0, 0, 0, 24, 0, 0, 0, 0
                    cumprod(x)[2]          | 0, 0, 3       | 0                   | 0, 0, 0        | 0, 3, 0, 3, 0, 0, 0, 0, 0
                    # A tie is shared, and stays so.
                    max(x)                 | 3, 1, 3       | 3                   | 0.5, 0, 0.5    | 0, 0, 0, 0, 0, 0, 0, 0, 0
                    max(x)^2               | 3, 1, 3       | 9                   | 3, 0, 3        | 0.5, 0, 0.5, 0, 0, 0, 0.5, 0, 0.5
                    max(x)^2               | 3, 1, 2       | 9                   | 6, 0, 0        | 2, 0, 0, 0, 0, 0, 0, 0, 0
                    sum(sort(x)^2 * [1, 2]) | 3, 1         | 19                  | 12, 2          | 4, 0, 0, 2
                    sum(sort(x) * [1, 2])  | 3, 3          | 9                   | 1, 2           | 0, 0, 0, 0
                    x[1]^2 * x[0]          | 3, 2          | 12                  | 4, 12          | 0, 4, 4, 6
                    x[1] * x[-1]           | 3, 2          | 4                   | 0, 4           | 0, 0, 0, 2
                    # Probabilities that round to 0 and 1.
                    log_softmax(x)[1]      | 1000, 0       | -1000               | -1, 1          | 0, 0, 0, 0
                    log_softmax(x)[0]      | 1000, 0       | 0                   | 0, 0           | 0, 0, 0, 0
                    log(softmax(x))[0]     | 1000, 0       | 0                   | 0, 0           | 0, 0, 0, 0
                    logsumexp(x)           | 1000, 1000    | 1000.69314718055994 | 0.5, 0.5       | 0.25, -0.25, -0.25, 0.25
                    """)
    void functions_of_a_vector(String text, String at, double value, String gradient, String hessian) {
        double[] x = numbers(at);
        int n = x.length;
        GraphFunction function = GraphFunction.of(text, at(Shape.of(n)));
        Tensor point = Tensor.vector(x);
        Tensor one = Tensor.scalar(1);
        assertNear("value", function.apply(point).item(), value);
        GraphFunction backward = function.vjp(0);
        GraphFunction forward = function.jvp(0);
        for (int i = 0; i < n; i++) {
            assertNear("gradient " + i + " by R", backward.apply(point, one).data()[i], numbers(gradient)[i]);
            assertNear("gradient " + i + " by F", forward.apply(point, unit(n, i)).item(), numbers(gradient)[i]);
            for (int j = 0; j < n; j++) {
                double exact = numbers(hessian)[i * n + j];
                String what = "Hessian " + i + " " + j + " by ";
                assertNear(what + "RR", backward.vjp(0).apply(point, one, unit(n, i)).data()[j], exact);
                assertNear(what + "RF", backward.jvp(0).apply(point, one, unit(n, i)).data()[j], exact);
                assertNear(what + "FR", forward.vjp(0).apply(point, unit(n, i), one).data()[j], exact);
                assertNear(what + "FF", forward.jvp(0).apply(point, unit(n, i), unit(n, j)).item(), exact);
            }
        }
    }

    /** The sum of the squares of eigenvalues is that of the elements of a symmetric matrix: 2x is its gradient, however they repeat. */
    @ParameterizedTest
    @CsvSource({"'1, 0, 0, 0, 1, 0, 0, 0, 1'", "'0, 0, 0, 0, 0, 0, 0, 0, 0'", "'2, 0, 0, 0, 1, 1, 0, 1, 1'", "'1, 1, 1, 1, 1, 1, 1, 1, 1'"})
    void eigenvalues_that_repeat(String elements) {
        GraphFunction function = GraphFunction.of("sum(eigvalsh(x)^2)", at(Shape.of(3, 3)));
        Tensor x = Tensor.of(Shape.of(3, 3), numbers(elements));
        double[] twice = Arrays.stream(x.data()).map(element -> 2 * element).toArray();
        assertThat(function.vjp().apply(x, Tensor.scalar(1)).data()).containsExactly(twice, within(1e-14));
        for (int i = 0; i < twice.length; i++) {
            Tensor unit = Tensor.of(Shape.of(3, 3), unit(9, i).data());
            assertThat(function.jvp().apply(x, unit).item()).as("forward %d", i).isCloseTo(twice[i], within(1e-14));
            assertThat(function.vjp().jvp(0).apply(x, Tensor.scalar(1), unit)).as("second derivatives").matches(Tensor::isFinite);
        }
    }

    @Test
    void inputs_and_outputs_that_are_hardly_there() {
        GraphFunction unused = GraphFunction.of(x -> GraphFunction.call("exp", x[0]), Shape.SCALAR, Shape.of(2));
        assertThat(unused.vjp().run(List.of(Tensor.scalar(0), Tensor.vector(5, 6), Tensor.scalar(1))))
                .containsExactly(Tensor.scalar(1), Tensor.zeros(Shape.of(2)));
        assertThat(unused.jvp(1).apply(Tensor.scalar(0), Tensor.vector(5, 6), Tensor.vector(1, 1)).item()).isZero();
        GraphFunction itself = GraphFunction.of(x -> x[0], Shape.SCALAR);
        assertThat(itself.vjp().at(7, 3)).isEqualTo(3);
        assertThat(itself.jvp().at(7, 3)).isEqualTo(3);
        assertThat(itself.vjp().vjp(0).at(7, 3, 1)).isZero();
        GraphFunction constant = GraphFunction.of(x -> x[0].graph().constant(Tensor.vector(1, 2)), Shape.SCALAR);
        assertThat(constant.vjp().apply(Tensor.scalar(7), Tensor.vector(1, 1)).item()).isZero();
        assertThat(constant.jvp().apply(Tensor.scalar(7), Tensor.scalar(1))).isEqualTo(Tensor.zeros(Shape.of(2)));
    }

    private static SequencedMap<String, Shape> at(Shape shape) {
        return new LinkedHashMap<>(Map.of("x", shape));
    }

    private static double[] numbers(String text) {
        return Arrays.stream(text.split(",")).mapToDouble(Double::parseDouble).toArray();
    }

    private static Tensor unit(int n, int i) {
        return Tensor.vector(IntStream.range(0, n).mapToDouble(j -> i == j ? 1 : 0).toArray());
    }

    private static void assertNear(String what, double actual, double exact) {
        if (Double.isFinite(exact)) {
            assertThat(actual).as(what).isCloseTo(exact, within(1e-14 * Math.abs(exact)));
        } else {
            assertThat(actual).as(what).isEqualTo(Double.valueOf(exact));
        }
    }
}
