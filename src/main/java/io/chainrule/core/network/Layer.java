package io.chainrule.core.network;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A layer whose name and options are in order. */
record Layer(String name, LayerType type, String pointer, LayerType.Lowering lowering, @Nullable Activation activation,
        @Nullable InitializerSpec initializer, List<Layer> layers) {

    /** As messages call it. */
    String title() {
        return title(type.name(), name);
    }

    static String title(String type, String name) {
        return type + " '" + name + "'";
    }
}
