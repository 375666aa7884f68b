package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.expression.Misfit;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what kind of mistake a wrong line has: guesses are tried at all points, and of those that fit, the most exact counts. */
final class Recogniser {
    /** A part of a gradient that is left out, in a line that is a product of fewer than this many constants. */
    private static final int MOST_DIVISOR = 6;
    private static final int MOST_BETWEEN = 40;
    /** The most entries of a line for which changes of it are tried. */
    private static final int MOST_ENTRIES = 20_000;
    /** The most lines for which changes are tried; the graph keeps each guess, so more would take much memory. */
    private static final int MOST_EDITED = 12;

    private final Sheet sheet;
    private final BackwardPass pass;
    private final Terms terms;
    private final Readers readers;
    private final Runner runner;
    private int edited;

    Recogniser(Sheet sheet, BackwardPass pass, Runner runner) {
        this.sheet = sheet;
        this.pass = pass;
        this.terms = new Terms(sheet, pass.program());
        this.readers = new Readers(sheet, pass);
        this.runner = runner;
    }

    /** A mistake, the names that a text on it tells, and the line with one place changed that undoes it, if that is known. */
    record Finding(Mistake mistake, List<String> names, @Nullable Node mended) {}

    /**
     * @param upstream the values of the claims that the line reads, by node of the program that they claim
     * @param own the nodes of the line, without claims that it reads
     * @param points where the line and what it should be are finite
     */
    Finding find(Claim claim, Map<Integer, Node> upstream, BitSet own, List<Map<Integer, Tensor>> points) {
        Map<Integer, Node> arriving = upstream;
        Sheet.LocalRule local = sheet.localRule(claim, arriving, false);
        if (local == null) {
            arriving = Map.of();
            local = Objects.requireNonNull(sheet.localRule(claim, arriving, false));
        }
        Node line = sheet.node(sheet.image(claim.node()));
        List<Integer> between = sheet.between(claim, arriving).stream().limit(MOST_BETWEEN).toList();
        Factors near = new Factors(sheet, pass, claim, between);
        List<Integer> values = near.values();
        Set<Integer> factors = new LinkedHashSet<>(near.unnamed(values));
        factors.addAll(values);

        List<Guess> byRule = new RuleGuesses(sheet, line, local, terms).all(ones(claim, arriving), factors);
        blocked(claim, arriving, between, line, byRule);
        Node rule = local.value();
        Optional<Guess> fitting = best(byRule, points);
        Optional<Guess> mending = rule.shape().size() > MOST_ENTRIES || ++edited > MOST_EDITED
                ? Optional.empty()
                : best(new EditGuesses(sheet, line.index(), own, rule, terms, readers).all(values, factors), points);
        Node mended = mending.map(Guess::left).orElse(null);
        OptionalDouble ratio = ratio(line, rule, points);
        if (fitting.isEmpty() && ratio.isPresent()) {
            double factor = ratio.getAsDouble();
            if (isUsual(factor, between) || mending.isEmpty() && Math.abs(factor) < 1) {
                return new Finding(Mistake.MISSING_CONSTANT_FACTOR, List.of(number(factor)), mended);
            } else if (Math.abs(factor) > 1) {
                return new Finding(Mistake.EXTRA_FACTOR, List.of(number(factor)), mended);
            }
        }
        Node zero = Maths.broadcastTo(sheet.builder().literal(0), line.shape());
        Optional<Guess> found = fitting.or(() -> mending)
                .or(() -> best(List.of(new Guess(Mistake.ZERO, line, zero, List.of())), points));
        return found.map(guess -> new Finding(guess.mistake(), guess.names(), mended)).orElse(new Finding(Mistake.OTHER, List.of(), null));
    }

    /** What is wrong with a line that cannot be computed: the change of the operation that does not fit which makes the line right. */
    Finding repair(Claim claim, Misfit misfit, Map<Integer, Node> upstream, List<Map<Integer, Tensor>> points) {
        List<Guess> guesses = new ArrayList<>();
        for (Map<Integer, Node> arriving : List.of(upstream, Map.<Integer, Node>of())) {
            Sheet.LocalRule rule = sheet.localRule(claim, arriving, false);
            for (Misfit.Repair repair : rule == null ? List.<Misfit.Repair>of() : misfit.repairs()) {
                Mistake mistake = switch (repair.change()) {
                    case TRANSPOSED -> Mistake.TRANSPOSED;
                    case SWAPPED -> Mistake.SWAPPED_OPERANDS;
                    case REPLACED -> Mistake.WRONG_OPERATION;
                };
                guesses.add(new Guess(mistake, sheet.node(sheet.image(repair.node())), Objects.requireNonNull(rule).value(),
                        List.of(repair.op())));
            }
        }
        return best(guesses, points).map(guess -> new Finding(guess.mistake(), guess.names(), guess.left()))
                .orElse(new Finding(Mistake.WRONG_SHAPE, List.of(), null));
    }

    private static String number(double ratio) {
        return Texts.number(ratio);
    }

    /** The derivative where the cotangents that arrive are ones, as of a user who has forgotten them. */
    private @Nullable Node ones(Claim claim, Map<Integer, Node> arriving) {
        Map<Integer, Node> ones = new HashMap<>();
        pass.claims().stream().filter(other -> other.node() < claim.node() && !other.isLocal() && !claim.isLocal())
                .forEach(other -> ones.put(other.by(),
                        Maths.broadcastTo(sheet.builder().literal(1), sheet.node(sheet.image(other.by())).shape())));
        arriving.forEach((node, value) -> ones.put(node, Maths.broadcastTo(sheet.builder().literal(1), value.shape())));
        if (ones.isEmpty()) {
            return null;
        }
        Sheet.LocalRule rule = sheet.localRule(claim, ones, false);
        return rule == null ? null : rule.value();
    }

    /** Ways that part behind the nodes that read the claimed one, and of which one is left out. */
    private void blocked(Claim claim, Map<Integer, Node> arriving, List<Integer> between, Node line, List<Guess> guesses) {
        for (int node : between) {
            Node without = sheet.without(claim, arriving, node);
            if (without != null && without.shape().equals(line.shape()) && !without.isLiteral(0)) {
                guesses.add(new Guess(Mistake.MISSING_PATH, line, without, List.of(terms.name(node))));
            }
        }
    }

    private Optional<Guess> best(List<Guess> guesses, List<Map<Integer, Tensor>> points) {
        BitSet results = new BitSet();
        guesses.forEach(guess -> {
            results.set(guess.left().index());
            results.set(guess.right().index());
        });
        Runs runs = new Runs(sheet.graph(), results, runner);
        List<Guess> fitting = new ArrayList<>(guesses);
        BitSet told = new BitSet();
        boolean isTried = false;
        for (Map<Integer, Tensor> point : points) {
            Map<Integer, Tensor> values = fitting.isEmpty() ? null : runs.attempt(point);
            if (values != null) {
                isTried = true;
                fitting.removeIf(guess -> !fits(guess, values));
                fitting.stream().filter(guess -> Closeness.largest(value(guess.left(), values).data()) > 0)
                        .forEach(guess -> told.set(guesses.indexOf(guess)));
            }
        }
        boolean isZeroKnown = isTried;
        return fitting.stream().filter(guess -> guess.mistake() == Mistake.ZERO && isZeroKnown || told.get(guesses.indexOf(guess)))
                .min(Comparator.comparing(Guess::mistake));
    }

    private static Tensor value(Node node, Map<Integer, Tensor> values) {
        return Objects.requireNonNull(values.get(node.index()));
    }

    private static boolean fits(Guess guess, Map<Integer, Tensor> values) {
        Tensor left = value(guess.left(), values);
        Tensor right = value(guess.right(), values);
        return left.isFinite() && right.isFinite() && Closeness.agree(left, right);
    }

    /** How many times the right value the line is, if that is the same number everywhere. */
    private OptionalDouble ratio(Node line, Node rule, List<Map<Integer, Tensor>> points) {
        if (!line.shape().equals(rule.shape())) {
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
            double[] claimed = value(line, values).data();
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

    /** Whether a factor is one that is often forgotten: that of a power, or one over a number of samples. */
    private boolean isUsual(double ratio, List<Integer> between) {
        Set<Double> usual = new TreeSet<>();
        for (int divisor = 2; divisor <= MOST_DIVISOR; divisor++) {
            usual.add(1.0 / divisor);
        }
        between.forEach(node -> sheet.node(node).shape().toList().stream().filter(length -> length > 1)
                .forEach(length -> usual.addAll(List.of((double) length, 1.0 / length))));
        return usual.stream().anyMatch(factor -> Math.abs(Math.abs(ratio) - factor) < 1e-7 * factor);
    }
}
