package io.chainrule.core;

import io.chainrule.core.expression.Binding;
import io.chainrule.core.expression.Evaluated;
import io.chainrule.core.expression.Misfits;
import io.chainrule.core.expression.Remark;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.network.LoweredNetwork;
import io.chainrule.core.network.Parameter;
import io.chainrule.core.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The graph of a program as it was written, before shapes are inferred.
 *
 * @param shapes the shapes of the inputs as given, where they are known
 * @param network the network that the graph was lowered from, or null
 * @param wrt what to differentiate by unless the signature says so: a network's parameters, or what a text itself names; null for all
 *        inputs
 * @param remarks on how a text was read
 * @param bindings the statements of a text that bind names
 * @param misfits lines of a text that claim to be derivatives and cannot be
 * @param kept the inputs whose values are kept with the program: they are listed and differentiated by only if a signature names them
 */
record Written(NamedGraph program, Map<String, Shape> shapes, @Nullable LoweredNetwork network, @Nullable List<String> wrt,
        List<Remark> remarks, List<Binding> bindings, Misfits misfits, Set<String> kept) {

    Written(NamedGraph program, Map<String, Shape> shapes, @Nullable LoweredNetwork network) {
        this(program, shapes, network, network == null ? null : network.parameters().stream().map(Parameter::name).toList(), List.of(),
                List.of(), Misfits.NONE, Set.of());
    }

    /** For a text. {@code missing} says which shape an input without one gets. */
    static Written of(Evaluated text, Map<String, Shape> given, Signature.Missing missing) {
        Written written = of(text.program(), given, missing);
        return new Written(text.program(), written.shapes, null, text.wrt(), text.remarks(), text.bindings(), text.misfits(), Set.of());
    }

    Written keeping(Set<String> names) {
        return new Written(program, shapes, network, wrt, remarks, bindings, misfits, names);
    }

    /** The same, differentiated by the inputs that a call gives unless a signature names others. */
    Written withoutWrt() {
        return new Written(program, shapes, network, null, remarks, bindings, misfits, kept);
    }

    /** For a program that is not a network. {@code missing} says which shape an input without one gets. */
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
