package io.chainrule.core.code;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Axes;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpCode;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A function over numbers and flat arrays, with loops. Elementwise ops that have one reader are joined into its loop. */
final class LoopCode {
    private static final int MOST_JOINED = 8;

    private final CodeProgram program;
    private final Graph graph;
    private final Dialect dialect;
    private final Names names;
    private final LoopHelpers helpers;
    private final LoopLines lines;
    /** The variable of a node; null where it is written inline. */
    private final @Nullable String[] variables;
    /** The names that nodes are to have; null for a number. */
    private final @Nullable String[] wanted;
    private final int[] joined;
    private final int[] uses;
    /** A reader of each node. */
    private final int[] readers;
    private final List<NoCodeException.Refusal> refusals = new ArrayList<>();

    LoopCode(CodeProgram program, Dialect dialect) {
        this.program = program;
        this.graph = program.graph();
        this.dialect = dialect;
        this.names = new Names(dialect.reserved());
        this.helpers = new LoopHelpers(dialect, names);
        this.lines = new LoopLines(dialect, names);
        this.variables = new String[graph.size()];
        this.wanted = new String[graph.size()];
        this.joined = new int[graph.size()];
        this.uses = program.uses();
        this.readers = program.readers(uses);
    }

    String text(Checkpoint checkpoint) {
        List<Dialect.Variable> inputs = new ArrayList<>();
        for (int input : program.inputs()) {
            String name = names.of(program.id(input));
            variables[input] = name;
            inputs.add(new Dialect.Variable(name, program.id(input), graph.shape(input)));
        }
        program.named().forEach((name, node) -> want(node, name));
        List<Dialect.Variable> gradients = new ArrayList<>();
        program.gradients().forEach((name, node) -> gradients.add(gradient(name, node)));
        for (int node = 0; node < graph.size(); node++) {
            checkpoint.check();
            if (uses[node] > 0 && variables[node] == null) {
                write(node);
            }
        }
        Dialect.Result value = value();
        List<Dialect.Result> results = new ArrayList<>();
        gradients.forEach(gradient -> results.add(new Dialect.Result(gradient,
                result(gradient, Objects.requireNonNull(program.gradients().get(gradient.id()))))));
        if (!refusals.isEmpty()) {
            throw new NoCodeException(refusals);
        }
        return dialect.program(new Dialect.Body(program.output(), inputs, value, results, lines.text(), helpers, names));
    }

    /** The value; an array that is also something else is copied. */
    private Dialect.Result value() {
        int node = program.value();
        Dialect.Variable value = new Dialect.Variable("value", program.output(), graph.shape(node));
        String name = variables[node];
        boolean isShared = graph.op(node) instanceof Leaf.Input || program.gradients().containsValue(node);
        if (value.isArray() && name != null && !isShared) {
            return new Dialect.Result(value, name);
        }
        return new Dialect.Result(value, result(new Dialect.Variable(names.of("value"), program.output(), value.shape()), node));
    }

    private void want(int node, String name) {
        if (uses[node] > 0 && !graph.isLeaf(node) && wanted[node] == null) {
            wanted[node] = names.of(name);
        }
    }

    /** The variable of a gradient, in which its node is computed if it has no other name. */
    private Dialect.Variable gradient(String id, int node) {
        Shape shape = graph.shape(node);
        String name = names.of("d_" + id);
        boolean isOutside = dialect.writesToParameters();
        if (wanted[node] == null && !graph.isLeaf(node) && !(isOutside && shape.isScalar())) {
            wanted[node] = name;
        }
        if (isOutside) {
            lines.giveFromOutside(name);
        }
        return new Dialect.Variable(name, id, shape);
    }

    /** The code of a result. An array is copied if it is also an input or another result. */
    private String result(Dialect.Variable result, int node) {
        if (!result.isArray()) {
            return element(node, List.of()).text();
        } else if (result.name().equals(variables[node])) {
            return result.name();
        }
        lines.declare(result.name(), result.shape(), false);
        lines.each(result.shape().length(), i -> result.name() + "[" + i + "] = " + variables[node] + "[" + i + "];");
        return result.name();
    }

    private @Nullable OpCode code(int node) {
        return graph.op(node) instanceof Leaf ? null : OpCatalogue.of(graph.op(node)).code();
    }

    private boolean isScalarCode(int node) {
        OpCode code = code(node);
        return code != null && code.kind() == OpCode.Kind.SCALAR;
    }

    private String template(int node) {
        return Objects.requireNonNull(Objects.requireNonNull(code(node)).text());
    }

    private void write(int node) {
        Op op = graph.op(node);
        Shape shape = graph.shape(node);
        if (op instanceof Leaf.Literal || isScalarCode(node) && isJoined(node)) {
            return;
        }
        String own = wanted[node];
        String name = own == null ? names.numbered("t") : own;
        variables[node] = name;
        OpCode code = code(node);
        if (shape.size() == 0 || Stream.of(graph.operandShapes(node)).anyMatch(operand -> operand.size() == 0)) {
            refuse(dialect.title() + " code is for arrays with elements, and '" + op.name() + "' works on one of shape "
                    + Stream.concat(Stream.of(shape), Stream.of(graph.operandShapes(node))).filter(s -> s.size() == 0).findFirst()
                            .orElseThrow());
        } else if (op instanceof Leaf.Constant(var value)) {
            lines.emit(shape.isScalar()
                    ? dialect.number(name, dialect.literal(value.item()))
                    : dialect.values(name, value.data()) + LoopLines.note(shape));
        } else if (code != null && code.kind() == OpCode.Kind.SCALAR) {
            elementwise(node, name);
        } else if (code != null && code.text() != null && code.kind() != OpCode.Kind.NUMPY) {
            new LineLoops(this, node, name, code).write();
        } else if (code != null && code.kind() == OpCode.Kind.PRODUCT) {
            new LineLoops(this, node, name, code).products();
        } else if (Moves.isTooLarge(graph, node)) {
            refuse(Moves.tooLarge(graph, node, dialect.title()));
        } else {
            Moves moves = Moves.of(graph, node);
            if (moves == null) {
                refuse(node);
            } else {
                new MoveLoops(this, node, name, moves).write();
            }
        }
    }

    /** Whether the node is written into the expression of its only reader. */
    private boolean isJoined(int node) {
        joined[node] = 1;
        for (int k = 0; k < graph.operandCount(node); k++) {
            int operand = graph.operand(node, k);
            joined[node] += variables[operand] == null ? joined[operand] : 0;
        }
        if (uses[node] != 1 || joined[node] > MOST_JOINED || wanted[node] != null || node == program.value()
                || program.gradients().containsValue(node)) {
            return false;
        }
        int reader = readers[node];
        if (!isScalarCode(reader) || !graph.shape(reader).equals(graph.shape(node))) {
            return false;
        }
        String template = template(reader);
        return IntStream.range(0, graph.operandCount(reader)).filter(k -> graph.operand(reader, k) == node)
                .allMatch(k -> Templates.reads(template, k) == 1);
    }

    private void elementwise(int node, String name) {
        Shape shape = graph.shape(node);
        if (shape.isScalar()) {
            lines.emit(dialect.number(name, expression(node, List.of()).text()));
            return;
        }
        lines.declare(name, shape, false);
        if (isFlat(node, shape)) {
            lines.each(shape.length(), i -> name + "[" + i + "] = " + expression(node, null).text() + ";");
        } else {
            lines.nested(shape, index -> name + "[" + Indices.flat(index, shape) + "] = " + expression(node, index).text() + ";");
        }
    }

    private boolean isFlat(int node, Shape shape) {
        return IntStream.range(0, graph.operandCount(node)).map(k -> graph.operand(node, k)).allMatch(operand -> {
            boolean fits = graph.shape(operand).isScalar() || graph.shape(operand).equals(shape);
            return fits && (variables[operand] != null || graph.isLeaf(operand) || isFlat(operand, shape));
        });
    }

    /** An element of a node; the index is null in a loop over all elements in order. */
    Written element(int node, @Nullable List<String> index) {
        String name = variables[node];
        if (graph.op(node) instanceof Leaf.Literal(double value)) {
            return Written.number(dialect.literal(value));
        } else if (name == null) {
            return expression(node, index);
        } else if (graph.shape(node).isScalar()) {
            return Written.atom(name);
        }
        String place = index != null
                ? Indices.flat(index, graph.shape(node))
                : graph.shape(node).size() == 1 ? "0" : lines.loopVariable(0);
        return Written.atom(name + "[" + place + "]");
    }

    /** The expression of an elementwise op. */
    private Written expression(int node, @Nullable List<String> index) {
        return filled(template(node), node, index);
    }

    private Written filled(String template, int node, @Nullable List<String> index) {
        Written written = Templates.filled(Templates.calls(template, helpers::function), graph.op(node), k -> {
            int operand = graph.operand(node, k);
            List<String> own = index == null ? null : Indices.broadcast(index, graph.shape(operand));
            String condition = variables[operand] == null && isScalarCode(operand) ? Templates.condition(template(operand)) : null;
            return new Templates.Operand(element(operand, own), condition == null ? null : filled(condition, operand, own));
        }, Map.of(), this::attribute);
        return new Written(written.text().replaceAll("\\bINFINITY\\b", dialect.infinity()), written.level());
    }

    private String attribute(@Nullable Object value) {
        String text = value == null
                ? dialect.nan()
                : value instanceof Number number ? dialect.literal(number.doubleValue()) : value.toString();
        return text.startsWith("-") ? "(" + text + ")" : text;
    }

    Graph graph() {
        return graph;
    }

    Dialect dialect() {
        return dialect;
    }

    LoopLines lines() {
        return lines;
    }

    LoopHelpers helpers() {
        return helpers;
    }

    void refuse(int node) {
        refusals.add(new NoCodeException.Refusal(graph.op(node).name(), null));
    }

    void refuse(String reason) {
        refusals.add(new NoCodeException.Refusal(null, reason));
    }

    /** The array of an operand; of a number an array of one element. */
    String array(int operand) {
        if (!graph.shape(operand).isScalar()) {
            return Objects.requireNonNull(variables[operand]);
        }
        String name = lines.fresh("a");
        lines.emit(dialect.array(name, 1));
        lines.emit(name + "[0] = " + element(operand, List.of()).text() + ";");
        return name;
    }

    /** Keeps a compiler from warning of a variable that its reader does not need. */
    void leaveUnread(int node) {
        String name = variables[node];
        if (name != null && dialect.warnsOfUnread()) {
            lines.emit("(void)" + name + ";");
        }
    }

    /** The axes that an op works along. */
    BitSet axes(int node) {
        return Objects.requireNonNullElseGet(Axes.of(graph.op(node), graph.shape(graph.operand(node, 0)).rank()), BitSet::new);
    }
}
