package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A gradient in words: the ledger of backpropagation and what belongs to it. Texts are plain, in one {@link Language}.
 *
 * @param intro what the output is, and how gradients go back from it
 * @param ledger in the order of backpropagation
 * @param text the whole story
 * @param paths the paths along which the gradient of one node arrives; null unless asked for
 * @param entry the story of one entry of an array; null unless asked for
 * @param layers the layers of a network from the last to the first; null if the program is no network
 * @param step what an update of the parameters does to the loss; null if the request names no optimizer
 */
public record Explanation(Language language, String intro, List<Entry> ledger, String text, @Nullable Paths paths,
        @Nullable EntryStory entry,
        @Nullable List<Layer> layers, @Nullable Step step) {

    /** A node, and what its readers contribute to its gradient, in the order in which it is added up. */
    public record Entry(String node, Tensor gradient, List<Term> contributions, String text, String latex, @Nullable String mathml) {}

    /**
     * A contribution.
     *
     * @param to the id of the node that reads
     * @param form what stands for the local derivative of an op that is not elementwise; null for elementwise ones
     * @param slope the local derivative of an elementwise op as a formula; null where no short formula exists, where the gate adds,
     *        multiplies or chooses, and where the node reads parts of it
     */
    public record Term(String to, Contribution values, @Nullable Form form, @Nullable Slope slope, String text) {}

    /**
     * How an op pulls a gradient back to one of its operands.
     *
     * @param text the equation in Unicode, as {@code ∂f/∂W = (∂f/∂q) xᵀ}
     * @param shapes those of its factors and of the result, as {@code [2]·[2]ᵀ → [2, 2]}
     * @param letters what its letters mean that are no names of nodes
     */
    public record Form(String text, String shapes, String latex, @Nullable String mathml, List<String> letters) {}

    /**
     * The derivative of an elementwise op by an operand, of one element.
     *
     * @param text the equation in Unicode, as {@code ∂f/∂x = 2 x = 2 ⋅ 3 = 6}
     * @param letters those that are no names of nodes, as {@code s = a − b}
     */
    public record Slope(String text, String latex, @Nullable String mathml, List<String> letters) {}

    /**
     * The paths from the output to a node with the largest shares of its gradient. Shares and rest add up to {@code total}.
     *
     * @param total the gradient, or of an array the square of its norm
     * @param rest what all other paths carry together
     */
    public record Paths(String node, List<Path> paths, double rest, double total, String text) {}

    /**
     * One path.
     *
     * @param nodes from the output on
     * @param share what the path carries: of a scalar its part of the gradient, of an array the inner product of its part with the gradient
     */
    public record Path(List<String> nodes, double share) {}

    /** One entry of an array, {@code gradient} is its contributions added up in their order. */
    public record EntryStory(String node, List<Integer> index, double gradient, List<EntryTerm> contributions, String text) {}

    /**
     * A contribution to one entry: the sum, up to rounding, of products.
     *
     * @param products those that are not zero; {@code more} of them are left out
     */
    public record EntryTerm(String to, int operand, double contribution, List<Product> products, int more, String text) {}

    /**
     * One product of the chain rule: the gradient of one entry of the reading node, times that entry's derivative by the explained entry.
     */
    public record Product(String of, double upstream, double local, double product) {}

    /** A layer of a network, with the matrix forms that its backward pass computes. */
    public record Layer(String name, String type, List<LayerForm> forms, String text) {}

    /** How the gradient of a parameter, or of what the layer reads, is computed. */
    public record LayerForm(String node, Form form) {}

    /**
     * A training step.
     *
     * @param parameters the parameters after it
     * @param changes the norm of each parameter's change
     * @param predicted the change of the loss that the gradient predicts: the inner product of gradients and changes
     */
    public record Step(Map<String, Tensor> parameters, Map<String, Double> changes, double before, double after, double predicted,
            double actual, String text) {}
}
