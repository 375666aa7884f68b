package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.Problem.Position;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Appends nodes and remembers where each was written. What could not be made is {@link #BROKEN}, and so is what reads
 * it: one mistake is one problem. While it is paused, text is only looked at for mistakes: every node is BROKEN.
 */
final class NodeWriter {
    static final int BROKEN = -1;
    /** So many tokens read once more count as a step. */
    private static final int TOKENS_A_STEP = 64;

    private final Tokens source;
    private final int maxNodes;
    private final GraphBuilder builder;
    private final IntList tokens = new IntList();
    private final List<@Nullable InlineFrame> frames = new ArrayList<>();
    private @Nullable InlineFrame frame;
    private long steps;
    private boolean paused;

    NodeWriter(Tokens source, int maxNodes) {
        this.source = source;
        this.maxNodes = maxNodes;
        this.builder = GraphBuilder.withoutShapes(maxNodes);
    }

    /** Answers whether it was paused before. */
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

    /** Goes on at a frame that was left for another. */
    void returnTo(@Nullable InlineFrame outer) {
        frame = outer;
    }

    /**
     * Begins to read so many tokens once more. Steps without a node are limited as nodes are: a function that only names
     * its parameter, called a hundred million times, ends here.
     */
    void enter(InlineFrame entered, int length) {
        frame = entered;
        steps += 1 + length / TOKENS_A_STEP;
        if (steps - builder.size() > maxNodes) {
            throw LimitException.moreThan("nodes", maxNodes);
        }
    }

    /** Refuses a loop of more passes than steps are allowed, before the first. */
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
        return written(builder.add(op, operands), token);
    }

    /** The node as one of its own: a literal becomes a constant. */
    int statement(int node, int token) {
        return node != BROKEN && builder.op(node) instanceof Leaf.Literal literal
                ? leaf(new Leaf.Constant(Tensor.scalar(literal.value())), token)
                : node;
    }

    /** The number that a node is, if it is a literal. */
    OptionalDouble number(int node) {
        return node != BROKEN && builder.op(node) instanceof Leaf.Literal literal
                ? OptionalDouble.of(literal.value())
                : OptionalDouble.empty();
    }

    Graph graph() {
        return builder.build();
    }

    /** The token at which the node was written. */
    int token(int node) {
        return tokens.get(node);
    }

    /** A problem at a token that is one only at this frame. */
    Problem problem(ProblemCode code, int token, String message) {
        return Problem.of(code, message).position(position(source.lines(), source.start(token), frame));
    }

    /** Where in the text each node was written, and at which call or pass. It outlives this and the tokens, which it does not keep. */
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
