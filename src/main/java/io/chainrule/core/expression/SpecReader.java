package io.chainrule.core.expression;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Creates the op of a node in a list of nodes, or reports what is wrong with its op and attributes. */
record SpecReader(Problems problems) {
    private static final String INPUT = "input";
    private static final String CONSTANT = "constant";
    private static final String SHAPE = "shape";
    private static final String VALUE = "value";

    static boolean isInput(NodeSpec spec) {
        return INPUT.equals(spec.op());
    }

    /** Whether this is an op, also that of an input or a constant. An op hides a model of its name. */
    static boolean isOp(String name) {
        return name.equals(INPUT) || name.equals(CONSTANT) || OpCatalogue.find(name) != null;
    }

    /** Reports what is wrong with the call of a model. */
    void checkCall(int position, NodeSpec spec, List<String> parameters) {
        String wanted = parameters.size() + (parameters.size() == 1 ? " argument" : " arguments")
                + (parameters.isEmpty() ? "" : " (" + String.join(", ", parameters) + ")");
        if (spec.inputs().size() != parameters.size()) {
            problems.add(problem(ProblemCode.WRONG_ARITY, "model " + spec.op() + " takes " + wanted + ", not " + spec.inputs().size(),
                    position, spec, "inputs").expected(wanted, String.valueOf(spec.inputs().size())));
        }
        spec.attributes().keySet().forEach(name -> report(ProblemCode.BAD_ATTRIBUTE, "a call of a model has no attribute '" + name + "'",
                position, spec, "attributes", name));
    }

    /** Returns the op of the node at this position. If it cannot be created, reports why and returns null. */
    @Nullable
    Op op(int position, NodeSpec spec) {
        String name = spec.op();
        if (name == null) {
            report(ProblemCode.UNKNOWN_OP, "the node has no op", position, spec, "op");
            return null;
        }
        return switch (name) {
            case INPUT -> input(position, spec);
            case CONSTANT -> constant(position, spec);
            default -> operation(position, spec, name);
        };
    }

    private @Nullable Op operation(int position, NodeSpec spec, String name) {
        OpDefinition definition = OpCatalogue.find(name);
        if (definition == null) {
            problems.add(() -> problem(ProblemCode.UNKNOWN_OP, "there is no op '" + name + "'", position, spec, "op").model(name)
                    .hint(Nearest.hint(name, OpCatalogue.names())
                            .orElse(name.contains(":") || name.contains("@")
                                    ? "if a model is meant, it has no such version or alias, or there is no such model: GET /v1/models lists them"
                                    : "GET /v1/ops lists the ops, and GET /v1/models the models, which are called as ops are")));
            return null;
        }
        for (Map.Entry<String, Object> attribute : spec.attributes().entrySet()) {
            if (isDeeperThan(Constants.MAX_DEPTH, attribute.getValue())) {
                report(ProblemCode.BAD_ATTRIBUTE, "attribute '" + attribute.getKey() + "' is nested too deep", position, spec, "attributes",
                        attribute.getKey());
                return null;
            }
        }
        try {
            return definition.create(spec.attributes(), spec.inputs().size());
        } catch (ProblemException e) {
            for (Problem problem : e.problems()) {
                Place node = Place.OfNode.at(position);
                problems.add(problem.node(spec.id())
                        .at(problem.attribute() == null ? node.part("inputs") : node.part("attributes").part(problem.attribute())));
            }
            return null;
        }
    }

    private @Nullable Op input(int position, NodeSpec spec) {
        if (!isLeaf(position, spec, SHAPE)) {
            return null;
        }
        Object shape = spec.attributes().get(SHAPE);
        if (shape == null) {
            return new Leaf.Input(id(spec), null);
        } else if (shape instanceof List<?> list && list.stream().allMatch(SpecReader::isLength)) {
            return new Leaf.Input(id(spec), Shape.of(list.stream().map(length -> ((Number) length).intValue()).toList()));
        }
        report(ProblemCode.BAD_ATTRIBUTE, "a shape is a list of whole numbers, 0 or more each", position, spec, SHAPE);
        return null;
    }

    private @Nullable Op constant(int position, NodeSpec spec) {
        if (!isLeaf(position, spec, VALUE)) {
            return null;
        } else if (spec.attributes().get(VALUE) instanceof Tensor value) {
            return new Leaf.Constant(value);
        }
        report(ProblemCode.BAD_ATTRIBUTE, "a constant needs a value", position, spec, VALUE);
        return null;
    }

    private boolean isLeaf(int position, NodeSpec spec, String attribute) {
        boolean isLeaf = true;
        if (!spec.inputs().isEmpty()) {
            report(ProblemCode.WRONG_ARITY, "op '" + spec.op() + "' takes no operands, not " + spec.inputs().size(), position, spec,
                    "inputs");
            isLeaf = false;
        }
        for (String name : spec.attributes().keySet()) {
            if (!name.equals(attribute)) {
                report(ProblemCode.BAD_ATTRIBUTE, "op '" + spec.op() + "' has no attribute '" + name + "'", position, spec, "attributes",
                        name);
                isLeaf = false;
            }
        }
        return isLeaf;
    }

    private void report(ProblemCode code, String message, int position, NodeSpec spec, String... path) {
        problems.add(problem(code, message, position, spec, path));
    }

    static Problem problem(ProblemCode code, String message, int position, NodeSpec spec, String... path) {
        return Problem.of(code, message).node(spec.id()).at(new Place.OfNode(position, List.of(path)));
    }

    private static String id(NodeSpec spec) {
        return spec.id() == null ? "" : spec.id();
    }

    private static boolean isLength(Object value) {
        return value instanceof Number number && number.intValue() >= 0 && number.doubleValue() == number.intValue();
    }

    private static boolean isDeeperThan(int depth, Object value) {
        return value instanceof List<?> list && (depth == 0 || list.stream().anyMatch(item -> isDeeperThan(depth - 1, item)));
    }
}
