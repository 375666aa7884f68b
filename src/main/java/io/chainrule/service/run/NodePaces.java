package io.chainrule.service.run;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Estimates how long work takes that is the longer the more nodes a program has, such as to compile or to draw it. What takes how long for
 * each node is learnt for each kind of work.
 */
final class NodePaces {
    /** How much the latest program counts. */
    static final double WEIGHT = 0.1;

    private final double guess;
    private final double most;
    private final int leastNodes;
    private final Map<Object, Double> secondsANode = new ConcurrentHashMap<>();

    /**
     * Paces that are not known yet.
     *
     * @param guess the seconds for each node, until they are known better
     * @param most the most seconds for each node that are believed
     * @param leastNodes smaller programs are thought to take no time, and tell nothing of how long a node takes
     */
    NodePaces(double guess, double most, int leastNodes) {
        this.guess = guess;
        this.most = most;
        this.leastNodes = leastNodes;
    }

    /** Estimates the seconds that this kind of work takes for a program with this many nodes. The estimate for a small program is 0. */
    double seconds(Object kind, long nodes) {
        return nodes < leastNodes ? 0 : nodes * secondsANode.getOrDefault(kind, guess);
    }

    /** Takes into account how long a program took. */
    void took(Object kind, long nodes, double seconds) {
        if (nodes >= leastNodes) {
            double each = Math.min(seconds / nodes, most);
            secondsANode.merge(kind, each, (known, latest) -> known + WEIGHT * (latest - known));
        }
    }

    /** Takes into account that the work on a program was given up after so many seconds. Only an estimate that was lower is raised. */
    void tookMoreThan(Object kind, long nodes, double seconds) {
        if (seconds(kind, nodes) < seconds) {
            took(kind, nodes, seconds);
        }
    }
}
