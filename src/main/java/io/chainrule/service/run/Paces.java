package io.chainrule.service.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/** Estimates how long work takes: as long as the same function took before, else by its operations, at the pace of the work so far. */
final class Paces {
    /** Of an array that goes through memory one operation takes about as long. A product of matrices is ten times as fast. */
    private static final double FIRST_SECONDS_A_FLOP = 0.5e-9;
    /** A step of {@link #chain} takes so long on the machine of that estimate; on others it takes as much more or less. */
    private static final double FIRST_SECONDS_A_STEP = 1.4e-9;
    private static final int STEPS = 8_192;
    /** The first rounds are slow, until they have been compiled. */
    private static final int ROUNDS = 200;
    /** Smaller work tells nothing about how long an operation takes. */
    private static final long LEAST_FLOPS = 1_000_000;
    private static final double NANOS = 1e9;
    private static final double MOST_CHANGE = 10;
    private static final double FASTEST = 1e-11;
    private static final double SLOWEST = 1e-7;
    /** How much the latest work counts. */
    private static final double WEIGHT = 0.1;
    private static final double WEIGHT_OF_SAME = 0.5;

    /** By identity; a function that is no longer in use is forgotten. */
    private final Cache<Object, Double> known = Caffeine.newBuilder().weakKeys().executor(Runnable::run).build();
    private volatile double secondsAFlop = FIRST_SECONDS_A_FLOP;

    /** Sees how fast this machine is. It takes some milliseconds. */
    void calibrate() {
        double fastest = Double.POSITIVE_INFINITY;
        double x = 0;
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            x = chain(x);
            fastest = Math.min(fastest, (System.nanoTime() - start) / NANOS);
        }
        // The chain ends near 1; its value is asked for so that no compiler leaves it out.
        if (x > 0) {
            secondsAFlop = FIRST_SECONDS_A_FLOP * Math.clamp(fastest / STEPS / FIRST_SECONDS_A_STEP, 1 / MOST_CHANGE, MOST_CHANGE);
        }
    }

    /** Each step needs the one before it, so that it takes as long in whatever way it is compiled. */
    private static double chain(double from) {
        double x = from;
        for (int i = 0; i < STEPS; i++) {
            x = x * 0.999 + 0.001;
        }
        return x;
    }

    /** The seconds an operation is thought to take of which nothing else is known. */
    double secondsAFlop() {
        return secondsAFlop;
    }

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
