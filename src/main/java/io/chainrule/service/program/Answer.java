package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.LocalJacobians;
import io.chainrule.core.NodeDescription;
import io.chainrule.core.Outcome;
import io.chainrule.core.graph.ProgramText;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.diagnostics.Diagnostics;
import io.chainrule.service.run.Work;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the service answers.
 *
 * @param result in terms of the core
 * @param nodeCount how many nodes the client wrote
 * @param drawn initial values of the network's parameters for which the client gave none; null where the program is no network
 */
public record Answer<T>(T result, List<Diagnostic> diagnostics, int nodeCount, @Nullable Map<String, Tensor> drawn) {

    static <T> Answer<T> of(T result, List<Diagnostic> diagnostics, Work<?> work) {
        return new Answer<>(result, diagnostics, work.bound().nodeCount(), work.drawn());
    }

    /** With no more to say than what the program never mentions. */
    static <T> Answer<T> of(T result, Work<?> work) {
        return of(result, Diagnostics.ofInputs(work.bound()), work);
    }

    /** The gradient, and the Jacobians of single ops that the chain rule joins. */
    public record Gradient(Outcome outcome, List<LocalJacobians.Local> jacobians) {}

    /** The program itself; {@code layers} are those of a network, else null. */
    public record Description(BoundProgram program, ProgramText text, String latex, Cost cost, @Nullable List<LayerView> layers) {}

    /** A layer of a network: how many numbers it trains, and the operations of one evaluation. */
    public record LayerView(String name, String type, Shape outputShape, long parameters, long flops) {}

    /** Derivatives of the output, by name. */
    public record Derivatives(String output, Map<String, Derivative> derivatives) {}

    /** A derivative as a program: as text, as LaTeX, and as nodes. */
    public record Derivative(ProgramText text, String latex, List<NodeDescription> nodes, String output) {}

    /** {@code gradientFlops} includes the forward pass; {@code peakBytes} is that of the gradient's run. */
    public record Cost(long forwardFlops, long gradientFlops, long peakBytes) {}
}
