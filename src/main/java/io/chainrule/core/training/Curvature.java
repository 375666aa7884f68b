package io.chainrule.core.training;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The largest curvature of a loss: the largest eigenvalue of its Hessian by the parameters, by power iteration of Hessian-vector products
 * (Golub and Van Loan 2013, 8.2).
 */
final class Curvature {
    static final int MOST_PRODUCTS = 160;
    static final int LEAST_PRODUCTS = 3;
    private static final double ACCURACY = 1e-3;

    private final CompiledFunction product;
    private final List<String> parameters;
    private final Map<String, Tensor> inputs;
    private final Checkpoint checkpoint;
    private int left;

    /** @param largest a lower bound, near to the eigenvalue; {@code parameter} has the largest part of its eigenvector */
    record Found(double largest, String parameter) {}

    /**
     * @param product the products of the Hessian with a vector for each of {@code parameters}, at these inputs
     * @param products how many of them may be computed
     */
    Curvature(CompiledFunction product, List<String> parameters, Map<String, Tensor> inputs, int products, Checkpoint checkpoint) {
        this.left = products;
        this.product = product;
        this.parameters = parameters;
        this.inputs = inputs;
        this.checkpoint = checkpoint;
    }

    /** The values of a program's inputs for one step. */
    static Map<String, Tensor> inputs(Trainable program, Map<String, Tensor> parameters, Map<String, Tensor> statistics,
            Map<String, Tensor> data, int[] samples, long step) {
        NamedGraph graph = program.function().bound().program();
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int input : graph.inputs()) {
            String name = graph.id(input);
            if (program.data().contains(name)) {
                inputs.put(name, rows(Objects.requireNonNull(data.get(name), name), samples));
            } else if (name.equals(program.step())) {
                inputs.put(name, Tensor.scalar((double) step));
            } else {
                Tensor known = parameters.getOrDefault(name, statistics.getOrDefault(name, program.fixed().get(name)));
                inputs.put(name, Objects.requireNonNull(known, name));
            }
        }
        return inputs;
    }

    private static Tensor rows(Tensor all, int[] rows) {
        Tensor some = Tensor.zeros(all.shape().with(0, rows.length));
        int length = rows.length == 0 ? 0 : some.length() / rows.length;
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(all.data(), rows[i] * length, some.data(), i * length, length);
        }
        return some;
    }

    /** How many products may still be computed. */
    int left() {
        return left;
    }

    /** The largest eigenvalue if it is positive; null if there is none. */
    @Nullable
    Found find() {
        if (left < LEAST_PRODUCTS) {
            return null;
        }
        Found first = iterate(0);
        if (first == null || first.largest > 0) {
            return first;
        }
        // The eigenvalue of largest size is negative. Added to all, its size leaves the largest on top.
        double shift = -1.05 * first.largest;
        Found shifted = iterate(shift);
        return shifted == null || shifted.largest - shift <= ACCURACY * shift
                ? null
                : new Found(shifted.largest - shift, shifted.parameter);
    }

    private @Nullable Found iterate(double shift) {
        Random random = new Random(1);
        Map<String, Tensor> vector = new LinkedHashMap<>();
        for (String name : parameters) {
            Tensor part = Tensor.zeros(Objects.requireNonNull(inputs.get(name), name).shape());
            for (int i = 0; i < part.length(); i++) {
                part.data()[i] = random.nextGaussian();
            }
            vector.put(name, part);
        }
        double value = 0;
        for (int k = 0; k < MOST_PRODUCTS / 2 && left > 0; k++) {
            left--;
            checkpoint.check();
            double norm = Math.sqrt(dot(vector, vector));
            if (!(norm > 0) || !Double.isFinite(norm)) {
                return null;
            }
            scale(vector, 1 / norm);
            Outcome outcome = product.call(inputs, vector);
            Map<String, Tensor> next = new LinkedHashMap<>();
            for (String name : parameters) {
                next.put(name, plus(outcome.product(name), shift, Objects.requireNonNull(vector.get(name))));
            }
            double found = dot(vector, next);
            boolean isDone = k > 1 && Math.abs(found - value) <= ACCURACY * Math.abs(found) / 10;
            value = found;
            vector = next;
            if (isDone) {
                break;
            }
        }
        return Double.isFinite(value) && value != 0 ? new Found(value, largestPart(vector)) : null;
    }

    private static Tensor plus(Tensor product, double shift, Tensor vector) {
        Tensor sum = product.copy();
        for (int i = 0; i < sum.length(); i++) {
            sum.data()[i] += shift * vector.data()[i];
        }
        return sum;
    }

    private static void scale(Map<String, Tensor> vector, double factor) {
        vector.values().forEach(part -> {
            for (int i = 0; i < part.length(); i++) {
                part.data()[i] *= factor;
            }
        });
    }

    private static double dot(Map<String, Tensor> a, Map<String, Tensor> b) {
        double sum = 0;
        for (Map.Entry<String, Tensor> part : a.entrySet()) {
            sum += dot(part.getValue(), Objects.requireNonNull(b.get(part.getKey())));
        }
        return sum;
    }

    private static double dot(Tensor a, Tensor b) {
        double sum = 0;
        for (int i = 0; i < a.length(); i++) {
            sum += a.data()[i] * b.data()[i];
        }
        return sum;
    }

    private static String largestPart(Map<String, Tensor> vector) {
        String largest = "";
        double most = -1;
        for (Map.Entry<String, Tensor> part : vector.entrySet()) {
            double square = dot(part.getValue(), part.getValue());
            if (square > most) {
                most = square;
                largest = part.getKey();
            }
        }
        return largest;
    }
}
