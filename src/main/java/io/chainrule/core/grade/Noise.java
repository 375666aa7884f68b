package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Tells a difference that rounding makes from one that only the bounds of errors excuse. In long chains these bounds exceed the values
 * themselves. Rounding is then measured by inputs that differ in their last digits.
 */
final class Noise {
    /** Smaller differences, as parts of the largest entry, are left to the bounds of errors. */
    private static final double FAR = 1e-3;
    /** What rounding makes of numbers of the size of those that are computed with. */
    private static final double ROUNDING = 1e-12;
    private static final double MOST_SPREADS = 1000;
    private static final int NEIGHBOURS = 3;
    private static final int MOST_UNITS = 4;

    private final Sheet sheet;
    private final Runner runner;

    Noise(Sheet sheet, Runner runner) {
        this.sheet = sheet;
        this.runner = runner;
    }

    /** Whether rounding explains that a claim is not the truth at a point; {@code values} are those found there. */
    boolean explains(Map<Integer, Tensor> point, Map<Integer, Tensor> values, Node claim, Node truth) {
        Tensor claimed = at(values, claim);
        Tensor expected = at(values, truth);
        double difference = Closeness.distance(claimed, expected);
        if (difference <= FAR * Closeness.largest(expected.data())) {
            return true;
        }
        BitSet results = new BitSet();
        results.set(claim.index());
        results.set(truth.index());
        return difference <= ROUNDING * largest(point, results)
                || difference <= MOST_SPREADS * spread(point, results, claim, claimed, truth, expected);
    }

    /** The largest of the numbers that both are computed from, which may cancel. */
    private double largest(Map<Integer, Tensor> point, BitSet results) {
        Map<Integer, Tensor> all = new Runs(sheet.graph(), Activity.ancestors(sheet.graph(), results), runner).attempt(point);
        return all == null ? 0 : all.values().stream().mapToDouble(value -> Closeness.largest(value.data())).max().orElse(0);
    }

    private double spread(Map<Integer, Tensor> point, BitSet results, Node claim, Tensor claimed, Node truth, Tensor expected) {
        Runs runs = new Runs(sheet.graph(), results, runner);
        double spread = 0;
        for (int seed = 0; seed < NEIGHBOURS; seed++) {
            Map<Integer, Tensor> near = runs.attempt(neighbour(point, seed));
            if (near != null) {
                spread = Math.max(spread,
                        Math.max(Closeness.distance(at(near, claim), claimed), Closeness.distance(at(near, truth), expected)));
            }
        }
        return spread;
    }

    private static Tensor at(Map<Integer, Tensor> values, Node node) {
        return Objects.requireNonNull(values.get(node.index()));
    }

    /** Inputs that differ in their last digits; whole numbers, which may be labels, stay. */
    private static Map<Integer, Tensor> neighbour(Map<Integer, Tensor> point, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Integer, Tensor> near = new HashMap<>();
        point.forEach((node, value) -> {
            Tensor moved = value.copy();
            Arrays.setAll(moved.data(), i -> moved.data()[i] == Math.rint(moved.data()[i])
                    ? moved.data()[i]
                    : moved.data()[i] + random.nextInt(-MOST_UNITS, MOST_UNITS + 1) * Math.ulp(moved.data()[i]));
            near.put(node, moved);
        });
        return near;
    }
}
