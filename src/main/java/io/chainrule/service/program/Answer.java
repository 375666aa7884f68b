package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.LocalJacobians;
import io.chainrule.core.NodeDescription;
import io.chainrule.core.Outcome;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.ProgramText;
import io.chainrule.core.picture.PictureFormat;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.diagnostics.Diagnostics;
import io.chainrule.service.run.Work;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the service returns for a request.
 *
 * @param result the result, as the core represents it
 * @param nodeCount how many nodes the client wrote
 * @param drawn initial values of the network's parameters for which the client gave none; null where the program is no network
 */
public record Answer<T>(T result, List<Diagnostic> diagnostics, int nodeCount, @Nullable Map<String, Tensor> drawn) {

    static <T> Answer<T> of(T result, List<Diagnostic> diagnostics, Work<?> work) {
        return new Answer<>(result, diagnostics, work.bound().nodeCount(), work.drawn());
    }

    /** The same answer with further diagnostics. */
    public Answer<T> with(List<Diagnostic> more) {
        return more.isEmpty()
                ? this
                : new Answer<>(result, Stream.concat(diagnostics.stream(), more.stream()).toList(), nodeCount, drawn);
    }

    /** An answer whose only diagnostics are those on inputs that the program never mentions. */
    static <T> Answer<T> of(T result, Work<?> work) {
        return of(result, work.remarks() == Transformation.Remarks.NONE ? List.of() : Diagnostics.ofInputs(work.bound()), work);
    }

    /** The gradient, and the local Jacobians that the chain rule combines. */
    public record Gradient(Outcome outcome, List<LocalJacobians.Local> jacobians) {}

    /** The program itself; {@code layers} is null if the program is not a network. */
    public record Description(BoundProgram program, ProgramText text, String latex, @Nullable String mathml, Cost cost,
            @Nullable List<LayerView> layers) {}

    /** A layer of a network: its number of trained parameters, and the operations of one evaluation. */
    public record LayerView(String name, String type, Shape outputShape, long parameters, long flops) {}

    /** Derivatives of the output, by name; {@code code} is null unless it was asked for. */
    public record Derivatives(String output, Map<String, Derivative> derivatives, @Nullable String code) {}

    /**
     * A derivative as a program: as text and as a formula in the form that was asked for, and as nodes in the stable one. {@code domain}
     * has the conditions under which the two agree, which have to hold for every element.
     */
    public record Derivative(ProgramText text, String latex, @Nullable String mathml, List<String> domain, List<NodeDescription> nodes,
            String output,
            Shape shape, @Nullable String layout) {}

    /** A picture as a file. */
    public record Drawing(PictureFormat format, byte[] file) {}

    /** {@code gradientFlops} includes the forward pass; {@code peakBytes} is the memory of the gradient's run. */
    public record Cost(long forwardFlops, long gradientFlops, long peakBytes) {}
}
