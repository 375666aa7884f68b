package io.chainrule.core.network;

import java.util.Map;

/** How weights begin: a scheme such as {@code he_normal}, and its options ({@code value, low, high, mean, stddev, gain}). */
public record InitializerSpec(String scheme, Map<String, Object> options) {
    /** What weights begin with where nobody says otherwise, as in Keras. */
    public static final InitializerSpec DEFAULT = new InitializerSpec("glorot_uniform", Map.of());
}
