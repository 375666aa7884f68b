package io.chainrule.benchmark;

import io.chainrule.core.Shapes;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Values of inputs, the same in each process. */
final class Data {
    private static final long SEED = 42;

    private Data() {}

    /** Normally distributed values for inputs of these shapes, given as to {@link Shapes#of(Object...)}. */
    static Map<String, Tensor> normal(double scale, Object... namesAndDimensions) {
        Random random = new Random(SEED);
        Map<String, Tensor> values = new LinkedHashMap<>();
        Shapes.of(namesAndDimensions).toMap().forEach((name, shape) -> values.put(name, normal(random, scale, shape)));
        return values;
    }

    private static Tensor normal(Random random, double scale, Shape shape) {
        return Tensor.of(shape, random.doubles(shape.length(), 0, 1).map(_ -> scale * random.nextGaussian()).toArray());
    }

    /** Labels of {@code classes} classes. */
    static Tensor labels(int samples, int classes) {
        return Tensor.of(Shape.of(samples), new Random(SEED).ints(samples, 0, classes).asDoubleStream().toArray());
    }

    /** A symmetric positive definite matrix. */
    static Tensor positiveDefinite(int n) {
        double[] a = normal(1, "A", n, n).values().iterator().next().data();
        double[] product = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = i == j ? n : 0;
                for (int k = 0; k < n; k++) {
                    sum += a[i * n + k] * a[j * n + k];
                }
                product[i * n + j] = sum;
                product[j * n + i] = sum;
            }
        }
        return Tensor.of(Shape.of(n, n), product);
    }

    /** The values of {@code first} and then those of {@code second}. */
    static Map<String, Tensor> with(Map<String, Tensor> first, Map<String, Tensor> second) {
        Map<String, Tensor> both = new LinkedHashMap<>(first);
        both.putAll(second);
        return both;
    }
}
