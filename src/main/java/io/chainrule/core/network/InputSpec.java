package io.chainrule.core.network;

import io.chainrule.core.tensor.Shape;

/** The data of a network; {@code shape} is that of one sample. */
public record InputSpec(String name, Shape shape) {}
