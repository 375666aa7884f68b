package io.chainrule.service;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the service's methods answer, in terms of the core. */
public sealed interface Answer {
    /** How many nodes the client wrote. */
    int nodeCount();

    record Evaluation(String output, Tensor value, List<NodeView> nodes, List<Diagnostic> diagnostics, int nodeCount) implements Answer {}

    record Gradient(String output, Tensor value, Map<String, Tensor> gradients, List<NodeView> nodes, List<LocalJacobian> jacobians,
            List<Diagnostic> diagnostics, int nodeCount) implements Answer {}

    record Vjp(Map<String, Tensor> values, Map<String, Tensor> gradients, int nodeCount) implements Answer {}

    record Jvp(Map<String, Tensor> values, Map<String, Tensor> tangents, int nodeCount) implements Answer {}

    /** {@code mode} is "forward" or "reverse"; {@code passes} counts runs of the derivative. */
    record Jacobians(Map<String, Tensor> values, Map<String, Map<String, Tensor>> jacobians, String mode, int passes,
            int nodeCount) implements Answer {}

    /** The program itself; nodes carry neither values nor gradients. */
    record Description(List<InputView> inputs, String output, List<NodeView> nodes, String expression, Cost cost,
            int nodeCount) implements Answer {}

    record InputView(String id, Shape shape) {}

    /** {@code gradientFlops} includes the forward pass; {@code peakBytes} is that of the gradient's run. */
    record Cost(long forwardFlops, long gradientFlops, long peakBytes) {}

    /** {@code inputs} holds ids ({@link String}) and numbers ({@link Double}). */
    record NodeView(String id, String op, List<Object> inputs, Map<String, Object> attributes, Shape shape, @Nullable Tensor value,
            @Nullable Tensor gradient) {}

    /** {@code value} has shape {@code shape}, or with structure "diagonal" the node's; it is null where {@code omitted} says why. */
    record LocalJacobian(String node, String wrt, int operand, Shape shape, @Nullable String structure, @Nullable Tensor value,
            @Nullable String omitted) {}

    /** {@code phase} ("forward", "backward") and {@code count} where they apply. */
    record Diagnostic(String kind, @Nullable String node, @Nullable String phase, @Nullable Long count, String message) {}
}
