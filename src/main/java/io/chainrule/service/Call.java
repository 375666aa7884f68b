package io.chainrule.service;

import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What every compute endpoint is given.
 *
 * @param inputs in the order of the request
 * @param output the node to differentiate; null for the program's own
 * @param wrt null for every input, or every parameter of a network
 * @param isBase64 whether arrays are answered as base64, which takes less room
 * @param asked where gates are to be closed, every id that the request names anywhere: no gate closes over these nodes
 */
public record Call(Source source, Map<String, Tensor> inputs, @Nullable String output, @Nullable List<String> wrt, NodeSelection nodes,
        Batch batch, GateForm gates, boolean isBase64, Set<String> asked) {

    public Call(Source source, Map<String, Tensor> inputs, @Nullable String output, @Nullable List<String> wrt, NodeSelection nodes,
            Batch batch) {
        this(source, inputs, output, wrt, nodes, batch, GateForm.AS_WRITTEN, false, Set.of());
    }

    Call withBatch(Batch other) {
        return new Call(source, inputs, output, wrt, nodes, other, gates, isBase64, asked);
    }

    Call withInputs(Map<String, Tensor> others) {
        return new Call(source, others, output, wrt, nodes, batch, gates, isBase64, asked);
    }

    Call withSource(Source other) {
        return new Call(other, inputs, output, wrt, nodes, batch, gates, isBase64, asked);
    }

    Call withWrt(List<String> others) {
        return new Call(source, inputs, output, others, nodes, batch, gates, isBase64, asked);
    }

    /** The inputs that carry samples along a leading axis, and what becomes of the samples' results. */
    public record Batch(List<String> inputs, Reduction reduction) {
        public static final Batch NONE = new Batch(List.of(), Reduction.NONE);
    }

    /** What becomes of the results of many samples: one each, their sum, or their mean. */
    public enum Reduction {
        NONE,
        SUM,
        MEAN
    }

    /** Whether the program is taken as it was written, with its gates opened, or with known circuits closed into gates. */
    public enum GateForm {
        AS_WRITTEN,
        EXPAND,
        COLLAPSE
    }

    /** Which nodes an answer lists. */
    public sealed interface NodeSelection {
        record All() implements NodeSelection {}

        record Named() implements NodeSelection {}

        record None() implements NodeSelection {}

        record Ids(List<String> ids) implements NodeSelection {}
    }

    /** Which local Jacobians a gradient lists. */
    public enum LocalJacobians {
        AUTO,
        ALL,
        NONE
    }
}
