package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.Problem.Position;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.op.Elementwise;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Appends nodes to the graph and records the position of each in the text. A node that cannot be made is {@link #BROKEN}, and so is
 * every node that uses it, so that one mistake is reported as one problem. While the writer is paused, text is only checked for
 * mistakes: no nodes are added, and every node is BROKEN.
 */
final class NodeWriter {
    static final int BROKEN = -1;
    /** The number of tokens that count as one more step when they are evaluated again. */
    private static final int TOKENS_A_STEP = 64;
    /** The largest number of operands of an elementwise op. */
    private static final int MOST_OPERANDS = 3;

    private final Tokens source;
    private final int maxNodes;
    private final GraphBuilder builder;
    private final IntList tokens = new IntList();
    private final List<@Nullable InlineFrame> frames = new ArrayList<>();
    /** The numbers of nodes that are computed from literals alone, such as the argument in {@code f(x, 1 + 1)}. */
    private final Map<Integer, Double> computed = new HashMap<>();
    private @Nullable InlineFrame frame;
    private long steps;
    private boolean paused;

    NodeWriter(Tokens source, int maxNodes) {
        this.source = source;
        this.maxNodes = maxNodes;
        this.builder = GraphBuilder.withoutShapes(maxNodes);
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

    @Nullable
    InlineFrame frame() {
        return frame;
    }

    /** Returns to the frame that was current before another was entered. */
    void returnTo(@Nullable InlineFrame outer) {
        frame = outer;
    }

    /**
     * Enters a frame in which {@code length} tokens are evaluated again. Steps that add no node are limited as nodes are: otherwise a
     * program could call a function such as {@code f(a) = a} a hundred million times.
     */
    void enter(InlineFrame entered, int length) {
        frame = entered;
        steps += 1 + length / TOKENS_A_STEP;
        if (steps - builder.size() > maxNodes) {
            throw LimitException.moreThan("nodes", maxNodes);
        }
    }

    /** Refuses a loop with more passes than steps are allowed, before its first pass. */
    void checkPasses(long passes) {
        if (passes > maxNodes) {
            throw new LimitException("nodes", passes, maxNodes);
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
        int node = written(builder.add(op, operands), token);
        if (op instanceof Elementwise function) {
            compute(node, function, operands);
        }
        return node;
    }

    private void compute(int node, Elementwise function, int[] operands) {
        double[] numbers = new double[MOST_OPERANDS];
        for (int k = 0; k < operands.length; k++) {
            OptionalDouble number = number(operands[k]);
            if (number.isEmpty()) {
                return;
            }
            numbers[k] = number.getAsDouble();
        }
        computed.put(node, function.apply(numbers[0], numbers[1], numbers[2]));
    }

    /**
     * Returns the node of a statement. A literal becomes a constant, because a literal cannot have an id. The node is no number any more:
     * a program can be differentiated by it.
     */
    int statement(int node, int token) {
        computed.remove(node);
        return node != BROKEN && builder.op(node) instanceof Leaf.Literal literal
                ? leaf(new Leaf.Constant(Tensor.scalar(literal.value())), token)
                : node;
    }

    /** Returns the number of a literal, or of what is computed from literals, and nothing for other nodes. */
    OptionalDouble number(int node) {
        if (node != BROKEN && builder.op(node) instanceof Leaf.Literal literal) {
            return OptionalDouble.of(literal.value());
        }
        Double number = computed.get(node);
        return number == null ? OptionalDouble.empty() : OptionalDouble.of(number);
    }

    Graph graph() {
        return builder.build();
    }

    /** The token at which the node was written. */
    int token(int node) {
        return tokens.get(node);
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
