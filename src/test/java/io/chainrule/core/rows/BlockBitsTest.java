package io.chainrule.core.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.OpCases;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a row comes to has the same bits at each place of a block and beside any other rows, in blocks of any size: for every op, its value
 * and its derivatives of the first and second order.
 */
class BlockBitsTest {
    private static final int ROWS = 11;
    /** Rows turned round; and repeated and mixed, so that each comes to many places, in a block of an uneven number. */
    private static final List<List<Integer>> PLACES = List.of(
            IntStream.range(0, ROWS).mapToObj(i -> ROWS - 1 - i).toList(), new Random(31).ints(2 * ROWS + 5, 0, ROWS).boxed().toList());

    static Stream<OpCases> ops() {
        return OpCases.of(OpCase.all().filter(one -> !one.shapes().isEmpty()));
    }

    @ParameterizedTest
    @MethodSource("ops")
    void every_op_has_the_same_bits_at_each_place(OpCases cases) {
        cases.each(one -> {
            GraphFunction value = one.function();
            boolean isFirst = cases.cases().indexOf(one) < 2;
            for (GraphFunction function : isFirst
                    ? List.of(value, value.vjp(), value.vjp().jvp(operands(one)))
                    : List.of(value, value.vjp())) {
                int all = (1 << Math.min(one.shapes().size(), 3)) - 1;
                IntStream.of(1, 2, all).filter(chosen -> chosen <= all).distinct().forEach(chosen -> check(function, one, chosen));
            }
        });
    }

    private static int[] operands(OpCase one) {
        return IntStream.range(0, one.shapes().size()).toArray();
    }

    /** Operands differ from row to row by the bits of {@code chosen}; directions, which come after them, always. */
    private static void check(GraphFunction function, OpCase one, int chosen) {
        boolean[] differs = new boolean[function.inputs().length];
        IntStream.range(0, differs.length).forEach(k -> differs[k] = k >= one.shapes().size() || (chosen >> Math.min(k, 2) & 1) == 1);
        List<List<Tensor>> rows = IntStream.range(0, ROWS).mapToObj(row -> values(function, differs, one, row)).toList();
        Block alone = new Block(function, differs, 1);
        List<List<double[]>> expected = rows.stream().map(row -> alone.run(List.of(row)).getFirst()).toList();
        for (List<Integer> places : PLACES) {
            List<List<double[]>> found = new Block(function, differs, places.size()).run(places.stream().map(rows::get).toList());
            for (int place = 0; place < places.size(); place++) {
                List<double[]> ofRow = expected.get(places.get(place));
                for (int k = 0; k < ofRow.size(); k++) {
                    assertThat(Arrays.equals(found.get(place).get(k), ofRow.get(k))).as("row %s at place %s", places, place).isTrue();
                }
            }
        }
    }

    /** Some rows have values on which loops may branch: zeros, NaN, infinities, all elements alike. */
    private static List<Tensor> values(GraphFunction function, boolean[] differs, OpCase one, int row) {
        List<Tensor> same = one.operands(7);
        List<Tensor> own = one.operands(100 + row);
        boolean isSafe = IntStream.range(0, same.size()).noneMatch(one::isDiscrete);
        List<Tensor> values = new ArrayList<>();
        for (int k = 0; k < differs.length; k++) {
            if (k >= same.size()) {
                values.add(direction(function.inputShapes().get(k), row + k));
            } else {
                Tensor value = differs[k] ? own.get(k) : same.get(k);
                if (differs[k] && isSafe && one.isElementwise()) {
                    spoil(value.data(), row);
                }
                values.add(value);
            }
        }
        return values;
    }

    private static void spoil(double[] values, int row) {
        switch (row) {
            case 2 -> Arrays.fill(values, 0);
            case 4 -> Arrays.fill(values, values.length == 0 ? 0 : values[0]);
            case 6 -> Arrays.fill(values, 0, Math.min(1, values.length), Double.NaN);
            case 8 -> Arrays.fill(values, 0, Math.min(1, values.length), Double.POSITIVE_INFINITY);
            case 10 -> Arrays.fill(values, -0.0);
            default -> {
            }
        }
    }

    private static Tensor direction(Shape shape, int seed) {
        Tensor direction = Tensor.zeros(shape);
        Arrays.setAll(direction.data(), i -> Math.sin(1 + i + 10 * seed));
        return direction;
    }

    /** A function that is compiled for a number of rows. */
    private static final class Block {
        private final GraphFunction function;
        private final boolean[] differs;
        private final Batching batching;
        private final Plan plan;

        Block(GraphFunction function, boolean[] differs, int n) {
            this.function = function;
            this.differs = differs;
            BitSet results = new BitSet();
            IntStream.of(function.outputs()).forEach(results::set);
            Map<Integer, Integer> lengths = new HashMap<>();
            IntStream.range(0, differs.length).filter(k -> differs[k]).forEach(k -> lengths.put(function.inputs()[k], n));
            batching = Batching.of(function.graph(), results, lengths, Allowance.UNBOUNDED);
            BitSet kept = new BitSet();
            IntStream.of(function.outputs()).forEach(output -> kept.set(batching.image()[output]));
            plan = Plan.of(batching.graph(), kept);
        }

        /** All outputs of each row. */
        List<List<double[]>> run(List<List<Tensor>> rows) {
            Executor executor = new Executor(plan, Parallel.NONE);
            for (int k = 0; k < differs.length; k++) {
                int image = batching.image()[function.inputs()[k]];
                if (image >= 0) {
                    executor.place(image, differs[k] ? stacked(rows, k) : rows.getFirst().get(k));
                }
            }
            executor.run();
            List<List<double[]>> all = new ArrayList<>();
            for (int row = 0; row < rows.size(); row++) {
                List<double[]> ofRow = new ArrayList<>();
                for (int output : function.outputs()) {
                    double[] value = executor.value(batching.image()[output]).data();
                    int size = batching.isBatched(output) ? value.length / rows.size() : value.length;
                    int from = batching.isBatched(output) ? row * size : 0;
                    ofRow.add(Arrays.copyOfRange(value, from, from + size));
                }
                all.add(ofRow);
            }
            return all;
        }
    }

    private static Tensor stacked(List<List<Tensor>> rows, int k) {
        double[] data = rows.stream().flatMapToDouble(row -> Arrays.stream(row.get(k).data())).toArray();
        return Tensor.of(Shape.of(rows.size()).concat(rows.getFirst().get(k).shape()), data);
    }

    record Case(String program, String shapes, String columns, String wrt) {
        /** Normal numbers; matrices that are squares have a large diagonal. */
        Map<String, Tensor> values(Random random, boolean ofRow) {
            Map<String, Tensor> values = new LinkedHashMap<>();
            for (String part : shapes.split(", ", -1)) {
                String[] dims = part.split(" ", -1);
                if (List.of(columns.split(",", -1)).contains(dims[0]) == ofRow) {
                    Tensor value = Tensor.zeros(Shape.of(Stream.of(dims).skip(1).mapToInt(Integer::parseInt).toArray()));
                    boolean isSquare = dims.length == 3 && dims[1].equals(dims[2]);
                    Arrays.setAll(value.data(), i -> random.nextGaussian() + (isSquare && i % (value.shape().last() + 1) == 0 ? 5 + i : 0));
                    values.put(dims[0], value);
                }
            }
            return values;
        }

        RowProgram rowProgram(Map<String, Tensor> fixed, Map<String, Tensor> row, RowProgram.Derivatives derivatives) {
            List<RowInput> inputs = new ArrayList<>();
            row.forEach((name, value) -> inputs.add(value.shape().isScalar()
                    ? new RowInput.Scalar(name, name)
                    : new RowInput.Array(name, name, value.shape())));
            return new RowProgram(new Source.Text(program), derivatives, List.of(wrt.split(",", -1)), inputs, fixed);
        }
    }

    static Stream<Case> programs() {
        return Stream.of(
                new Case("f = softplus(-y * (dot(w, x) + b))", "w 10, b, x 10, y", "x,y", "w,b"),
                new Case("f = sum((W @ x - y)^2)", "W 37 113, x 113, y 37", "x,y", "W,x"),
                new Case("f = sum((W @ X)^2) + sum((X @ V)^2)", "W 17 130, X 130 19, V 19 5", "X", "W,X,V"),
                new Case("f = sum((W @ X)^2)", "W 17 30, X 30 19", "W,X", "W,X"),
                new Case("f = sum(x^2) + dot(x, v)", "x 5000, v 5000", "x", "x,v"),
                new Case("f = logsumexp(x) + sum(softmax(x) * v) + sum(log_softmax(x)^2)", "x 700, v 700", "x", "x,v"),
                new Case("h = tanh(W @ x + b)\nz = V @ h + c\nf = logsumexp(z) - z[3]", "W 64 39, b 64, V 10 64, c 10, x 39", "x",
                        "W,b,V,c"),
                new Case("f = sum(sum(x, axis=1)^2) + sum(sum(x, axis=0)^3)", "x 60 130", "x", "x"),
                new Case("f = sum(layer_norm(x, g, b)^3)", "x 5 300, g 300, b 300", "x", "x,g,b"),
                new Case("f = sum(solve(A, b)^2) + logdet(A @ A.T + 5 * eye(20))", "A 20 20, b 20", "b", "A,b"),
                new Case("f = sum(solve(A, b)^2) + sum(expm(A / 100)) + sum(inv(A))", "A 20 20, b 20", "A", "A,b"),
                new Case("f = sum(eigvalsh(A)^3) + sum(svdvals(A)) + sum(cholesky(A @ A.T + eye(12)))", "A 12 12", "A", "A"),
                new Case("f = sum(conv2d(x, k, padding=1)^2)", "x 2 3 17 19, k 5 3 3 3", "x", "k,x"),
                new Case("f = sum(max_pool2d(conv2d(x, k), 2)^2)", "x 1 4 28 28, k 8 4 3 3", "x", "k,x"),
                new Case("f = sum(scaled_dot_product_attention(q, k, v)^2)", "q 33 16, k 47 16, v 47 16", "q", "q,k,v"),
                new Case("f = sum(cumsum(x)^2) + sum(sort(x) * v) + prod(1 + x / 1000)", "x 999, v 999", "x", "x,v"),
                new Case("f = sum(outer(x, v)^2)", "x 99, v 77", "x", "x,v"),
                new Case("f = sum(W[0:3] * x) + sum(where(x > 0, sqrt(abs(x)), x^3))", "W 5 4, x 3 4", "x", "W,x"));
    }

    /** Programs whose arrays are long enough for the loops that arrays of a few elements do not reach; against each row's own call. */
    @ParameterizedTest
    @MethodSource("programs")
    void rows_of_a_block_equal_calls_of_their_own(Case one) {
        Random random = new Random(32);
        Map<String, Tensor> fixed = one.values(random, false);
        List<Map<String, Tensor>> rows = Stream.generate(() -> one.values(random, true)).limit(11).toList();
        RowFunction function = RowFunction.of(one.rowProgram(fixed, rows.getFirst(), RowProgram.Derivatives.GRADIENT),
                BuildLimits.GENEROUS);
        Map<Long, List<double[]>> found = found(function, rows);
        for (int row = 0; row < rows.size(); row++) {
            Map<String, Tensor> values = all(fixed, rows.get(row));
            Outcome alone = Program.parse(one.program).valueAndGradient(one.wrt.split(",", -1)).compile(Shapes.ofValues(values))
                    .call(values);
            List<double[]> expected = new ArrayList<>(List.of(alone.value().data()));
            alone.gradients().values().forEach(gradient -> expected.add(gradient.data()));
            assertThat(found.get((long) row)).as("row %s in blocks of %s", row, function.block()).usingElementComparator(Arrays::compare)
                    .isEqualTo(expected);
        }
    }

    private static Map<String, Tensor> all(Map<String, Tensor> fixed, Map<String, Tensor> row) {
        Map<String, Tensor> all = new LinkedHashMap<>(fixed);
        all.putAll(row);
        return all;
    }

    /** What each row comes to, by number. */
    private static Map<Long, List<double[]>> found(RowFunction function, List<Map<String, Tensor>> rows) {
        Map<Long, List<double[]>> found = new HashMap<>();
        RowRun run = function.start("", new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.FAIL), results -> {
            for (int row = 0; row < results.rows(); row++) {
                List<double[]> ofRow = new ArrayList<>();
                for (int k = 0; k < results.quantities().size(); k++) {
                    int size = results.quantities().get(k).shape().length();
                    ofRow.add(Arrays.copyOfRange(results.values(k), row * size, (row + 1) * size));
                }
                found.put(results.number(row), ofRow);
            }
        }, Parallel.NONE);
        for (int row = 0; row < rows.size(); row++) {
            run.begin(row);
            for (int column = 0; column < function.columns().size(); column++) {
                double[] values = Objects.requireNonNull(rows.get(row).get(function.columns().get(column))).data();
                run.cell(column, values, 0, values.length);
            }
            assertThat(run.end()).isTrue();
        }
        run.finish();
        assertThat(run.tally().failure()).isNull();
        return found;
    }

    /** Programs, and the mode of their second derivatives: forward only where a row takes enough operations for a comparison. */
    static Stream<Arguments> secondDerivatives() {
        return Stream.of(
                Arguments.of(new Case("f = sum(tanh(A @ w * x))", "A 200 20, w 20, x", "x", "w"), Transformation.Mode.REVERSE),
                Arguments.of(new Case("f = sum(softplus(A @ w * x))", "A 300 40, w 40, x", "x", "w"), Transformation.Mode.REVERSE),
                Arguments.of(new Case("f = sum(tanh(W @ tanh(W @ x)))", "W 30 30, x 30", "x", "x"), Transformation.Mode.REVERSE),
                Arguments.of(new Case("f = sum(tanh(A @ w * x))", "A 1500 80, w 80, x", "x", "w"), Transformation.Mode.FORWARD),
                Arguments.of(new Case("f = sum(tanh(W @ tanh(W @ x)))", "W 150 150, x 150", "x", "x"), Transformation.Mode.FORWARD));
    }

    /** Forward and reverse mode round these differently. Which is taken does not depend on how many rows are computed together. */
    @ParameterizedTest
    @MethodSource("secondDerivatives")
    void second_derivatives_have_the_same_bits_in_blocks_of_any_size(Case one, Transformation.Mode mode) {
        Random random = new Random(33);
        Map<String, Tensor> fixed = one.values(random, false);
        List<Map<String, Tensor>> rows = Stream.generate(() -> one.values(random, true)).limit(11).toList();
        RowProgram program = one.rowProgram(fixed, rows.getFirst(), RowProgram.Derivatives.HESSIAN);
        String[] names = one.wrt.split(",", -1);
        CompiledJacobian own = Program.parse(one.program).hessian(names).compile(Shapes.ofValues(all(fixed, rows.getFirst())));
        assertThat(own.mode()).isEqualTo(mode);
        for (int most : new int[]{1, 8, 256}) {
            RowFunction function = RowFunction.of(program, BuildLimits.GENEROUS, most);
            Map<Long, List<double[]>> found = found(function, rows);
            for (int row = 0; row < rows.size(); row++) {
                CompiledJacobian.Result alone = own.call(all(fixed, rows.get(row)));
                List<double[]> expected = new ArrayList<>(List.of(Objects.requireNonNull(alone.value()).data()));
                alone.values().values().forEach(gradient -> expected.add(gradient.data()));
                Stream.of(names).forEach(of -> Stream.of(names).forEach(by -> expected.add(alone.block(of, by).dense().data())));
                assertThat(found.get((long) row)).as("row %s in blocks of %s", row, function.block())
                        .usingElementComparator(Arrays::compare).isEqualTo(expected);
            }
        }
    }

    /** Prints {@link #secondDerivativesOfRows}, on a machine of another kind. */
    public static void main(String[] arguments) {
        System.out.println(secondDerivativesOfRows());
    }

    /** The bits of the second derivatives of some rows. */
    private static String secondDerivativesOfRows() {
        Case one = new Case("f = sum(tanh(A @ w * x))", "A 50 5, w 5, x", "x", "w");
        Random random = new Random(34);
        Map<String, Tensor> fixed = one.values(random, false);
        List<Map<String, Tensor>> rows = Stream.generate(() -> one.values(random, true)).limit(3).toList();
        RowProgram program = one.rowProgram(fixed, rows.getFirst(), RowProgram.Derivatives.HESSIAN);
        return found(RowFunction.of(program, BuildLimits.GENEROUS, 4), rows).values().stream()
                .map(row -> Arrays.toString(row.getLast())).collect(Collectors.joining("; "));
    }

    /** There an fma takes as long as a thousand operations, so that these few take as long as those for which modes are compared. */
    @Test
    void second_derivatives_have_the_same_bits_without_fused_multiply_add() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UseFMA",
                "-cp", System.getProperty("java.class.path"), BlockBitsTest.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String found = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).isZero();
        assertThat(found).isEqualTo(secondDerivativesOfRows());
    }
}
