package io.chainrule.core.network;

import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Catalogue;
import java.util.List;
import java.util.stream.Stream;

/** Every type of layer. */
public final class LayerCatalogue {
    public static final Catalogue<LayerType> LAYERS = new Catalogue<>("layer type",
            Stream.of(BasicLayers.ALL, ConvolutionLayers.ALL, NormLayers.ALL, RecurrentLayers.ALL, AttentionLayer.ALL).flatMap(List::stream)
                    .toList());

    private LayerCatalogue() {}

    /** The options of activations, which a layer takes beside its own. */
    public static List<Attribute> activationOptions() {
        return Activation.all().flatMap(activation -> activation.attributes().stream()).toList();
    }
}
