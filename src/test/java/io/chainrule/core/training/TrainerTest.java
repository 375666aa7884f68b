package io.chainrule.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training of programs in the core alone. */
class TrainerTest {
    private static final Training.Observer NOBODY = (steps, all, latest) -> {};
    private static TrainingOptions options(long steps, int samples, int batchSize, Map<String, ?> sgd) {
        return new TrainingOptions(Optimizer.of("sgd", sgd), Schedule.CONSTANT, steps, steps, samples, batchSize, 3,
                Double.POSITIVE_INFINITY,
                null, List.of());
    }

    private static Trainable program(String expression, Shapes inputs, List<String> data, String... trained) {
        return Trainable.of(Program.parse(expression).trainingStep(data, trained).compile(inputs), Map.of(), Metric.Scores.PROBABILITIES);
    }

    private static Training train(Trainable program, TrainingOptions options, Map<String, Tensor> parameters, Map<String, Tensor> data) {
        return new Trainer(options, program, null, null).run(parameters, data);
    }

    private static double[] value(Map<String, Tensor> values, String name) {
        return Objects.requireNonNull(values.get(name)).data();
    }

    @Test
    void everyParameterMovesByTheGradientBeforeTheStep() {
        Trainable product = program("dot(p, q)", Shapes.of("p", 2, "q", 2), List.of(), "p", "q");
        Training training = train(product, options(2, 1, 1, Map.of("lr", 0.5)),
                Map.of("p", Tensor.vector(1, 2), "q", Tensor.vector(4, -8)), Map.of());
        double[] p1 = {1 - 0.5 * 4, 2 - 0.5 * -8};
        double[] q1 = {4 - 0.5 * 1, -8 - 0.5 * 2};
        assertThat(value(training.parameters(), "p")).containsExactly(p1[0] - 0.5 * q1[0], p1[1] - 0.5 * q1[1]);
        assertThat(value(training.parameters(), "q")).containsExactly(q1[0] - 0.5 * p1[0], q1[1] - 0.5 * p1[1]);
    }

    @Test
    void stepsAreCountedForWhoReadsThem() {
        Trainable counting = new Trainable(
                Program.parse("w * step").trainingStep(List.of(), "w").compile(Shapes.of("w", "step")), List.of("w"), List.of(), Map.of(),
                "step", List.of(), Map.of(), Metric.Scores.PROBABILITIES);
        Training training = train(counting, options(4, 1, 1, Map.of("lr", 1)), Map.of("w", Tensor.scalar(10)), Map.of());
        assertThat(value(training.parameters(), "w")).containsExactly(10 - (0 + 1 + 2 + 3));
    }

    @Test
    void samplesThatAreNotAsManyAsTheOptionsSayAreRefused() {
        CompiledFunction step = Program.parse("mean((w * x)^2)").trainingStep(List.of("x"), "w").compile(Shapes.of("w", "x", 2));
        Map<String, Tensor> parameters = Map.of("w", Tensor.scalar(1));
        assertThatThrownBy(() -> Trainer.of(options(1, 3, 3, Map.of()), step)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("compiled for 2 samples, batches have 3");
        Trainer trainer = Trainer.of(options(1, 4, 2, Map.of()), step);
        assertThat(trainer.run(parameters, Map.of("x", Tensor.vector(1, 2, 3, 4))).history()).hasSize(1);
        assertThatThrownBy(() -> trainer.run(parameters, Map.of("x", Tensor.vector(1, 2, 3, 4, 5))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("data 'x' must have 4 samples, found shape [5]");
        assertThatThrownBy(() -> trainer.run(parameters, Map.of())).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found none");
    }

    @Test
    void runningStatisticsFollowThoseOfTheBatchAndGoIntoTheValidation() {
        CompiledFunction step = Program.parse("m = mean(x); loss = w^2").trainingStep(List.of("x"), "w")
                .listing("m").compile(Shapes.of("w", "x", 2));
        int mean = Objects.requireNonNull(step.bound().program().find("m"));
        Trainable batches = new Trainable(step, List.of("w"), List.of("x"), Map.of(), null, List.of(), Map.of("mean", mean),
                Metric.Scores.PROBABILITIES);
        Trainable validation = new Trainable(Program.parse("mean^2").value().compile(Shapes.of("mean")), List.of(), List.of(), Map.of(),
                null, List.of("mean"), Map.of(), Metric.Scores.PROBABILITIES);
        TrainingOptions options = options(2, 4, 2, Map.of());
        Training training = new Trainer(options, batches, null, validation).run(Map.of("w", Tensor.scalar(1)),
                Map.of("mean", Tensor.scalar(7)), Map.of("x", Tensor.vector(4, 4, 4, 4)), Map.of(), NOBODY, Parallel.NONE);
        double expected = 0.9 * (0.9 * 7 + 0.1 * 4) + 0.1 * 4;
        assertThat(value(training.statistics(), "mean")).containsExactly(new double[]{expected}, within(1e-15));
        assertThat(training.history().getLast().validationLoss()).isCloseTo(expected * expected, within(1e-13));
    }

    /** A network of one hidden layer over {@code n} samples. */
    private static Trainable network(int n) {
        return program("mse_loss(tanh(x @ first) @ second, y)", Shapes.of("x", n, 50, "y", n, 1, "first", 50, 100, "second", 100, 1),
                List.of("x", "y"), "first", "second");
    }

    private static Tensor waves(Shape shape) {
        double[] data = new double[shape.length()];
        Arrays.setAll(data, i -> Math.sin(i + 1) / 10);
        return Tensor.of(shape, data);
    }

    /** A step's arrays are all there before the first. */
    @Test
    void aStepTakesNoArraysThatStay() {
        Trainable network = network(64);
        Map<String, Tensor> parameters = Map.of("first", waves(Shape.of(50, 100)), "second", waves(Shape.of(100, 1)));
        Map<String, Tensor> data = Map.of("x", waves(Shape.of(128, 50)), "y", waves(Shape.of(128, 1)));
        Map<String, ?> momentum = Map.of("momentum", 0.9);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long few = allocatedBy(() -> train(network, options(20, 128, 64, momentum), parameters, data));
            long many = allocatedBy(() -> train(network, options(220, 128, 64, momentum), parameters, data));
            least = Math.min(least, (many - few) / 200);
        }
        assertThat(least).as("registers take some 20 kB, and vectors that are not compiled yet more than that")
                .isLessThan(300_000);
    }

    private static long allocatedBy(Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    /** A training has no state of its own while trials run beside it, so that these would be repeated after an interruption. */
    @Test
    void trialsBesideATrainingTakeSomeSecondsAtMost() {
        int samples = 640;
        Trainable network = program("mse_loss(tanh(x @ first) @ second, y)",
                Shapes.of("x", 32, 1000, "y", 32, 1, "first", 1000, 2000, "second", 2000, 1), List.of("x", "y"), "first", "second");
        Map<String, Tensor> parameters = Map.of("first", waves(Shape.of(1000, 2000)), "second", waves(Shape.of(2000, 1)));
        Map<String, Tensor> data = Map.of("x", waves(Shape.of(samples, 1000)), "y", waves(Shape.of(samples, 1)));
        TrainingOptions options = options(100_000, samples, 32, Map.of());
        AtomicInteger runs = new AtomicInteger();
        Trials trials = new Trials(options, network, new StepRun(network, Parallel.NONE), parameters, Map.of(), data,
                runs::incrementAndGet);
        double seconds = 1e-9 * network.function().cost().nanos();
        trials.made(50_000);
        assertThat(trials.steps(1) * seconds).isBetween(3.0, 5.0);
        trials.mean(parameters);
        assertThat(runs.get() * seconds).isBetween(0.1, 0.25);
        runs.set(0);
        trials.spend(1000, (double) network.function().cost().flops());
        Pace pace = new Pace(options, parameters, trials, new Watch(options.stepsAnEpoch(), options.stepsInAll()));
        assertThat(pace.smallSteps(Map.of("first", waves(Shape.of(1000, 2000)), "second", Tensor.zeros(Shape.of(2000, 1))), 50_000))
                .isNull();
        assertThat(runs).hasValue(0);
    }

    @Test
    void aHistoryIsBoundedAndKeepsItsEnds() {
        Trainable square = program("w^2", Shapes.of("w"), List.of(), "w");
        List<HistoryEntry> history = train(square, options(12_345, 1, 1, Map.of()), Map.of("w", Tensor.scalar(1)), Map.of()).history();
        assertThat(history).hasSizeBetween(900, 1001);
        assertThat(history.getFirst().step()).isEqualTo(1);
        assertThat(history.getLast().step()).isEqualTo(12_345);
        assertThat(history).extracting(HistoryEntry::step).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whenTheTimeIsOverWhatThereIsIsKept() {
        Trainable square = program("sum(square(w))", Shapes.of("w", 1), List.of(), "w");
        AtomicInteger checks = new AtomicInteger();
        Trainer trainer = new Trainer(options(100, 1, 1, Map.of("lr", 0.25)), square, null, null);
        Training training = trainer.run(Map.of("w", Tensor.vector(1)), Map.of(), Map.of(), Map.of(), NOBODY, Parallel.onThisThread(() -> {
            if (checks.incrementAndGet() > 20) {
                throw new DeadlineExceededException(Duration.ZERO);
            }
        }));
        assertThat(training.stoppedBy()).isEqualTo(Training.StoppedBy.DEADLINE);
        assertThat(training.steps()).isBetween(1L, 20L);
        assertThat(training.history().getLast().step()).isEqualTo(training.steps());
        assertThat(value(training.parameters(), "w")).containsExactly(Math.pow(0.5, (double) training.steps()));
    }

    @Test
    void anEpochShufflesEverySampleInOnce() {
        Shuffle shuffle = new Shuffle(100, 5);
        int[] first = shuffle.next().clone();
        int[] second = shuffle.next().clone();
        assertThat(Arrays.stream(first).sorted().toArray()).isEqualTo(IntStream.range(0, 100).toArray());
        assertThat(Arrays.stream(second).sorted().toArray()).isEqualTo(IntStream.range(0, 100).toArray());
        assertThat(first).isNotEqualTo(second).isEqualTo(new Shuffle(100, 5).next()).isNotEqualTo(new Shuffle(100, 6).next());
    }

    /** Seeds have meant these orders since there are trainings. A shuffle that goes on from a state repeats none of the earlier ones. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, -1, 7, 1L << 40, 0x6A09E667F3BCC909L, Long.MIN_VALUE, Long.MAX_VALUE})
    void shufflesAreThoseOfJavasGenerator(long seed) {
        for (int samples : new int[]{1, 2, 3, 64, 1000}) {
            RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            int[] expected = IntStream.range(0, samples).toArray();
            Shuffle shuffle = new Shuffle(samples, seed);
            for (int epoch = 0; epoch < 20; epoch++) {
                for (int i = samples - 1; i > 0; i--) {
                    int other = random.nextInt(i + 1);
                    int moved = expected[i];
                    expected[i] = expected[other];
                    expected[other] = moved;
                }
                assertThat(shuffle.next()).as("epoch %d of %d samples", epoch, samples).isEqualTo(expected);
                TrainingState written = TrainingState.toWrite();
                shuffle.pass(written);
                shuffle = new Shuffle(samples, seed);
                shuffle.pass(TrainingState.of(written.bytes()));
                assertThat(shuffle.order()).isEqualTo(expected);
            }
        }
    }

    /** The losses of its steps add up to more than a double, but their mean is one, and falls. */
    @Test
    void anEpochOfLargeLossesHasAMean() {
        Trainable program = program("1e308 * w * mean(x)", Shapes.of("w", "x", 2), List.of("x"), "w");
        TrainingOptions options = new TrainingOptions(Optimizer.of("sgd", Map.of("lr", 1e-310)), Schedule.CONSTANT, 9, 1000, 4, 2, 3,
                Double.POSITIVE_INFINITY, new EarlyStopping(1, 0), List.of());
        Training training = train(program, options, Map.of("w", Tensor.scalar(1)), Map.of("x", Tensor.vector(1, 1, 1, 1)));
        assertThat(training.stoppedBy()).isEqualTo(Training.StoppedBy.EPOCHS);
        assertThat(training.steps()).isEqualTo(18);
    }

    @ParameterizedTest
    @CsvSource({"1;2;4,2.3333333333333335", "0.1;0.2;0.3,0.20000000000000004", "1e308;1e308;1e308,1e308",
            "-1e308;-1e308;1e308,-3.3333333333333333e307",
            "1.7976931348623157e308;1.7976931348623157e308;1.7976931348623157e308,1.7976931348623157e308", "4.9e-324;4.9e-324,4.9e-324",
            "1;Infinity,Infinity", "1e308;-Infinity,-Infinity", "1;NaN,NaN", "Infinity;-Infinity,NaN"})
    void aMeanOfFiniteNumbersIsFinite(String numbers, double expected) {
        EpochMean mean = new EpochMean();
        assertThat(mean.mean()).isNaN();
        for (String number : numbers.split(";", -1)) {
            mean.add(Double.parseDouble(number), 1);
        }
        assertThat(mean.mean()).isEqualTo(Double.valueOf(expected));
        mean.clear();
        mean.add(3, 7);
        assertThat(mean.mean()).isEqualTo(3);
    }
}
