package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The products of which the cotangent of an op's operand is the sum: of an entry of the op's Jacobian and an element of its cotangent.
 *
 * @param areAny whether any product is not zero
 * @param underflow whether any product of two numbers that are not zero is zero
 * @param areFlat whether all entries of the Jacobian are zero
 * @param areRounded whether anything that the Jacobian is computed from is too small for a double
 * @param areKnown whether all products are known
 */
record LocalTerms(boolean areAny, boolean underflow, boolean areFlat, boolean areRounded, boolean areKnown) {
    /** The most entries of a Jacobian that is computed, and the most rows of the Jacobians for all samples. */
    static final int MOST = 1024;

    /**
     * Computes the Jacobian of a small op of the bound program; null if it is too large, or if the run no longer holds the operands'
     * values.
     *
     * @param node the operand
     * @param cotangent the op's cotangent, null if it is not known
     * @param least the magnitude of a cotangent that is not known; NaN if that is not known either
     */
    static @Nullable LocalTerms of(LoweredProgram lowered, PlannedGraph.Run run, int node, int user, @Nullable Tensor cotangent,
            double least) {
        Graph program = lowered.program().graph();
        Shape shape = program.shape(user);
        Map<Integer, Tensor> given = new HashMap<>();
        BitSet wrt = new BitSet();
        int samples = 1;
        for (int k = 0; k < program.operandCount(user); k++) {
            int operand = program.operand(user, k);
            if (program.isLiteral(operand)) {
                continue;
            }
            Tensor value = run.known(lowered.image(operand));
            int count = value == null ? 0 : samples(value, program.shape(operand));
            if (value == null || count == 0 || shape.size() * program.shape(operand).size() > MOST || shape.size() * count > MOST) {
                return null;
            }
            samples = Math.max(samples, count);
            given.put(k, value);
            wrt.set(k, operand == node);
        }
        if (cotangent != null) {
            int count = samples(cotangent, shape);
            samples = Math.max(samples, count);
            if (count == 0 || shape.size() * count > MOST) {
                return null;
            }
        }
        List<Shape> shapes = Arrays.asList(program.operandShapes(user));
        return new Rows(new SingleOp(SingleOp.Key.of(program, user, shapes), wrt), shapes, shape).terms(given, samples, cotangent, least);
    }

    /** The number of samples of which a tensor holds arrays of this shape; 0 if it is no such tensor. */
    private static int samples(Tensor value, Shape shape) {
        Shape all = value.shape();
        return all.equals(shape) ? 1 : all.rank() == shape.rank() + 1 && all.sub(1, all.rank()).equals(shape) ? all.dim(0) : 0;
    }

    private static Tensor sample(Tensor all, Shape shape, int sample) {
        int from = all.shape().equals(shape) ? 0 : sample * shape.length();
        return Tensor.of(shape, Arrays.copyOfRange(all.data(), from, from + shape.length()));
    }

    /** The rows of the Jacobians of one op, each of which is a run with a unit as cotangent. */
    private static final class Rows {
        private final SingleOp op;
        private final List<Shape> shapes;
        private final Shape shape;
        private final Graph graph;
        private final PlannedGraph planned;

        Rows(SingleOp op, List<Shape> shapes, Shape shape) {
            this.op = op;
            this.shapes = shapes;
            this.shape = shape;
            graph = op.graph();
            BitSet all = new BitSet();
            all.set(0, graph.size());
            planned = PlannedGraph.of(graph, all);
        }

        LocalTerms terms(Map<Integer, Tensor> given, int samples, @Nullable Tensor cotangent, double least) {
            boolean areAny = false;
            boolean underflow = false;
            boolean areFlat = true;
            boolean areRounded = false;
            boolean areKnown = true;
            for (int s = 0; s < samples; s++) {
                Map<Integer, Tensor> values = new HashMap<>();
                for (Map.Entry<Integer, Tensor> operand : given.entrySet()) {
                    values.put(op.input(operand.getKey()), sample(operand.getValue(), shapes.get(operand.getKey()), s));
                }
                double[] arriving = cotangent == null ? new double[0] : sample(cotangent, shape, s).data();
                for (int row = 0; row < shape.length(); row++) {
                    double[] unit = new double[shape.length()];
                    unit[row] = 1;
                    values.put(op.seed(), Tensor.of(shape, unit));
                    PlannedGraph.Run derivative = planned.run(values, Parallel.NONE);
                    double factor = cotangent == null ? least : Math.abs(arriving[row]);
                    double[] entries = op.cotangents().stream().flatMapToDouble(k -> Arrays.stream(derivative.value(k).data()))
                            .filter(x -> x != 0).toArray();
                    areFlat &= entries.length == 0;
                    areKnown &= entries.length == 0 || !Double.isNaN(factor);
                    areAny |= factor > 0 && Arrays.stream(entries).anyMatch(x -> x * factor != 0);
                    underflow |= factor > 0 && Arrays.stream(entries).anyMatch(x -> x * factor == 0);
                    areRounded = areRounded || isRounded(derivative);
                }
            }
            return new LocalTerms(areAny, underflow, areFlat, areRounded, areKnown);
        }

        private boolean isRounded(PlannedGraph.Run derivative) {
            return IntStream.range(0, graph.size()).filter(k -> OpCatalogue.has(graph.op(k), Trait.ZERO_BY_OPERANDS))
                    .anyMatch(k -> isRounded(derivative, k));
        }

        /**
         * Whether an element of a node is zero though none of the operands' elements is. Operands that are broadcast may seem to have none.
         */
        private boolean isRounded(PlannedGraph.Run derivative, int node) {
            double[] values = derivative.value(node).data();
            boolean isNever = OpCatalogue.has(graph.op(node), Trait.NONZERO_AT_ZERO);
            return IntStream.range(0, values.length).filter(i -> values[i] == 0)
                    .anyMatch(i -> isNever || IntStream.range(0, graph.operandCount(node)).noneMatch(k -> {
                        double[] operand = derivative.value(graph.operand(node, k)).data();
                        return operand.length == values.length ? operand[i] == 0 : Arrays.stream(operand).anyMatch(x -> x == 0);
                    }));
        }
    }
}
