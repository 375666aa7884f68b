package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.expression.Misfit;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds what kind of mistake a wrong line has: guesses are tried at all points, and of those that fit, the most exact counts. */
final class Recogniser {
    private static final int MOST_BETWEEN = 40;
    private static final double HALF = 1e-7;
    /** The name of a mistake that was not looked for. */
    static final String UNTRIED = "untried";
    private static final Pattern CALL = Pattern.compile("[a-z]+\\(|\\)");
    /** Mistakes that a variance which divides by another number looks like. */
    private static final Set<Mistake> BEHIND_BIASED = EnumSet.of(Mistake.OTHER, Mistake.WRONG_CONSTANT, Mistake.MISSING_CONSTANT_FACTOR,
            Mistake.EXTRA_FACTOR, Mistake.WRONG_VALUE);
    /** The most entries of a line for which changes of it are tried. */
    private static final int MOST_ENTRIES = 20_000;

    private final Sheet sheet;
    private final BackwardPass pass;
    private final Terms terms;
    private final Readers readers;
    private final FixedChoices choices;
    private final Fits fits;
    private final Runner runner;
    private final Effort effort;

    /**
     * @param sheet receives all guesses
     * @param given the user's inputs
     */
    Recogniser(Sheet sheet, BackwardPass pass, Map<Integer, Tensor> given, Runner runner, Effort effort) {
        this.sheet = sheet;
        this.pass = pass;
        this.terms = new Terms(sheet, pass.program());
        this.readers = new Readers(sheet, pass);
        this.choices = new FixedChoices(sheet, given, runner);
        this.fits = new Fits(sheet, runner);
        this.runner = runner;
        this.effort = effort;
    }

    /**
     * What is wrong with a line.
     *
     * @param names what a text on the mistake tells
     * @param mended the line with one place changed that undoes the mistake, if that is known
     * @param sheet what {@code mended} is a node of
     */
    record Finding(Mistake mistake, List<String> names, @Nullable Node mended, Sheet sheet) {}

    private Finding finding(Mistake mistake, List<String> names, @Nullable Node mended) {
        return new Finding(mistake, names, mended, sheet);
    }

    /**
     * Finds the mistake of a line that follows, but for this mistake, from the claims that it reads, or from all that it could read.
     *
     * @param points those where the line and what it should be are finite
     */
    Finding find(Claim claim, List<Map<Integer, Tensor>> points) {
        Finding found = find(claim, sheet.upstream(claim), points);
        Map<Integer, Node> before = sheet.upstreamBefore(claim);
        found = found.mistake() != Mistake.OTHER || before.equals(sheet.upstream(claim)) ? found : find(claim, before, points);
        Guess biased = BEHIND_BIASED.contains(found.mistake()) ? new BiasedVariance(sheet, pass).of(claim) : null;
        boolean isBiased = biased != null && fits.best(List.of(biased), biased.left(), points, 1).isPresent();
        return isBiased ? finding(Mistake.UNBIASED_VARIANCE, List.of(), null) : found;
    }

    private Finding find(Claim claim, Map<Integer, Node> given, List<Map<Integer, Tensor>> points) {
        BitSet own = sheet.own(claim);
        Map<Integer, Node> arriving = given;
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

        ConstantFactors constants = new ConstantFactors(sheet, between, points, runner);
        RuleGuesses rules = new RuleGuesses(sheet, claim, local, terms, choices);
        List<Guess> byRule = new ArrayList<>(rules.all(ones(claim, arriving), arriving.values(), factors, read(own), between));
        blocked(claim, arriving, between, line, byRule);

        Node rule = local.value();
        double error = fits.error(line, rule, points);
        Optional<Guess> fitting = fits.best(byRule, line, points, error);
        boolean isTried = rule.shape().size() <= MOST_ENTRIES && effort.isLeft(rule.shape().size());
        List<Guess> edits = isTried
                ? new EditGuesses(pass.graph(), sheet, line.index(), own, rule, terms, readers).all(values, factors, constants.single())
                : List.of();
        effort.spend(edits.size(), rule.shape().size());
        Optional<Guess> mending = fits.best(edits, line, points, error);
        Node mended = mending.filter(guess -> guess.mistake() != Mistake.WRONG_BRANCH).map(Guess::left).orElse(null);
        OptionalDouble ratio = fits.ratio(line, rule, points);
        boolean isConstantWrong = ratio.isPresent() && !constants.isOne(1 / ratio.getAsDouble())
                && mending.filter(guess -> guess.mistake() == Mistake.WRONG_CONSTANT).isPresent();
        String by = terms.name(sheet.image(claim.by()));
        boolean isFactor = fitting.map(guess -> isUnnamedFactor(guess) || guess.names().equals(List.of(by)) && isHalf(guess, ratio)
                || guess.mistake() == Mistake.EXTRA_SUM && ratio.isPresent() && constants.isOne(1 / ratio.getAsDouble())).orElse(true);
        if (ratio.isPresent() && isFactor && !isConstantWrong) {
            double factor = ratio.getAsDouble();
            if (constants.contain(1 / factor) || mending.isEmpty() && Math.abs(factor) < 1) {
                return finding(Mistake.MISSING_CONSTANT_FACTOR, List.of(Texts.factor(1 / factor), Texts.factor(factor), ""), mended);
            } else if (Math.abs(factor) > 1) {
                return finding(Mistake.EXTRA_FACTOR, List.of(Texts.factor(factor)), mended);
            }
        }
        Node zero = Maths.broadcastTo(sheet.builder().literal(0), line.shape());
        Optional<Guess> found = (isFactor && isConstantWrong ? mending : fitting).or(() -> mending)
                .or(() -> fits.best(rules.missingTerms(factors), line, points, error))
                .or(() -> fits.best(List.of(new Guess(Mistake.ZERO, line, zero, List.of())), line, points, error));
        return found.map(guess -> finding(guess.mistake(), guess.names(), mended))
                .orElse(line.shape().broadcastsTo(rule.shape())
                        ? finding(Mistake.OTHER, isTried ? List.of() : List.of(UNTRIED), null)
                        : finding(Mistake.WRONG_SHAPE, List.of(), null));
    }

    /** What is wrong with a line that cannot be computed: the change of the operation that does not fit which makes the line right. */
    Finding repair(Claim claim, Misfit misfit, List<Map<Integer, Tensor>> points) {
        List<Guess> guesses = new ArrayList<>();
        for (Map<Integer, Node> arriving : List.of(sheet.upstreamBefore(claim), Map.<Integer, Node>of())) {
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
        return fits.best(guesses, null, points, 1).map(guess -> finding(guess.mistake(), guess.names(), guess.left()))
                .orElse(finding(Mistake.WRONG_SHAPE, List.of(), null));
    }

    /** The nodes that the nodes of a line read. */
    private BitSet read(BitSet own) {
        BitSet read = new BitSet();
        own.stream().forEach(node -> {
            for (int k = 0; k < sheet.builder().operandCount(node); k++) {
                read.set(sheet.builder().operand(node, k));
            }
        });
        return read;
    }

    /** Whether a guess is a factor of which it says no name, or only a number. */
    private static boolean isUnnamedFactor(Guess guess) {
        boolean isFactor = guess.mistake() == Mistake.MISSING_FACTOR || guess.mistake() == Mistake.EXTRA_FACTOR;
        return isFactor && guess.names().stream().allMatch(name -> CALL.matcher(name).replaceAll("").matches("[-0-9.e/ ]*"));
    }

    /**
     * Whether the half that is left out comes back through the other operand of a gate that reads the claimed node twice, as in {@code
     * dot(x, x)}.
     */
    private static boolean isHalf(Guess guess, OptionalDouble ratio) {
        return guess.mistake() == Mistake.MISSING_PATH && ratio.isPresent() && Math.abs(ratio.getAsDouble() - 0.5) <= HALF;
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

    /** Ways that part behind the nodes that read the claimed one, and of which one is left out: through a node, or into one. */
    private void blocked(Claim claim, Map<Integer, Node> arriving, List<Integer> between, Node line, List<Guess> guesses) {
        for (int node : between) {
            Node view = sheet.node(node);
            List<Integer> into = IntStream.range(0, view.operandCount())
                    .filter(k -> between.contains(view.operand(k).index()) || view.operand(k).index() == sheet.image(claim.by())).boxed()
                    .toList();
            blocked(sheet.without(claim, arriving, node, Sheet.NONE), node, line, guesses);
            // Of x * x, as of x^2, a constant factor is missing, and no way.
            boolean isProduct = OpCatalogue.has(view.op(), Trait.COMMUTATIVE) && !OpCatalogue.has(view.op(), Trait.SUMS);
            boolean isSquare = isProduct && into.size() > 1 && view.operand(0).index() == view.operand(1).index();
            for (int k : into.size() > 1 && !isSquare ? into : List.<Integer>of()) {
                blocked(sheet.without(claim, arriving, node, k), view.operand(k).index(), line, guesses);
            }
        }
    }

    private void blocked(@Nullable Node without, int node, Node line, List<Guess> guesses) {
        if (without != null && without.shape().equals(line.shape()) && !without.isLiteral(0)) {
            guesses.add(new Guess(Mistake.MISSING_PATH, line, without, List.of(terms.name(node))));
        }
    }

}
