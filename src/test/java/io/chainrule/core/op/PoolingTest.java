package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows of images: what their largest elements and means are, and where gradients go. */
class PoolingTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    /** Windows of {@code size}, {@code stride} apart, on images with a border of {@code padding}. */
    record Windows(Shape x, List<Integer> size, List<Integer> stride, List<Integer> padding) {
        Map<String, ?> attributes() {
            return Map.of("kernel_size", size, "stride", stride, "padding", padding);
        }

        MaxPool pool(MaxPool.Gives gives) {
            return new MaxPool(gives, size,
                    IntStream.range(0, 2).mapToObj(i -> new Window(stride.get(i), padding.get(i), padding.get(i), 1, 1)).toList());
        }
    }

    static Stream<Windows> windows() {
        return Stream.of(new Windows(Shape.of(2, 3, 4, 6), List.of(2, 2), List.of(2, 2), List.of(0, 0)),
                new Windows(Shape.of(1, 2, 5, 4), List.of(3, 2), List.of(2, 1), List.of(1, 1)),
                new Windows(Shape.of(1, 1, 7, 7), List.of(2, 3), List.of(4, 5), List.of(0, 1)),
                new Windows(Shape.of(3, 1, 1, 1), List.of(1, 1), List.of(1, 1), List.of(0, 0)),
                new Windows(Shape.of(1, 2, 3, 3), List.of(3, 3), List.of(1, 1), List.of(1, 0)),
                new Windows(Shape.of(1, 1, 2, 9), List.of(4, 5), List.of(1, 2), List.of(2, 2)));
    }

    @ParameterizedTest
    @MethodSource("windows")
    void a_result_is_the_largest_element_or_the_mean_of_its_window(Windows w) {
        Random random = new Random(1);
        Tensor x = Tensor.zeros(w.x);
        Arrays.setAll(x.data(), i -> random.nextDouble(-2, -1));
        Tensor max = run("max_pool2d", w.attributes(), x);
        Tensor mean = run("avg_pool2d", w.attributes(), x);
        Tensor index = run("max_pool2d_indices", w.attributes(), x);
        int[] size = new int[2];
        for (int i = 0; i < 2; i++) {
            size[i] = (w.x.dim(i + 2) + 2 * w.padding.get(i) - w.size.get(i)) / w.stride.get(i) + 1;
        }
        Shape expected = Shape.of(w.x.dim(0), w.x.dim(1), size[0], size[1]);
        assertThat(List.of(max.shape(), mean.shape(), index.shape())).containsOnly(expected);
        for (int to = 0; to < max.length(); to++) {
            int[] at = expected.index(to);
            int image = (at[0] * w.x.dim(1) + at[1]) * w.x.dim(2) * w.x.dim(3);
            double largest = -INF;
            double sum = 0;
            for (int i = 0; i < w.size.get(0); i++) {
                for (int j = 0; j < w.size.get(1); j++) {
                    int row = at[2] * w.stride.get(0) + i - w.padding.get(0);
                    int column = at[3] * w.stride.get(1) + j - w.padding.get(1);
                    boolean inside = row >= 0 && row < w.x.dim(2) && column >= 0 && column < w.x.dim(3);
                    double value = inside ? x.data()[image + row * w.x.dim(3) + column] : 0;
                    sum += value;
                    largest = inside ? Math.max(largest, value) : largest;
                }
            }
            assertThat(max.data()[to]).isEqualTo(largest);
            assertThat(x.data()[image + (int) index.data()[to]]).isEqualTo(largest);
            assertThat(mean.data()[to]).isCloseTo(sum / (w.size.get(0) * w.size.get(1)), within(1e-14));
        }
    }

    /** Of few values, so that most windows have ties, also of 0 and −0, and some have several NaN. */
    @ParameterizedTest
    @MethodSource("windows")
    void in_a_tie_the_first_and_the_last_are_told_apart(Windows w) {
        double[] values = {-1, -1, -0.0, 0.0, 1, 1, NAN};
        for (int seed = 1; seed <= 8; seed++) {
            Random random = new Random(seed);
            int kinds = seed % 2 == 0 ? values.length : values.length - 3;
            Tensor x = Tensor.zeros(w.x);
            Arrays.setAll(x.data(), _ -> values[random.nextInt(kinds)]);
            double[] largest = pool(MaxPool.Gives.LARGEST, w, x);
            double[] first = pool(MaxPool.Gives.FIRST, w, x);
            double[] last = pool(MaxPool.Gives.LAST, w, x);
            double[] gap = pool(MaxPool.Gives.GAP, w, x);
            for (int to = 0; to < largest.length; to++) {
                int image = to / (largest.length / (w.x.dim(0) * w.x.dim(1))) * w.x.dim(2) * w.x.dim(3);
                List<Integer> read = read(w, to);
                int winner = read.getFirst();
                int lastWinner = winner;
                for (int place : read) {
                    double candidate = x.data()[image + place];
                    double most = x.data()[image + winner];
                    winner = candidate > most || Double.isNaN(candidate) && !Double.isNaN(most) ? place : winner;
                    lastWinner = winner == place || candidate == most || Double.isNaN(candidate) ? place : lastWinner;
                }
                int taken = winner;
                double next = read.stream().filter(place -> place != taken).mapToDouble(place -> x.data()[image + place]).max()
                        .orElse(-INF);
                Double value = x.data()[image + winner];
                assertThat(largest[to]).isEqualTo(value);
                assertThat(first[to]).isEqualTo(winner);
                assertThat(last[to]).isEqualTo(lastWinner);
                assertThat(gap[to] + 0.0).as("0 or −0").isEqualTo(Double.valueOf(value - next + 0.0));
            }
        }
    }

    private static double[] pool(MaxPool.Gives gives, Windows w, Tensor x) {
        return GraphFunction.of(n -> n[0].graph().add(w.pool(gives), n), x.shape()).apply(x).data();
    }

    /** The places in an image of what a window reads, row by row. */
    private static List<Integer> read(Windows w, int to) {
        int[] at = w.pool(MaxPool.Gives.LARGEST).shape(w.x).index(to);
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < w.size.get(0); i++) {
            for (int j = 0; j < w.size.get(1); j++) {
                int row = at[2] * w.stride.get(0) + i - w.padding.get(0);
                int column = at[3] * w.stride.get(1) + j - w.padding.get(1);
                if (row >= 0 && row < w.x.dim(2) && column >= 0 && column < w.x.dim(3)) {
                    places.add(row * w.x.dim(3) + column);
                }
            }
        }
        return places;
    }

    @ParameterizedTest
    @MethodSource("windows")
    void a_result_depends_on_its_window_and_a_position_on_nothing(Windows w) {
        List<List<Integer>> told = new ArrayList<>();
        MaxPool pool = w.pool(MaxPool.Gives.LARGEST);
        assertThat(pool.dependences(new Shape[]{w.x}, pool.shape(w.x), (_, from, to) -> told.add(List.of(from, to)))).isTrue();
        int area = w.x.dim(2) * w.x.dim(3);
        int results = pool.shape(w.x).sub(2, 4).length();
        assertThat(told).containsExactlyInAnyOrderElementsOf(IntStream.range(0, pool.shape(w.x).length()).boxed()
                .flatMap(to -> read(w, to).stream().map(place -> List.of(to / results * area + place, to))).toList());
        MaxPool position = w.pool(MaxPool.Gives.FIRST);
        assertThat(position.dependences(new Shape[]{w.x}, position.shape(w.x), (_, _, _) -> fail("nothing is told"))).isTrue();
    }

    static Stream<Arguments> attributes() {
        return Stream.of(arguments(Map.of("kernel_size", 2), Map.of("kernel_size", List.of(2))),
                arguments(Map.of("kernel_size", List.of(2, 3), "stride", List.of(2, 3)), Map.of("kernel_size", List.of(2, 3))),
                arguments(Map.of("kernel_size", List.of(3, 3), "stride", List.of(1, 2), "padding", List.of(1, 1)),
                        Map.of("kernel_size", List.of(3), "stride", List.of(1, 2), "padding", List.of(1))),
                arguments(Map.of("kernel_size", 2, "stride", 1, "padding", List.of(0, 1)),
                        Map.of("kernel_size", List.of(2), "stride", List.of(1), "padding", List.of(0, 1))));
    }

    @ParameterizedTest
    @MethodSource("attributes")
    void attributes_are_written_as_short_as_can_be(Map<String, ?> given, Map<String, ?> written) {
        assertThat(GraphFunction.op("max_pool2d", given, 1).attributes()).isEqualTo(written);
    }

    /** Nodes with the same op, attributes and operands are one node. */
    @Test
    void what_is_told_of_a_window_is_told_apart_by_attributes() {
        Windows w = new Windows(Shape.of(1, 1, 2, 2), List.of(2, 2), List.of(2, 2), List.of(0, 0));
        assertThat(Arrays.stream(MaxPool.Gives.values()).map(gives -> w.pool(gives).name() + w.pool(gives).attributes()))
                .doesNotHaveDuplicates();
    }

    /** Windows of two large images, and one window that is larger than what is read between two checks. */
    static Stream<Windows> large() {
        return Stream.of(new Windows(Shape.of(2, 1, 600, 600), List.of(2, 2), List.of(1, 1), List.of(0, 0)),
                new Windows(Shape.of(1, 1, 1024, 2048), List.of(1024, 2048), List.of(1, 1), List.of(0, 0)),
                new Windows(Shape.of(1, 1, 500, 900), List.of(500, 450), List.of(1, 150), List.of(0, 0)));
    }

    @ParameterizedTest
    @MethodSource("large")
    void the_deadline_is_asked_for_about_each_quarter_of_a_million_elements(Windows w) {
        double[] x = new double[w.x.length()];
        Arrays.fill(x, -1);
        // The first element that is as large as the largest is sought once more where that is 0.
        x[x.length - 1] = 0;
        for (MaxPool.Gives gives : MaxPool.Gives.values()) {
            MaxPool pool = w.pool(gives);
            Shape result = pool.shape(w.x);
            int[] asked = {0};
            pool.prepare(new Shape[]{w.x}, result).run(new double[][]{x}, new double[result.length()],
                    Parallel.onThisThread(() -> asked[0]++));
            assertThat(asked[0]).as("%s", gives).isBetween((int) (pool.flops(new Shape[]{w.x}, result) >> 18),
                    (int) (pool.flops(new Shape[]{w.x}, result) >> 16));
        }
    }

    /** Computed by PyTorch 1.13; there are ties, and element i of x is (7 i mod 11) − 5. */
    @Test
    void the_first_of_equal_elements_gets_the_gradient() {
        Map<String, ?> attributes = Map.of("kernel_size", List.of(3, 2), "stride", List.of(2, 1), "padding", 1);
        Shape shape = Shape.of(1, 2, 5, 4);
        Tensor x = Tensor.zeros(shape);
        Arrays.setAll(x.data(), i -> i * 7 % 11 - 5);
        assertThat(run("max_pool2d_indices", attributes, x).data()).containsExactly(4, 1, 6, 3, 3, 12, 9, 14, 14, 15, 12, 17, 14, 14, 15, 0,
                5, 5, 3, 3, 8, 5, 5, 11, 11, 16, 16, 14, 19, 19);
        Tensor cotangent = Tensor.zeros(Shape.of(1, 2, 3, 5));
        Arrays.setAll(cotangent.data(), i -> i);
        GraphFunction pool = GraphFunction.of(n -> GraphFunction.call("max_pool2d", attributes, n), shape);
        assertThat(pool.vjp().apply(x, cotangent).data()).containsExactly(0, 1, 0, 7, 0, 0, 2, 0, 0, 6, 0, 0, 15, 0, 40, 23, 0, 11, 0, 0,
                15,
                0, 0, 37, 0, 76, 0, 0, 20, 0, 0, 47, 0, 0, 27, 0, 51, 0, 0, 57);
    }

    /** The sign of a zero tells which element was taken: PyTorch takes the first one. */
    @ParameterizedTest
    @MethodSource("zeros")
    void the_value_is_the_element_at_the_position(double[] x, int position) {
        Tensor image = Tensor.of(Shape.of(1, 1, 2, 3), x);
        Map<String, ?> attributes = Map.of("kernel_size", List.of(2, 3));
        assertThat(run("max_pool2d_indices", attributes, image).item()).isEqualTo(position);
        assertThat(Double.doubleToRawLongBits(run("max_pool2d", attributes, image).item()))
                .isEqualTo(Double.doubleToRawLongBits(x[position]));
        // With a border the middle one of three windows is the whole image.
        Map<String, ?> withBorder = Map.of("kernel_size", List.of(2, 3), "stride", 1, "padding", List.of(0, 1));
        assertThat(run("max_pool2d_indices", withBorder, image).data()[1]).isEqualTo(position);
        assertThat(Double.doubleToRawLongBits(run("max_pool2d", withBorder, image).data()[1]))
                .isEqualTo(Double.doubleToRawLongBits(x[position]));
    }

    static Stream<Arguments> zeros() {
        return Stream.of(arguments(new double[]{-0.0, 0.0, -1, -2, 0.0, -3}, 0), arguments(new double[]{0.0, -0.0, -1, -0.0, -5, -3}, 0),
                arguments(new double[]{-1, -2, -3, -4, -0.0, 0.0}, 4), arguments(new double[]{-1, -2, 0.0, -0.0, -4, -0.0}, 2),
                arguments(new double[]{-0.0, -0.0, -0.0, -0.0, -0.0, 1}, 5));
    }

    static Stream<Arguments> ties() {
        return Stream.of(arguments(new double[]{1, 3, 3, 2}, 3.0, 1), arguments(new double[]{1, 3, 2, 2}, 3.0, 0),
                arguments(new double[]{0.0, -0.0, -1, -2}, 0.0, 1), arguments(new double[]{-INF, -INF, -INF, -INF}, -INF, 1),
                arguments(new double[]{1, NAN, INF, 2}, NAN, 0), arguments(new double[]{7, 7, NAN, 7}, NAN, 0));
    }

    @ParameterizedTest
    @MethodSource("ties")
    void a_window_sits_on_a_kink_where_several_elements_win(double[] x, Double largest, double mask) {
        Shape shape = Shape.of(1, 1, 2, 2);
        // With a border the middle one of nine windows is the whole image.
        Map<Map<String, ?>, Integer> pools = Map.of(Map.of("kernel_size", 2), 0, Map.of("kernel_size", 2, "stride", 1, "padding", 1), 4);
        pools.forEach((attributes, window) -> {
            GraphFunction kink = GraphFunction.of(n -> {
                Node node = GraphFunction.call("max_pool2d", attributes, n);
                return Objects.requireNonNull(node.op().kink(node));
            }, shape);
            assertThat(kink.apply(Tensor.of(shape, x)).data()[window]).isEqualTo(mask);
            assertThat(run("max_pool2d", attributes, Tensor.of(shape, x)).data()[window]).isEqualTo(largest);
        });
    }

    @Test
    void a_global_mean_leaves_batch_and_channels() {
        Tensor x = Tensor.of(Shape.of(2, 1, 1, 3), 1, 2, 6, -1, 0, 4);
        assertThat(run("global_avg_pool2d", Map.of(), x)).isEqualTo(Tensor.of(Shape.of(2, 1), 3, 1));
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                arguments("max_pool2d", Map.of("kernel_size", 2), Shape.of(3, 4, 4), "max_pool2d needs x [batch, channels, height, width]"),
                arguments("max_pool2d", Map.of("kernel_size", 2, "padding", 1), Shape.of(1, 1, 0, 4), "with elements"),
                arguments("avg_pool2d", Map.of("kernel_size", 5, "padding", 1), Shape.of(1, 1, 4, 2), "spans 5 along the width"),
                arguments("global_avg_pool2d", Map.of(), Shape.of(2, 3), "global_avg_pool2d needs x"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void refuse_operands_that_do_not_fit(String op, Map<String, ?> attributes, Shape x, String message) {
        assertThatThrownBy(() -> GraphFunction.op(op, attributes, 1).shape(x)).isInstanceOf(ShapeException.class)
                .hasMessageContaining(message);
    }

    static Stream<Arguments> wrongAttributes() {
        return Stream.of(arguments(Map.of(), "needs attribute 'kernel_size'"), arguments(Map.of("kernel_size", 0), "'kernel_size'"),
                arguments(Map.of("kernel_size", 3, "padding", 2), "at most half of kernel_size"),
                arguments(Map.of("kernel_size", 3, "stride", List.of(1, 0)), "'stride'"));
    }

    @ParameterizedTest
    @MethodSource("wrongAttributes")
    void refuse_attributes_that_mean_nothing(Map<String, ?> attributes, String message) {
        for (String op : List.of("max_pool2d", "avg_pool2d", "max_pool2d_indices")) {
            assertThatThrownBy(() -> GraphFunction.op(op, attributes, 1)).isInstanceOf(ProblemException.class)
                    .hasMessageContaining(message);
        }
    }

    private static Tensor run(String op, Map<String, ?> attributes, Tensor x) {
        return GraphFunction.of(n -> GraphFunction.call(op, attributes, n), x.shape()).apply(x);
    }
}
