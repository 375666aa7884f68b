package io.chainrule.core.expression;

import io.chainrule.core.tensor.Shape;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** The values that one expression has for several names, as in {@code n, d = X.shape}. */
record UnpackedValues(Constants constants, NodeWriter writer, ExpressionEvaluator expressions) {
    /** Returns the results of a call that has several, or the items of an array of this length; the value alone if it is neither. */
    List<Integer> parts(int value, int count, int token) {
        int[] results = expressions.takeResults();
        Shape shape = writer.shape(value);
        if (results != null) {
            return IntStream.of(results).boxed().toList();
        } else if (value == NodeWriter.BROKEN) {
            return Collections.nCopies(count, NodeWriter.BROKEN);
        } else if (shape == null || shape.isScalar() || shape.dim(0) != count) {
            return List.of(value);
        }
        return IntStream.range(0, count).mapToObj(i -> expressions.ops().index(List.of((double) i), token, value)).toList();
    }

    /** Whether an expression is known before the program runs. */
    boolean isKnown(Statement.Expression expression) {
        return expression.problem() == null && constants.isKnown(expression.first(), expression.end());
    }

    /** Adds the numbers of a list that is known, such as a shape. */
    void addKnown(Statement.Expression expression, int token, List<Integer> values) {
        Object known = constants.evaluate(expression.first(), expression.end(), ConstantRole.ANY).getFirst();
        for (Object item : known instanceof List<?> list ? list : List.of(known)) {
            values.add(item instanceof Double number ? writer.literal(number, token) : NodeWriter.BROKEN);
        }
    }
}
