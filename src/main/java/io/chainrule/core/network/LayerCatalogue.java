package io.chainrule.core.network;

import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Catalogue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Every type of layer. */
public final class LayerCatalogue {
    public static final Catalogue<LayerType> LAYERS = new Catalogue<>("layer type",
            Stream.of(BasicLayers.ALL, ConvolutionLayers.ALL, NormLayers.ALL, RecurrentLayers.ALL, AttentionLayer.ALL).flatMap(List::stream)
                    .toList());

    private LayerCatalogue() {}

    /**
     * The options of each activation, by the activation's name. A layer that has the activation takes them in addition to its own
     * options.
     */
    public static Map<String, List<Attribute>> activationOptions() {
        Map<String, List<Attribute>> options = new LinkedHashMap<>();
        Activation.all().forEach(activation -> options.put(activation.name(), Ops.options(activation)));
        return options;
    }
}
