package io.chainrule.core.grade;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.op.Maths;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Guesses that change one place of the user's line: a line that one change makes right has the mistake that the change undoes. */
final class EditGuesses {
    /** Ops whose operands are terms and no factors. */
    private static final Set<String> TERMS = Set.of("add", "sub");
    private static final String PRODUCT = "mul";
    private static final int MOST_PLACES = 40;
    private static final int MOST = 2_000;
    private static final int MOST_NODES = 200_000;
    /** The most entries of an array that a guess computes; a product of all pairs can have far more than the line. */
    private static final long MOST_ENTRIES = 1_000_000;

    private final Graph program;
    private final Sheet sheet;
    private final GraphBuilder builder;
    private final int root;
    private final BitSet own;
    private final Node rule;
    private final Terms terms;
    private final Readers readers;
    /** Values of the forward pass that the line computes once more, by node of the line. */
    private final Map<Integer, Integer> twins;
    private final OtherNumbers numbers;
    private final List<Guess> guesses = new ArrayList<>();

    /**
     * @param program the graph as it is written
     * @param own the nodes of the line, without claims that it reads
     * @param rule what the line should be
     */
    EditGuesses(Graph program, Sheet sheet, int root, BitSet own, Node rule, Terms terms, Readers readers) {
        this.program = program;
        this.sheet = sheet;
        this.builder = sheet.builder();
        this.root = root;
        this.own = own;
        this.rule = rule;
        this.terms = terms;
        this.readers = readers;
        this.twins = readers.twins(own);
        this.numbers = new OtherNumbers(builder, rule);
    }

    /**
     * @param values what may stand in the place of a value that the line reads
     * @param factors what may be missing in a product, by node
     * @param constants what may be missing in a product, as numbers
     */
    List<Guess> all(List<Integer> values, Set<Integer> factors, Set<Double> constants) {
        numbers.addFactors(constants);
        List<Integer> places = own.stream().filter(node -> builder.operandCount(node) > 0).limit(MOST_PLACES).boxed().toList();
        reads(places).forEach(read -> {
            values.forEach(value -> replace(read, value, null, -1));
            edit(Mistake.WRONG_OPERATION, () -> replacedByDerivative(read), terms.op(read));
        });
        places.forEach(place -> {
            operands(place);
            op(place);
        });
        axes();
        places.forEach(place -> {
            for (int k = 0; k < builder.operandCount(place); k++) {
                int operand = k;
                values.forEach(value -> replace(builder.operand(place, operand), value, place, operand));
            }
        });
        places.forEach(place -> factors.forEach(factor -> {
            factor(place, factor);
            for (int k = 0; k < builder.operandCount(place) && constant(factor).isEmpty(); k++) {
                changed(place, k, Mistake.MISSING_FACTOR, operand -> Maths.mul(operand, sheet.node(factor)), terms.factor(factor));
            }
        }));
        return guesses;
    }

    /** The values that the line reads. */
    private Set<Integer> reads(List<Integer> places) {
        Set<Integer> reads = new TreeSet<>();
        for (int place : places) {
            for (int k = 0; k < builder.operandCount(place); k++) {
                int operand = builder.operand(place, k);
                if (isRead(operand)) {
                    reads.add(operand);
                }
            }
        }
        return reads;
    }

    private boolean isRead(int node) {
        return twins.containsKey(node) || !own.get(node) && builder.node(node).literal().isEmpty();
    }

    /** Reads another value, everywhere or in one place. */
    private void replace(int read, int value, @Nullable Integer place, int k) {
        if (twins.getOrDefault(read, read) == value || !isRead(read) || !builder.shape(read).equals(builder.shape(value))) {
            return;
        }
        Mistake mistake = readers.relation(twins.getOrDefault(read, read), value);
        if (place == null) {
            edit(mistake, () -> sheet.replaced(root, Map.of(read, value), own), terms.name(read), terms.name(value));
        } else {
            changed(place, k, mistake, _ -> sheet.node(value), terms.name(read), terms.name(value));
        }
    }

    private interface Change {
        @Nullable
        Node of(Node operand);
    }

    /** Changes one operand of a node. */
    private void changed(int place, int k, Mistake mistake, Change change, String... names) {
        edit(mistake, () -> {
            Node operand = change.of(sheet.node(builder.operand(place, k)));
            int[] operands = operands(place, k, operand == null ? builder.operand(place, k) : operand.index());
            return with(place, sheet.added(place, operands));
        }, names);
    }

    private int[] operands(int place, int k, int other) {
        int[] operands = new int[builder.operandCount(place)];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = i == k ? other : builder.operand(place, i);
        }
        return operands;
    }

    /** The line with another node in a place. */
    private @Nullable Node with(int place, @Nullable Node other) {
        return other == null ? null : sheet.replaced(root, Map.of(place, other.index()), own);
    }

    private void operands(int place) {
        for (int k = 0; k < builder.operandCount(place); k++) {
            Node operand = sheet.node(builder.operand(place, k));
            if (terms.isTruthValue(operand.index())) {
                changed(place, k, Mistake.WRONG_BRANCH, mask -> Maths.sub(builder.literal(1), mask), terms.name(operand.index()));
            }
            if (operand.shape().rank() >= 2) {
                boolean isAlongAxis = builder.op(place).family() == Family.LINEAR;
                changed(place, k, isAlongAxis ? Mistake.WRONG_AXIS : Mistake.TRANSPOSED, Maths::matrixTranspose,
                        isAlongAxis ? terms.op(place) : terms.name(operand.index()));
            }
            changed(place, k, terms.isTruthValue(place) ? Mistake.WRONG_BRANCH : Mistake.SIGN, x -> Maths.mul(-1, x),
                    terms.name(operand.index()));
            if (operand.literal().isPresent()) {
                constants(place, k, operand.literal().getAsDouble());
            } else {
                for (double factor : numbers.factors(operand.shape())) {
                    changed(place, k, Mistake.MISSING_CONSTANT_FACTOR, x -> Maths.mul(factor, x), Texts.factor(factor),
                            terms.name(operand.index()));
                }
            }
        }
    }

    private void constants(int place, int k, double value) {
        numbers.inPlaceOf(value)
                .forEach(other -> changed(place, k, Mistake.WRONG_CONSTANT, _ -> builder.literal(other), Texts.number(value),
                        Texts.number(other)));
    }

    private void op(int place) {
        int count = builder.operandCount(place);
        Node node = sheet.node(place);
        edit(Mistake.SIGN, () -> with(place, Maths.mul(-1, node)), terms.name(place));
        edit(Mistake.WRONG_OPERATION, () -> replacedByDerivative(place), terms.op(place));
        if (terms.isTruthValue(place)) {
            edit(Mistake.WRONG_BRANCH, () -> with(place, Maths.sub(builder.literal(1), node)), terms.name(place));
        }
        if (count == 2) {
            Node left = node.operand(0);
            Node right = node.operand(1);
            if (!OpCatalogue.has(node.op(), Trait.COMMUTATIVE)) {
                edit(Mistake.SWAPPED_OPERANDS, () -> with(place, sheet.added(place, right.index(), left.index())),
                        terms.name(left.index()),
                        terms.name(right.index()));
            }
            if (node.op().family() == Family.BILINEAR && left.shape().rank() >= 2 && right.shape().rank() >= 2) {
                turned(place, left, right);
            }
            if (node.op().family() == Family.BILINEAR || node.op().name().equals(PRODUCT)) {
                OtherOps.products(left, right)
                        .forEach(other -> edit(Mistake.WRONG_OPERATION, () -> with(place, other.get()), terms.op(place)));
            }
            if (node.op().family() == Family.ELEMENTWISE) {
                edit(Mistake.WRONG_OPERATION, () -> with(place, Maths.mul(left, right)), terms.op(place));
                edit(Mistake.WRONG_OPERATION, () -> with(place, Maths.div(left, right)), terms.op(place));
                edit(Mistake.WRONG_OPERATION, () -> with(place, Maths.add(left, right)), terms.op(place));
                edit(Mistake.WRONG_OPERATION, () -> with(place, Maths.sub(left, right)), terms.op(place));
            }
        }
        for (int k = 0; k < count; k++) {
            int operand = builder.operand(place, k);
            int other = count == 2 ? builder.operand(place, 1 - k) : place;
            Mistake mistake = node.op().family() == Family.MOVEMENT
                    ? Mistake.TRANSPOSED
                    : count == 2 && !TERMS.contains(node.op().name()) ? Mistake.EXTRA_FACTOR : Mistake.WRONG_OPERATION;
            edit(mistake, () -> with(place, sheet.node(operand)),
                    mistake == Mistake.EXTRA_FACTOR ? terms.factor(other) : new String[]{terms.op(place)});
        }
    }

    /** The line with the derivative of a function in the place of the function; null where the node is no function of one operand. */
    private @Nullable Node replacedByDerivative(int place) {
        Node node = sheet.node(place);
        boolean isFunction = node.op().family() == Family.ELEMENTWISE && node.operandCount() == 1;
        return isFunction ? with(place, node.op().vjp(node, 0, Maths.broadcastTo(builder.literal(1), node.shape()))) : null;
    }

    /** Ops of the line, as they are written, along another axis. */
    private void axes() {
        for (int i = 0; i < program.size(); i++) {
            int place = sheet.image(i);
            if (own.get(place) && program.operandCount(i) == 1) {
                OtherOps.alongAxes(builder, program.op(i), sheet.node(sheet.image(program.operand(i, 0))))
                        .forEach(other -> edit(Mistake.WRONG_AXIS, () -> with(place, other.get()), terms.op(place)));
            }
        }
    }

    /** Both operands of a matrix product changed at once: exchanged, transposed, or both. */
    private void turned(int place, Node left, Node right) {
        for (int turn = 1; turn < 8; turn++) {
            boolean isSwapped = (turn & 1) == 1;
            Node first = (turn & 2) == 0 ? left : Maths.matrixTranspose(left);
            Node second = (turn & 4) == 0 ? right : Maths.matrixTranspose(right);
            edit(isSwapped ? Mistake.SWAPPED_OPERANDS : Mistake.TRANSPOSED,
                    () -> with(place, sheet.added(place, (isSwapped ? second : first).index(), (isSwapped ? first : second).index())),
                    terms.name(left.index()), terms.name(right.index()));
        }
    }

    /** The number that a node is, or that one elementwise op makes of a number. */
    private OptionalDouble constant(int node) {
        Node view = sheet.node(node);
        if (view.op() instanceof Elementwise op && view.operandCount() == 1) {
            OptionalDouble operand = number(view.operand(0));
            return operand.isPresent() ? OptionalDouble.of(op.apply(operand.getAsDouble(), 0, 0)) : operand;
        }
        return number(view);
    }

    private static OptionalDouble number(Node node) {
        return node.op() instanceof Leaf.Constant(Tensor value) && value.shape().isScalar()
                ? OptionalDouble.of(value.item())
                : node.literal();
    }

    private void factor(int place, int factor) {
        OptionalDouble number = constant(factor);
        edit(number.isPresent() ? Mistake.MISSING_CONSTANT_FACTOR : Mistake.MISSING_FACTOR,
                () -> with(place, Maths.mul(sheet.node(place), sheet.node(factor))),
                number.isPresent() ? new String[]{Texts.factor(number.getAsDouble()), terms.name(place)} : terms.factor(factor));
    }

    private void edit(Mistake mistake, Supplier<@Nullable Node> edited, String... names) {
        if (guesses.size() < MOST && builder.size() < MOST_NODES) {
            int before = builder.size();
            Node guess = Sheet.attempt(edited);
            boolean isSmall = IntStream.range(before, builder.size()).allMatch(node -> builder.shape(node).size() <= MOST_ENTRIES);
            if (guess != null && isSmall && guess.shape().broadcastsTo(rule.shape())) {
                guesses.add(new Guess(mistake, Maths.broadcastTo(guess, rule.shape()), rule, List.of(names)));
            }
        }
    }
}
