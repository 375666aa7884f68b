package io.chainrule.core.fit;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The mean loss over rows, as a function of parameters: their elements, one parameter after the other, are the point. The mean, and that of
 * the gradient, are exact and rounded once, so that they do not depend on the engine and its partitions.
 *
 * @param shapes the shapes of the parameters, by name
 * @param engine reduces the value and the gradients by the parameters over all rows, for these values of the parameters
 */
public record RowObjective(Map<String, Shape> shapes, Function<Map<String, Tensor>, RowReduction> engine) implements Objective {

    public RowObjective {
        shapes = new LinkedHashMap<>(shapes);
    }

    /** The elements of the parameters as a point. */
    public double[] point(Map<String, Tensor> parameters) {
        double[] point = new double[Math.toIntExact(shapes.values().stream().mapToLong(Shape::size).sum())];
        int at = 0;
        for (Map.Entry<String, Shape> shape : shapes.entrySet()) {
            Tensor value = parameters.get(shape.getKey());
            if (value == null || !value.shape().equals(shape.getValue())) {
                throw new IllegalArgumentException("parameter '" + shape.getKey() + "' has shape " + shape.getValue() + ", found "
                        + (value == null ? "nothing" : value.shape()));
            }
            System.arraycopy(value.data(), 0, point, at, value.length());
            at += value.length();
        }
        return point;
    }

    /** The parameters at a point. */
    public Map<String, Tensor> parameters(double[] point) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        int at = 0;
        for (Map.Entry<String, Shape> shape : shapes.entrySet()) {
            Tensor value = Tensor.zeros(shape.getValue());
            System.arraycopy(point, at, value.data(), 0, value.length());
            parameters.put(shape.getKey(), value);
            at += value.length();
        }
        return parameters;
    }

    /** @throws ProblemException if there are no rows to take the mean of */
    @Override
    public Evaluation at(double[] point) {
        RowReduction reduction = engine.apply(parameters(point));
        if (reduction.count() == 0) {
            throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, "no row is left whose loss could be made smaller")
                    .expected("a row with a loss", "none"));
        }
        double value = Double.NaN;
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        for (int k = 0; k < reduction.moments().size(); k++) {
            RowQuantity quantity = reduction.quantities().get(k);
            Moments moments = reduction.moments().get(k);
            switch (quantity.kind()) {
                case VALUE -> value = moments.mean().item();
                case GRADIENT -> gradients.put(quantity.name(), moments.mean());
                case NODE, HESSIAN -> {
                }
            }
        }
        return new Evaluation(value, point(gradients));
    }
}
