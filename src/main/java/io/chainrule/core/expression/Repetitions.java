package io.chainrule.core.expression;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Evaluates lists and arguments that are written once for all their items, as in {@code [x[i] for i in range(3)]}. */
final class Repetitions {
    private final SyntaxTree tree;
    private final Scope scope;
    private final NodeWriter writer;
    private final Constants constants;
    private final IntList operands;
    private final Deque<Repetition> running = new ArrayDeque<>();
    private int latestBase;

    /**
     * @param item the first node of the item
     * @param each the FOR behind the item
     * @param base the height of the operand stack before the items
     * @param before what the name counted before
     * @param isPaused whether the writer was paused before
     */
    private record Repetition(int item, int each, int base, String variable, Constants.Range range, long value,
            @Nullable Object before, @Nullable InlineFrame outer, boolean isPaused) {}

    Repetitions(SyntaxTree tree, Scope scope, NodeWriter writer, Constants constants, IntList operands) {
        this.tree = tree;
        this.scope = scope;
        this.writer = writer;
        this.constants = constants;
        this.operands = operands;
    }

    void clear() {
        while (!running.isEmpty()) {
            end(running.pop());
        }
    }

    /** The node behind the item that is being evaluated; −1 outside. */
    int behindItem() {
        return running.isEmpty() ? -1 : running.element().each;
    }

    /** The height of the operand stack before the items of the list that ended last. */
    int base() {
        return latestBase;
    }

    /** Begins the first pass. Returns the next node. */
    int begin(int node) {
        int each = tree.extent(node);
        int token = tree.token(each);
        Object bounds = constants.evaluate(each + 1, tree.extent(each), ConstantRole.BOUND).getFirst();
        if (!(bounds instanceof Constants.Range) && bounds != Constants.UNKNOWN) {
            throw tree.tokens().syntaxError(token, "a list counts over a range").hint("write for "
                    + tree.tokens().text(token) + " in range(3)");
        }
        Constants.Range range = bounds instanceof Constants.Range known ? known : new Constants.Range(0, 1, 1);
        writer.checkPasses(range.count());
        boolean isEmpty = bounds == Constants.UNKNOWN || range.count() == 0;
        String variable = tree.tokens().text(token);
        scope.checkCount(token);
        Repetition first = new Repetition(node + 1, each, operands.size(), variable, range, range.start(), scope.saved(variable),
                writer.frame(), writer.pause(writer.isPaused() || isEmpty));
        return pass(first);
    }

    private int pass(Repetition repetition) {
        running.push(repetition);
        scope.count(repetition.variable, repetition.value);
        writer.enter(new InlineFrame.Pass(repetition.outer, repetition.variable, repetition.value),
                tree.token(repetition.each) - tree.token(repetition.item));
        return repetition.item;
    }

    /** Ends a pass. Returns the next node: the first of the item again, or the one behind the FOR. */
    int next(int each) {
        Repetition done = running.pop();
        long value = done.value + done.range.step();
        boolean isLast = done.range.step() > 0 ? value >= done.range.stop() : value <= done.range.stop();
        if (!isLast) {
            return pass(new Repetition(done.item, each, done.base, done.variable, done.range, value, done.before, done.outer,
                    done.isPaused));
        }
        if (done.range.count() == 0) {
            operands.popFrom(done.base);
        }
        end(done);
        latestBase = done.base;
        return tree.extent(each);
    }

    private void end(Repetition done) {
        writer.returnTo(done.outer);
        writer.pause(done.isPaused);
        scope.restore(done.variable, done.before);
    }
}
