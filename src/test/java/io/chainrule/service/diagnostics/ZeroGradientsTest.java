package io.chainrule.service.diagnostics;

import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.language.Language;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.program.GradientService;
import io.chainrule.service.run.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What is said of gradients that are zero is true of random programs. Each claim is held against the local Jacobian of the node that it
 * names, and the gradient that arrives there.
 */
class ZeroGradientsTest {
    private static final int PROGRAMS = 3_000;
    private static final int SAMPLES = 2;
    private static final List<String> OPS = List.of("neg($0)", "relu($0)", "relu($0)", "abs($0)", "square($0)", "tanh($0)", "floor($0)",
            "clip($0, min=0, max=1)", "clip($0, min=0, max=1)", "mul($0, 2)", "sub($0, 1)", "mul($0, $1)", "mul($0, $1)", "mul($0, $1)",
            "add($0, $1)", "sub($0, $1)", "maximum($0, $1)", "minimum($0, $1)", "where($0, $1, $2)", "where($0, $1, $2)", "sum($0)",
            "sum($0, axis=0)", "mean($0)", "max($0)", "max($0, axis=0)", "prod($0)", "softmax($0)", "matmul($0, $1)", "matmul($0, $1)",
            "dot($0, $1)", "linear($0, $1, $2)", "stack($0, $1)", "concatenate($0, $1)", "$0[0]", "$0[1:]", "$0[[0, 0]]", "transpose($0)",
            "reshape($0, shape=[-1])", "broadcast_to($0, shape=[2, 2])", "tril($0)", "cumsum($0)", "norm($0)", "pad($0, widths=[[1, 0]])",
            "mse_loss($0, $1)", "dropout($0, rate=0.5, seed=3)", "exp($0)", "exp($0)", "mul($0, -1000)", "mul($0, -1000)",
            "mul($0, 1e-200)", "mul($0, 1e-200)", "sigmoid($0)", "logsumexp($0)", "gelu($0)", "cumprod($0)", "cumprod($0)",
            "prod($0)", "prod($0, axis=0)");
    private static final Shape[] SHAPES = {Shape.SCALAR, Shape.SCALAR, Shape.of(2), Shape.of(2), Shape.of(2, 2)};
    private static final List<String> INPUTS = List.of("x", "y", "z", "w");
    private static final Pattern RESHAPING = Pattern.compile("sum|mean|max\\(|prod|reshape|transpose|broadcast_to|cumsum|cumprod|\\$0\\[");
    /** Ops that are products, the derivative of which is as well: so it is zero only if an element that they read is, but for rounding. */
    private static final Pattern PRODUCTS = Pattern.compile("mul|square|prod|cumprod|matmul|dot|linear");
    private static final Pattern ROUNDED = Pattern.compile("exp|sigmoid|tanh|softmax|logsumexp|gelu");
    private static final Pattern ZERO = Pattern.compile("the gradient of '(\\w+)' is zero at these values: (.*)");
    private static final Pattern NAME = Pattern.compile("'(\\w+)' \\(");

    /** One op a line, so that every line has a name and is a program of its own. */
    private record Line(String name, String op, List<String> operands) {
        String text() {
            String text = op;
            for (int k = 0; k < operands.size(); k++) {
                text = text.replace("$" + k, operands.get(k));
            }
            return name + " = " + text;
        }
    }

    /** A number for each sample, where the node depends on samples; else one. */
    private record Node(Shape shape, boolean isSampled, List<double[]> values, List<double[]> gradients) {}

    private final GradientService service = with();
    private final Map<String, Integer> checked = new TreeMap<>();

    @Test
    void whatIsSaidOfAZeroGradientIsTrue() {
        Random random = new Random(8);
        List<String> untrue = new ArrayList<>();
        for (int i = 0; i < PROGRAMS; i++) {
            Signature.Reduction reduction = List.of(Signature.Reduction.values()).get(random.nextInt(3));
            List<String> sampled = random.nextBoolean() ? List.of() : INPUTS.subList(0, random.nextInt(1, 3));
            untrue.addAll(untrue(random, sampled, sampled.isEmpty() ? Signature.Reduction.NONE : reduction));
        }
        assertThat(untrue).isEmpty();
        assertThat(checked).hasSizeGreaterThan(16);
    }

    private static Map<String, Tensor> inputs(Random random, List<String> sampled) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (String name : INPUTS) {
            Shape shape = SHAPES[random.nextInt(SHAPES.length)];
            Tensor value = Tensor.zeros(sampled.contains(name) ? Shape.of(SAMPLES).concat(shape) : shape);
            Arrays.setAll(value.data(), _ -> random.nextInt(-2, 3));
            inputs.put(name, value);
        }
        return inputs;
    }

    private static List<Line> lines(Random random, Map<String, Tensor> inputs, List<String> sampled) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        inputs.forEach((name, value) -> shapes.put(name,
                sampled.contains(name) ? value.shape().sub(1, value.shape().rank()) : value.shape()));
        List<String> names = new ArrayList<>(INPUTS);
        List<Line> lines = new ArrayList<>();
        int wanted = random.nextInt(2, 8);
        for (int tries = 0; lines.size() < wanted && tries < 40; tries++) {
            String op = OPS.get(random.nextInt(OPS.size()));
            List<String> operands = IntStream.range(0, 3).filter(k -> op.contains("$" + k)).mapToObj(_ -> random.nextInt(3) == 0
                    ? names.get(random.nextInt(names.size()))
                    : names.get(Math.max(0, names.size() - 1 - random.nextInt(3)))).toList();
            Line line = new Line("n" + lines.size(), op, operands);
            lines.add(line);
            if (fits(lines, shapes)) {
                names.add(line.name);
            } else {
                lines.removeLast();
            }
        }
        lines.add(new Line("f", "sum($0)", List.of(names.getLast())));
        return lines;
    }

    private static String text(List<Line> lines) {
        return String.join("\n", lines.stream().map(Line::text).toList());
    }

    /** Whether the last line fits and does something: over samples, what gives an array of the same shape may be left out. */
    private static boolean fits(List<Line> lines, Map<String, Shape> shapes) {
        Line last = lines.getLast();
        try {
            NamedGraph program = Program.parse(text(lines)).value().bind(Shapes.of(shapes)).program();
            Shape shape = program.graph().shape(Objects.requireNonNull(program.find(last.name)));
            return !RESHAPING.matcher(last.op).lookingAt()
                    || !shape.equals(program.graph().shape(Objects.requireNonNull(program.find(last.operands.getFirst()))));
        } catch (ProblemException e) {
            return false;
        }
    }

    private List<String> untrue(Random random, List<String> sampled, Signature.Reduction reduction) {
        Map<String, Tensor> inputs = inputs(random, sampled);
        List<Line> lines = lines(random, inputs, sampled);
        Query query = new Query(new Source.Text(text(lines)), inputs, null, null, new Signature.NodeSelection.All(), Signature.Batch.NONE);
        Query asked = sampled.isEmpty() ? query : batch(query, reduction, sampled.toArray(String[]::new));
        List<Diagnostic> told;
        try {
            told = service.gradient(nodes(random, asked), null, Transformation.Locals.NONE).diagnostics().stream()
                    .filter(d -> d.kind().equals("zero-gradient") && ZERO.matcher(d.message(Language.EN)).matches()).toList();
        } catch (ProblemException e) {
            // An index is out of range of an empty axis, which is found when the program runs.
            return List.of();
        }
        if (told.isEmpty()) {
            return List.of();
        }
        Query single = sampled.isEmpty() ? query : batch(query, Signature.Reduction.NONE, sampled.toArray(String[]::new));
        Outcome all = service.gradient(single, null, Transformation.Locals.NONE).result().outcome();
        Map<String, Node> nodes = new HashMap<>();
        all.function().bound().listed().forEach(
                listed -> nodes.put(listed.id(),
                        node(listed.id(), all.value(listed.node()), all.gradient(listed.node()), lines, sampled, reduction)));
        if (!nodes.values().stream().flatMap(node -> Stream.concat(node.values.stream(), node.gradients.stream()))
                .flatMapToDouble(Arrays::stream)
                .allMatch(Double::isFinite)) {
            return List.of();
        }
        KoreanText.check(told);
        List<String> untrue = new ArrayList<>();
        for (Diagnostic d : told) {
            Matcher matcher = ZERO.matcher(d.message(Language.EN));
            if (matcher.matches() && d.path().stream().allMatch(nodes::containsKey)) {
                boolean isTrue = isTrue(matcher.group(2), d.path(), lines, nodes);
                if (!isTrue) {
                    untrue.add(
                            text(lines) + "\n at " + inputs + " over " + sampled + " " + reduction + ": "
                                    + d.message(Language.EN) + " " + d.path());
                }
            }
        }
        return untrue;
    }

    /** Values that are answered can be read after a run, others cannot. */
    private static Query nodes(Random random, Query query) {
        return random.nextBoolean()
                ? query
                : new Query(query.source(), query.inputs(), null, null, new Signature.NodeSelection.None(), query.batch());
    }

    private static Node node(String id, Tensor value, Tensor gradient, List<Line> lines, List<String> sampled,
            Signature.Reduction reduction) {
        if (sampled.isEmpty()) {
            return new Node(value.shape(), false, List.of(value.data()), List.of(gradient.data()));
        }
        List<double[]> values = samples(value);
        List<double[]> gradients = samples(gradient);
        Shape shape = value.shape().sub(1, value.shape().rank());
        if (reduction == Signature.Reduction.NONE || isSampled(id, lines, sampled)) {
            return new Node(shape, true, values, gradients);
        }
        double[] sum = new double[gradients.getFirst().length];
        gradients.forEach(one -> Arrays.setAll(sum, i -> sum[i] + one[i]));
        return new Node(shape, false, values.subList(0, 1), List.of(sum));
    }

    private static boolean isSampled(String name, List<Line> lines, List<String> sampled) {
        return sampled.contains(name) || lines.stream().filter(line -> line.name.equals(name)).flatMap(line -> line.operands.stream())
                .anyMatch(operand -> isSampled(operand, lines, sampled));
    }

    private static List<double[]> samples(Tensor all) {
        int length = all.length() / SAMPLES;
        return IntStream.range(0, SAMPLES).mapToObj(s -> Arrays.copyOfRange(all.data(), s * length, (s + 1) * length)).toList();
    }

    private boolean isTrue(String claim, List<String> path, List<Line> lines, Map<String, Node> nodes) {
        String last = path.getLast();
        String kind = NAME.matcher(claim).replaceAll("(").replaceAll("'\\w+'", "_");
        checked.merge(kind.replaceAll("\\((\\w+)\\)", "_").replaceAll("_(, _)*( and _)?( and others)?", "_"), 1, Integer::sum);
        Matcher between = Pattern.compile("cancels in double precision between (?!the)(.*)").matcher(claim);
        if (between.find()) {
            return NAME.matcher(between.group(1)).results()
                    .allMatch(user -> contributes(user.group(1), last, lines, nodes));
        }
        if (claim.contains("is the part of")) {
            return isNonzero(nodes, last) && path.size() > 1;
        }
        Line line = lines.stream().filter(one -> one.name.equals(last)).findFirst().orElseThrow();
        String operand = path.get(path.size() - 2);
        if (!isNonzero(nodes, last)) {
            return node(nodes, last).shape.size() == 0;
        }
        if (claim.contains("between the operands")) {
            return IntStream.range(0, line.operands.size()).filter(k -> line.operands.get(k).equals(operand))
                    .filter(k -> isAny(sums(line, k, nodes))).count() > 1;
        }
        List<Integer> positions = IntStream.range(0, line.operands.size()).filter(k -> line.operands.get(k).equals(operand)).boxed()
                .toList();
        boolean[] all = new boolean[node(nodes, operand).shape.length()];
        Arrays.fill(all, true);
        boolean hasTerms = positions.stream().anyMatch(k -> isAny(terms(line, k, nodes, all)));
        boolean[] reached = isNonzero(nodes, operand) ? reached(path, lines, nodes) : all;
        if (claim.contains("it underflows at")) {
            return positions.stream().noneMatch(k -> isAny(terms(line, k, nodes, reached)))
                    && positions.stream().anyMatch(k -> isAny(pairs(line, k, nodes, reached)));
        }
        if (claim.contains("is lost at")) {
            boolean isRounded = claim.contains("too small") || claim.contains("saturated");
            return positions.stream().noneMatch(k -> isAny(pairs(line, k, nodes, reached)))
                    && (claim.contains("wherever") || isFlat(line, positions, reached, nodes))
                    && (isRounded ? isRounded(line, positions, reached, nodes) : isExact(line, positions, reached, nodes));
        }
        if (claim.contains("becomes zero on the way back through")) {
            return true;
        }
        if (claim.contains("over the samples")) {
            return positions.stream().anyMatch(k -> node(nodes, operand).isSampled != node(nodes, last).isSampled
                    && perSample(line, k, nodes).stream().anyMatch(ZeroGradientsTest::isAny));
        }
        if (claim.contains("broadcast") || line.op.startsWith("mse_loss")) {
            Line stretched = stretched(line, operand, nodes);
            return positions.stream().anyMatch(k -> isAny(terms(stretched, k, nodes, null)));
        }
        return claim.contains("cancels in double precision within") && hasTerms;
    }

    /** The line with an operand that is broadcast before: each element of it has one term. */
    private static Line stretched(Line line, String operand, Map<String, Node> nodes) {
        if (line.op.startsWith("dot")) {
            // It broadcasts only a scalar, and each element of the result is a term of its own.
            return line;
        }
        Shape shape = Shape.SCALAR;
        for (String other : line.operands) {
            shape = shape.broadcast(node(nodes, other).shape);
        }
        Node narrow = node(nodes, operand);
        String name = operand + "_stretched";
        Shape wide = shape;
        List<double[]> values = narrow.values.stream().map(value -> Program.parse("broadcast_to(a, shape=" + wide.toList() + ")").value()
                .compile(Shapes.of(Map.of("a", narrow.shape))).call(Map.of("a", Tensor.of(narrow.shape, value))).value().data()).toList();
        nodes.put(name, new Node(wide, narrow.isSampled, values, List.of()));
        return new Line(line.name, line.op, line.operands.stream().map(one -> one.equals(operand) ? name : one).toList());
    }

    private static Node node(Map<String, Node> nodes, String name) {
        return Objects.requireNonNull(nodes.get(name), name);
    }

    private static boolean isNonzero(Map<String, Node> nodes, String name) {
        return node(nodes, name).gradients.stream().anyMatch(ZeroGradientsTest::isAny);
    }

    private static boolean isAny(double[] values) {
        return Arrays.stream(values).anyMatch(value -> value != 0);
    }

    /** The local Jacobian by the operand at a position, in each sample: rows for elements of the result. */
    private static List<double[][]> jacobians(Line line, int position, Map<String, Node> nodes) {
        List<String> standIns = IntStream.range(0, line.operands.size()).mapToObj(k -> "a" + k).toList();
        Node result = node(nodes, line.name);
        int samples = Stream.concat(Stream.of(result), line.operands.stream().map(name -> node(nodes, name)))
                .mapToInt(one -> one.values.size()).max().orElse(1);
        List<double[][]> found = new ArrayList<>();
        for (int s = 0; s < samples; s++) {
            Map<String, Tensor> values = new LinkedHashMap<>();
            for (int k = 0; k < standIns.size(); k++) {
                Node operand = node(nodes, line.operands.get(k));
                values.put(standIns.get(k), Tensor.of(operand.shape, operand.values.get(Math.min(s, operand.values.size() - 1))));
            }
            double[] entries = Program.parse(new Line("y", line.op, standIns).text()).jacobian(standIns.get(position))
                    .compile(Shapes.ofValues(values)).call(values).block("y", standIns.get(position)).dense().data();
            int width = node(nodes, line.operands.get(position)).shape.length();
            found.add(IntStream.range(0, result.shape.length())
                    .mapToObj(i -> Arrays.copyOfRange(entries, i * width, (i + 1) * width)).toArray(double[][]::new));
        }
        return found;
    }

    /** All products of an entry of the local Jacobian, in a column that is reached, with the gradient that arrives at its row. */
    private static double[] terms(Line line, int position, Map<String, Node> nodes, boolean @Nullable [] reached) {
        List<double[]> gradients = node(nodes, line.name).gradients;
        List<double[][]> jacobians = jacobians(line, position, nodes);
        return IntStream.range(0, jacobians.size()).boxed().flatMapToDouble(s -> IntStream.range(0, jacobians.get(s).length).boxed()
                .flatMapToDouble(i -> IntStream.range(0, jacobians.get(s)[i].length).filter(j -> reached == null || reached[j])
                        .mapToDouble(j -> gradients.get(Math.min(s, gradients.size() - 1))[i] == 0
                                ? 0
                                : gradients.get(Math.min(s, gradients.size() - 1))[i] * jacobians.get(s)[i][j])))
                .toArray();
    }

    /** Like {@link #terms}, but a product is 1 if neither of its factors is zero. */
    private static double[] pairs(Line line, int position, Map<String, Node> nodes, boolean[] reached) {
        Map<String, Node> signs = new HashMap<>(nodes);
        Node result = node(nodes, line.name);
        signs.put(line.name, new Node(result.shape, result.isSampled, result.values,
                result.gradients.stream().map(ZeroGradientsTest::signs).toList()));
        return terms(line, position, signs, reached);
    }

    private static double[] signs(double[] values) {
        return Arrays.stream(values).map(Math::signum).toArray();
    }

    /** The nodes with 1 or −1 for each value that is not zero. */
    private static Map<String, Node> large(Map<String, Node> nodes) {
        Map<String, Node> large = new HashMap<>();
        nodes.forEach((name, node) -> large.put(name,
                new Node(node.shape, node.isSampled, node.values.stream().map(ZeroGradientsTest::signs).toList(), node.gradients)));
        return large;
    }

    private static boolean isRounded(Line line, List<Integer> positions, boolean[] reached, Map<String, Node> nodes) {
        return ROUNDED.matcher(line.op).lookingAt()
                || PRODUCTS.matcher(line.op).lookingAt() && !isFlat(line, positions, reached, large(nodes));
    }

    private static boolean isExact(Line line, List<Integer> positions, boolean[] reached, Map<String, Node> nodes) {
        return !ROUNDED.matcher(line.op).lookingAt()
                && (!PRODUCTS.matcher(line.op).lookingAt()
                        || positions.stream().noneMatch(k -> isAny(pairs(line, k, large(nodes), reached))));
    }

    private static boolean isFlat(Line line, List<Integer> positions, boolean[] reached, Map<String, Node> nodes) {
        return positions.stream().allMatch(k -> jacobians(line, k, nodes).stream().flatMap(Arrays::stream)
                .noneMatch(row -> IntStream.range(0, row.length).anyMatch(j -> reached[j] && row[j] != 0)));
    }

    /** The elements of the last node but one of a path that a change of the first one reaches along it. */
    private static boolean[] reached(List<String> path, List<Line> lines, Map<String, Node> nodes) {
        boolean[] reached = new boolean[node(nodes, path.getFirst()).shape.length()];
        Arrays.fill(reached, true);
        for (int p = 1; p < path.size() - 1; p++) {
            String before = path.get(p - 1);
            String name = path.get(p);
            Line line = lines.stream().filter(one -> one.name.equals(name)).findFirst().orElseThrow();
            boolean[] next = new boolean[node(nodes, name).shape.length()];
            boolean[] from = reached;
            for (int k = 0; k < line.operands.size(); k++) {
                if (line.operands.get(k).equals(before)) {
                    jacobians(line, k, nodes).forEach(jacobian -> IntStream.range(0, next.length).forEach(
                            i -> next[i] |= IntStream.range(0, from.length).anyMatch(j -> from[j] && jacobian[i][j] != 0)));
                }
            }
            reached = next;
        }
        return reached;
    }

    /** What a line adds to the gradient of an operand in each sample. */
    private static List<double[]> perSample(Line line, int position, Map<String, Node> nodes) {
        List<double[]> gradients = node(nodes, line.name).gradients;
        List<double[][]> jacobians = jacobians(line, position, nodes);
        List<double[]> found = new ArrayList<>();
        for (int s = 0; s < jacobians.size(); s++) {
            double[] sum = new double[node(nodes, line.operands.get(position)).shape.length()];
            double[] gradient = gradients.get(Math.min(s, gradients.size() - 1));
            for (int i = 0; i < gradient.length; i++) {
                for (int j = 0; j < sum.length; j++) {
                    sum[j] += gradient[i] == 0 ? 0 : gradient[i] * jacobians.get(s)[i][j];
                }
            }
            found.add(sum);
        }
        return found;
    }

    /** What a line adds to the gradient of an operand: for each sample where that depends on samples, else their sum. */
    private static double[] sums(Line line, int position, Map<String, Node> nodes) {
        List<double[]> parts = perSample(line, position, nodes);
        Node operand = node(nodes, line.operands.get(position));
        if (operand.isSampled) {
            return parts.stream().flatMapToDouble(Arrays::stream).toArray();
        }
        double[] sum = new double[operand.shape.length()];
        parts.forEach(part -> Arrays.setAll(sum, i -> sum[i] + part[i]));
        return sum;
    }

    private static boolean contributes(String user, String to, List<Line> lines, Map<String, Node> nodes) {
        Line line = lines.stream().filter(one -> one.name.equals(user)).findFirst().orElseThrow();
        return IntStream.range(0, line.operands.size()).filter(k -> line.operands.get(k).equals(to))
                .anyMatch(k -> isAny(sums(line, k, nodes)));
    }
}
