package io.chainrule.core.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Source;
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
import io.chainrule.core.training.EarlyStopping;
import io.chainrule.core.training.Optimizer;
import io.chainrule.core.training.Schedule;
import io.chainrule.core.training.Trainer;
import io.chainrule.core.training.Training;
import io.chainrule.core.training.Training.StoppedBy;
import io.chainrule.core.training.TrainingOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps over a few rows each: the same as in a training whose samples are held, and the same bits from any state. */
class MinibatchFitTest {
    private static final int ROWS = 60;
    private static final Map<String, Tensor> START = start();
    private static final RowFunction FUNCTION = RowFunction.of(new RowProgram(new Source.Text("f = (dot(w, x) + b - y)^2"),
            RowProgram.Derivatives.GRADIENT, List.of("w", "b"),
            List.of(new RowInput.Vector("x", List.of("x0", "x1")), new RowInput.Scalar("y", "y")), START), BuildLimits.GENEROUS);
    private static final ParameterVector PARAMETERS = new ParameterVector(Shapes.ofValues(START).toMap());
    private static final double[][] DATA = data();

    private static Map<String, Tensor> start() {
        Map<String, Tensor> start = new LinkedHashMap<>();
        start.put("w", Tensor.vector(0.5, -0.5));
        start.put("b", Tensor.scalar(0.1));
        return start;
    }

    private static double[][] data() {
        Random random = new Random(71);
        return Stream.generate(() -> {
            double a = random.nextGaussian();
            double b = random.nextGaussian();
            return new double[]{a, b, 2 * a - 3 * b + 1 + 0.1 * random.nextGaussian()};
        }).limit(ROWS).toArray(double[][]::new);
    }

    private static MinibatchFit.Options options(Optimizer optimizer, Schedule schedule, int batch, long epochs, long steps, double clip,
            @Nullable EarlyStopping stopping) {
        return new MinibatchFit.Options(optimizer, schedule, ROWS, batch, epochs, steps, clip, stopping);
    }

    private static MinibatchFit fit(MinibatchFit.Options options) {
        return new MinibatchFit(options, FUNCTION);
    }

    /** What a local engine does: reads the next rows of a window, reduces them, makes a step; returns the states after each. */
    private static List<byte[]> run(MinibatchFit fit, RowOrder order, long mostSteps) {
        return run(FUNCTION, fit, order, mostSteps);
    }

    private static List<byte[]> run(RowFunction function, MinibatchFit fit, RowOrder order, long mostSteps) {
        List<byte[]> states = new ArrayList<>();
        RowReduction[] reduction = new RowReduction[1];
        RowRun run = function.start("", new RowPolicy(RowPolicy.OnCell.SKIP, RowPolicy.OnResult.KEEP), found -> reduction[0].accept(found),
                Parallel.NONE);
        while (fit.stop() == null && states.size() < mostSteps) {
            run.replace(fit.values());
            reduction[0] = new RowReduction(function.quantities(), Moments.Order.FIRST);
            int rows = fit.nextRows();
            for (long at = fit.rowsOfEpoch(); at < fit.rowsOfEpoch() + rows; at++) {
                long window = at / order.window();
                int size = (int) Math.min(order.window(), ROWS - window * order.window());
                int row = (int) (window * order.window() + order.of(fit.epoch(), window, size)[(int) (at % order.window())]);
                run.begin(row + 1);
                for (int column = 0; column < 3; column++) {
                    run.cell(column, DATA[row][column]);
                }
                run.end();
            }
            run.finish();
            fit.step(reduction[0], rows);
            if (fit.rowsOfEpoch() == ROWS) {
                fit.endEpoch(null);
            }
            states.add(fit.state());
        }
        return states;
    }

    static Stream<Optimizer> optimizers() {
        return Stream.of(Optimizer.of("sgd", Map.of("lr", 0.05)),
                Optimizer.of("sgd", Map.of("lr", 0.05, "momentum", 0.9, "nesterov", true)),
                Optimizer.of("sgd", Map.of("lr", 0.05, "momentum", 0.9, "weight_decay", 0.01)), Optimizer.of("rmsprop", Map.of("lr", 0.01)),
                Optimizer.of("adam", Map.of("lr", 0.05)), Optimizer.of("adam", Map.of("lr", 0.05, "amsgrad", true)),
                Optimizer.of("adamw", Map.of("lr", 0.05)), Optimizer.of("adagrad", Map.of("lr", 0.5)));
    }

    /** The same steps as in a training with all samples in each, where only roundings differ. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void steps_are_those_of_a_training(Optimizer optimizer) {
        for (Schedule schedule : List.of(Schedule.CONSTANT, Schedule.of("cosine", Map.of()), Schedule.of("cosine", Map.of("unit", "step")),
                Schedule.of("step", Map.of("step_size", 10)))) {
            for (double clip : new double[]{Double.POSITIVE_INFINITY, 0.5}) {
                MinibatchFit fit = fit(options(optimizer, schedule, ROWS, 40, 1000, clip, null));
                run(fit, new RowOrder(0, 1), 1000);
                Training training = Trainer.of(new TrainingOptions(optimizer, schedule, 40, 1000, ROWS, ROWS, 0, clip, null, List.of()),
                        Program.parse("f = mean((X @ w + b - y)^2)").trainingStep(List.of("X", "y"), "w", "b")
                                .compile(Shapes.of("X", ROWS, 2, "y", ROWS, "w", 2, "b")))
                        .run(START,
                                Map.of("X",
                                        Tensor.of(Shape.of(ROWS, 2), Arrays.stream(DATA).flatMapToDouble(row -> Arrays.stream(row, 0, 2))
                                                .toArray()),
                                        "y", Tensor.vector(Arrays.stream(DATA).mapToDouble(row -> row[2]).toArray())));
                assertThat(fit.stop()).isEqualTo(training.stoppedBy()).isEqualTo(StoppedBy.EPOCHS);
                assertThat(fit.step()).isEqualTo(training.steps()).isEqualTo(40);
                assertThat(fit.loss()).isCloseTo(training.history().getLast().loss(), within(1e-9));
                fit.values()
                        .forEach((name, value) -> assertThat(value.data()).containsExactly(
                                Objects.requireNonNull(training.parameters().get(name)).data(),
                                within(1e-9)));
            }
        }
    }

    /** Also by optimizers that decay weights: a training leaves such parameters as they are, as PyTorch does without a gradient. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void parameters_without_a_gradient_stay(Optimizer optimizer) {
        Map<String, Tensor> start = new LinkedHashMap<>(Map.of("c", Tensor.vector(5, 7)));
        start.putAll(START);
        start.put("unread", Tensor.scalar(3));
        RowFunction function = RowFunction.of(
                new RowProgram(new Source.Text("spare = unread * c\nf = (dot(w, x) + b - y)^2 + floor(c[0])"),
                        RowProgram.Derivatives.GRADIENT, List.copyOf(start.keySet()), FUNCTION.program().inputs(), start),
                BuildLimits.GENEROUS);
        for (double clip : new double[]{Double.POSITIVE_INFINITY, 0.5}) {
            MinibatchFit.Options options = options(optimizer, Schedule.CONSTANT, 7, 20, 1000, clip, null);
            MinibatchFit expected = fit(options);
            run(expected, new RowOrder(5, 16), 1000);
            MinibatchFit fit = new MinibatchFit(options, function);
            run(function, fit, new RowOrder(5, 16), 1000);
            Map<String, Tensor> values = new LinkedHashMap<>(start);
            values.putAll(expected.values());
            assertThat(fit.values()).isEqualTo(values);
            assertThat(fit.gradientNorm()).isEqualTo(expected.gradientNorm());
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void states_go_on_with_the_same_bits(Optimizer optimizer) {
        MinibatchFit.Options options = options(optimizer, Schedule.of("cosine", Map.of("unit", "step")), 7, 3, 100, 2,
                new EarlyStopping(2, 1e9));
        RowOrder order = new RowOrder(5, 16);
        List<byte[]> states = run(fit(options), order, 1000);
        assertThat(states).hasSize(27);
        for (int from = 0; from < states.size(); from += 4) {
            MinibatchFit resumed = fit(options);
            resumed.resume(states.get(from));
            List<byte[]> others = run(resumed, order, 1000);
            assertThat(others).hasSize(states.size() - from - 1);
            assertThat(resumed.state()).isEqualTo(states.getLast());
        }
    }

    @Test
    void minibatches_in_a_shuffled_order_come_to_the_minimum() {
        MinibatchFit fit = fit(options(Optimizer.of("adam", Map.of("lr", 0.05)), Schedule.of("cosine", Map.of()), 8, 60, 100_000,
                Double.POSITIVE_INFINITY, null));
        run(fit, new RowOrder(3, ROWS), 100_000);
        assertThat(fit.epoch()).isEqualTo(60);
        assertThat(fit.step()).isEqualTo(60 * 8);
        assertThat(PARAMETERS.point(fit.values())).containsExactly(new double[]{2, -3, 1}, within(0.1));
        assertThat(fit.loss()).isLessThan(0.05);
        assertThat(fit.gradientNorm()).isLessThan(1);
    }

    @Test
    void it_says_why_it_ends() {
        Optimizer slow = Optimizer.of("sgd", Map.of("lr", 1e-6));
        MinibatchFit steps = fit(options(slow, Schedule.CONSTANT, 25, 9, 4, 1, null));
        run(steps, new RowOrder(0, 1), 100);
        assertThat(List.of(steps.stop(), steps.step(), steps.epoch(), steps.rowsOfEpoch())).containsExactly(StoppedBy.STEPS, 4L, 1L, 25L);
        MinibatchFit both = fit(options(slow, Schedule.CONSTANT, 30, 2, 4, 1, null));
        run(both, new RowOrder(0, 1), 100);
        assertThat(both.stop()).isEqualTo(StoppedBy.EPOCHS);
        MinibatchFit early = fit(options(slow, Schedule.CONSTANT, 30, 50, 1000, 1, new EarlyStopping(3, 0.5)));
        run(early, new RowOrder(0, 1), 1000);
        assertThat(List.of(early.stop(), early.epoch())).containsExactly(StoppedBy.EARLY_STOPPING, 4L);
        MinibatchFit wild = fit(
                options(Optimizer.of("sgd", Map.of("lr", 1e200)), Schedule.CONSTANT, 30, 50, 1000, Double.POSITIVE_INFINITY, null));
        run(wild, new RowOrder(0, 1), 1000);
        assertThat(wild.stop()).isEqualTo(StoppedBy.NON_FINITE);
        assertThat(wild.values().values()).allMatch(Tensor::isFinite);
        RowReduction none = new RowReduction(FUNCTION.quantities(), Moments.Order.FIRST);
        assertThatIllegalStateException().isThrownBy(() -> wild.step(none, 1)).withMessageContaining("NON_FINITE");
    }

    /** The loss over rows that are not fitted decides, where there are any. */
    @ParameterizedTest
    @CsvSource({"5;4;3;3;3,5", "5;5;5,3", "1;2;0.5;3;4,5", "5;4.9;4.8;4.7,3"})
    void early_stopping_judges_by_validation(String losses, int epochs) {
        MinibatchFit fit = fit(options(Optimizer.of("sgd", Map.of()), Schedule.CONSTANT, 30, 50, 1000, 1, new EarlyStopping(2, 0.3)));
        for (String loss : losses.split(";", -1)) {
            if (fit.stop() == null) {
                fit.endEpoch(Double.valueOf(loss));
            }
        }
        assertThat(fit.stop()).isEqualTo(StoppedBy.EARLY_STOPPING);
        assertThat(fit.epoch()).isEqualTo(epochs);
    }

    /** Losses of which none is finite cannot be compared, so that no step was made too many. */
    @ParameterizedTest
    @CsvSource({"NaN;NaN,NON_FINITE", "Infinity;NaN,NON_FINITE", "3;NaN;NaN,EARLY_STOPPING", "NaN;3;4;4,EARLY_STOPPING"})
    void early_stopping_needs_a_finite_loss(String losses, StoppedBy stop) {
        MinibatchFit fit = fit(options(Optimizer.of("sgd", Map.of()), Schedule.CONSTANT, 30, 50, 1000, 1, new EarlyStopping(2, 0.3)));
        for (String loss : losses.split(";", -1)) {
            assertThat(fit.stop()).isNull();
            fit.endEpoch(Double.valueOf(loss));
        }
        assertThat(fit.stop()).isEqualTo(stop);
    }

    /** The losses of the rows add up to more than a double. */
    @Test
    void an_epoch_of_large_losses_has_a_mean() {
        MinibatchFit fit = fit(options(Optimizer.of("sgd", Map.of("lr", 1e-300)), Schedule.CONSTANT, 20, 2, 1000, 1, null));
        for (int step = 0; step < 3; step++) {
            RowReduction reduction = new RowReduction(FUNCTION.quantities(), Moments.Order.FIRST);
            RowRun run = FUNCTION.start("", new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.FAIL), reduction, Parallel.NONE);
            for (int row = 1; row <= 20; row++) {
                run.begin(row);
                run.cell(0, 1);
                run.cell(1, 1);
                run.cell(2, 1e154);
                assertThat(run.end()).isTrue();
            }
            run.finish();
            fit.step(reduction, 20);
        }
        assertThat(fit.stop()).isNull();
        assertThat(fit.lossOfEpoch()).isCloseTo(1e308, within(1e295));
    }

    @Test
    void rows_that_are_all_left_out_make_no_step() {
        MinibatchFit fit = fit(options(Optimizer.of("adam", Map.of()), Schedule.CONSTANT, 40, 2, 1000, 1, null));
        fit.step(new RowReduction(FUNCTION.quantities(), Moments.Order.FIRST), 40);
        assertThat(List.of(fit.step(), fit.rowsOfEpoch(), (long) fit.nextRows())).containsExactly(0L, 40L, 20L);
        assertThat(fit.values()).isEqualTo(START);
        assertThat(fit.stop()).isNull();
    }

    @Test
    void options_and_states_that_do_not_fit_are_refused() {
        Optimizer adam = Optimizer.of("adam", Map.of());
        for (int[] wrong : new int[][]{{0, 1, 1, 1}, {1, 0, 1, 1}, {1, 1, 0, 1}, {1, 1, 1, 0}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new MinibatchFit.Options(adam, Schedule.CONSTANT, wrong[0], wrong[1], wrong[2],
                            wrong[3], 1, null))
                    .withMessageContaining("1 at least");
        }
        byte[] state = fit(options(adam, Schedule.CONSTANT, 10, 2, 100, 1, null)).state();
        MinibatchFit other = fit(options(Optimizer.of("sgd", Map.of()), Schedule.CONSTANT, 10, 2, 100, 1, null));
        assertThatIllegalArgumentException().isThrownBy(() -> other.resume(state)).withMessageContaining("12 numbers, not 6");
        state[3]++;
        assertThatIllegalArgumentException().isThrownBy(() -> other.resume(state)).withMessageContaining("begin with");
    }

    @Test
    void orders_are_permutations_that_the_seed_the_epoch_and_the_window_decide() {
        RowOrder order = new RowOrder(9, 50);
        List<List<Integer>> orders = new ArrayList<>();
        for (long epoch = 0; epoch < 4; epoch++) {
            for (long window = 0; window < 4; window++) {
                int[] found = order.of(epoch, window, 50);
                assertThat(found).isEqualTo(new RowOrder(9, 50).of(epoch, window, 50));
                assertThat(IntStream.of(found).sorted()).containsExactly(IntStream.range(0, 50).boxed().toArray(Integer[]::new));
                orders.add(IntStream.of(found).boxed().toList());
            }
        }
        orders.add(IntStream.of(new RowOrder(10, 50).of(0, 0, 50)).boxed().toList());
        assertThat(orders).doesNotHaveDuplicates();
        assertThat(new RowOrder(9, 1).of(3, 7, 1)).containsExactly(0);
        assertThat(order.of(0, 0, 0)).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> new RowOrder(9, 0)).withMessageContaining("not 0");
        double[] sums = new double[10];
        for (long window = 0; window < 4000; window++) {
            int[] found = order.of(0, window, 10);
            for (int i = 0; i < 10; i++) {
                sums[i] += found[i] / 4000.0;
            }
        }
        assertThat(sums).as("each row comes to each place alike").containsExactly(
                new double[]{4.5, 4.5, 4.5, 4.5, 4.5, 4.5, 4.5, 4.5, 4.5, 4.5},
                within(0.2));
    }
}
