package io.chainrule.core.network;

import java.util.Map;

/** How weights are initialised: a scheme such as {@code he_normal}, and its options ({@code value, low, high, mean, stddev, gain}). */
public record InitializerSpec(String scheme, Map<String, Object> options) {
    /** The initializer of weights for which none is given, as in Keras. */
    public static final InitializerSpec DEFAULT = new InitializerSpec("glorot_uniform", Map.of());
}
