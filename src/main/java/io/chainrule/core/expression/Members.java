package io.chainrule.core.expression;

import io.chainrule.core.graph.MissingInput;
import io.chainrule.core.op.OpCatalogue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Evaluates members of operands, such as {@code .T}, and the numbers that their shapes consist of. */
record Members(SyntaxTree tree, Tokens tokens, NodeWriter writer, OpCalls ops, Constants constants, IntList operands) {
    /** Applies a member to the operand on top of the stack. Returns the next node: {@code next}, or the one behind an index of a shape. */
    int apply(int dot, int name, int next, int end) {
        if (ShapeMembers.isShape(tokens.text(name))) {
            return shape(name, next, end);
        }
        operands.push(of(dot, name, operands.pop()));
        return next;
    }

    /** Returns the member of an array that is an array. */
    int of(int dot, int name, int operand) {
        return switch (tokens.text(name)) {
            case "T" -> ops.apply("transpose", dot, operand);
            case "mT" -> ops.make(OpCalls.known("swapaxes"), Map.of("axis1", -2.0, "axis2", -1.0), dot, Map.of(), operand);
            case "data" -> ops.apply("stop_gradient", dot, operand);
            case "values", "real" -> operand;
            default -> throw unknown(name);
        };
    }

    /** Replaces an array by its rank or size, or by the number that an index selects of its shape. */
    private int shape(int name, int next, int end) {
        int operand = operands.pop();
        boolean isIndexed = next < end && tree.kind(next) == Syntax.INDEX && tree.extent(next) > 0;
        if (operand == NodeWriter.BROKEN) {
            operands.push(operand);
            return isIndexed ? tree.extent(next) + 1 : next;
        }
        Object value = constants.shapes().of(writer.shape(operand), name, tokens.text(name));
        boolean takesIndex = isIndexed && value instanceof List<?>;
        operands.push(number(takesIndex ? constants.item(value, next, ConstantRole.INDEX) : value, name));
        return takesIndex ? tree.extent(next) + 1 : next;
    }

    /** Adds the number that {@code len(x)}, {@code np.size(x)}, {@code x.size(0)} or the like is. */
    int length(Call call, Call.Callee.Length length, int[] arguments, int next, int end) {
        Call.Argument axis = call.arguments.size() == 2 ? call.arguments.getLast() : null;
        boolean isAxis = axis == null || axis.name() == null || axis.name().equals("dim") || axis.name().equals("axis");
        if (arguments.length != 1 || call.arguments.size() > 2 || !isAxis) {
            throw tokens.syntaxError(call.token, length.name() + " takes one array");
        } else if (arguments[0] == NodeWriter.BROKEN) {
            return NodeWriter.BROKEN;
        }
        String member = axis == null ? ShapeMembers.memberOf(length.name(), length.isMethod()) : "shape";
        Object value = constants.shapes().of(writer.shape(arguments[0]), call.token, member);
        if (value instanceof List<?> list) {
            boolean isItem = isItem(call, length, next, end);
            Object position = isItem ? null : axis != null ? axis.value() : length.name().equals(ShapeMembers.LEN) ? (Object) 0.0 : null;
            value = isItem
                    ? constants.item(list, next, ConstantRole.INDEX)
                    : position == null ? value : constants.shapes().item(list, position, call.token);
        }
        if (value == null) {
            throw ConstantRole.ANY.refusal(tokens, call.token);
        }
        return number(value, call.token);
    }

    /** Whether an index behind a call selects a length of the shape that it answers. */
    boolean isItem(Call call, Call.Callee.Length length, int next, int end) {
        boolean isShape = call.arguments.size() < 2 && !length.name().equals(ShapeMembers.LEN)
                && ShapeMembers.memberOf(length.name(), length.isMethod()).equals("shape");
        return isShape && next < end && tree.kind(next) == Syntax.INDEX && tree.extent(next) > 0;
    }

    /** Returns the literal that a known value is; BROKEN if it is not known because of a mistake. Refuses a shape. */
    private int number(Object value, int token) {
        if (value instanceof List<?>) {
            throw severalNumbers(token);
        }
        return value instanceof Double number ? writer.literal(number, token) : NodeWriter.BROKEN;
    }

    /** The error for a shape where one value is needed. */
    private SyntaxException severalNumbers(int token) {
        return tokens.syntaxError(token, "a shape is several numbers; it stands where a shape is given, as in zeros(x.shape)")
                .hint("write x.shape[0] for one of them, len(x) for the first");
    }

    /** The error for a member that arrays do not have. */
    SyntaxException unknown(int name) {
        String text = tokens.text(name);
        String write = OpCatalogue.find(text) != null || Library.methods().has(text)
                ? text + "()"
                : Names.constant(text).isPresent() ? text : null;
        String path = new Operands(tokens).before(name);
        int dot = path.lastIndexOf('.');
        Library library = dot < 0 ? null : Library.of(path.substring(0, dot));
        if (library != null && library.has(text) && library.forms(text).isEmpty()) {
            return tokens.syntaxError(name, path + " is not offered here").hint(String.valueOf(library.refusal(text)));
        } else if (library != null && library.has(text)) {
            return tokens.syntaxError(name, tokens.quoted(name) + " is a function, which has no value without arguments")
                    .hint("write " + path + "(…)");
        }
        Optional<String> constant = MissingInput.constant(text);
        String hint = constant.isPresent() && write == null
                ? "write " + constant.get()
                : text.equals("grad")
                        ? "gradients are in the answer of /v1/gradient, for every node"
                        : write == null ? ".T is the transpose; .shape, .size and .ndim are known numbers" : "write " + write;
        return tokens.syntaxError(name, tokens.quoted(name) + " means nothing after '.'").expected("'T'", tokens.quoted(name)).hint(hint);
    }
}
