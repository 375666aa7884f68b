package io.chainrule.core.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.OneHot;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ops on one-hot batches have the bits that loops over all zeros have, for one sample and for several. */
class OneHotOpsTest {
    private static final double[] AWKWARD = {Double.NaN, Double.POSITIVE_INFINITY, -0.0, 0.0, -1};

    /** Positions that go over all indices of the axis, and some arrays of zeros. */
    private static Tensor positions(int hots, int length) {
        Tensor positions = Tensor.zeros(Shape.of(hots));
        Arrays.setAll(positions.data(), b -> b % (length + 1) - 1);
        return positions;
    }

    private static Tensor random(Shape shape, int seed, int often) {
        Random random = new Random(seed);
        Tensor tensor = Tensor.zeros(shape);
        Arrays.setAll(tensor.data(),
                _ -> random.nextInt(often) == 0 ? AWKWARD[random.nextInt(AWKWARD.length)] : random.nextGaussian());
        return tensor;
    }

    /** Element {@code at} of an array with its zeros. */
    private static double element(double[] values, int from, int at, OneHot.Axis axis, double position) {
        return at / axis.width() % axis.length() == position ? values[from + at] : 0;
    }

    private static Tensor run(Op op, Parallel parallel, Tensor... operands) {
        Shape[] shapes = Arrays.stream(operands).map(Tensor::shape).toArray(Shape[]::new);
        Tensor result = Tensor.full(op.shape(shapes), 7);
        op.prepare(shapes, result.shape()).run(Arrays.stream(operands).map(Tensor::data).toArray(double[][]::new), result.data(), parallel);
        return result;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            4     | 1 | 4 | 1
            4     | 3 | 4 | 1
            3,4   | 1 | 4 | 1
            3,4   | 1 | 3 | 4
            3,4   | 5 | 3 | 4
            3,4   | 2 | 12 | 1
            2,3,4 | 1 | 3 | 4
            2,3,4 | 3 | 3 | 4
            2,3,4 | 3 | 2 | 12
            2,3,4 | 2 | 4 | 1
            """)
    void arrays_are_written_with_their_zeros(String own, int samples, int length, int width) {
        OneHot.Axis axis = new OneHot.Axis(length, width);
        Shape shape = ShapeTables.shape(own);
        Tensor values = random(samples == 1 ? shape : Shape.of(samples).concat(shape), 1, 5);
        Tensor positions = positions(length + 2, length);
        Tensor found = run(new OneHotArrays(shape.rank(), axis), Parallel.NONE, values, positions);
        Shape batch = positions.shape().concat(shape);
        assertThat(found.shape()).isEqualTo(samples == 1 ? batch : Shape.of(samples).concat(batch));
        double[] expected = new double[found.length()];
        int size = shape.length();
        for (int i = 0; i < expected.length; i++) {
            int array = i / size;
            expected[i] = element(values.data(), array / positions.length() * size, i % size, axis,
                    positions.data()[array % positions.length()]);
        }
        assertThat(found.data()).isEqualTo(expected);
    }

    /** The values on the left have vectors along their last axis; a matrix on the right has the positions along its columns. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            5     | 5,4   | true  | true  | 3
            5     | 4,5   | true  | false | 3
            3,5   | 5,4   | true  | true  | 40
            3,5   | 4,5   | true  | false | 40
            2,3,5 | 5,4   | true  | true  | 7
            2,3,5 | 4,5   | true  | false | 7
            20    | 20,33 | true  | true  | 33
            20    | 33,20 | true  | false | 33
            5,3   | 4,5   | false | false | 7
            5,3   | 5,4   | false | true  | 7
            5,3   | 20,5  | false | false | 40
            5,1   | 4,5   | false | false | 7
            5,1   | 20,5  | false | false | 18
            5,1   | 5,20  | false | true  | 18
            """)
    void products_are_those_of_the_arrays(String own, String ofMatrix, boolean isLast, boolean ofRows, int hots) {
        Shape shape = ShapeTables.shape(own);
        Shape matrixShape = ShapeTables.shape(ofMatrix);
        OneHotProduct product = new OneHotProduct(shape.rank(), isLast, ofRows);
        int length = isLast ? shape.last() : shape.dim(0);
        Tensor positions = positions(hots, length);
        for (int often : new int[]{Integer.MAX_VALUE, 9}) {
            for (int ofValues : new int[]{0, 1, 3}) {
                for (int ofMatrices : new int[]{0, 1, 3}) {
                    Tensor values = random(samples(ofValues, shape), 2, often);
                    Tensor matrices = random(samples(ofMatrices, matrixShape), 3, often);
                    Tensor found = run(product, Parallel.NONE, values, positions, matrices);
                    int samples = Math.max(1, Math.max(ofValues, ofMatrices));
                    double[][] expected = new double[samples][];
                    for (int i = 0; i < samples; i++) {
                        expected[i] = dense(values.data(), ofValues < 2 ? 0 : i * shape.length(), shape, positions, matrices.data(),
                                ofMatrices < 2 ? 0 : i * matrixShape.length(), matrixShape, isLast, ofRows);
                    }
                    assertThat(found.data()).as("samples of values %d, of matrices %d", ofValues, ofMatrices)
                            .isEqualTo(Arrays.stream(expected).flatMapToDouble(Arrays::stream).toArray());
                }
            }
        }
    }

    private static Shape samples(int n, Shape own) {
        return n == 0 ? own : Shape.of(n).concat(own);
    }

    private static double[] dense(double[] values, int value, Shape shape, Tensor positions, double[] matrix, int first, Shape matrixShape,
            boolean isLast, boolean ofRows) {
        int length = isLast ? shape.last() : shape.dim(0);
        int width = ofRows ? matrixShape.last() : matrixShape.dim(0);
        int others = shape.length() / length;
        OneHot.Axis axis = new OneHot.Axis(length, isLast ? 1 : others);
        double[] result = new double[positions.length() * others * width];
        int at = 0;
        for (double position : positions.data()) {
            for (int outer = 0; outer < (isLast ? others : width); outer++) {
                for (int inner = 0; inner < (isLast ? width : others); inner++) {
                    int j = isLast ? inner : outer;
                    double sum = 0;
                    for (int p = 0; p < length; p++) {
                        double hot = element(values, value, isLast ? outer * length + p : p * others + inner, axis, position);
                        sum += hot * matrix[first + (ofRows ? p * width + j : j * length + p)];
                    }
                    result[at++] = sum;
                }
            }
        }
        return result;
    }

    /** How often the loop asks whether it may go on. */
    private static int asked(Op op, Tensor... operands) {
        int[] asked = {0};
        run(op, Parallel.onThisThread(() -> asked[0]++), operands);
        return asked[0];
    }

    @Test
    void loops_can_be_stopped() {
        Tensor positions = positions(160, 5);
        assertThat(asked(new OneHotProduct(1, true, true), Tensor.zeros(Shape.of(5)), positions, Tensor.zeros(Shape.of(5, 4))))
                .as("for 160 arrays").isGreaterThanOrEqualTo(10);
        assertThat(asked(new OneHotArrays(1, new OneHot.Axis(5, 1)), Tensor.zeros(Shape.of(8, 5)), positions)).as("for 8 samples")
                .isGreaterThanOrEqualTo(8);
    }

    /** So that two of them with equal names and attributes give equal results. */
    @Test
    void ops_that_differ_have_other_names_or_attributes() {
        List<Op> ops = List.of(new OneHotArrays(1, new OneHot.Axis(4, 1)), new OneHotArrays(2, new OneHot.Axis(4, 1)),
                new OneHotArrays(2, new OneHot.Axis(2, 1)), new OneHotArrays(2, new OneHot.Axis(2, 2)), new OneHotProduct(1, true, true),
                new OneHotProduct(2, true, true), new OneHotProduct(2, false, true), new OneHotProduct(2, false, false));
        assertThat(ops.stream().map(op -> op.name() + op.attributes())).doesNotHaveDuplicates();
        assertThat(ops.stream().map(Op::name).distinct()).containsExactly("one_hot_arrays", "one_hot_product");
    }

    /** On the left the last axis must be the one of the positions; on the right the rows, or the only axis. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            5     | 5 | 1  | 5,4   | 0 | 3,4
            3,5   | 5 | 1  | 5,4   | 0 | 3,3,4
            3,5   | 3 | 5  | 5,4   | 0 |
            3,5   | 15 | 1 | 5,4   | 0 |
            5     | 5 | 1  | 2,5,4 | 0 |
            5     | 5 | 1  | 5     | 0 |
            5     | 5 | 1  | 4,5   | 1 | 3,4
            5,2   | 5 | 2  | 4,5   | 1 | 3,4,2
            5,2   | 2 | 1  | 4,5   | 1 |
            5,2   | 10 | 1 | 4,5   | 1 |
            2,5,3 | 5 | 3  | 4,5   | 1 |
            5,2   | 5 | 2  | 3,4,5 | 1 |
            """)
    void products_without_zeros(String own, int length, int width, String ofMatrix, int operand, @Nullable String result) {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node values = graph.input("values", ShapeTables.shape(own));
        Node matrix = graph.input("matrix", ShapeTables.shape(ofMatrix));
        OneHot hot = new OneHot(values, graph.input("positions", Shape.of(3)), new OneHot.Axis(length, width));
        Node product = new MatMul().batchOneHot(operand == 0 ? new Node[]{values, matrix} : new Node[]{matrix, values}, operand, hot);
        assertThat(product == null ? null : product.shape()).isEqualTo(result == null ? null : ShapeTables.shape(result));
    }

    /** The product with a transposed matrix reads the rows of the matrix where it is. */
    @ParameterizedTest
    @CsvSource({"0, true", "1, false"})
    void a_product_reads_the_stored_matrix(int operand, boolean ofRows) {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node values = graph.input("values", Shape.of(5));
        OneHot hot = new OneHot(values, graph.input("positions", Shape.of(3)), new OneHot.Axis(5, 1));
        Node stored = graph.input("stored", Shape.of(5, 5));
        for (boolean isTransposed : new boolean[]{false, true}) {
            Node matrix = isTransposed ? Maths.matrixTranspose(stored) : stored;
            Node[] operands = operand == 0 ? new Node[]{values, matrix} : new Node[]{matrix, values};
            Node product = Objects.requireNonNull(new MatMul().batchOneHot(operands, operand, hot));
            assertThat(product.operand(2)).isEqualTo(stored);
            assertThat(product.op()).isEqualTo(new OneHotProduct(1, true, ofRows != isTransposed));
        }
    }

    @Test
    void arrays_of_a_batch_are_appended_to_its_graph() {
        GraphBuilder graph = GraphBuilder.withShapes();
        OneHot.Axis axis = new OneHot.Axis(5, 2);
        Node arrays = Maths.arrays(new OneHot(graph.input("values", Shape.of(5, 2)), graph.input("positions", Shape.of(3)), axis));
        assertThat(arrays.op()).isEqualTo(new OneHotArrays(2, axis));
        assertThat(arrays.shape()).isEqualTo(Shape.of(3, 5, 2));
    }

    @Test
    void positions_are_those_of_all_samples() {
        GraphBuilder graph = GraphBuilder.withShapes();
        Node[] operands = {graph.input("values", Shape.of(2, 5)), graph.input("positions", Shape.of(2, 3))};
        OneHotArrays op = new OneHotArrays(1, new OneHot.Axis(5, 1));
        assertThatThrownBy(() -> op.batch(operands, new boolean[]{true, true}, 2)).hasMessageContaining("the same seeds");
        operands[1] = graph.input("positions of all", Shape.of(3));
        assertThat(op.batch(operands, new boolean[]{true, false}, 2).shape()).isEqualTo(Shape.of(2, 3, 5));
    }
}
