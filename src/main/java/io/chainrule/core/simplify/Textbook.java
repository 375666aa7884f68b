package io.chainrule.core.simplify;

import io.chainrule.core.graph.Graph;
import java.util.List;

/**
 * A graph as a textbook writes it.
 *
 * @param graph its last node is the result
 * @param domain where it has the value of the stable form, up to rounding: graphs whose last nodes are conditions, which have to hold for
 *        every element. Products of numbers so large or small that they overflow are not listed
 */
public record Textbook(Graph graph, List<Graph> domain) {}
