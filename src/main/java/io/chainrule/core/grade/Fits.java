package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares wrong lines with guesses at their mistakes, and with what they should be. */
final class Fits {
    /**
     * Differences below this part of the wrong line's size are rounding. A guess can be much smaller than the line, as 1 - h^2 is where h
     * is saturated.
     */
    private static final double ROUNDING = 1e-13;
    /** A line whose error is so small could fit any guess. */
    private static final double SMALL = 1e-4;
    /** How much nearer than such a line a guess has to come. */
    private static final double NEARER = 1e-3;
    private static final double LEAST = 1e-14;
    /** The mistakes of lines that are zero; any other guess could fit these by being zero itself. */
    private static final Set<Mistake> MAY_BE_ZERO = EnumSet.of(Mistake.ZERO, Mistake.WRONG_BRANCH, Mistake.FIXED_BRANCH);

    private final Sheet sheet;
    private final Runner runner;

    /** {@code sheet} has the lines and the guesses. */
    Fits(Sheet sheet, Runner runner) {
        this.sheet = sheet;
        this.runner = runner;
    }

    /** The largest error of a line, as a part of its largest entry; 1 where it has another shape. */
    double error(Node line, Node rule, List<Map<Integer, Tensor>> points) {
        if (!line.shape().broadcastsTo(rule.shape())) {
            return 1;
        }
        Runs runs = new Runs(sheet.graph(), nodes(List.of(), line, rule), runner);
        double error = 0;
        for (Map<Integer, Tensor> point : points) {
            Map<Integer, Tensor> values = runs.attempt(point);
            if (values != null) {
                Tensor right = value(rule, values);
                double distance = Closeness.distance(value(line, values), right);
                error = Math.max(error, distance == 0 ? 0 : distance / Closeness.largest(right.data()));
            }
        }
        return error;
    }

    /**
     * @param line the wrong line, whose size tells which differences are rounding; null where it has no value
     * @param error the error of the line; a guess has to come much nearer
     */
    Optional<Guess> best(List<Guess> guesses, @Nullable Node line, List<Map<Integer, Tensor>> points, double error) {
        Runs runs = new Runs(sheet.graph(), nodes(guesses, line), runner);
        List<Guess> fitting = new ArrayList<>(guesses);
        int planned = fitting.size();
        Set<Guess> told = new HashSet<>();
        boolean isTried = false;
        for (Map<Integer, Tensor> point : points) {
            Map<Integer, Tensor> values = fitting.isEmpty() ? null : runs.attempt(point);
            if (values != null) {
                isTried = true;
                double rounding = line == null ? 0 : ROUNDING * Closeness.largest(value(line, values).data());
                fitting.removeIf(guess -> !fits(guess, values, rounding, error));
                if (fitting.size() < planned / 2) {
                    planned = fitting.size();
                    runs = new Runs(sheet.graph(), nodes(fitting, line), runner);
                }
                fitting.stream().filter(guess -> Closeness.largest(value(guess.left(), values).data()) > rounding)
                        .forEach(told::add);
            }
        }
        boolean isZeroKnown = isTried;
        return fitting.stream().filter(guess -> MAY_BE_ZERO.contains(guess.mistake()) && isZeroKnown || told.contains(guess))
                .min(Comparator.comparing(Guess::mistake));
    }

    private static BitSet nodes(List<Guess> guesses, @Nullable Node... others) {
        BitSet nodes = new BitSet();
        Arrays.stream(others).filter(Objects::nonNull).forEach(node -> nodes.set(node.index()));
        guesses.forEach(guess -> {
            nodes.set(guess.left().index());
            nodes.set(guess.right().index());
        });
        return nodes;
    }

    private static Tensor value(Node node, Map<Integer, Tensor> values) {
        return Objects.requireNonNull(values.get(node.index()));
    }

    private static boolean fits(Guess guess, Map<Integer, Tensor> values, double rounding, double error) {
        Tensor left = value(guess.left(), values);
        Tensor right = value(guess.right(), values);
        boolean areEqual = left.isFinite() && right.isFinite()
                && (Closeness.agree(left, right) || left.shape().equals(right.shape()) && Closeness.distance(left, right) <= rounding);
        return areEqual && (error > SMALL || Closeness.distance(left, right) <= Math.max(NEARER * error, LEAST)
                * Closeness.largest(right.data()) + rounding);
    }

    /** How many times the right value the line is, if that is the same number everywhere. */
    OptionalDouble ratio(Node line, Node rule, List<Map<Integer, Tensor>> points) {
        if (!line.shape().broadcastsTo(rule.shape())) {
            return OptionalDouble.empty();
        }
        BitSet results = new BitSet();
        results.set(line.index());
        results.set(rule.index());
        Runs runs = new Runs(sheet.graph(), results, runner);
        double ratio = Double.NaN;
        for (Map<Integer, Tensor> point : points) {
            Map<Integer, Tensor> values = runs.attempt(point);
            if (values == null || !value(line, values).isFinite() || !value(rule, values).isFinite()) {
                continue;
            }
            double[] claimed = Closeness.stretched(value(line, values), value(rule, values));
            double[] right = value(rule, values).data();
            double squares = 0;
            double products = 0;
            for (int i = 0; i < right.length; i++) {
                squares += right[i] * right[i];
                products += right[i] * claimed[i];
            }
            ratio = Double.isNaN(ratio) && squares > 0 ? products / squares : ratio;
            double factor = ratio;
            double[] scaled = Arrays.stream(right).map(x -> factor * x).toArray();
            if (squares > 0 && !Closeness.agree(claimed, scaled)) {
                return OptionalDouble.empty();
            }
        }
        return Double.isNaN(ratio) || ratio == 0 ? OptionalDouble.empty() : OptionalDouble.of(ratio);
    }
}
