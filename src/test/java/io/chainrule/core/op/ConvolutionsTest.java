package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.management.ThreadMXBean;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions are what a sum over all their indices says, and what PyTorch computes. */
class ConvolutionsTest {

    /** A convolution over height and width, its padding as zeros before and after each. */
    record Case(Shape x, Shape kernel, int[] stride, int[] before, int[] after, int[] dilation, int groups) {
        static Case of(String x, String kernel) {
            return new Case(ShapeTables.shape(x), ShapeTables.shape(kernel), pair(1, 1), pair(0, 0), pair(0, 0), pair(1, 1), 1);
        }

        Case stride(int height, int width) {
            return new Case(x, kernel, pair(height, width), before, after, dilation, groups);
        }

        Case padding(int top, int bottom, int left, int right) {
            return new Case(x, kernel, stride, pair(top, left), pair(bottom, right), dilation, groups);
        }

        Case dilation(int height, int width) {
            return new Case(x, kernel, stride, before, after, pair(height, width), groups);
        }

        Case groups(int n) {
            return new Case(x, kernel, stride, before, after, dilation, n);
        }

        Map<String, ?> attributes() {
            return Map.of("stride", list(stride), "padding", list(before), "dilation", list(dilation), "groups", groups);
        }

        @Override
        public String toString() {
            return x + " by " + kernel + " " + attributes() + " to " + Arrays.toString(after);
        }
    }

    private static int[] pair(int height, int width) {
        return new int[]{height, width};
    }

    private static List<Integer> list(int[] pair) {
        return List.of(pair[0], pair[1]);
    }

    /** By the definition, on an array that is padded first. */
    private static Tensor naive(Case c, Tensor x, Tensor kernel, double[] bias) {
        int[] padded = new int[2];
        int[] size = new int[2];
        for (int i = 0; i < 2; i++) {
            padded[i] = c.before[i] + x.shape().dim(i + 2) + c.after[i];
            size[i] = (padded[i] - c.dilation[i] * (kernel.shape().dim(i + 2) - 1) - 1) / c.stride[i] + 1;
        }
        int channels = x.shape().dim(1);
        int filters = kernel.shape().dim(0);
        Tensor result = Tensor.zeros(Shape.of(x.shape().dim(0), filters, size[0], size[1]));
        for (int n = 0; n < x.shape().dim(0); n++) {
            double[][][] image = new double[channels][padded[0]][padded[1]];
            for (int ch = 0; ch < channels; ch++) {
                for (int h = 0; h < x.shape().dim(2); h++) {
                    for (int w = 0; w < x.shape().dim(3); w++) {
                        image[ch][h + c.before[0]][w + c.before[1]] = x.data()[((n * channels + ch) * x.shape().dim(2) + h)
                                * x.shape().dim(3) + w];
                    }
                }
            }
            for (int f = 0; f < filters; f++) {
                int firstChannel = f / (filters / c.groups) * (channels / c.groups);
                for (int h = 0; h < size[0]; h++) {
                    for (int w = 0; w < size[1]; w++) {
                        double sum = bias[f];
                        for (int k = 0; k < kernel.length() / filters; k++) {
                            int[] at = kernel.shape().sub(1, 4).index(k);
                            sum += kernel.data()[f * (kernel.length() / filters) + k] * image[firstChannel + at[0]][h * c.stride[0]
                                    + at[1] * c.dilation[0]][w * c.stride[1] + at[2] * c.dilation[1]];
                        }
                        result.data()[((n * filters + f) * size[0] + h) * size[1] + w] = sum;
                    }
                }
            }
        }
        return result;
    }

    static Stream<Case> paddedByNumbers() {
        return Stream.of(Case.of("1,1,1,1", "1,1,1,1"), Case.of("2,3,5,4", "4,3,3,2"), Case.of("1,2,7,6", "3,2,2,3").stride(2, 3),
                Case.of("1,1,7,7", "1,1,2,2").stride(5, 4), Case.of("2,1,4,4", "2,1,3,3").padding(1, 1, 1, 1),
                Case.of("1,2,3,3", "1,2,3,3").padding(4, 4, 0, 0).stride(2, 1), Case.of("1,1,9,8", "2,1,3,2").dilation(3, 5),
                Case.of("1,2,6,7", "2,2,2,2").dilation(2, 1).stride(1, 2).padding(1, 1, 2, 2), Case.of("2,4,4,4", "6,2,2,2").groups(2),
                Case.of("1,3,5,5", "3,1,3,3").groups(3).padding(1, 1, 1, 1), Case.of("1,3,4,4", "6,1,2,2").groups(3).stride(2, 2),
                Case.of("2,40,13,13", "5,40,3,3").padding(1, 1, 1, 1), Case.of("1,1,3,700", "2,1,2,5").stride(1, 2),
                Case.of("3,2,2,300", "2,1,1,1").groups(2), Case.of("1,3,5,5", "2,3,5,5"), Case.of("1,300,2,2", "3,300,1,1"),
                Case.of("2,3,9,8", "9,3,3,3").padding(1, 1, 2, 2), Case.of("2,2,30,41", "5,2,3,3"),
                Case.of("2,3,9,8", "6,3,3,3").stride(2, 3).padding(1, 1, 2, 2),
                Case.of("2,8,6,7", "16,4,3,3").groups(2).padding(2, 2, 2, 2),
                Case.of("150,1,5,5", "4,1,3,3"), Case.of("2,2,9,28", "5,2,3,4").dilation(3, 5),
                Case.of("1,1,20,90", "4,1,2,2").padding(1, 1, 0, 0));
    }

    @ParameterizedTest
    @MethodSource("paddedByNumbers")
    void conv2d_is_its_definition(Case c) {
        Tensor x = random(c.x, 1);
        Tensor kernel = random(c.kernel, 2);
        Tensor bias = random(Shape.of(c.kernel.dim(0)), 3);
        close(run("conv2d", c.attributes(), x, kernel, bias), naive(c, x, kernel, bias.data()));
        close(run("conv2d", c.attributes(), x, kernel), naive(c, x, kernel, new double[bias.length()]));
    }

    /** 'same' as Keras and JAX have it: as many results as strides are begun, the odd zero at the end. */
    static Stream<Case> same() {
        return Stream.of(Case.of("1,1,5,6", "2,1,2,4").padding(0, 1, 1, 2), Case.of("1,2,4,5", "1,2,3,3").padding(1, 1, 1, 1),
                Case.of("1,1,5,6", "1,1,3,3").stride(2, 2).padding(1, 1, 0, 1),
                Case.of("1,1,7,8", "1,1,2,2").stride(3, 5).padding(0, 1, 0, 0),
                Case.of("1,1,6,4", "1,1,2,2").dilation(3, 2).padding(1, 2, 1, 1),
                Case.of("2,2,1,3", "2,1,4,1").groups(2).padding(1, 2, 0, 0));
    }

    @ParameterizedTest
    @MethodSource("same")
    void same_padding_keeps_the_size_divided_by_the_stride(Case c) {
        Tensor x = random(c.x, 4);
        Tensor kernel = random(c.kernel, 5);
        Map<String, ?> attributes = Map.of("stride", list(c.stride), "dilation", list(c.dilation), "groups", c.groups, "padding", "same");
        Tensor actual = run("conv2d", attributes, x, kernel);
        close(actual, naive(c, x, kernel, new double[c.kernel.dim(0)]));
        assertThat(actual.shape().sub(2, 4))
                .isEqualTo(Shape.of(Math.ceilDiv(c.x.dim(2), c.stride[0]), Math.ceilDiv(c.x.dim(3), c.stride[1])));
    }

    @ParameterizedTest
    @MethodSource("paddedByNumbers")
    void conv1d_is_conv2d_of_a_single_row(Case c) {
        Case row = new Case(c.x.with(2, 1), c.kernel.with(2, 1), pair(1, c.stride[1]), pair(0, c.before[1]), pair(0, c.after[1]),
                pair(1, c.dilation[1]), c.groups);
        Tensor x = random(row.x, 6);
        Tensor kernel = random(row.kernel, 7);
        Tensor expected = naive(row, x, kernel, new double[c.kernel.dim(0)]);
        Map<String, ?> attributes = Map.of("stride", c.stride[1], "padding", c.before[1], "dilation", c.dilation[1], "groups", c.groups);
        Tensor actual = run("conv1d", attributes, line(x), line(kernel));
        assertThat(actual.data()).containsExactly(expected.data(), within(1e-12));
    }

    private static Tensor line(Tensor row) {
        Shape shape = row.shape();
        return Tensor.of(Shape.of(shape.dim(0), shape.dim(1), shape.dim(3)), row.data());
    }

    @ParameterizedTest
    @MethodSource("paddedByNumbers")
    void conv_transpose2d_is_the_transpose_of_conv2d(Case c) {
        Tensor x = random(c.x, 8);
        Tensor kernel = random(c.kernel, 9);
        Tensor forward = run("conv2d", c.attributes(), x, kernel);
        Tensor y = random(forward.shape(), 10);
        Map<String, Object> attributes = new HashMap<>(c.attributes());
        attributes.put("output_padding", IntStream.range(0, 2)
                .mapToObj(i -> (c.x.dim(i + 2) + 2 * c.before[i] - c.dilation[i] * (c.kernel.dim(i + 2) - 1) - 1) % c.stride[i]).toList());
        Tensor back = run("conv_transpose2d", attributes, y, kernel);
        assertThat(back.shape()).isEqualTo(c.x);
        double expected = product(forward, y);
        assertThat(product(x, back)).isCloseTo(expected, within(1e-11 * (1 + Math.abs(expected))));
        Tensor gradient = GraphFunction.of(n -> GraphFunction.call("conv2d", c.attributes(), n), c.x, c.kernel).vjp(0).apply(x, kernel, y);
        close(gradient, back);
    }

    private static double product(Tensor a, Tensor b) {
        return IntStream.range(0, a.length()).mapToDouble(i -> a.data()[i] * b.data()[i]).sum();
    }

    /** Computed by PyTorch 1.13; element i of x is (7 i mod 11) − 5, of the kernel (5 i mod 7) − 3, of the bias (3 i mod 5) − 2. */
    static Stream<Arguments> ofPyTorch() {
        return Stream.of(
                arguments("conv1d", Map.of("stride", 2, "padding", 1, "dilation", 2), List.of("1,2,7", "3,2,3"),
                        of("1,3,3", -9, 11, -13, 9, -15, 0, -15, -6, 6)),
                arguments("conv1d", Map.of("padding", "same"), List.of("1,2,6", "1,2,4"), of("1,1,6", 10, 16, -16, 29, 0, -17)),
                arguments("conv2d", Map.of("stride", List.of(2, 1), "padding", List.of(1, 0), "dilation", List.of(1, 2), "groups", 2),
                        List.of("1,4,3,4", "4,2,3,2", "4"),
                        of("1,4,2,2", 19, -45, 14, 23, -19, 12, 11, -18, -21, 27, -47, 18, 26, -41, 28, 6)),
                arguments("conv_transpose2d", Map.of("padding", 1), List.of("1,4,2,3", "4,2,3,2"),
                        of("1,2,2,2", 24, -9, 1, -17, -17, -5, -47, 29)),
                arguments("conv_transpose2d",
                        Map.of("stride", List.of(2, 3), "padding", List.of(1, 0), "output_padding", List.of(1, 2), "dilation",
                                List.of(2, 1),
                                "groups", 2),
                        List.of("1,2,2,2", "2,2,2,3", "4"),
                        of("1,4,4,8", -2, -2, -2, -2, -2, -2, -2, -2, 14, -21, -7, -21, 14, 0, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, 2,
                                -8, -4, -12, 13, 3, -2, -2, 1, 1, 1, 1, 1, 1, 1, 1, 3, 17, -18, -4, -18, 17, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                1, 5, -5, 1, -9, 16, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1, 5, -5, -15, -7, -1, 5, -1, -1, -1, -1, -1, -1,
                                -1, -1, -1, -1, 7, -1, -9, -1, -1, -1, -1, -1, 2, 2, 2, 2, 2, 2, 2, 2, 11, 8, -2, 11, -4, 2, 2, 2, 2, 2, 2,
                                2, 2, 2, 2, 2, -10, 10, 2, 2, 2, 2, 2, 2)));
    }

    @ParameterizedTest
    @MethodSource("ofPyTorch")
    void values_are_those_of_pytorch(String op, Map<String, ?> attributes, List<String> shapes, Tensor expected) {
        Tensor[] operands = IntStream.range(0, shapes.size()).mapToObj(k -> numbered(ShapeTables.shape(shapes.get(k)), k))
                .toArray(Tensor[]::new);
        assertThat(run(op, attributes, operands)).isEqualTo(expected);
    }

    private static Tensor numbered(Shape shape, int operand) {
        int factor = new int[]{7, 5, 3}[operand];
        int modulus = new int[]{11, 7, 5}[operand];
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), i -> i * factor % modulus - modulus / 2);
        return tensor;
    }

    @Test
    void gradients_are_those_of_pytorch() {
        Shape shape = ShapeTables.shape("1,2,4,4");
        Shape kernel = ShapeTables.shape("2,2,2,2");
        GraphFunction function = GraphFunction.of(x -> GraphFunction.call("sum", GraphFunction.call("square",
                GraphFunction.call("conv2d", Map.of("stride", 2, "padding", 1), x))), shape, kernel);
        List<Tensor> gradients = function.vjp().run(List.of(numbered(shape, 0), numbered(kernel, 1), Tensor.scalar(1)));
        assertThat(gradients.get(0)).isEqualTo(Tensor.of(shape, -202, 88, -132, -8, 76, -114, 12, 30, -190, 96, -156, -84, 32, -72, 48, -16,
                -198, 132, -88, -20, 76, -30, 54, 96, -190, 138, -114, -144, 24, 72, 24, 46));
        assertThat(gradients.get(1)).isEqualTo(
                Tensor.of(kernel, -54, 214, -32, -348, 66, 52, -56, -184, 154, -246, -422, 498, 162, 94, -558, 154));
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                arguments("conv2d", Map.of(), List.of("8,784", "4,1,3,3"), "conv2d needs x [batch, channels, height, width], got [8, 784]"),
                arguments("conv2d", Map.of(), List.of("1,1,0,3", "1,1,1,1"), "with elements along height, width"),
                arguments("conv1d", Map.of(), List.of("1,1,3,3", "1,1,2"), "conv1d needs x [batch, channels, length]"),
                arguments("conv2d", Map.of(), List.of("1,1,3,3", "1,2,2"),
                        "conv2d needs kernel [out, in/groups, height, width], got [1, 2, 2]"),
                arguments("conv2d", Map.of(), List.of("1,1,3,3", "1,1,0,2"), "with elements"),
                arguments("conv2d", Map.of(), List.of("1,3,3,3", "1,2,2,2"), "x has 3 channels, the kernel takes 2"),
                arguments("conv2d", Map.of("groups", 2), List.of("1,3,3,3", "2,1,2,2"), "takes 1 in each of 2 groups"),
                arguments("conv2d", Map.of("groups", 2), List.of("1,4,3,3", "3,2,2,2"), "3 filters do not divide into 2 groups"),
                arguments("conv2d", Map.of(), List.of("1,1,3,3", "1,1,2,4"),
                        "the kernel spans 4 along the width, x with its padding has 3"),
                arguments("conv2d", Map.of("dilation", List.of(3, 1), "padding", List.of(0, 1)), List.of("1,1,3,3", "1,1,2,4"),
                        "the kernel spans 4 along the height"),
                arguments("conv2d", Map.of(), List.of("1,1,3,3", "2,1,2,2", "1"), "conv2d needs bias [2]"),
                arguments("conv_transpose2d", Map.of(), List.of("1,3,3,3", "2,3,2,2"), "needs kernel [3, out/groups, height, width]"),
                arguments("conv_transpose2d", Map.of("groups", 2), List.of("1,3,3,3", "3,3,2,2"), "do not divide into 2 groups"),
                arguments("conv_transpose2d", Map.of("padding", 2), List.of("1,1,2,2", "1,1,2,2"), "leaves nothing"),
                arguments("convolution", Map.of("stride", List.of(1, 2)), List.of("1,1,3", "1,1,2"), "with 2 spatial axes"),
                arguments("convolution", Map.of("stride", 1 << 26), List.of("1,3", "1,1"),
                        "x [batch, channels, ...] with spatial axes, got [1, 3]"),
                arguments("convolution", Map.of(), List.of("1,2,3", "1,2"), "convolution needs kernel [out, in/groups, ...], got [1, 2]"),
                arguments("convolution", Map.of("input_dilation", 1 << 26), List.of("1,1,100", "1,1,1"),
                        "along an axis of length 6643777537 is more than an array can hold"));
    }

    @Test
    void channels_that_do_not_fit_are_told_with_those_of_all_groups() {
        Shape x = ShapeTables.shape("1,3,4,4");
        assertThatThrownBy(() -> GraphFunction.op("convolution", Map.of(), 2).shape(x, ShapeTables.shape("4,2,2,2")))
                .isInstanceOf(ShapeException.class).hasMessage("convolution: x has 3 channels, the kernel takes 2");
        assertThatThrownBy(() -> GraphFunction.op("convolution", Map.of("groups", 2), 2).shape(x, ShapeTables.shape("4,2,2,2")))
                .isInstanceOfSatisfying(ShapeException.class, e -> {
                    assertThat(e).hasMessage("convolution: x has 3 channels, the kernel takes 2 in each of 2 groups");
                    assertThat(e.expected()).isEqualTo("3 channels");
                    assertThat(e.actual()).isEqualTo("4");
                });
    }

    static Stream<Arguments> attributes() {
        return Stream.of(arguments(Map.of(), Map.of()), arguments(Map.of("stride", 1, "dilation", List.of(1, 1), "groups", 1), Map.of()),
                arguments(Map.of("stride", List.of(2, 2), "groups", 3), Map.of("stride", List.of(2), "groups", 3)),
                arguments(Map.of("stride", List.of(1, 2), "input_dilation", List.of(3, 3), "padding", List.of(List.of(1, 0))),
                        Map.of("stride", List.of(1, 2), "input_dilation", List.of(3), "padding", List.of(List.of(1, 0)))));
    }

    @ParameterizedTest
    @MethodSource("attributes")
    void attributes_are_written_as_short_as_can_be(Map<String, ?> given, Map<String, ?> written) {
        assertThat(GraphFunction.op("convolution", given, 2).attributes()).isEqualTo(written);
    }

    @Test
    void an_axis_without_elements_has_results_of_its_padding() {
        Tensor x = Tensor.zeros(ShapeTables.shape("1,1,0"));
        Map<String, ?> attributes = Map.of("input_dilation", 3, "padding", List.of(List.of(2, 3)));
        assertThat(run("convolution", attributes, x, random(ShapeTables.shape("2,1,2"), 1)))
                .isEqualTo(Tensor.zeros(ShapeTables.shape("1,2,4")));
    }

    /** A convolution is linear in each of its operands. */
    @Test
    void tangents_of_one_operand_are_convolutions_of_that_tangent() {
        Map<String, ?> attributes = Map.of("stride", 2, "padding", 1);
        Tensor x = random(ShapeTables.shape("2,3,5,4"), 1);
        Tensor kernel = random(ShapeTables.shape("4,3,3,2"), 2);
        GraphFunction function = GraphFunction.of(n -> GraphFunction.call("conv2d", attributes, n), x.shape(), kernel.shape());
        Tensor ofX = random(x.shape(), 3);
        Tensor ofKernel = random(kernel.shape(), 4);
        assertThat(function.jvp(0).apply(x, kernel, ofX)).isEqualTo(run("conv2d", attributes, ofX, kernel));
        assertThat(function.jvp(1).apply(x, kernel, ofKernel)).isEqualTo(run("conv2d", attributes, x, ofKernel));
    }

    /** Reshaping copies nothing. */
    @ParameterizedTest
    @CsvSource({"2, 3, 4, 3", "1, 3, 4, 2", "2, 1, 4, 2", "2, 3, 1, 1", "1, 1, 1, 1"})
    void axes_of_length_1_are_exchanged_by_reshaping(int batch, int channels, int filters, int transposes) {
        GraphFunction function = GraphFunction.of(n -> GraphFunction.call("conv2d", n), Shape.of(batch, channels, 4, 4),
                Shape.of(filters, channels, 2, 2));
        assertThat(count(function.vjp(1), "transpose")).as("one of the batch with the channels of x, where groups lie between")
                .isEqualTo(transposes);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0", "3, 1, 1", "1, 2, 1"})
    void only_axes_longer_than_1_are_reversed(int height, int width, int flips) {
        GraphFunction function = GraphFunction.of(n -> GraphFunction.call("conv2d", n), ShapeTables.shape("2,3,4,4"),
                Shape.of(4, 3, height, width));
        assertThat(count(function.vjp(0), "index")).isEqualTo(flips);
    }

    private static long count(GraphFunction function, String op) {
        return IntStream.range(0, function.graph().size()).filter(i -> function.graph().op(i).name().equals(op)).count();
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void refuse_operands_that_do_not_fit(String op, Map<String, ?> attributes, List<String> operands, String message) {
        ShapeTables.assertRefused(op, attributes, operands, message);
    }

    static Stream<Arguments> wrongAttributes() {
        return Stream.of(arguments("conv2d", Map.of("stride", 0), "'stride'"),
                arguments("conv2d", Map.of("stride", List.of(1, 1, 1)), "'stride'"),
                arguments("conv2d", Map.of("stride", List.of()), "'stride'"),
                arguments("conv1d", Map.of("padding", List.of(1, 1)), "'padding'"),
                arguments("conv2d", Map.of("padding", "SAME"), "'same' or 'valid'"),
                arguments("conv2d", Map.of("padding", -1), "'padding'"),
                arguments("conv2d", Map.of("padding", 1L << 31), "'padding'"), arguments("conv2d", Map.of("groups", 0), "'groups'"),
                arguments("conv_transpose2d", Map.of("output_padding", 1), "less than the stride"),
                arguments("conv_transpose2d", Map.of("padding", "same"), "'padding'"),
                arguments("convolution", Map.of("padding", List.of(1, 1)), "'padding'"),
                arguments("convolution", Map.of("padding", List.of(List.of(1))), "[before, after]"),
                arguments("convolution", Map.of("padding", List.of()), "[before, after]"),
                arguments("convolution", Map.of("stride", List.of(1, 2), "dilation", List.of(1, 2, 3)), "'stride'"));
    }

    @ParameterizedTest
    @MethodSource("wrongAttributes")
    void refuse_attributes_that_mean_nothing(String op, Map<String, ?> attributes, String message) {
        assertThatThrownBy(() -> GraphFunction.op(op, attributes, 2)).isInstanceOf(ProblemException.class).hasMessageContaining(message);
    }

    @Test
    void takes_two_or_three_operands() {
        assertThatThrownBy(() -> GraphFunction.op("conv2d", Map.of(), 1)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("2 or 3 operands");
        assertThatThrownBy(() -> GraphFunction.op("conv2d", Map.of(), 4)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("2 or 3 operands");
    }

    @Test
    void zeros_between_elements_cost_nothing() {
        Shape x = ShapeTables.shape("2,3,8,8");
        Shape kernel = ShapeTables.shape("4,3,3,3");
        GraphFunction gradient = GraphFunction.of(n -> GraphFunction.call("conv2d", Map.of("stride", 2, "padding", 1), n), x, kernel)
                .vjp(0);
        assertThat(flops(gradient)).isEqualTo(2 * (2 * 4 * 4 * 4) * (3 * 3 * 3) * 2);
    }

    /** Of all convolutions. */
    private static long flops(GraphFunction function) {
        return IntStream.range(0, function.graph().size()).filter(i -> function.graph().op(i).name().equals("convolution"))
                .mapToLong(i -> function.graph().op(i).flops(function.graph().operandShapes(i), function.graph().shape(i))).sum();
    }

    @Test
    void a_large_convolution_counts_as_dense() {
        Shape[] operands = {ShapeTables.shape("1,64,40,40"), ShapeTables.shape("64,64,3,3")};
        Op op = GraphFunction.op("convolution", Map.of(), 2);
        assertThat(op.dependences(operands, op.shape(operands), (operand, from, to) -> fail("nothing is told"))).isFalse();
    }

    @Test
    void no_result_depends_on_anything_however_large_the_kernel() {
        Shape[] operands = {ShapeTables.shape("1,50000,1,50000"), ShapeTables.shape("0,50000,1,50000")};
        Op op = GraphFunction.op("convolution", Map.of(), 2);
        assertThat(op.dependences(operands, op.shape(operands), (operand, from, to) -> fail("nothing is told"))).isTrue();
    }

    static Stream<Case> large() {
        return Stream.of(Case.of("1,64,60,60", "32,64,3,3").padding(1, 1, 1, 1), Case.of("8,32,40,40", "16,32,38,38"),
                Case.of("4,16,30,30", "64,16,5,5"), Case.of("2,3,64,64", "64,3,7,7"), Case.of("1,64,12,12", "256,64,3,3"),
                Case.of("1,8,20,20", "8,8,3,3"), Case.of("2,64,20,20", "64,16,3,3").groups(4),
                Case.of("2,32,30,30", "48,32,3,3").stride(2, 1).dilation(1, 2),
                // Few filters.
                Case.of("1,64,66,66", "3,64,3,3"), Case.of("1,4096,9,9", "4,2048,5,5").groups(2));
    }

    @ParameterizedTest
    @MethodSource("large")
    void what_a_run_holds_is_counted(Case c) {
        List<List<Integer>> padding = IntStream.range(0, 2).mapToObj(i -> List.of(c.before[i], c.after[i])).toList();
        Op op = GraphFunction.op("convolution", Map.of("stride", list(c.stride), "padding", padding, "dilation", list(c.dilation), "groups",
                (double) c.groups), 2);
        Shape[] operands = {c.x, c.kernel};
        Kernel kernel = op.prepare(operands, op.shape(operands));
        double[][] values = {random(c.x, 1).data(), random(c.kernel, 2).data()};
        double[] result = new double[op.shape(operands).length()];
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double most = 1.2 * kernel.bytes() + 500_000;
        long least = Long.MAX_VALUE;
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        // Vectors are objects until the loops are compiled, which other code can delay.
        while (least > most && System.nanoTime() < end) {
            long before = threads.getCurrentThreadAllocatedBytes();
            kernel.run(values, result, Parallel.NONE);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat((double) least).isBetween(0.95 * kernel.bytes() - 10_000, most);
    }

    @Test
    void a_deadline_stops_the_loops() {
        Tensor x = random(ShapeTables.shape("1,2,9,9"), 1);
        Tensor kernel = random(ShapeTables.shape("2,2,3,3"), 1);
        assertThatThrownBy(() -> GraphFunction.write(GraphFunction.op("convolution", Map.of(), 2), List.of(x, kernel),
                Tensor.zeros(ShapeTables.shape("1,2,7,7")), Parallel.onThisThread(() -> {
                    throw new CancellationException();
                }))).isInstanceOf(CancellationException.class);
    }

    private static Tensor run(String op, Map<String, ?> attributes, Tensor... operands) {
        return GraphFunction
                .of(x -> GraphFunction.call(op, attributes, x), Arrays.stream(operands).map(Tensor::shape).toArray(Shape[]::new))
                .apply(operands);
    }

    private static void close(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.data()).containsExactly(expected.data(), within(1e-12));
    }

    private static Tensor random(Shape shape, long seed) {
        Random random = new Random(seed);
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), i -> random.nextDouble(-1, 1));
        return tensor;
    }

    private static Tensor of(String dims, double... data) {
        return Tensor.of(ShapeTables.shape(dims), data);
    }
}
