package io.chainrule.core.network;

import java.util.Map;

/** A loss by its name in a network ({@code mse}), the input that it compares the last layer with, and the options of its op. */
public record LossSpec(String type, String target, Map<String, Object> options) {}
