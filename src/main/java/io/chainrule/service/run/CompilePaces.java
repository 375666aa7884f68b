package io.chainrule.service.run;

import io.chainrule.core.Transformation;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Estimates how long compiling takes, by the nodes of a program as it was written and by the kind of transformation. */
final class CompilePaces {
    /** The seconds for each node, until they are known better. */
    static final double SECONDS_A_NODE = 10e-6;
    /** One program cannot make the estimate larger than so many times the first one. */
    static final double MOST_CHANGE = 10;
    /** Smaller programs are compiled at once, and tell nothing of how long a node takes. */
    static final int LEAST_NODES = 200;
    /** How much the latest program counts. */
    static final double WEIGHT = 0.1;

    private final Map<Class<? extends Transformation>, Double> secondsANode = new ConcurrentHashMap<>();

    /** The seconds that compiling a program of so many nodes will take; 0 for a small one. */
    double seconds(Transformation transformation, long nodes) {
        return nodes < LEAST_NODES ? 0 : nodes * secondsANode.getOrDefault(transformation.getClass(), SECONDS_A_NODE);
    }

    /** Takes into account how long a program took. */
    void took(Transformation transformation, long nodes, double seconds) {
        if (nodes >= LEAST_NODES) {
            double each = Math.min(seconds / nodes, MOST_CHANGE * SECONDS_A_NODE);
            secondsANode.merge(transformation.getClass(), each, (known, latest) -> known + WEIGHT * (latest - known));
        }
    }
}
