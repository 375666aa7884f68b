package io.chainrule.service.run;

import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The request of every compute endpoint in terms of the service: a program, what is asked of it, and values.
 *
 * @param inputs in the order of the request
 * @param parameters values of a network's parameters and running statistics; the others get initial values
 * @param initializerSeed the seed from which missing parameters are drawn
 * @param output the node to differentiate; null for the program's own
 * @param wrt null for every input, or every parameter of a network
 * @param isBase64 whether answers encode arrays as base64, which is shorter
 * @param remarks whether the answer has diagnostics
 * @param named ids that the request names besides: these nodes do not disappear inside a gate, and are listed also if a model keeps their
 *        values
 * @param kept values that are kept with a stored program, or with the models that a text calls
 */
public record Query(Source source, Map<String, Tensor> inputs, Map<String, Tensor> parameters, long initializerSeed,
        @Nullable String output, @Nullable List<String> wrt, Signature.NodeSelection nodes, Signature.Batch batch, Signature.GateForm gates,
        boolean isBase64, Set<String> named, Transformation.Remarks remarks, Map<String, Tensor> kept) {

    /** A query about a program of which no values are kept. */
    public Query(Source source, Map<String, Tensor> inputs, Map<String, Tensor> parameters, long initializerSeed, @Nullable String output,
            @Nullable List<String> wrt, Signature.NodeSelection nodes, Signature.Batch batch, Signature.GateForm gates, boolean isBase64,
            Set<String> named, Transformation.Remarks remarks) {
        this(source, inputs, parameters, initializerSeed, output, wrt, nodes, batch, gates, isBase64, named, remarks, Map.of());
    }

    /** A query about a program that is not a network, without batch, gates or listed nodes. */
    public Query(Source source, Map<String, Tensor> inputs, @Nullable String output, @Nullable List<String> wrt,
            Signature.NodeSelection nodes, Signature.Batch batch) {
        this(source, inputs, Map.of(), 0, output, wrt, nodes, batch, Signature.GateForm.Whole.AS_WRITTEN, false, Set.of(),
                Transformation.Remarks.ALL);
    }

    public Query withBatch(Signature.Batch other) {
        return new Query(source, inputs, parameters, initializerSeed, output, wrt, nodes, other, gates, isBase64, named, remarks, kept);
    }

    public Query withInputs(Map<String, Tensor> others) {
        return new Query(source, others, parameters, initializerSeed, output, wrt, nodes, batch, gates, isBase64, named, remarks, kept);
    }

    /**
     * The same query for a training or a fit, which begins with the values that are kept: parameters of a network, else inputs. A
     * stored program is differentiated by these unless the request names others.
     */
    public Query trainable() {
        if (kept.isEmpty()) {
            return this;
        }
        boolean isStored = source instanceof Source.Stored;
        Source trained = source instanceof Source.Stored(var program) ? trained(program) : source;
        boolean isNetwork = trained instanceof Source.Network;
        Map<String, Tensor> all = new LinkedHashMap<>(kept);
        all.putAll(isNetwork ? parameters : inputs);
        return new Query(trained, isNetwork ? inputs : all, isNetwork ? all : parameters, initializerSeed, output,
                wrt == null && isStored && !isNetwork ? List.copyOf(kept.keySet()) : wrt, nodes, batch, gates, isBase64, named, remarks,
                Map.of());
    }

    /**
     * What a training differentiates: a network itself, which knows its inputs; any other program as a stored model, since in plain text a
     * name without a value could mean a constant.
     */
    private static Source trained(StoredProgram program) {
        return program.source() instanceof Source.Network ? program.source() : new Source.Stored(program.withoutKept());
    }

    /** The same program with all the values that are to be kept, but for parameters of a network, and with another output. */
    public Query toBeStored(Map<String, Tensor> values, @Nullable String node) {
        return new Query(source, values, parameters, initializerSeed, node, wrt, nodes, batch, gates, isBase64, named, remarks, Map.of());
    }

    /** The same query without the values that are kept. */
    public Query withoutKept() {
        return new Query(source, inputs, parameters, initializerSeed, output, wrt, nodes, batch, gates, isBase64, named, remarks, Map.of());
    }

    public Query withNodes(Signature.NodeSelection others) {
        return new Query(source, inputs, parameters, initializerSeed, output, wrt, others, batch, gates, isBase64, named, remarks, kept);
    }

    /** All values that the request supplies, including those of a network's parameters, and those that are kept. */
    public Map<String, Tensor> values() {
        if (parameters.isEmpty() && kept.isEmpty()) {
            return inputs;
        }
        Map<String, Tensor> all = new LinkedHashMap<>(inputs);
        all.putAll(parameters);
        all.putAll(kept);
        return all;
    }

    /** The signature for inputs of the shapes that the values have. */
    public Signature signature(Transformation transformation) {
        return signature(transformation, Shapes.ofValues(inputs), Signature.Missing.REFUSED);
    }

    /** The signature for a program that is not run, so that {@code shapes} can replace values. */
    public Signature describing(Transformation transformation, Map<String, Shape> shapes, Signature.Missing missing) {
        Map<String, Shape> known = Shapes.ofValues(inputs).toMap();
        known.putAll(shapes);
        return signature(transformation, Shapes.of(known), missing);
    }

    /** The signature for inputs of other shapes. */
    public Signature signature(Transformation transformation, Shapes shapes, Signature.Missing missing) {
        return new Signature(transformation, shapes, Shapes.ofValues(parameters), missing, output, wrt, nodes, batch, gates, named);
    }
}
