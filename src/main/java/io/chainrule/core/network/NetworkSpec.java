package io.chainrule.core.network;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network as it was written. {@code l1} adds λ Σ|w| to the loss and {@code l2} adds ½ λ Σw², over all weights. Options hold
 * {@link Double}, {@link Boolean}, {@link String} and lists of these.
 */
public record NetworkSpec(InputSpec input, List<LayerSpec> layers, @Nullable LossSpec loss, double l1, double l2) {}
