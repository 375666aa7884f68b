package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.Attributes;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Finds and creates ops of the catalogue by their names. */
final class Ops {
    static final String AXIS = "axis";

    private Ops() {}

    static OpDefinition find(String name) {
        return Objects.requireNonNull(OpCatalogue.find(name), name);
    }

    /** Returns an attribute of an op, for a layer that has it as an option. */
    static Attribute attribute(String op, String name) {
        return find(op).attributes().stream().filter(attribute -> attribute.name().equals(name)).findFirst().orElseThrow();
    }

    /** Returns the attributes of an op as options in a network. If the axis is left out there, it is that of the channels. */
    static List<Attribute> options(OpDefinition op) {
        return op.attributes().stream().map(attribute -> attribute.name().equals(AXIS)
                ? Attribute.optional(AXIS, attribute.type(), null,
                        attribute.description() + "; that of the channels if left out: 1 of images, else the last")
                : attribute).toList();
    }

    static Op make(String name, Map<String, ?> attributes, int operands) {
        return find(name).create(attributes, operands);
    }

    /** Creates an op, whose attributes are taken from the options of the same names. */
    static Op make(String name, Attributes options, int operands) {
        return make(name, shared(find(name), options), operands);
    }

    /** The given options that an op has as attributes. */
    static Map<String, Object> shared(OpDefinition definition, Attributes options) {
        Map<String, Object> shared = new HashMap<>(options.written());
        shared.keySet().retainAll(definition.attributes().stream().map(Attribute::name).toList());
        return shared;
    }

    static Node call(String name, Node... operands) {
        return call(name, Map.of(), operands);
    }

    static Node call(String name, Map<String, ?> attributes, Node... operands) {
        return operands[0].graph().add(make(name, attributes, operands.length), operands);
    }

    static Node reshape(Node x, int... dims) {
        return call("reshape", Map.of("shape", Shape.of(dims).toList()), x);
    }

    static Node transpose(Node x, Integer... axes) {
        return call("transpose", Map.of("axes", List.of(axes)), x);
    }

    /** Part of an array, as {@code x[...]} in an expression. */
    static Node index(Node x, Object... at) {
        return call("index", Map.of("at", List.of(at)), x);
    }

    /** The axis of features: 1 of images [batch, channels, height, width], else the last. */
    static int channelAxis(Shape shape) {
        return shape.rank() == 4 ? 1 : shape.rank() - 1;
    }
}
