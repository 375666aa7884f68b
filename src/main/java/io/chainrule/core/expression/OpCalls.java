package io.chainrule.core.expression;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks up the ops of calls and operators and adds their nodes, or reports what is wrong with them. */
record OpCalls(SyntaxTree tree, Scope scope, NodeWriter writer, Problems problems) {

    /** Returns the op of this name, which may be a path as in {@code np.exp}. If there is none, reports that and returns null. */
    @Nullable
    OpDefinition find(int token, String name) {
        OpDefinition definition = OpCatalogue.find(name);
        if (definition == null) {
            problems.add(() -> tree.tokens().problem(ProblemCode.UNKNOWN_OP, token, "there is no op '" + name + "'").hint(hint(name)));
        }
        return definition;
    }

    void attribute(Call call, int token, String name, Object value) {
        if (call.name(name, token)) {
            call.attributes.put(name, value);
        } else {
            problems.add(
                    tree.tokens().problem(ProblemCode.BAD_ATTRIBUTE, token, "attribute '" + name + "' is given twice").attribute(name));
        }
    }

    /** Adds the node of an op that has its own syntax, such as an operator. */
    int apply(String op, int token, int... operands) {
        return make(known(op), Map.of(), token, Map.of(), operands);
    }

    int index(List<Object> items, int token, int indexed) {
        return items.contains(Constants.UNKNOWN) ? NodeWriter.BROKEN : make(known("index"), Map.of("at", items), token, Map.of(), indexed);
    }

    private static OpDefinition known(String name) {
        return Objects.requireNonNull(OpCatalogue.find(name), name);
    }

    /** Adds the node of a call whose arguments have been evaluated. */
    int finish(Call call, int[] operands) {
        return call.op == null || call.attributes.containsValue(Constants.UNKNOWN)
                ? NodeWriter.BROKEN
                : make(call.op, call.attributes, call.token, call.names, operands);
    }

    private int make(OpDefinition definition, Map<String, Object> attributes, int token, Map<Object, Integer> names, int... operands) {
        try {
            return writer.operation(definition.create(attributes, operands.length), token, operands);
        } catch (ProblemException e) {
            for (Problem problem : e.problems()) {
                int place = problem.attribute() == null ? token : names.getOrDefault(problem.attribute(), token);
                problems.add(placed(problem, definition, place));
            }
            return NodeWriter.BROKEN;
        }
    }

    private Problem placed(Problem problem, OpDefinition definition, int token) {
        Problem placed = problem.position(tree.tokens().position(token));
        if (problem.code() == ProblemCode.WRONG_ARITY && !definition.attributes().isEmpty()) {
            return placed.hint("attributes are given by keyword: "
                    + definition.attributes().stream().map(Attribute::name).map(name -> name + "=…").collect(Collectors.joining(", ")));
        } else if (problem.attribute() != null && definition.operands().contains(problem.attribute())) {
            return placed.hint("operands are given by position");
        }
        return placed;
    }

    private @Nullable String hint(String name) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        String first = name.substring(0, Math.max(0, name.indexOf('.')));
        Integer definition = tree.definition(name);
        if (definition != null) {
            return "it is defined further down, at " + tree.tokens().place(definition) + "; define it before it is called";
        } else if (scope.isValue(name)) {
            return "'" + name + "' is a value; to multiply, write " + name + " * (…)";
        } else if (OpCatalogue.find(last) != null) {
            return scope.isValue(first) ? "write " + last + "(" + first + ")" : "write " + last;
        }
        return Nearest.hint(last, Stream.concat(OpCatalogue.names().stream(), tree.definitions().keySet().stream()).toList()).orElse(null);
    }
}
