package io.chainrule.core.graph;

import java.util.function.LongConsumer;

/**
 * How far a graph under construction may grow.
 *
 * @param limit what a {@link LimitException} calls the limit of nodes
 * @param nodes how many nodes, literals not counted
 * @param growth told of estimated bytes as the graph takes them, in steps; may throw to stop the work
 */
public record Allowance(String limit, int nodes, LongConsumer growth) {
    public static final Allowance UNBOUNDED = nodes(Integer.MAX_VALUE);

    /** With limit "nodes". */
    public Allowance(int nodes, LongConsumer growth) {
        this("nodes", nodes, growth);
    }

    public static Allowance nodes(int nodes) {
        return new Allowance(nodes, bytes -> {});
    }

    /** The same for a graph whose bytes are not counted. */
    public Allowance uncounted() {
        return new Allowance(limit, nodes, bytes -> {});
    }
}
