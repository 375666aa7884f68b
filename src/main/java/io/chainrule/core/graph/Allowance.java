package io.chainrule.core.graph;

import java.util.function.LongConsumer;

/**
 * How far a graph under construction may grow.
 *
 * @param nodes how many nodes, literals not counted; beyond, {@link LimitException} for limit "nodes"
 * @param growth told of estimated bytes as the graph takes them, in steps; may throw to stop the work
 */
public record Allowance(int nodes, LongConsumer growth) {
    public static final Allowance UNBOUNDED = nodes(Integer.MAX_VALUE);

    public static Allowance nodes(int nodes) {
        return new Allowance(nodes, bytes -> {});
    }
}
