package io.chainrule.core.grade;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Maths;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Formulas as a person writes them: without ops that only derivatives need, broadcasting left to NumPy, roots as roots. A rewritten formula
 * may have other values; whoever asks for it compares them.
 */
final class Handwriting {
    /** Ops that only derivatives are made of. */
    private static final Set<String> UNWRITTEN = Set.of("strong_mul", "strong_mul_both", "index_transpose", "take_along_axis_transpose");
    private static final Set<String> UNUSUAL = Set.of("strong_mul", "strong_mul_both", "broadcast_to", "full", "ones", "zeros", "reshape",
            "logical_or", "logical_and", "logical_not", "scatter_add", "cosh");
    private static final int MOST_ROOT = 4096;
    private static final int MOST_UNSHARED = 60;

    private final Graph form;
    private final boolean isShrunk;
    private final boolean hasTies;
    private final GraphBuilder builder = GraphBuilder.withShapes();
    private final int[] image;
    /** The result, and what it is made of by elementwise ops alone. */
    private final BitSet outside = new BitSet();

    private Handwriting(Graph form, boolean isShrunk, boolean hasTies) {
        this.form = form;
        this.isShrunk = isShrunk;
        this.hasTies = hasTies;
        this.image = new int[form.size()];
        outside.set(form.size() - 1);
        for (int i = form.size() - 1; i >= 0; i--) {
            if (outside.get(i) && form.op(i).family() == Family.ELEMENTWISE) {
                for (int k = 0; k < form.operandCount(i); k++) {
                    outside.set(form.operand(i, k));
                }
            }
        }
    }

    /** How many ops of a graph a person would hardly write. */
    static long unusual(Graph graph) {
        return IntStream.range(0, graph.size()).filter(i -> UNUSUAL.contains(graph.op(i).name())).count();
    }

    /** Whether a person would write these ops at all. */
    static boolean isWritten(Graph graph) {
        return IntStream.range(0, graph.size()).noneMatch(i -> UNWRITTEN.contains(graph.op(i).name()));
    }

    /**
     * A graph, whose last node is the result, rewritten.
     *
     * @param isShrunk whether the result may be of a shape that is broadcast to that of the graph
     * @param hasTies whether it matters which operand a choice takes where two are equal
     * @throws io.chainrule.core.tensor.ShapeException where it cannot be written so
     */
    static Graph of(Graph form, boolean isShrunk, boolean hasTies) {
        Handwriting writing = new Handwriting(form, isShrunk, hasTies);
        for (int i = 0; i < form.size(); i++) {
            writing.image[i] = writing.written(i).index();
        }
        return writing.ended();
    }

    /** A graph with square roots of whole numbers in place of their digits. */
    static Graph withRoots(Graph form) {
        Handwriting writing = new Handwriting(form, false, true);
        for (int i = 0; i < form.size(); i++) {
            writing.image[i] = writing.withRoots(i).index();
        }
        return writing.ended();
    }

    private Node withRoots(int i) {
        if (form.op(i) instanceof Leaf.Literal(double value)) {
            return root(value);
        } else if (form.op(i).name().equals("mul") && form.op(form.operand(i, 0)) instanceof Leaf.Literal) {
            Node factor = operand(i, 0);
            boolean isOneOver = factor.operandCount() == 2 && factor.operand(0).isLiteral(1);
            return isOneOver ? Maths.div(operand(i, 1), factor.operand(1)) : copy(i);
        }
        return copy(i);
    }

    /** A graph in which every node is read once, so that its text has no names of its own; as it is if it would be too large. */
    static Graph unshared(Graph form) {
        Handwriting writing = new Handwriting(form, false, true);
        long[] sizes = new long[form.size()];
        for (int i = 0; i < form.size(); i++) {
            sizes[i] = 1;
            for (int k = 0; k < form.operandCount(i); k++) {
                sizes[i] = Math.min(MOST_UNSHARED + 1, sizes[i] + sizes[form.operand(i, k)]);
            }
        }
        if (sizes[form.size() - 1] > MOST_UNSHARED) {
            return form;
        }
        Map<String, Node> inputs = new HashMap<>();
        writing.image[form.size() - 1] = writing.unshared(form.size() - 1, inputs).index();
        return writing.ended();
    }

    /** The depth is bounded by {@value #MOST_UNSHARED}. */
    private Node unshared(int i, Map<String, Node> inputs) {
        if (form.op(i) instanceof Leaf.Input(String id, var _)) {
            return inputs.computeIfAbsent(id, any -> builder.input(any, form.shape(i)));
        } else if (form.operandCount(i) == 0) {
            return copy(i);
        }
        Node[] operands = new Node[form.operandCount(i)];
        for (int k = 0; k < operands.length; k++) {
            operands[k] = unshared(form.operand(i, k), inputs);
        }
        return builder.add(form.op(i), operands);
    }

    private Graph ended() {
        Node result = builder.node(image[form.size() - 1]);
        boolean isLast = result.index() == builder.size() - 1 && result.literal().isEmpty();
        if (!isLast) {
            Node _ = result.literal().isPresent()
                    ? builder.constant(Tensor.scalar(result.literal().getAsDouble()))
                    : Maths.add(result, builder.literal(0));
        }
        return builder.build();
    }

    private Node root(double value) {
        double square = value * value;
        double whole = Math.rint(square < 1 ? 1 / square : square);
        double root = Math.sqrt(whole);
        if (whole < 2 || whole > MOST_ROOT || root == Math.rint(root)) {
            return builder.literal(value);
        }
        Node written = builder.add(op("sqrt", Map.of(), 1), builder.literal(whole));
        boolean isRoot = Math.abs(value) == root;
        boolean isInverse = Math.abs(Math.abs(value) * root - 1) < 1e-15;
        Node found = isRoot ? written : Maths.div(builder.literal(1), written);
        return !isRoot && !isInverse ? builder.literal(value) : value < 0 ? Maths.mul(-1, found) : found;
    }

    private static Op op(String name, Map<String, Object> attributes, int operands) {
        OpDefinition definition = Objects.requireNonNull(OpCatalogue.find(name));
        return definition.create(attributes, operands);
    }

    private Node written(int i) {
        boolean canShrink = isShrunk && outside.get(i);
        return switch (form.op(i).name()) {
            case "strong_mul", "strong_mul_both" -> Maths.mul(operand(i, 0), operand(i, 1));
            case "ones" -> canShrink ? builder.literal(1) : copy(i);
            case "zeros" -> canShrink ? builder.literal(0) : copy(i);
            case "full" -> canShrink && form.op(i).attributes().get("value") instanceof Number value
                    ? builder.literal(value.doubleValue())
                    : copy(i);
            case "broadcast_to" -> canShrink ? operand(i, 0) : copy(i);
            case "reshape" -> reshaped(i, canShrink);
            case "sum" -> summed(i, canShrink);
            case "add" -> {
                Node joined = joined(i);
                yield joined != null ? joined : elementwise(i);
            }
            case "eq" -> hasTies ? copy(i) : builder.literal(0);
            default -> form.op(i).family() == Family.ELEMENTWISE ? elementwise(i) : copy(i);
        };
    }

    private Node reshaped(int i, boolean canShrink) {
        Node operand = operand(i, 0);
        int inner = form.operand(i, 0);
        if (canShrink && operand.shape().broadcastsTo(form.shape(i)) && operand.shape().size() == form.shape(i).size()) {
            return operand;
        } else if (form.op(inner).name().equals("sum")
                && form.op(inner).attributes().get("axis") instanceof List<?> axes) {
            Node kept = builder.add(op("sum", Map.of("axis", axes, "keepdims", true), 1), operand(inner, 0));
            return kept.shape().equals(form.shape(i)) ? kept : copy(i);
        }
        return copy(i);
    }

    /** Two branches of one condition that are added up, each with 0 as the other branch; null for other sums. */
    private @Nullable Node joined(int i) {
        Branch left = branch(operand(i, 0));
        Branch right = branch(operand(i, 1));
        boolean isJoined = left != null && right != null && isSame(left.condition, right.condition)
                && (left.second.isLiteral(0) && right.first.isLiteral(0) || left.first.isLiteral(0) && right.second.isLiteral(0));
        return !isJoined || left == null || right == null
                ? null
                : left.second.isLiteral(0)
                        ? Maths.where(left.condition, left.first, right.second)
                        : Maths.where(left.condition, right.first, left.second);
    }

    private static boolean isSame(Node a, Node b) {
        return a.equals(b) || a.operandCount() > 0 && a.operandCount() == b.operandCount() && a.op().name().equals(b.op().name())
                && a.op().attributes().equals(b.op().attributes())
                && IntStream.range(0, a.operandCount()).allMatch(k -> isSame(a.operand(k), b.operand(k)));
    }

    private record Branch(Node condition, Node first, Node second) {}

    private static @Nullable Branch branch(Node x) {
        if (x.op().name().equals("where")) {
            return new Branch(x.operand(0), x.operand(1), x.operand(2));
        }
        boolean isMultiple = x.op().name().equals("mul") && x.operand(0).literal().isPresent();
        Branch branch = isMultiple ? branch(x.operand(1)) : null;
        return branch == null
                ? null
                : new Branch(branch.condition, Maths.mul(x.operand(0), branch.first), Maths.mul(x.operand(0), branch.second));
    }

    /** A sum over the copies of one number is a product. */
    private Node summed(int i, boolean canShrink) {
        int inner = form.operand(i, 0);
        boolean isCopied = form.op(inner).name().equals("broadcast_to") && form.shape(form.operand(inner, 0)).isScalar();
        return canShrink && isCopied
                ? Maths.mul((double) form.shape(inner).size() / form.shape(i).size(), operand(inner, 0))
                : copy(i);
    }

    /** Removes the broadcast of an operand where the result has the same shape without it. */
    private Node elementwise(int i) {
        Node[] operands = new Node[form.operandCount(i)];
        for (int k = 0; k < operands.length; k++) {
            operands[k] = operand(i, k);
        }
        for (int k = 0; k < operands.length; k++) {
            Node full = operands[k];
            int inner = form.operand(i, k);
            if (form.op(inner).name().equals("broadcast_to")) {
                Shape shape = shape(i, operands);
                operands[k] = operand(inner, 0);
                operands[k] = shape(i, operands).equals(shape) ? operands[k] : full;
            }
        }
        return builder.add(form.op(i), operands);
    }

    private Shape shape(int i, Node... operands) {
        Shape[] shapes = new Shape[operands.length];
        for (int k = 0; k < shapes.length; k++) {
            shapes[k] = operands[k].shape();
        }
        return form.op(i).shape(shapes);
    }

    private Node operand(int i, int k) {
        return builder.node(image[form.operand(i, k)]);
    }

    private Node copy(int i) {
        if (form.op(i) instanceof Leaf.Input(String id, var _)) {
            return builder.input(id, form.shape(i));
        } else if (form.op(i) instanceof Leaf.Literal(double value)) {
            return builder.literal(value);
        }
        int[] operands = new int[form.operandCount(i)];
        for (int k = 0; k < operands.length; k++) {
            operands[k] = image[form.operand(i, k)];
        }
        return builder.node(builder.add(form.op(i), operands));
    }
}
