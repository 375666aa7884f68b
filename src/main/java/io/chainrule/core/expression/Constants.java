package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
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
    private static final String ELLIPSIS = "...";
    /**
     * The greatest depth of nested lists. Attributes need at most two levels; the limit is there because the code that checks and
     * prints attributes is recursive.
     */
    static final int MAX_DEPTH = 16;

    private final SyntaxTree tree;
    private final Tokens tokens;
    private final KnownNames names;
    private final Problems problems;
    private List<Object> values = new ArrayList<>();
    private ConstantRole role = ConstantRole.INDEX;

    /** What names mean that are known before the program runs. */
    interface KnownNames {
        /** Returns a number, truth value, text, list, NONE or UNKNOWN; null if the name is not known. May report why it is not. */
        @Nullable
        Object value(String name, int token, ConstantRole role);

        /** Returns the shape of the array that has this name, or null if there is none or its shape is not known. */
        @Nullable
        Shape shape(String name, int token);

        /** Whether values are not known yet, because a definition is being checked. */
        boolean isPaused();

        Problem problem(int token, String message);
    }

    /** In place of a value. */
    enum Unspecified {
        NONE,
        UNKNOWN
    }

    /** The whole numbers from {@code start} to {@code stop}, exclusive. */
    record Range(long start, long stop, long step) {
        long count() {
            long distance = step > 0 ? stop - start : start - stop;
            return Math.max(0, Math.ceilDiv(distance, Math.abs(step)));
        }
    }

    Constants(SyntaxTree tree, KnownNames names, Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.names = names;
        this.problems = problems;
    }

    /**
     * Returns the values of the expressions in these nodes: {@link Double}, {@link Boolean}, {@link String}, {@link Range}, lists of
     * these, NONE or UNKNOWN. Slices are strings like "1:3".
     */
    List<Object> evaluate(int first, int end, ConstantRole usedAs) {
        values = new ArrayList<>();
        role = usedAs;
        int depth = 0;
        for (int node = first; node < end; node++) {
            int token = tree.token(node);
            switch (tree.kind(node)) {
                case NUMBER -> number(token);
                case NAME -> node = name(node);
                case PLUS -> unary(1, token);
                case MINUS -> unary(-1, token);
                case GROUP, ARGUMENT -> {
                    // Parentheses do not change the value of their operand, and arguments are collected by their call.
                }
                case INFIX, PRODUCT -> infix(token, tree.kind(node) == Syntax.PRODUCT ? Operator.TIMES : tokens.operator(token));
                case ELLIPSIS -> values.add(ELLIPSIS);
                case ABSENT -> values.add("");
                case SLICE -> slice(tree.extent(node), token);
                case TEXT -> {
                    refuseIf(role.isWhole(), token);
                    values.add(tokens.text(token).substring(1, tokens.text(token).length() - 1));
                }
                case LIST -> {
                    boolean isGroup = tree.kind(tree.extent(node)) == Syntax.GROUP;
                    refuseIf(!isGroup && (role.isWhole() && !role.equals(ConstantRole.INDEX) || ++depth > MAX_DEPTH), token);
                }
                case ITEMS -> {
                    depth--;
                    List<Object> items = last(tree.extent(node));
                    values.add(items.contains(UNKNOWN) ? UNKNOWN : items);
                }
                case CALLEE -> node = call(node);
                case INDEX -> node = index(node);
                default -> throw refusal(token);
            }
        }
        return values;
    }

    /** Whether all that stands in these nodes is known before the program runs. */
    boolean isKnown(int first, int end) {
        for (int node = first; node < end; node++) {
            int token = tree.token(node);
            boolean isKnown = switch (tree.kind(node)) {
                case NUMBER, PLUS, MINUS, GROUP, ARGUMENT, ELLIPSIS, ABSENT, SLICE, TEXT, LIST, ITEMS, PRODUCT, INDEX, SUBSCRIPT -> true;
                case INFIX -> tokens.operator(token).precedence() != Precedence.COMPARISON && tokens.operator(token) != Operator.MATMUL
                        && tree.extent(node) == 0;
                case NAME -> {
                    int member = member(node);
                    boolean isShape = member > 0 && isShape(tokens.text(tree.extent(member)));
                    node = member > 0 ? member : node;
                    String path = member > 0 ? path(token, tree.extent(member)) : "";
                    yield isShape
                            ? names.shape(tokens.text(token), token) != null
                            : member > 0
                                    ? Library.constant(path).isPresent() || Library.isNewAxis(path)
                                    : isKnown(tokens.text(token), token);
                }
                case CALLEE -> {
                    int call = shapeCall(node);
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

    private boolean isKnown(String name, int token) {
        Object value = names.value(name, token, ConstantRole.ANY);
        return isWord(name) || value != null && value != UNKNOWN || Names.number(name).isPresent();
    }

    private static boolean isWord(String name) {
        return name.equals("None") || name.equals("newaxis") || Names.truth(name).isPresent();
    }

    private static boolean isShape(String member) {
        return member.equals("shape") || member.equals("ndim") || member.equals("size");
    }

    /** Returns the last MEMBER of those that follow a NAME directly; 0 if there is none. */
    private int member(int name) {
        int member = 0;
        while (name + 1 < tree.size() && tree.kind(name + 1) == Syntax.MEMBER
                && tree.token(name + 1) == (member == 0 ? tree.token(name) + 1 : tree.extent(member) + 1)) {
            member = ++name;
        }
        return member;
    }

    private String path(int first, int last) {
        return tokens.text(first, last);
    }

    /**
     * Returns the CALL of {@code len(x)}, {@code x.size(0)}, {@code x.dim()} or {@code x.numel()} that a CALLEE begins, where x is a name;
     * 0 if it begins another call.
     */
    private int shapeCall(int callee) {
        int first = tree.token(callee);
        int last = tree.extent(callee);
        boolean isLength = first == last && tokens.text(first).equals("len") && isNode(callee + 1, Syntax.ARGUMENT)
                && isNode(callee + 2, Syntax.NAME) && isNode(callee + 3, Syntax.CALL);
        if (isLength) {
            return names.shape(tokens.text(tree.token(callee + 2)), tree.token(callee + 2)) == null ? 0 : callee + 3;
        }
        boolean isMethod = last == first + 2 && switch (tokens.text(last)) {
            case "size", "dim", "numel" -> names.shape(tokens.text(first), first) != null;
            default -> false;
        };
        if (!isMethod) {
            return 0;
        } else if (isNode(callee + 1, Syntax.CALL)) {
            return callee + 1;
        }
        int call = isNode(callee + 3, Syntax.MINUS) ? callee + 4 : callee + 3;
        return isNode(callee + 1, Syntax.ARGUMENT) && isNode(callee + 2, Syntax.NUMBER) && isNode(call, Syntax.CALL) ? call : 0;
    }

    private boolean isNode(int node, Syntax kind) {
        return node < tree.size() && tree.kind(node) == kind;
    }

    /** Evaluates a call for which there is a {@link #shapeCall}. */
    private void shape(int callee, int call) {
        int first = tree.token(callee);
        int last = tree.extent(callee);
        Object dims = dims(first == last ? tree.token(callee + 2) : first);
        if (!(dims instanceof List<?> list)) {
            values.add(UNKNOWN);
            return;
        }
        values.add(switch (tokens.text(last)) {
            case "dim" -> (double) list.size();
            case "numel" -> list.stream().mapToDouble(dim -> (Double) dim).reduce(1, (a, b) -> a * b);
            case "size" -> {
                double position = call == callee + 1 ? 0 : tokens.number(tree.token(callee + 2));
                yield call == callee + 1 ? list : item(list, call == callee + 4 ? -position : position, first);
            }
            default -> list.isEmpty() ? UNKNOWN : list.getFirst();
        });
    }

    /** Evaluates {@code len(x)} or a range. Returns the node that ends the call. */
    private int call(int callee) {
        int token = tree.token(callee);
        int call = shapeCall(callee);
        if (call > 0) {
            shape(callee, call);
            return call;
        }
        refuseIf(!role.equals(ConstantRole.BOUND) || !tokens.text(token, tree.extent(callee)).equals("range"), token);
        int end = callee;
        while (end < tree.size() && !(tree.kind(end) == Syntax.CALL && tree.token(end) == token)) {
            end++;
        }
        int count = tree.extent(end);
        List<Object> bounds = new Constants(tree, names, problems).evaluate(callee + 1, end, role);
        refuseIf(bounds.size() != count || count < 1 || count > 3, token);
        if (bounds.contains(UNKNOWN)) {
            values.add(UNKNOWN);
            return end;
        }
        long[] numbers = bounds.stream().mapToLong(bound -> bound instanceof Double number ? number.longValue() : 0).toArray();
        long step = count == 3 ? numbers[2] : 1;
        if (step == 0) {
            throw tokens.syntaxError(token, "the step of a loop is not 0");
        }
        values.add(new Range(count == 1 ? 0 : numbers[0], numbers[count == 1 ? 0 : 1], step));
        return end;
    }

    /** Returns the shape of an array as a list of numbers. */
    private Object dims(int name) {
        return shape(names.shape(tokens.text(name), name), name, "shape");
    }

    /** Returns the member {@code ndim}, {@code size} or {@code shape} of an array of this shape; if that is null, reports it. */
    Object shape(@Nullable Shape shape, int token, String member) {
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

    /** Returns the item of a list that the index at a node selects. */
    Object item(Object list, int index) {
        List<Object> at = new Constants(tree, names, problems).evaluate(index + 1, tree.extent(index), ConstantRole.INDEX);
        return list instanceof List<?> items && at.size() == 1 && at.getFirst() != UNKNOWN
                ? item(items, at.getFirst(), tree.token(index))
                : UNKNOWN;
    }

    /** Returns the last MEMBER behind a NAME if the two are a constant such as {@code np.pi}; 0 otherwise. */
    int constant(int name) {
        int member = member(name);
        return member > 0 && Library.constant(path(tree.token(name), tree.extent(member))).isPresent() ? member : 0;
    }

    /** Evaluates an index of a list. Returns the node that ends it. */
    private int index(int node) {
        int end = tree.extent(node);
        Object list = values.removeLast();
        List<Object> at = new Constants(tree, names, problems).evaluate(node + 1, end, ConstantRole.INDEX);
        if (list == UNKNOWN || at.contains(UNKNOWN)) {
            values.add(UNKNOWN);
        } else if (list instanceof List<?> items && at.size() == 1) {
            values.add(item(items, at.getFirst(), tree.token(node)));
        } else {
            throw refusal(tree.token(node));
        }
        return end;
    }

    Object item(List<?> items, Object at, int token) {
        if (at instanceof String slice && slice.matches("-?\\d*:-?\\d*")) {
            String[] bounds = slice.split(":", -1);
            int start = bound(bounds[0], 0, items.size());
            int stop = bound(bounds[1], items.size(), items.size());
            return List.copyOf(items.subList(start, Math.max(start, stop)));
        } else if (!(at instanceof Double number)) {
            throw refusal(token);
        } else {
            int position = number.intValue() < 0 ? number.intValue() + items.size() : number.intValue();
            if (position < 0 || position >= items.size()) {
                problems.add(names.problem(token, "index " + number.intValue() + " is out of range; there are " + items.size() + " axes"));
                return UNKNOWN;
            }
            return items.get(position);
        }
    }

    private static int bound(String text, int absent, int size) {
        int bound = text.isEmpty() ? absent : Integer.parseInt(text);
        return Math.clamp(bound < 0 ? bound + size : bound, 0, size);
    }

    /** Pops the last {@code count} values, and returns them in the order in which they were pushed. */
    private List<Object> last(int count) {
        List<Object> tail = values.subList(values.size() - count, values.size());
        List<Object> taken = List.copyOf(tail);
        tail.clear();
        return taken;
    }

    private void number(int token) {
        double number = tokens.number(token);
        if (role.isWhole() && !isWhole(number)) {
            throw refusal(token, role.wantedValue());
        }
        add(number);
    }

    /** Adding 0.0 turns a negative zero, which whole numbers do not have, into a positive one. */
    private void add(double number) {
        values.add(role.isWhole() ? number + 0.0 : number);
    }

    static boolean isWhole(double number) {
        return number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE;
    }

    /** Evaluates a name, perhaps with members. Returns the last of these nodes. */
    private int name(int node) {
        int token = tree.token(node);
        String name = tokens.text(token);
        int member = member(node);
        if (member == 0) {
            values.add(name(name, token));
            return node;
        }
        String last = tokens.text(tree.extent(member));
        Shape shape = isShape(last) ? names.shape(name, token) : null;
        OptionalDouble constant = Library.constant(path(token, tree.extent(member)));
        if (shape != null && member == node + 1) {
            values.add(shape(shape, token, last));
        } else if (constant.isPresent()) {
            refuseIf(role.isWhole(), token);
            values.add(constant.getAsDouble());
        } else if (Library.isNewAxis(path(token, tree.extent(member)))) {
            values.add(NONE);
        } else if (isShape(last) && member == node + 1) {
            values.add(dims(token));
        } else {
            throw refusal(token);
        }
        return member;
    }

    private Object name(String name, int token) {
        Object known = names.value(name, token, role);
        if (known != null) {
            return known;
        } else if (name.equals("None") || name.equals("newaxis")) {
            return NONE;
        }
        refuseIf(role.isWhole(), token);
        OptionalDouble constant = Names.number(name);
        if (constant.isPresent()) {
            return constant.getAsDouble();
        } else if (Names.truth(name).isPresent()) {
            return Names.truth(name).getAsDouble() == 1;
        }
        throw refusal(token);
    }

    private void unary(int sign, int token) {
        Object operand = values.removeLast();
        if (operand == UNKNOWN) {
            values.add(UNKNOWN);
        } else if (operand instanceof Double number) {
            add(sign * number);
        } else {
            throw refusal(token);
        }
    }

    private void infix(int token, Operator operator) {
        Object right = values.removeLast();
        Object left = values.removeLast();
        if (left == UNKNOWN || right == UNKNOWN) {
            values.add(UNKNOWN);
        } else if (left instanceof Double a && right instanceof Double b) {
            double result = result(operator, a, b, token);
            if (role.isWhole() && !isWhole(result)) {
                String message = Double.isFinite(result)
                        ? "the number " + ValueText.number(result) + " is too large for " + role.what()
                        : "this number is too large, or divided by 0";
                problems.add(names.problem(token, message));
                values.add(UNKNOWN);
            } else {
                add(result);
            }
        } else {
            throw refusal(token);
        }
    }

    private double result(Operator operator, double left, double right, int token) {
        refuseIf(role.isWhole() && !operator.isWhole(), token);
        if (operator.op().isEmpty() || operator == Operator.MATMUL || operator.precedence() == Precedence.COMPARISON
                || !(Objects.requireNonNull(OpCatalogue.find(operator.op())).op() instanceof Elementwise op)) {
            throw refusal(token);
        }
        return op.apply(left, right, 0);
    }

    /** Combines two or three bounds, each of which may be absent, into a slice. */
    private void slice(int bounds, int token) {
        List<Object> taken = last(bounds);
        String step = bounds < 3 ? "" : bound(taken.get(2), token);
        String text = bound(taken.get(0), token) + ":" + bound(taken.get(1), token) + (step.isEmpty() ? "" : ":" + step);
        values.add(taken.contains(UNKNOWN) ? UNKNOWN : text);
    }

    private String bound(Object value, int token) {
        refuseIf(value.equals(ELLIPSIS), token);
        return value instanceof Double number ? Long.toString(number.longValue()) : "";
    }

    private void refuseIf(boolean isRefused, int token) {
        if (isRefused) {
            throw refusal(token);
        }
    }

    private SyntaxException refusal(int token) {
        return refusal(token, role.wanted());
    }

    private SyntaxException refusal(int token, String wanted) {
        String quoted = tokens.quoted(token);
        SyntaxException refusal = tokens.syntaxError(token, role.what() + " is " + wanted + ", not " + quoted).expected(wanted, quoted);
        return role.hint() == null ? refusal : refusal.hint(role.hint());
    }
}
