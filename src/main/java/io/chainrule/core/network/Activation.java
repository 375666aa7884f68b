package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Trait;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The op that is applied to a layer's output. Unless an axis is given, it works along the channels. */
record Activation(OpDefinition definition, Map<String, Object> attributes, boolean hasAxis) {
    static final String OPTION = "activation";

    static Attribute option(boolean required) {
        String description = "an op that the output passes through; its attributes are options too";
        return required
                ? Attribute.required(OPTION, Attribute.Type.TEXT, description)
                : Attribute.optional(OPTION, Attribute.Type.TEXT, null, description);
    }

    /** Returns the op of the activation of this name or alias, or null if there is none. */
    static @Nullable OpDefinition find(String name) {
        OpDefinition definition = OpCatalogue.find(name);
        return definition != null && definition.has(Trait.ACTIVATION) ? definition : null;
    }

    static Stream<OpDefinition> all() {
        return OpCatalogue.all().stream().filter(definition -> definition.has(Trait.ACTIVATION));
    }

    /** The names and aliases of all activations. */
    static Collection<String> names() {
        Collection<String> names = new TreeSet<>();
        all().forEach(activation -> {
            names.add(activation.name());
            names.addAll(activation.aliases());
        });
        return names;
    }

    /**
     * {@code hasAxis} tells whether the client gave an axis, even if it is the op's default. Throws the same exceptions as
     * {@link OpDefinition#create}.
     */
    static Activation of(OpDefinition definition, Attributes options, boolean hasAxis) {
        Map<String, Object> attributes = Ops.shared(definition, options);
        definition.create(attributes, definition.operands().size());
        boolean choosable = definition.attributes().stream().anyMatch(attribute -> attribute.name().equals(Ops.AXIS));
        return new Activation(definition, attributes, hasAxis || !choosable);
    }

    /** Applies the op to an output. The slope of {@code prelu} is a parameter, a scalar that is 0.25 at first as in PyTorch. */
    Node apply(LayerScope scope, Node x) {
        Map<String, Object> all = new HashMap<>(attributes);
        if (!hasAxis) {
            all.put(Ops.AXIS, Ops.channelAxis(x.shape()));
        }
        return definition.operands().size() == 1
                ? Ops.call(definition.name(), all, x)
                : Ops.call(definition.name(), all, x, scope.number(definition.operands().getLast(), 0.25));
    }
}
