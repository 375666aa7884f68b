package io.chainrule.core.expression;

import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The nodes of an assignment to elements. All stand at the bracket of its index, and so do errors. */
record ElementNodes(Tokens tokens, NodeWriter writer, OpCalls ops, Elements.Target target) {
    int make(String op, Map<String, Object> attributes, int... operands) {
        return ops.make(OpCalls.known(op), attributes, target.token(), Map.of(), operands);
    }

    int make(String op, int... operands) {
        return make(op, Map.of(), operands);
    }

    int number(double value) {
        return writer.literal(value, target.token());
    }

    int index(List<Object> items, int array) {
        return ops.index(items, target.token(), array);
    }

    int stretched(int node, Shape shape) {
        return shape(node).equals(shape) ? node : make("broadcast_to", Map.of("shape", lengths(shape)), node);
    }

    int reshaped(int node, Shape shape) {
        return make("reshape", Map.of("shape", lengths(shape)), node);
    }

    /** A node with axes of length 1 behind its own. */
    int behind(int node, int more) {
        List<Double> axes = IntStream.range(-more, 0).mapToObj(axis -> (double) axis).toList();
        return axes.isEmpty() ? node : make("expand_dims", Map.of("axis", axes), node);
    }

    static List<Double> lengths(Shape shape) {
        return IntStream.range(0, shape.rank()).mapToObj(axis -> (double) shape.dim(axis)).toList();
    }

    Shape shape(int node) {
        Shape shape = writer.shape(node);
        if (shape == null) {
            throw unknown();
        }
        return shape;
    }

    /** The error for a shape that is not known: that of the first op whose operands do not fit, or of an input without a shape. */
    private SyntaxException unknown() {
        int first = 0;
        while (writer.shape(first) != null) {
            first++;
        }
        try {
            Op op = writer.op(first);
            int[] operands = writer.operands(first);
            if (operands.length > 0) {
                op.shape(IntStream.of(operands).mapToObj(this::shape).toArray(Shape[]::new));
            }
        } catch (ShapeException e) {
            return new SyntaxException(
                    writer.problem(ProblemCode.SHAPE_MISMATCH, writer.token(first), writer.op(first).name() + ": " + e.getMessage())
                            .expected(e.expected(), e.actual()));
        }
        return tokens.syntaxError(target.token(), "the shape of what is assigned is not known before the program runs")
                .hint("give the values of the inputs, or their shapes");
    }

    /** The shape of the elements of an array at numbers and slices. */
    Shape place(int array, List<Object> items) {
        try {
            return OpCalls.known("index").create(Map.of("at", items), 1).shape(shape(array));
        } catch (ShapeException e) {
            throw new SyntaxException(writer.problem(ProblemCode.BAD_ATTRIBUTE, target.token(), "index: " + e.getMessage())
                    .expected(e.expected(), e.actual()));
        } catch (ProblemException e) {
            throw new SyntaxException(e.problems().getFirst().position(tokens.position(target.token())));
        }
    }

    /** The value without axes of length 1 that are too many; refused if it does not broadcast to the elements. */
    int fitting(int value, Shape part) {
        Shape given = shape(value);
        int more = Math.max(0, given.rank() - part.rank());
        Shape kept = given.sub(more, given.rank());
        if (given.sub(0, more).length() != 1 || !kept.broadcastsTo(part)) {
            int close = new Operands(tokens).closing(target.token());
            throw misfit("a value of shape " + given + " does not broadcast to " + tokens.text(target.name(), close) + " of shape " + part,
                    part, given);
        }
        return more == 0 ? value : reshaped(value, kept);
    }

    String name() {
        return tokens.text(target.name());
    }

    SyntaxException misfit(String message, Shape expected, Shape actual) {
        return new SyntaxException(writer.problem(ProblemCode.SHAPE_MISMATCH, target.token(), message)
                .expected(expected.toString(), actual.toString()));
    }
}
