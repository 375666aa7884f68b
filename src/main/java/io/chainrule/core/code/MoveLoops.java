package io.chainrule.core.code;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;

/** Loops of an op that only moves and adds up elements. */
final class MoveLoops {
    private final LoopCode code;
    private final Graph graph;
    private final Dialect dialect;
    private final int node;
    private final String name;
    private final Moves moves;

    MoveLoops(LoopCode code, int node, String name, Moves moves) {
        this.code = code;
        this.graph = code.graph();
        this.dialect = code.dialect();
        this.node = node;
        this.name = name;
        this.moves = moves;
    }

    void write() {
        Shape shape = graph.shape(node);
        if (shape.isScalar() && moves.isGather()) {
            int source = graph.operand(node, 0);
            code.emit(dialect.number(name,
                    graph.shape(source).isScalar() ? code.element(source, List.of()) : code.array(source) + "[" + moves.from()[0] + "]"));
        } else if (graph.operandCount(node) == 0) {
            code.emit(shape.isScalar()
                    ? dialect.number(name, dialect.literal(moves.fixed()[0]))
                    : dialect.values(name, moves.fixed()) + LoopCode.note(shape));
        } else if (moves.isGather()) {
            int source = graph.operand(node, 0);
            int[] sources = moves.sources();
            int[] strides = Moves.strides(sources, shape);
            code.emit(dialect.array(name, shape.length()) + LoopCode.note(shape));
            if (graph.shape(source).isScalar()) {
                code.emit(dialect.loop("i", shape.length()));
                code.emit("    " + name + "[i] = " + code.element(source, List.of()) + ";");
                code.emit("}");
            } else if (strides != null) {
                code.nested(shape, index -> name + "[" + Indices.flat(index, shape) + "] = " + code.array(source) + "["
                        + Indices.offset(index, strides, sources[0]) + "];");
            } else {
                String table = code.fresh("from");
                code.emit(dialect.table(table, sources));
                code.emit(dialect.loop("i", shape.length()));
                code.emit("    " + name + "[i] = " + code.array(source) + "[" + table + "[i]];");
                code.emit("}");
            }
        } else {
            add();
        }
    }

    /** Adds up elements of all operands. */
    private void add() {
        Shape shape = graph.shape(node);
        String array = shape.isScalar() ? code.fresh("a") : name;
        code.emit((moves.isFilled(0) ? dialect.array(array, shape.length()) : dialect.values(array, moves.fixed())) + LoopCode.note(shape));
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = k;
            int source = graph.operand(node, k);
            int[] pairs = IntStream.range(0, moves.to().length).filter(i -> moves.operand()[i] == operand).toArray();
            if (pairs.length == 0) {
                continue;
            }
            String from = code.fresh("from");
            String to = code.fresh("to");
            code.emit(dialect.table(from, IntStream.of(pairs).map(i -> moves.from()[i]).toArray()));
            code.emit(dialect.table(to, IntStream.of(pairs).map(i -> moves.to()[i]).toArray()));
            code.emit(dialect.loop("i", pairs.length));
            String element = graph.shape(source).isScalar() ? code.element(source, List.of()) : code.array(source) + "[" + from + "[i]]";
            code.emit("    " + array + "[" + to + "[i]] += " + element + ";");
            code.emit("}");
        }
        if (shape.isScalar()) {
            code.emit(dialect.number(name, array + "[0]"));
        }
    }
}
