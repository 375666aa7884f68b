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
        switch (tokens.text(name)) {
            case "T" -> operands.push(ops.apply("transpose", dot, operands.pop()));
            case "mT" ->
                operands.push(ops.make(OpCalls.known("swapaxes"), Map.of("axis1", -2.0, "axis2", -1.0), dot, Map.of(), operands.pop()));
            case "data" -> operands.push(ops.apply("stop_gradient", dot, operands.pop()));
            case "ndim", "size", "shape" -> {
                return shape(name, next, end);
            }
            case "values", "real" -> {
                // They are the array itself.
            }
            default -> throw unknown(name);
        }
        return next;
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

    /** Adds the number that {@code len(x)}, {@code x.size(0)}, {@code x.dim()} or {@code x.numel()} is. */
    int length(Call call, int[] arguments) {
        String name = tokens.text(call.token);
        if (arguments.length != 1) {
            throw tokens.syntaxError(call.token, name + " takes one array");
        } else if (arguments[0] == NodeWriter.BROKEN) {
            return NodeWriter.BROKEN;
        }
        Object value = constants.shapes().of(writer.shape(arguments[0]), call.token, ShapeMembers.memberOf(name));
        if (value instanceof List<?> list) {
            Object position = call.arguments.size() > 1 ? call.arguments.get(1).value() : name.equals("len") ? (Object) 0.0 : null;
            value = position == null ? value : constants.shapes().item(list, position, call.token);
        }
        if (value == null) {
            throw ConstantRole.ANY.refusal(tokens, call.token);
        }
        return number(value, call.token);
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
        if (library != null && library.has(text)) {
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
