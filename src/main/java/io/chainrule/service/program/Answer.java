package io.chainrule.service.program;

import io.chainrule.core.CheckReport;
import io.chainrule.core.LocalJacobians;
import io.chainrule.core.NodeDescription;
import io.chainrule.core.autodiff.SparseMatrix;
import io.chainrule.core.graph.ProgramText;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.run.ProgramSummary;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The answers of the service's methods, in terms of the core. */
public sealed interface Answer {
    List<Diagnostic> diagnostics();

    ProgramSummary summary();

    record Evaluation(String output, Tensor value, List<NodeView> nodes, List<Diagnostic> diagnostics,
            ProgramSummary summary) implements Answer {}

    record Gradient(String output, Tensor value, Map<String, Tensor> gradients, List<NodeView> nodes, List<LocalJacobians.Local> jacobians,
            List<Diagnostic> diagnostics, ProgramSummary summary) implements Answer {}

    record Vjp(Map<String, Tensor> values, Map<String, Tensor> gradients, List<Diagnostic> diagnostics,
            ProgramSummary summary) implements Answer {}

    record Jvp(Map<String, Tensor> values, Map<String, Tensor> tangents, List<Diagnostic> diagnostics,
            ProgramSummary summary) implements Answer {}

    /** {@code mode} is "forward" or "reverse"; {@code passes} counts runs of the derivative. */
    record Jacobians(Map<String, Tensor> values, Map<String, Map<String, Matrix>> jacobians, String mode, int passes,
            List<Diagnostic> diagnostics, ProgramSummary summary) implements Answer {}

    /** {@code passes} counts Hessian–vector products. */
    record Hessian(Tensor value, Map<String, Tensor> gradients, Map<String, Map<String, Matrix>> hessians, int passes,
            List<Diagnostic> diagnostics, ProgramSummary summary)
            implements
                Answer {}

    record HessianProduct(Tensor value, Map<String, Tensor> gradients, Map<String, Tensor> products,
            List<Diagnostic> diagnostics, ProgramSummary summary) implements Answer {}

    record Check(CheckReport report, List<Diagnostic> diagnostics, ProgramSummary summary) implements Answer {}

    /** A matrix of derivatives. */
    sealed interface Matrix {}

    record Dense(Tensor value) implements Matrix {}

    /** The entries that can be other than zero: one index for each, with a place for each axis of {@code shape}. */
    record Coo(Shape shape, int[][] indices, double[] values) implements Matrix {
        static Coo of(@Nullable SparseMatrix matrix, Shape shape) {
            if (matrix == null) {
                return new Coo(shape, new int[0][], new double[0]);
            }
            int width = matrix.columns().length == 0 ? 0 : (int) (shape.size() / matrix.columns().length);
            int[][] indices = new int[matrix.entries()][];
            double[] values = new double[indices.length];
            int n = 0;
            for (int row = 0; row < matrix.columns().length; row++) {
                for (int i = 0; i < matrix.columns()[row].length; i++) {
                    indices[n] = shape.index((long) row * width + matrix.columns()[row][i]);
                    values[n++] = matrix.values()[row][i];
                }
            }
            return new Coo(shape, indices, values);
        }
    }

    /** The result of a training; {@code statistics} are the running ones. */
    record Training(Map<String, Tensor> parameters, Map<String, Tensor> statistics, List<HistoryEntry> history, long steps,
            String stoppedBy, List<Diagnostic> diagnostics, ProgramSummary summary) implements Answer {}

    /**
     * What was measured at a step; steps and epochs count from 1. {@code validationLoss} only at the end of an epoch or of the training,
     * with validation data.
     */
    record HistoryEntry(long step, long epoch, double loss, @Nullable Double validationLoss, Map<String, Double> metrics,
            double gradientNorm, double learningRate) {}

    /** The program itself; nodes carry neither values nor gradients. {@code layers} are those of a network, else null. */
    record Description(List<InputView> inputs, String output, List<NodeView> nodes, ProgramText text, String latex, Cost cost,
            @Nullable List<LayerView> layers, List<Diagnostic> diagnostics, ProgramSummary summary) implements Answer {}

    /** A layer of a network: how many numbers it trains, and the operations of one evaluation. */
    record LayerView(String name, String type, Shape outputShape, long parameters, long flops) {}

    /** Derivatives of the output, by name. */
    record Derivatives(String output, Map<String, Derivative> derivatives, List<Diagnostic> diagnostics,
            ProgramSummary summary) implements Answer {}

    /** A derivative as a program: as text, as LaTeX, and as nodes without gradients, of which only constants have values. */
    record Derivative(ProgramText text, String latex, List<NodeView> nodes, String output) {}

    record InputView(String id, Shape shape) {}

    /** {@code gradientFlops} includes the forward pass; {@code peakBytes} is that of the gradient's run. */
    record Cost(long forwardFlops, long gradientFlops, long peakBytes) {}

    /** A node with its value and gradient, where the answer has them. */
    record NodeView(NodeDescription node, @Nullable Tensor value, @Nullable Tensor gradient) {
        /** Of nodes that have been run, with their gradients if {@code gradientOf} is not null. */
        static List<NodeView> of(List<NodeDescription> nodes, IntFunction<Tensor> valueOf, @Nullable IntFunction<Tensor> gradientOf) {
            return nodes.stream().map(node -> new NodeView(node, valueOf.apply(node.node()),
                    gradientOf == null ? null : gradientOf.apply(node.node()))).toList();
        }

        /** Of nodes that have not been run: of these only constants have values. */
        static List<NodeView> of(List<NodeDescription> nodes) {
            return nodes.stream().map(node -> new NodeView(node, node.constant(), null)).toList();
        }

        public String id() {
            return node.id();
        }
    }
}
