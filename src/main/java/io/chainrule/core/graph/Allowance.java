package io.chainrule.core.graph;

import java.util.function.LongConsumer;

/**
 * How far a graph under construction may grow.
 *
 * @param limit the name of the limit on nodes in a {@link LimitException}
 * @param nodes the most nodes, literals not counted
 * @param growth receives the estimated bytes that the graph takes, in steps; may throw to stop the work
 * @param foreseen receives about how many nodes the graph will have, where that becomes known before they are added; may throw to stop the
 *        work
 * @param idle receives the steps of evaluating a program that added no node, so that a program that calls others bounds theirs with its
 *        own; may throw to stop the work
 */
public record Allowance(String limit, int nodes, LongConsumer growth, LongConsumer foreseen, LongConsumer idle) {
    public static final Allowance UNBOUNDED = nodes(Integer.MAX_VALUE);

    /** An allowance for programs that no other program calls. */
    public Allowance(String limit, int nodes, LongConsumer growth, LongConsumer foreseen) {
        this(limit, nodes, growth, foreseen, _ -> {});
    }

    /** An allowance that nobody asks what it foresees. */
    public Allowance(String limit, int nodes, LongConsumer growth) {
        this(limit, nodes, growth, _ -> {});
    }

    /** An allowance whose limit is called "nodes". */
    public Allowance(int nodes, LongConsumer growth) {
        this("nodes", nodes, growth);
    }

    public static Allowance nodes(int nodes) {
        return new Allowance(nodes, bytes -> {});
    }

    /** The same allowance for a graph whose bytes are not counted. */
    public Allowance uncounted() {
        return new Allowance(limit, nodes, _ -> {}, foreseen, idle);
    }

    /** The same allowance for a program that another one calls, which counts its idle steps. */
    public Allowance ofCalled(LongConsumer counted) {
        return new Allowance(limit, nodes, growth, foreseen, counted);
    }
}
