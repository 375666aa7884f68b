package io.chainrule.core.fit;

import io.chainrule.core.fit.Objective.Evaluation;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowQuantity;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Parameters as the elements of one vector, one parameter after the other.
 *
 * @param shapes the shapes of the parameters, by name, in their order
 */
public record ParameterVector(Map<String, Shape> shapes) {
    /** How many columns an error message lists at most. */
    private static final int MOST_TOLD = 10;

    public ParameterVector {
        shapes = new LinkedHashMap<>(shapes);
    }

    /** Those by which the results of rows have gradients. */
    public static ParameterVector of(List<RowQuantity> quantities) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        quantities.stream().filter(quantity -> quantity.kind() == RowQuantity.Kind.GRADIENT)
                .forEach(quantity -> shapes.put(quantity.name(), quantity.shape()));
        return new ParameterVector(shapes);
    }

    /** The number of elements. */
    public int length() {
        return Math.toIntExact(shapes.values().stream().mapToLong(Shape::size).sum());
    }

    /** The elements of parameters; throws {@link IllegalArgumentException} if one is missing or has another shape. */
    public double[] point(Map<String, Tensor> parameters) {
        double[] point = new double[length()];
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

    /** Copies the elements of some parameters from one point to another. */
    void copy(Set<String> names, double[] from, double[] to) {
        int at = 0;
        for (Map.Entry<String, Shape> shape : shapes.entrySet()) {
            int length = shape.getValue().length();
            if (names.contains(shape.getKey())) {
                System.arraycopy(from, at, to, at, length);
            }
            at += length;
        }
    }

    /** The parameters with these elements. */
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

    /** The problem of a fit all of whose rows, or all of whose validation rows, are left out; the tally tells why they are. */
    public static ProblemException withoutRows(RowTally tally) {
        StringBuilder found = new StringBuilder("none of " + tally.rows() + " rows");
        tally.columns().entrySet().stream().limit(MOST_TOLD).forEach(column -> found.append("; column '").append(column.getKey())
                .append("': ").append(column.getValue().missing()).append(" missing, ").append(column.getValue().malformed())
                .append(" malformed"));
        found.append(tally.refused() > 0 ? "; " + tally.refused() + " refused" : "")
                .append(tally.notFinite() > 0 ? "; " + tally.notFinite() + " not finite" : "");
        return new ProblemException(withoutRows(found.toString()).at(Place.setting("dataset"))
                .hint(tally.faults().isEmpty() ? null : tally.faults().getFirst().message()));
    }

    private static Problem withoutRows(String found) {
        return Problem.of(ProblemCode.INVALID_VALUE, "no row is left that has a loss").expected("a row with a loss", found);
    }

    /**
     * The mean loss over rows, and its mean gradient.
     *
     * @param reduction of the values and the gradients by the parameters
     * @throws ProblemException if there are no rows to take the mean of
     */
    public Evaluation evaluation(RowReduction reduction) {
        if (reduction.count() == 0) {
            throw new ProblemException(withoutRows("none"));
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
