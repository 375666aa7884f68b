package io.chainrule.web.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The gradient of the output, and how the chain rule makes it, in numbers and in words. */
record ExplainResponse(
        @Schema(description = "Id of the output", example = "f") String output,
        @Schema(description = "Its value", example = "0.116") EncodedTensor value,
        @Schema(description = "By node of `wrt`: d output / d node, in the node's shape") Map<String, EncodedTensor> gradients,
        @Schema(description = "The nodes asked for, in the order of backpropagation: from the output on") List<LedgerEntry> ledger,
        @Schema(description = "The whole story, as plain text") String text,
        @Schema(description = """
                Where `node` was asked for: the paths that carry its gradient\
                """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Paths paths,
        @Schema(description = """
                Where `entry` was asked for: its story""") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable EntryStory entry,
        @Schema(description = """
                Of a network: its layers from the last to the first\
                """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Layer> layers,
        @Schema(description = """
                Where an `optimizer` was given: what one step does""") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Step step,
        @Schema(description = "What is worth knowing about the values and derivatives") List<DiagnosticResponse> diagnostics,
        @Nullable Map<String, EncodedTensor> parameters) implements ProgramResponse {

    @Schema(name = "LedgerEntry", description = "A node, and what the nodes that read it contribute to its gradient.")
    record LedgerEntry(@Schema(description = "Its id", example = "q") String node,
            @Schema(description = """
                    d output / d node: the contributions, added up in their order, give it to the last bit""") EncodedTensor gradient,
            @Schema(description = "In the order in which they are added") List<Contribution> contributions,
            @Schema(description = "In words") String text,
            @Schema(description = "The sum as a formula in LaTeX") String latex,
            @Schema(description = """
                    The same in MathML; left out where it is very long\
                    """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mathml) {}

    @Schema(name = "LedgerContribution",
            description = "What one node contributes to the gradient of a node that it reads: upstream × local.")
    record Contribution(@Schema(description = "Id of the node that reads", example = "f") String to,
            @Schema(description = "As which of its operands, from 0", example = "0") int operand,
            @Schema(description = """
                    Which reading this is, from 0, where the circuit of a composite gate reads its operand several times\
                    """) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer part,
            @Schema(description = "How many readings there are") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer parts,
            @Schema(description = "The gradient of the node that reads") EncodedTensor upstream,
            @Schema(implementation = Object.class, description = """
                    Of an elementwise op its derivative by this operand, in the shape of the op's value; of others \
                    `{form, shapes, where, latex, mathml}`, as "∂f/∂W = (∂f/∂q) xᵀ" and "[2]·[2]ᵀ → [2, 2]".""") Object local,
            @Schema(description = """
                    Of an elementwise op that neither adds, multiplies nor chooses: `local` as a formula, with the numbers in it; left out \
                    where it would be long""") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Slope derivative,
            @Schema(description = "What is added, in the shape of the node that is read") EncodedTensor contribution,
            @Schema(description = "In words") String text) {}

    @Schema(name = "LedgerDerivative", description = "The derivative of an elementwise op by an operand, of one element")
    record Slope(@Schema(description = "In Unicode", example = "∂f/∂x = 2 x = 2 ⋅ 3 = 6") String form,
            @Schema(description = """
                    What letters mean that are no names of nodes; left out where there are none\
                    """) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> where,
            @Schema(description = "In LaTeX") String latex,
            @Schema(description = """
                    In MathML; left out where it is very long""") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mathml) {}

    /** How an op that is not elementwise pulls a gradient back to one of its operands. */
    record Form(String form, String shapes, @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> where, String latex,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mathml) {}

    @Schema(name = "LedgerPaths", description = "The paths from the output that carry the most of a node's gradient.")
    record Paths(@Schema(description = "Id of the node", example = "x") String node,
            @Schema(description = "At most 20, by magnitude") List<Path> paths,
            @Schema(description = """
                    What all other paths carry together; all shares and this add up to `total`, within rounding""") EncodedTensor rest,
            @Schema(description = "The gradient; of an array the square of its norm") EncodedTensor total,
            @Schema(description = "In words") String text) {}

    @Schema(name = "LedgerPath", description = "One path")
    record Path(@Schema(description = "From the output to the node", example = "[\"f\", \"q\", \"x\"]") List<String> nodes,
            @Schema(description = """
                    What it carries: the product of local gradients; of an array the inner product of what arrives with the gradient\
                    """) EncodedTensor share) {}

    @Schema(name = "LedgerEntryStory", description = "The gradient of one entry of an array, down to the numbers.")
    record EntryStory(@Schema(description = "Id of the node", example = "W") String node,
            @Schema(description = "Which entry", example = "[0, 1]") List<Integer> index,
            @Schema(description = "The contributions, added up in their order") EncodedTensor gradient,
            @Schema(description = "In the order in which they are added") List<EntryTerm> contributions,
            @Schema(description = "In words") String text) {}

    @Schema(name = "LedgerEntryTerm", description = "A contribution to the gradient of one entry: the sum of products, up to rounding.")
    record EntryTerm(@Schema(description = "Id of the node that reads", example = "q") String to,
            @Schema(description = "As which of its operands, from 0", example = "0") int operand,
            @Schema(description = "What is added") EncodedTensor contribution,
            @Schema(description = "Those that are not zero, at most 20") List<Product> products,
            @Schema(description = "How many more there are", example = "0") int more,
            @Schema(description = "In words") String text) {}

    @Schema(name = "LedgerProduct", description = "The gradient of one entry of the node that reads, times the derivative of that entry")
    record Product(@Schema(description = "The entry of the node that reads", example = "q[0]") String of,
            @Schema(description = "Its gradient") EncodedTensor upstream,
            @Schema(description = "Its derivative by the entry whose gradient is told") EncodedTensor local,
            @Schema(description = "Their product") EncodedTensor product) {}

    @Schema(name = "LedgerLayer", description = "A layer, and the matrix forms of its backward pass")
    record Layer(@Schema(description = "Its name", example = "hidden") String name,
            @Schema(description = "Its type", example = "dense") String type,
            @Schema(description = "For each parameter, and for what the layer reads") List<LayerForm> forms,
            @Schema(description = "In words") String text) {}

    @Schema(name = "LedgerLayerForm", description = "How the gradient of a parameter, or of what the layer reads, is made")
    record LayerForm(@Schema(description = "Id of the node", example = "hidden.weight") String node,
            @Schema(description = "In Unicode", example = "∂f/∂W = (∂f/∂q) xᵀ") String form,
            @Schema(description = "Of its factors and of the result", example = "[2]·[2]ᵀ → [2, 2]") String shapes,
            @Schema(description = """
                    What letters mean that are no names of nodes; left out where there are none\
                    """) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> where,
            @Schema(description = "In LaTeX") String latex,
            @Schema(description = """
                    In MathML; left out where it is very long""") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mathml) {}

    @Schema(name = "LedgerStep", description = "One step of an optimizer")
    record Step(@Schema(description = "The inputs in `wrt` after it") Map<String, EncodedTensor> parameters,
            @Schema(description = "The norm of each one's change") Map<String, EncodedTensor> changes,
            @Schema(description = "The output's value before") EncodedTensor before, @Schema(description = "and after") EncodedTensor after,
            @Schema(description = """
                    The change that the gradient predicts: the inner product of gradients and changes""") EncodedTensor predicted,
            @Schema(description = "The true change") EncodedTensor actual, @Schema(description = "In words") String text) {}
}
