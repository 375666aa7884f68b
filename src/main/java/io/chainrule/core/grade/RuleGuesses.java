package io.chainrule.core.grade;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Guesses that start from what the line should be. */
final class RuleGuesses {
    /** Of more ways to the output, only one at a time is left out or kept. */
    private static final int MOST_PATHS = 6;
    private static final String SOFTMAX = "softmax";
    private static final String RELU = "relu";

    private final Sheet sheet;
    private final Claim line;
    private final Node claim;
    private final Node rule;
    private final Sheet.LocalRule local;
    private final Terms terms;
    private final FixedChoices choices;
    private final List<Guess> guesses = new ArrayList<>();

    RuleGuesses(Sheet sheet, Claim line, Sheet.LocalRule local, Terms terms, FixedChoices choices) {
        this.sheet = sheet;
        this.line = line;
        this.claim = sheet.node(sheet.image(line.node()));
        this.rule = local.value();
        this.local = local;
        this.terms = terms;
        this.choices = choices;
    }

    /**
     * @param ones the same derivative where the cotangents that arrive are ones; null if it is not known
     * @param upstream the cotangents that arrive, as earlier lines claim them
     * @param factors what the user may have forgotten to multiply by
     * @param read the nodes that the line reads; it cannot have another one as a factor too many
     * @param between the nodes from the claimed one to those where its derivative begins
     */
    List<Guess> all(@Nullable Node ones, Collection<Node> upstream, Set<Integer> factors, BitSet read, List<Integer> between) {
        shapes();
        guess(Mistake.SIGN, claim, () -> Maths.mul(-1, rule));
        paths();
        fixed(between);
        branches();
        diagonals();
        if (ones != null) {
            guess(Mistake.MISSING_FACTOR, claim, () -> ones, terms.upstream());
        }
        upstream.forEach(arriving -> guess(Mistake.MISSING_FACTOR, claim, () -> arriving));
        local.arriving().values().forEach(arriving -> {
            if (local.parts().size() == 1) {
                guess(Mistake.MISSING_FACTOR, claim, () -> Maths.sumTo(arriving, rule.shape()));
            }
        });
        factors.forEach(factor -> {
            String[] name = terms.factor(factor);
            guess(Mistake.MISSING_FACTOR, Sheet.attempt(() -> Maths.mul(claim, sheet.node(factor))), () -> rule, name);
            boolean isRead = read.get(factor) || name.length == 0;
            guess(isRead ? Mistake.EXTRA_FACTOR : Mistake.MISSING_FACTOR, claim, () -> Maths.mul(rule, sheet.node(factor)),
                    isRead ? name : terms.inverse(name[0]));
        });
        return List.copyOf(guesses);
    }

    /** Guesses that one of these values should be added, or subtracted. */
    List<Guess> missingTerms(Set<Integer> values) {
        guesses.clear();
        for (int value : values) {
            String[] name = terms.factor(value);
            if (name.length > 0) {
                guess(Mistake.MISSING_TERM, claim, () -> Maths.sub(rule, sheet.node(value)), name);
                guess(Mistake.MISSING_TERM, claim, () -> Maths.add(rule, sheet.node(value)), "-" + terms.guarded(name[0]));
            }
        }
        return List.copyOf(guesses);
    }

    private void shapes() {
        Shape shape = rule.shape();
        if (!claim.shape().equals(shape)) {
            if (claim.shape().broadcastsTo(shape)) {
                guess(Mistake.EXTRA_SUM, claim, () -> Maths.sumTo(rule, claim.shape()));
            }
            if (claim.shape().size() > shape.size()) {
                guess(Mistake.MISSING_SUM, Sheet.attempt(() -> Maths.sumTo(claim, shape)), () -> rule);
            }
            local.arriving().values().forEach(arriving -> guess(Mistake.MISSING_SUM,
                    Sheet.attempt(() -> Maths.sumTo(Maths.broadcastTo(claim, arriving.shape()), shape)), () -> rule));
            if (claim.shape().size() == shape.size() && claim.shape().rank() != shape.rank()) {
                guess(Mistake.WRONG_SHAPE, Sheet.attempt(() -> Maths.reshape(claim, shape)), () -> rule);
            }
        }
        if (claim.shape().rank() >= 2) {
            guess(Mistake.TRANSPOSED, Maths.matrixTranspose(claim), () -> rule);
            guess(Mistake.TRANSPOSED, Maths.mul(-1, Maths.matrixTranspose(claim)), () -> rule);
        }
    }

    private void paths() {
        List<Map.Entry<Integer, Node>> parts = List.copyOf(local.parts().entrySet());
        int count = parts.size();
        for (int kept = 1; count > 1 && kept < 1 << Math.min(count, MOST_PATHS) && count <= MOST_PATHS; kept++) {
            if (kept != (1 << count) - 1) {
                guess(Mistake.MISSING_PATH, claim, sum(parts, kept), terms.without(line, parts, kept));
            }
        }
        for (Map.Entry<Integer, Node> part : parts) {
            if (count > MOST_PATHS) {
                guess(Mistake.MISSING_PATH, claim, () -> Maths.sub(rule, part.getValue()), terms.way(line, part.getKey()));
            }
            if (count > 1) {
                guess(Mistake.SIGN, claim, () -> Maths.sub(rule, Maths.mul(2, part.getValue())), terms.name(part.getKey()));
                guess(Mistake.REPEATED_PATH, claim, () -> Maths.add(rule, part.getValue()), terms.name(part.getKey()));
            }
        }
    }

    private static Supplier<@Nullable Node> sum(List<Map.Entry<Integer, Node>> parts, int kept) {
        return () -> {
            Node sum = null;
            for (int i = 0; i < parts.size(); i++) {
                if ((kept >> i & 1) == 1) {
                    sum = sum == null ? parts.get(i).getValue() : Maths.add(sum, parts.get(i).getValue());
                }
            }
            return sum;
        };
    }

    /** Guesses that the line holds the branch that an op took at the user's inputs, or that all took, as zeros or as a mask of numbers. */
    private void fixed(List<Integer> between) {
        List<Integer> gates = between.stream().filter(node -> terms.isChoice(node) && !terms.isTruthValue(node)).toList();
        if (gates.size() > 1) {
            choices.each(rule).forEach((choice, fixed) -> gates.stream().filter(gate -> isMadeBy(choice, gate)).findFirst()
                    .ifPresent(gate -> guess(Mistake.FIXED_BRANCH, claim, () -> fixed, terms.gate(gate))));
        }
        gates.stream().findFirst().ifPresent(gate -> guess(Mistake.FIXED_BRANCH, claim, () -> choices.of(rule), terms.gate(gate)));
    }

    /** Whether a choice is the condition of a gate, or is made of the operands of a gate. */
    private boolean isMadeBy(int choice, int gate) {
        Node view = sheet.node(choice);
        List<Integer> operands = originals(sheet.node(gate));
        boolean isCondition = operands.contains(original(choice));
        return isCondition || !local.originals().containsKey(choice) && originals(view).stream()
                .allMatch(operand -> operands.contains(operand) || sheet.node(operand).op() instanceof Leaf);
    }

    private int original(int node) {
        return local.originals().getOrDefault(node, node);
    }

    private List<Integer> originals(Node view) {
        return IntStream.range(0, view.operandCount()).mapToObj(k -> original(view.operand(k).index())).toList();
    }

    /** An op that chooses passes the cotangent on to the chosen operand; a wrong branch passes it to the others. */
    private void branches() {
        local.parts().forEach((reader, part) -> {
            Node arriving = Objects.requireNonNull(local.arriving().get(reader));
            Node gate = sheet.node(reader);
            // A relu chooses between its operand and 0, as a maximum of two; an abs has no other operand.
            boolean hasOthers = gate.op().name().equals(RELU)
                    || IntStream.range(0, gate.operandCount()).filter(k -> !gate.op().ignores(k)).count() > 1;
            if (hasOthers && terms.isChoice(reader)) {
                Node other = Sheet.attempt(() -> Maths.sub(Maths.add(rule, Maths.sumTo(arriving, rule.shape())), Maths.mul(2, part)));
                guess(Mistake.WRONG_BRANCH, claim, () -> other, terms.gate(reader));
                guess(Mistake.WRONG_BRANCH, claim, () -> other == null ? null : choices.of(other), terms.gate(reader));
            }
        });
    }

    /** Guesses that the line multiplies by the derivative of each entry by the same entry, as through an elementwise gate. */
    private void diagonals() {
        local.parts().keySet().forEach(reader -> {
            Node gate = sheet.node(reader);
            Node arriving = Objects.requireNonNull(local.arriving().get(reader));
            if (gate.op().name().equals(SOFTMAX)) {
                guess(Mistake.DIAGONAL_JACOBIAN, claim,
                        () -> Maths.mul(arriving, Maths.mul(gate, Maths.sub(sheet.builder().literal(1), gate))), terms.gate(reader));
            }
        });
    }

    private void guess(Mistake mistake, @Nullable Node left, Supplier<@Nullable Node> right, String... names) {
        Node guessed = left == null ? null : Sheet.attempt(right);
        if (left != null && guessed != null && guessed.shape().equals(left.shape())) {
            guesses.add(new Guess(mistake, left, guessed, List.of(names)));
        } else if (left != null && guessed != null && left.shape().broadcastsTo(guessed.shape())) {
            guesses.add(new Guess(mistake, Maths.broadcastTo(left, guessed.shape()), guessed, List.of(names)));
        }
    }
}
