package io.chainrule.service.run;

import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
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
 * @param named if gates are to be closed, every id that the request names anywhere: these nodes must not disappear inside a gate
 */
public record Query(Source source, Map<String, Tensor> inputs, Map<String, Tensor> parameters, long initializerSeed,
        @Nullable String output, @Nullable List<String> wrt, Signature.NodeSelection nodes, Signature.Batch batch, Signature.GateForm gates,
        boolean isBase64, Set<String> named, Transformation.Remarks remarks) {

    /** A query about a program that is not a network, without batch, gates or listed nodes. */
    public Query(Source source, Map<String, Tensor> inputs, @Nullable String output, @Nullable List<String> wrt,
            Signature.NodeSelection nodes, Signature.Batch batch) {
        this(source, inputs, Map.of(), 0, output, wrt, nodes, batch, Signature.GateForm.Whole.AS_WRITTEN, false, Set.of(),
                Transformation.Remarks.ALL);
    }

    public Query withBatch(Signature.Batch other) {
        return new Query(source, inputs, parameters, initializerSeed, output, wrt, nodes, other, gates, isBase64, named, remarks);
    }

    public Query withInputs(Map<String, Tensor> others) {
        return new Query(source, others, parameters, initializerSeed, output, wrt, nodes, batch, gates, isBase64, named, remarks);
    }

    public Query withNodes(Signature.NodeSelection others) {
        return new Query(source, inputs, parameters, initializerSeed, output, wrt, others, batch, gates, isBase64, named, remarks);
    }

    public Query withRemarks(Transformation.Remarks other) {
        return new Query(source, inputs, parameters, initializerSeed, output, wrt, nodes, batch, gates, isBase64, named, other);
    }

    /** All values that the request supplies, including those of a network's parameters. */
    public Map<String, Tensor> values() {
        if (parameters.isEmpty()) {
            return inputs;
        }
        Map<String, Tensor> all = new LinkedHashMap<>(inputs);
        all.putAll(parameters);
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
