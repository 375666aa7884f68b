package io.chainrule.core.expression;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the op of a call and makes it, or says what is wrong with it. */
final class CallReader {
    private final Tokens tokens;
    private final Cursor cursor;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    private final AttributeReader attributes;
    private final OpFactory ops = new OpFactory();
    private final Functions functions;

    CallReader(Tokens tokens, Cursor cursor, Scope scope, NodeWriter writer, Problems problems, Functions functions) {
        this.tokens = tokens;
        this.cursor = cursor;
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
        this.functions = functions;
        this.attributes = new AttributeReader(tokens, cursor, scope);
    }

    /** Begins the call of an op by its name, which may be a path as in {@code np.exp}. */
    Frame.Call begin(int token, String name, int base) {
        OpDefinition definition = OpCatalogue.find(name);
        if (definition == null) {
            problems.add(() -> tokens.problem(ProblemCode.UNKNOWN_OP, token, "there is no op '" + name + "'").hint(hint(name)));
        }
        return new Frame.Call(token, definition, base, new LinkedHashMap<>(), new HashMap<>());
    }

    /** Reads {@code name=value}. */
    void attribute(Frame.Call call) {
        int token = cursor.at();
        String name = tokens.text(token);
        cursor.advance();
        cursor.advance();
        Object value = attributes.read(name);
        if (call.attributeTokens().putIfAbsent(name, token) == null) {
            call.attributes().put(name, value);
        } else {
            problems.add(tokens.problem(ProblemCode.BAD_ATTRIBUTE, token, "attribute '" + name + "' is given twice").attribute(name));
        }
    }

    /** The node of an op that the language itself knows. */
    int apply(String op, Map<String, Object> attributes, int token, int... operands) {
        return finish(new Frame.Call(token, Objects.requireNonNull(OpCatalogue.find(op), op), 0, attributes, Map.of()), operands);
    }

    /** The node of a call that has been read. */
    int finish(Frame.Call call, int[] operands) {
        OpDefinition definition = call.op();
        if (definition == null) {
            return NodeWriter.BROKEN;
        }
        try {
            Op op = ops.create(definition, call.attributes(), operands.length);
            return writer.operation(op, call.token(), operands);
        } catch (ProblemException e) {
            e.problems().forEach(problem -> problems.add(placed(problem, call, definition)));
            return NodeWriter.BROKEN;
        }
    }

    private Problem placed(Problem problem, Frame.Call call, OpDefinition definition) {
        String attribute = problem.attribute();
        int token = attribute == null ? call.token() : call.attributeTokens().getOrDefault(attribute, call.token());
        Problem placed = problem.position(tokens.position(token));
        if (problem.code() == ProblemCode.WRONG_ARITY && !definition.attributes().isEmpty()) {
            return placed.hint("attributes are given by keyword: "
                    + definition.attributes().stream().map(Attribute::name).map(name -> name + "=…").collect(Collectors.joining(", ")));
        } else if (attribute != null && definition.operands().contains(attribute)) {
            return placed.hint("operands are given by position");
        }
        return placed;
    }

    private @Nullable String hint(String name) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        String first = name.substring(0, Math.max(0, name.indexOf('.')));
        Integer definition = functions.announced(name);
        if (definition != null) {
            return "it is defined further down, at " + tokens.place(definition) + "; define it before it is called";
        } else if (scope.isValue(name)) {
            return "'" + name + "' is a value; to multiply, write " + name + " * (…)";
        } else if (OpCatalogue.find(last) != null) {
            return scope.isValue(first) ? "write " + last + "(" + first + ")" : "write " + last;
        }
        return Nearest.hint(last, Stream.concat(OpCatalogue.names().stream(), functions.names().stream()).toList()).orElse(null);
    }
}
