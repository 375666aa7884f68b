package io.chainrule.core.grade;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.expression.DerivativeNames;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Checkpoint;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The lines of a program that may be the output of its forward pass. */
final class OutputLines {
    private static final int NONE = -1;
    private static final int MOST = 8;

    private final NamedGraph program;
    private final Graph graph;
    private final List<Line> lines;
    private final Map<Line, DerivativeNames.Derivative> claimed;
    private final Checkpoint checkpoint;
    /** The lines that neither are claims nor read one and that have a gradient by a claimed node, the last first. */
    private List<Line> explained = List.of();

    /** {@code claimed} may lose lines later, which are then of the forward pass. */
    OutputLines(NamedGraph program, List<Line> lines, Map<Line, DerivativeNames.Derivative> claimed, Checkpoint checkpoint) {
        this.program = program;
        this.graph = program.graph();
        this.lines = lines;
        this.claimed = claimed;
        this.checkpoint = checkpoint;
    }

    /** The likeliest first. */
    List<Integer> all() {
        BitSet claims = new BitSet();
        claimed.keySet().forEach(line -> claims.set(line.node()));
        BitSet backward = Activity.dependents(graph, graph.size(), claims);
        Set<String> names = claimed.keySet().stream().map(Line::name).collect(Collectors.toSet());
        Set<String> seen = new HashSet<>();
        List<Line> free = lines.reversed().stream().filter(line -> !backward.get(line.node()) && !names.contains(line.name()))
                .filter(line -> seen.add(line.name())).toList();
        if (free.isEmpty() && claims.isEmpty() && !graph.isLeaf(program.output())) {
            return List.of(program.output());
        }
        BitSet reached = reached();
        explained = free.stream().filter(line -> reached.get(line.node()) && !DerivativeNames.isLikeDerivative(line.name())).toList();
        Set<Integer> outputs = new LinkedHashSet<>();
        BitSet inside = new BitSet();
        boolean isEnded = false;
        for (Line line : explained) {
            checkpoint.check();
            if (!inside.get(line.node()) || !isEnded) {
                outputs.add(line.node());
                inside.or(BackwardPass.ancestors(graph, line.node()));
                isEnded |= !isRead(line, backward);
            }
        }
        if (explained.isEmpty()) {
            free.forEach(line -> outputs.add(line.node()));
        }
        List<Integer> possible = outputs.stream().filter(output -> hasCotangent(output) && !isReadByItsOwnClaim(output)).toList();
        return (possible.isEmpty() ? outputs.stream() : possible.stream()).limit(MOST).toList();
    }

    /**
     * The nodes whose derivative by a claimed node is not zero everywhere, as that of a mask is; all nodes if none is claimed.
     */
    private BitSet reached() {
        BitSet reached = claimedNodes();
        if (claimed.isEmpty()) {
            reached.set(0, graph.size());
        }
        for (int i = 0; i < graph.size(); i++) {
            for (int k = 0; k < graph.operandCount(i) && !reached.get(i); k++) {
                reached.set(i, reached.get(graph.operand(i, k)) && !graph.op(i).ignores(k));
            }
        }
        return reached;
    }

    private BitSet claimedNodes() {
        BitSet nodes = new BitSet();
        claimed.values().stream().map(derivative -> program.find(derivative.by())).filter(Objects::nonNull).forEach(nodes::set);
        return nodes;
    }

    /**
     * The lines that may be the output in place of another one: they are computed from it, or depend on all that it depends on, and on
     * more.
     */
    List<Integer> rivals(int output) {
        BitSet ends = claimedNodes();
        program.inputs().forEach(ends::set);
        BitSet before = differentiableAncestors(output);
        BitSet one = new BitSet();
        one.set(output);
        BitSet behind = Activity.dependents(graph, graph.size(), one);
        BitSet reach = (BitSet) before.clone();
        reach.and(ends);
        int upstream = upstream(output);
        return explained.stream().map(Line::node).filter(node -> {
            checkpoint.check();
            // What the output has a gradient by depends on no more than the output.
            boolean canDependOnMore = !before.get(node) || behind.get(node);
            return node != output && canDependOnMore && (behind.get(node) || dependsOnMore(node, reach, ends, upstream))
                    && !isReadByItsOwnClaim(node);
        }).toList();
    }

    /** Whether a node has a gradient by all inputs and claimed nodes by which the output has one, and by more. */
    private boolean dependsOnMore(int node, BitSet ofOutput, BitSet ends, int upstream) {
        BitSet reached = differentiableAncestors(node);
        reached.and(ends);
        reached.clear(upstream == NONE ? graph.size() : upstream);
        BitSet missed = (BitSet) ofOutput.clone();
        missed.andNot(reached);
        return missed.isEmpty() && !reached.equals(ofOutput);
    }

    private BitSet differentiableAncestors(int node) {
        BitSet one = new BitSet();
        one.set(node);
        return Activity.differentiableAncestors(graph, one);
    }

    /** Whether a claim, or a line that reads one, reads this line. */
    private boolean isRead(Line line, BitSet backward) {
        BitSet one = new BitSet();
        one.set(line.node());
        return Activity.dependents(graph, graph.size(), one).intersects(backward);
    }

    /** Whether a node can be differentiated: it is a scalar, or the gradient that arrives at it is an input. */
    private boolean hasCotangent(int output) {
        return graph.shape(output).isScalar() || upstream(output) != NONE;
    }

    /**
     * Whether a claim of this node's gradient is computed from the node. The gradient of an output by itself is 1 whatever its value is.
     */
    private boolean isReadByItsOwnClaim(int node) {
        checkpoint.check();
        BitSet claims = new BitSet();
        claimed.forEach((line, derivative) -> {
            Integer by = program.find(derivative.by());
            if (by != null && by == node) {
                claims.set(line.node());
            }
        });
        return Activity.differentiableAncestors(graph, claims).get(node);
    }

    /** The input that is the gradient which arrives at a node; {@value #NONE} if there is none. */
    int upstream(int output) {
        for (int input : program.inputs()) {
            checkpoint.check();
            if (graph.shape(input).equals(graph.shape(output))) {
                Optional<DerivativeNames.Derivative> read = DerivativeNames.read(program.id(input), name -> program.find(name) != null);
                Integer by = read.map(DerivativeNames.Derivative::by).map(program::find).orElse(null);
                if (by != null && by == output) {
                    return input;
                }
            }
        }
        return NONE;
    }
}
