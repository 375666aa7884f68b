package io.chainrule.core.network;

import io.chainrule.core.op.Catalogue;
import io.chainrule.core.op.OpDefinition;
import java.util.List;
import java.util.stream.Stream;

/** Every type of layer. */
public final class LayerCatalogue {
    public static final Catalogue<LayerType> LAYERS = new Catalogue<>("layer type",
            Stream.of(BasicLayers.ALL, ConvolutionLayers.ALL, NormLayers.ALL, RecurrentLayers.ALL, AttentionLayer.ALL).flatMap(List::stream)
                    .toList());

    private LayerCatalogue() {}

    /** What a layer's output may pass through; their attributes are then options of the layer. */
    public static List<OpDefinition> activations() {
        return Activation.all().toList();
    }
}
