package io.chainrule.core.network;

import io.chainrule.core.tensor.Shape;

/** What became of a layer at {@code pointer} of a request: {@code parameters} numbers to train, the output in {@code node} of the program. */
public record LayerSummary(String name, String type, Shape outputShape, long parameters, int node, String pointer) {}
