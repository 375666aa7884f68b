package io.chainrule.core.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Source;
import io.chainrule.core.fit.Lbfgs.Stop;
import io.chainrule.core.fit.Objective.Evaluation;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowInput;
import io.chainrule.core.rows.RowPolicy;
import io.chainrule.core.rows.RowProgram;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowRun;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** L-BFGS finds minima that are known otherwise, says why it ends, and goes on from any of its states with the same bits. */
class LbfgsTest {
    private static final Lbfgs PRECISE = new Lbfgs(Lbfgs.HISTORY, 1e-9, 0, 2000);

    /** Makes steps until there are no more. */
    private static LbfgsState minimise(Lbfgs method, Objective objective, double[] point) {
        LbfgsState state = method.start(objective, point);
        while (state.stop() == null) {
            state = method.next(objective, state);
        }
        return state;
    }

    /** A function of one vector x, with its gradient. */
    private static Objective function(String expression, int n) {
        CompiledFunction function = Program.parse(expression).valueAndGradient("x").compile(Shapes.of("x", n));
        return point -> {
            Outcome outcome = function.call(Map.of("x", Tensor.vector(point.clone())));
            return new Evaluation(outcome.value().item(), outcome.gradient("x").data());
        };
    }

    private static Objective quadratic(double... scales) {
        return point -> {
            double value = 0;
            double[] gradient = new double[point.length];
            for (int i = 0; i < point.length; i++) {
                value += scales[i] * (point[i] - 1) * (point[i] - 1) / 2;
                gradient[i] = scales[i] * (point[i] - 1);
            }
            return new Evaluation(value, gradient);
        };
    }

    /** The least squares of a column of large numbers, such as times in milliseconds, by one parameter. */
    private static Objective nearZero(double scale, double minimum) {
        return point -> new Evaluation(scale * (point[0] - minimum) * (point[0] - minimum), new double[]{2 * scale * (point[0] - minimum)});
    }

    /** @param steps the most that it may take */
    record Minimum(String name, Objective objective, double[] start, double[] expected, double tolerance, int steps) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static double[] all(int n, double value) {
        return DoubleStream.generate(() -> value).limit(n).toArray();
    }

    static Stream<Minimum> minima() {
        return Stream.of(
                new Minimum("parabola", quadratic(1), new double[]{-50}, all(1, 1), 1e-9, 5),
                new Minimum("Rosenbrock", function("f = (1 - x[0])^2 + 100 * (x[1] - x[0]^2)^2", 2), new double[]{-1.2, 1}, all(2, 1), 1e-8,
                        50),
                new Minimum("Rosenbrock of 100", function("f = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)", 100), all(100, -1),
                        all(100, 1),
                        1e-7, 1000),
                new Minimum("condition 1e4", quadratic(1, 10, 100, 1e3, 1e4), all(5, -3), all(5, 1), 1e-8, 60),
                new Minimum("condition 1e8", quadratic(1, 1e2, 1e4, 1e6, 1e8), all(5, 0), all(5, 1), 1e-8, 300),
                new Minimum("Beale",
                        function("f = (1.5 - x[0] + x[0] * x[1])^2 + (2.25 - x[0] + x[0] * x[1]^2)^2 + (2.625 - x[0] + x[0] * x[1]^3)^2",
                                2),
                        new double[]{1, 1}, new double[]{3, 0.5}, 1e-7, 60),
                new Minimum("with a bound that has no value", function("f = x[0] - log(x[0]) + (x[1] - 2)^4", 2), new double[]{0.001, 40},
                        new double[]{1, 2}, 1e-2, 200),
                new Minimum("steep, as in large units", quadratic(IntStream.range(0, 20).mapToDouble(i -> 1e16 * (1 + 10 * i)).toArray()),
                        all(20, 0), all(20, 1), 1e-9, 100),
                new Minimum("with a gradient whose square overflows", nearZero(1e200, 3), new double[]{-20}, all(1, 3), 1e-6, 20),
                new Minimum("from a height whose square overflows", function("f = exp(x[0]) - 5 * x[0]", 1), new double[]{600},
                        new double[]{Math.log(5)}, 1e-6, 2000),
                new Minimum("much nearer than the first step", nearZero(1e24, 3e-10), new double[1], new double[]{3e-10}, 1e-18, 10),
                new Minimum("far away", function("f = log(1 + (x[0] - 1e6)^2)", 1), new double[]{0}, new double[]{1e6}, 1e-3, 100));
    }

    @ParameterizedTest
    @MethodSource("minima")
    void minima_are_found(Minimum one) {
        LbfgsState end = minimise(PRECISE, one.objective, one.start);
        assertThat(end.point()).containsExactly(one.expected, within(one.tolerance));
        assertThat(end.iteration()).isLessThanOrEqualTo(one.steps);
        assertThat(end.evaluations()).isGreaterThan(end.iteration());
        assertThat(end.stop()).isIn(Stop.GRADIENT, Stop.CHANGE, Stop.LINE_SEARCH);
        assertThat(PRECISE.next(one.objective, end)).isSameAs(end);
        Evaluation again = one.objective.at(end.point());
        assertThat(end.value()).isEqualTo(again.value());
        assertThat(end.gradient()).containsExactly(again.gradient());
    }

    @ParameterizedTest
    @MethodSource("minima")
    void states_go_on_with_the_same_bits(Minimum one) {
        List<byte[]> states = new ArrayList<>();
        LbfgsState state = PRECISE.start(one.objective, one.start);
        while (state.stop() == null && states.size() < 40) {
            states.add(state.toBytes());
            state = PRECISE.next(one.objective, state);
        }
        byte[] end = state.toBytes();
        for (int from = 0; from < states.size(); from++) {
            LbfgsState resumed = LbfgsState.of(states.get(from));
            assertThat(resumed.toBytes()).isEqualTo(states.get(from));
            for (int step = from; step < states.size(); step++) {
                resumed = PRECISE.next(one.objective, step % 3 == 0 ? LbfgsState.of(resumed.toBytes()) : resumed);
            }
            assertThat(resumed.toBytes()).as("from step %s", from).isEqualTo(end);
        }
    }

    @Test
    void it_says_why_it_ends() {
        Objective parabola = quadratic(1, 7);
        double[] start = {9, 9};
        assertThat(minimise(new Lbfgs(5, 1e-6, 0, 100), parabola, start).stop()).isEqualTo(Stop.GRADIENT);
        assertThat(minimise(new Lbfgs(5, 0, 1e-2, 100), parabola, start).stop()).isEqualTo(Stop.CHANGE);
        assertThat(minimise(new Lbfgs(5, 1e-6, 0, 2), parabola, start)).extracting(LbfgsState::stop, LbfgsState::iteration)
                .containsExactly(Stop.ITERATIONS, 2L);
        assertThat(minimise(new Lbfgs(5, 1e-6, 0, 0), parabola, start))
                .extracting(LbfgsState::stop, LbfgsState::iteration, LbfgsState::evaluations)
                .containsExactly(Stop.ITERATIONS, 0L, 1L);
        assertThat(minimise(new Lbfgs(5, 1e-6, 0, 9), parabola, new double[]{1, 1}).stop()).as("at the minimum").isEqualTo(Stop.GRADIENT);
        assertThat(minimise(new Lbfgs(5, 0, 0, 100), function("f = max(maximum(x, -3 * x))", 1), new double[1]))
                .extracting(LbfgsState::stop, LbfgsState::iteration).containsExactly(Stop.LINE_SEARCH, 0L);
        assertThat(minimise(new Lbfgs(5, 0, 0, 100), function("f = log(x[0])", 1), new double[]{-1}).stop()).isEqualTo(Stop.NON_FINITE);
        LbfgsState falling = minimise(new Lbfgs(5, 0, 0, 3), function("f = sum(x)", 1), new double[]{1});
        assertThat(falling.stop()).isEqualTo(Stop.ITERATIONS);
        assertThat(falling.value()).as("a function without a minimum").isLessThan(-1e9);
        assertThat(function("f = sum(x)", 1).at(new double[]{Double.NaN}).isFinite()).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new Lbfgs(0, 0, 0, 3)).withMessageContaining("not 0");
    }

    @Test
    void what_it_remembers_is_counted() {
        Lbfgs method = new Lbfgs(5, 0, 0, 40);
        int elements = 2_000;
        double[] start = all(elements, 9);
        LbfgsState state = minimise(method, quadratic(IntStream.range(0, elements).mapToDouble(i -> 1 + i % 17).toArray()), start);
        assertThat(method.bytes(elements)).isBetween((long) state.toBytes().length, 8L * state.toBytes().length);
    }

    /** Near kinks both searches of a step may evaluate as often as they are allowed to. */
    @Test
    void the_evaluations_of_a_step_are_counted() {
        Random random = new Random(1);
        Lbfgs method = new Lbfgs(5, 1e-8, 0, 100);
        long most = 0;
        for (int i = 0; i < 300; i++) {
            double c = 3 * random.nextDouble();
            Objective kinked = function("f = abs(x[0] - " + c + " * x[1]) + 3 * abs(x[1] - 1) + 0.1 * x[0]^2", 2);
            LbfgsState state = method.start(kinked, new double[]{3 * random.nextGaussian(), 3 * random.nextGaussian()});
            while (state.stop() == null) {
                LbfgsState next = method.next(kinked, state);
                most = Math.max(most, next.evaluations() - state.evaluations());
                state = next;
            }
        }
        assertThat(most).isGreaterThan(LineSearch.MOST_EVALUATIONS);
        assertThat(method.bytes(1)).isGreaterThan(Double.BYTES * most);
    }

    @Test
    void bytes_that_are_no_state_are_refused() {
        byte[] bytes = minimise(new Lbfgs(3, 0, 0, 4), quadratic(1, 2, 3), all(3, 9)).toBytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatIllegalArgumentException().isThrownBy(() -> LbfgsState.of(part)).withMessageContaining("not a state");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> LbfgsState.of(Arrays.copyOf(bytes, bytes.length + 1)))
                .withMessageContaining("another length");
        bytes[3]++;
        assertThatIllegalArgumentException().isThrownBy(() -> LbfgsState.of(bytes)).withMessageContaining("begin with");
    }

    private static final int FEATURES = 4;
    private static final RowFunction LOGISTIC = RowFunction.of(new RowProgram(
            new Source.Text("z = dot(w, x) + b\nf = softplus(z) - y * z + 0.005 * sum(w^2)"), RowProgram.Derivatives.GRADIENT,
            List.of("w", "b"),
            List.of(new RowInput.Vector("x", List.of("x0", "x1", "x2", "x3")), new RowInput.Scalar("y", "y")),
            Map.of("w", Tensor.zeros(Shape.of(FEATURES)), "b", Tensor.scalar(0))), BuildLimits.GENEROUS);

    private static double[][] rows() {
        Random random = new Random(61);
        double[] weights = {1, -2, 0.5, 0};
        return Stream.generate(() -> {
            double[] row = new double[FEATURES + 1];
            double z = -0.5;
            for (int k = 0; k < FEATURES; k++) {
                row[k] = random.nextGaussian() * Math.pow(10, k - 1);
                z += weights[k] * row[k] / Math.pow(10, k - 1);
            }
            row[FEATURES] = random.nextDouble() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
            return row;
        }).limit(2000).toArray(double[][]::new);
    }

    /** The mean loss over rows that are divided among so many partitions. */
    private static RowObjective objective(double[][] rows, int partitions) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put("w", Shape.of(FEATURES));
        shapes.put("b", Shape.SCALAR);
        return new RowObjective(new ParameterVector(shapes), parameters -> {
            RowFunction function = LOGISTIC.with(parameters);
            RowReduction all = new RowReduction(function.quantities(), Moments.Order.FIRST);
            for (int part = 0; part < partitions; part++) {
                RowReduction reduction = new RowReduction(function.quantities(), Moments.Order.FIRST);
                RowRun run = function.start("", new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.KEEP), reduction, Parallel.NONE);
                for (int row = part; row < rows.length; row += partitions) {
                    run.begin(row);
                    for (int column = 0; column <= FEATURES; column++) {
                        run.cell(column, rows[row][column]);
                    }
                    run.end();
                }
                run.finish();
                all.add(RowReduction.of(function.quantities(), reduction.toBytes()));
            }
            return all;
        });
    }

    /** Newton's method, written out: the minimum of the same loss by another way. */
    private static double[] newton(double[][] rows) {
        int n = FEATURES + 1;
        double[] at = new double[n];
        for (int iteration = 0; iteration < 60; iteration++) {
            double[][] system = new double[n][n + 1];
            for (double[] row : rows) {
                double[] x = row.clone();
                x[FEATURES] = 1;
                double z = 0;
                for (int i = 0; i < n; i++) {
                    z += at[i] * x[i];
                }
                double p = 1 / (1 + Math.exp(-z));
                for (int i = 0; i < n; i++) {
                    system[i][n] -= (p - row[FEATURES]) * x[i] / rows.length;
                    for (int j = 0; j < n; j++) {
                        system[i][j] += p * (1 - p) * x[i] * x[j] / rows.length;
                    }
                }
            }
            for (int i = 0; i < FEATURES; i++) {
                system[i][i] += 0.01;
                system[i][n] -= 0.01 * at[i];
            }
            double[] step = solved(system);
            for (int i = 0; i < n; i++) {
                at[i] += step[i];
            }
        }
        return at;
    }

    /** Gauss and Jordan, for a positive definite matrix and a right side in the last column. */
    private static double[] solved(double[][] system) {
        int n = system.length;
        for (int k = 0; k < n; k++) {
            for (int i = 0; i < n; i++) {
                double factor = i == k ? 0 : system[i][k] / system[k][k];
                for (int j = k; j <= n; j++) {
                    system[i][j] -= factor * system[k][j];
                }
            }
        }
        return IntStream.range(0, n).mapToDouble(i -> system[i][n] / system[i][i]).toArray();
    }

    @Test
    void a_logistic_regression_ends_where_Newtons_method_does_with_the_same_bits_for_all_partitions() {
        double[][] rows = rows();
        Lbfgs method = new Lbfgs(Lbfgs.HISTORY, 1e-10, 0, 500);
        LbfgsState end = minimise(method, objective(rows, 1), new double[FEATURES + 1]);
        assertThat(end.point()).containsExactly(newton(rows), within(1e-7));
        assertThat(end.iteration()).isLessThan(60);
        for (int partitions : new int[]{2, 7}) {
            assertThat(minimise(method, objective(rows, partitions), new double[FEATURES + 1]).toBytes()).isEqualTo(end.toBytes());
        }
        ParameterVector vector = objective(rows, 1).parameters();
        Map<String, Tensor> parameters = vector.parameters(end.point());
        assertThat(parameters).containsOnlyKeys("w", "b");
        assertThat(vector.point(parameters)).containsExactly(end.point());
        assertThatIllegalArgumentException().isThrownBy(() -> vector.point(Map.of("w", Tensor.scalar(1)))).withMessageContaining("'w'");
    }

    /** A step that goes where losses have no value is made shorter, whatever becomes of rows otherwise. */
    @ParameterizedTest
    @EnumSource
    void steps_that_go_too_far_are_made_shorter(RowPolicy.OnResult results) {
        RowFunction function = RowFunction
                .of(new RowProgram(new Source.Text("f = 10 * (w * x - log(w))"), RowProgram.Derivatives.GRADIENT, List.of("w"),
                        List.of(new RowInput.Scalar("x", "x")), Map.of("w", Tensor.scalar(1))), BuildLimits.GENEROUS);
        RowPolicy policy = new RowPolicy(RowPolicy.OnCell.FAIL, results);
        long[] notFinite = new long[1];
        RowObjective objective = new RowObjective(new ParameterVector(Map.of("w", Shape.SCALAR)), parameters -> {
            RowReduction reduction = new RowReduction(function.quantities(), Moments.Order.FIRST);
            RowRun run = function.with(parameters).start("", policy, reduction, Parallel.NONE);
            for (double x : new double[]{1, 2, 3}) {
                run.begin((long) x);
                run.cell(0, x);
                assertThat(run.end()).isTrue();
            }
            run.finish();
            assertThat(run.tally().failure()).isNull();
            notFinite[0] += run.tally().notFinite();
            return reduction;
        });
        LbfgsState end = minimise(PRECISE, objective, new double[]{0.8});
        assertThat(end.point()).containsExactly(new double[]{0.5}, within(1e-8));
        assertThat(notFinite[0]).as("rows that had no loss on the way").isPositive();
    }

    @Test
    void without_rows_there_is_nothing_to_fit() {
        assertThatThrownBy(() -> PRECISE.start(objective(new double[0][], 1), new double[FEATURES + 1]))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("no row is left");
    }
}
