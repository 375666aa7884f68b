package io.chainrule.core.grade;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The outcomes of comparisons that points have reached: in the forward pass, at its kinks, in its gradients, and in claims. Guards, which
 * keep a probability from 0 or 1 as {@code clip(p, 1e-12, 1 - 1e-12)} does, are left out: the lines that people write do not know of them.
 */
final class Branches {
    private static final Set<String> EQUALITIES = Set.of("eq", "ne");
    /** Only these ops make guards; a comparison that the user wrote is none. */
    private static final Set<String> GUARDING = Set.of("clip", "maximum", "minimum");
    /** The bounds of guards are as near to 0 or 1 as that. */
    private static final double GUARD = 2e-3;
    private static final double ROUNDING = 1e-9;

    private final Sheet sheet;
    private final Map<Integer, Tensor> given;
    private final BitSet comparisons = new BitSet();
    private final List<Guard> guards = new ArrayList<>();
    private final BitSet forward = new BitSet();
    private final BitSet met = new BitSet();
    private final BitSet missed = new BitSet();

    /** A comparison of a value with a bound near 0 or 1. */
    private record Guard(int comparison, int value, double bound) {}

    /** {@code sheet} receives comparisons with the kinks of ops; {@code given} are the user's inputs. */
    Branches(Sheet sheet, Map<Integer, Tensor> given, Map<Integer, InputKind> kinds) {
        this.sheet = sheet;
        this.given = given;
        BitSet numbers = new BitSet();
        kinds.forEach((input, kind) -> numbers.set(input, kind.isUnbounded()));
        int size = sheet.graph().size();
        BitSet movable = Activity.dependents(sheet.graph(), size, numbers);
        for (int i = 0; i < size; i++) {
            Node view = sheet.node(i);
            // Whether an index is negative, for example, cannot be decided by larger numbers.
            boolean canMove = movable.get(i);
            Node kink = canMove && sheet.isForward(i) ? view.op().kink(view) : null;
            if (kink != null) {
                addKinks(kink, GUARDING.contains(view.op().name()));
            }
            if (canMove && OpCatalogue.has(view.op(), Trait.TRUTH_VALUE) && !EQUALITIES.contains(view.op().name())) {
                add(view, sheet.isForward(i), false);
            }
        }
    }

    /** Notes the two values whose equality is a kink of an op, as those of {@code maximum}. */
    private void addKinks(Node kink, boolean isGuarding) {
        String op = kink.op().name();
        if (op.equals("eq")) {
            add(Maths.lt(kink.operand(0), kink.operand(1)), true, isGuarding);
        } else if (op.equals("logical_or") || op.equals("logical_and")) {
            addKinks(kink.operand(0), isGuarding);
            addKinks(kink.operand(1), isGuarding);
        }
    }

    private void add(Node comparison, boolean isForward, boolean isGuarding) {
        List<Guard> possible = comparison.operandCount() != 2
                ? List.of()
                : Stream.of(guard(comparison, 0), guard(comparison, 1)).filter(this::isPossible).toList();
        // The gradient of a guard compares the same value with the same bound, so that pair may be known already.
        boolean isKnown = possible.stream().anyMatch(guard -> guards.stream()
                .anyMatch(known -> known.value() == guard.value() && known.bound() == guard.bound()));
        if (isGuarding && !possible.isEmpty()) {
            guards.addAll(possible);
        } else if (!isKnown) {
            comparisons.set(comparison.index());
        }
        forward.set(comparison.index(), isForward);
    }

    /** Describes a comparison as a guard. Its bound is NaN if the comparison is not with a constant near 0 or 1. */
    private static Guard guard(Node comparison, int operand) {
        Node bound = comparison.operand(1 - operand);
        double x = bound.op() instanceof Leaf.Constant(Tensor constant) && constant.length() == 1
                ? constant.data()[0]
                : bound.literal().orElse(Double.NaN);
        return new Guard(comparison.index(), comparison.operand(operand).index(), x <= GUARD || 1 - x <= GUARD ? x : Double.NaN);
    }

    /** Whether a bound lies between 0 and 1. What a relu or an abs computes is no probability, whatever its numbers are. */
    private boolean isPossible(Guard guard) {
        Node value = sheet.node(guard.value());
        return guard.bound() > 0 && guard.bound() < 1 && (GUARDING.contains(value.op().name()) || value.op().kink(value) == null);
    }

    /** Whether a value is an input between 0 and 1, or one minus such an input: a probability, of which no other numbers are tried. */
    private boolean isGivenProbability(int node) {
        Tensor input = given.get(node);
        if (input != null) {
            return Arrays.stream(input.data()).allMatch(x -> x > 0 && x < 1);
        }
        Node view = sheet.node(node);
        return view.op().name().equals("sub") && view.operand(0).isLiteral(1) && given.containsKey(view.operand(1).index())
                && isGivenProbability(view.operand(1).index());
    }

    /** Takes the guards of values that are no probabilities at a point for what they are: kinks like others. */
    void observe(Map<Integer, Tensor> values) {
        guards.removeIf(guard -> {
            Tensor value = Objects.requireNonNull(values.get(guard.value()));
            boolean isNone = !isGivenProbability(guard.value())
                    && Arrays.stream(value.data()).anyMatch(x -> x < -ROUNDING || x > 1 + ROUNDING);
            if (isNone) {
                comparisons.set(guard.comparison());
            }
            return isNone;
        });
    }

    /** The nodes whose values tell what a point has reached. */
    BitSet nodes() {
        BitSet nodes = (BitSet) comparisons.clone();
        guards.forEach(guard -> {
            nodes.set(guard.comparison());
            nodes.set(guard.value());
        });
        return nodes;
    }

    /** Whether an outcome of a comparison has not been reached by any point. */
    boolean isAnyLeft() {
        return comparisons.stream().anyMatch(node -> !met.get(node) || !missed.get(node));
    }

    /** The nodes of which comparisons of the forward pass depend that have had one outcome only. */
    BitSet behindOpen() {
        BitSet open = new BitSet();
        comparisons.stream().filter(node -> forward.get(node) && (!met.get(node) || !missed.get(node))).forEach(open::set);
        return Activity.ancestors(sheet.graph(), open);
    }

    /** Whether a point reaches an outcome that none did before it. */
    boolean isNew(Map<Integer, Tensor> values) {
        return comparisons.stream().anyMatch(node -> isNew(values, node));
    }

    /** The same of the forward pass alone. */
    boolean isNewForward(Map<Integer, Tensor> values) {
        return comparisons.stream().anyMatch(node -> forward.get(node) && isNew(values, node));
    }

    private boolean isNew(Map<Integer, Tensor> values, int node) {
        return has(values, node, true) && !met.get(node) || has(values, node, false) && !missed.get(node);
    }

    /** Whether guards have the outcomes only that they have at the user's inputs. */
    boolean isGuarded(Map<Integer, Tensor> values, Map<Integer, Tensor> given) {
        return guards.stream().map(Guard::comparison).allMatch(node -> (!has(values, node, true) || has(given, node, true))
                && (!has(values, node, false) || has(given, node, false)));
    }

    /** Adds what a point reaches. */
    void reach(Map<Integer, Tensor> values) {
        comparisons.stream().filter(node -> has(values, node, true)).forEach(met::set);
        comparisons.stream().filter(node -> has(values, node, false)).forEach(missed::set);
    }

    private static boolean has(Map<Integer, Tensor> values, int node, boolean isTrue) {
        return Arrays.stream(Objects.requireNonNull(values.get(node)).data()).anyMatch(x -> x > 0 == isTrue);
    }
}
