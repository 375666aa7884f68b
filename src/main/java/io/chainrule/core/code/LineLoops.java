package io.chainrule.core.code;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCode;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Loops of an op that works along axes, or of inner products: calls of a helper for each line of elements. */
final class LineLoops {
    private final LoopCode code;
    private final LoopLines lines;
    private final Graph graph;
    private final int node;
    private final String name;
    private final OpCode op;
    /** For each parameter of the helper whether its body reads it. */
    private List<Boolean> read = List.of();

    LineLoops(LoopCode code, int node, String name, OpCode op) {
        this.code = code;
        this.lines = code.lines();
        this.graph = code.graph();
        this.node = node;
        this.name = name;
        this.op = op;
    }

    void write() {
        boolean reduces = op.kind() == OpCode.Kind.REDUCTION;
        BitSet axes = code.axes(node);
        int operands = graph.operandCount(node);
        Shape first = graph.shape(graph.operand(node, 0));
        Shape result = graph.shape(node);
        if (!reduces && (axes.cardinality() != 1 || result.rank() != first.rank())) {
            code.refuse(code.dialect().title() + " code of '" + graph.op(node).name() + "' works along one axis only");
            return;
        }
        List<String> parameters = new ArrayList<>();
        for (int k = 0; k < operands; k++) {
            parameters.addAll(List.of("double[] x" + k, "int o" + k, "int s" + k, "int n" + k));
        }
        if (!reduces) {
            parameters.addAll(List.of("double[] y", "int oy", "int sy", "int ny"));
        }
        String body = Objects.requireNonNull(op.text());
        read = parameters.stream().map(parameter -> Pattern.compile("\\b" + parameter.substring(parameter.lastIndexOf(' ') + 1) + "\\b")
                .matcher(body).find()).toList();
        String helper = code.helpers().function(graph.op(node).name() + "_along", reduces ? "double" : "void", those(parameters), body);
        if (reduces) {
            reduce(helper, axes, first);
        } else {
            map(helper, axes.nextSetBit(0));
        }
    }

    /** The parameters or arguments that the body of the helper reads. */
    private List<String> those(List<String> all) {
        return IntStream.range(0, all.size()).filter(read::get).mapToObj(all::get).toList();
    }

    private String call(String helper, List<String> arguments) {
        return helper + "(" + String.join(", ", those(arguments)) + ")";
    }

    private void reduce(String helper, BitSet axes, Shape shape) {
        int operand = graph.operand(node, 0);
        String array = code.array(operand);
        int[] kept = IntStream.range(0, shape.rank()).filter(axis -> !axes.get(axis)).toArray();
        int[] reduced = axes.stream().toArray();
        int[] strides = Indices.strides(shape);
        int length = IntStream.of(reduced).map(shape::dim).reduce(1, (a, b) -> a * b);
        boolean isLine = true;
        for (int i = 0; i + 1 < reduced.length; i++) {
            isLine &= strides[reduced[i]] == strides[reduced[i + 1]] * shape.dim(reduced[i + 1]);
        }
        if (!isLine) {
            array = gathered(array, shape, kept, reduced);
            strides = packed(shape, kept, length);
        }
        int step = reduced.length == 0 || !isLine ? 1 : strides[reduced[reduced.length - 1]];
        int[] own = strides;
        String source = array;
        Shape rest = Shape.of(IntStream.of(kept).map(shape::dim).toArray());
        if (rest.size() == 1 && graph.shape(node).isScalar()) {
            lines.emit(code.dialect().number(name, call(helper, List.of(source, "0", String.valueOf(step), String.valueOf(length)))));
            return;
        }
        lines.declare(name, graph.shape(node), false);
        int[] offsets = IntStream.of(kept).map(axis -> own[axis]).toArray();
        lines.nested(rest, index -> name + "[" + Indices.flat(index, rest) + "] = "
                + call(helper, List.of(source, Indices.offset(index, offsets, 0), String.valueOf(step), String.valueOf(length))) + ";");
    }

    /** Copies an array with the reduced axes last, where they lie one after the other. */
    private String gathered(String array, Shape shape, int[] kept, int[] reduced) {
        int[] order = IntStream.concat(IntStream.of(kept), IntStream.of(reduced)).toArray();
        Shape moved = Shape.of(IntStream.of(order).map(shape::dim).toArray());
        int[] strides = Indices.strides(shape);
        int[] from = IntStream.of(order).map(axis -> strides[axis]).toArray();
        String copy = lines.fresh("t");
        lines.emit(code.dialect().array(copy, moved.length()) + "  // " + moved);
        lines.nested(moved,
                index -> copy + "[" + Indices.flat(index, moved) + "] = " + array + "[" + Indices.offset(index, from, 0) + "];");
        return copy;
    }

    private static int[] packed(Shape shape, int[] kept, int length) {
        int[] strides = new int[shape.rank()];
        int step = length;
        for (int i = kept.length - 1; i >= 0; i--) {
            strides[kept[i]] = step;
            step *= shape.dim(kept[i]);
        }
        return strides;
    }

    private void map(String helper, int axis) {
        Shape result = graph.shape(node);
        int rank = result.rank();
        int[] others = IntStream.range(0, rank).filter(other -> other != axis).toArray();
        Shape rest = Shape.of(IntStream.of(others).map(result::dim).toArray());
        List<String> arrays = new ArrayList<>();
        for (int k = 0; k < graph.operandCount(node); k++) {
            Shape shape = graph.shape(graph.operand(node, k));
            if (shape.rank() != rank
                    || IntStream.of(others).anyMatch(other -> shape.dim(other) != result.dim(other) && shape.dim(other) != 1)) {
                code.refuse(code.dialect().title() + " code of '" + graph.op(node).name() + "' is for operands of one rank only");
                return;
            }
            arrays.add(code.array(graph.operand(node, k)));
        }
        lines.declare(name, result, false);
        lines.nested(rest, index -> {
            List<String> arguments = new ArrayList<>();
            for (int k = 0; k < graph.operandCount(node); k++) {
                arguments.addAll(line(arrays.get(k), graph.shape(graph.operand(node, k)), others, axis, index));
            }
            arguments.addAll(line(name, result, others, axis, index));
            return call(helper, arguments) + ";";
        });
    }

    private static List<String> line(String array, Shape shape, int[] others, int axis, List<String> index) {
        int[] strides = Indices.strides(shape);
        int[] steps = IntStream.of(others).map(other -> shape.dim(other) == 1 ? 0 : strides[other]).toArray();
        return List.of(array, Indices.offset(index, steps, 0), String.valueOf(shape.dim(axis) == 1 ? 0 : strides[axis]),
                String.valueOf(shape.dim(axis)));
    }

    /** Writes a matrix product: an inner product for each row of one operand and column of the other. Leading axes are broadcast. */
    void products() {
        int left = graph.operand(node, 0);
        int right = graph.operand(node, 1);
        Shape a = graph.shape(left);
        Shape b = graph.shape(right);
        Shape result = graph.shape(node);
        String helper = code.helpers().function("dot_along", "double",
                List.of("double[] x0", "int o0", "int s0", "double[] x1", "int o1", "int s1", "int n"),
                """
                        double s = 0.0;
                        for (int i = 0; i < n; i++) {
                            s += x0[o0 + i * s0] * x1[o1 + i * s1];
                        }
                        return s;""");
        int length = a.last();
        boolean hasRows = a.rank() > 1;
        boolean hasColumns = b.rank() > 1;
        int step = hasColumns ? b.last() : 1;
        String x = code.array(left);
        String y = code.array(right);
        if (result.isScalar()) {
            lines.emit(code.dialect().number(name, helper + "(" + x + ", 0, 1, " + y + ", 0, 1, " + length + ")"));
            return;
        }
        lines.declare(name, result, false);
        lines.nested(result, index -> {
            int outer = result.rank() - (hasRows ? 1 : 0) - (hasColumns ? 1 : 0);
            List<String> batch = index.subList(0, outer);
            String row = sum(batchOffset(batch, a, 2), hasRows ? term(index.get(outer), length) : "0");
            String column = sum(batchOffset(batch, b, 2), hasColumns ? index.getLast() : "0");
            return name + "[" + Indices.flat(index, result) + "] = " + helper + "(" + x + ", " + row + ", 1, " + y + ", " + column + ", "
                    + step
                    + ", " + length + ");";
        });
    }

    private static String term(String index, int step) {
        return step == 1 || index.equals("0") ? index : step + " * " + index;
    }

    private static String sum(String a, String b) {
        return a.equals("0") ? b : b.equals("0") ? a : a + " + " + b;
    }

    private static String batchOffset(List<String> batch, Shape shape, int inner) {
        int outer = Math.max(0, shape.rank() - inner);
        int[] strides = Indices.strides(shape);
        int missing = batch.size() - outer;
        List<String> own = batch.subList(missing, batch.size());
        return Indices.offset(own, IntStream.range(0, outer).map(axis -> shape.dim(axis) == 1 ? 0 : strides[axis]).toArray(), 0);
    }
}
