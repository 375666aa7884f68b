package io.chainrule.core.expression;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Evaluates nested lists of numbers to a single constant, so that an array of any size is one node. */
final class ArrayLiterals {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    /**
     * The first node that is not a number in the list that was tried last. Lists around this node are not arrays either, and need not
     * be scanned again.
     */
    private int obstacle;

    ArrayLiterals(SyntaxTree tree, Scope scope, NodeWriter writer, Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
    }

    /** Adds an array of nested lists of numbers. Returns BROKEN if the lists hold anything else, or are no rectangle. */
    static int of(List<?> list, int token, NodeWriter writer) {
        IntList dims = new IntList();
        Object first = list;
        while (first instanceof List<?> items) {
            dims.push(items.size());
            first = items.isEmpty() ? 0.0 : items.getFirst();
        }
        List<Double> numbers = new ArrayList<>();
        return collect(list, dims, 0, numbers)
                ? writer.leaf(
                        new Leaf.Constant(Tensor.of(Shape.of(dims.toArray()), numbers.stream().mapToDouble(number -> number).toArray())),
                        token)
                : NodeWriter.BROKEN;
    }

    private static boolean collect(Object value, IntList dims, int depth, List<Double> numbers) {
        if (value instanceof List<?> items) {
            return depth < dims.size() && items.size() == dims.get(depth)
                    && items.stream().allMatch(item -> collect(item, dims, depth + 1, numbers));
        }
        boolean isNumber = depth == dims.size() && (value instanceof Double || value instanceof Boolean);
        if (isNumber) {
            numbers.add(value instanceof Double number ? number : value.equals(true) ? 1.0 : 0.0);
        }
        return isNumber;
    }

    /** Returns the constant's node, or nothing if the list holds anything but numbers. */
    OptionalInt read(int list) {
        int end = tree.extent(list);
        if (end == 0 || list < obstacle && obstacle < end || !holdsNumbers(list, end)) {
            return OptionalInt.empty();
        }
        int[] dims = dims(list);
        OptionalInt misfit = misfit(list, end, dims);
        if (misfit.isPresent()) {
            problems.add(tokens
                    .problem(ProblemCode.SHAPE_MISMATCH, tree.token(misfit.getAsInt()), "the rows of this array differ in length or depth")
                    .hint("lists at the same depth have equally many items"));
            return OptionalInt.of(NodeWriter.BROKEN);
        }
        Shape shape = Shape.of(dims);
        return OptionalInt.of(writer.leaf(new Leaf.Constant(Tensor.of(shape, numbers(list, end, shape.length()))), tree.token(list)));
    }

    private boolean holdsNumbers(int list, int end) {
        for (int node = list; node < end; node++) {
            boolean isNumber = switch (tree.kind(node)) {
                case LIST, ITEMS, NUMBER -> true;
                case NAME -> scope.number(text(node)).isPresent();
                case PLUS, MINUS -> tree.kind(node - 1) == Syntax.NUMBER || tree.kind(node - 1) == Syntax.NAME;
                default -> false;
            };
            if (!isNumber) {
                obstacle = node;
                return false;
            }
        }
        return true;
    }

    /**
     * Returns the dimensions that the array has if it is rectangular: the number of items of the list, of its first item if that is a
     * list, and so on.
     */
    private int[] dims(int list) {
        IntList dims = new IntList();
        for (int node = list; tree.kind(node) == Syntax.LIST; node++) {
            dims.push(count(node));
        }
        return dims.toArray();
    }

    private int count(int list) {
        return tree.extent(tree.extent(list));
    }

    /** Returns the first list or number that does not fit into a rectangular array of these dimensions. */
    private OptionalInt misfit(int list, int end, int[] dims) {
        int depth = 0;
        for (int node = list; node < end; node++) {
            Syntax kind = tree.kind(node);
            if (kind == Syntax.LIST) {
                if (depth == dims.length || count(node) != dims[depth]) {
                    return OptionalInt.of(node);
                }
                depth++;
            } else if (kind == Syntax.ITEMS) {
                depth--;
            } else if (depth != dims.length) {
                return OptionalInt.of(node);
            }
        }
        return OptionalInt.empty();
    }

    private double[] numbers(int list, int end, int length) {
        double[] numbers = new double[length];
        int i = 0;
        for (int node = list; node < end; node++) {
            switch (tree.kind(node)) {
                case NUMBER -> numbers[i++] = tokens.number(tree.token(node));
                case NAME -> numbers[i++] = scope.number(text(node)).orElseThrow();
                case MINUS -> numbers[i - 1] = -numbers[i - 1];
                default -> {
                    // The beginning or end of a list, and a plus sign, add no number.
                }
            }
        }
        return numbers;
    }

    private String text(int node) {
        return tokens.text(tree.token(node));
    }
}
