package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;

/**
 * A statement of a program that binds a name.
 *
 * @param id the id that its node got: the name, or for a name that is bound again {@code name_1}, {@code name_2}, …
 * @param position where the name stands in the text
 */
public record Binding(String id, String name, int node, Problem.Position position) {}
