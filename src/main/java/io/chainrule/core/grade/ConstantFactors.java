package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Local gradients of the forward pass that are one number whatever the inputs are, such as the 1/n of a mean, and their products: factors
 * that a user may have forgotten.
 */
final class ConstantFactors {
    private static final int MOST_FACTORS = 6;
    private static final int POINTS = 3;
    /** A power has its exponent as a factor, whose other part is no constant. */
    private static final int MOST_EXPONENT = 6;
    private static final double RELATIVE = 1e-7;

    private final Set<Double> single = new LinkedHashSet<>();

    /** {@code between} are the nodes from a claimed one to those where its derivative begins. */
    ConstantFactors(Sheet sheet, List<Integer> between, List<Map<Integer, Tensor>> points, Runner runner) {
        BitSet locals = new BitSet();
        for (int node : between) {
            Node view = sheet.node(node);
            for (int k = 0; k < view.operandCount(); k++) {
                int operand = k;
                Node local = view.op().ignores(k)
                        ? null
                        : Sheet.attempt(() -> view.op().vjp(view, operand, Maths.broadcastTo(sheet.builder().literal(1), view.shape())));
                if (local != null) {
                    locals.set(local.index());
                }
            }
        }
        Runs runs = new Runs(sheet.graph(), locals, runner);
        List<Map<Integer, Tensor>> values = points.stream().limit(POINTS).map(runs::attempt).filter(Objects::nonNull).toList();
        locals.stream().forEach(local -> {
            Double constant = constant(values.stream().map(found -> Objects.requireNonNull(found.get(local))).toList());
            if (constant != null && single.size() < MOST_FACTORS) {
                single.add(constant);
            }
        });
    }

    /** The number that all entries are at all points; null if there is none, or if it is no factor that can be forgotten. */
    private static @Nullable Double constant(List<Tensor> values) {
        if (values.isEmpty() || values.getFirst().length() == 0) {
            return null;
        }
        double first = values.getFirst().data()[0];
        boolean isConstant = values.stream().allMatch(value -> Arrays.stream(value.data()).allMatch(x -> x == first));
        return isConstant && Double.isFinite(first) && first != 0 && Math.abs(first) != 1 ? (Double) first : null;
    }

    Set<Double> single() {
        return single;
    }

    /** Whether a number is one of the factors, but for its sign. */
    boolean isOne(double number) {
        return single.stream().anyMatch(factor -> Math.abs(Math.abs(number) - Math.abs(factor)) <= RELATIVE * Math.abs(factor));
    }

    /** Whether a number is one of the factors, or a product of some, but for its sign. */
    boolean contain(double number) {
        for (int exponent = 1; exponent <= MOST_EXPONENT; exponent++) {
            List<Double> all = List.copyOf(single);
            for (int kept = 0; kept < 1 << all.size(); kept++) {
                double product = exponent;
                for (int i = 0; i < all.size(); i++) {
                    product *= (kept >> i & 1) == 1 ? all.get(i) : 1;
                }
                if (product != 1 && Math.abs(Math.abs(number) - Math.abs(product)) <= RELATIVE * Math.abs(product)) {
                    return true;
                }
            }
        }
        return false;
    }
}
