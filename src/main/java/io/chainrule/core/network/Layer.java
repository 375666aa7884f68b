package io.chainrule.core.network;

import java.util.List;
import io.chainrule.core.graph.Place;
import org.jspecify.annotations.Nullable;

/** A layer after its type, name and options were checked. */
record Layer(String name, LayerType type, Place.OfLayer place, LayerType.Lowering lowering, @Nullable Activation activation,
        @Nullable InitializerSpec initializer, List<Layer> layers) {

    /** The type and name of the layer, for messages. */
    String title() {
        return title(type.name(), name);
    }

    static String title(String type, String name) {
        return type + " '" + name + "'";
    }
}
