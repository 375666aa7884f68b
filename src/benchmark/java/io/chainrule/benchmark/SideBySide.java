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

/** The time that one contender of one comparison takes. Before it is timed, a peer must come to the numbers that ours comes to. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SideBySide {
    @Param("")
    public String comparison = "";
    @Param("")
    public String contender = "";

    private Contender subject = Contender.of(() -> new double[0]);

    @Setup
    public void setUp() throws Exception {
        Comparison compared = Comparisons.named(comparison);
        subject = compared.start(contender);
        subject.run();
        if (!contender.equals(Comparison.OURS) && subject.isCompared()) {
            compared.requireEqual(contender, subject.results());
        }
    }

    @Benchmark
    public Object work() throws Exception {
        return subject.run();
    }
}
