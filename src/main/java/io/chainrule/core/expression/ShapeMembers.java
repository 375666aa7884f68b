package io.chainrule.core.expression;

import static io.chainrule.core.expression.Constants.UNKNOWN;

import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a text asks of shapes: {@code x.shape}, {@code x.ndim}, {@code len(x)}, {@code x.size(0)} and the like. They are numbers and
 * lists of numbers, which are known before the program runs if the shape is.
 */
final class ShapeMembers {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Constants.KnownNames names;
    private final Problems problems;

    ShapeMembers(SyntaxTree tree, Constants.KnownNames names, Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.names = names;
        this.problems = problems;
    }

    /** Whether it is the name of a member that depends on the shape alone. */
    static boolean isShape(String member) {
        return member.equals("shape") || member.equals("ndim") || member.equals("size");
    }

    /** Returns the last MEMBER of those that follow a NAME directly; 0 if there is none. */
    int member(int name) {
        int member = 0;
        while (name + 1 < tree.size() && tree.kind(name + 1) == Syntax.MEMBER
                && tree.token(name + 1) == (member == 0 ? tree.token(name) + 1 : tree.extent(member) + 1)) {
            member = ++name;
        }
        return member;
    }

    /**
     * Returns the CALL of {@code len(x)}, {@code x.size(0)}, {@code x.dim()} or {@code x.numel()} that a CALLEE begins, where x is a name;
     * 0 if it begins another call.
     */
    int call(int callee) {
        int first = tree.token(callee);
        int last = tree.extent(callee);
        boolean isLength = first == last && tokens.text(first).equals("len") && isNode(callee + 1, Syntax.ARGUMENT)
                && isNode(callee + 2, Syntax.NAME) && isNode(callee + 3, Syntax.CALL);
        if (isLength) {
            return isArray(tree.token(callee + 2)) ? callee + 3 : 0;
        }
        boolean isMethod = last == first + 2 && isMethod(tokens.text(last)) && isArray(first);
        if (!isMethod) {
            return 0;
        } else if (isNode(callee + 1, Syntax.CALL)) {
            return callee + 1;
        }
        int call = isNode(callee + 3, Syntax.MINUS) ? callee + 4 : callee + 3;
        return isNode(callee + 1, Syntax.ARGUMENT) && isNode(callee + 2, Syntax.NUMBER) && isNode(call, Syntax.CALL) ? call : 0;
    }

    /** Whether a name has a shape, or may have one while a definition is checked. */
    private boolean isArray(int name) {
        return names.isPaused() || names.shape(tokens.text(name), name) != null;
    }

    private boolean isNode(int node, Syntax kind) {
        return node < tree.size() && tree.kind(node) == kind;
    }

    /** Whether it is the name of a method that depends on the shape alone. */
    static boolean isMethod(String name) {
        return name.equals("size") || name.equals("dim") || name.equals("numel");
    }

    /** Returns the member from which the value of {@code len} or of a method is read. */
    static String memberOf(String method) {
        return switch (method) {
            case "dim" -> "ndim";
            case "numel" -> "size";
            default -> "shape";
        };
    }

    /** Returns the value of a call of which this is the {@link #call}: a number, a list of numbers, or UNKNOWN. */
    Object value(int callee, int call) {
        int first = tree.token(callee);
        int last = tree.extent(callee);
        boolean isLength = first == last;
        int name = isLength ? tree.token(callee + 2) : first;
        Object value = of(names.shape(tokens.text(name), name), name, memberOf(tokens.text(last)));
        if (!(value instanceof List<?> dims) || !isLength && call == callee + 1) {
            return value;
        }
        int position = isLength ? 0 : (int) tokens.number(tree.token(callee + 2));
        return axis(dims, call == callee + 4 ? -position : position, first);
    }

    /** Returns the member {@code ndim}, {@code size} or {@code shape} of an array of this shape; if that is null, reports it. */
    Object of(@Nullable Shape shape, int token, String member) {
        if (shape == null) {
            if (!names.isPaused()) {
                problems.add(names.problem(token, "the shape at " + tokens.quoted(token) + " is not known before the program runs")
                        .hint("give the values of the inputs, or their shapes"));
            }
            return UNKNOWN;
        }
        return switch (member) {
            case "ndim" -> (double) shape.rank();
            case "size" -> (double) shape.size();
            default -> shape.toList().stream().map(dim -> (Object) (double) dim).toList();
        };
    }

    /** Returns what an index selects of a list: an item, a list of some, or UNKNOWN; null if it is no index of a list. */
    @Nullable
    Object item(List<?> items, Object at, int token) {
        if (at instanceof String slice && slice.matches("-?\\d*:-?\\d*")) {
            String[] bounds = slice.split(":", -1);
            int start = bound(bounds[0], 0, items.size());
            int stop = bound(bounds[1], items.size(), items.size());
            return List.copyOf(items.subList(start, Math.max(start, stop)));
        }
        return at instanceof Double number ? axis(items, number.intValue(), token) : null;
    }

    private Object axis(List<?> items, int index, int token) {
        int position = index < 0 ? index + items.size() : index;
        if (position < 0 || position >= items.size()) {
            problems.add(names.problem(token, "index " + index + " is out of range; there are " + items.size() + " axes"));
            return UNKNOWN;
        }
        return items.get(position);
    }

    private static int bound(String text, int absent, int size) {
        int bound = text.isEmpty() ? absent : Integer.parseInt(text);
        return Math.clamp(bound < 0 ? bound + size : bound, 0, size);
    }
}
