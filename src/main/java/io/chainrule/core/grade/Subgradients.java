package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The derivatives of a node at kinks. Operands of the ops with kinks are moved a little in many directions, each element by itself; between
 * the least and the greatest derivative that is found there, every value is a subgradient.
 */
final class Subgradients {
    private static final int DIRECTIONS = 48;
    private static final double STEP = 1e-11;
    /** Derivatives change by more than rounding where operands are moved. */
    private static final double RELATIVE = 1e-7;
    private static final long SEED = 0x5eed;

    private final Sheet sheet;
    private final Node value;
    private final List<Integer> nudges;
    private final Runs runs;

    private Subgradients(Sheet sheet, Node value, List<Integer> nudges, Runner runner) {
        this.sheet = sheet;
        this.value = value;
        this.nudges = nudges;
        BitSet results = new BitSet();
        results.set(value.index());
        this.runs = new Runs(sheet.graph(), results, runner);
    }

    /**
     * Whether a value lies between the subgradients at a point. The claims in {@code upstream}, by node of the program, are taken for true.
     */
    static boolean contain(Sheet sheet, Claim claim, Map<Integer, Node> upstream, Map<Integer, Tensor> point, Tensor claimed,
            Runner runner) {
        Sheet.LocalRule rule = sheet.localRule(claim, upstream, true);
        return rule != null && (!rule.nudges().isEmpty() || !upstream.isEmpty()) && claimed.shape().broadcastsTo(rule.value().shape())
                && new Subgradients(sheet, rule.value(), rule.nudges(), runner).contain(point, claimed);
    }

    private boolean contain(Map<Integer, Tensor> point, Tensor claimed) {
        double[] least = at(point, 0);
        if (least == null) {
            return false;
        }
        double[] greatest = least.clone();
        for (int direction = 1; direction <= (nudges.isEmpty() ? 0 : DIRECTIONS); direction++) {
            double[] found = at(point, direction);
            for (int i = 0; found != null && i < found.length; i++) {
                least[i] = Math.min(least[i], found[i]);
                greatest[i] = Math.max(greatest[i], found[i]);
            }
        }
        double[] values = Closeness.stretched(claimed, Tensor.of(value.shape(), least));
        double allowed = RELATIVE * Math.max(Closeness.largest(least), Closeness.largest(greatest));
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] >= least[i] - allowed && values[i] <= greatest[i] + allowed)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Direction 0 is none; the next four move all elements up or down, each more or less than the one before. Null where an op cannot use
     * the moved values.
     */
    private double @Nullable [] at(Map<Integer, Tensor> point, int direction) {
        Map<Integer, Tensor> placed = new HashMap<>(point);
        SplittableRandom random = new SplittableRandom(SEED + direction);
        for (int nudge : nudges) {
            double[] moves = new double[sheet.builder().shape(nudge).length()];
            for (int i = 0; i < moves.length; i++) {
                double part = (i + 1.0) / moves.length;
                moves[i] = STEP * switch (direction) {
                    case 0 -> 0;
                    case 1 -> 1 + part;
                    case 2 -> -1 - part;
                    case 3 -> 2 - part;
                    case 4 -> part - 2;
                    default -> (random.nextBoolean() ? 1 : -1) * (1 + random.nextDouble());
                };
            }
            placed.put(nudge, Tensor.of(sheet.builder().shape(nudge), moves));
        }
        Map<Integer, Tensor> found = runs.attempt(placed);
        return found == null ? null : Objects.requireNonNull(found.get(value.index())).data().clone();
    }

    @Override
    public String toString() {
        return "subgradients of " + value + " by " + Arrays.toString(nudges.toArray());
    }
}
