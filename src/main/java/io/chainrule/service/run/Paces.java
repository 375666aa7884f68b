package io.chainrule.service.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.chainrule.core.execution.CostModel;
import java.util.function.LongSupplier;

/**
 * Estimates how long work takes: as long as work of the same cost took before, else as long as its cost says on a machine as fast as this
 * one has been lately. Functions of the same cost are mostly the same function, which may have been forgotten meanwhile.
 */
final class Paces {
    /** A step of {@link #chain} takes so long on a machine for which costs are right; on others both take as much more or less. */
    private static final double NANOS_A_STEP = 1.4;
    private static final int STEPS = 8_192;
    /** The first rounds are slow, until they have been compiled. */
    private static final int ROUNDS = 200;
    /** Shorter work tells nothing about how fast the machine is. */
    private static final long LEAST_NANOS = 500_000;
    private static final double NANOS = 1e9;
    private static final double MOST_CHANGE = 10;
    private static final double MOST_SLOWNESS = 100;
    /** How much the latest work counts. */
    private static final double WEIGHT = 0.1;
    private static final double WEIGHT_OF_SAME = 0.5;
    private static final int MOST_KNOWN = 10_000;
    /** The estimate for work that was given up is this factor times the seconds that the work had computed. */
    private static final double LEAST_UNDONE = 1.1;
    /** That estimate is forgotten after this factor times its own seconds. */
    private static final double REMEMBERED = 10;

    private final Cache<CostModel, Double> known = cache();
    private final Cache<CostModel, Undone> undone = cache();
    private final LongSupplier nanoTime;
    /** How much longer work takes than its cost says. */
    private volatile double slowness = 1;

    /**
     * The least estimate, in seconds, for work that was given up at the time {@code at}. The estimate is forgotten after a while, because
     * the work may have been slow only because other work used the same cores.
     */
    private record Undone(double seconds, long at) {
        boolean isForgotten(long now) {
            return now - at > REMEMBERED * seconds * NANOS;
        }
    }

    Paces() {
        this(System::nanoTime);
    }

    Paces(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    private static <T> Cache<CostModel, T> cache() {
        return Caffeine.newBuilder().maximumSize(MOST_KNOWN).executor(Runnable::run).build();
    }

    /** Sees how fast this machine is. It takes some milliseconds. */
    void calibrate() {
        double fastest = Double.POSITIVE_INFINITY;
        double x = 0;
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            x = chain(x);
            fastest = Math.min(fastest, (double) (System.nanoTime() - start));
        }
        // The chain ends near 1; its value is asked for so that no compiler leaves it out.
        if (x > 0) {
            slowness = Math.clamp(fastest / STEPS / NANOS_A_STEP, 1 / MOST_CHANGE, MOST_CHANGE);
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

    /** The seconds that work of this cost will take. */
    double seconds(CostModel cost) {
        Double before = known.getIfPresent(cost);
        double seconds = before == null ? cost.nanos() * slowness / NANOS : before;
        Undone latest = undone.getIfPresent(cost);
        return latest == null || latest.isForgotten(nanoTime.getAsLong()) ? seconds : Math.max(seconds, latest.seconds);
    }

    /** Takes into account that work was not done when it was given up after so long. */
    void tookMoreThan(CostModel cost, double seconds) {
        if (seconds(cost) < LEAST_UNDONE * seconds) {
            undone.put(cost, new Undone(LEAST_UNDONE * seconds, nanoTime.getAsLong()));
        }
    }

    /** Takes into account how long work took. The same work tells but once how fast the machine is: else one client would decide that. */
    void took(CostModel cost, double seconds) {
        undone.invalidate(cost);
        boolean isNew = known.getIfPresent(cost) == null;
        known.asMap().merge(cost, seconds, (before, latest) -> before + WEIGHT_OF_SAME * (latest - before));
        if (isNew && cost.nanos() > LEAST_NANOS) {
            // A mean of logarithms, since paces differ by powers of ten.
            double ratio = Math.clamp(seconds * NANOS / cost.nanos() / slowness, 1 / MOST_CHANGE, MOST_CHANGE);
            slowness = Math.clamp(slowness * Math.pow(ratio, WEIGHT), 1 / MOST_SLOWNESS, MOST_SLOWNESS);
        }
    }
}
