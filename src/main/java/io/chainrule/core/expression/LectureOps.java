package io.chainrule.core.expression;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operations that are written as in lectures, or as words, some of which mean different ops for scalars, vectors and matrices. */
record LectureOps(Tokens tokens, NodeWriter writer, OpCalls ops, Scope scope, Problems problems) {

    int infix(Operator operator, int token, int left, int right) {
        if (operator == Operator.POWER && tokens.text(token).equals("^") && isTruth(left) && isTruth(right)) {
            writer.remark(token, "'^' is the power; NumPy's exclusive or of truth values is written a != b");
        }
        return operator.op().isEmpty() ? product(token, left, right) : ops.apply(operator.op(), token, left, right);
    }

    /** Adds the product of two operands with {@code ·} or {@code ×} between them. */
    private int product(int token, int left, int right) {
        boolean isDot = tokens.operator(token) == Operator.MIDDLE_DOT;
        Shape a = writer.shape(left);
        Shape b = writer.shape(right);
        if (isScalar(a) || isScalar(b) || isNumber(left) || isNumber(right)) {
            return ops.apply("mul", token, left, right);
        } else if (a == null || b == null) {
            checkMayGuess(token, "'*' or dot(a, b)", left, right);
            return ops.apply("mul", token, left, right);
        } else if (isDot && a.rank() == 1 && b.rank() == 1) {
            return ops.apply("dot", token, left, right);
        }
        throw tokens.syntaxError(token,
                "which product " + tokens.quoted(token) + " means is not clear for operands of shapes " + a + " and " + b)
                .hint("write '*' for the product of each two elements, '@' for the matrix product"
                        + (isDot ? "" : ", cross(a, b) for the cross product"));
    }

    /**
     * Throws if the shape of an operand is not known and the program is to be stored. A stored program is called with any shape, so the op
     * cannot be guessed.
     */
    private void checkMayGuess(int token, String instead, int... operands) {
        // While a definition is checked, its parameters have no shapes yet. Its calls, which have them, are checked later.
        if (!writer.isPaused() && Arrays.stream(operands).anyMatch(writer::isOfAnyShape)) {
            throw new SyntaxException(tokens.problem(ProblemCode.MISSING_INPUT, token, "what " + tokens.quoted(token)
                    + " means here depends on a shape which is not known")
                    .hint("declare the shapes of the inputs, or write " + instead));
        }
    }

    private boolean isNumber(int node) {
        return writer.number(node, true).isPresent();
    }

    private static boolean isScalar(@Nullable Shape shape) {
        return shape != null && shape.isScalar();
    }

    /** Adds the absolute value of what stands between bars. */
    int abs(int token, int operand) {
        Shape shape = writer.shape(operand);
        if (shape != null && shape.rank() == 2 && shape.dim(0) == shape.dim(1)) {
            throw tokens.syntaxError(token, "bars around a square matrix can mean its determinant or its absolute values")
                    .hint("write det(…) or abs(…)");
        }
        return ops.apply("abs", token, operand);
    }

    /** Adds the norm of what stands between double bars. {@code order} is the token of its subscript, or 0. */
    int norm(int token, int order, int operand) {
        if (order == 0) {
            return ops.apply("norm", token, operand);
        }
        Shape shape = writer.shape(operand);
        if (shape == null) {
            checkMayGuess(order, "vector_norm(x, ord=…) or matrix_norm(A, ord=…)", operand);
        }
        boolean isMatrix = shape != null && shape.rank() == 2;
        boolean isKnownLater = operand == NodeWriter.BROKEN || (shape == null && writer.isPaused());
        String text = Characters.lowered(tokens.text(order)).replaceFirst("^_", "");
        Object value = switch (text) {
            case "F" -> isMatrix || isKnownLater ? "fro" : null;
            case "∞", "inf" -> Double.POSITIVE_INFINITY;
            default -> text.matches("\\d{1,3}") ? (Object) Double.valueOf(text) : null;
        };
        if (value == null) {
            throw tokens.syntaxError(order, "the order of a norm is a number, ∞, or F for a matrix, not " + tokens.quoted(order));
        }
        if (isKnownLater) {
            return NodeWriter.BROKEN;
        }
        return ops.make(OpCalls.known(isMatrix ? "matrix_norm" : "vector_norm"), Map.of("ord", value), token, Map.of(), operand);
    }

    /**
     * Adds what a superscript makes of its operand: the transpose, or a power. Behind the brackets of a call, as in {@code sin²(x)}, a
     * negative one is refused, since it can also mean the inverse function.
     */
    int raise(int token, boolean isOfCall, int base) {
        String raised = Characters.raised(tokens.text(token));
        if (raised.equals("T")) {
            return ops.apply("transpose", token, base);
        }
        boolean isNegative = raised.startsWith("-");
        String text = isNegative || raised.startsWith("+") ? raised.substring(1) : raised;
        Shape shape = writer.shape(base);
        if (isNegative && isOfCall) {
            throw tokens.syntaxError(token, "a negative superscript of a function can mean its inverse or 1 over it")
                    .hint("write " + inverse(tokens.text(token - 1)));
        } else if (isNegative && shape != null && shape.rank() >= 2) {
            throw tokens.syntaxError(token, "a negative superscript of a matrix can mean its inverse or that of each element")
                    .hint("write inv(A), or 1 / A for each element");
        }
        return ops.apply("pow", token, base, exponent(token, text, isNegative));
    }

    private static String inverse(String function) {
        String name = OpCatalogue.find("a" + function) != null ? "a" + function : null;
        return (name == null ? "" : name + "(x) for the inverse, or ") + "1 / " + function + "(x)";
    }

    private int exponent(int token, String text, boolean isNegative) {
        int letter = 0;
        while (letter < text.length() && Character.isDigit(text.charAt(letter))) {
            letter++;
        }
        String name = text.substring(letter);
        if (!name.chars().allMatch(Character::isLetter) || text.isEmpty()) {
            throw tokens.syntaxError(token, "the superscript " + tokens.quoted(token) + " is no number, name or product of the two")
                    .hint("write ^(…)");
        } else if (name.isEmpty()) {
            double number = Double.parseDouble(text);
            return writer.literal(isNegative ? -number : number, token);
        }
        int node = scope.number(name).isPresent()
                ? writer.literal(scope.number(name).getAsDouble(), token)
                : scope.read(name, token);
        if (letter > 0) {
            double factor = Double.parseDouble(text.substring(0, letter));
            return ops.apply("mul", token, writer.literal(isNegative ? -factor : factor, token), node);
        }
        return isNegative ? ops.apply("neg", token, node) : node;
    }

    int root(int token, int operand) {
        return ops.apply(tokens.kind(token) == TokenKind.ROOT ? "sqrt" : "cbrt", token, operand);
    }

    /**
     * Adds {@code left and right} or {@code left or right}: for truth values the logical op, else the operand that Python chooses. NumPy's
     * signs {@code &} and {@code |} join truth values alone; of whole numbers they would join the bits.
     */
    int choose(Syntax kind, int token, int left, int right) {
        boolean isAnd = kind == Syntax.AND;
        boolean isSign = tokens.kind(token) != TokenKind.NAME;
        if (isSign && !isTruth(left) && !isTruth(right) && left != NodeWriter.BROKEN && right != NodeWriter.BROKEN) {
            throw noTruth(token, tokens.quoted(token) + " joins truth values, and neither side has them");
        } else if (isSign || isTruth(left) && isTruth(right)) {
            return ops.apply(isAnd ? "logical_and" : "logical_or", token, left, right);
        }
        return conditional(token, left, isAnd ? right : left, isAnd ? left : right);
    }

    /**
     * Adds {@code where} of a condition and two values. Python returns one of the two arrays itself, so the result may share memory with
     * both.
     */
    int conditional(int token, int condition, int value, int otherwise) {
        int node = ops.apply("where", token, condition, value, otherwise);
        scope.memory().join(node, value);
        scope.memory().join(node, otherwise);
        return node;
    }

    /** Adds the conjunction of comparisons that are written as a chain. */
    int chain(int token, int[] comparisons) {
        int all = comparisons[0];
        for (int i = 1; i < comparisons.length; i++) {
            all = ops.apply("logical_and", token, all, comparisons[i]);
        }
        return all;
    }

    int not(int token, int operand) {
        if (tokens.kind(token) == TokenKind.TILDE && !isTruth(operand) && operand != NodeWriter.BROKEN) {
            throw noTruth(token, "'~' is the opposite of truth values, and of whole numbers the opposite bits");
        }
        return ops.apply("logical_not", token, operand);
    }

    private SyntaxException noTruth(int token, String message) {
        String hint = ForeignSigns.of(tokens).hint(token);
        SyntaxException error = tokens.syntaxError(token, message);
        return hint == null ? error : error.hint(hint);
    }

    private boolean isTruth(int node) {
        return node != NodeWriter.BROKEN && OpCatalogue.has(writer.op(node), Trait.TRUTH_VALUE);
    }
}
