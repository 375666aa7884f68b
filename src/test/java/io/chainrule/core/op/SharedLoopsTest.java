package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.execution.NodeByNode;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ops, and their derivatives by each operand, have the same bits however their loops are shared among threads. */
@Tag("kernel")
class SharedLoopsTest {

    /** Large enough for several threads. */
    static Stream<OpCase> large() {
        return Stream.of(of("conv2d", Map.of("padding", 1), ShapeTables.shape("5,8,13,13"), ShapeTables.shape("16,8,3,3")),
                of("conv2d", Map.of("stride", 2), ShapeTables.shape("3,4,40,41"), ShapeTables.shape("9,4,5,5")),
                of("conv2d", Map.of("groups", 6, "padding", "same"), ShapeTables.shape("2,6,20,20"), ShapeTables.shape("6,1,3,3")),
                of("conv_transpose2d", Map.of("stride", 2, "padding", 1), ShapeTables.shape("2,8,9,9"), ShapeTables.shape("8,5,4,4")),
                of("conv1d", Map.of("dilation", 3), ShapeTables.shape("1,2,3000"), ShapeTables.shape("8,2,7")),
                of("max_pool2d", Map.of("kernel_size", 2), ShapeTables.shape("3,4,26,26")),
                of("max_pool2d", Map.of("kernel_size", 3, "stride", 2, "padding", 1), ShapeTables.shape("1,1,90,91")));
    }

    static Stream<OpCases> small() {
        Stream<OpCase> convolutions = ConvolutionsTest.paddedByNumbers()
                .map(c -> of("conv2d", c.attributes(), c.x(), c.kernel()));
        Stream<OpCase> pools = PoolingTest.windows().flatMap(
                w -> Stream.of("max_pool2d", "avg_pool2d", "max_pool2d_indices").map(op -> of(op, w.attributes(), w.x())));
        Stream<OpCase> columns = Stream.of("softmax", "log_softmax", "cumsum", "cummax", "argsort", "logsumexp")
                .map(op -> of(op, Map.of("axis", 1), Shape.of(2, 5, 40)));
        Stream<OpCase> backwards = Stream.of(of("cumsum", Map.of("axis", 0, "reverse", true), Shape.of(5, 40)));
        return OpCases
                .of(Stream.of(OpCase.all(), convolutions, pools, columns, backwards).flatMap(s -> s).filter(one -> one.shape().size() > 0));
    }

    /** Cuts each loop into its smallest parts, and runs the last of them first. */
    static final Parallel SMALLEST_PARTS = new Parallel() {
        @Override
        public int threads() {
            return 100;
        }

        @Override
        public int operationsAPart() {
            return 1;
        }

        @Override
        public void run(int parts, IntConsumer part) {
            for (int i = parts - 1; i >= 0; i--) {
                part.accept(i);
            }
        }

        @Override
        public void check() {}
    };

    @ParameterizedTest
    @MethodSource("small")
    void bits_do_not_depend_on_where_loops_are_cut(OpCases cases) {
        cases.each(one -> {
            GraphFunction function = one.function();
            for (GraphFunction each : List.of(function, function.vjp(), function.jvp())) {
                Random random = new Random(1);
                List<Tensor> operands = one.operands(1);
                Map<Integer, Tensor> inputs = new HashMap<>();
                for (int k = 0; k < each.inputs().length; k++) {
                    inputs.put(each.inputs()[k], k < operands.size() ? operands.get(k) : random(each.inputShapes().get(k), random));
                }
                Map<Integer, Tensor> expected = NodeByNode.values(each.graph(), inputs, Parallel.NONE);
                NodeByNode.values(each.graph(), inputs, SMALLEST_PARTS)
                        .forEach((node, value) -> assertThat(bits(value)).as(each.graph().op(node).name())
                                .isEqualTo(bits(Objects.requireNonNull(expected.get(node)))));
            }
        });
    }

    /** Convolutions by im2col, and both loops of pools. */
    static Stream<OpCase> even() {
        return Stream.of(of("convolution", Map.of(), ShapeTables.shape("2,2,40,40"), ShapeTables.shape("2,2,3,3")),
                of("max_pool2d", Map.of("kernel_size", List.of(2, 3), "stride", 1), ShapeTables.shape("2,2,60,60")),
                of("max_pool2d", Map.of("kernel_size", List.of(2, 3), "stride", 1, "padding", 1), ShapeTables.shape("2,2,60,60")));
    }

    @ParameterizedTest
    @MethodSource("even")
    void a_part_is_as_much_work_as_is_worth_another_thread(OpCase one) {
        double operations = one.op().flops(one.shapes().toArray(Shape[]::new), one.shape());
        assertThat((double) parts(one)).isBetween(operations / WORTH / 1.5, operations / WORTH * 1.5);
    }

    /** 64 lines, and the operations that each of them takes. */
    static Stream<Arguments> lines() {
        return Stream.of(Arguments.of(of("softmax", Map.of("axis", 1), Shape.of(32, 128, 2)), 16 * 128, 1),
                Arguments.of(of("softmax", Map.of("axis", 0), Shape.of(128, 64)), 16 * 128, 16),
                Arguments.of(of("take_along_axis_transpose", Map.of("length", 1048), Shape.of(64, 1000), Shape.of(64, 1000)), 2048, 1),
                Arguments.of(of("argcummax", Map.of("axis", 1), Shape.of(64, 2048)), 2048, 1),
                Arguments.of(of("cumsum", Map.of("axis", 0), Shape.of(2048, 64)), 2048, 16),
                Arguments.of(of("cumsum", Map.of("axis", 1), Shape.of(4, 2048, 16)), 2048, 16),
                Arguments.of(of("cumsum", Map.of("axis", 1), Shape.of(8, 1024, 8)), 1024, 1),
                Arguments.of(of("argsort", Map.of("axis", 1), Shape.of(64, 512)), 10 * 512, 1));
    }

    /** Lines that lie beside each other may be computed {@code together}. */
    @ParameterizedTest
    @MethodSource("lines")
    void lines_are_shared_by_the_work_that_they_are(OpCase one, int operationsALine, int together) {
        int linesAPart = Math.ceilDiv(WORTH / operationsALine, together) * together;
        assertThat(parts(one)).isEqualTo(Math.ceilDiv(64, linesAPart));
    }

    private static final int WORTH = 1 << 14;

    /** Into how many parts the loop of an op is cut, if there are many threads. */
    private static int parts(OpCase one) {
        int[] most = {1};
        Parallel parallel = new Parallel() {
            @Override
            public int threads() {
                return 1000;
            }

            @Override
            public int operationsAPart() {
                return WORTH;
            }

            @Override
            public void run(int parts, IntConsumer part) {
                most[0] = Math.max(most[0], parts);
                IntStream.range(0, parts).forEach(part);
            }

            @Override
            public void check() {}
        };
        double[][] operands = one.shapes().stream().map(shape -> new double[shape.length()]).toArray(double[][]::new);
        one.op().prepare(one.shapes().toArray(Shape[]::new), one.shape()).run(operands, new double[one.shape().length()], parallel);
        return most[0];
    }

    static Stream<OpCase> cut() {
        return Stream.concat(lines().map(each -> (OpCase) each.get()[0]),
                Stream.of("softmax", "log_softmax").map(op -> of(op, Map.of("axis", 0), Shape.of(128, 600))));
    }

    /** What one thread writes no other does. */
    @ParameterizedTest
    @MethodSource("cut")
    void parts_write_different_elements(OpCase large) {
        Shape[] shapes = large.shapes().toArray(Shape[]::new);
        double[][] operands = Stream.of(shapes).map(shape -> new double[shape.length()]).toArray(double[][]::new);
        int[] written = new int[large.shape().length()];
        int parts = 3;
        for (int k = 0; k < parts; k++) {
            int only = k;
            double[] result = new double[written.length];
            Arrays.fill(result, Double.NaN);
            large.op().prepare(shapes, large.shape()).run(operands, result, new Parallel() {
                @Override
                public int threads() {
                    return 100;
                }

                @Override
                public void run(int all, IntConsumer part) {
                    throw new AssertionError("shared already");
                }

                @Override
                public void share(int n, int unit, Run run) {
                    int units = n / unit;
                    run.run(units * only / parts * unit, only == parts - 1 ? n : units * (only + 1) / parts * unit);
                }

                @Override
                public int operationsAPart() {
                    return 1;
                }

                @Override
                public void check() {}
            });
            IntStream.range(0, written.length).filter(i -> !Double.isNaN(result[i])).forEach(i -> written[i]++);
        }
        assertThat(written).containsOnly(1);
    }

    private static OpCase of(String op, Map<String, ?> attributes, Shape... shapes) {
        return new OpCase(Objects.requireNonNull(OpCatalogue.find(op)), attributes, List.of(shapes));
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("large")
    void bits_do_not_depend_on_the_number_of_threads(OpCase one) {
        Shape[] shapes = one.shapes().toArray(Shape[]::new);
        GraphFunction function = GraphFunction.of(x -> GraphFunction.call(one.definition().name(), one.attributes(), x), shapes);
        Random random = new Random(1);
        List<Tensor> inputs = new ArrayList<>(one.shapes().stream().map(shape -> random(shape, random)).toList());
        List<long[]> expected = bits(function, inputs, Parallel.NONE);
        for (int threads : new int[]{2, 3, 8}) {
            try (Threads parallel = Threads.of(threads)) {
                assertThat(bits(function, inputs, parallel)).as("on " + threads + " threads").usingRecursiveComparison()
                        .isEqualTo(expected);
            }
        }
    }

    /** The bits of the value, and of the products of a cotangent with the derivatives. */
    private static List<long[]> bits(GraphFunction function, List<Tensor> inputs, Parallel parallel) {
        Tensor value = function.run(inputs, parallel).getFirst();
        List<Tensor> withCotangent = new ArrayList<>(inputs);
        withCotangent.add(random(value.shape(), new Random(2)));
        return Stream.concat(Stream.of(value), function.vjp().run(withCotangent, parallel).stream())
                .map(SharedLoopsTest::bits).toList();
    }

    private static long[] bits(Tensor tensor) {
        return Arrays.stream(tensor.data()).mapToLong(Double::doubleToRawLongBits).toArray();
    }

    private static Tensor random(Shape shape, Random random) {
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), i -> random.nextDouble(-1, 1));
        return tensor;
    }
}
