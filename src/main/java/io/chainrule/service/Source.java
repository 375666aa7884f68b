package io.chainrule.service;

import io.chainrule.core.graph.NodeSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program in the form in which the client sent it. */
public sealed interface Source {
    record Text(String expression) implements Source {}

    record Nodes(List<NodeSpec> nodes, @Nullable String output) implements Source {}
}
