package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;

/**
 * What a user should know about how a text was read.
 *
 * @param position where in the text
 */
public record Remark(String message, Problem.Position position) {}
