package io.chainrule.core.network;

import io.chainrule.core.graph.Place;
import io.chainrule.core.tensor.Shape;

/** What became of a layer: {@code parameters} numbers to train, the output in {@code node} of the program. */
public record LayerSummary(String name, String type, Shape outputShape, long parameters, int node, Place.OfLayer place) {}
