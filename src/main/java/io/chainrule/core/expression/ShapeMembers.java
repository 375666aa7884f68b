package io.chainrule.core.expression;

import static io.chainrule.core.expression.Constants.UNKNOWN;

import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a text asks of shapes: {@code x.shape}, {@code x.ndim}, {@code len(x)}, {@code x.size(0)} and the like. They are numbers and
 * lists of numbers, which are known before the program runs if the shape is.
 */
final class ShapeMembers {
    static final String LEN = "len";
    private static final Set<String> ARRAY_LIBRARIES = Set.of("np", "numpy", "jnp", "jax.numpy", "torch");

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

    /** Whether the members of a NAME through the last of them are transposes of an array, and then what depends on their shape. */
    boolean isOfArray(int name, int last) {
        for (int member = name + 1; member < last; member++) {
            if (!tokens.is(tree.extent(member), "T")) {
                return false;
            }
        }
        return true;
    }

    /** Returns the shape of a NAME, transposed by the members before the last; null if it is not known. */
    @Nullable
    Shape shape(int name, int last) {
        int token = tree.token(name);
        Shape shape = isOfArray(name, last) ? names.shape(tokens.text(token), token) : null;
        return shape == null || (last - name) % 2 == 1 ? shape : Shape.of(shape.toList().reversed());
    }

    /**
     * Returns the CALL of {@code len(x)}, {@code np.size(x)}, {@code x.size(0)} or the like that a CALLEE begins, where x is a name; 0 if
     * it begins another call.
     */
    int call(int callee) {
        int first = tree.token(callee);
        int last = tree.extent(callee);
        boolean isFunction = isFunction(tokens.text(first, last)) && !names.isValue(tokens.text(first));
        boolean isMethod = !isFunction && last == first + 2 && isMethod(tokens.text(last));
        if (!(isMethod ? isArray(first) : isFunction && isNode(callee + 1, Syntax.ARGUMENT) && isNode(callee + 2, Syntax.NAME))) {
            return 0;
        }
        int operand = isFunction ? callee + 2 : callee;
        int behind = isFunction ? Math.max(member(operand), operand) + 1 : callee + 1;
        if (isFunction && !isArray(tree.token(operand))) {
            return 0;
        } else if (isNode(behind, Syntax.CALL)) {
            return behind;
        }
        int call = isNode(behind + 2, Syntax.MINUS) ? behind + 3 : behind + 2;
        return isNode(behind, Syntax.ARGUMENT) && isNode(behind + 1, Syntax.NUMBER) && isNode(call, Syntax.CALL) ? call : 0;
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
        return switch (name) {
            case "size", "dim", "ndimension", "numel", "nelement" -> true;
            default -> false;
        };
    }

    /** Whether it is the path of a function that depends on the shape alone. */
    static boolean isFunction(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? path.equals(LEN) : ARRAY_LIBRARIES.contains(path.substring(0, dot)) && switch (path.substring(dot + 1)) {
            case "size", "ndim", "shape", "numel" -> true;
            default -> false;
        };
    }

    /** Returns the member from which the value of a function, or of a method, of this name is read. */
    static String memberOf(String name, boolean isMethod) {
        return switch (name) {
            case "dim", "ndimension", "ndim" -> "ndim";
            case "numel", "nelement" -> "size";
            case "size" -> isMethod ? "shape" : "size";
            default -> "shape";
        };
    }

    /** Returns the value of a call of which this is the {@link #call}: a number, a list of numbers, or UNKNOWN. */
    Object value(int callee, int call) {
        int first = tree.token(callee);
        int last = tree.extent(callee);
        boolean isMethod = !isFunction(tokens.text(first, last));
        int operand = isMethod ? callee : callee + 2;
        int behind = isMethod ? callee + 1 : Math.max(member(operand), operand) + 1;
        Shape shape = isMethod ? names.shape(tokens.text(first), first) : shape(operand, behind);
        boolean isOfAxis = behind < call;
        String member = isOfAxis ? "shape" : memberOf(tokens.text(last), isMethod);
        Object value = of(shape, isMethod ? first : tree.token(operand), member);
        boolean isLength = tokens.text(last).equals(LEN);
        if (!(value instanceof List<?> dims) || !isLength && !isOfAxis) {
            return value;
        }
        int position = isOfAxis ? (int) tokens.number(tree.token(behind + 1)) : 0;
        return axis(dims, isNode(behind + 2, Syntax.MINUS) && isOfAxis ? -position : position, first);
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
