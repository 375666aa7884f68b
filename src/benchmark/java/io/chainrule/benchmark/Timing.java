package io.chainrule.benchmark;

import io.chainrule.benchmark.Line.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Has JMH time the contenders of comparisons, each in a JVM of its own, in rounds: ours, its peers, ours again. */
final class Timing {
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
        Map<String, DoubleStream.Builder> times = new LinkedHashMap<>();
        comparison.contenders().keySet().forEach(contender -> times.put(contender, DoubleStream.builder()));
        for (int round = 0; round < (comparison.isLong() ? 1 : settings.rounds()); round++) {
            times.forEach((contender, measured) -> measure(comparison, contender, measured));
        }
        Map<String, double[]> measured = new LinkedHashMap<>();
        times.forEach((contender, values) -> measured.put(contender, values.build().toArray()));
        double[] mine = measured.remove(Comparison.OURS);
        ours.put(comparison.id(), mine);
        String work = comparison.work() + (comparison.threads() == 1 ? "" : ", " + comparison.threads() + " threads");
        List<Line> lines = new ArrayList<>();
        measured.forEach((peer, theirs) -> {
            if (mine.length > 0 && theirs.length > 0) {
                lines.add(new Line(comparison.row(), work, Unit.TIME, mine, peer, theirs, comparison.least(peer)));
            }
        });
        return lines;
    }

    /** The times of ours in a comparison whose lines were made. */
    double[] ours(Comparison comparison) {
        return ours.getOrDefault(comparison.id(), new double[0]);
    }

    private void measure(Comparison comparison, String contender, DoubleStream.Builder measured) {
        try {
            for (BenchmarkResult fork : run(comparison, contender).getBenchmarkResults()) {
                fork.getIterationResults().forEach(iteration -> measured.add(iteration.getPrimaryResult().getScore()));
            }
        } catch (RunnerException e) {
            failures.add(comparison.id() + ", " + contender + ": " + cause(e));
            IO.println("failed: " + failures.getLast());
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

    private RunResult run(Comparison comparison, String contender) throws RunnerException {
        Options options = new OptionsBuilder().include(SideBySide.class.getName() + "\\.work$")
                .param("comparison", comparison.id()).param("contender", contender)
                .forks(1).warmupIterations(1).warmupTime(TimeValue.seconds(1))
                .measurementIterations(3).measurementTime(TimeValue.milliseconds(500))
                .timeout(TimeValue.minutes(2))
                // Beside the flags of this JVM.
                .jvmArgsAppend("-Xmx6g", "-Dai.djl.pytorch.num_threads=" + comparison.threads())
                .shouldFailOnError(true).verbosity(VerboseMode.SILENT).build();
        return new Runner(options).runSingle();
    }
}
