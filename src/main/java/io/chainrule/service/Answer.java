package io.chainrule.service;

import io.chainrule.core.autodiff.SparseMatrix;
import io.chainrule.core.expression.ExpressionPrinter;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the service's methods answer, in terms of the core. */
public sealed interface Answer {
    Subject subject();

    /**
     * The program that an answer speaks of.
     *
     * @param nodeCount how many nodes the client wrote
     * @param drawn the parameters of a network that the client gave no values, as they begin; null where the program is no network
     */
    record Subject(int nodeCount, @Nullable Map<String, Tensor> drawn) {}

    record Evaluation(String output, Tensor value, List<NodeView> nodes, List<Diagnostic> diagnostics, Subject subject) implements Answer {}

    record Gradient(String output, Tensor value, Map<String, Tensor> gradients, List<NodeView> nodes, List<LocalJacobian> jacobians,
            List<Diagnostic> diagnostics, Subject subject) implements Answer {}

    record Vjp(Map<String, Tensor> values, Map<String, Tensor> gradients, Subject subject) implements Answer {}

    record Jvp(Map<String, Tensor> values, Map<String, Tensor> tangents, Subject subject) implements Answer {}

    /** {@code mode} is "forward" or "reverse"; {@code passes} counts runs of the derivative. */
    record Jacobians(Map<String, Tensor> values, Map<String, Map<String, Matrix>> jacobians, String mode, int passes,
            Subject subject) implements Answer {}

    /** {@code passes} counts Hessian–vector products. */
    record Hessian(Tensor value, Map<String, Tensor> gradients, Map<String, Map<String, Matrix>> hessians, int passes, Subject subject)
            implements
                Answer {}

    record HessianProduct(Tensor value, Map<String, Tensor> gradients, Map<String, Tensor> products, Subject subject) implements Answer {}

    /** {@code direction} is there where not every entry was checked. */
    record Check(boolean passed, List<InputCheck> checks, @Nullable DirectionCheck direction, Subject subject) implements Answer {}

    /**
     * Differences against the derivative by one input; at order 2 of the gradient by {@code by}.
     *
     * @param worst the entry with the largest error among those that count; null where there is none
     * @param checked how many entries, out of {@code of}
     */
    record InputCheck(String wrt, @Nullable String by, double maxRelativeError, String verdict, @Nullable Worst worst, long checked,
            long of, List<CheckNote> notes) {}

    record Worst(int[] index, double analytic, double numeric) {}

    /** Entries whose differences say nothing about the derivative: kind "kink", "jump" or "noise". */
    record CheckNote(String kind, long count, int[] index, String message) {}

    /** The derivative along one random direction through all inputs. */
    record DirectionCheck(double analytic, double numeric, double relativeError, String verdict) {}

    /** A matrix of derivatives. */
    sealed interface Matrix {}

    record Dense(Tensor value) implements Matrix {}

    /** The entries that can be other than zero: one index for each, with a place for each axis of {@code shape}. */
    record Coo(Shape shape, int[][] indices, double[] values) implements Matrix {
        static Coo of(SparseMatrix matrix, Shape shape) {
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

    /** What came of a training; {@code statistics} are running ones. */
    record Training(Map<String, Tensor> parameters, Map<String, Tensor> statistics, List<HistoryEntry> history, long steps,
            String stoppedBy, List<Diagnostic> diagnostics, Subject subject) implements Answer {}

    /** What a step found, from step 1 of epoch 1 on; {@code validationLoss} where it ends an epoch or the training and there are validation data. */
    record HistoryEntry(long step, long epoch, double loss, @Nullable Double validationLoss, Map<String, Double> metrics,
            double gradientNorm, double learningRate) {}

    /** The program itself; nodes carry neither values nor gradients. {@code layers} are those of a network, else null. */
    record Description(List<InputView> inputs, String output, List<NodeView> nodes, Text text, String latex, Cost cost,
            @Nullable List<LayerView> layers, Subject subject) implements Answer {}

    /** A layer of a network: numbers to train, and operations of one evaluation. */
    record LayerView(String name, String type, Shape outputShape, long parameters, long flops) {}

    /** Derivatives of the output, by name. */
    record Derivatives(String output, Map<String, Derivative> derivatives, Subject subject) implements Answer {}

    /** A derivative as a program: as text, as mathematics, and as nodes that carry neither gradients nor, but for constants, values. */
    record Derivative(Text text, String latex, List<NodeView> nodes, String output) {}

    /** A program as text, and what the text calls inputs whose ids are no names in it, by id. */
    record Text(String expression, Map<String, String> renamedInputs) {
        static Text of(ExpressionPrinter.Text text) {
            return new Text(text.expression(), text.renamedInputs());
        }
    }

    record InputView(String id, Shape shape) {}

    /** {@code gradientFlops} includes the forward pass; {@code peakBytes} is that of the gradient's run. */
    record Cost(long forwardFlops, long gradientFlops, long peakBytes) {}

    /** {@code inputs} holds ids ({@link String}) and numbers ({@link Double}). */
    record NodeView(String id, String op, List<Object> inputs, Map<String, Object> attributes, Shape shape, @Nullable Tensor value,
            @Nullable Tensor gradient) {}

    /** {@code value} has shape {@code shape}, or with structure "diagonal" the node's; it is null where {@code omitted} says why. */
    record LocalJacobian(String node, String wrt, int operand, Shape shape, @Nullable String structure, @Nullable Tensor value,
            @Nullable String omitted) {}

    /**
     * What is worth knowing of an answer. {@code phase} ("forward", "backward") and {@code count} where they apply.
     *
     * @param path ids of nodes from the one that is meant to the output, or to where something happens to its gradient
     * @param operands values that the op at the place had before it; null where they are too large to be shown
     */
    record Diagnostic(String kind, @Nullable String node, @Nullable String phase, @Nullable Long count, String message, List<String> path,
            Map<String, @Nullable Tensor> operands) {
        static Diagnostic of(String kind, String node, String message) {
            return new Diagnostic(kind, node, null, null, message, List.of(), Map.of());
        }
    }
}
