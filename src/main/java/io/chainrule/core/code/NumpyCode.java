package io.chainrule.core.code;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpCode;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A function in Python that uses NumPy. */
final class NumpyCode {
    private static final int LONGEST_INLINE = 60;

    private final CodeProgram program;
    private final Graph graph;
    private final @Nullable Written[] texts;
    /** The condition of a node that is written inline as a choice between 1 and 0. */
    private final @Nullable Written[] conditions;
    private final int[] uses;
    private final int[] readers;
    private final Names names = new Names(ReservedWords.PYTHON);
    private final NumpyHelpers helpers = new NumpyHelpers(names);
    private final Map<Integer, String> wanted = new HashMap<>();
    private final StringBuilder body = new StringBuilder();
    private final List<NoCodeException.Refusal> refusals = new ArrayList<>();

    NumpyCode(CodeProgram program) {
        this.program = program;
        this.graph = program.graph();
        this.texts = new Written[graph.size()];
        this.conditions = new Written[graph.size()];
        this.uses = program.uses();
        this.readers = program.readers(uses);
    }

    String text(Checkpoint checkpoint) {
        StringBuilder arguments = new StringBuilder();
        StringBuilder head = new StringBuilder();
        for (int input : program.inputs()) {
            String name = names.of(program.id(input));
            texts[input] = Written.atom(name);
            arguments.append(arguments.isEmpty() ? "" : ", ").append(name);
            head.append("    ").append(name).append(" = np.asarray(").append(name).append(", dtype=float)").append(shape(input))
                    .append('\n');
        }
        program.named().forEach((name, node) -> {
            if (uses[node] > 0 && !graph.isLeaf(node) && !wanted.containsKey(node)) {
                wanted.put(node, names.of(name));
            }
        });
        program.gradients().forEach((name, node) -> {
            if (uses[node] > 1 && !graph.isLeaf(node) && !wanted.containsKey(node)) {
                wanted.put(node, names.of("d_" + name));
            }
        });
        for (int node = 0; node < graph.size(); node++) {
            checkpoint.check();
            if (uses[node] > 0 && texts[node] == null) {
                write(node);
            }
        }
        if (!refusals.isEmpty()) {
            throw new NoCodeException(refusals);
        }
        String gradients = program.gradients().entrySet().stream().map(entry -> quoted(entry.getKey()) + ": " + result(entry.getValue()))
                .collect(Collectors.joining(",\n        "));
        return (helpers.text().contains("math.") ? "import math\n\n" : "") + "import numpy as np\n\n\n" + helpers.text()
                + "@np.errstate(all=\"ignore\")\ndef value_and_gradient(" + arguments + "):\n"
                + "    \"\"\"Returns the value and a dict of its gradients by name, in the order of the parameters.\"\"\"\n" + head
                + indented(body.toString()) + "    return " + result(program.value()) + ", {\n        " + gradients + "}\n";
    }

    private static String indented(String lines) {
        return lines.isEmpty() ? "" : lines.lines().map(line -> "    " + line + "\n").collect(Collectors.joining());
    }

    /** A result, copied if it may be a view of something else. */
    private String result(int node) {
        OpCode code = code(node);
        boolean isView = code == null || graph.op(node).family() == Family.MOVEMENT || template(code).equals("$0")
                || program.gradients().values().stream().filter(other -> other == node).count() > 1;
        return isView ? "np.array(" + text(node).text() + ")" : text(node).text();
    }

    private Written text(int node) {
        return Objects.requireNonNull(texts[node]);
    }

    private String shape(int node) {
        return graph.shape(node).isScalar() ? "" : "  # " + graph.shape(node);
    }

    private void write(int node) {
        Written written = expression(node);
        if (written == null) {
            refusals.add(new NoCodeException.Refusal(graph.op(node).name(), null));
            written = Written.atom("0.0");
        }
        String name = wanted.get(node);
        boolean isInline = name == null && (graph.op(node) instanceof Leaf.Literal
                || uses[node] == 1 && written.text().length() <= LONGEST_INLINE && node != program.value() && isReadOnce(node));
        if (isInline) {
            texts[node] = written;
            return;
        }
        String variable = name == null ? names.numbered("t") : name;
        texts[node] = Written.atom(variable);
        conditions[node] = null;
        body.append(variable).append(" = ").append(written.text()).append(shape(node)).append('\n');
    }

    /** Whether the template of the only reader has the node once. */
    private boolean isReadOnce(int node) {
        OpCode code = readers[node] < 0 ? null : code(readers[node]);
        return code == null || code.kind() != OpCode.Kind.SCALAR || IntStream.range(0, graph.operandCount(readers[node]))
                .filter(k -> graph.operand(readers[node], k) == node).allMatch(k -> Templates.reads(template(code), k) == 1);
    }

    private @Nullable OpCode code(int node) {
        return graph.isLeaf(node) ? null : OpCatalogue.of(graph.op(node)).code();
    }

    private static String template(OpCode code) {
        return code.numpy() != null ? code.numpy() : Templates.inNumpy(code.text() == null ? "" : code.text());
    }

    private @Nullable Written expression(int node) {
        Op op = graph.op(node);
        if (op instanceof Leaf leaf) {
            return switch (leaf) {
                case Leaf.Literal(double value) -> Written.number(signed(value));
                case Leaf.Constant(var value) -> values(value.data(), value.shape());
                case Leaf.Input _ -> texts[node];
            };
        }
        OpCode code = code(node);
        if (code != null && (code.numpy() != null || code.kind() == OpCode.Kind.SCALAR)) {
            String condition = code.numpy() == null && code.text() != null ? Templates.condition(code.text()) : null;
            conditions[node] = condition == null ? null : filled(Templates.inNumpy(condition), node, code);
            return filled(template(code), node, code);
        } else if (Moves.isTooLarge(graph, node)) {
            refuse(Moves.tooLarge(graph, node, Language.NUMPY.title()));
            return Written.atom("0.0");
        }
        Moves moves = Moves.of(graph, node);
        return moves == null ? null : moved(node, moves);
    }

    private void refuse(String reason) {
        refusals.add(new NoCodeException.Refusal(null, reason));
    }

    private Written filled(String template, int node, OpCode code) {
        Op op = graph.op(node);
        String all = IntStream.range(0, graph.operandCount(node)).mapToObj(k -> text(graph.operand(node, k)).text())
                .collect(Collectors.joining(", "));
        String at = op.attributes().get("at") instanceof List<?> items && !items.isEmpty()
                ? items.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : "()";
        Written filled = Templates.filled(Templates.calls(template, helpers::function).replace("$*", all), op,
                k -> new Templates.Operand(text(graph.operand(node, k)), conditions[graph.operand(node, k)]),
                Map.of("SHAPE", tuple(graph.shape(node).toList()), "at", at, "axis", axis(op)),
                value -> value == null && code.kind() == OpCode.Kind.SCALAR ? "np.nan" : attribute(value));
        return new Written(filled.text().replace(", axis=None", "").replace(", keepdims=False", "").replace(", None)", ")")
                .replaceAll("\\bINFINITY\\b", "np.inf"), filled.level());
    }

    private Written moved(int node, Moves moves) {
        if (graph.operandCount(node) == 0) {
            return values(moves.fixed(), graph.shape(node));
        }
        if (moves.from().length > Moves.MOST_LISTED) {
            refuse(Moves.tooLong(graph, node, moves.from().length, Language.NUMPY.title()));
            return Written.atom("0.0");
        }
        String shape = tuple(graph.shape(node).toList());
        String flat = graph.operandCount(node) == 1
                ? "np.ravel(" + text(graph.operand(node, 0)).text() + ")"
                : "np.concatenate([" + IntStream.range(0, graph.operandCount(node))
                        .mapToObj(k -> "np.ravel(" + text(graph.operand(node, k)).text() + ")").collect(Collectors.joining(", ")) + "])";
        int[] offsets = new int[graph.operandCount(node)];
        for (int k = 1; k < offsets.length; k++) {
            offsets[k] = offsets[k - 1] + graph.shape(graph.operand(node, k - 1)).length();
        }
        int[] from = IntStream.range(0, moves.from().length).map(i -> moves.from()[i] + offsets[moves.operand()[i]]).toArray();
        if (moves.isGather()) {
            return Written.atom(flat + "[" + Arrays.toString(moves.sources()) + "].reshape(" + shape + ")");
        }
        String sums = "np.bincount(" + Arrays.toString(moves.to()) + ", weights=" + flat + "[" + Arrays.toString(from) + "], minlength="
                + moves.fixed().length + ").reshape(" + shape + ")";
        return moves.isFilled(0) ? Written.atom(sums) : Written.of(sums + " + " + values(moves.fixed(), graph.shape(node)).text());
    }

    private Written values(double[] data, Shape shape) {
        boolean isFilled = data.length > 0 && Arrays.stream(data).allMatch(x -> x == data[0]);
        if (!isFilled && data.length > Moves.MOST_LISTED) {
            refuse(Language.NUMPY.title() + " code lists at most " + Moves.MOST_LISTED + " numbers; a constant has " + data.length);
            return Written.atom("0.0");
        }
        return shape.isScalar()
                ? Written.number(signed(data[0]))
                : Written.atom(isFilled
                        ? data[0] == 0
                                ? "np.zeros(" + tuple(shape.toList()) + ")"
                                : "np.full(" + tuple(shape.toList()) + ", " + signed(data[0]) + ")"
                        : "np.array([" + Arrays.stream(data).mapToObj(NumpyCode::signed).collect(Collectors.joining(", ")) + "]).reshape("
                                + tuple(shape.toList()) + ")");
    }

    /** The axis as a number if there is one only, which not all of NumPy's functions take as a tuple. */
    private static String axis(Op op) {
        Object value = Templates.attribute(op, "axis");
        return attribute(value instanceof List<?> axes && axes.size() == 1 ? axes.getFirst() : value);
    }

    private static String signed(double value) {
        return Double.isNaN(value)
                ? "np.nan"
                : Double.isInfinite(value) ? value > 0 ? "np.inf" : "-np.inf" : String.valueOf(value);
    }

    private static String number(double value) {
        String text = signed(value);
        return text.startsWith("-") ? "(" + text + ")" : text;
    }

    private static String tuple(List<?> items) {
        Stream<String> texts = items.stream().map(item -> String.valueOf(attribute(item)));
        return "(" + texts.collect(Collectors.joining(", ")) + (items.size() == 1 ? ",)" : ")");
    }

    private static String attribute(@Nullable Object value) {
        return switch (value) {
            case null -> "None";
            case Boolean flag -> flag ? "True" : "False";
            case Double number -> number(number);
            case List<?> list -> tuple(list);
            case String text ->
                text.equals("Infinity") ? "np.inf" : text.equals("-Infinity") ? "(-np.inf)" : text.equals("NaN") ? "np.nan" : quoted(text);
            default -> String.valueOf(value);
        };
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
