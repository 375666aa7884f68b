package io.chainrule.core.code;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Axes;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpCode;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A function over numbers and flat arrays, with loops. Elementwise ops that have one reader are joined into its loop. */
final class LoopCode {
    private static final int MOST_JOINED = 8;
    private static final int MOST_ELEMENTS = 100_000;

    private final CodeProgram program;
    private final Graph graph;
    private final Dialect dialect;
    private final Names names = new Names();
    /** The variable of a node; null where it is written inline. */
    private final @Nullable String[] variables;
    private final int[] joined;
    private final int[] uses;
    /** A reader of each node. */
    private final int[] readers;
    private final StringBuilder out = new StringBuilder();
    private final Map<String, String> helpers = new LinkedHashMap<>();
    private final List<String> refused = new ArrayList<>();

    LoopCode(CodeProgram program, Dialect dialect) {
        this.program = program;
        this.graph = program.graph();
        this.dialect = dialect;
        this.variables = new String[graph.size()];
        this.joined = new int[graph.size()];
        this.uses = program.uses();
        this.readers = new int[graph.size()];
        for (int i = 0; i < graph.size(); i++) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                readers[graph.operand(i, k)] = i;
            }
        }
    }

    String text() {
        List<Dialect.Variable> inputs = new ArrayList<>();
        for (int input : program.inputs()) {
            String name = names.of(program.id(input));
            variables[input] = name;
            inputs.add(new Dialect.Variable(name, program.id(input), graph.shape(input)));
        }
        for (int node = 0; node < graph.size(); node++) {
            if (uses[node] > 0 && variables[node] == null) {
                write(node);
            }
        }
        List<Dialect.Variable> results = new ArrayList<>(List.of(result("value", "value", program.value())));
        program.gradients().forEach((name, node) -> results.add(result(names.of("d_" + name), name, node)));
        if (!refused.isEmpty()) {
            throw CodeProgram.refused(refused, dialect.title());
        }
        String loops = String.join("", helpers.values());
        return dialect.program(inputs, results, out.toString(), LoopHelpers.needed(out + loops, dialect) + loops);
    }

    private Dialect.Variable result(String name, String id, int node) {
        Shape shape = graph.shape(node);
        if (shape.isScalar()) {
            line(dialect.number(name, element(node, List.of())));
        } else {
            line(dialect.array(name, shape.length()) + note(shape));
            line(dialect.loop("i", shape.length()));
            line("    " + name + "[i] = " + variables[node] + "[i];");
            line("}");
        }
        return new Dialect.Variable(name, id, shape);
    }

    static String note(Shape shape) {
        return shape.isScalar() ? "" : "  // " + shape;
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private @Nullable OpCode code(int node) {
        return graph.op(node) instanceof Leaf ? null : OpCatalogue.of(graph.op(node)).code();
    }

    private boolean isScalarCode(int node) {
        OpCode code = code(node);
        return code != null && code.kind() == OpCode.Kind.SCALAR;
    }

    private void write(int node) {
        Op op = graph.op(node);
        Shape shape = graph.shape(node);
        boolean isEmpty = shape.size() == 0
                || IntStream.range(0, graph.operandCount(node)).anyMatch(k -> graph.shape(graph.operand(node, k)).size() == 0);
        if (op instanceof Leaf.Literal || isEmpty || shape.size() > MOST_ELEMENTS) {
            if (!(op instanceof Leaf.Literal)) {
                refused.add(op.name());
                variables[node] = "refused";
            }
            return;
        } else if (isScalarCode(node) && isJoined(node)) {
            return;
        }
        String name = names.numbered("t");
        OpCode code = code(node);
        if (op instanceof Leaf.Constant(var value)) {
            line(shape.isScalar() ? dialect.number(name, dialect.literal(value.item())) : dialect.values(name, value.data()) + note(shape));
        } else if (code != null && code.kind() == OpCode.Kind.SCALAR) {
            elementwise(node, name);
        } else if (code != null && code.text() != null && code.kind() != OpCode.Kind.NUMPY) {
            new LineLoops(this, node, name, code).write();
        } else if (code != null && code.kind() == OpCode.Kind.PRODUCT) {
            new LineLoops(this, node, name, code).products();
        } else {
            Moves moves = Moves.of(graph, node);
            if (moves == null) {
                refused.add(op.name());
            } else {
                new MoveLoops(this, node, name, moves).write();
            }
        }
        variables[node] = name;
    }

    /** Whether the node is written into the expression of its only reader. */
    private boolean isJoined(int node) {
        joined[node] = 1;
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = graph.operand(node, k);
            joined[node] += variables[operand] == null ? joined[operand] : 0;
        }
        if (uses[node] != 1 || joined[node] > MOST_JOINED || node == program.value() || program.gradients().containsValue(node)) {
            return false;
        }
        int reader = readers[node];
        if (!isScalarCode(reader) || !graph.shape(reader).equals(graph.shape(node))) {
            return false;
        }
        String template = Objects.requireNonNull(Objects.requireNonNull(code(reader)).text());
        return IntStream.range(0, graph.operandCount(reader)).filter(k -> graph.operand(reader, k) == node)
                .allMatch(k -> Templates.reads(template, k) == 1);
    }

    private void elementwise(int node, String name) {
        Shape shape = graph.shape(node);
        if (shape.isScalar()) {
            line(dialect.number(name, expression(node, List.of())));
            return;
        }
        line(dialect.array(name, shape.length()) + note(shape));
        if (isFlat(node, shape)) {
            line(dialect.loop("i", shape.length()));
            line("    " + name + "[i] = " + expression(node, null) + ";");
            line("}");
        } else {
            nested(shape, index -> name + "[" + Indices.flat(index, shape) + "] = " + expression(node, index) + ";");
        }
    }

    private boolean isFlat(int node, Shape shape) {
        return IntStream.range(0, graph.operandCount(node)).map(k -> graph.operand(node, k)).allMatch(operand -> {
            boolean fits = graph.shape(operand).isScalar() || graph.shape(operand).equals(shape);
            return fits && (variables[operand] != null || graph.isLeaf(operand) || isFlat(operand, shape));
        });
    }

    /** Loops over all indices of a shape. */
    void nested(Shape shape, java.util.function.Function<List<String>, String> statement) {
        List<String> index = IntStream.range(0, shape.rank()).mapToObj(Indices::variable).toList();
        for (int axis = 0; axis < shape.rank(); axis++) {
            line("    ".repeat(axis) + dialect.loop(index.get(axis), shape.dim(axis)));
        }
        line("    ".repeat(shape.rank()) + statement.apply(index));
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            line("    ".repeat(axis) + "}");
        }
    }

    String element(int node, @Nullable List<String> index) {
        String name = variables[node];
        if (graph.op(node) instanceof Leaf.Literal(double value)) {
            return dialect.literal(value);
        } else if (name == null) {
            return "(" + expression(node, index) + ")";
        } else if (graph.shape(node).isScalar()) {
            return name;
        }
        return name + "[" + (index == null ? "i" : Indices.flat(index, graph.shape(node))) + "]";
    }

    /** The expression of an elementwise op; the index is null in a loop over all elements in order. */
    private String expression(int node, @Nullable List<String> index) {
        Op op = graph.op(node);
        if (!isScalarCode(node)) {
            return element(node, index);
        }
        String template = Objects.requireNonNull(Objects.requireNonNull(code(node)).text());
        String text = Templates.filled(Templates.calls(template, dialect::function), op, k -> {
            int operand = graph.operand(node, k);
            return element(operand, index == null ? null : Indices.broadcast(index, graph.shape(operand)));
        }, Map.of(),
                value -> value == null
                        ? dialect.nan()
                        : value instanceof Number number ? dialect.literal(number.doubleValue()) : value.toString());
        return text.replaceAll("\\bINFINITY\\b", dialect.infinity());
    }

    Graph graph() {
        return graph;
    }

    Dialect dialect() {
        return dialect;
    }

    void emit(String text) {
        line(text);
    }

    String fresh(String prefix) {
        return names.numbered(prefix);
    }

    void refuse(int node) {
        refused.add(graph.op(node).name());
    }

    /** The array of an operand; of a number an array of one element. */
    String array(int operand) {
        if (!graph.shape(operand).isScalar()) {
            return Objects.requireNonNull(variables[operand]);
        }
        String name = names.numbered("a");
        line(dialect.array(name, 1));
        line(name + "[0] = " + element(operand, List.of()) + ";");
        return name;
    }

    /** The axes that an op works along. */
    BitSet axes(int node) {
        return Objects.requireNonNullElseGet(Axes.of(graph.op(node), graph.shape(graph.operand(node, 0)).rank()), BitSet::new);
    }

    /** Declares the loop of an op, once for all its nodes. */
    String helper(String op, String result, List<String> parameters, String body) {
        String name = op + "_along";
        helpers.computeIfAbsent(name, _ -> dialect.helper(result, name, parameters, Templates.calls(body, dialect::function)));
        return name;
    }
}
