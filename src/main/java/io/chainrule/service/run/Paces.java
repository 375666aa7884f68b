package io.chainrule.service.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/** Estimates how long work takes: as long as the same function took before, else by its operations, at the pace of the work so far. */
final class Paces {
    /** Of an array that goes through memory one operation takes about as long. A product of matrices is ten times as fast. */
    private static final double FIRST_SECONDS_A_FLOP = 0.5e-9;
    /** Smaller work tells nothing about how long an operation takes. */
    private static final long LEAST_FLOPS = 1_000_000;
    private static final double MOST_CHANGE = 10;
    private static final double FASTEST = 1e-11;
    private static final double SLOWEST = 1e-7;
    /** How much the latest work counts. */
    private static final double WEIGHT = 0.1;
    private static final double WEIGHT_OF_SAME = 0.5;

    /** By identity; a function that is no longer in use is forgotten. */
    private final Cache<Object, Double> known = Caffeine.newBuilder().weakKeys().executor(Runnable::run).build();
    private volatile double secondsAFlop = FIRST_SECONDS_A_FLOP;

    /** The seconds that a run of a function with so many operations will take. */
    double seconds(Object function, long flops) {
        Double before = known.getIfPresent(function);
        return before == null ? flops * secondsAFlop : before;
    }

    /** Takes into account how long a run took. */
    void took(Object function, long flops, double seconds) {
        known.asMap().merge(function, seconds, (before, latest) -> before + WEIGHT_OF_SAME * (latest - before));
        if (flops > LEAST_FLOPS) {
            // A mean of logarithms, since paces differ by powers of ten.
            double ratio = Math.clamp(seconds / flops / secondsAFlop, 1 / MOST_CHANGE, MOST_CHANGE);
            secondsAFlop = Math.clamp(secondsAFlop * Math.pow(ratio, WEIGHT), FASTEST, SLOWEST);
        }
    }
}
