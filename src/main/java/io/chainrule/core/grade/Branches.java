package io.chainrule.core.grade;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The outcomes of comparisons that points have reached: in the forward pass, at its kinks, in its gradients, and in claims. Guards, which keep a value
 * from an edge of a domain as {@code clip(p, 1e-12, 1 - 1e-12)} does, are left out: the lines that people write do not know of them.
 */
final class Branches {
    private static final Set<String> EQUALITIES = Set.of("eq", "ne");
    /** Bounds that are as near to 0 or 1 as that are guards. */
    private static final double GUARD = 2e-3;

    private final Map<Integer, Tensor> given;
    private final BitSet comparisons = new BitSet();
    private final BitSet guards = new BitSet();
    private final BitSet forward = new BitSet();
    private final BitSet met = new BitSet();
    private final BitSet missed = new BitSet();

    /** {@code sheet} receives comparisons with the kinks of ops; {@code given} are the user's inputs. */
    Branches(Sheet sheet, Map<Integer, Tensor> given, Map<Integer, InputKind> kinds) {
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
                addKinks(kink);
            }
            if (canMove && OpCatalogue.has(view.op(), Trait.TRUTH_VALUE) && !EQUALITIES.contains(view.op().name())) {
                add(view, sheet.isForward(i));
            }
        }
    }

    /** An op has a kink where two values are equal. */
    private void addKinks(Node kink) {
        String op = kink.op().name();
        if (op.equals("eq")) {
            add(Maths.lt(kink.operand(0), kink.operand(1)), true);
        } else if (op.equals("logical_or") || op.equals("logical_and")) {
            addKinks(kink.operand(0));
            addKinks(kink.operand(1));
        }
    }

    private void add(Node comparison, boolean isForward) {
        boolean isGuard = comparison.operandCount() == 2
                && (isGuard(comparison.operand(0), comparison.operand(1)) || isGuard(comparison.operand(1), comparison.operand(0)));
        (isGuard ? guards : comparisons).set(comparison.index());
        forward.set(comparison.index(), isForward);
    }

    private boolean isGuard(Node value, Node bound) {
        double x = bound.op() instanceof Leaf.Constant(Tensor constant) && constant.length() == 1
                ? constant.data()[0]
                : bound.literal().orElse(Double.NaN);
        boolean isNear = x != 0 && Math.abs(x) <= GUARD || x != 1 && Math.abs(1 - x) <= GUARD;
        Tensor input = given.get(value.index());
        return isNear && (input == null || Arrays.stream(input.data()).allMatch(entry -> entry > 0 && entry < 1));
    }

    /** The nodes whose values tell what a point has reached. */
    BitSet nodes() {
        BitSet nodes = (BitSet) comparisons.clone();
        nodes.or(guards);
        return nodes;
    }

    /** Whether an outcome of a comparison has not been reached by any point. */
    boolean isAnyLeft() {
        return comparisons.stream().anyMatch(node -> !met.get(node) || !missed.get(node));
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
        return guards.stream().allMatch(node -> (!has(values, node, true) || has(given, node, true))
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
