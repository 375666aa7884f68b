package io.chainrule.core.code;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpCode;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A function in Python that uses NumPy. */
final class NumpyCode {
    private static final int LONGEST_INLINE = 60;
    /** Functions that NumPy does not have, by name. */
    private static final Map<String, String> HELPERS = new LinkedHashMap<>();

    static {
        HELPERS.put("erf", "erf = np.vectorize(math.erf, otypes=[float])");
        HELPERS.put("erfc", "erfc = np.vectorize(math.erfc, otypes=[float])");
        HELPERS.put("lgamma", "lgamma = np.vectorize(math.lgamma, otypes=[float])");
        HELPERS.put("logsumexp", """
                def logsumexp(x, axis=None, keepdims=False):
                    m = np.max(x, axis=axis, keepdims=True)
                    s = np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True)) + m
                    return s if keepdims else np.squeeze(s, axis=axis)""");
        HELPERS.put("softmax", """
                def softmax(x, axis):
                    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
                    return e / np.sum(e, axis=axis, keepdims=True)""");
        HELPERS.put("log_softmax", """
                def log_softmax(x, axis):
                    d = x - np.max(x, axis=axis, keepdims=True)
                    return d - np.log(np.sum(np.exp(d), axis=axis, keepdims=True))""");
        HELPERS.put("add_along", """
                def add_along(indices, updates, length, axis):
                    shape = list(updates.shape)
                    shape[axis] = length
                    total = np.zeros(shape)
                    at = list(np.indices(updates.shape))
                    at[axis] = np.broadcast_to(indices, updates.shape).astype(int)
                    np.add.at(total, tuple(at), updates)
                    return total""");
        HELPERS.put("argsort", """
                def argsort(x, axis, descending):
                    return np.argsort(-x if descending else x, axis=axis, kind="stable")""");
        HELPERS.put("arg_extremum", """
                def arg_extremum(x, axis, sign):
                    x = np.moveaxis(sign * x, axis, 0)
                    y = np.zeros(x.shape)
                    for i in range(1, len(x)):
                        m = np.take_along_axis(x, y[i - 1][None].astype(int), 0)[0]
                        y[i] = np.where((x[i] > m) | (np.isnan(x[i]) & ~np.isnan(m)), i, y[i - 1])
                    return np.moveaxis(y, 0, axis)""");
        HELPERS.put("symmetric", "def symmetric(x):\n    return (x + np.swapaxes(x, -1, -2)) / 2");
        HELPERS.put("logdet", """
                def logdet(x):
                    sign, log = np.linalg.slogdet(x)
                    return np.where(sign < 0, np.nan, log)""");
        HELPERS.put("cofactor", """
                def cofactor(x):
                    return np.linalg.det(x)[..., None, None] * np.swapaxes(np.linalg.inv(x), -1, -2)""");
        HELPERS.put("solve", """
                def solve(a, b):
                    if b.ndim == 1 or b.shape == a.shape[:-1]:
                        return np.linalg.solve(a, b[..., None])[..., 0]
                    return np.linalg.solve(a, b)""");
    }

    private final CodeProgram program;
    private final Graph graph;
    private final String[] texts;
    private final boolean[] atomic;
    private final int[] uses;
    private final Names names = new Names();
    private final StringBuilder body = new StringBuilder();
    private final List<String> refused = new ArrayList<>();

    NumpyCode(CodeProgram program) {
        this.program = program;
        this.graph = program.graph();
        this.texts = new String[graph.size()];
        this.atomic = new boolean[graph.size()];
        this.uses = program.uses();
    }

    String text() {
        HELPERS.keySet().forEach(names::of);
        StringBuilder arguments = new StringBuilder();
        StringBuilder head = new StringBuilder();
        for (int input : program.inputs()) {
            String name = names.of(program.id(input));
            texts[input] = name;
            atomic[input] = true;
            arguments.append(arguments.isEmpty() ? "" : ", ").append(name);
            head.append("    ").append(name).append(" = np.asarray(").append(name).append(", dtype=float)").append(shape(input))
                    .append('\n');
        }
        for (int node = 0; node < graph.size(); node++) {
            if (uses[node] > 0 && texts[node] == null) {
                write(node);
            }
        }
        if (!refused.isEmpty()) {
            throw CodeProgram.refused(refused, Language.NUMPY.title());
        }
        String gradients = program.gradients().entrySet().stream().map(entry -> quoted(entry.getKey()) + ": " + array(entry.getValue()))
                .collect(Collectors.joining(",\n        "));
        String function = "def value_and_gradient(" + arguments + "):\n"
                + "    \"\"\"Returns the value and a dict of its gradients by name.\"\"\"\n" + head
                + indented(body.toString()) + "    return " + array(program.value()) + ", {\n        " + gradients + "}\n";
        String helpers = HELPERS.entrySet().stream().filter(helper -> function.matches("(?s).*(?<![\\w.])" + helper.getKey() + "\\(.*"))
                .map(helper -> helper.getValue() + "\n\n\n").collect(Collectors.joining());
        return (helpers.contains("math.") ? "import math\n\n" : "") + "import numpy as np\n\n\n" + helpers
                + "@np.errstate(all=\"ignore\")\n" + function;
    }

    private static String indented(String lines) {
        return lines.isEmpty() ? "" : lines.lines().map(line -> "    " + line + "\n").collect(Collectors.joining());
    }

    private String array(int node) {
        return "np.broadcast_to(" + texts[node] + ", " + tuple(graph.shape(node).toList()) + ").copy()";
    }

    private String shape(int node) {
        return graph.shape(node).isScalar() ? "" : "  # " + graph.shape(node);
    }

    private void write(int node) {
        String text = expression(node);
        if (text == null) {
            refused.add(graph.op(node).name());
            text = "0.0";
        }
        boolean isCall = !text.isEmpty() && text.matches("[\\w.]+(\\([^()]*\\))?");
        boolean isInline = graph.op(node) instanceof Leaf.Literal
                || uses[node] == 1 && text.length() <= LONGEST_INLINE && node != program.value();
        if (isInline) {
            texts[node] = text;
            atomic[node] = isCall;
            return;
        }
        texts[node] = names.numbered("t");
        atomic[node] = true;
        body.append(texts[node]).append(" = ").append(text).append(shape(node)).append('\n');
    }

    private @Nullable String expression(int node) {
        Op op = graph.op(node);
        if (op instanceof Leaf leaf) {
            return switch (leaf) {
                case Leaf.Literal(double value) -> number(value);
                case Leaf.Constant(var value) -> values(value.data(), value.shape());
                case Leaf.Input _ -> texts[node];
            };
        }
        OpCode code = OpCatalogue.of(op).code();
        boolean hasNumpy = code != null && (code.numpy() != null || code.kind() == OpCode.Kind.SCALAR);
        if (code != null && hasNumpy) {
            String template = code.numpy() == null ? Templates.inNumpy(code.text() == null ? "" : code.text()) : code.numpy();
            String all = IntStream.range(0, graph.operandCount(node)).mapToObj(k -> texts[graph.operand(node, k)])
                    .collect(Collectors.joining(", "));
            String at = op.attributes().get("at") instanceof List<?> items && !items.isEmpty()
                    ? items.stream().map(String::valueOf).collect(Collectors.joining(", "))
                    : "()";
            String filled = Templates.filled(template.replace("$*", all), op, k -> operand(node, k, template),
                    Map.of("SHAPE", tuple(graph.shape(node).toList()), "at", at, "axis", axis(op)),
                    value -> value == null && code.kind() == OpCode.Kind.SCALAR ? "np.nan" : attribute(value));
            return filled.replace(", axis=None", "").replace(", keepdims=False", "").replaceAll("\\bINFINITY\\b", "np.inf");
        }
        Moves moves = Moves.of(graph, node);
        return moves == null ? null : moved(node, moves);
    }

    private String moved(int node, Moves moves) {
        if (graph.operandCount(node) == 0) {
            return values(moves.fixed(), graph.shape(node));
        }
        String shape = tuple(graph.shape(node).toList());
        String flat = graph.operandCount(node) == 1
                ? "np.ravel(" + texts[graph.operand(node, 0)] + ")"
                : "np.concatenate([" + IntStream.range(0, graph.operandCount(node))
                        .mapToObj(k -> "np.ravel(" + texts[graph.operand(node, k)] + ")").collect(Collectors.joining(", ")) + "])";
        int[] offsets = new int[graph.operandCount(node)];
        for (int k = 1; k < offsets.length; k++) {
            offsets[k] = offsets[k - 1] + graph.shape(graph.operand(node, k - 1)).length();
        }
        int[] from = IntStream.range(0, moves.from().length).map(i -> moves.from()[i] + offsets[moves.operand()[i]]).toArray();
        if (moves.isGather()) {
            return flat + "[" + Arrays.toString(moves.sources()) + "].reshape(" + shape + ")";
        }
        String sums = "np.bincount(" + Arrays.toString(moves.to()) + ", weights=" + flat + "[" + Arrays.toString(from) + "], minlength="
                + moves.fixed().length + ").reshape(" + shape + ")";
        return moves.isFilled(0) ? sums : sums + " + " + values(moves.fixed(), graph.shape(node));
    }

    private String operand(int node, int k, String template) {
        int operand = graph.operand(node, k);
        boolean isEnclosed = template.matches(".*[(,] ?\\$" + k + "[,)].*") && Templates.reads(template, k) == 1;
        return atomic[operand] || isEnclosed ? texts[operand] : "(" + texts[operand] + ")";
    }

    private static String values(double[] data, Shape shape) {
        boolean isFilled = data.length > 0 && Arrays.stream(data).allMatch(x -> x == data[0]);
        return shape.isScalar()
                ? number(data[0])
                : isFilled
                        ? "np.full(" + tuple(shape.toList()) + ", " + number(data[0]) + ")"
                        : "np.array([" + Arrays.stream(data).mapToObj(NumpyCode::number).collect(Collectors.joining(", ")) + "]).reshape("
                                + tuple(shape.toList()) + ")";
    }

    /** The axis as a number if there is one only, which not all of NumPy's functions take as a tuple. */
    private static String axis(Op op) {
        Object value = Templates.attribute(op, "axis");
        return attribute(value instanceof List<?> axes && axes.size() == 1 ? axes.getFirst() : value);
    }

    private static String number(double value) {
        return Double.isNaN(value)
                ? "np.nan"
                : Double.isInfinite(value) ? value > 0 ? "np.inf" : "(-np.inf)" : value < 0 ? "(" + value + ")" : String.valueOf(value);
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
