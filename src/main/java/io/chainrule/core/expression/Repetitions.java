package io.chainrule.core.expression;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Evaluates lists and arguments that are written once for all their items, as in {@code [x[i] for i in range(3) if i != 1]}. */
final class Repetitions {
    private static final int NONE = -1;

    private final SyntaxTree tree;
    private final Scope scope;
    private final NodeWriter writer;
    private final OpCalls ops;
    private final LectureOps lecture;
    private final Constants constants;
    private final IntList operands;
    private final Deque<Repetition> running = new ArrayDeque<>();
    private int latestBase;

    /**
     * What is being repeated.
     *
     * @param item the first node of the item
     * @param base the height of the operand stack before the items
     * @param levels the counts, the outermost first
     * @param isPaused whether the writer was paused before
     * @param isSum whether the items are added up, so that one that a condition excludes counts as 0
     */
    private record Repetition(int item, int each, int base, List<Level> levels, @Nullable InlineFrame outer, boolean isPaused,
            boolean isSum) {}

    /**
     * The names of a FOR.
     *
     * @param before what the names counted before
     */
    private record Level(int each, List<Integer> names, Iteration iteration, long pass, List<@Nullable Object> before) {
        boolean isEmpty() {
            return iteration.count() == 0;
        }

        Level next() {
            return new Level(each, names, iteration, pass + 1, before);
        }
    }

    Repetitions(SyntaxTree tree, Scope scope, NodeWriter writer, OpCalls ops, LectureOps lecture, Constants constants, IntList operands) {
        this.tree = tree;
        this.scope = scope;
        this.writer = writer;
        this.ops = ops;
        this.lecture = lecture;
        this.constants = constants;
        this.operands = operands;
    }

    void clear() {
        while (!running.isEmpty()) {
            Repetition repetition = running.pop();
            leave(repetition);
            repetition.levels.reversed().forEach(this::restore);
        }
    }

    /** The node behind the item that is being evaluated, or behind the condition on its value; −1 outside. */
    int behindItem() {
        return running.isEmpty() ? NONE : running.element().each;
    }

    /** The height of the operand stack before the items of the list that ended last. */
    int base() {
        return latestBase;
    }

    /** Begins the first pass. Returns the next node. If a syntax error follows what it counts over, that is {@code end}. */
    int begin(int node, int end, boolean isSum) {
        int behind = tree.behindCounts(node);
        if (behind == 0 || behind > end) {
            return end;
        }
        Repetition repetition = new Repetition(node + 1, tree.extent(node), operands.size(), new ArrayList<>(), writer.frame(),
                writer.isPaused(), isSum);
        running.push(repetition);
        return descend(repetition, tree.extent(node));
    }

    /** Begins to count from the FOR at a node on, and with those behind it. Returns the next node. */
    private int descend(Repetition repetition, int from) {
        int node = from;
        while (node != NONE && isCount(node)) {
            boolean isExcluded = tree.kind(node) == Syntax.FILTER && isExcluded(repetition, node);
            if (tree.kind(node) == Syntax.FOR) {
                begin(repetition, node);
            }
            node = isExcluded ? advance(repetition) : tree.extent(node);
        }
        return node == NONE ? end(repetition) : pass(repetition);
    }

    private int end(Repetition repetition) {
        running.pop();
        latestBase = repetition.base;
        return tree.behindCounts(repetition.item - 1);
    }

    private boolean isCount(int node) {
        return node < tree.size() && (tree.kind(node) == Syntax.FOR || tree.kind(node) == Syntax.FILTER);
    }

    private void begin(Repetition repetition, int each) {
        int token = tree.token(each);
        List<Integer> names = new LoopNames(tree.tokens()).of(token);
        Object bounds = constants.evaluate(each + 1, tree.extent(each), ConstantRole.ITERATION).getFirst();
        if (bounds instanceof Double || bounds instanceof Boolean || bounds instanceof String) {
            throw tree.tokens().syntaxError(token, "a list counts over a range, or the items of an array")
                    .hint("write for " + tree.tokens().text(token) + " in range(3)");
        }
        Loops.checkItems(bounds, token, tree.tokens());
        Iteration iteration = Loops.iterationOf(bounds);
        if (bounds != Constants.UNKNOWN && iteration.width() != names.size()) {
            throw new SyntaxException(Loops.names(tree.tokens(), token, names.size(), iteration.width()));
        }
        writer.steps().checkPasses(iteration.count());
        List<@Nullable Object> before = new ArrayList<>();
        for (int name : names) {
            scope.checkCount(name);
            before.add(scope.saved(tree.tokens().text(name)));
        }
        Level level = new Level(each, names, iteration, 0, before);
        repetition.levels.add(level);
        double passes = repetition.levels.stream().mapToDouble(outer -> outer.iteration.count() - outer.pass).reduce(1, (a, b) -> a * b);
        writer.foresee(itemTokens(repetition), passes);
        count(level);
    }

    private int itemTokens(Repetition repetition) {
        return tree.token(repetition.levels.getFirst().each) - tree.token(repetition.item);
    }

    private void count(Level level) {
        for (int i = 0; i < level.names.size(); i++) {
            boolean isKnown = !level.isEmpty() || level.iteration instanceof Iteration.Range;
            Object value = isKnown ? Loops.value(level.iteration.value(i, level.pass), level.names.get(i), ops) : (Object) 0.0;
            scope.countItems(tree.tokens().text(level.names.get(i)), value, level.before.get(i));
        }
    }

    /** Whether the condition at a FILTER, if it is known before the program runs, excludes the current items. */
    private boolean isExcluded(Repetition repetition, int filter) {
        int behind = tree.extent(filter);
        if (!constants.isKnownCondition(filter + 1, behind)) {
            boolean isLast = !isCount(behind);
            if (!(repetition.isSum && isLast || constants.isPaused())) {
                throw tree.tokens().syntaxError(tree.token(filter),
                        "how many items the list has depends on values that are not known before the program runs")
                        .hint("write where(condition, x, 0), or sum(x[i] for i in range(3) if x[i] > 0)");
            }
            return false;
        }
        boolean isExcluded = constants.evaluate(filter + 1, behind, ConstantRole.CONDITION).getFirst().equals(false);
        if (isExcluded) {
            writer.enter(new InlineFrame.Pass(repetition.outer, "", 0), behind - filter);
            leave(repetition);
        }
        return isExcluded;
    }

    /** Evaluates the item, without adding nodes if one of the ranges is empty, to report the mistakes in it. */
    private int pass(Repetition repetition) {
        Level last = repetition.levels.getLast();
        writer.pause(repetition.isPaused || repetition.levels.stream().anyMatch(Level::isEmpty));
        String name = last.names.isEmpty() ? "" : tree.tokens().text(last.names.getFirst());
        writer.enter(Loops.pass(repetition.outer, name, last.iteration, last.pass), itemTokens(repetition));
        return repetition.item;
    }

    /**
     * Ends the item, or the condition on its value. Returns the next node: the first of that condition, the first of the item again, or the
     * one behind all.
     */
    int next() {
        Repetition repetition = running.element();
        int filter = condition(repetition);
        boolean isCondition = filter != NONE && repetition.each == tree.extent(filter);
        if (filter != NONE && !isCondition) {
            running.pop();
            running.push(at(repetition, tree.extent(filter)));
            return filter + 1;
        } else if (isCondition) {
            int holds = operands.pop();
            int zero = writer.literal(0, tree.token(filter));
            operands.push(lecture.conditional(tree.token(filter), holds, operands.pop(), zero));
            running.pop();
            repetition = at(repetition, tree.extent(repetition.item - 1));
            running.push(repetition);
        }
        if (!repetition.isPaused && repetition.levels.stream().anyMatch(Level::isEmpty)) {
            operands.pop();
        }
        leave(repetition);
        int node = advance(repetition);
        return node == NONE ? end(repetition) : descend(repetition, node);
    }

    private static Repetition at(Repetition of, int each) {
        return new Repetition(of.item, each, of.base, of.levels, of.outer, of.isPaused, of.isSum);
    }

    /** Returns the FILTER of the condition on values; NONE if there is none. */
    private int condition(Repetition repetition) {
        int node = repetition.levels.getLast().each;
        while (isCount(tree.extent(node))) {
            node = tree.extent(node);
        }
        return tree.kind(node) == Syntax.FILTER && !constants.isKnownCondition(node + 1, tree.extent(node)) ? node : NONE;
    }

    /** Counts on. Returns the node behind the FOR that counts on; NONE if none does. */
    private int advance(Repetition repetition) {
        List<Level> levels = repetition.levels;
        while (!levels.isEmpty()) {
            Level level = levels.removeLast();
            if (level.pass + 1 < level.iteration.count()) {
                Level next = level.next();
                levels.add(next);
                count(next);
                return tree.extent(level.each);
            }
            restore(level);
        }
        return NONE;
    }

    private void leave(Repetition repetition) {
        writer.returnTo(repetition.outer);
        writer.pause(repetition.isPaused);
    }

    private void restore(Level level) {
        for (int i = 0; i < level.names.size(); i++) {
            scope.restore(tree.tokens().text(level.names.get(i)), level.before.get(i));
        }
    }
}
