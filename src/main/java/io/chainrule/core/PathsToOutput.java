package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ways from the nodes of a program to its output. */
public final class PathsToOutput {
    private static final int NONE = -1;

    private final Graph graph;
    private final int output;
    /** The next node on a shortest way to the output; the output's own is itself. */
    private final int[] next;
    /** The users of node i, as {@code users[starts[i]]} up to {@code users[starts[i + 1]]}; made when somebody asks. */
    private int @Nullable [] users;
    private int[] starts = new int[0];

    public PathsToOutput(NamedGraph program) {
        this(program.graph(), program.output());
    }

    PathsToOutput(Graph graph, int output) {
        this.graph = graph;
        this.output = output;
        this.next = new int[graph.size()];
        Arrays.fill(next, NONE);
        int[] lengths = new int[graph.size()];
        next[output] = output;
        for (int i = output; i >= 0; i--) {
            for (int k = 0; next[i] != NONE && k < graph.operandCount(i); k++) {
                int operand = graph.operand(i, k);
                if (next[operand] == NONE || lengths[i] + 1 < lengths[operand]) {
                    next[operand] = i;
                    lengths[operand] = lengths[i] + 1;
                }
            }
        }
    }

    public boolean reaches(int node) {
        return next[node] != NONE;
    }

    /** From the node to the output, both included; of a node that does not reach it, the node alone. */
    public List<Integer> toOutput(int node) {
        List<Integer> way = new ArrayList<>(List.of(node));
        for (int at = node; next[at] != NONE && at != output; at = next[at]) {
            way.add(next[at]);
        }
        return way;
    }

    /** The nodes on ways to the output that read a node. */
    public List<Integer> users(int node) {
        int[] all = users == null ? allUsers() : users;
        return Arrays.stream(all, starts[node], starts[node + 1]).distinct().boxed().toList();
    }

    private int[] allUsers() {
        int[] ends = new int[graph.size() + 1];
        forEachUse((operand, _) -> ends[operand + 1]++);
        Arrays.parallelPrefix(ends, Integer::sum);
        starts = ends.clone();
        int[] all = new int[ends[graph.size()]];
        forEachUse((operand, user) -> all[ends[operand]++] = user);
        users = all;
        return all;
    }

    private interface Use {
        void of(int operand, int user);
    }

    private void forEachUse(Use use) {
        for (int i = 0; i <= output; i++) {
            for (int k = 0; reaches(i) && k < graph.operandCount(i); k++) {
                use.of(graph.operand(i, k), i);
            }
        }
    }
}
