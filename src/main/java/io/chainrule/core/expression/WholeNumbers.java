package io.chainrule.core.expression;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Evaluates the whole numbers that must be known at once. A name in them is a loop's variable, or a parameter that was given a number. */
final class WholeNumbers {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final TreeWalk walk;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    private final Deque<Long> values = new ArrayDeque<>();
    private boolean isKnown;

    WholeNumbers(SyntaxTree tree, TreeWalk walk, Scope scope, NodeWriter writer, Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.walk = walk;
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
    }

    /**
     * The items of an index whose nodes are next, up to its end: numbers ({@link Double}) and texts like "1:3". Null where a
     * number in them is not known.
     */
    @Nullable
    List<Object> items() {
        List<Object> items = new ArrayList<>();
        boolean areKnown = true;
        while (!walk.isAtEnd() && !walk.isAt(Syntax.SUBSCRIPT)) {
            if (walk.isAt(Syntax.ELLIPSIS)) {
                walk.next();
                items.add("...");
            } else if (walk.isAt(Syntax.SLICE)) {
                items.add(slice(tree.extent(walk.next()), items));
            } else {
                int token = tree.token(walk.at());
                OptionalLong number = read(WholeNumberSyntax.INDEX, WholeNumberSyntax.IN_INDEX);
                areKnown &= number.isPresent();
                if (Math.abs(number.orElse(0)) > Integer.MAX_VALUE) {
                    throw tokens.syntaxError(token, "the index " + number.orElse(0) + " is too large");
                }
                items.add((double) number.orElse(0));
            }
        }
        return areKnown ? items : null;
    }

    /** Takes the bounds that a slice has off the items. */
    private static String slice(int bounds, List<Object> items) {
        String step = (bounds & 4) == 0 ? "" : ":" + bound(items);
        String stop = (bounds & 2) == 0 ? "" : bound(items);
        String start = (bounds & 1) == 0 ? "" : bound(items);
        return start + ":" + stop + step;
    }

    private static String bound(List<Object> items) {
        return Long.toString(((Double) items.removeLast()).longValue());
    }

    /**
     * The number that begins with the next node. Empty where a parameter has no value yet, or one that does not fit, which has
     * been reported. Messages are like "{@code role} is {@code wanted}, not ...".
     */
    OptionalLong read(String role, String wanted) {
        values.clear();
        isKnown = true;
        int first = tree.token(walk.next());
        while (!walk.isAtEnd()) {
            int token = tree.token(walk.at());
            switch (tree.kind(walk.at())) {
                case NUMBER -> values.push((long) tokens.number(token));
                case NAME -> values.push(fixed(token, role, wanted));
                case PLUS, GROUP -> {
                    // The operand is the value.
                }
                case MINUS -> values.push(-values.pop());
                case INFIX -> {
                    long right = values.pop();
                    values.push(result(tokens.operator(token), values.pop(), right, first));
                }
                default -> {
                    return value();
                }
            }
            walk.next();
        }
        return value();
    }

    private OptionalLong value() {
        return isKnown && !values.isEmpty() ? OptionalLong.of(values.pop()) : OptionalLong.empty();
    }

    private long fixed(int token, String role, String wanted) {
        String name = tokens.text(token);
        if (!scope.isFixed(name)) {
            String quoted = tokens.quoted(token);
            throw tokens.syntaxError(token, role + " is " + wanted + ", not " + quoted).expected(wanted, quoted);
        }
        int node = scope.read(name, token);
        OptionalDouble number = scope.fixed(name);
        if (number.isPresent() && number.getAsDouble() == Math.rint(number.getAsDouble())
                && Math.abs(number.getAsDouble()) <= Integer.MAX_VALUE) {
            return (long) number.getAsDouble();
        }
        isKnown = false;
        if (node != NodeWriter.BROKEN) {
            problems.add(
                    writer.problem(ProblemCode.SYNTAX_ERROR, token, role + " is a whole number, and " + tokens.quoted(token) + " is none"));
        }
        return 0;
    }

    private long result(Operator operator, long left, long right, int first) {
        try {
            return switch (operator) {
                case PLUS -> Math.addExact(left, right);
                case MINUS -> Math.subtractExact(left, right);
                case TIMES -> Math.multiplyExact(left, right);
                case FLOOR_DIVIDE -> isKnown ? Math.floorDiv(left, right) : 0;
                case REMAINDER -> isKnown ? Math.floorMod(left, right) : 0;
                default -> throw new IllegalStateException("no whole number: " + operator);
            };
        } catch (ArithmeticException _) {
            isKnown = false;
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, first, "this number is too large, or divided by 0"));
            return 0;
        }
    }
}
