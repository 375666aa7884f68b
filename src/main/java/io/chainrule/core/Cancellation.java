package io.chainrule.core;

import io.chainrule.core.elementary.Logarithm;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.op.Cautions;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds sums in which rounded terms cancel, so that the result has fewer digits than a double. Terms that are known to be exact, such as
 * inputs, lose nothing. The digits lost are estimated from the sizes of the largest rounded term and of the result (Higham 2002, 1.7).
 */
final class Cancellation {
    /** Sums that keep more than about half of the 16 digits are not told of. */
    private static final double LEAST_LOSS = 1e8;
    private static final int MOST_TOLD = 3;
    private static final int DEEPEST = 40;
    private static final int DEEPEST_ALIKE = 6;
    /** A number with as many zero bits at its end is likely to be exact: one whole, or a short fraction. */
    private static final int SHORT = 16;
    /** An operand of a sum that is smaller than this part of it has little influence on its last digits. */
    private static final double SIZEABLE = 0.1;

    private final Suspects suspects;
    private final LoweredProgram lowered;
    private final Graph graph;
    private final PlannedGraph.Run run;
    private final List<Trouble> found = new ArrayList<>();

    Cancellation(Suspects suspects, DerivedGraph derived, PlannedGraph.Run run) {
        this.suspects = suspects;
        this.lowered = derived.lowered();
        this.graph = derived.graph();
        this.run = run;
    }

    /** The worst of them. */
    List<Trouble> troubles() {
        int[] scalars = suspects.scalarSums();
        for (int i = 0; i < scalars.length; i += 3) {
            double y = run.scalar(scalars[i]);
            if (Math.abs(y) * LEAST_LOSS < Math.abs(run.scalar(scalars[i + 1]))) {
                pair(scalars[i], scalars[i + 1], scalars[i + 2], y);
            }
        }
        suspects.sums().forEach(this::arrays);
        suspects.merged().forEach(this::gradient);
        found.sort(Comparator.comparingDouble(trouble -> -lost(trouble)));
        return found.subList(0, Math.min(MOST_TOLD, found.size()));
    }

    private static double lost(Trouble trouble) {
        return trouble.numbers().getOrDefault("digits_lost", 0.0);
    }

    private void pair(int node, int a, int b, double y) {
        double left = rounded(a, 0);
        double right = rounded(b, 0);
        // Of a rounded number and an exact one that are equal, the rounded one may well be right.
        boolean isZero = y == 0 && (left == 0 || right == 0 || isSame(a, b, 0));
        if (!isZero) {
            add(Trouble.Kind.CANCELLATION, lowered.origin(node), Math.max(left, right), Math.abs(y), 1);
        }
    }

    private void add(Trouble.Kind kind, int node, double term, double result, long count) {
        if (term > LEAST_LOSS * result) {
            found.add(new Trouble(kind, node, List.of(), Map.of("digits_lost", Math.min(16, Logarithm.log10(term / result)), "term", term,
                    "result", result, "count", (double) count)));
        }
    }

    private void gradient(int[] merged) {
        double g = run.scalar(merged[1]);
        double largest = 0;
        double sum = 0;
        for (int k = 2; k < merged.length; k++) {
            largest = Math.max(largest, Math.abs(scalar(merged[k])));
            sum += scalar(merged[k]);
        }
        if (!(Math.abs(g) * LEAST_LOSS < largest)) {
            return;
        }
        List<Integer> unpaired = unpaired(merged);
        double rest = unpaired.stream().mapToDouble(this::scalar).sum();
        // The sum is another one if some contributions were not computed one by one.
        boolean areKnown = Math.abs(sum - g) * LEAST_LOSS <= largest;
        // A small contribution that was added between two opposite ones is lost with the digits of these.
        double term = areKnown && Math.abs(rest - g) * LEAST_LOSS > Math.abs(rest) ? largest : 0;
        for (int contribution : unpaired) {
            term = Math.max(term, rounded(contribution, 0));
        }
        add(Trouble.Kind.CANCELLING_GRADIENT, merged[0], term, Math.abs(g), 1);
    }

    private double scalar(int node) {
        return graph.op(node) instanceof Leaf.Literal(double literal) ? literal : run.scalar(node);
    }

    /** The contributions without those of which another one is the exact opposite: such a pair leaves the digits of others alone. */
    private List<Integer> unpaired(int[] merged) {
        List<Integer> left = new ArrayList<>();
        for (int k = 2; k < merged.length; k++) {
            double value = scalar(merged[k]);
            if (!left.removeIf(once(other -> scalar(other) == -value))) {
                left.add(merged[k]);
            }
        }
        return left;
    }

    private static Predicate<Integer> once(IntPredicate condition) {
        boolean[] found = {false};
        return value -> !found[0] && (found[0] = condition.test(value));
    }

    /** Whether two nodes compute the same from the same, so that their difference is zero indeed. */
    private boolean isSame(int a, int b, int depth) {
        if (a == b || graph.isLiteral(a) && graph.op(a).equals(graph.op(b))) {
            return true;
        }
        boolean isAlike = !graph.isLeaf(a) && depth < DEEPEST_ALIKE && graph.operandCount(a) == graph.operandCount(b)
                && graph.op(a).name().equals(graph.op(b).name()) && graph.op(a).attributes().equals(graph.op(b).attributes());
        return isAlike
                && IntStream.range(0, graph.operandCount(a)).allMatch(k -> isSame(graph.operand(a, k), graph.operand(b, k), depth + 1));
    }

    private void arrays(int node) {
        int image = lowered.image(node);
        Tensor y = run.known(image);
        if (y == null) {
            return;
        }
        if (graph.op(image).family() == Family.LINEAR) {
            total(node, image, y);
            return;
        }
        int a = graph.operand(image, 0);
        int b = graph.operand(image, 1);
        Tensor left = value(a);
        Tensor right = value(b);
        if (left == null || right == null || !fits(left, y) || !fits(right, y)) {
            return;
        }
        double[] results = y.data();
        double[] x = left.data();
        double worst = 0;
        int place = -1;
        long count = 0;
        for (int i = 0; i < results.length; i++) {
            if (results[i] == 0) {
                continue;
            }
            double size = Math.abs(x[i % x.length]);
            // An element that crosses zero between others is no loss of the array's digits.
            if (!(size > LEAST_LOSS * Math.abs(results[i]))) {
                return;
            }
            count++;
            if (size / Math.abs(results[i]) > worst) {
                worst = size / Math.abs(results[i]);
                place = i;
            }
        }
        if (place >= 0) {
            double term = Math.max(rounded(a, place % x.length), rounded(b, place % right.length()));
            add(Trouble.Kind.CANCELLATION, node, term, Math.abs(results[place]), count);
        }
    }

    /** Whether an operand is as large as the result, or repeated along its leading axes. */
    private static boolean fits(Tensor operand, Tensor result) {
        int rank = operand.shape().rank();
        int all = result.shape().rank();
        return operand.length() > 0 && rank <= all && result.shape().sub(all - rank, all).equals(operand.shape());
    }

    private void total(int node, int image, Tensor y) {
        int operand = graph.operand(image, 0);
        Tensor x = value(operand);
        double result = Math.abs(y.item());
        if (x == null || result == 0) {
            return;
        }
        int place = 0;
        double[] terms = x.data();
        for (int i = 0; i < terms.length; i++) {
            place = Math.abs(terms[i]) > Math.abs(terms[place]) ? i : place;
        }
        if (terms.length > 0 && Math.abs(terms[place]) > LEAST_LOSS * result) {
            add(Trouble.Kind.CANCELLATION, node, rounded(operand, place), result, 1);
        }
    }

    private @Nullable Tensor value(int node) {
        return graph.op(node) instanceof Leaf.Literal(double literal) ? Tensor.scalar(literal) : run.known(node);
    }

    /** The magnitude of an element if it is sure to carry a rounding error of its size; else 0. */
    private double rounded(int node, int element) {
        double value = element(node, element);
        return isRounded(node, element, value, 0) ? Math.abs(value) : 0;
    }

    private double element(int node, int element) {
        Tensor value = value(node);
        return value == null || value.length() <= element && value.length() != 1
                ? Double.NaN
                : value.data()[value.length() == 1 ? 0 : element];
    }

    private boolean isRounded(int node, int element, double value, int depth) {
        if (graph.isLeaf(node) || depth > DEEPEST || !Double.isFinite(value) || isShort(value)) {
            return false;
        }
        if (OpCatalogue.has(graph.op(node), Trait.EXACT)) {
            return isOperandRounded(node, 0, element, 0, depth);
        }
        if (OpCatalogue.has(graph.op(node), Trait.ROUNDED)) {
            return true;
        }
        Cautions.Exactness exactness = Cautions.of(graph.op(node)).exactness();
        if (exactness == null) {
            return false;
        }
        double[] x = new double[graph.operandCount(node)];
        for (int k = 0; k < x.length; k++) {
            x[k] = element(graph.operand(node, k), element);
            if (Double.isNaN(x[k])) {
                return false;
            }
        }
        double least = OpCatalogue.has(graph.op(node), Trait.SUMS) ? SIZEABLE * Math.abs(value) : 0;
        boolean isRounded = !exactness.isExact(x, value);
        for (int k = 0; k < x.length && !isRounded; k++) {
            isRounded = isOperandRounded(node, k, element, least, depth);
        }
        return isRounded;
    }

    private boolean isOperandRounded(int node, int k, int element, double least, int depth) {
        double value = element(graph.operand(node, k), element);
        return Math.abs(value) >= least && isRounded(graph.operand(node, k), element, value, depth + 1);
    }

    private static boolean isShort(double value) {
        return value == 0 || Long.numberOfTrailingZeros(Double.doubleToRawLongBits(value)) >= SHORT;
    }
}
