package io.chainrule.service.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.chainrule.TestFolder;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Source;
import io.chainrule.core.fit.MinibatchFit;
import io.chainrule.core.fit.RowOrder;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.CellSink;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowInput;
import io.chainrule.core.rows.RowPolicy;
import io.chainrule.core.rows.RowProgram;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowRun;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Optimizer;
import io.chainrule.core.training.Schedule;
import io.chainrule.core.training.Training.StoppedBy;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.jobs.KindServices;
import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.KeptMemory;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import io.chainrule.web.HttpTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Steps over a few rows each of a data set that is read window by window: those of the same fit over rows that are all held. */
@DirtiesContext
class StepFitTest extends HttpTest {
    private static final int ROWS = 5_000;
    /** Some windows of the data set, which has more than one split. */
    private static final long WINDOW_BYTES = 1 << 21;
    private static final int EPOCHS = 2;

    private static final double[][] POINTS = points();

    @Autowired
    private DatasetService datasets;

    @Autowired
    private KindServices services;

    @Autowired
    private Budget budget;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "steps-");
    }

    private static double[][] points() {
        Random random = new Random(7);
        double[][] points = new double[ROWS][2];
        for (double[] point : points) {
            point[0] = random.nextGaussian();
            point[1] = 2 * point[0] - 1 + 0.1 * random.nextGaussian();
        }
        return points;
    }

    @BeforeEach
    void store() {
        StringBuilder csv = new StringBuilder("x,y,note\n");
        for (double[] point : POINTS) {
            csv.append(point[0]).append(',').append(point[1]).append(',').append("much text ".repeat(200)).append('\n');
        }
        send("PUT", "/v1/datasets/line", BodyPublishers.ofString(csv.toString()), "Content-Type", "text/csv");
    }

    private static RowFunction function(int most) {
        return RowFunction.of(new RowProgram(new Source.Text("(w * x + b - y)^2"), RowProgram.Derivatives.GRADIENT, List.of("w", "b"),
                List.of(new RowInput.Scalar("x", "x"), new RowInput.Scalar("y", "y")),
                Map.of("w", Tensor.scalar(0), "b", Tensor.scalar(0))), BuildLimits.GENEROUS, most);
    }

    private BulkWork work(int most) throws IOException {
        return new BulkWork(datasets.open(datasets.find("open", "line")), function(most),
                new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.FAIL));
    }

    private static MinibatchFit.Options options(int batch) {
        // The number of steps ends the fit where its last epoch ends.
        long steps = (long) EPOCHS * Math.ceilDiv(ROWS, batch);
        return new MinibatchFit.Options(Optimizer.of("adam", Map.of("lr", 0.05)), Schedule.CONSTANT, ROWS, batch, EPOCHS, steps,
                Double.POSITIVE_INFINITY, null);
    }

    private static StepFit fit(BulkWork work, int batch, byte @Nullable [] state) {
        return StepFit.of(work, options(batch), 5, work, 1e-6, WINDOW_BYTES, state);
    }

    /** All rows are held, and taken one by one. */
    private static MinibatchFit held(int batch, int window) {
        RowFunction function = function(256);
        MinibatchFit fit = new MinibatchFit(options(batch), function);
        RowOrder order = new RowOrder(5, window);
        RowReduction[] reduction = new RowReduction[1];
        RowRun run = function.start("", new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.KEEP), found -> reduction[0].accept(found),
                Parallel.NONE);
        while (fit.stop() == null) {
            run.replace(fit.values());
            reduction[0] = new RowReduction(function.quantities(), Moments.Order.FIRST);
            int rows = fit.nextRows();
            for (long at = fit.rowsOfEpoch(); at < fit.rowsOfEpoch() + rows; at++) {
                long number = at / window;
                int size = (int) Math.min(window, ROWS - number * window);
                int row = (int) (number * window + order.of(fit.epoch(), number, size)[(int) (at % window)]);
                run.begin(row + 1);
                run.cell(0, POINTS[row][0]);
                run.cell(1, POINTS[row][1]);
                run.end();
            }
            run.finish();
            fit.step(reduction[0], rows);
            if (fit.rowsOfEpoch() == ROWS) {
                fit.endEpoch(null);
            }
        }
        return fit;
    }

    /** Steps that end within a window and between two; steps that several threads take; one step an epoch. */
    @ParameterizedTest
    @ValueSource(ints = {33, 500, 2_500, ROWS})
    void theStepsAreThoseOfRowsThatAreAllHeld(int batch) throws IOException {
        BulkWork work = work(batch);
        StepFit fit = fit(work, batch, null);
        assertThat(RowWindows.rows(work, WINDOW_BYTES)).isBetween(500, 2_000);
        fit.run(services.engine(), services.engine(), new Following(), () -> {});
        MinibatchFit expected = held(batch, RowWindows.rows(work, WINDOW_BYTES));
        assertThat(fit.fit().step()).isEqualTo(expected.step()).isEqualTo((long) EPOCHS * Math.ceilDiv(ROWS, batch));
        assertThat(fit.fit().state()).isEqualTo(expected.state());
        assertThat(fit.history()).hasSize(EPOCHS);
        assertThat(fit.tally().used()).isEqualTo(ROWS);
    }

    /** Also if all rows make one step, after which no other step looks at them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aRowWithoutANumberEndsTheFit(int batch) throws IOException {
        send("PUT", "/v1/datasets/wrong", BodyPublishers.ofString("x,y\n1,1\n2,none\n3,3\n"), "Content-Type", "text/csv");
        BulkWork wrong = new BulkWork(datasets.open(datasets.find("open", "wrong")), function(batch),
                new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.FAIL));
        MinibatchFit.Options options = new MinibatchFit.Options(Optimizer.of("sgd", Map.of("lr", 0.01)), Schedule.CONSTANT, 3, batch, 1,
                Long.MAX_VALUE, Double.POSITIVE_INFINITY, null);
        StepFit fit = StepFit.of(wrong, options, 5, null, 0, null);
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> fit.run(services.engine(), services.engine(), new Following(), () -> {}))
                .withMessageContaining("row 2, column 'y'");
    }

    /** The loss of such an epoch is that of no parameters, so that it has no place in the history, wherever in the epoch it happens. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anEpochThatBecomesInfiniteIsNoEpoch(int batch) throws IOException {
        send("PUT", "/v1/datasets/growing", BodyPublishers.ofString("x,y\n1,1\n2,1\n"), "Content-Type", "text/csv");
        BulkWork growing = new BulkWork(datasets.open(datasets.find("open", "growing")), function(batch),
                new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.KEEP));
        MinibatchFit.Options options = new MinibatchFit.Options(Optimizer.of("sgd", Map.of("lr", 1e160)), Schedule.CONSTANT, 2, batch, 9,
                Long.MAX_VALUE, Double.POSITIVE_INFINITY, null);
        StepFit fit = StepFit.of(growing, options, 5, growing, 1e-6, null);
        fit.run(services.engine(), services.engine(), new Following(), () -> {});
        assertThat(fit.fit().stop()).isEqualTo(StoppedBy.NON_FINITE);
        assertThat(fit.history()).hasSize(batch - 1).allSatisfy(epoch -> assertThat(epoch.loss()).isFinite());
    }

    @Test
    void itGoesOnFromAnyStateWithTheSameBits() throws IOException {
        int batch = 170;
        BulkWork work = work(batch);
        List<byte[]> states = new ArrayList<>();
        StepFit whole = fit(work, batch, null);
        Following following = new Following();
        following.task = () -> states.add(whole.state());
        whole.run(services.engine(), services.engine(), following, () -> states.add(whole.state()));
        int steps = EPOCHS * Math.ceilDiv(ROWS, batch);
        assertThat(whole.history()).hasSize(EPOCHS);
        assertThat(states).as("states within evaluations of what is held out, too").hasSizeGreaterThan(steps);
        for (int i = 0; i < states.size(); i += i < states.size() - 9 ? 3 : 1) {
            StepFit rest = fit(work, batch, states.get(i));
            rest.run(services.engine(), services.engine(), new Following(), () -> {});
            assertThat(rest.state()).as("from state %d", i).isEqualTo(whole.state());
            assertThat(rest.history()).isEqualTo(whole.history());
        }
    }

    /** A fit has one reservation of memory, which does not grow from epoch to epoch. */
    @Test
    void validationGivesItsMemoryBack() throws IOException {
        BulkWork work = work(500);
        StepFit fit = fit(work, 500, null);
        List<Long> used = new ArrayList<>();
        fit.run(services.engine(), services.engine(), new Following(), () -> {
            if (fit.fit().rowsOfEpoch() == 0) {
                used.add(budget.used());
            }
        });
        assertThat(used).hasSize(EPOCHS);
        assertThat(used.getLast()).isLessThanOrEqualTo(used.getFirst());
    }

    private static long asked(Runnable work) {
        try {
            work.run();
        } catch (LimitException e) {
            return e.asked();
        }
        return 0;
    }

    @Test
    void whatTheOptimizerKeepsIsMemoryOfTheFit() throws IOException {
        Limits limits = TestService.limits("shared-bytes", "1");
        LocalEngine engine = new LocalEngine(new Admission(limits, new Budget(limits), new Turns(limits)));
        BulkWork work = work(1);
        List<Long> asked = new ArrayList<>();
        for (String type : List.of("sgd", "adam")) {
            MinibatchFit.Options options = new MinibatchFit.Options(Optimizer.of(type, Map.of()), Schedule.CONSTANT, ROWS, 1, 1,
                    Long.MAX_VALUE, Double.POSITIVE_INFINITY, null);
            asked.add(asked(() -> StepFit.check(work, options, null, engine, engine)));
            StepFit fit = StepFit.of(work, options, 5, null, 0, null);
            assertThat(asked(() -> fit.run(engine, engine, new Following(), () -> {}))).as("what a run takes, as it was checked")
                    .isEqualTo(asked.getLast()).isPositive();
        }
        long parameters = 2;
        assertThat(asked.getLast() - asked.getFirst()).as("Adam keeps two numbers more of each parameter")
                .isEqualTo(2 * Double.BYTES * parameters);
    }

    @Test
    void theHistoryOfManyEpochsIsThinned() throws IOException {
        EpochHistory history = new EpochHistory();
        for (int number = 1; number <= 100_000; number++) {
            history.add(new Epoch(number, 1.0 / number, number % 2 == 0 ? null : 2.0));
            assertThat(history.epochs().getLast().number()).isEqualTo(number);
        }
        List<Epoch> kept = history.epochs();
        assertThat(kept.size()).isBetween(EpochHistory.MOST / 2, EpochHistory.MOST);
        assertThat(kept.getFirst().number()).isEqualTo(1);
        long between = kept.get(1).number() - 1;
        assertThat(IntStream.range(1, kept.size() - 1).mapToLong(i -> kept.get(i).number() - kept.get(i - 1).number()))
                .allMatch(distance -> distance == between);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        history.write(new DataOutputStream(bytes));
        EpochHistory read = new EpochHistory();
        read.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        assertThat(read.epochs()).isEqualTo(kept);
        read.add(new Epoch(100_001, 0, null));
        history.add(new Epoch(100_001, 0, null));
        assertThat(read.epochs()).isEqualTo(history.epochs());
    }

    /** Reads rows as this machine does, and says that it reads other files. */
    private record Elsewhere(LocalEngine engine, String version) implements RowEngine {
        @Override
        public Kind kind() {
            return engine.kind();
        }

        @Override
        public void check(BulkWork work, long bytesOfResults, long more) {
            engine.check(work, bytesOfResults, more);
        }

        @Override
        public void reduce(Reduction reduction, BulkProgress progress) {
            engine.reduce(reduction, progress);
        }

        @Override
        public void map(Mapping mapping, BulkProgress progress) {
            engine.map(mapping, progress);
        }

        @Override
        public RowFeed feed(BulkWork work, byte[] earlier, Checkpoint checkpoint) {
            if (earlier.length > 0 && !version.equals(new String(earlier, StandardCharsets.UTF_8))) {
                throw work.rows().changed();
            }
            RowFeed feed = engine.feed(work, new byte[0], checkpoint);
            return new RowFeed() {
                @Override
                public long rows() {
                    return feed.rows();
                }

                @Override
                public long bytes() {
                    return feed.bytes();
                }

                @Override
                public byte[] state() {
                    return version.getBytes(StandardCharsets.UTF_8);
                }

                @Override
                public void read(long first, long end, CellSink to) throws IOException {
                    feed.read(first, end, to);
                }

                @Override
                public void close() throws IOException {
                    feed.close();
                }
            };
        }

        @Override
        public long bytesOfFeed(BulkWork work) {
            return 0;
        }

        @Override
        public <T> T hold(BulkWork work, long times, Supplier<T> evaluations) {
            return engine.hold(work, times, evaluations);
        }
    }

    @Test
    void aFitDoesNotGoOnWithOtherFiles() throws IOException {
        BulkWork work = work(500);
        List<byte[]> states = new ArrayList<>();
        StepFit whole = fit(work, 500, null);
        whole.run(services.engine(), new Elsewhere(services.engine(), "these"), new Following(), () -> states.add(whole.state()));
        StepFit same = fit(work, 500, states.get(3));
        same.run(services.engine(), new Elsewhere(services.engine(), "these"), new Following(), () -> {});
        assertThat(same.state()).isEqualTo(whole.state());
        StepFit other = fit(work, 500, states.get(3));
        assertThatExceptionOfType(ProblemException.class).isThrownBy(
                () -> other.run(services.engine(), new Elsewhere(services.engine(), "others"), new Following(), () -> {}))
                .withMessageContaining("have changed");
    }

    private static final class Following implements BulkProgress {
        private Runnable task = () -> {};

        @Override
        public void done(long rows) {
            task.run();
        }

        @Override
        public void check() {}
    }

    /** What a request uses of models is in memory beside its rows. */
    @Test
    void rowsHaveWhatModelsLeave() throws IOException {
        Limits limits = TestService.limits("shared-bytes", "100000000");
        Budget shared = new Budget(limits);
        Turns turns = new Turns(limits);
        LocalEngine engine = new LocalEngine(new Admission(limits, shared, turns));
        KeptMemory<String, String> kept = new KeptMemory<>(shared, 50_000_000);
        BulkWork work = work(1);
        engine.check(work, 0, 60_000_000);
        engine.checkLent(work, 0, 60_000_000);
        try (Turn _ = turns.begin("a", () -> false)) {
            kept.get("model", () -> new KeptMemory.Loading<>(50_000_000, () -> "model"));
            assertThatExceptionOfType(LimitException.class).isThrownBy(() -> engine.check(work, 0, 60_000_000))
                    .withMessageStartingWith("shared-bytes: ");
            assertThatExceptionOfType(LimitException.class).isThrownBy(() -> engine.checkLent(work, 0, 60_000_000))
                    .withMessageStartingWith("shared-bytes: ");
        }
    }
}
