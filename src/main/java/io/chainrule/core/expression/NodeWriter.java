package io.chainrule.core.expression;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.Problem.Position;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Appends nodes to the graph and records the position of each in the text. A node that cannot be made is {@link #BROKEN}, and so is
 * every node that uses it, so that one mistake is reported as one problem. While the writer is paused, text is only checked for
 * mistakes: no nodes are added, and every node is BROKEN.
 */
final class NodeWriter {
    static final int BROKEN = -1;
    /** The most ops, one on another, by which a number is computed before the program runs. */
    private static final int MOST_OPS_OF_A_NUMBER = 32;
    /** The most numbers of a list that can be a shape or axes. */
    private static final int MOST_LENGTHS = 32;

    private final Tokens source;
    private final Steps steps;
    private final GraphBuilder builder;
    private final KnownShapes shapes;
    private final IntList tokens = new IntList();
    private final List<@Nullable InlineFrame> frames = new ArrayList<>();
    private @Nullable InlineFrame frame;
    /** The nodes that statements have named. */
    private final BitSet named = new BitSet();
    private final List<Remark> remarks = new ArrayList<>();
    private final boolean isForAnyShape;
    private boolean paused;
    private @Nullable Fitting fitting;

    NodeWriter(Tokens source, Given inputs, Allowance allowance) {
        this.source = source;
        this.builder = GraphBuilder.withoutShapes(allowance);
        this.steps = new Steps(allowance, builder::size);
        this.shapes = new KnownShapes(builder, inputs);
        this.isForAnyShape = inputs.others() == Given.Others.OF_ANY_SHAPE;
    }

    /** Looks at ops before they are added. */
    interface Fitting {
        /** The node that stands in place of an op that does not fit its operands; null for one that does. */
        @Nullable
        Integer instead(Op op, int token, int... operands);
    }

    void setFitting(@Nullable Fitting fitting) {
        this.fitting = fitting;
    }

    /** Pauses or resumes the writer. Returns whether it was paused before. */
    boolean pause(boolean pause) {
        boolean before = paused;
        paused = pause;
        return before;
    }

    boolean isPaused() {
        return paused;
    }

    /** Whether a node depends on an input that may have any shape, in a stored program. */
    boolean isOfAnyShape(int node) {
        return isForAnyShape && node != BROKEN && shapes.of(node) == null && !shapes.isMisfit(node);
    }

    @Nullable
    InlineFrame frame() {
        return frame;
    }

    /** Returns to the frame that was current before another was entered. */
    void returnTo(@Nullable InlineFrame outer) {
        frame = outer;
    }

    /** Enters a frame in which {@code length} tokens are evaluated again. */
    void enter(InlineFrame entered, int length) {
        frame = entered;
        steps.repeat(length);
    }

    /** Enters the expression of a library's function, which adds few nodes. Returns the frame around it. */
    @Nullable
    InlineFrame within(String function, int token) {
        InlineFrame outer = frame;
        frame = new InlineFrame.Call(outer, function, source.start(token));
        return outer;
    }

    Steps steps() {
        return steps;
    }

    /** Tells about how many nodes come, if this many tokens are evaluated so many times. */
    void foresee(int length, double times) {
        if (!paused) {
            steps.foresee(length, times);
        }
    }

    int literal(double value, int token) {
        return paused ? BROKEN : written(builder.literalIndex(value), token);
    }

    int leaf(Leaf leaf, int token) {
        return paused ? BROKEN : written(builder.add(leaf, new int[0]), token);
    }

    int operation(Op op, int token, int... operands) {
        if (paused) {
            return BROKEN;
        }
        for (int operand : operands) {
            if (operand == BROKEN) {
                return BROKEN;
            }
        }
        Integer instead = fitting == null ? null : fitting.instead(op, token, operands);
        return instead != null ? instead : written(builder.add(op, operands), token);
    }

    /** Returns the node of a statement. A literal becomes a constant, because a literal cannot have an id. */
    int statement(int node, int token) {
        if (node != BROKEN) {
            named.set(node);
        }
        if (node != BROKEN && builder.op(node) instanceof Leaf.Literal literal) {
            int constant = leaf(new Leaf.Constant(Tensor.scalar(literal.value())), token);
            named.set(constant);
            return constant;
        }
        return node;
    }

    /** Whether a statement has named the node, or it is an input. */
    boolean isNamed(int node) {
        return node != BROKEN && (named.get(node) || isInput(node));
    }

    /**
     * Returns the number that a node is, if it is known before the program runs: computed from numbers by a few elementwise ops. A node
     * that a statement has named counts only if {@code orNamed}, because a program can be differentiated by it.
     */
    OptionalDouble number(int node, boolean orNamed) {
        return number(node, orNamed, MOST_OPS_OF_A_NUMBER);
    }

    private OptionalDouble number(int node, boolean orNamed, int depth) {
        if (node == BROKEN || depth == 0 || !orNamed && named.get(node)) {
            return OptionalDouble.empty();
        }
        return switch (builder.op(node)) {
            case Leaf.Literal(double value) -> OptionalDouble.of(value);
            case Leaf.Constant(Tensor value) when value.shape().isScalar() -> OptionalDouble.of(value.data()[0]);
            case Elementwise op when builder.operandCount(node) <= 3 -> {
                double[] operands = new double[3];
                for (int k = 0; k < builder.operandCount(node); k++) {
                    OptionalDouble operand = number(builder.operand(node, k), orNamed, depth - 1);
                    if (operand.isEmpty()) {
                        yield OptionalDouble.empty();
                    }
                    operands[k] = operand.getAsDouble();
                }
                yield OptionalDouble.of(op.apply(operands[0], operands[1], operands[2]));
            }
            default -> OptionalDouble.empty();
        };
    }

    /** Returns the numbers of a short vector that is a constant; an empty list for other nodes, and for truth values. */
    List<Object> list(int node) {
        boolean isVector = node != BROKEN && builder.op(node) instanceof Leaf.Constant(Tensor value) && value.shape().rank() == 1
                && value.length() <= MOST_LENGTHS && !isListOfTruths(node);
        return isVector
                ? DoubleStream.of(((Leaf.Constant) builder.op(node)).value().data()).mapToObj(number -> (Object) number).toList()
                : List.of();
    }

    /** Whether a node is an array that is written as {@code True} and {@code False}. */
    boolean isListOfTruths(int node) {
        return builder.op(node) instanceof Leaf.Constant && new Operands(source).areTruths(token(node));
    }

    /** Returns the shape of a node, null if it is not known. */
    @Nullable
    Shape shape(int node) {
        return node == BROKEN ? null : shapes.of(node);
    }

    /** The op of a node that is not broken. */
    Op op(int node) {
        return builder.op(node);
    }

    int[] operands(int node) {
        return IntStream.range(0, builder.operandCount(node)).map(k -> builder.operand(node, k)).toArray();
    }

    /** Returns the node of the array that a node may share its elements with in NumPy, as a slice does; BROKEN if there is none. */
    int wholeOf(int node) {
        int whole = OpCatalogue.has(builder.op(node), Trait.VIEW) ? builder.operand(node, 0) : BROKEN;
        Shape shape = shape(whole);
        boolean isElement = shape != null && shape.size() != 1 && !mayBeArray(node);
        return isElement ? BROKEN : whole;
    }

    /** Whether a node is no scalar, as far as is known. */
    boolean mayBeArray(int node) {
        Shape shape = shape(node);
        return shape == null || !shape.isScalar();
    }

    boolean isInput(int node) {
        return builder.op(node) instanceof Leaf.Input;
    }

    Graph graph() {
        return builder.build();
    }

    /** The token at which the node was written. */
    int token(int node) {
        return tokens.get(node);
    }

    /** Notes what a user should know about how the text at a token was read. */
    void remark(int token, String message) {
        if (!paused && remarks.size() < Evaluated.MOST_REMARKS) {
            Remark remark = new Remark(message, source.position(token));
            if (!remarks.contains(remark)) {
                remarks.add(remark);
            }
        }
    }

    List<Remark> remarks() {
        return List.copyOf(remarks);
    }

    /** Whether a node counts the numbers from 0 to this one, exclusive. */
    boolean isCount(int node, int length) {
        Shape shape = shape(node);
        Map<String, Object> attributes = builder.op(node).attributes();
        return builder.operandCount(node) == 0 && shape != null && shape.equals(Shape.of(length))
                && attributes.get("stop") instanceof Number stop && stop.doubleValue() == length
                && (!(attributes.get("start") instanceof Number start) || start.doubleValue() == 0);
    }

    /** Returns a problem at a token, with the current frame, because the problem may not occur in others. */
    Problem problem(ProblemCode code, int token, String message) {
        return Problem.of(code, message).position(position(source.lines(), source.start(token), frame));
    }

    /**
     * Returns the position of each node in the text, with the call or pass that made it. The function outlives this writer and the
     * tokens, so it keeps no reference to them.
     */
    IntFunction<@Nullable Position> positions() {
        int[] offsets = IntStream.of(tokens.toArray()).map(source::start).toArray();
        List<@Nullable InlineFrame> sites = new ArrayList<>(frames);
        SourceLines lines = source.lines();
        return node -> position(lines, offsets[node], sites.get(node));
    }

    private static Position position(SourceLines lines, int offset, @Nullable InlineFrame at) {
        return lines.position(offset).within(InlineFrame.describe(at, lines));
    }

    private int written(int node, int token) {
        if (node == tokens.size()) {
            tokens.push(token);
            frames.add(frame);
        } else {
            tokens.set(node, token);
            frames.set(node, frame);
        }
        return node;
    }
}
