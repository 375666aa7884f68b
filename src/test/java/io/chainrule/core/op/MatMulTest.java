package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Matrix products: the ops that their derivatives and batches consist of, how operands are read, and how threads share them. */
class MatMulTest {
    private static final Op MATMUL = Products.MATMUL.op();

    private static Shape[] shapes(String operands) {
        return Arrays.stream(operands.split(" ")).map(ShapeTables::shape).toArray(Shape[]::new);
    }

    private static GraphFunction product(String operands) {
        return GraphFunction.of(x -> Maths.matmul(x[0], x[1]), shapes(operands));
    }

    /** A vector is reshaped to a matrix only where there is no product that takes it as it is. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            3 3         | 0 | matmul mul
            3 3         | 1 | matmul mul
            2,3 3       | 0 | matmul reshape reshape transpose matmul
            2,3 3       | 1 | matmul transpose matmul
            3 3,4       | 0 | matmul matmul
            3 3,4       | 1 | matmul reshape reshape transpose matmul
            2,3 3,4     | 0 | matmul transpose matmul
            2,3 3,4     | 1 | matmul transpose matmul
            5,2,3 3     | 1 | matmul reshape reshape transpose matmul sum reshape
            3 5,3,4     | 0 | matmul reshape reshape transpose matmul sum reshape
            5,2,3 5,3,4 | 1 | matmul transpose matmul
            """)
    void a_cotangent_takes_few_ops(String operands, int wrt, String ops) {
        assertThat(String.join(" ", product(operands).vjp(wrt).ops())).isEqualTo(ops);
    }

    @Test
    void a_tangent_takes_one_product_for_each_operand_that_has_one() {
        GraphFunction product = product("2,3 3,4");
        assertThat(product.jvp(0).ops()).containsExactly("matmul", "matmul");
        assertThat(product.jvp(1).ops()).containsExactly("matmul", "matmul");
        assertThat(product.jvp(0, 1).ops()).containsExactly("matmul", "matmul", "matmul", "add");
    }

    /** What is multiplied by one matrix or vector is one product, in the shapes that it has. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2,3 3,4     | 0  | matmul
            2,3 3       | 0  | matmul
            3 3,4       | 0  | matmul
            3 3         | 0  | matmul
            5,2,3 3,4   | 0  | matmul
            2,3 3,4     | 1  | matmul
            2,3 3       | 1  | reshape matmul reshape
            2,3 5,3,4   | 0  | reshape matmul
            2,3 3,4     | 01 | matmul
            """)
    void a_batch_takes_few_ops(String operands, String batched, String ops) {
        GraphFunction product = product(operands);
        BitSet results = new BitSet();
        results.set(product.outputs()[0]);
        Map<Integer, Integer> lengths = new HashMap<>();
        batched.chars().forEach(k -> lengths.put(product.inputs()[k - '0'], 7));
        Batching batching = Batching.of(product.graph(), results, lengths, Allowance.UNBOUNDED);
        GraphFunction batch = new GraphFunction(batching.graph(), new int[0], new int[]{batching.image()[product.outputs()[0]]});
        assertThat(String.join(" ", batch.ops())).isEqualTo(ops);
        assertThat(batch.outputShapes().getFirst()).isEqualTo(Shape.of(7).concat(product.outputShapes().getFirst()));
    }

    /** For exact operands, whose product is rounded; and not so far above the error that it says nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"1,40 40,1", "1,40 40,2", "40 40,3", "3,40 40"})
    void the_error_bound_covers_the_roundings(String operands) {
        Shape[] shapes = shapes(operands);
        List<Tensor> values = Arrays.stream(shapes).map(MatMulTest::random).toList();
        Tensor product = product(operands).run(values).getFirst();
        @Nullable
        Node[] exactOperands = new Node[2];
        Tensor bound = GraphFunction.of(x -> Objects.requireNonNull(MATMUL.error(Maths.matmul(x[0], x[1]), exactOperands)), shapes)
                .run(values).getFirst();
        int columns = shapes[1].rank() == 1 ? 1 : shapes[1].last();
        for (int i = 0; i < product.length(); i++) {
            BigDecimal exact = BigDecimal.ZERO;
            double sizes = 0;
            for (int p = 0; p < 40; p++) {
                double left = values.getFirst().data()[i / columns * 40 + p];
                double right = values.getLast().data()[p * columns + i % columns];
                exact = exact.add(new BigDecimal(left).multiply(new BigDecimal(right)));
                sizes += Math.abs(left * right);
            }
            double error = exact.subtract(new BigDecimal(product.data()[i])).abs().doubleValue();
            assertThat(bound.data()[i]).isBetween(error, 41 * 0x1p-52 * sizes);
        }
    }

    /** An operand that is a transpose is read where it is: the array stays as it was stored, and the bits are those of a copy. */
    @ParameterizedTest
    @ValueSource(strings = {"2,3 3,4", "2,3 3,1", "1,3 3,4", "5,2,3 3,4", "2,3 5,3,4", "5,2,3 5,3,4", "5,1,2,3 4,3,2"})
    void operands_are_read_with_swapped_axes(String operands) {
        Shape[] shapes = shapes(operands);
        Shape result = MATMUL.shape(shapes);
        List<Tensor> values = Arrays.stream(shapes).map(MatMulTest::random).toList();
        Tensor expected = Tensor.zeros(result);
        GraphFunction.write(MATMUL, values, expected, Parallel.NONE);
        for (boolean[] swapped : new boolean[][]{{true, false}, {false, true}, {true, true}}) {
            double[][] stored = new double[2][];
            for (int k = 0; k < 2; k++) {
                assertThat(MATMUL.readsSwapped(k)).isTrue();
                stored[k] = swapped[k]
                        ? GraphFunction.of(x -> Maths.matrixTranspose(x[0]), shapes[k]).apply(values.get(k)).data()
                        : values.get(k).data();
            }
            double[] found = new double[result.length()];
            MATMUL.prepareSwapped(shapes, result, swapped).run(stored, found, Parallel.NONE);
            assertThat(found).as(Arrays.toString(swapped)).isEqualTo(expected.data());
        }
    }

    private static Tensor random(Shape shape) {
        Random random = new Random(shape.hashCode());
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(), _ -> random.nextGaussian());
        return tensor;
    }

    /** Notes each loop that threads share. */
    private static final class SharedLoops implements Parallel {
        private final int operationsAPart;
        private final List<Integer> parts = new ArrayList<>();

        SharedLoops(int operationsAPart) {
            this.operationsAPart = operationsAPart;
        }

        @Override
        public int threads() {
            return 4;
        }

        @Override
        public int operationsAPart() {
            return operationsAPart;
        }

        @Override
        public void run(int count, IntConsumer part) {
            parts.add(count);
            IntStream.range(0, count).forEach(part);
        }

        @Override
        public void check() {}
    }

    private static List<Integer> parts(String operands, int operationsAPart) {
        Shape[] shapes = shapes(operands);
        SharedLoops loops = new SharedLoops(operationsAPart);
        GraphFunction.write(MATMUL, Arrays.stream(shapes).map(Tensor::zeros).toList(), Tensor.zeros(MATMUL.shape(shapes)), loops);
        return loops.parts;
    }

    /** A product of 2 × 3 and 3 × 5 takes 60 operations. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            16,2,3 16,3,5 | 1    | 16
            16,2,3 16,3,5 | 240  | 4
            16,2,3 16,3,5 | 479  | 3
            4,2,3 4,3,5   | 1    | 4
            """)
    void threads_share_whole_products(String operands, int operationsAPart, int parts) {
        assertThat(parts(operands, operationsAPart)).containsExactly(parts);
    }

    @Test
    void threads_share_each_of_fewer_products_than_they_are() {
        assertThat(parts("3,32,2 3,2,1", 1)).hasSize(3).allMatch(parts -> parts > 1);
    }

    @Test
    void many_matrices_by_one_are_one_product() {
        assertThat(parts("3,32,2 2,1", 1)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            3 3                       | 6
            2,3 3                     | 12
            2,3 3,4                   | 48
            5,2,3 3,4                 | 240
            5,1,2,3 7,3,4             | 1680
            2,0 0,3                   | 0
            2147483647,2147483647 2147483647,2147483647 | 9223372036854775807
            """)
    void an_element_takes_a_multiplication_and_an_addition_for_each_pair(String operands, long flops) {
        Shape[] shapes = shapes(operands);
        assertThat(MATMUL.flops(shapes, MATMUL.shape(shapes))).isEqualTo(flops);
    }

    /** Each line of each matrix would have to be looked at otherwise, and there may be billions of them. */
    @ParameterizedTest
    @ValueSource(strings = {"2147483647,0,3 1,3,2", "2147483647,2,3 1,3,0"})
    void an_empty_product_depends_on_nothing(String operands) {
        Shape[] shapes = shapes(operands);
        Op.Dependence none = new Op.Dependence() {
            @Override
            public void between(int operand, int from, int to) {
                throw new AssertionError("operand " + operand + ", element " + from);
            }

            @Override
            public void all(int operand, Op.Line from, Op.Line to) {
                throw new AssertionError("operand " + operand + ", " + from);
            }
        };
        assertThat(MATMUL.dependences(shapes, MATMUL.shape(shapes), none)).isTrue();
    }
}
