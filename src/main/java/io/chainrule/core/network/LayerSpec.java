package io.chainrule.core.network;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A layer as it was written. {@code layers} are the inner layers of a residual block; {@code initializer} is that of its weights. */
public record LayerSpec(@Nullable String type, @Nullable String name, Map<String, Object> options, List<LayerSpec> layers,
        @Nullable InitializerSpec initializer) {}
