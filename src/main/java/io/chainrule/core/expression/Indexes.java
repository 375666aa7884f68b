package io.chainrule.core.expression;

import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * Evaluates indices. Whole numbers and slices are one op; a new axis and an array of indices, which NumPy allows among them, are ops of
 * their own behind it.
 */
final class Indexes {
    static final String WHOLE_AXIS = ":";

    private final SyntaxTree tree;
    private final NodeWriter writer;
    private final OpCalls ops;
    private final Constants constants;
    private final IntList operands;
    private final Elements elements;
    private final Deque<Pending> pending = new ArrayDeque<>();
    /** The elements to which the statements that are being evaluated assign, those of the innermost function on top. */
    private final Deque<Elements.Target> targets = new ArrayDeque<>();

    /** An index that begins at a node, of which an item that is an array is being evaluated, up to the node {@code behind}. */
    private record Pending(int node, int indexed, List<Object> items, int behind) {}

    /** An item that is an array of indices. */
    record ArrayItem(int node) {}

    Indexes(SyntaxTree tree, NodeWriter writer, OpCalls ops, Constants constants, IntList operands) {
        this.tree = tree;
        this.writer = writer;
        this.ops = ops;
        this.constants = constants;
        this.operands = operands;
        this.elements = new Elements(tree.tokens(), writer, ops);
    }

    void clear() {
        pending.clear();
        targets.clear();
    }

    /** The node behind the item that is being evaluated; −1 outside. */
    int behindItem() {
        return pending.isEmpty() ? -1 : pending.element().behind;
    }

    /** Begins the index of the operand on top of the stack. Returns the next node. */
    int begin(int node, int endOfExpression) {
        int indexed = operands.pop();
        int end = tree.extent(node);
        if (end == 0) {
            constants.evaluate(node + 1, endOfExpression, ConstantRole.INDEX);
            return endOfExpression;
        }
        return items(new Pending(node, indexed, new ArrayList<>(), 0), node + 1);
    }

    /** Takes the array that an item is. Returns the next node. */
    int next(int at) {
        Pending index = pending.pop();
        index.items.add(new ArrayItem(operands.pop()));
        return items(index, at);
    }

    /** Collects the items from a node on that are known. Returns the first node of the next one that is not, or the node behind all. */
    private int items(Pending index, int from) {
        int node = from;
        int end = tree.extent(index.node);
        int token = tree.token(index.node);
        while (node < end) {
            int behind = tree.kind(node) == Syntax.ARGUMENT ? tree.extent(node) : argument(node, end);
            checkTuple(node, behind);
            boolean isArray = tree.kind(node) == Syntax.ARGUMENT && tree.kind(behind - 1) != Syntax.SLICE
                    && !constants.isKnown(node + 1, behind);
            if (isArray) {
                pending.push(new Pending(index.node, index.indexed, index.items, behind));
                return node + 1;
            }
            index.items.addAll(constants.evaluate(node, behind, ConstantRole.INDEX));
            node = behind;
        }
        addArrays(index.items, token);
        if (tree.kind(index.node) == Syntax.TARGET) {
            targets.push(new Elements.Target(token, tree.token(index.node - 1), index.items));
        } else {
            operands.push(apply(index.indexed, index.items, token));
        }
        return end + 1;
    }

    /** Assigns a value to the elements of the target that has been evaluated last. Returns the array with these elements. */
    int assign(int sign, int value) {
        return elements.assigned(targets.pop(), sign, value);
    }

    /** Makes arrays of the items that are lists. */
    private void addArrays(List<Object> items, int token) {
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i) instanceof List<?> list) {
                if (list.isEmpty()) {
                    refuse(token, "an index has an empty list", "write the positions, x[[0, 2]], or a slice, x[1:3]");
                }
                items.set(i, new ArrayItem(ArrayLiterals.of(list, token, writer)));
            }
        }
    }

    /** Refuses a tuple as an item, which in NumPy is the items themselves. */
    private void checkTuple(int node, int behind) {
        if (tree.kind(node) == Syntax.ARGUMENT && tree.kind(node + 1) == Syntax.LIST && tree.kind(behind - 1) == Syntax.ITEMS
                && tree.tokens().kind(tree.token(node + 1)) == TokenKind.LEFT_PAREN) {
            throw tree.tokens().syntaxError(tree.token(node + 1), "a tuple in an index is its items")
                    .hint("write x[0, 1] for one element, x[[0, 1]] for several");
        }
    }

    private int argument(int from, int end) {
        int node = from;
        while (node < end && tree.kind(node) != Syntax.ARGUMENT) {
            int call = tree.kind(node) == Syntax.CALLEE ? constants.shapes().call(node) : 0;
            node = Math.max(node, call) + 1;
        }
        return node;
    }

    private int apply(int indexed, List<Object> items, int token) {
        boolean hasArrays = items.stream().anyMatch(ArrayItem.class::isInstance);
        if (!hasArrays && !items.contains(Constants.NONE)) {
            return ops.index(items, token, indexed);
        } else if (items.contains(Constants.UNKNOWN) || indexed == NodeWriter.BROKEN
                || items.stream().anyMatch(item -> item instanceof ArrayItem(int node) && node == NodeWriter.BROKEN)) {
            return NodeWriter.BROKEN;
        } else if (hasArrays) {
            return items.contains(Constants.NONE)
                    ? refuse(token, "an index has a new axis beside an array", "index twice, x[i][:, None]")
                    : take(indexed, items, token);
        }
        List<Object> plain = items.stream().filter(item -> item != Constants.NONE).toList();
        int node = isWhole(plain) ? indexed : ops.index(plain, token, indexed);
        return ops.make(OpCalls.known("expand_dims"), Map.of("axis", newAxes(items)), token, Map.of(), node);
    }

    /** Whether the items leave the array as it is. */
    static boolean isWhole(List<Object> items) {
        return items.stream().allMatch(item -> item.equals(WHOLE_AXIS) || item.equals(Constants.ELLIPSIS));
    }

    /** The axes of the result that are new. Those behind an ellipsis are counted from the end. */
    private static List<Object> newAxes(List<Object> items) {
        List<Object> axes = new ArrayList<>();
        int ellipsis = items.indexOf(Constants.ELLIPSIS);
        double axis = 0;
        for (Object item : ellipsis < 0 ? items : items.subList(0, ellipsis)) {
            if (item == Constants.NONE) {
                axes.add(axis);
            }
            axis += item instanceof Double ? 0 : 1;
        }
        axis = -1;
        for (Object item : ellipsis < 0 ? List.of() : items.subList(ellipsis + 1, items.size()).reversed()) {
            if (item == Constants.NONE) {
                axes.add(axis);
            }
            axis -= item instanceof Double ? 0 : 1;
        }
        return axes;
    }

    private int take(int indexed, List<Object> written, int token) {
        List<Object> items = new ArrayList<>(written);
        List<Integer> arrays = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i) instanceof ArrayItem(int node)) {
                int axis = (int) axis(items, i);
                if (elements.isMask(node)) {
                    Elements.Target target = targets.peek();
                    if (target != null && items.size() == 1 && elements.isSameMask(target, token)) {
                        return elements.selected(target, indexed, node);
                    }
                    int positions = elements.positions(node, writer.shape(indexed), axis, token);
                    if (positions == NodeWriter.BROKEN) {
                        if (elements.selectsNothing(node)) {
                            return refuse(token, "this mask selects no element", "leave the index out, or write True for what it selects");
                        }
                        return refuse(token, "how many elements a mask selects depends on their values", masked(token, items.size()));
                    }
                    items.set(i, new ArrayItem(positions));
                } else {
                    elements.checkIndex(token, node, writer.shape(indexed), axis);
                }
                arrays.add(i);
            }
        }
        Shape shape = writer.shape(indexed);
        if (arrays.size() == 2 && items.size() == 2 && shape != null && shape.rank() == 2) {
            return takePairs(indexed, node(items.get(0)), node(items.get(1)), shape, token);
        } else if (arrays.size() > 1) {
            return refuse(token, "an index has several arrays", "two arrays index a matrix, x[i, j]");
        }
        int at = arrays.getFirst();
        List<Object> plain = new ArrayList<>(items);
        plain.set(at, WHOLE_AXIS);
        int node = isWhole(plain) ? indexed : ops.index(plain, token, indexed);
        double axis = axis(items, at);
        int taken = ops.make(OpCalls.known("take"), Map.of("axis", axis), token, Map.of(), node, node(items.get(at)));
        return isApart(items) ? toFront(taken, node(items.get(at)), axis, token) : taken;
    }

    /** The axis, of what the other items leave, along which an item that is an array selects; counted from the end behind an ellipsis. */
    static double axis(List<Object> items, int at) {
        boolean isBehindEllipsis = items.subList(0, at).contains(Constants.ELLIPSIS);
        long before = items.subList(0, at).stream().filter(item -> !(item instanceof Double)).count();
        long after = items.subList(at + 1, items.size()).stream().filter(item -> !(item instanceof Double)).count();
        return isBehindEllipsis ? -1.0 - after : before;
    }

    /** What to write for the elements that a mask selects, by the function that reduces them. */
    private String masked(int token, int count) {
        Operands written = new Operands(tree.tokens());
        int close = written.closing(token);
        int first = written.first(token - 1);
        String mask = count == 1 ? written.shown(token + 1, close - 1) : "mask";
        String kept = "where(" + mask + ", " + (count == 1 ? written.shown(first, token - 1) : "x") + ", ";
        boolean isMethod = tree.tokens().kind(close + 1) == TokenKind.DOT && tree.tokens().kind(close + 2) == TokenKind.NAME;
        boolean isArgument = first > 1 && tree.tokens().kind(first - 1) == TokenKind.LEFT_PAREN;
        return "write " + switch (isMethod ? tree.tokens().text(close + 2) : isArgument ? tree.tokens().text(first - 2) : "") {
            case "sum" -> "sum(" + kept + "0))";
            case "mean" -> "sum(" + kept + "0)) / sum(" + mask + ")";
            case "prod" -> "prod(" + kept + "1))";
            case "max" -> "max(" + kept + "-inf))";
            case "min" -> "min(" + kept + "inf))";
            default -> "sum(" + kept + "0)) for their sum, sum(" + kept + "0)) / sum(" + mask + ") for their mean";
        };
    }

    /** Whether a slice stands between a number and an array, or between two numbers, so that the array's axes come first in NumPy. */
    static boolean isApart(List<Object> items) {
        List<Boolean> areSlices = items.stream().map(item -> !(item instanceof Double || item instanceof ArrayItem)).toList();
        return areSlices.subList(areSlices.indexOf(false), areSlices.lastIndexOf(false)).contains(true);
    }

    /** Moves the axis that an array of indices made to the front. */
    private int toFront(int taken, int array, double axis, int token) {
        Shape shape = writer.shape(array);
        if (shape == null || shape.rank() > 1) {
            return refuse(token, "an index has an array, a number and a slice between them, whose axes NumPy moves",
                    "index twice, x[0][:, i]");
        }
        return shape.isScalar()
                ? taken
                : ops.make(OpCalls.known("moveaxis"), Map.of("source", List.of(axis), "destination", List.of(0.0)), token, Map.of(), taken);
    }

    /** The elements of a matrix at pairs of a row and a column. */
    private int takePairs(int indexed, int rows, int columns, Shape shape, int token) {
        boolean isAllRows = writer.isCount(rows, shape.dim(0));
        int taken = isAllRows
                ? indexed
                : ops.make(OpCalls.known("take"), Map.of("axis", 0.0), token, Map.of(), indexed, rows);
        int asColumn = ops.make(OpCalls.known("expand_dims"), Map.of("axis", 1.0), token, Map.of(), columns);
        int pairs = ops.make(OpCalls.known("take_along_axis"), Map.of("axis", 1.0), token, Map.of(), taken, asColumn);
        return ops.index(List.of(WHOLE_AXIS, 0.0), token, pairs);
    }

    private static int node(Object item) {
        return item instanceof ArrayItem(int node) ? node : NodeWriter.BROKEN;
    }

    private int refuse(int token, String message, String hint) {
        throw tree.tokens().syntaxError(token, message).hint(hint);
    }
}
