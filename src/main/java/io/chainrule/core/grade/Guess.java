package io.chainrule.core.grade;

import io.chainrule.core.graph.Node;
import java.util.List;

/**
 * A guess at a mistake. It fits if the two nodes have the same value at all points.
 *
 * @param left made from the claim, or the claim itself
 * @param right made from the right value, or the claim itself
 * @param names what the text on the mistake names
 */
record Guess(Mistake mistake, Node left, Node right, List<String> names) {}
