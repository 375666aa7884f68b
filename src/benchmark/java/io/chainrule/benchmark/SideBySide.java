package io.chainrule.benchmark;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The time that ours and one peer take, by turns: the first iteration is of ours, the second of the peer, and so on. The speed of a shared
 * machine changes from second to second, and turns of a third of a second meet the same speed. Before anything is timed, the peer must come
 * to the numbers that ours comes to, and each works until it gets no faster: C2 needs from one to fifteen seconds for what a program calls.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SideBySide {
    @Param("")
    public String comparison = "";
    @Param("")
    public String peer = "";

    private static final Steadiness STEADINESS = new Steadiness(3, 20);
    /** In milliseconds. Threads of a pool look for more work for some time before they sleep, and would disturb the next turn. */
    private static final long PAUSE = 50;

    private List<Contender> contenders = List.of();
    private Contender subject = Contender.of(() -> new double[0]);
    private int turn;

    @Setup
    public void setUp() throws Exception {
        Comparison compared = Comparisons.named(comparison);
        Contender ours = compared.start(Comparison.OURS);
        Contender theirs = compared.start(peer);
        ours.run();
        theirs.run();
        if (theirs.isCompared()) {
            compared.requireEqual(peer, ours.results(), theirs.results());
        }
        contenders = List.of(ours, theirs);
        for (Contender contender : contenders) {
            STEADINESS.await(() -> second(contender));
        }
    }

    /** Works for a second, and returns how often it did the work. */
    private static double second(Contender contender) throws Exception {
        long start = System.nanoTime();
        long runs = 0;
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(1)) {
            contender.run();
            runs++;
        }
        return 1e9 * runs / (System.nanoTime() - start);
    }

    @Setup(Level.Iteration)
    public void takeTurns() throws InterruptedException {
        subject = contenders.get(turn++ % contenders.size());
        TimeUnit.MILLISECONDS.sleep(PAUSE);
    }

    @Benchmark
    public Object work() throws Exception {
        return subject.run();
    }
}
