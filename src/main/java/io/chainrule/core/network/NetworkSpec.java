package io.chainrule.core.network;

import io.chainrule.core.graph.Place;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network as it was written. {@code l1} adds λ Σ|w| to the loss and {@code l2} adds ½ λ Σw², over all weights. Options hold
 * {@link Double}, {@link Boolean}, {@link String} and lists of these.
 */
public record NetworkSpec(InputSpec input, List<LayerSpec> layers, @Nullable LossSpec loss, double l1, double l2) {

    /** The layers that compute otherwise in training, by their paths: those that leave out numbers, and those that read the batch. */
    public Map<Place.OfLayer, LayerSpec> otherInTraining() {
        Map<Place.OfLayer, LayerSpec> found = new LinkedHashMap<>();
        look(layers, Place.OfLayer.at(List.of()), found);
        return found;
    }

    private static void look(List<LayerSpec> layers, Place.OfLayer outside, Map<Place.OfLayer, LayerSpec> found) {
        for (int i = 0; i < layers.size(); i++) {
            LayerSpec layer = layers.get(i);
            Place.OfLayer place = outside.inner(i);
            boolean leavesOut = BasicLayers.DROPOUT.name().equals(layer.type())
                    && !(layer.options().get("rate") instanceof Double rate && rate == 0);
            if (leavesOut || NormLayers.BATCH_NORM.name().equals(layer.type())) {
                found.put(place, layer);
            }
            look(layer.layers(), place, found);
        }
    }
}
