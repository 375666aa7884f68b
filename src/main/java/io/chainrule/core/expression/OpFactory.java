package io.chainrule.core.expression;

import io.chainrule.core.graph.Op;
import io.chainrule.core.op.OpDefinition;
import java.util.HashMap;
import java.util.Map;

/** Makes ops; those without attributes are made once and shared by all nodes that need them. */
final class OpFactory {
    private final Map<Plain, Op> plain = new HashMap<>();

    private record Plain(OpDefinition definition, int operands) {}

    /** As {@link OpDefinition#create}. */
    Op create(OpDefinition definition, Map<String, ?> attributes, int operands) {
        return attributes.isEmpty()
                ? plain.computeIfAbsent(new Plain(definition, operands), key -> key.definition.create(Map.of(), key.operands))
                : definition.create(attributes, operands);
    }
}
