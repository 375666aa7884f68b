package io.chainrule.core.expression;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
     * @param base the height of the operand stack before the items
     * @param levels the counts, the outermost first
     * @param isPaused whether the writer was paused before
     */
    private record Repetition(int item, int base, List<Level> levels, @Nullable InlineFrame outer, boolean isPaused) {}

    /**
     * A name that counts.
     *
     * @param each the FOR
     * @param before what the name counted before
     */
    private record Level(int each, String variable, Constants.Range range, long value, @Nullable Object before, boolean isEmpty) {}

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
        return running.isEmpty() ? -1 : running.element().levels.getFirst().each;
    }

    /** The height of the operand stack before the items of the list that ended last. */
    int base() {
        return latestBase;
    }

    /** Begins the first pass. Returns the next node. If a syntax error follows what it counts over, that is {@code end}. */
    int begin(int node, int end) {
        for (int each = tree.extent(node); each < end && tree.kind(each) == Syntax.FOR; each = tree.extent(each)) {
            if (tree.extent(each) == 0) {
                return end;
            }
        }
        Repetition repetition = new Repetition(node + 1, operands.size(), new ArrayList<>(), writer.frame(), writer.isPaused());
        running.push(repetition);
        descend(repetition, tree.extent(node));
        return pass(repetition);
    }

    /** Begins to count from the FOR at a node on, and with those behind it. */
    private void descend(Repetition repetition, int from) {
        for (int each = from; tree.kind(each) == Syntax.FOR; each = tree.extent(each)) {
            int token = tree.token(each);
            String variable = tree.tokens().text(token);
            Object bounds = constants.evaluate(each + 1, tree.extent(each), ConstantRole.BOUND).getFirst();
            if (!(bounds instanceof Constants.Range) && bounds != Constants.UNKNOWN) {
                throw tree.tokens().syntaxError(token, "a list counts over a range")
                        .hint("write for " + variable + " in range(3)");
            }
            Constants.Range range = bounds instanceof Constants.Range known ? known : new Constants.Range(0, 0, 1);
            writer.checkPasses(range.count());
            scope.checkCount(token);
            Object before = scope.saved(variable);
            repetition.levels.add(new Level(each, variable, range, range.start(), before, range.count() == 0));
            scope.countItems(variable, range.start(), before);
        }
    }

    /** Evaluates the item, without adding nodes if one of the ranges is empty, to report the mistakes in it. */
    private int pass(Repetition repetition) {
        Level last = repetition.levels.getLast();
        writer.pause(repetition.isPaused || repetition.levels.stream().anyMatch(Level::isEmpty));
        writer.enter(new InlineFrame.Pass(repetition.outer, last.variable, last.value),
                tree.token(repetition.levels.getFirst().each) - tree.token(repetition.item));
        return repetition.item;
    }

    /** Ends a pass. Returns the next node: the first of the item again, or the one behind the last FOR. */
    int next() {
        Repetition repetition = running.element();
        List<Level> levels = repetition.levels;
        if (!repetition.isPaused && levels.stream().anyMatch(Level::isEmpty)) {
            operands.pop();
        }
        int behind = tree.extent(levels.getLast().each);
        writer.pause(repetition.isPaused);
        writer.returnTo(repetition.outer);
        while (!levels.isEmpty()) {
            Level level = levels.removeLast();
            long value = level.value + level.range.step();
            boolean isLast = level.isEmpty || (level.range.step() > 0 ? value >= level.range.stop() : value <= level.range.stop());
            if (!isLast) {
                levels.add(new Level(level.each, level.variable, level.range, value, level.before, false));
                scope.countItems(level.variable, value, level.before);
                descend(repetition, tree.extent(level.each));
                return pass(repetition);
            }
            scope.restore(level.variable, level.before);
        }
        running.pop();
        latestBase = repetition.base;
        return behind;
    }

    private void end(Repetition repetition) {
        writer.returnTo(repetition.outer);
        writer.pause(repetition.isPaused);
        repetition.levels.reversed().forEach(level -> scope.restore(level.variable, level.before));
    }
}
