package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Exact values, as NumPy 2 (or PyTorch, for activations) answers them. */
class ValuesTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    @ParameterizedTest(name = "{0}({1}) = {2}")
    @CsvSource(delimiter = '|', textBlock = """
            # op         | operands            | value
            neg          | 0                   | -0.0
            abs          | -0.0                | 0
            abs          | -Infinity           | Infinity
            sign         | -3                  | -1
            sign         | 0                   | 0
            sign         | NaN                 | NaN
            reciprocal   | -0.0                | -Infinity
            sqrt         | -1                  | NaN
            sqrt         | -0.0                | -0.0
            rsqrt        | 0                   | Infinity
            rsqrt        | Infinity            | 0
            cbrt         | -27                 | -3
            exp          | -Infinity           | 0
            exp          | 710                 | Infinity
            exp2         | -1074               | 4.9e-324
            exp2         | 10                  | 1024
            expm1        | -Infinity           | -1
            expm1        | -0.0                | -0.0
            log          | 0                   | -Infinity
            log          | -1                  | NaN
            log2         | 0                   | -Infinity
            log2         | Infinity            | Infinity
            log2         | -1                  | NaN
            log10        | 1e22                | 22
            log1p        | -1                  | -Infinity
            log1p        | -0.0                | -0.0
            sigmoid      | -Infinity           | 0
            sigmoid      | 800                 | 1
            logit        | 0                   | -Infinity
            logit        | 1                   | Infinity
            logit        | 0.5                 | 0
            logit        | 1.5                 | NaN
            asin         | 1.0000001           | NaN
            atan         | Infinity            | 1.5707963267948966
            tanh         | -Infinity           | -1
            asinh        | -Infinity           | -Infinity
            asinh        | -0.0                | -0.0
            acosh        | 1                   | 0
            acosh        | 0.5                 | NaN
            acosh        | Infinity            | Infinity
            atanh        | -1                  | -Infinity
            atanh        | 1.5                 | NaN
            sinc         | 0                   | 1
            sinc         | 3                   | -0.0
            floor        | -2.7                | -3
            floor        | -0.0                | -0.0
            ceil         | -0.5                | -0.0
            ceil         | 2.1                 | 3
            round        | 0.5                 | 0
            round        | 1.5                 | 2
            round        | -2.5                | -2
            round        | 0.49999999999999994 | 0
            round        | 1e300               | 1e300
            trunc        | -2.7                | -2
            trunc        | -0.5                | -0.0
            trunc        | Infinity            | Infinity
            isnan        | NaN                 | 1
            isnan        | Infinity            | 0
            isfinite     | NaN                 | 0
            isfinite     | -Infinity           | 0
            isfinite     | 1e308               | 1
            logical_not  | 0                   | 1
            logical_not  | NaN                 | 0
            stop_gradient| -0.0                | -0.0
            nan_to_num   | NaN                 | 0
            nan_to_num   | -Infinity           | -1.7976931348623157E308
            relu         | -3                  | 0
            relu         | NaN                 | NaN
            leaky_relu   | -2                  | -0.02
            elu          | -Infinity           | -1
            elu          | 3                   | 3
            softplus     | -Infinity           | 0
            softplus     | Infinity            | Infinity
            add          | Infinity, -Infinity | NaN
            sub          | 1, 1e-17            | 1
            mul          | 0, Infinity         | NaN
            div          | -1, 0               | -Infinity
            div          | 0, 0                | NaN
            strong_mul   | 0, Infinity         | 0
            strong_mul   | -0.0, NaN           | 0
            strong_mul   | Infinity, 0         | NaN
            strong_mul_both | NaN, 0           | 0
            strong_mul_both | 0, NaN           | 0
            strong_mul_both | 3, -2            | -6
            pow          | 0, 0                | 1
            pow          | NaN, 0              | 1
            pow          | 1, NaN              | 1
            pow          | 1, Infinity         | 1
            pow          | -1, -Infinity       | 1
            pow          | -8, 3               | -512
            pow          | -8, 0.5             | NaN
            pow          | 0, -1               | Infinity
            pow          | 10, 22              | 1e22
            maximum      | NaN, 1              | NaN
            maximum      | -0.0, 0             | 0
            minimum      | 1, NaN              | NaN
            fmax         | NaN, 1              | 1
            fmax         | 2, NaN              | 2
            fmin         | NaN, 1              | 1
            fmin         | 3, 2                | 2
            atan2        | -0.0, -1            | -3.141592653589793
            hypot        | Infinity, NaN       | Infinity
            copysign     | 3, -0.0             | -3
            logaddexp    | -Infinity, -Infinity| -Infinity
            logaddexp    | Infinity, -Infinity | Infinity
            xlogy        | 0, 0                | 0
            xlogy        | 0, -1               | 0
            xlogy        | 0, NaN              | NaN
            xlog1py      | 0, -1               | 0
            heaviside    | -1, 0.5             | 0
            heaviside    | 0, 0.5              | 0.5
            heaviside    | NaN, 0.5            | NaN
            eq           | NaN, NaN            | 0
            ne           | NaN, NaN            | 1
            lt           | 1, 2                | 1
            le           | 2, 2                | 1
            gt           | 2, 2                | 0
            ge           | 2, NaN              | 0
            logical_and  | NaN, 1              | 1
            logical_or   | 0, 0                | 0
            logical_xor  | 2, 3                | 0
            where        | NaN, 1, 2           | 1
            where        | -0.0, 1, 2          | 2
            lerp         | 1e16, 1, 1          | 1
            """)
    void of_numbers(String op, String operands, double value) {
        double[] x = Arrays.stream(operands.split(",")).mapToDouble(Double::parseDouble).toArray();
        GraphFunction function = GraphFunction.of(nodes -> call(op, nodes),
                Stream.generate(() -> Shape.SCALAR).limit(x.length).toArray(Shape[]::new));
        assertThat(function.at(x)).isEqualTo(Double.valueOf(value));
    }

    @ParameterizedTest(name = "{0} by {1}")
    @CsvSource(delimiter = '|', textBlock = """
            # a      | b        | fmod                | remainder           | floor_divide
            7.5      | 2.0      | 1.5                 | 1.5                 | 3.0
            7.5      | -2.0     | 1.5                 | -0.5                | -4.0
            7.5      | 0.1      | 0.09999999999999959 | 0.09999999999999959 | 74.0
            7.5      | 0.0      | NaN                 | NaN                 | Infinity
            7.5      | Infinity | 7.5                 | 7.5                 | 0.0
            7.5      | -Infinity| 7.5                 | -Infinity           | -1.0
            -7.5     | 2.0      | -1.5                | 0.5                 | -4.0
            -7.5     | -2.0     | -1.5                | -1.5                | 3.0
            -7.5     | 0.1      | -0.09999999999999959| 4.163336342344337e-16| -75.0
            -7.5     | 0.0      | NaN                 | NaN                 | -Infinity
            -7.5     | Infinity | -7.5                | Infinity            | -1.0
            -7.5     | -Infinity| -7.5                | -7.5                | 0.0
            1.0      | 2.0      | 1.0                 | 1.0                 | 0.0
            1.0      | -2.0     | 1.0                 | -1.0                | -1.0
            1.0      | 0.1      | 0.09999999999999995 | 0.09999999999999995 | 9.0
            1.0      | 0.0      | NaN                 | NaN                 | Infinity
            1.0      | Infinity | 1.0                 | 1.0                 | 0.0
            1.0      | -Infinity| 1.0                 | -Infinity           | -1.0
            -1.0     | 2.0      | -1.0                | 1.0                 | -1.0
            -1.0     | -2.0     | -1.0                | -1.0                | 0.0
            -1.0     | 0.1      | -0.09999999999999995| 5.551115123125783e-17| -10.0
            -1.0     | 0.0      | NaN                 | NaN                 | -Infinity
            -1.0     | Infinity | -1.0                | Infinity            | -1.0
            -1.0     | -Infinity| -1.0                | -1.0                | 0.0
            1e-20    | 2.0      | 1e-20               | 1e-20               | 0.0
            1e-20    | -2.0     | 1e-20               | -2.0                | -1.0
            1e-20    | 0.1      | 1e-20               | 1e-20               | 0.0
            1e-20    | 0.0      | NaN                 | NaN                 | Infinity
            1e-20    | Infinity | 1e-20               | 1e-20               | 0.0
            1e-20    | -Infinity| 1e-20               | -Infinity           | -1.0
            -1e-20   | 2.0      | -1e-20              | 2.0                 | -1.0
            -1e-20   | -2.0     | -1e-20              | -1e-20              | 0.0
            -1e-20   | 0.1      | -1e-20              | 0.1                 | -1.0
            -1e-20   | 0.0      | NaN                 | NaN                 | -Infinity
            -1e-20   | Infinity | -1e-20              | Infinity            | -1.0
            -1e-20   | -Infinity| -1e-20              | -1e-20              | 0.0
            0.0      | 2.0      | 0.0                 | 0.0                 | 0.0
            0.0      | -2.0     | 0.0                 | -0.0                | -0.0
            0.0      | 0.1      | 0.0                 | 0.0                 | 0.0
            0.0      | 0.0      | NaN                 | NaN                 | NaN
            0.0      | Infinity | 0.0                 | 0.0                 | 0.0
            0.0      | -Infinity| 0.0                 | -0.0                | -0.0
            -0.0     | 2.0      | -0.0                | 0.0                 | -0.0
            -0.0     | -2.0     | -0.0                | -0.0                | 0.0
            -0.0     | 0.1      | -0.0                | 0.0                 | -0.0
            -0.0     | 0.0      | NaN                 | NaN                 | NaN
            -0.0     | Infinity | -0.0                | 0.0                 | -0.0
            -0.0     | -Infinity| -0.0                | -0.0                | 0.0
            Infinity | 2.0      | NaN                 | NaN                 | NaN
            Infinity | -2.0     | NaN                 | NaN                 | NaN
            Infinity | 0.1      | NaN                 | NaN                 | NaN
            Infinity | 0.0      | NaN                 | NaN                 | Infinity
            Infinity | Infinity | NaN                 | NaN                 | NaN
            Infinity | -Infinity| NaN                 | NaN                 | NaN
            """)
    void of_division(double a, double b, double fmod, double remainder, double floorDivide) {
        double[] actual = Stream.of("fmod", "remainder", "floor_divide")
                .mapToDouble(op -> GraphFunction.of(x -> call(op, x), Shape.SCALAR, Shape.SCALAR).at(a, b)).toArray();
        assertThat(actual).containsExactly(fmod, remainder, floorDivide);
    }

    private static Tensor counting(int... dims) {
        Tensor tensor = Tensor.zeros(Shape.of(dims));
        Arrays.setAll(tensor.data(), i -> i + 1);
        return tensor;
    }

    private static Arguments array(String op, Map<String, ?> attributes, Tensor result, Tensor... operands) {
        return Arguments.of(op, attributes, List.of(operands), result);
    }

    static Stream<Arguments> arrays() {
        Tensor x = counting(2, 3);
        Tensor y = counting(3);
        Tensor cube = counting(2, 3, 4);
        Tensor nothing = Tensor.vector();
        return Stream.of(
                array("sum", Map.of(), Tensor.scalar(21), x), array("sum", Map.of("axis", 0), Tensor.vector(5, 7, 9), x),
                array("sum", Map.of("axis", -1, "keepdims", true), of("2,1", 6, 15), x),
                array("sum", Map.of("axis", List.of(0, 2)), Tensor.vector(68, 100, 132), cube),
                array("sum", Map.of("axis", List.of()), x, x), array("sum", Map.of(), Tensor.scalar(0), nothing),
                array("sum", Map.of("axis", 1), of("0"), of("0,3")), array("sum", Map.of("axis", 0), Tensor.vector(0, 0, 0), of("0,3")),
                array("sum", Map.of(), Tensor.scalar(NAN), Tensor.vector(INF, -INF)),
                array("mean", Map.of("axis", List.of(0, 2)), Tensor.vector(8.5, 12.5, 16.5), cube),
                array("mean", Map.of(), Tensor.scalar(NAN), nothing), array("mean", Map.of(), Tensor.scalar(5), Tensor.scalar(5)),
                array("prod", Map.of(), Tensor.scalar(720), x),
                array("prod", Map.of("axis", List.of(0, 2)), Tensor.vector(1048320, 195350400, 3029685120.0), cube),
                array("prod", Map.of("keepdims", true), of("1", 1), nothing),
                array("prod", Map.of(), Tensor.scalar(0), Tensor.vector(0, 5, 0)),
                array("max", Map.of("axis", List.of(0, 2)), Tensor.vector(16, 20, 24), cube),
                array("max", Map.of("axis", 1), Tensor.vector(NAN, 6), of("2,3", 1, NAN, 3, 4, 5, 6)),
                array("max", Map.of(), Tensor.scalar(-INF), Tensor.vector(-INF)), array("max", Map.of("axis", 0), of("0"), of("2,0")),
                array("min", Map.of("axis", List.of(-1, 0)), Tensor.vector(1, 5, 9), cube),
                array("min", Map.of("axis", 0), Tensor.vector(1, NAN), of("2,2", 1, NAN, 3, 4)),
                array("logsumexp", Map.of(), Tensor.scalar(-INF), nothing),
                array("logsumexp", Map.of("axis", 0), Tensor.vector(-INF, -INF), of("0,2")),
                array("maxout", Map.of("pieces", 2, "axis", 0), of("2,2", 3, 4, 7, 8), counting(4, 2)),
                array("maxout", Map.of("pieces", 3), of("2,1", 3, 6), x),
                array("softmax", Map.of("axis", 0), of("2,2", 0.5, 0.5, 0.5, 0.5), of("2,2", 1, 2, 1, 2)),
                array("transpose", Map.of(), of("3,2", 1, 4, 2, 5, 3, 6), x),
                array("transpose", Map.of("axes", List.of(1, -1, 0)),
                        of("3,4,2", 1, 13, 2, 14, 3, 15, 4, 16, 5, 17, 6, 18, 7, 19, 8, 20, 9, 21, 10, 22, 11, 23, 12, 24), cube),
                array("reshape", Map.of("shape", List.of(3, -1)), of("3,2", 1, 2, 3, 4, 5, 6), x),
                array("reshape", Map.of("shape", 6), counting(6), x), array("reshape", Map.of("shape", List.of(4, -1)), of("4,0"), nothing),
                array("broadcast_to", Map.of("shape", List.of(2, 2, 3)), of("2,2,3", 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2), counting(2, 1)),
                array("concatenate", Map.of("axis", 1), of("2,4", 1, 1, 2, 3, 2, 4, 5, 6), counting(2, 1), x),
                array("concatenate", Map.of("axis", -2), of("3,1", 1, 1, 2), counting(1, 1), counting(2, 1)),
                array("stack", Map.of("axis", 1), of("2,2,2", 1, 2, 5, 6, 3, 4, 7, 8), counting(2, 2), of("2,2", 5, 6, 7, 8)),
                array("stack", Map.of("axis", -1), of("2,2", 1, 10, 2, 20), counting(2), Tensor.vector(10, 20)),
                array("stack", Map.of(), Tensor.vector(7), Tensor.scalar(7)),
                array("index_transpose", Map.of("shape", 3, "at", List.of(List.of("0:2"), List.of(-2))), Tensor.vector(1, 7, 0),
                        counting(2),
                        Tensor.scalar(5)),
                array("matmul", Map.of(), Tensor.vector(14, 32), x, y), array("matmul", Map.of(), Tensor.vector(22, 28), y, counting(3, 2)),
                array("matmul", Map.of(), Tensor.scalar(14), y, y),
                array("matmul", Map.of(), of("2,2", 22, 28, 58, 64), y, counting(2, 3, 2)),
                array("matmul", Map.of(), of("2,2,2,1", 14, 32, 32, 77, 50, 68, 122, 167), counting(2, 1, 2, 3), counting(2, 3, 1)),
                array("matmul", Map.of(), of("2,2", 0, 0, 0, 0), of("2,0"), of("0,2")),
                array("dot", Map.of(), of("2,2,2", 22, 28, 58, 64, 49, 64, 139, 154), x, counting(2, 3, 2)),
                array("dot", Map.of(), Tensor.vector(3, 6, 9), Tensor.scalar(3), y),
                array("dot", Map.of(), Tensor.scalar(0), nothing, nothing),
                array("outer", Map.of(), of("4,3", 1, 2, 3, 2, 4, 6, 3, 6, 9, 4, 8, 12), counting(2, 2), y));
    }

    private static Tensor of(String dims, double... data) {
        return Tensor.of(Shape.of(Arrays.stream(dims.split(",")).mapToInt(Integer::parseInt).toArray()), data);
    }

    @ParameterizedTest(name = "{0}{1} of {2}")
    @MethodSource("arrays")
    void of_arrays(String op, Map<String, ?> attributes, List<Tensor> operands, Tensor result) {
        GraphFunction function = GraphFunction.of(x -> call(op, attributes, x), operands.stream().map(Tensor::shape).toArray(Shape[]::new));
        assertThat(function.run(operands)).containsExactly(result);
    }

    /** Long loops go on where they stopped to look at the clock. */
    @Test
    void of_long_arrays() {
        int n = 600_001;
        Tensor x = counting(2, n);
        Tensor row = counting(n);
        Tensor column = counting(2, 1);
        GraphFunction sums = GraphFunction.of(nodes -> call("add", call("mul", nodes[0], nodes[1]), nodes[2]), x.shape(), row.shape(),
                column.shape());
        double[] expected = new double[2 * n];
        Arrays.setAll(expected, i -> (i + 1.0) * (i % n + 1) + (i / n + 1));
        assertThat(sums.apply(x, row, column).data()).isEqualTo(expected);
        GraphFunction bySelf = GraphFunction.of(nodes -> call("sum", Map.of("axis", 1), nodes), x.shape());
        double total = n * (n + 1.0) / 2;
        assertThat(bySelf.apply(x)).isEqualTo(Tensor.vector(total, total + (double) n * n));
        GraphFunction largest = GraphFunction
                .of(nodes -> call("max", Map.of("axis", 1), call("index", Map.of("at", List.of(":", "::-1")), nodes)), x.shape());
        assertThat(largest.apply(x)).isEqualTo(Tensor.vector(n, 2 * n));
        GraphFunction down = GraphFunction.of(nodes -> call("sum", Map.of("axis", 0), call("transpose", nodes)), x.shape());
        assertThat(down.apply(x)).isEqualTo(Tensor.vector(total, total + (double) n * n));
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                Arguments.of("add", Map.of(), "2,3", "2", "[2, 3] and [2] do not broadcast: 3 against 2 on axis -1"),
                Arguments.of("add", Map.of(), "0", "3", "[0] and [3] do not broadcast"),
                Arguments.of("sum", Map.of("axis", 2), "2,3", null, "axis 2 is out of range for shape [2, 3]"),
                Arguments.of("sum", Map.of("axis", 0), "", null, "axis 0 is out of range for shape []"),
                Arguments.of("mean", Map.of("axis", List.of(0, -2)), "2,3", null, "axis -2 is named twice"),
                Arguments.of("max", Map.of(), "2,0", null, "nothing has no max"),
                Arguments.of("min", Map.of("axis", 1), "2,0", null, "nothing has no min"),
                Arguments.of("matrix_norm", Map.of("ord", 2), "0,0", null,
                        "no matrix_norm of this order: there is nothing to take the largest of in shape [0, 0]"),
                Arguments.of("softmax", Map.of(), "", null, "axis -1 is out of range for shape []"),
                Arguments.of("maxout", Map.of("pieces", 2), "3", null, "does not divide into pieces of 2"),
                Arguments.of("matmul", Map.of(), "2,3", "2,3", "shapes [2, 3] and [2, 3] do not fit"),
                Arguments.of("matmul", Map.of(), "2,2,3", "3,3,2", "shapes [2, 2, 3] and [3, 3, 2] do not fit"),
                Arguments.of("matmul", Map.of(), "", "2", "for numbers use *"),
                Arguments.of("matmul", Map.of(), "2", "", "for numbers use *"),
                Arguments.of("dot", Map.of(), "3", "2,3", "3 elements meet 2"),
                Arguments.of("reshape", Map.of("shape", List.of(4)), "2,3", null, "the 6 elements of shape [2, 3] do not fill [4]"),
                Arguments.of("reshape", Map.of("shape", List.of(4, -1)), "2,3", null, "do not fill [4, -1]"),
                Arguments.of("reshape", Map.of("shape", List.of(-1, 0)), "0", null, "do not fill [-1, 0]"),
                Arguments.of("reshape", Map.of("shape", List.of(-1, -1)), "2,3", null, "more than one open length"),
                Arguments.of("reshape", Map.of("shape", List.of(-2)), "2", null, "or a negative one"),
                Arguments.of("reshape", Map.of("shape", List.of(65536, 65536, 65536, 65536, -1)), "6", null, "do not fill"),
                Arguments.of("transpose", Map.of("axes", List.of(0, 0)), "2,3", null, "do not name each axis"),
                Arguments.of("transpose", Map.of("axes", List.of(0)), "2,3", null, "do not name each axis"),
                Arguments.of("transpose", Map.of("axes", List.of(0, 1, 1)), "2,3", null, "do not name each axis"),
                Arguments.of("broadcast_to", Map.of("shape", List.of(2, 3)), "2", null, "shape [2] does not stretch to [2, 3]"),
                Arguments.of("broadcast_to", Map.of("shape", List.of(3)), "2,3", null, "does not stretch"),
                Arguments.of("concatenate", Map.of(), "2,3", "2,2", "cannot be joined along axis 0"),
                Arguments.of("concatenate", Map.of(), "2", "2,2", "cannot be joined"),
                Arguments.of("concatenate", Map.of(), "", "", "axis 0 is out of range"),
                Arguments.of("stack", Map.of(), "2", "3", "cannot be joined along axis 0"),
                Arguments.of("stack", Map.of("axis", 2), "2", "2", "axis 2 is out of range for stacking shape [2]"),
                Arguments.of("index_transpose", Map.of("shape", List.of(3), "at", List.of(List.of(0))), "1", null,
                        "operand 0 has shape [1], its place []"),
                Arguments.of("index_transpose", Map.of("shape", List.of(3), "at", List.of(List.of(0))), "", "", "2 operands and 1 places"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void operands_that_do_not_fit(String op, Map<String, ?> attributes, String first, @Nullable String second, String message) {
        Shape[] shapes = Stream.of(first, second).filter(Objects::nonNull).map(ValuesTest::shape).toArray(Shape[]::new);
        assertThatThrownBy(() -> GraphFunction.op(op, attributes, shapes.length).shape(shapes)).isInstanceOf(ShapeException.class)
                .hasMessageContaining(message);
    }

    private static Shape shape(String dims) {
        return Shape.of(Arrays.stream(dims.split(",")).filter(dim -> !dim.isEmpty()).mapToInt(Integer::parseInt).toArray());
    }

    /** Lengths of axes beside an empty one count for nothing, however large. */
    @ParameterizedTest
    @MethodSource("hugeAndEmpty")
    void huge_shapes_without_elements(String op, Map<String, ?> attributes, List<Shape> shapes, Tensor result) {
        GraphFunction function = GraphFunction.of(x -> call(op, attributes, x), shapes.toArray(Shape[]::new));
        assertThat(function.run(shapes.stream().map(Tensor::zeros).toList())).containsExactly(result);
    }

    static Stream<Arguments> hugeAndEmpty() {
        Shape huge = Shape.of(50_000, 50_000, 0);
        Shape wide = Shape.of(0, Integer.MAX_VALUE);
        return Stream.of(
                Arguments.of("exp", Map.of(), List.of(huge), Tensor.zeros(huge)),
                Arguments.of("sum", Map.of(), List.of(huge), Tensor.scalar(0)),
                Arguments.of("sum", Map.of("axis", List.of(0, 1)), List.of(huge), Tensor.vector()),
                Arguments.of("max", Map.of("axis", List.of(0, 1)), List.of(huge), Tensor.vector()),
                Arguments.of("logsumexp", Map.of(), List.of(huge), Tensor.scalar(-INF)),
                Arguments.of("logsumexp", Map.of("axis", List.of(0, 1)), List.of(huge), Tensor.vector()),
                Arguments.of("logsumexp", Map.of("axis", 1), List.of(wide), Tensor.vector()),
                Arguments.of("softmax", Map.of(), List.of(wide), Tensor.zeros(wide)),
                Arguments.of("log_softmax", Map.of(), List.of(wide), Tensor.zeros(wide)),
                Arguments.of("transpose", Map.of(), List.of(huge), Tensor.zeros(Shape.of(0, 50_000, 50_000))),
                Arguments.of("broadcast_to", Map.of("shape", List.of(50_000, 50_000, 0)), List.of(Shape.of(0)), Tensor.zeros(huge)),
                Arguments.of("concatenate", Map.of("axis", 2), List.of(huge, huge), Tensor.zeros(huge)),
                Arguments.of("concatenate", Map.of("axis", 0), List.of(Shape.of(0, 50_000, 50_000), Shape.of(0, 50_000, 50_000)),
                        Tensor.zeros(Shape.of(0, 50_000, 50_000))),
                Arguments.of("stack", Map.of(), List.of(huge, huge), Tensor.zeros(Shape.of(2, 50_000, 50_000, 0))),
                Arguments.of("index", Map.of("at", List.of(49_999, "::-1")), List.of(huge), Tensor.zeros(Shape.of(50_000, 0))),
                Arguments.of("matmul", Map.of(), List.of(huge, Shape.of(0, 0)), Tensor.zeros(huge)),
                Arguments.of("matmul", Map.of(), List.of(Shape.of(Integer.MAX_VALUE, 0, 3), Shape.of(1, 3, 2)),
                        Tensor.zeros(Shape.of(Integer.MAX_VALUE, 0, 2))));
    }
}
