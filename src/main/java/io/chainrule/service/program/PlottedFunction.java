package io.chainrule.service.program;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.picture.PlotFunction;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A program as a function of some of its inputs, evaluated at many points in one run. */
final class PlottedFunction implements PlotFunction, AutoCloseable {
    private final List<String> variables;
    private final int points;
    private final Work<CompiledFunction> work;

    private PlottedFunction(List<String> variables, int points, Work<CompiledFunction> work) {
        this.variables = variables;
        this.points = points;
        this.work = work;
    }

    /** {@code variables} are inputs that the query has no values for; {@code points} is how many are evaluated in one run. */
    static PlottedFunction open(Functions functions, Query query, List<String> variables, int points) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(query.inputs());
        variables.forEach(variable -> inputs.put(variable, Tensor.vector(new double[points])));
        Query sampled = new Query(query.source(), inputs, query.parameters(), query.initializerSeed(), query.output(), variables,
                new Signature.NodeSelection.None(), new Signature.Batch(variables, Signature.Reduction.NONE), query.gates(), false,
                query.named(), Transformation.Remarks.NONE, query.kept());
        Transformation gradient = new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE, Transformation.Remarks.NONE);
        return new PlottedFunction(variables, points, functions.open(sampled, gradient, CompiledFunction.class));
    }

    Work<CompiledFunction> work() {
        return work;
    }

    @Override
    public Samples at(double[]... asked) {
        int count = asked[0].length;
        double[] values = new double[count];
        double[][] slopes = new double[variables.size()][count];
        for (int from = 0; from < count; from += points) {
            int length = Math.min(points, count - from);
            Map<String, Tensor> inputs = new HashMap<>(work.inputs());
            for (int k = 0; k < asked.length; k++) {
                double[] samples = Arrays.copyOfRange(asked[k], from, from + points);
                Arrays.fill(samples, length, points, asked[k][from]);
                inputs.put(variables.get(k), Tensor.vector(samples));
            }
            Outcome outcome = work.function().call(inputs, Map.of(), work.runner());
            System.arraycopy(outcome.value().data(), 0, values, from, length);
            Map<String, Tensor> gradients = outcome.gradients();
            for (int k = 0; k < slopes.length; k++) {
                System.arraycopy(Objects.requireNonNull(gradients.get(variables.get(k))).data(), 0, slopes[k], from, length);
            }
        }
        return new Samples(values, slopes);
    }

    /** The points of a descent along the negative gradient; it ends where a point is not finite. */
    List<double[]> descent(double[] start, double rate, int steps) {
        List<double[]> path = new ArrayList<>(List.of(start));
        double[] point = start;
        for (int step = 0; step < steps; step++) {
            double[][] at = new double[point.length][];
            for (int k = 0; k < at.length; k++) {
                at[k] = new double[]{point[k]};
            }
            Samples here = at(at);
            double[] next = point.clone();
            for (int k = 0; k < next.length; k++) {
                next[k] -= rate * here.slopes()[k][0];
            }
            if (!Arrays.stream(next).allMatch(Double::isFinite)) {
                break;
            }
            path.add(next);
            point = next;
        }
        return path;
    }

    @Override
    public void close() {
        work.close();
    }
}
