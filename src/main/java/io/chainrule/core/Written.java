package io.chainrule.core;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.network.LoweredNetwork;
import io.chainrule.core.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program as a graph of what somebody wrote, before its shapes are known.
 *
 * @param shapes of its inputs as they are given, as far as they are known
 * @param network what the graph was lowered from; null where it was none
 */
record Written(NamedGraph program, Map<String, Shape> shapes, @Nullable LoweredNetwork network) {

    /** Of a program that is no network. Inputs that nobody gave a shape have what {@code missing} says. */
    static Written of(NamedGraph program, Map<String, Shape> given, Signature.Missing missing) {
        Map<String, Shape> shapes = new LinkedHashMap<>(given);
        if (missing != Signature.Missing.REFUSED) {
            for (int input : program.inputs()) {
                Shape declared = ((Leaf.Input) program.graph().op(input)).declared();
                if (declared != null || missing == Signature.Missing.SCALAR) {
                    shapes.putIfAbsent(program.id(input), declared == null ? Shape.SCALAR : declared);
                }
            }
        }
        return new Written(program, shapes, null);
    }
}
