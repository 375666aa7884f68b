package io.chainrule.core.training;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Checkpoint;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Training of graphs, whoever made them. */
class TrainerTest {
    private static final Training.Observer NOBODY = (steps, all, latest) -> {};
    private final GraphBuilder builder = GraphBuilder.withShapes();

    private static TrainingOptions options(long steps, int samples, int batchSize, Map<String, ?> sgd) {
        return new TrainingOptions(Optimizer.of("sgd", sgd), Schedule.CONSTANT, steps, steps, samples, batchSize, 3,
                Double.POSITIVE_INFINITY,
                null, List.of());
    }

    private Trainable program(Node loss, Map<String, Integer> parameters, Map<String, Integer> data) {
        return new Trainable(builder.build(), loss.index(), parameters, data, Map.of(), node -> "node " + node);
    }

    private static Training train(Trainable program, TrainingOptions options, Map<String, Tensor> parameters, Map<String, Tensor> data) {
        return new Trainer(options, program, null, null, Allowance.UNBOUNDED).run(parameters, Map.of(), data, Map.of(), NOBODY,
                Checkpoint.NONE);
    }

    private static double[] value(Map<String, Tensor> values, String name) {
        return Objects.requireNonNull(values.get(name)).data();
    }

    @Test
    void everyParameterMovesByTheGradientBeforeTheStep() {
        Node p = builder.input("p", Shape.of(2));
        Node q = builder.input("q", Shape.of(2));
        Trainable product = program(call("dot", p, q), Map.of("p", p.index(), "q", q.index()), Map.of());
        Training training = train(product, options(2, 1, 1, Map.of("lr", 0.5)),
                Map.of("p", Tensor.vector(1, 2), "q", Tensor.vector(4, -8)), Map.of());
        double[] p1 = {1 - 0.5 * 4, 2 - 0.5 * -8};
        double[] q1 = {4 - 0.5 * 1, -8 - 0.5 * 2};
        assertThat(value(training.parameters(), "p")).containsExactly(p1[0] - 0.5 * q1[0], p1[1] - 0.5 * q1[1]);
        assertThat(value(training.parameters(), "q")).containsExactly(q1[0] - 0.5 * p1[0], q1[1] - 0.5 * p1[1]);
    }

    @Test
    void stepsAreCountedForWhoReadsThem() {
        Node w = builder.input("w", Shape.SCALAR);
        Node step = builder.input("step", Shape.SCALAR);
        Trainable counting = new Trainable(graphOf(call("mul", w, step)), builder.size() - 1, Map.of("w", w.index()), Map.of(), Map.of(),
                step.index(), Map.of(), Map.of(), null, null, Metric.Scores.PROBABILITIES, String::valueOf);
        Training training = train(counting, options(4, 1, 1, Map.of("lr", 1)), Map.of("w", Tensor.scalar(10)), Map.of());
        assertThat(value(training.parameters(), "w")).containsExactly(10 - (0 + 1 + 2 + 3));
    }

    private Graph graphOf(Node last) {
        assertThat(last.index()).isEqualTo(builder.size() - 1);
        return builder.build();
    }

    @Test
    void runningStatisticsFollowThoseOfTheBatchAndGoIntoTheValidation() {
        Node w = builder.input("w", Shape.SCALAR);
        Node x = builder.input("x", Shape.of(2));
        Node mean = call("mean", x);
        Node loss = call("square", w);
        Trainable batches = new Trainable(builder.build(), loss.index(), Map.of("w", w.index()), Map.of("x", x.index()), Map.of(), null,
                Map.of(), Map.of("mean", mean.index()), null, null, Metric.Scores.PROBABILITIES, String::valueOf);
        GraphBuilder other = GraphBuilder.withShapes();
        Node running = other.input("mean", Shape.SCALAR);
        Node shown = call("square", running);
        Trainable validation = new Trainable(other.build(), shown.index(), Map.of(), Map.of(), Map.of(), null,
                Map.of("mean", running.index()), Map.of(), null, null, Metric.Scores.PROBABILITIES, String::valueOf);
        TrainingOptions options = options(2, 4, 2, Map.of());
        Training training = new Trainer(options, batches, null, validation, Allowance.UNBOUNDED).run(Map.of("w", Tensor.scalar(1)),
                Map.of("mean", Tensor.scalar(7)), Map.of("x", Tensor.vector(4, 4, 4, 4)), Map.of(), NOBODY, Checkpoint.NONE);
        double expected = 0.9 * (0.9 * 7 + 0.1 * 4) + 0.1 * 4;
        assertThat(value(training.statistics(), "mean")).containsExactly(new double[]{expected}, within(1e-15));
        assertThat(training.history().getLast().validationLoss()).isCloseTo(expected * expected, within(1e-13));
    }

    /** A network of one hidden layer over {@code n} samples. */
    private Trainable network(int n) {
        Node x = builder.input("x", Shape.of(n, 50));
        Node y = builder.input("y", Shape.of(n, 1));
        Node first = builder.input("first", Shape.of(50, 100));
        Node second = builder.input("second", Shape.of(100, 1));
        Node out = call("matmul", call("tanh", call("matmul", x, first)), second);
        Node loss = call("mse_loss", out, y);
        return program(loss, Map.of("first", first.index(), "second", second.index()), Map.of("x", x.index(), "y", y.index()));
    }

    private static Tensor waves(Shape shape) {
        double[] data = new double[shape.length()];
        Arrays.setAll(data, i -> Math.sin(i + 1) / 10);
        return Tensor.of(shape, data);
    }

    /** A step's arrays, of 40,000 bytes and more each, are all there before the first. */
    @Test
    void aStepTakesNoArraysThatStay() {
        Trainable network = network(64);
        Map<String, Tensor> parameters = Map.of("first", waves(Shape.of(50, 100)), "second", waves(Shape.of(100, 1)));
        Map<String, Tensor> data = Map.of("x", waves(Shape.of(128, 50)), "y", waves(Shape.of(128, 1)));
        Map<String, ?> momentum = Map.of("momentum", 0.9);
        long few = allocatedBy(() -> train(network, options(20, 128, 64, momentum), parameters, data));
        long many = allocatedBy(() -> train(network, options(220, 128, 64, momentum), parameters, data));
        assertThat((many - few) / 200).isLessThan(20_000);
    }

    private static long allocatedBy(Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void aHistoryIsBoundedAndKeepsItsEnds() {
        Node w = builder.input("w", Shape.SCALAR);
        Trainable square = program(call("square", w), Map.of("w", w.index()), Map.of());
        List<HistoryEntry> history = train(square, options(12_345, 1, 1, Map.of()), Map.of("w", Tensor.scalar(1)), Map.of()).history();
        assertThat(history).hasSizeBetween(900, 1001);
        assertThat(history.getFirst().step()).isEqualTo(1);
        assertThat(history.getLast().step()).isEqualTo(12_345);
        assertThat(history).extracting(HistoryEntry::step).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whenTheTimeIsOverWhatThereIsIsKept() {
        Node w = builder.input("w", Shape.of(1));
        Trainable square = program(Maths.sum(call("square", w), List.of(0), false), Map.of("w", w.index()), Map.of());
        AtomicInteger checks = new AtomicInteger();
        Trainer trainer = new Trainer(options(100, 1, 1, Map.of("lr", 0.25)), square, null, null, Allowance.UNBOUNDED);
        Training training = trainer.run(Map.of("w", Tensor.vector(1)), Map.of(), Map.of(), Map.of(), NOBODY, () -> {
            if (checks.incrementAndGet() > 20) {
                throw new DeadlineExceededException(Duration.ZERO);
            }
        });
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
}
