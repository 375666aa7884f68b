package io.chainrule.core;

import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a program, without values. Together with the program it determines the {@link CompiledFunction}.
 *
 * @param inputs the shapes of the inputs as they are given, samples included
 * @param parameters the shapes of a network's parameters that are supplied apart from the inputs
 * @param missing how inputs without a shape are treated
 * @param output the node to differentiate; null for the program's own
 * @param wrt the names to differentiate by; null for every input, or for every parameter of a network
 * @param nodes the nodes that each call lists individually
 * @param named ids that the request names besides: these nodes do not disappear inside a gate, and are listed also if a model keeps their
 *        values
 */
public record Signature(Transformation transformation, Shapes inputs, Shapes parameters, Missing missing, @Nullable String output,
        @Nullable List<String> wrt, NodeSelection nodes, Batch batch, GateForm gates, Set<String> named) {

    /** A signature without batch, gates or listed nodes, that differentiates by every input. */
    public static Signature of(Transformation transformation, Shapes inputs) {
        return new Signature(transformation, inputs, Shapes.NONE, Missing.REFUSED, null, null, new NodeSelection.None(), Batch.NONE,
                GateForm.Whole.AS_WRITTEN, Set.of());
    }

    public Signature withTransformation(Transformation other) {
        return new Signature(other, inputs, parameters, missing, output, wrt, nodes, batch, gates, named);
    }

    public Signature withInputs(Shapes shapes) {
        return new Signature(transformation, shapes, parameters, missing, output, wrt, nodes, batch, gates, named);
    }

    public Signature withParameters(Shapes shapes) {
        return new Signature(transformation, inputs, shapes, missing, output, wrt, nodes, batch, gates, named);
    }

    public Signature withMissing(Missing treatment) {
        return new Signature(transformation, inputs, parameters, treatment, output, wrt, nodes, batch, gates, named);
    }

    public Signature withOutput(@Nullable String id) {
        return new Signature(transformation, inputs, parameters, missing, id, wrt, nodes, batch, gates, named);
    }

    public Signature withWrt(@Nullable List<String> names) {
        return new Signature(transformation, inputs, parameters, missing, output, names, nodes, batch, gates, named);
    }

    public Signature withNodes(NodeSelection selection) {
        return new Signature(transformation, inputs, parameters, missing, output, wrt, selection, batch, gates, named);
    }

    public Signature withBatch(Batch samples) {
        return new Signature(transformation, inputs, parameters, missing, output, wrt, nodes, samples, gates, named);
    }

    public Signature withGates(GateForm form) {
        return new Signature(transformation, inputs, parameters, missing, output, wrt, nodes, batch, form, named);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Signature asked && transformation.equals(asked.transformation) && inputs.equals(asked.inputs)
                && parameters.equals(asked.parameters) && missing == asked.missing && Objects.equals(output, asked.output)
                && Objects.equals(wrt, asked.wrt) && nodes.equals(asked.nodes) && batch.equals(asked.batch) && gates.equals(asked.gates)
                && named.equals(asked.named);
    }

    @Override
    public int hashCode() {
        int hash = transformation.hashCode();
        hash = 31 * hash + inputs.hashCode();
        hash = 31 * hash + parameters.hashCode();
        hash = 31 * hash + missing.hashCode();
        hash = 31 * hash + Objects.hashCode(output);
        hash = 31 * hash + Objects.hashCode(wrt);
        hash = 31 * hash + nodes.hashCode();
        hash = 31 * hash + batch.hashCode();
        hash = 31 * hash + gates.hashCode();
        return 31 * hash + named.hashCode();
    }

    /** The transformation in a few words. */
    String summary() {
        String name = transformation.getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
        return name + (output == null ? "" : " of " + output)
                + (wrt == null ? "" : " by " + String.join(", ", wrt))
                + (batch.inputs().isEmpty() ? "" : " over " + String.join(", ", batch.inputs()))
                + (batch.reduction() == Reduction.NONE ? "" : ", " + batch.reduction().name().toLowerCase(Locale.ROOT));
    }

    /** An estimate of the memory that this signature takes. */
    public long bytes() {
        long names = Footprint.of(inputs) + Footprint.of(parameters) + Footprint.of(named) + Footprint.of(batch.inputs)
                + Footprint.of(output) + Footprint.of(wrt) + (nodes instanceof NodeSelection.Ids(var ids) ? Footprint.of(ids) : 0);
        return names + switch (transformation) {
            case Transformation.Vjp(Shapes cotangents) -> Footprint.of(cotangents);
            case Transformation.Jvp jvp -> Footprint.of(jvp.tangents()) + Footprint.of(jvp.of());
            case Transformation.Hvp(Shapes vectors) -> Footprint.of(vectors);
            case Transformation.Jacobians jacobians -> Footprint.of(jacobians.of())
                    + jacobians.pairs().stream().mapToLong(pair -> Footprint.of(pair.of()) + Footprint.of(pair.by())).sum();
            case Transformation.TrainingStep step ->
                Footprint.of(step.carriers()) + Footprint.of(step.prediction()) + Footprint.of(step.target());
            case Transformation.Value _,Transformation.Gradient _,Transformation.Hessian _,Transformation.Check _ -> 0;
            case Transformation.Derivative _,Transformation.Grade _,Transformation.Description _ -> 0;
        };
    }

    /** How inputs without a shape are treated. */
    public enum Missing {
        /** They are refused. */
        REFUSED,
        /** They have the shape that the program declares; without one they are scalars. */
        SCALAR,
        /** They have the shape that the program declares; a network's data have the shape of one sample. */
        DECLARED
    }

    /** The inputs that carry samples along a leading axis, and how the samples' results are combined. */
    public record Batch(List<String> inputs, Reduction reduction) {
        public static final Batch NONE = new Batch(List.of(), Reduction.NONE);

        /** The number of samples that the inputs carry, −1 if none of them has a shape. Notes inputs whose shapes do not fit. */
        public static int commonLength(List<String> inputs, Map<String, Shape> shapes, Problems problems) {
            return Samples.of(new Batch(inputs, Reduction.NONE), shapes, problems).length();
        }
    }

    /** How the results of the samples are combined: one result for each sample, their sum, or their mean. */
    public enum Reduction {
        NONE,
        SUM,
        MEAN
    }

    /** Which gates are opened into their circuits, or closed. */
    public sealed interface GateForm {
        /** The program as it was written, with all its gates opened, or with known circuits closed into gates. */
        enum Whole implements GateForm {
            AS_WRITTEN,
            EXPAND,
            COLLAPSE
        }

        /** These gates, by their ids, and those inside them are opened; all others are as they were written. */
        record Opened(List<String> ids) implements GateForm {}
    }

    /** Which nodes are listed. */
    public sealed interface NodeSelection {
        record All() implements NodeSelection {}

        record Named() implements NodeSelection {}

        record None() implements NodeSelection {}

        record Ids(List<String> ids) implements NodeSelection {}
    }
}
