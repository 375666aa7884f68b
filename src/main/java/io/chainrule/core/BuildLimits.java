package io.chainrule.core;

import io.chainrule.core.autodiff.EntryLimits;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Checkpoint;
import java.util.function.LongConsumer;

/**
 * How large programs and the functions compiled from them may become. Anything larger is refused with a {@link LimitException}, which uses
 * the names in parentheses.
 *
 * @param nodes nodes of a program as it was written, gates opened on demand included ("nodes")
 * @param nesting depth of brackets in a text ("nesting")
 * @param derivedNodes nodes of the graph that is run ("derived-nodes")
 * @param tensorElements elements of any one value ("tensor-elements")
 * @param jacobianEntries entries of all Jacobians ("jacobian-entries")
 * @param flops operations of one run; only used to choose between ways of compiling a function
 * @param bytes memory of one run; also used only for that choice
 * @param growth receives the estimated bytes that are about to be allocated; may throw to stop the work
 * @param foreseen receives about how many nodes the program will have, where that becomes known before they are written; may throw to stop
 *        the work
 * @param checkpoint called regularly; may throw to stop the work
 * @param choose whether limits also decide how a function is compiled; otherwise they only refuse it
 */
public record BuildLimits(int nodes, int nesting, int derivedNodes, long tensorElements, long jacobianEntries, long flops,
        long bytes, LongConsumer growth, LongConsumer foreseen, Checkpoint checkpoint, boolean choose) {
    /** The memory of a node of a program, with its entry in an answer. */
    public static final long BYTES_A_WRITTEN_NODE = 300;

    /** Where limits choose nothing, the sets of a node may have so many entries while the structure of a Jacobian is looked for. */
    private static final long ENTRIES_OF_NODE = 1_000_000;

    /** Limits for trusted programs. */
    public static final BuildLimits GENEROUS = new BuildLimits(10_000_000, 10_000, 100_000_000, Integer.MAX_VALUE, Integer.MAX_VALUE,
            Long.MAX_VALUE, Long.MAX_VALUE, _ -> {}, Checkpoint.NONE);

    public BuildLimits(int nodes, int nesting, int derivedNodes, long tensorElements, long jacobianEntries, long flops, long bytes,
            LongConsumer growth, Checkpoint checkpoint) {
        this(nodes, nesting, derivedNodes, tensorElements, jacobianEntries, flops, bytes, growth, _ -> {}, checkpoint, true);
    }

    /** What of the limits decides whether a program is refused, whoever asks. */
    public record Sizes(int nodes, int nesting, int derivedNodes, long tensorElements, long jacobianEntries, long flops, long bytes) {}

    public Sizes sizes() {
        return new Sizes(nodes, nesting, derivedNodes, tensorElements, jacobianEntries, flops, bytes);
    }

    /** The same limits with other receivers of the estimated bytes and nodes. */
    public BuildLimits telling(LongConsumer bytesToCome, LongConsumer nodesToCome) {
        return new BuildLimits(nodes, nesting, derivedNodes, tensorElements, jacobianEntries, flops, bytes, bytesToCome, nodesToCome,
                checkpoint, choose);
    }

    /** The same limits, which may refuse a function, and do not change how it is compiled. */
    public BuildLimits onlyRefusing() {
        return new BuildLimits(nodes, nesting, derivedNodes, tensorElements, jacobianEntries, flops, bytes, growth, foreseen, checkpoint,
                false);
    }

    /** The limits of a Jacobian, and of the search for its structure. */
    EntryLimits entries(boolean isStreamed) {
        return isStreamed
                ? EntryLimits.streamed(jacobianEntries)
                : EntryLimits.whole(jacobianEntries, choose ? jacobianEntries : ENTRIES_OF_NODE);
    }

    /** The allowance for programs as they are written. */
    Allowance written() {
        return new Allowance("nodes", nodes, _ -> checkpoint.check(), foreseen);
    }

    /** The allowance for graphs that are derived from a program. */
    Allowance derived() {
        return new Allowance("derived-nodes", derivedNodes, growth);
    }

    boolean fits(CostModel cost, long answerBytes) {
        return !choose || cost.flops() <= flops && cost.bytes() + answerBytes <= bytes;
    }

    void growByWritten(Graph graph) {
        growth.accept(graph.size() * BYTES_A_WRITTEN_NODE);
    }

    void checkSizes(Graph graph) {
        for (int i = 0; i < graph.size(); i++) {
            LimitException.check("tensor-elements", graph.shape(i).size(), tensorElements);
        }
    }
}
