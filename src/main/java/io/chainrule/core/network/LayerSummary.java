package io.chainrule.core.network;

import io.chainrule.core.graph.Place;
import io.chainrule.core.tensor.Shape;

/** A layer after lowering. {@code parameters} is how many numbers it trains, {@code node} the program's node of its output. */
public record LayerSummary(String name, String type, Shape outputShape, long parameters, int node, Place.OfLayer place) {}
