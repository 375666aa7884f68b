package io.chainrule.core.network;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every type of layer, by name. */
public final class LayerCatalogue {
    private static final Map<String, LayerType> BY_NAME = new LinkedHashMap<>();

    static {
        Stream.of(BasicLayers.ALL, ConvolutionLayers.ALL, NormLayers.ALL, RecurrentLayers.ALL, AttentionLayer.ALL).flatMap(List::stream)
                .forEach(type -> BY_NAME.put(type.name(), type));
    }

    private LayerCatalogue() {}

    static @Nullable LayerType find(String name) {
        return BY_NAME.get(name);
    }

    /** The names of all types. */
    public static Collection<String> names() {
        return Collections.unmodifiableSet(BY_NAME.keySet());
    }
}
