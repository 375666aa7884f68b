package io.chainrule.core;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Cases of the losses by class and of the layers. */
public final class LayerOpCases {
    private static final List<OpCase> LOSSES = List.of(
            of("class_index", Map.of("num_classes", 2), "2,3"), of("class_index", Map.of("num_classes", 3, "ignore_index", 1), "4"),
            of("class_index", Map.of("num_classes", 2), ""), of("class_index", Map.of("num_classes", 0), "0"),
            of("nll_loss", Map.of(), "4,3", "4"), of("nll_loss", Map.of("axis", 1, "reduction", "none"), "2,3,2", "2,2"),
            of("nll_loss", Map.of("ignore_index", 1, "axis", 0), "2,9", "9"), of("nll_loss", Map.of("reduction", "sum"), "3", ""),
            of("cross_entropy", Map.of(), "2,3", "2,3"), of("cross_entropy", Map.of("axis", 0, "label_smoothing", 0.1), "3,2", "3,2"),
            of("cross_entropy", Map.of("reduction", "none"), "2,3", "2,3"), of("cross_entropy", Map.of("reduction", "sum"), "3", "3"),
            of("cross_entropy", Map.of(), "3,2", "3"), of("cross_entropy", Map.of("axis", 1, "reduction", "sum"), "2,3,2", "2,2"),
            of("cross_entropy", Map.of("label_smoothing", 0.2, "ignore_index", 0), "8,2", "8"),
            of("cross_entropy", Map.of("reduction", "none"), "4", ""),
            of("hinge_loss", Map.of(), "4,3", "4"), of("hinge_loss", Map.of("margin", 0.3, "reduction", "none"), "2,2,3", "2,2"),
            of("hinge_loss", Map.of("reduction", "sum"), "3", ""), of("hinge_loss", Map.of("reduction", "none"), "0,3", "0"),
            of("cosine_embedding_loss", Map.of(), "4,3", "4,3", "4"),
            of("cosine_embedding_loss", Map.of("margin", -0.5, "reduction", "none"), "4,2", "2", "4"),
            of("cosine_embedding_loss", Map.of("reduction", "sum"), "3", "3", ""),
            of("triplet_loss", Map.of(), "2,3", "2,3", "2,3"), of("triplet_loss", Map.of("p", 3, "reduction", "none"), "2,3", "3", "2,3"),
            of("triplet_loss", Map.of("p", 1, "margin", 3, "swap", true, "reduction", "sum"), "2,2", "2,2", "2,2"),
            of("triplet_loss", Map.of("p", "Infinity", "margin", 3), "4", "4", "4"));

    private static final List<OpCase> NORMS = List.of(
            of("linear", Map.of(), "2,3", "3,4", "4"), of("linear", Map.of(), "3", "3,2", "2"), of("linear", Map.of(), "2,2,3", "3,1", "1"),
            of("layer_norm", Map.of(), "2,4", "4", "4"), of("layer_norm", Map.of("axes", List.of(1, 2), "eps", 0.1), "2,2,2", "2,2", "2,2"),
            of("layer_norm", Map.of("axes", 0), "3,2", "3", "3"),
            of("batch_norm", Map.of(), "2,3", "3", "3", "3", "3"), of("batch_norm", Map.of("axis", 0), "2", "2", "2", "2", "2"),
            of("batch_norm", Map.of("training", true, "eps", 0.1), "4,2", "2", "2", "2", "2"),
            of("batch_norm", Map.of("training", true, "axis", -1), "2,2,2", "2", "2", "2", "2"),
            of("batch_norm", Map.of("axis", 1), "0,2,2", "2", "2", "2", "2"),
            of("group_norm", Map.of("groups", 2), "2,4", "4", "4"), of("group_norm", Map.of("groups", 1, "eps", 0.1), "2,2,2", "2", "2"),
            of("group_norm", Map.of("groups", 3), "1,3,2,2", "3", "3"), of("group_norm", Map.of("groups", 1), "0,2,2", "2", "2"));

    private static final List<OpCase> LAYERS = List.of(
            of("random_mask", Map.of("shape", List.of(2, 3), "rate", 0.5, "seed", 1)),
            of("random_mask", Map.of("shape", List.of(), "rate", 0, "seed", -7)),
            of("random_mask", Map.of("shape", List.of(2, 3), "rate", 0.5, "seed", 1), ""),
            of("random_mask", Map.of("shape", List.of(3), "rate", 0.5, "seed", 1), "2"),
            of("dropout", Map.of("rate", 0.5, "seed", 2), "2,3"), of("dropout", Map.of("rate", 0, "seed", 2), "3"),
            of("dropout", Map.of("rate", 1, "seed", 2), "3"), of("dropout", Map.of("rate", 0.1, "seed", 2), ""),
            of("dropout", Map.of("rate", 0.5, "seed", 2), "2,3", ""),
            of("embedding", Map.of(), "2,2", "2,3"), of("embedding", Map.of(), "", "3,2"), of("embedding", Map.of(), "4", "3"),
            of("scaled_dot_product_attention", Map.of(), "2,3", "4,3", "4,2"),
            of("scaled_dot_product_attention", Map.of(), "2,3", "4,3", "4,2", "2,4"),
            of("scaled_dot_product_attention", Map.of("causal", true), "2,3,2", "2,3,2", "2,3,1"),
            of("scaled_dot_product_attention", Map.of("causal", true, "scale", 0.5), "2,2,2", "3,2", "3,2", "2,1,3"),
            of("rnn_cell", Map.of(), "2,3", "2,2", "3,2", "2,2", "2"), of("rnn_cell", Map.of(), "1", "1", "1,1", "1,1", "1"),
            of("lstm_cell", Map.of(), "2,3", "2,2", "2,2", "3,8", "2,8", "8"), of("lstm_cell", Map.of(), "2", "1", "1", "2,4", "1,4", "4"),
            of("gru_cell", Map.of(), "2,3", "2,2", "3,6", "2,6", "6", "6"), of("gru_cell", Map.of(), "2", "1", "2,3", "1,3", "3", "3"));

    public static final List<OpCase> ALL = Stream.of(LOSSES, NORMS, LAYERS).flatMap(List::stream).toList();

    private LayerOpCases() {}

    private static OpCase of(String op, Map<String, ?> attributes, String... shapes) {
        return OpCase.of(op, attributes, shapes);
    }
}
