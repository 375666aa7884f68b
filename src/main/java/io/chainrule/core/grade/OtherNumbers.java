package io.chainrule.core.grade;

import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Numbers that may stand in the place of another one, and those that may be missing as factors. */
final class OtherNumbers {
    private static final List<Double> USUAL = List.of(0.0, 1.0, -1.0, 2.0, 3.0, 0.5);
    private static final int MOST = 8;

    /** The numbers that the right line is made of, as the slope of a leaky relu. */
    private final Set<Double> right = new TreeSet<>();
    private final Set<Double> factors = new LinkedHashSet<>(List.of(2.0, 0.5, 3.0));

    /** {@code rule} is what the line should be. */
    OtherNumbers(GraphBuilder builder, Node rule) {
        BitSet needed = new BitSet();
        needed.set(rule.index());
        for (int i = rule.index(); i >= 0 && right.size() < MOST; i = needed.previousSetBit(i - 1)) {
            for (int k = 0; k < builder.operandCount(i); k++) {
                needed.set(builder.operand(i, k));
            }
            builder.node(i).literal().ifPresent(right::add);
        }
    }

    /** Adds numbers that may be missing in a product. */
    void addFactors(Collection<Double> more) {
        factors.addAll(more);
    }

    /** Factors that are often forgotten: of powers, halves, and one over the number of samples. */
    Set<Double> factors(Shape shape) {
        Set<Double> found = new LinkedHashSet<>(factors);
        shape.toList().stream().filter(length -> length > 1).forEach(length -> found.add(1.0 / length));
        return found;
    }

    /** What a number may be meant to be. */
    Set<Double> inPlaceOf(double value) {
        Set<Double> others = new LinkedHashSet<>(List.of(value + 1, value - 1, 2 * value, value / 2, 1 / value));
        others.addAll(USUAL);
        others.addAll(right);
        others.remove(value);
        return others;
    }
}
