package io.chainrule.service.bulk;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.rows.CellSink;
import io.chainrule.core.rows.RowRun;
import io.chainrule.core.rows.RowSink;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.service.datasets.RowReader;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Turn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Works on rows in this process, on all cores that are free, in memory that does not grow with the number of rows. */
public final class LocalEngine implements RowEngine {
    /** So many units for each thread are worked on before the state may be stored. */
    private static final int UNITS_A_THREAD = 2;
    /** All units of a group begin within this time. The state is stored after each group, and so also soon where few threads are free. */
    private static final long TOGETHER = TimeUnit.SECONDS.toNanos(2);

    private final Admission admission;

    public LocalEngine(Admission admission) {
        this.admission = admission;
    }

    /** Takes what was computed of a unit, and what was wrong with its rows. Called by one thread at a time, in any order of units. */
    interface Results<S extends RowSink> {
        void add(int unit, S sink, RowTally tally);

        /** Called for a sink that will be added, by the thread that has filled it, at the same time as others. */
        default void complete(S sink) {}

        /** Releases what a sink holds whose unit was not worked on to its end. */
        default void abandon(S sink) {}

        /** The memory that what receives a unit's results takes at most. */
        long bytes();

        /** Whether a row has been found that ends the work. */
        boolean hasFailed();
    }

    /**
     * Works on the units that are not done yet.
     *
     * @param done the units that are done; those that are worked on are added
     * @param sinks makes what receives a unit's results
     */
    private <S extends RowSink> void run(BulkWork work, RowUnits units, BitSet done, IntFunction<S> sinks, Results<S> results,
            BulkProgress progress) {
        Turn turn = admission.turn();
        Memory memory = ofRun(work, results.bytes(), 0);
        Parallel parallel = parallel(memory, progress);
        boolean isBegun = !done.isEmpty();
        admission.train(turn, work.cost(), () -> {
            try (Budget.Reservation reservation = admission.admit(new CostModel(0, 0, 0), memory.of(parallel.threads()))) {
                run(work, units, done, sinks, results, progress, parallel);
                // The memory is released here, since the surrounding work goes on for long and does not need it.
                reservation.release();
                return true;
            }
        }, _ -> !isBegun && !results.hasFailed());
        // A file that had no rows when they were counted has no units, and one that was read may have been written to since.
        work.rows().checkUnchanged();
    }

    /**
     * Lends the threads that are free, and memory, to work that takes the rows in an order of its own.
     *
     * @param ofThread the memory of the results of each thread
     * @param more the memory that it takes besides
     */
    <T> T lend(BulkWork work, long ofThread, long more, BulkProgress progress, Function<Parallel, T> body) {
        Memory memory = lent(work, ofThread, more);
        Parallel parallel = parallel(memory, progress);
        try (var _ = admission.admit(new CostModel(0, 0, 0), memory.of(parallel.threads()))) {
            return body.apply(parallel);
        }
    }

    /** Throws {@link LimitException} if {@link #lend} would need more memory than a run may take, even for one thread. */
    void checkLent(BulkWork work, long ofThread, long more) {
        check(lent(work, ofThread, more));
    }

    /**
     * Has files of so many bytes together copied when it is the turn of the job.
     *
     * @param memory the memory that it takes
     */
    <T> T copy(long bytes, long memory, BulkProgress progress, Function<Checkpoint, T> copying) {
        return admission.scan(bytes, admission.limits().time(), turn -> {
            try (var _ = admission.admit(new CostModel(0, 0, 0), memory)) {
                return copying.apply(() -> {
                    progress.check();
                    turn.check();
                });
            }
        });
    }

    /** The threads that are free, but no more than there is memory for, and one at least. */
    private Parallel parallel(Memory memory, BulkProgress progress) {
        Turn turn = admission.turn();
        return admission.parallel(turn, () -> {
            progress.check();
            turn.check();
        }).atMost(memory.threads(admission.bytesLeft()));
    }

    @Override
    public Kind kind() {
        return Kind.LOCAL;
    }

    @Override
    public void reduce(Reduction reduction, BulkProgress progress) {
        run(reduction.work(), units(reduction), reduction.done(), _ -> reduction.part(), reduction, progress);
    }

    @Override
    public void map(Mapping mapping, BulkProgress progress) {
        run(mapping.work(), units(mapping), mapping.done(), _ -> mapping.part(), mapping, progress);
    }

    @Override
    public RowFeed feed(BulkWork work, byte[] earlier, Checkpoint checkpoint) {
        return new LocalFeed(work, checkpoint);
    }

    @Override
    public long bytesOfFeed(BulkWork work) {
        return work.bytesOfReader();
    }

    private static RowUnits units(UnitWork work) {
        return work.units(RowUnits.class, () -> RowUnits.of(work.work().rows().splits(), work.secondsARow()));
    }

    /** Runs the evaluations, at most {@code times} passes over all rows, within one turn, so that none of them can be refused. */
    @Override
    public <T> T hold(BulkWork work, long times, Supplier<T> evaluations) {
        return admission.train(admission.turn(), work.cost().times(times), evaluations, _ -> false);
    }

    @Override
    public void check(BulkWork work, long bytesOfResults, long more) {
        check(ofRun(work, bytesOfResults, more));
    }

    private void check(Memory memory) {
        admission.check(new CostModel(0, memory.of(1), 0), 0);
    }

    /** What work takes: each of its threads, and all of them together. */
    private record Memory(long ofThread, long ofAll) {
        long of(int threads) {
            return threads * ofThread + ofAll;
        }

        /** How many threads so many bytes suffice for; one at least. */
        int threads(long bytes) {
            return Math.clamp((bytes - ofAll) / Math.max(1, ofThread), 1, Integer.MAX_VALUE);
        }
    }

    /** Each thread has arrays for a block, and results of its own, beside those of all rows. */
    private static Memory lent(BulkWork work, long bytesOfResults, long more) {
        return new Memory(work.function().cost().bytes() + bytesOfResults, bytesOfResults + more);
    }

    /** Each thread also has a reader. */
    private static Memory ofRun(BulkWork work, long bytesOfResults, long more) {
        Memory lent = lent(work, bytesOfResults, more);
        return new Memory(lent.ofThread + work.bytesOfReader(), lent.ofAll);
    }

    private <S extends RowSink> void run(BulkWork work, RowUnits units, BitSet done, IntFunction<S> sinks, Results<S> results,
            BulkProgress progress, Parallel parallel) {
        int next = done.nextClearBit(0);
        while (next < units.size() && !results.hasFailed()) {
            List<Integer> group = IntStream.range(next, units.size()).filter(unit -> !done.get(unit))
                    .limit((long) UNITS_A_THREAD * parallel.threads()).boxed().toList();
            long begin = System.nanoTime();
            parallel.run(group.size(), i -> {
                if (i > 0 && System.nanoTime() - begin > TOGETHER) {
                    // The unit is left to the next group, so that the state can be stored before.
                    return;
                }
                int unit = group.get(i);
                S sink = sinks.apply(unit);
                RowTally tally;
                try {
                    tally = run(work, units.get(unit), sink, parallel);
                    if (tally.failure() == null) {
                        results.complete(sink);
                    }
                } catch (RuntimeException | Error e) {
                    abandon(results, sink, e);
                    throw e;
                }
                synchronized (results) {
                    results.add(unit, sink, tally);
                    done.set(unit);
                }
            });
            progress.done(units.rows(done));
            next = done.nextClearBit(next);
        }
    }

    private static <S extends RowSink> void abandon(Results<S> results, S sink, Throwable cause) {
        try {
            results.abandon(sink);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private static RowTally run(BulkWork work, RowUnits.Unit unit, RowSink sink, Parallel parallel) {
        List<String> columns = work.function().columns();
        RowRun run = work.function().start("", work.policy(), sink, Parallel.onThisThread(parallel));
        try (RowReader reader = work.rows().read(unit.split(), columns, parallel)) {
            for (long skipped = 0; skipped < unit.skipped(); skipped++) {
                reader.next();
            }
            boolean isWanted = true;
            for (long row = 0; row < unit.rows() && isWanted && reader.next(); row++) {
                isWanted = give(reader, columns.size(), run);
            }
            run.finish();
            return run.tally();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Passes the current row of a reader to a sink; returns whether the sink wants further rows. */
    static boolean give(RowReader reader, int columns, CellSink to) {
        to.begin(reader.row());
        for (int column = 0; column < columns; column++) {
            switch (reader.kind(column)) {
                case MISSING -> to.missing(column);
                case TEXT -> to.cell(column, reader.bytes(column), reader.from(column), reader.to(column));
                case NUMBER -> to.cell(column, reader.number(column));
                case ARRAY -> {
                    double[] array = reader.array(column);
                    to.cell(column, array, 0, array.length);
                }
                case OTHER -> to.other(column);
            }
        }
        return to.end();
    }
}
