package io.chainrule.core.expression;

import io.chainrule.core.expression.Indexes.ArrayItem;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Assigns to elements of an array: makes a new array that has other values there, as NumPy changes the array in place. */
final class Elements {
    private final Tokens tokens;
    private final NodeWriter writer;
    private final OpCalls ops;
    /** Nodes whose values are truth values. */
    private final BitSet masks = new BitSet();
    /** Nodes that are computed from truth values alone, and from numbers that are known. */
    private final BitSet truths = new BitSet();
    /** Nodes that are computed from known numbers alone. */
    private final BitSet numbers = new BitSet();
    /** How many nodes, the first ones of the graph, are sorted into these sets. */
    private int learned;

    /**
     * Elements that a statement assigns to: the index {@code items}, whose bracket stands at a token, of the array that a name means, which
     * is a token too. {@code selected} are nodes that stand for the elements of other arrays at the same mask.
     */
    record Target(int token, int name, List<Object> items, Set<Integer> selected) {
        Target(int token, int name, List<Object> items) {
            this(token, name, items, new HashSet<>());
        }
    }

    Elements(Tokens tokens, NodeWriter writer, OpCalls ops) {
        this.tokens = tokens;
        this.writer = writer;
        this.ops = ops;
    }

    /** Whether a node has truth values, so that it selects the elements where these are true. */
    boolean isMask(int node) {
        learn(node);
        return node != NodeWriter.BROKEN && masks.get(node);
    }

    /** Learns of each node up to this one from its operands. */
    private void learn(int node) {
        for (; learned <= node; learned++) {
            Op op = writer.op(learned);
            int[] operands = writer.operands(learned);
            boolean isTruth = OpCatalogue.has(op, Trait.TRUTH_VALUE) || writer.isListOfTruths(learned);
            boolean isNumber = operands.length == 0 ? !writer.isInput(learned) : IntStream.of(operands).allMatch(numbers::get);
            boolean isMade = IntStream.of(operands).anyMatch(truths::get)
                    && IntStream.of(operands).allMatch(operand -> truths.get(operand) || numbers.get(operand));
            numbers.set(learned, isNumber && !isTruth);
            masks.set(learned, isTruth || keepsTruths(op, operands));
            truths.set(learned, isMade || masks.get(learned));
        }
    }

    /** Whether the values are elements of masks, besides zeros and ones, as those of a mask of which elements were assigned. */
    private boolean keepsTruths(Op op, int[] operands) {
        int[] read = IntStream.range(0, operands.length).filter(k -> !op.ignores(k)).map(k -> operands[k]).toArray();
        boolean isOfElements = OpCatalogue.has(op, Trait.VIEW) || OpCatalogue.has(op, Trait.ROUTES);
        return isOfElements && IntStream.of(read).anyMatch(masks::get)
                && IntStream.of(read).allMatch(operand -> masks.get(operand) || isTruth(operand));
    }

    private boolean isTruth(int node) {
        OptionalDouble number = writer.number(node, true);
        return number.isPresent() && (number.getAsDouble() == 0 || number.getAsDouble() == 1);
    }

    /**
     * Refuses what is made of truth values by other ops, in the place of an index: NumPy takes it for a mask or for indices as its type
     * says, and there are no types here. Where it has not the shape of a mask, it can only be indices.
     */
    void checkIndex(int token, int node, @Nullable Shape shape, int axis) {
        Shape own = node == NodeWriter.BROKEN ? null : writer.shape(node);
        boolean hasShapeOfMask = own != null && shape != null && own.rank() > 0 && axis + own.rank() <= shape.rank()
                && own.equals(shape.sub(axis, axis + own.rank()));
        if (hasShapeOfMask && !isMask(node) && truths.get(node)) {
            throw tokens.syntaxError(token, "this index is made of truth values, and may mean a mask or positions")
                    .hint("compare it for a mask, as x[m != 0]");
        }
    }

    /** The positions along an axis at which a vector of True and False is true; BROKEN if its values are not known, or none is true. */
    int positions(int mask, @Nullable Shape shape, int axis, int token) {
        if (!(writer.op(mask) instanceof Leaf.Constant(Tensor values)) || values.shape().rank() != 1) {
            return NodeWriter.BROKEN;
        } else if (shape != null && axis >= -shape.rank() && axis < shape.rank() && shape.dim(shape.axis(axis)) != values.length()) {
            throw tokens.syntaxError(token, "a mask of shape " + values.shape() + " selects nothing along an axis of length "
                    + shape.dim(shape.axis(axis))).hint("write as many of True and False as the axis is long");
        }
        double[] positions = IntStream.range(0, values.length()).filter(at -> values.data()[at] != 0).asDoubleStream().toArray();
        return positions.length == 0 ? NodeWriter.BROKEN : writer.leaf(new Leaf.Constant(Tensor.vector(positions)), token);
    }

    /** Whether a mask is a constant without a true element. */
    boolean selectsNothing(int mask) {
        return writer.op(mask) instanceof Leaf.Constant(Tensor values) && DoubleStream.of(values.data()).allMatch(value -> value == 0);
    }

    /** Whether the index whose bracket stands at a token is the mask to whose elements a statement assigns, written once more. */
    boolean isSameMask(Target target, int token) {
        Operands written = new Operands(tokens);
        return !ops.scope().isInFunction()
                && tokens.text(target.token, written.closing(target.token)).equals(tokens.text(token, written.closing(token)));
    }

    /** The elements of an array at the target's mask, as an array that is 0 elsewhere. */
    int selected(Target target, int array, int mask) {
        Shape shape = writer.shape(array);
        Shape masked = writer.shape(mask);
        int missing = shape == null || masked == null ? 0 : Math.max(0, shape.rank() - masked.rank());
        int full = new ElementNodes(tokens, writer, ops, target).behind(mask, missing);
        int selected = ops.apply("where", target.token, full, array, writer.literal(0, target.token));
        target.selected.add(selected);
        return selected;
    }

    /** Returns the array of a target with a value at its elements. The sign is that of the assignment. */
    int assigned(Target target, int sign, int value) {
        int array = ops.scope().updated(target.name, sign);
        List<Object> items = target.items;
        if (items.contains(Constants.UNKNOWN) || items.contains(new ArrayItem(NodeWriter.BROKEN)) || array == NodeWriter.BROKEN
                || value == NodeWriter.BROKEN) {
            return NodeWriter.BROKEN;
        } else if (items.contains(Constants.NONE)) {
            throw refusal(target, "the elements that are assigned have a new axis", "leave it out; what is assigned broadcasts");
        }
        ElementNodes nodes = new ElementNodes(tokens, writer, ops, target);
        boolean isCall = tokens.kind(sign) == TokenKind.RIGHT_PAREN;
        ElementAssignment assignment = new ElementAssignment(nodes,
                isCall ? called(target) : tokens.kind(sign) == TokenKind.UPDATE ? tokens.operator(sign).op() : null);
        List<Integer> places = IntStream.range(0, items.size()).filter(i -> items.get(i) instanceof ArrayItem).boxed().toList();
        List<Integer> arrays = places.stream().map(i -> ((ArrayItem) items.get(i)).node()).toList();
        for (int at : places) {
            checkIndex(target.token, ((ArrayItem) items.get(at)).node(), writer.shape(array), (int) Indexes.axis(items, at));
        }
        if (arrays.isEmpty()) {
            return assignment.atPlace(array, items, value);
        } else if (!target.selected.isEmpty() && !isOfSelected(value, target.selected)) {
            throw refusal(target, "what a mask selects is assigned after another operation than elementwise ones",
                    "compute it on a line before, from where(mask, x, 0)");
        } else if (items.size() == 1 && isMask(arrays.getFirst())) {
            return assignment.atMask(array, arrays.getFirst(), value, isOfSelected(value, target.selected));
        } else if (arrays.stream().anyMatch(this::isMask)) {
            throw refusal(target, "a mask stands beside other indices", "a mask of the array's shape is the only index");
        } else if (isCall) {
            return assignment.accumulated(array, arrays.getFirst(), value);
        } else if (arrays.size() == 2 && items.size() == 2 && nodes.shape(array).rank() == 2) {
            return assignment.atPairs(array, arrays.get(0), arrays.get(1), value);
        } else if (arrays.size() > 1 || Indexes.isApart(items)) {
            throw refusal(target, "the elements that are assigned have several arrays as indices",
                    "two arrays index a matrix, x[i, j]; one stands beside slices");
        }
        List<Object> plain = new ArrayList<>(items);
        plain.set(places.getFirst(), Indexes.WHOLE_AXIS);
        int axis = (int) Indexes.axis(items, places.getFirst());
        Shape part = nodes.place(array, plain);
        if (Indexes.isWhole(plain)) {
            return assignment.along(array, part.axis(axis), arrays.getFirst(), value);
        }
        int changed = assignment.along(ops.index(plain, target.token, array), part.axis(axis), arrays.getFirst(), value);
        return new ElementAssignment(nodes, null).atPlace(array, plain, changed);
    }

    /** The op of a call such as {@code np.add.at}, whose bracket stands where an index has its own. */
    private String called(Target target) {
        return tokens.is(target.token - 3, "add") ? "add" : "sub";
    }

    /** Whether a value is made of selected elements by elementwise ops alone, so that each stands at its own place. */
    private boolean isOfSelected(int value, Set<Integer> selected) {
        BitSet within = new BitSet();
        int first = selected.stream().min(Integer::compare).orElse(value + 1);
        for (int node = first; node <= value; node++) {
            boolean isMade = IntStream.of(writer.operands(node)).anyMatch(within::get);
            boolean isElementwise = selected.contains(node) || isMade && writer.op(node) instanceof Elementwise;
            if (isMade && !isElementwise) {
                return false;
            }
            within.set(node, isElementwise);
        }
        return within.get(value);
    }

    private SyntaxException refusal(Target target, String message, String hint) {
        return tokens.syntaxError(target.token, message).hint(hint);
    }
}
