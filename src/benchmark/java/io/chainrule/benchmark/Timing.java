package io.chainrule.benchmark;

import io.chainrule.benchmark.Line.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Has JMH time comparisons, ours and each peer by turns in a JVM of their own. */
final class Timing {
    /** How many turns each has in a JVM. */
    private static final int TURNS = 7;

    private final Settings settings;
    private final List<String> failures = new ArrayList<>();
    private final Map<String, double[]> ours = new HashMap<>();

    Timing(Settings settings) {
        this.settings = settings;
    }

    /** What could not be measured, and why. */
    List<String> failures() {
        return failures;
    }

    /** A line for each peer. */
    List<Line> lines(Comparison comparison) {
        String work = comparison.work() + (comparison.threads() == 1 ? "" : ", " + comparison.threads() + " threads");
        List<Line> lines = new ArrayList<>();
        for (String peer : comparison.peers()) {
            DoubleStream.Builder mine = DoubleStream.builder();
            DoubleStream.Builder theirs = DoubleStream.builder();
            try {
                for (int round = 0; round < (comparison.isLong() ? 1 : settings.rounds()); round++) {
                    measure(comparison, peer, mine, theirs);
                }
                double[] times = mine.build().toArray();
                ours.put(comparison.id(), times);
                lines.add(new Line(comparison.row(), work, Unit.TIME, times, peer, theirs.build().toArray(), comparison.least(peer)));
            } catch (RunnerException e) {
                failures.add(comparison.id() + ", " + peer + ": " + cause(e));
                IO.println("failed: " + failures.getLast());
            }
        }
        return lines;
    }

    /** The times of ours in a comparison whose lines were made. */
    double[] ours(Comparison comparison) {
        return ours.getOrDefault(comparison.id(), new double[0]);
    }

    private static void measure(Comparison comparison, String peer, DoubleStream.Builder mine, DoubleStream.Builder theirs)
            throws RunnerException {
        for (BenchmarkResult fork : run(comparison, peer).getBenchmarkResults()) {
            boolean isOurs = true;
            for (IterationResult iteration : fork.getIterationResults()) {
                (isOurs ? mine : theirs).add(iteration.getPrimaryResult().getScore());
                isOurs = !isOurs;
            }
        }
    }

    private static String cause(Throwable e) {
        Throwable[] suppressed = e.getSuppressed();
        Throwable deepest = suppressed.length > 0 ? suppressed[0] : e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return String.valueOf(deepest.getMessage()).lines().reduce((_, last) -> last).orElse("");
    }

    private static RunResult run(Comparison comparison, String peer) throws RunnerException {
        Options options = new OptionsBuilder().include(SideBySide.class.getName() + "\\.work$")
                .param("comparison", comparison.id()).param("peer", peer)
                .forks(1).warmupIterations(0)
                .measurementIterations(2 * TURNS).measurementTime(TimeValue.milliseconds(300))
                .timeout(TimeValue.minutes(2))
                // Beside the flags of this JVM.
                .jvmArgsAppend("-Xmx6g", "-Dai.djl.pytorch.num_threads=" + comparison.threads())
                .shouldFailOnError(true).verbosity(VerboseMode.SILENT).build();
        return new Runner(options).runSingle();
    }
}
