package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Maths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Vector–Jacobian products: one sweep from the results back to the inputs (Linnainmaa 1970; Griewank and Walther
 * 2008, §3.2). Appends the cotangents of a graph's nodes to it, so that they can be differentiated again.
 */
public final class ReverseMode {
    private static final int NONE = -1;

    private final GraphBuilder graph;
    private final BitSet active;
    private final int[] cotangents;
    private final int[] contributions;
    private final int[] order;
    private int added;
    /** For each node, the head of a linked list of contributions, which one op adds up when the sweep arrives at the node. */
    private int @Nullable [] mergeable;
    private int[] next = new int[0];
    private int[] links = new int[0];
    private int[] linkUses = new int[0];
    private int linkCount;

    private ReverseMode(GraphBuilder builder, Graph graph, BitSet active) {
        this.graph = builder;
        this.active = active;
        this.cotangents = new int[graph.size()];
        Arrays.fill(cotangents, NONE);
        this.contributions = new int[graph.useCount()];
        Arrays.fill(contributions, NONE);
        this.order = contributions.clone();
    }

    /**
     * The nodes that a sweep appended; −1 stands for zero, or for a node that is not needed.
     *
     * @param cotangents the cotangent of each node
     * @param contributions for each {@link Graph#use}, what the reading node adds to the cotangent of its operand
     * @param order for each {@link Graph#use}, a number that tells when its contribution is added: those to one cotangent, added from the
     *        least number on, give its value, bit for bit
     */
    public record Sweep(int[] cotangents, int[] contributions, int[] order) {}

    /**
     * Appends cotangents to {@code builder}, which holds the nodes of {@code graph}; there must be no composite ops.
     *
     * @param seeds cotangents of results, by node, in the node's shape
     * @param wrt the nodes whose cotangents are wanted; perturbations are added to their values
     * @return the cotangent of each node of {@code graph}; −1 where it is zero, or not needed for {@code wrt}
     */
    public static int[] cotangents(Graph graph, GraphBuilder builder, Map<Integer, Node> seeds, BitSet wrt) {
        return sweep(graph, builder, seeds, wrt).cotangents;
    }

    /** Like {@link #cotangents}, but also returns what each use of a node contributes. */
    public static Sweep sweep(Graph graph, GraphBuilder builder, Map<Integer, Node> seeds, BitSet wrt) {
        ReverseMode sweep = new ReverseMode(builder, graph, Activity.dependents(graph, graph.size(), wrt));
        seeds.forEach((node, seed) -> {
            if (sweep.active.get(node)) {
                sweep.accumulate(node, seed);
            }
        });
        for (int i = graph.size() - 1; i >= 0; i--) {
            if (sweep.active.get(i)) {
                sweep.visit(i, graph);
            }
        }
        return new Sweep(sweep.cotangents, sweep.contributions, sweep.order);
    }

    private void visit(int node, Graph primal) {
        merge(node);
        if (cotangents[node] == NONE) {
            return;
        }
        Node view = graph.node(node);
        Node cotangent = graph.node(cotangents[node]);
        boolean[] wanted = new boolean[view.operandCount()];
        for (int k = 0; k < wanted.length; k++) {
            wanted[k] = active.get(graph.operand(node, k));
        }
        int before = graph.size();
        @Nullable
        Node[] appended = view.op().vjps(view, wanted, cotangent);
        for (int k = 0; k < wanted.length; k++) {
            Node contribution = appended[k];
            if (contribution != null) {
                contribute(graph.operand(node, k), contribution, contribution.index() >= before, primal.use(node, k));
            }
        }
    }

    private void contribute(int node, Node contribution, boolean isNew, int use) {
        Node fitting = Maths.sumTo(contribution, graph.shape(node));
        contributions[use] = fitting.index();
        if (isNew && fitting.op().isSummedAtOnce()) {
            chain(node, fitting.index(), use);
        } else {
            order[use] = added++;
            accumulate(node, fitting);
        }
    }

    private void accumulate(int node, Node contribution) {
        cotangents[node] = cotangents[node] == NONE
                ? contribution.index()
                : Maths.add(graph.node(cotangents[node]), contribution).index();
    }

    private void chain(int node, int contribution, int use) {
        if (mergeable == null) {
            mergeable = new int[cotangents.length];
            Arrays.fill(mergeable, NONE);
        }
        if (linkCount == links.length) {
            links = Arrays.copyOf(links, 16 + 2 * linkCount);
            next = Arrays.copyOf(next, links.length);
            linkUses = Arrays.copyOf(linkUses, links.length);
        }
        links[linkCount] = contribution;
        linkUses[linkCount] = use;
        next[linkCount] = mergeable[node];
        mergeable[node] = linkCount++;
    }

    /**
     * Adds the contributions in a node's list to its cotangent, one after the other, by one op over all their operands if there is one.
     */
    private void merge(int node) {
        if (mergeable == null || mergeable[node] == NONE) {
            return;
        }
        List<Op> ops = new ArrayList<>();
        List<Node> operands = new ArrayList<>();
        boolean hasBase = cotangents[node] != NONE;
        if (hasBase) {
            operands.add(graph.node(cotangents[node]));
        }
        for (int link = mergeable[node]; link != NONE; link = next[link]) {
            order[linkUses[link]] = added++;
            Node contribution = graph.node(links[link]);
            ops.add(contribution.op());
            for (int k = 0; k < contribution.operandCount(); k++) {
                operands.add(contribution.operand(k));
            }
        }
        Op together = ops.size() == 1 ? null : ops.getFirst().sumOf(ops, hasBase);
        if (together != null) {
            cotangents[node] = graph.add(together, operands.toArray(Node[]::new)).index();
            return;
        }
        for (int link = mergeable[node]; link != NONE; link = next[link]) {
            accumulate(node, graph.node(links[link]));
        }
    }
}
