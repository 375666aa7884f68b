package io.chainrule.core.code;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Loops of an op that only moves and adds up elements. */
final class MoveLoops {
    private final LoopCode code;
    private final LoopLines lines;
    private final Graph graph;
    private final Dialect dialect;
    private final int node;
    private final String name;
    private final Moves moves;

    MoveLoops(LoopCode code, int node, String name, Moves moves) {
        this.code = code;
        this.lines = code.lines();
        this.graph = code.graph();
        this.dialect = code.dialect();
        this.node = node;
        this.name = name;
        this.moves = moves;
    }

    void write() {
        Shape shape = graph.shape(node);
        IntStream.range(0, graph.operandCount(node)).filter(k -> IntStream.of(moves.operand()).noneMatch(operand -> operand == k))
                .forEach(k -> code.leaveUnread(graph.operand(node, k)));
        if (shape.isScalar() && moves.isGather()) {
            int source = graph.operand(node, 0);
            lines.emit(dialect.number(name,
                    graph.shape(source).isScalar()
                            ? code.element(source, List.of()).text()
                            : code.array(source) + "[" + moves.from()[0] + "]"));
        } else if (graph.operandCount(node) == 0 && shape.isScalar()) {
            lines.emit(dialect.number(name, dialect.literal(moves.fixed()[0])));
        } else if (graph.operandCount(node) == 0) {
            fill(name);
        } else if (moves.isGather()) {
            gather(shape);
        } else {
            add();
        }
    }

    private void gather(Shape shape) {
        int source = graph.operand(node, 0);
        int[] sources = moves.sources();
        int[] strides = Moves.strides(sources, shape);
        lines.declare(name, shape, false);
        if (graph.shape(source).isScalar()) {
            lines.each(shape.length(), i -> name + "[" + i + "] = " + code.element(source, List.of()).text() + ";");
        } else if (strides != null) {
            lines.nested(shape, index -> name + "[" + Indices.flat(index, shape) + "] = " + code.array(source) + "["
                    + Indices.offset(index, strides, sources[0]) + "];");
        } else {
            UnaryOperator<String> place = place("from", sources);
            lines.each(shape.length(), i -> name + "[" + i + "] = " + code.array(source) + "[" + place.apply(i) + "];");
        }
    }

    /** An array of the elements that no operand changes. */
    private void fill(String array) {
        Shape shape = Shape.of(moves.fixed().length);
        double first = moves.fixed()[0];
        if (moves.isFilled(first)) {
            lines.declare(array, graph.shape(node), first == 0);
            if (first != 0) {
                lines.each(shape.length(), i -> array + "[" + i + "] = " + dialect.literal(first) + ";");
            }
        } else if (graph.operandCount(node) == 0 && !lines.isOutside(array)) {
            lines.emit(dialect.values(array, listed(moves.fixed())) + LoopLines.note(graph.shape(node)));
        } else {
            String values = lines.fresh("c");
            lines.emit(dialect.values(values, listed(moves.fixed())));
            lines.declare(array, graph.shape(node), false);
            lines.each(shape.length(), i -> array + "[" + i + "] = " + values + "[" + i + "];");
        }
    }

    private double[] listed(double[] values) {
        if (values.length > Moves.MOST_LISTED) {
            code.refuse(Moves.tooLong(graph, node, values.length, dialect.title()));
            return new double[1];
        }
        return values;
    }

    /** Adds up elements of all operands. */
    private void add() {
        Shape shape = graph.shape(node);
        String array = shape.isScalar() ? lines.fresh("a") : name;
        if (shape.isScalar()) {
            lines.emit(dialect.array(array, 1));
            if (moves.fixed()[0] != 0) {
                lines.emit(array + "[0] = " + dialect.literal(moves.fixed()[0]) + ";");
            }
        } else {
            fill(array);
        }
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = k;
            int source = graph.operand(node, k);
            int[] pairs = IntStream.range(0, moves.to().length).filter(i -> moves.operand()[i] == operand).toArray();
            if (pairs.length == 0) {
                continue;
            }
            boolean isNumber = graph.shape(source).isScalar();
            UnaryOperator<String> from = isNumber
                    ? UnaryOperator.identity()
                    : place("from", IntStream.of(pairs).map(i -> moves.from()[i]).toArray());
            UnaryOperator<String> to = place("to", IntStream.of(pairs).map(i -> moves.to()[i]).toArray());
            String values = isNumber ? "" : code.array(source);
            lines.each(pairs.length, i -> array + "[" + to.apply(i) + "] += "
                    + (isNumber ? code.element(source, List.of()).text() : values + "[" + from.apply(i) + "]") + ";");
        }
        if (shape.isScalar()) {
            lines.emit(dialect.number(name, array + "[0]"));
        }
    }

    /** The element of these places that a loop variable counts: by arithmetic if their steps are even, else from a table. */
    private UnaryOperator<String> place(String prefix, int[] places) {
        int step = places.length > 1 ? places[1] - places[0] : 0;
        if (IntStream.range(1, places.length).allMatch(i -> places[i] - places[i - 1] == step)) {
            return i -> Indices.offset(List.of(i), new int[]{step}, places[0]);
        }
        if (places.length > Moves.MOST_LISTED) {
            code.refuse(Moves.tooLong(graph, node, places.length, dialect.title()));
            return i -> i;
        }
        String table = lines.fresh(prefix);
        lines.emit(dialect.table(table, places));
        return i -> table + "[" + i + "]";
    }
}
