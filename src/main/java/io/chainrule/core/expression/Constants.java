package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates constant expressions, which must be known before the program runs: values of attributes, indices and bounds of loops. A
 * name in them is a constant such as {@code pi}, a loop variable, or a parameter whose argument is a number.
 */
final class Constants {
    /** The value of a parameter that has no argument yet, or of an expression whose value does not fit, which has been reported already. */
    static final Unspecified UNKNOWN = Unspecified.UNKNOWN;
    /** None of Python: an attribute that is left out, or a new axis in an index. */
    static final Unspecified NONE = Unspecified.NONE;
    static final String ELLIPSIS = "...";
    /**
     * The greatest depth of nested lists. Attributes need at most two levels; the limit is there because the code that checks and
     * prints attributes is recursive.
     */
    static final int MAX_DEPTH = 16;

    private final SyntaxTree tree;
    private final Tokens tokens;
    private final KnownNames names;
    private final Problems problems;
    private final ShapeMembers shapes;

    /** Looks up names whose values are known before the program runs. */
    interface KnownNames {
        /** Returns a number, truth value, text, list, NONE or UNKNOWN; null if the name is not known. May report why it is not. */
        @Nullable
        Object value(String name, int token, ConstantRole role);

        /** Returns the shape of the array that has this name, or null if there is none or its shape is not known. */
        @Nullable
        Shape shape(String name, int token);

        /** Returns the items of the array that has this name, null if it is none. May report that its shape is not known. */
        @Nullable
        Iteration items(String name, int token);

        /** Whether the name has a value, also one that is not known before the program runs. */
        boolean isValue(String name);

        /** Whether values are not known yet, because a definition is being checked. */
        boolean isPaused();

        Problem problem(int token, String message);
    }

    /** In place of a value. */
    enum Unspecified {
        NONE,
        UNKNOWN
    }

    Constants(SyntaxTree tree, KnownNames names, Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.names = names;
        this.problems = problems;
        this.shapes = new ShapeMembers(tree, names, problems);
    }

    /**
     * Returns the values of the expressions in these nodes: {@link Double}, {@link Boolean}, {@link String}, {@link Iteration}, lists of
     * these, NONE or UNKNOWN. Slices are strings like "1:3".
     */
    List<Object> evaluate(int first, int end, ConstantRole usedAs) {
        return new ConstantEvaluation(tree, this, names, problems, usedAs).run(first, end);
    }

    /** Whether values are not known yet, because a definition is being checked. */
    boolean isPaused() {
        return names.isPaused();
    }

    /** What is asked of shapes. */
    ShapeMembers shapes() {
        return shapes;
    }

    /** Returns what the index at a node selects of a list, as part of an expression in this role. */
    Object item(Object list, int index, ConstantRole role) {
        List<Object> at = evaluate(index + 1, tree.extent(index), ConstantRole.INDEX);
        if (list == UNKNOWN || at.contains(UNKNOWN)) {
            return UNKNOWN;
        }
        Object item = list instanceof List<?> items && at.size() == 1 ? shapes.item(items, at.getFirst(), tree.token(index)) : null;
        if (item == null) {
            throw role.refusal(tokens, tree.token(index));
        }
        return item;
    }

    static boolean isWhole(double number) {
        return number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE;
    }

    /** Whether all that stands in these nodes is known before the program runs. */
    boolean isKnown(int first, int end) {
        return isKnown(first, end, false);
    }

    /** Whether a condition in these nodes is known before the program runs. */
    boolean isKnownCondition(int first, int end) {
        return isKnown(first, end, true);
    }

    private boolean isKnown(int first, int end, boolean takesConditions) {
        for (int node = first; node < end; node++) {
            int token = tree.token(node);
            boolean isKnown = switch (tree.kind(node)) {
                case NUMBER, PLUS, MINUS, GROUP, ARGUMENT, ELLIPSIS, ABSENT, SLICE, TEXT, LIST, ITEMS, PRODUCT, INDEX, SUBSCRIPT -> true;
                case INFIX -> tokens.operator(token).precedence() == Precedence.COMPARISON
                        ? takesConditions
                        : tokens.operator(token) != Operator.MATMUL;
                case CHAIN, AND, OR, NOT -> takesConditions;
                case NAME -> {
                    int member = shapes.member(node);
                    boolean isShape = member > 0 && ShapeMembers.isShape(tokens.text(tree.extent(member)));
                    boolean isKnownShape = isShape && shapes.shape(node, member) != null;
                    node = member > 0 ? member : node;
                    String path = member > 0 ? tokens.text(token, tree.extent(member)) : "";
                    yield isShape
                            ? isKnownShape
                            : member > 0
                                    ? Library.constant(path).isPresent() || Library.isNewAxis(path) || isType(path, token)
                                    : isKnown(tokens.text(token), token);
                }
                case CALLEE -> {
                    int call = shapes.call(node);
                    node = call > 0 ? call : node;
                    yield call > 0;
                }
                default -> false;
            };
            if (!isKnown) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether one of these names stands in these nodes, which are known before the program runs; not as an array whose shape is asked for.
     */
    boolean reads(int first, int end, Predicate<String> names) {
        for (int node = first; node < end; node++) {
            int member = tree.kind(node) == Syntax.NAME ? shapes.member(node) : tree.kind(node) == Syntax.CALLEE ? shapes.call(node) : 0;
            if (member == 0 && tree.kind(node) == Syntax.NAME && names.test(tokens.text(tree.token(node)))) {
                return true;
            }
            node = Math.max(node, member);
        }
        return false;
    }

    private boolean isKnown(String name, int token) {
        Object value = names.value(name, token, ConstantRole.ANY);
        return isNone(name) || isType(name, token) || isMain(name) || Names.truth(name).isPresent() || value != null && value != UNKNOWN
                || Names.number(name).isPresent() && !names.isValue(name);
    }

    /** Whether a path, which begins at a token, names a type of numbers and no value. */
    boolean isType(String path, int token) {
        return Library.isType(path) && !names.isValue(tokens.text(token));
    }

    /** Whether the name is that of the module that runs, in {@code if __name__ == "__main__"}. */
    static boolean isMain(String name) {
        return name.equals("__name__");
    }

    /** Whether the name means None, which as an item of an index is a new axis. */
    static boolean isNone(String name) {
        return name.equals("None") || name.equals("newaxis");
    }

    /** Returns the last MEMBER behind a NAME if the two are a constant such as {@code np.pi}; 0 otherwise. */
    int constant(int name) {
        int member = shapes.member(name);
        return member > 0 && Library.constant(tokens.text(tree.token(name), tree.extent(member))).isPresent() ? member : 0;
    }
}
