package io.chainrule.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The time that one contender of one comparison takes. Before it is timed, a peer must come to the numbers that ours comes to, and the
 * contender works until it gets no faster: C2 needs from one to fifteen seconds for what a program calls.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SideBySide {
    @Param("")
    public String comparison = "";
    @Param("")
    public String contender = "";

    private static final Steadiness STEADINESS = new Steadiness(3, 20);

    private Contender subject = Contender.of(() -> new double[0]);

    @Setup
    public void setUp() throws Exception {
        Comparison compared = Comparisons.named(comparison);
        subject = compared.start(contender);
        subject.run();
        if (!contender.equals(Comparison.OURS) && subject.isCompared()) {
            compared.requireEqual(contender, subject.results());
        }
        STEADINESS.await(this::second);
    }

    /** Works for a second, and returns how often it did the work. */
    private double second() throws Exception {
        long start = System.nanoTime();
        long runs = 0;
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(1)) {
            subject.run();
            runs++;
        }
        return 1e9 * runs / (System.nanoTime() - start);
    }

    @Benchmark
    public Object work() throws Exception {
        return subject.run();
    }
}
