package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.InputSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.function.LongConsumer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that are stored: their form, and what calling them gives. */
class StoredProgramTest {
    private static final int NESTING = 100;

    private final Random random = new Random(5);

    /** Reads shapes written {@code x:2,3 n:} */
    private static Map<String, Shape> shapes(@Nullable String text) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (String input : text == null ? new String[0] : text.split(" ", -1)) {
            String[] parts = input.split(":", -1);
            shapes.put(parts[0], parts[1].isEmpty()
                    ? Shape.SCALAR
                    : Shape.of(Arrays.stream(parts[1].split(",", -1)).map(Integer::valueOf).toList()));
        }
        return shapes;
    }

    private static Map<String, DeclaredShape> declared(@Nullable String text) {
        Map<String, DeclaredShape> shapes = new LinkedHashMap<>();
        for (String input : text == null ? new String[0] : text.split(" ", -1)) {
            String[] parts = input.split(":", -1);
            shapes.put(parts[0], new DeclaredShape(parts[1].isEmpty()
                    ? List.of()
                    : Arrays.stream(parts[1].split(",", -1)).map(axis -> Character.isDigit(axis.charAt(0))
                            ? (Object) Integer.valueOf(axis)
                            : axis).toList()));
        }
        return shapes;
    }

    private Tensor drawn(Shape shape) {
        return Tensor.of(shape, random.doubles(shape.length(), 0.2, 1.5).toArray());
    }

    private static StoredForm form(Source source, @Nullable String declared, @Nullable String kept) {
        return StoredForm.of(Program.of(source, NESTING),
                new StoredInputs(List.copyOf(declared(declared).keySet()), Set.of(), Set.of(), declared(declared), Shapes.of(shapes(kept))),
                null,
                Set.of(),
                BuildLimits.GENEROUS);
    }

    private static StoredProgram stored(Source source, @Nullable String declared, @Nullable String kept) {
        StoredForm form = form(source, declared, kept);
        return new StoredProgram(source + String.valueOf(declared), form.source(), form.inputs(), declared(declared),
                Shapes.of(shapes(kept)));
    }

    private static Outcome gradient(Source source, Map<String, Tensor> values, List<String> kept) {
        Map<String, Tensor> given = new LinkedHashMap<>(values);
        kept.forEach(given::remove);
        return Program.of(source, NESTING).valueAndGradient().listing(new Signature.NodeSelection.All()).compile(Shapes.ofValues(given))
                .call(values);
    }

    /** The value, and the gradient by what is not kept, of a call and of what it stands for, with the values of the model named apart. */
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    x^2 + 3 * x           |               |           | sum(m(u) * v)              | sum((u^2 + 3 * u) * v)                    | u:3 v:3
                    W @ x + b             | x:2           | W:3,2 b:3 | sum(tanh(m(u)) * v)        | sum(tanh(m.W @ u + m.b) * v)              | u:2 v:3
                    W @ x + b             | x:2           | W:3,2 b:3 | dot(m(u), m(v))            | dot(m.W @ u + m.b, m.W @ v + m.b)         | u:2 v:2
                    g(p, q) = q - 2 * p   |               |           | m(u, v)                    | v - 2 * u                                 | u: v:
                    g(p, q) = q - 2 * p   |               |           | m(q=u, p=v)                | u - 2 * v                                 | u: v:
                    s = 0; for i in 0:len(x): s = s + i * x[i] | x:n |  | m(u) * m(v)                | (u[1] + 2 * u[2]) * (v[1])                | u:3 v:2
                    x / x.shape[0]        | x:n           |           | sum(m(u) * u)              | sum(u / 3 * u)                            | u:3
                    [1, 2] * x            |               |           | sum(m(u))                  | sum([1, 2] * u)                           | u:
                    """)
    void aCallIsTheProgramWrittenOut(String model, @Nullable String declared, @Nullable String kept, String call, String writtenOut,
            String inputs) {
        StoredProgram stored = stored(new Source.Text(model), declared, kept);
        Map<String, Tensor> values = new LinkedHashMap<>();
        shapes(inputs).forEach((name, shape) -> values.put(name, drawn(shape)));
        shapes(kept).forEach((name, shape) -> values.put("m." + name, drawn(shape)));
        List<String> names = shapes(kept).keySet().stream().map(name -> "m." + name).toList();
        Outcome called = gradient(new Source.Text(call, Map.of("m", stored)), values, names);
        Map<String, Tensor> plain = values.entrySet().stream().collect(Collectors.toMap(value -> value.getKey().replace(".", ""),
                Map.Entry::getValue, (a, _) -> a, LinkedHashMap::new));
        Outcome written = gradient(new Source.Text(writtenOut.replace("m.", "m")), plain, List.of());
        assertThat(called.value()).isEqualTo(written.value());
        assertThat(called.gradients().keySet()).containsExactlyElementsOf(shapes(inputs).keySet());
        called.gradients().forEach((name, gradient) -> assertThat(gradient).as(name).isEqualTo(written.gradient(name)));
    }

    /** Reads nodes written {@code y = m(u, 2); f = sum(y)}. */
    private static List<NodeSpec> nodes(String written) {
        return Arrays.stream(written.split("; ", -1)).map(node -> {
            String[] parts = node.split(" = |[()]", -1);
            List<Object> operands = Arrays.stream(parts[2].split(", ", -1)).map(operand -> Character.isDigit(operand.charAt(0))
                    ? (Object) Double.valueOf(operand)
                    : operand).toList();
            return new NodeSpec(parts[0], parts[1], operands, Map.of());
        }).toList();
    }

    /** A node of a graph whose op is a model is the call of a text. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    x^2 + 3 * x           |               |           | y = m(u); f = sum(y)               | sum(m(u))        | u:3
                    W @ x + b             | x:2           | W:3,2 b:3 | p = m(u); q = m(v); f = dot(p, q)  | dot(m(u), m(v))  | u:2 v:2
                    g(p, q) = q - 2 * p   |               |           | f = m(u, v)                        | m(u, v)          | u: v:
                    g(p, q) = q - 2 * p   |               |           | f = m(2, v)                        | m(2, v)          | v:
                    s = 0; for i in 0:len(x): s = s + i * x[i] | x:n |  | f = mul(a, b); a = m(u); b = m(v)  | m(u) * m(v)      | u:3 v:2
                    x / x.shape[0]        | x:n           |           | y = m(u); z = m(y); f = sum(z)     | sum(m(m(u)))     | u:3
                    g(x) = x              |               |           | y = m(u); f = mul(y, 3)            | m(u) * 3         | u:
                    g(x) = x              |               |           | f = m(u)                           | m(u)             | u:
                    g(x) = 4              |               |           | y = m(u); f = mul(y, u)            | m(u) * u         | u:
                    """)
    void aNodeCallsAModelAsATextDoes(String model, @Nullable String declared, @Nullable String kept, String nodes, String call,
            String inputs) {
        Map<String, StoredProgram> models = Map.of("m", stored(new Source.Text(model), declared, kept));
        Map<String, Tensor> values = new LinkedHashMap<>();
        shapes(inputs).forEach((name, shape) -> values.put(name, drawn(shape)));
        shapes(kept).forEach((name, shape) -> values.put("m." + name, drawn(shape)));
        List<String> names = shapes(kept).keySet().stream().map(name -> "m." + name).toList();
        Source graph = new Source.Nodes(nodes(nodes), null, models);
        Outcome called = gradient(graph, values, names);
        Outcome written = gradient(new Source.Text(call, models), values, names);
        assertThat(called.value()).isEqualTo(written.value());
        assertThat(called.gradients().keySet()).containsExactlyInAnyOrderElementsOf(written.gradients().keySet());
        called.gradients().forEach((name, gradient) -> assertThat(gradient).as(name).isEqualTo(written.gradient(name)));
        List<String> ids = Arrays.stream(nodes.split("; ", -1)).map(node -> node.split(" ", -1)[0]).toList();
        assertThat(called.function().bound().program().allIds()).containsAll(ids);
        assertThat(called.function().bound().program().outputId()).isEqualTo("f");
        assertThat(Program.of(graph, NESTING).unknownCalls()).containsExactly("m");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            f = m(u)           | model m takes 2 arguments (x, y), not 1
            f = m(u, u, u)     | model m takes 2 arguments (x, y), not 3
            f = m(v, u)        | m: input 'x' is [n]; its value has [2, 3]
            f = n(u)           | there is no op 'n'
            """)
    void aNodeThatCallsAModelWronglyIsRefused(String nodes, String message) {
        Source source = new Source.Nodes(nodes(nodes), null, Map.of("m", stored(new Source.Text("x + y"), "x:n y:n", null)));
        assertThatThrownBy(() -> Program.of(source, NESTING).value().compile(Shapes.of("u", 2, "v", 2, 3)))
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e).hasMessageContaining(message);
                    assertThat(e.problems()).extracting(Problem::node).containsExactly("f");
                });
    }

    /** A graph is stored as the nodes that it means, unless these depend on the lengths of free axes. */
    @Test
    void aGraphThatCallsAModelIsStored() {
        StoredProgram plain = stored(new Source.Text("2 * x"), null, null);
        StoredProgram loop = stored(new Source.Text("s = 0; for i in 0:len(x): s = s + x[i]"), "x:n", null);
        Source stored = form(new Source.Nodes(nodes("f = m(u)"), null, Map.of("m", plain)), "u:n", null).source();
        assertThat(stored.models()).isEmpty();
        assertThat(((Source.Nodes) stored).nodes()).extracting(NodeSpec::op).containsExactlyInAnyOrder("input", "mul");
        Source kept = new Source.Nodes(nodes("f = m(u)"), null, Map.of("m", loop));
        assertThat(form(kept, "u:n", null).source()).isEqualTo(new Source.Nodes(nodes("f = m(u)"), "f", Map.of("m", loop)));
    }

    @Test
    void aProgramByItselfIsDifferentiatedByWhatACallGives() {
        Source stored = new Source.Stored(stored(new Source.Text("f = sum(tanh(W @ x))"), "x:3", "W:2,3"));
        Map<String, Tensor> values = Map.of("W", drawn(Shape.of(2, 3)), "x", drawn(Shape.of(3)));
        Outcome outcome = gradient(stored, values, List.of("W"));
        assertThat(outcome.gradients().keySet()).containsExactly("x");
        assertThat(outcome.function().bound().listed().stream().map(NodeDescription::id)).containsExactly("x", "matmul_1", "tanh_1", "f");
        Outcome byKept = Program.of(stored, NESTING).valueAndGradient("W", "x").compile(Shapes.of("x", 3)).call(values);
        Outcome plain = Program.parse("f = sum(tanh(W @ x))").valueAndGradient().compile(Shapes.ofValues(values)).call(values);
        assertThat(byKept.gradient("W")).isEqualTo(plain.gradient("W"));
        assertThat(byKept.gradient("x")).isEqualTo(outcome.gradient("x"));
    }

    private static Source.Network network(@Nullable LossSpec loss) {
        List<LayerSpec> layers = List.of(
                new LayerSpec("dense", "hidden", Map.of("units", 4.0, "activation", "tanh"), List.of(), null),
                new LayerSpec("dense", "out", Map.of("units", 2.0), List.of(), null));
        return new Source.Network(new NetworkSpec(new InputSpec("x", Shape.of(3)), layers, loss, 0, 0), InitializerSpec.DEFAULT, true, 0);
    }

    private static final String WEIGHTS = "hidden.weight:3,4 hidden.bias:4 out.weight:4,2 out.bias:2";

    /** Of a network, texts call the layers, for one sample or for a batch; its loss is the output where its target is given. */
    @Test
    void aNetworkIsCalledForASampleAndForABatch() {
        StoredProgram stored = stored(network(new LossSpec("mse", "y", Map.of())), null, WEIGHTS);
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("u", drawn(Shape.of(2, 3)));
        Map<String, Tensor> weights = new LinkedHashMap<>();
        shapes(WEIGHTS).forEach((name, shape) -> weights.put(name, drawn(shape)));
        weights.forEach((name, value) -> values.put("m." + name, value));
        List<String> kept = weights.keySet().stream().map(name -> "m." + name).toList();
        Map<String, StoredProgram> models = Map.of("m", stored);
        Outcome batch = gradient(new Source.Text("sum(m(u)^2)", models), values, kept);
        Outcome byNodes = gradient(new Source.Nodes(nodes("y = m(u); z = pow(y, 2); f = sum(z)"), null, models), values, kept);
        assertThat(byNodes.value()).isEqualTo(batch.value());
        assertThat(byNodes.gradients()).isEqualTo(batch.gradients());
        Outcome samples = gradient(new Source.Text("sum(m(u[0])^2) + sum(m(u[1])^2)", models), values, kept);
        Map<String, Tensor> byItself = new LinkedHashMap<>(weights);
        byItself.put("x", values.get("u"));
        byItself.put("y", Tensor.zeros(Shape.of(2, 2)));
        Outcome loss = gradient(new Source.Stored(stored), byItself, List.copyOf(weights.keySet()));
        assertThat(samples.value().data()[0]).isCloseTo(batch.value().data()[0], within(1e-14));
        assertThat(samples.gradient("u").data()).containsExactly(batch.gradient("u").data(), within(1e-14));
        assertThat(4 * loss.value().data()[0]).isCloseTo(batch.value().data()[0], within(1e-14));
        assertThat(loss.gradients().keySet()).containsExactly("x", "y");
        byItself.remove("y");
        Outcome layers = Program.of(new Source.Stored(stored), 0).value().compile(Shapes.of("x", 2, 3)).call(byItself);
        assertThat(layers.value().shape()).isEqualTo(Shape.of(2, 2));
        assertThat(layers.function().bound().program().outputId()).isEqualTo("out");
    }

    /** What is stored: nodes, or the text where these depend on free axes; and the inputs in order, with the shape of the output. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            W @ x + b                | x:n,2 b:n    | W:3,2 | !matmul
            x @ W + b                | x:n,2        | W:2,3 b:3 | Nodes; x; [n, 3]
            x @ W                    | x:n,2        | W:2,3 | Nodes; x; [n, 3]
            sum(x, axis=0)           | x:n,m        |       | Nodes; x; [m]
            x / len(x)               | x:n          |       | Text; x; [n]
            mean(x) if len(x) > 50 else sum(x) | x:n |      | Text; x; []
            reshape(x, [-1, 4])      | x:n          |       | Nodes; x; [free, 4]
            reshape(x, [-1, 7])      | x:n          |       | Nodes; x; [free, 7]
            reshape(x, [-1, 8]) * y  | x:n y:m,1    |       | !mul
            reshape(x, [-1, 8])      | x:n,m        |       | Nodes; x; [free, 8]
            reshape(x, [-1, 40])     | x:n          |       | Nodes; x; [free, 40]
            reshape(x, [-1, 50])     | x:n          |       | !reshape
            reshape(x, [-1])         | x:n,m        |       | Nodes; x; [free]
            concatenate(x, x) * sum(y) | x:n y:m    |       | Nodes; x, y; [free]
            concatenate(x, y) * sum(z) | x:n y:m z:k |      | Nodes; x, y, z; [free]
            x[50] * y                | x:n y:m      |       | Nodes; x, y; [m]
            x[50] * y                | x:n,m,k y:m,k |      | Nodes; x, y; [m, k]
            x[3000] * y              | x:n,m,k y:m,k |      | !index 3000 is out of range
            x + y                    | x:n y:m      |       | !add
            concatenate(x, x) + y    | x:n y:m      |       | !add
            concatenate(x, y) + z    | x:n y:m z:k  |       | !add
            x + y @ z                | x:n,m y:n,k z:m,k |  | !matmul
            concatenate(x, [1])      | x:n          |       | Nodes; x; [free]
            concatenate(x, x)        | x:free       |       | Nodes; x; [free_]
            concatenate(2 * x, x, y) | x:free y:free_ |     | Nodes; x, y; [free__]
            2 * x                    | x:free       |       | Nodes; x; [free]
            x + y                    | x:2          |       | Nodes; x, y; null
            f(b, a) = a - b          |              |       | Nodes; b, a; null
            f(b, a) = a - b          | a: b:        |       | Nodes; b, a; []
            f(b) = a - b * c         | c: a: b:     |       | Nodes; b, c, a; []
            y - 2 * x                | x: y:        |       | Nodes; x, y; []
            y - 2 * x                | y: x:        |       | Nodes; y, x; []
            y - 2 * x + w            | x:           |       | Nodes; x, y, w; null
            y - 2 * x * w            | w: x: y:     | w:    | Nodes; x, y; []
            W * x                    | W:n x:n      | W:3   | Nodes; x; [3]
            W * x                    | x:3 W:3      | W:2   | !input 'W' is [3]; its value has [2]
            W * V * x                | W:n V:n      | W:3 V:2 | !input 'V' is [n], where n is 3; its value has [2]
            x^2                      | x: y:        |       | !the program does not read 'y'
            x^2                      | x:           | w:    | Nodes; x; []
            x[:10]                   | x:n          |       | Nodes; x; [free]
            x[-3:]                   | x:n          |       | Nodes; x; [free]
            x[:24]                   | x:n          |       | Nodes; x; [free]
            x[:1000]                 | x:n          |       | Nodes; x; [free]
            x[:1500000]              | x:n          |       | Nodes; x; [free]
            x[-1500000:]             | x:n          |       | Nodes; x; [free]
            x[:2147483646]           | x:n          |       | Nodes; x; [free]
            x[:2147483647]           | x:n          |       | Nodes; x; [n]
            concatenate(x, x)[:2000000000] | x:n    |       | Nodes; x; [free]
            x[40:50]                 | x:n          |       | Nodes; x; [free]
            x[100:200]               | x:n          |       | Nodes; x; [free]
            x[10:2:-1]               | x:n          |       | Nodes; x; [free]
            x[:, :10] * y            | x:n,m y:     |       | Nodes; x, y; [n, free]
            x * sum(sum(x[:i]) for i in range(4, 17)) | x:n | | Nodes; x; [n]
            x[:5000] * sum(sum(x[:i]) for i in range(4, 17)) | x:n | | Nodes; x; [free]
            x[:10] / len(x)          | x:n          |       | Text; x; [free]
            x[:100] / len(x)         | x:n          |       | Text; x; [free]
            x[:len(y)]               | x:n y:m      |       | Text; x, y; [free]
            t = x * 0; for i in 0:len(x): t = t + x[i:i+1] | x:n | | Text; x; [n]
            t = y * 0; for i in 0:len(x): t = t + x[i:i+1] | x:n y:m | | Text; x, y; [m]
            x[:10] + y               | x:n y:10     |       | Nodes; x, y; [10]
            w·x                      |              | w:2   | !depends on a shape which is not known
            w·x                      | x:2          | w:2   | Nodes; x; []
            w·x                      | x:n          | w:    | Nodes; x; [n]
            a·b                      | a:n b:n      |       | Text; a, b; []
            ‖A‖₂                     |              |       | !depends on a shape which is not known
            ‖A‖₂                     | A:n,m        |       | Text; A; []
            2·x                      |              |       | Nodes; x; null
            w * (x - mean) / std     |              | w:2   | Nodes; x, mean, std; null
            a*b + ab                 |              | a: b: | Nodes; ab; null
            y = x / len(x); if len(x) == 1: y = y * w | x:n | w: | Text; x; [n]
            y = x / len(x); if len(x) == 1: y = y * w | x:n |    | Text; x, w; [n]
            y = x / len(x); if len(x) > 30: y = y * w | x:n |    | Text; x, w; null
            def f(x, w): y = x / len(x); y = y if len(x) < 100 else y * w; return y | x:n | w: | Text; x; [n]
            g = 2 * x; f(a) = x - a·g; f(0.1) |   |       | Nodes; x; null
            g = 2 * x; f(a) = x - g·a; f(0.1) | x:n |     | Nodes; x; [n]
            f(A) = ‖A‖_F; f(W)       | W:n,m        |       | Text; W; []
            f(A) = ‖A‖_F; f(W)       | W:n          |       | !the order of a norm
            m = 0 * x; for i in 1:len(x): d = x[i] - x[i - 1]; f = d / len(x) | x:n | | Text; x; null
            (A @ x)·y                | A:2,3 x:4 y:2 |      | !matmul
            dot(w, v) * x            |              | w:3 v:2 | !dot
            dot([1, 2, 3], [1, 2]) * x |            |       | !dot
            sum(W, axis=3) + x       |              | W:2,2 | !axis
            dot(w, x) - y            | x:4          | w:3   | !dot
            dot(w, x) - y            | x:n          | w:3   | !dot
            concatenate(x[:10], x[10:]) | x:n       |       | Nodes; x; [n]
            np.squeeze(x)            | x:n,3        |       | Nodes; x; null
            np.squeeze(x, 1)         | x:n,1        |       | Nodes; x; [n]
            """)
    void theFormOfAProgram(String text, @Nullable String declared, @Nullable String kept, String form) {
        Source.Text source = new Source.Text(text);
        if (form.startsWith("!")) {
            assertThatThrownBy(() -> form(source, declared, kept)).isInstanceOf(ProblemException.class)
                    .hasMessageContaining(form.substring(1));
            return;
        }
        StoredForm stored = form(source, declared, kept);
        assertThat(stored.source().getClass().getSimpleName() + "; " + String.join(", ", stored.inputs()) + "; " + stored.output())
                .isEqualTo(form);
    }

    /** A length at which an array would have too many elements counts as not tried: only one of several axes might be that long. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            x[:9000]               | x:n   | [free]
            x[:11000]              | x:n   | [free]
            x[:200] * sum(y)       | x:n,m y:n,m | [free, free]
            x * sum(y[:90])        | x:n,m y:n,m | [n, m]
            x[:2147483647]         | x:n   | [n]
            """)
    void lengthsThatAreTooLargeAreNotTried(String text, String declared, String shape) {
        BuildLimits limits = new BuildLimits(1_000, NESTING, 1_000, 10_000, 1_000, Long.MAX_VALUE, Long.MAX_VALUE, _ -> {},
                Checkpoint.NONE);
        StoredInputs given = new StoredInputs(List.copyOf(declared(declared).keySet()), Set.of(), Set.of(), declared(declared),
                Shapes.NONE);
        StoredForm stored = StoredForm.of(Program.of(new Source.Text(text), NESTING), given, null, Set.of(), limits);
        assertThat(String.valueOf(stored.output())).isEqualTo(shape);
    }

    /** A bound that is the least whole number of 64 bits has no positive counterpart. */
    @ParameterizedTest
    @ValueSource(strings = {"-9223372036854775808:", ":9223372036854775807", "00000000000000000000001:"})
    void boundsOfSlicesMayHaveManyDigits(String slice) {
        NodeSpec part = new NodeSpec("f", "index", List.of("x"), Map.of("at", List.of(slice)));
        String shape = slice.endsWith("1:") ? "[free]" : "[n]";
        assertThat(String.valueOf(form(new Source.Nodes(List.of(part), null, Map.of()), "x:n", null).output())).isEqualTo(shape);
    }

    /**
     * Programs are stored after trials with long axes. What is stored answers the same as the text for axes of any length, also for those
     * that clamp a slice, are squeezed or broadcast, and the shape of the output is true for all of them.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            x[:10] | x:n
            x[-3:] | x:n
            x[20::-2] | x:n
            concatenate(x, x)[:30] | x:n
            x[1:] - x[:-1] | x:n
            sum(x[:10] * x[-10:]) | x:n
            np.squeeze(x) | x:n,m
            x.reshape(-1, 6) | x:n,3
            reshape(x, [2, -1]) | x:n,4
            x + y | x:n y:n,1
            x * y | x:n,m y:n,1
            x + y | x:n y:1
            x @ y.T | x:n,3 y:m,3
            W @ x | W:n,m x:m
            concatenate(x, y) | x:n y:m
            x - x.mean(0, keepdims=True) | x:n,3
            np.linspace(0, 1, len(x)) @ x | x:n
            np.std(x, ddof=1) | x:n
            norm(x) | x:n
            softmax(x, axis=0) | x:n,3
            np.sort(x) | x:n
            np.median(x) | x:n
            np.cumsum(x, axis=0) | x:n,3
            one_hot(i, num_classes=3) | i:n
            np.diag(x) | x:n
            np.trace(x) | x:n,n
            np.tril(x) @ y | x:n,n y:n
            np.diff(x) | x:n
            np.convolve(x, y) | x:n y:3
            np.kron(x, y) | x:n y:3
            F.cross_entropy(x, i) | x:n,3 i:n
            F.layer_norm(x, [3]) | x:n,3
            F.conv1d(x, w) | x:n,2,7 w:3,2,3
            F.conv1d(x, w) | x:2,2,n w:3,2,3
            F.max_pool1d(x, 2) | x:2,1,n
            """)
    void whatIsStoredIsTheProgramForAxesOfAnyLength(String text, String declared) {
        Source.Text source = new Source.Text(text);
        StoredForm form = form(source, declared, null);
        Source stored = new Source.Stored(stored(source, declared, null));
        for (int n : new int[]{0, 1, 2, 3, 9, 10, 11, 23, 24, 25, 31, 100}) {
            Map<String, Integer> lengths = Map.of("n", n, "m", 2);
            Map<String, Tensor> values = new LinkedHashMap<>();
            declared(declared).forEach((name, shape) -> values.put(name,
                    name.equals("i") ? Tensor.zeros(shape.with(lengths)) : drawn(shape.with(lengths))));
            Optional<Tensor> direct = value(source, values);
            assertThat(value(stored, values)).as("n = %s", n).isEqualTo(direct);
            if (direct.isPresent() && form.output() != null) {
                List<Object> shape = List.copyOf(direct.get().shape().toList());
                List<Object> told = form.output().axes();
                assertThat(shape).as("n = %s", n).hasSameSizeAs(told);
                for (int axis = 0; axis < told.size(); axis++) {
                    Object length = told.get(axis);
                    assertThat(length instanceof String name ? lengths.getOrDefault(name, (Integer) shape.get(axis)) : length)
                            .as("axis %s, n = %s", axis, n).isEqualTo(shape.get(axis));
                }
            }
        }
    }

    private static void form(String text, String declared, int nodes, LongConsumer growth) {
        BuildLimits limits = new BuildLimits(nodes, NESTING, 100_000_000, Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE,
                Long.MAX_VALUE,
                growth, Checkpoint.NONE);
        StoredForm.of(Program.of(new Source.Text(text), NESTING),
                new StoredInputs(List.copyOf(declared(declared).keySet()), Set.of(), Set.of(), declared(declared), Shapes.NONE), null,
                Set.of(),
                limits);
    }

    /** What a model keeps is in memory once, however many calls run at the same time. */
    @Test
    void aRunNeedsNoMemoryForWhatIsKept() {
        Source model = new Source.Stored(stored(new Source.Text("sum((W @ x)^2)"), "x:200", "W:100,200"));
        Source written = new Source.Text("sum((W @ x)^2)");
        Shapes given = Shapes.of("x", 200);
        long kept = 8L * 100 * 200;
        CompiledFunction called = Program.of(model, NESTING).valueAndGradient("x").compile(given);
        CompiledFunction direct = Program.of(written, NESTING).valueAndGradient("x").compile(Shapes.of("W", 100, 200, "x", 200));
        assertThat(called.cost().bytes()).isCloseTo(direct.cost().bytes() - kept, Offset.offset(1_000L));
        CompiledJacobian rows = Program.of(model, NESTING).hessian("x").compile(given);
        CompiledJacobian directRows = Program.of(written, NESTING).hessian("x").compile(Shapes.of("W", 100, 200, "x", 200));
        assertThat(rows.cost().bytes()).isLessThanOrEqualTo(directRows.cost().bytes() - kept + 1_000);
    }

    /** For long lengths, which are tried after the short ones in each order, there are too many nodes. */
    @ParameterizedTest
    @ValueSource(strings = {"x:n k:m", "k:m x:n"})
    void theOrderOfDeclarationsDoesNotDecideWhetherAProgramIsStored(String declared) {
        form("y = 0\nfor i in range(len(x)):\n  for j in range(len(k)):\n    y = y + x[i] * k[j]\ny + sum(x[:len(k)] * k)", declared,
                100_000,
                _ -> {});
    }

    /** Rising lengths do not fit, which says nothing of a program that fits falling ones. */
    @Test
    void aProgramThatIsTooLargeIsNotToldOfAnOrderThatDoesNotFit() {
        assertThatThrownBy(() -> form("s = 0\nfor i in range(len(x)):\n  s = s + x[i] * k[i]", "k:m x:n", 130, _ -> {}))
                .isInstanceOf(LimitException.class).hasMessageContaining("nodes");
    }

    /** A hint names the nearest of many ids, and a graph with very many mistakes has hints for those alone that are told. */
    @Test
    @Timeout(60)
    void veryManySecondNamesOfNoNodeAreCountedSoon() {
        String long50 = "n".repeat(50);
        List<NodeSpec> nodes = IntStream.range(0, 10_000).mapToObj(i -> new NodeSpec(long50 + i, "exp", List.of("x"), Map.of())).toList();
        Map<String, String> aliases = IntStream.range(0, 90_000).boxed()
                .collect(Collectors.toMap(i -> "a" + i, i -> "m".repeat(8) + long50.substring(8) + i));
        Source graph = new Source.Nodes(nodes, long50 + 0, Map.of(), aliases);
        assertThatThrownBy(() -> Program.of(graph, 0).value().compile(Shapes.of("x"))).isInstanceOf(ProblemException.class)
                .hasMessageContaining("the graph has no node").satisfies(e -> assertThat(((ProblemException) e).total()).isEqualTo(90_000));
    }

    /** Only one trial is held at a time, if none fits. */
    @Test
    void trialsDoNotAddUpInMemory() {
        List<Long> growth = new ArrayList<>();
        assertThatThrownBy(() -> form("s = 0\nfor i in range(1000):\n  s = s + u[0,0] * v[0,0]\ns + sum(u @ v)", "u:a,b v:c,d", 100_000,
                growth::add)).isInstanceOf(ProblemException.class).hasMessageContaining("matmul");
        assertThat(growth).hasSize(1);
    }

    /**
     * A text with another output answers for axes of any length as the text does if it is asked for that node, also where the lengths
     * decide whether a statement gives the node a value.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            h | h = x / len(x)\\nif len(x) <= 2: h = h * 0\\nl = sum(h - y)
            h | h = x / len(x)\\nif len(x) >= 30: h = h * 0\\nl = sum(h - y)
            h | h = x / len(x)\\nif len(x) == 3: h = h * 0\\nl = sum(h - y)
            h | h = x / len(x)\\nif len(x) != 3: h = h * 0\\nl = sum(h - y)
            b | m = sum(x) / len(x)\\nb = m\\nif len(x) == 1:\\n  b = 0\\nl = b - y
            b | m = sum(x) / len(x)\\nb = m\\nif len(x) > 2: k = 1\\nelif len(x) == 2: b = 7\\nelse:\\n  b = 8\\nl = b - y
            t | t = 0\\nfor i in range(len(x)):\\n  if i == 2: t = t + 5\\n  else: t = t + x[i]\\nl = t - y
            t | t = 0; s = 1\\nfor i in range(len(x)): t += x[i]; s = t\\nl = s - y
            s | t = 0; s = 1\\nfor i in range(len(x)): t += x[i]; s = t\\nl = s - y
            b | a = x / len(x)\\na, b = a * 2, a * 3\\nl = b - y
            b | a = b = x / len(x); l = a - y
            x2 | x2 = x * 1 / len(x)\\nx2[0] = 5\\nl = x2 - y
            p | f(a) = a / len(x)\\np = f(x)\\nl = p - y
            p | p = x / len(x)\\np(a) = a / len(x)\\nl = p(x) - y
            p | def f(a):\\n  p = a / len(x)\\n  return p\\np = f(x) * 2\\nl = f(y) - y
            p | p = exp(x) / len(x)\\nl = p - y\\nexp(a) = a * a
            p | # a text\\np = x / len(x) # p = 3\\n\\n# l\\nl = (p -\\n  y)
            p | p = x / len(x)\\nq = p == y
            p | p = (x /\\n  len(x))\\nl = p - y
            q | p = 2 * x\\nq = p\\nl = sum(q) / len(q) - y
            m | if len(x) > 1:\\n  m = sum(x) / len(x)\\nelse: m = x[0]\\nl = m - y
            """)
    void aTextWithAnotherOutput(String output, String written) {
        Source.Text text = new Source.Text(written.replace("\\n", "\n"));
        Map<String, DeclaredShape> declared = declared("x:n");
        StoredForm form = StoredForm.of(Program.of(text, NESTING),
                new StoredInputs(List.of("x"), Set.of(), Set.of(), declared, Shapes.NONE), output, Set.of(), BuildLimits.GENEROUS);
        Source stored = new Source.Stored(new StoredProgram(written + output, form.source(), form.inputs(), declared, Shapes.NONE));
        for (int n : new int[]{1, 2, 3, 4, 24, 30, 31}) {
            Map<String, Tensor> given = new LinkedHashMap<>(Map.of("x", drawn(Shape.of(n)), "y", Tensor.scalar(2)));
            Tensor direct = Program.of(text, NESTING).value().output(output).compile(Shapes.ofValues(given)).call(given).value();
            given.keySet().retainAll(form.inputs());
            assertThat(value(stored, given)).as("n = %s of %s", n, form.source()).contains(direct);
        }
    }

    /**
     * Models keep these as text. Whoever changes what one of them means changes stored models, and says so in {@code CHANGELOG.md}.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    sum(x^2) / len(x) | x:n | pow_1 = pow[x, 2.0]; sum_1 = sum[pow_1]; output = div[sum_1, 3.0]
                    x.shape[0] * sum(x) | x:n | sum_1 = sum[x]; output = mul[3.0, sum_1]
                    np.linspace(0, 1, len(x)) @ x | x:n | linspace_1 = linspace[]{num=3, start=0.0, stop=1.0}; output = matmul[linspace_1, x]
                    t = 0; for i in 0:len(x): t = t + x[i] | x:n | index_1 = index[x]{at=[0]}; t_2 = add[t_1, index_1]; index_2 = index[x]{at=[1]}; t_3 = add[t_2, index_2]; index_3 = index[x]{at=[2]}; t = add[t_3, index_3]
                    np.diff(x)[0] | x:n | index_1 = index[x]{at=[..., 1:]}; index_2 = index[x]{at=[..., :-1]}; sub_1 = sub[index_1, index_2]; output = index[sub_1]{at=[0]}
                    np.trapz(x) | x:n | index_1 = index[x]{at=[..., 1:]}; index_2 = index[x]{at=[..., :-1]}; add_1 = add[index_1, index_2]; sum_1 = sum[add_1]{axis=[-1]}; mul_1 = mul[1.0, sum_1]; output = div[mul_1, 2.0]
                    np.convolve(x, y) | x:n y:2 | reshape_1 = reshape[x]{shape=[1, 1, 1, -1]}; reshape_2 = reshape[y]{shape=[1, 1, 1, -1]}; conv_transpose2d_1 = conv_transpose2d[reshape_1, reshape_2]; output = flatten[conv_transpose2d_1]
                    np.tril(A) @ x | A:n,n x:n | tril_1 = tril[A]; output = matmul[tril_1, x]
                    np.trace(A) | A:n,n | output = trace[A]
                    np.diag(x) | x:n | output = diag[x]
                    np.atleast_2d(x) | x:n | output = expand_dims[x]{axis=[0]}
                    np.vstack([x, y]) | x:n y:n | output = stack[x, y]
                    np.linalg.solve(A, x) | A:n,n x:n | output = solve[A, x]
                    np.average(x, weights=y) | x:n y:n | dot_1 = dot[x, y]; sum_1 = sum[y]; output = div[dot_1, sum_1]
                    F.cross_entropy(x @ W, i) | x:n,2 W:2,4 i:n | matmul_1 = matmul[x, W]; output = cross_entropy[matmul_1, i]{axis=1}
                    F.layer_norm(x, [2]) | x:n,2 | ones_1 = ones[]{shape=[2]}; zeros_1 = zeros[]{shape=[2]}; output = layer_norm[x, ones_1, zeros_1]
                    F.conv1d(x, w) | x:n,2,7 w:3,2,3 | output = conv1d[x, w]
                    F.max_pool2d(x, 2) | x:n,1,6,6 | output = max_pool2d[x]{kernel_size=[2]}
                    """)
    void whatATextThatIsKeptMeans(String text, String declared, String nodes) {
        Source.Text source = new Source.Text(text);
        assertThat(form(source, declared, null).source()).isEqualTo(source);
        Map<String, Shape> shapes = new LinkedHashMap<>();
        declared(declared).forEach((name, shape) -> shapes.put(name, shape.with(Map.of("n", 3))));
        NamedGraph graph = Program.of(source, NESTING).graph(shapes.keySet(), shapes, BuildLimits.GENEROUS.written());
        assertThat(IntStream.range(0, graph.graph().size()).filter(i -> !(graph.graph().op(i) instanceof Leaf))
                .mapToObj(i -> NodeDescription.of(graph, i, Shape.SCALAR))
                .map(node -> node.id() + " = " + node.op() + node.inputs()
                        + (node.attributes().isEmpty() ? "" : new TreeMap<>(node.attributes())))
                .collect(Collectors.joining("; "))).isEqualTo(nodes);
    }

    /** The value of the output; empty if the program refuses the inputs. */
    private static Optional<Tensor> value(Source source, Map<String, Tensor> values) {
        try {
            return Optional.of(Program.of(source, NESTING).value().compile(Shapes.ofValues(values)).call(values).value());
        } catch (ProblemException _) {
            return Optional.empty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            m(u, u, u)      | model m takes 2 arguments (x, y), not 3
            m(u)            | model m takes 2 arguments (x, y), not 1
            m(u, z=u)       | model m has no parameter 'z'
            m(v, u)         | m: input 'x' is [n]; its value has [2, 3]
            m(u, w)         | m: input 'y' is [n], where n is 2; its value has [3]
            sin(m(u, u[0])) | m: input 'y' is [n], where n is 2; its value has []
            n(u)            | there is no op 'n'
            """)
    void aCallThatDoesNotFitIsRefused(String call, String message) {
        Source source = new Source.Text(call, Map.of("m", stored(new Source.Text("x + y"), "x:n y:n", null)));
        assertThatThrownBy(() -> Program.of(source, NESTING).value().compile(Shapes.of("u", 2, "v", 2, 3, "w", 3)))
                .isInstanceOf(ProblemException.class).hasMessageContaining(message).hasMessageContaining("line 1");
    }

    @Test
    void valuesThatDoNotFitAreRefused() {
        Program program = Program.of(new Source.Stored(stored(new Source.Text("W * x * y"), "x:n,2 y:n,2", "W:")), NESTING);
        assertThatThrownBy(() -> program.value().compile(Shapes.of("x", 3, 2, "y", 4, 2))).isInstanceOf(ProblemException.class)
                .hasMessageContaining("input 'y' is [n, 2], where n is 3; its value has [4, 2]");
        assertThatThrownBy(() -> program.value().compile(Shapes.of("x", 3, 2, "y", 3, 2, "W"))).isInstanceOf(ProblemException.class)
                .hasMessageContaining("the model keeps a value of 'W'");
        assertThatThrownBy(() -> program.value().compile(Shapes.of("x", 3, 2))).isInstanceOf(ProblemException.class)
                .hasMessageContaining("input 'y' has no value");
        assertThat(program.value().over("x").compile(Shapes.of("x", 5, 3, 2, "y", 3, 2)).bound().listed()).isEmpty();
    }

    /** A name means a function of the text, then an op, then a model. */
    @Test
    void whatHidesAModel() {
        StoredProgram model = stored(new Source.Text("x + 100"), null, null);
        Map<String, StoredProgram> models = Map.of("m", model, "sin", model);
        assertThat(Program.of(new Source.Text("m(a) = a\nm(u) + sin(u)", models), NESTING).value().compile(Shapes.of("u")).call(Map.of("u",
                Tensor.scalar(0))).value()).isEqualTo(Tensor.scalar(0));
        assertThat(Program.of(new Source.Text("f(a) = m(a)\nf(u)", models), NESTING).value().compile(Shapes.of("u")).call(Map.of("u",
                Tensor.scalar(0))).value()).isEqualTo(Tensor.scalar(100));
        assertThat(Program.parse("y = sin(u) + m(u) + np.exp(u) + k(u)\nk(a) = relu(a)").unknownCalls()).containsExactly("m");
    }

    /** What is declared of the data and the target of a network: the shape in one sample, or in any number of them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            x:3         |
            x:n,3       |
            x:n,3 y:m,2 |
            x:3 y:2     |
            x:k         |
            x:7         | the network's 'x' has the shape [3] in each sample, not [7]
            x:5,3       | the network's 'x' has the shape [3] in each sample, not [5, 3]
            x:n,4       | the network's 'x' has the shape [3] in each sample, not [n, 4]
            x:          | the network's 'x' has the shape [3] in each sample, not []
            y:n,3       | the network's 'y' has the shape [2] in each sample, not [n, 3]
            z:3         | the network does not read 'z'
            """)
    void whatIsDeclaredOfANetworkHasToFit(String declared, @Nullable String message) {
        Source network = network(new LossSpec("mse", "y", Map.of()));
        if (message == null) {
            assertThat(form(network, declared, WEIGHTS).inputs()).containsExactly("x", "y");
        } else {
            assertThatThrownBy(() -> form(network, declared, WEIGHTS)).isInstanceOf(ProblemException.class).hasMessageContaining(message);
        }
    }

    /** Each model calls the one before it a hundred times, and none adds a node: what all of them do together is limited. */
    @ParameterizedTest
    @ValueSource(strings = {"y = x", "for i in 0:1000: y = x", "f(a) = a; y = f(f(f(x)))"})
    @Timeout(60)
    void callsThatAddNoNodesAreLimited(String innermost) {
        StoredProgram model = new StoredProgram("0", new Source.Text(innermost), List.of("x"), Map.of(), Shapes.NONE);
        Source.Text outer = new Source.Text(innermost);
        for (int level = 1; level <= 6; level++) {
            outer = new Source.Text("m(".repeat(100) + "x" + ")".repeat(100), Map.of("m", model));
            model = new StoredProgram("" + level, outer, List.of("x"), Map.of(), Shapes.NONE);
        }
        Program program = Program.of(outer, NESTING + 1);
        BuildLimits limits = new BuildLimits(100_000, 200, 100_000, 1000, 1000, Long.MAX_VALUE, Long.MAX_VALUE, _ -> {}, Checkpoint.NONE);
        assertThatThrownBy(() -> program.bind(Signature.of(new Transformation.Value(), Shapes.of("x")), limits))
                .isInstanceOf(LimitException.class).hasMessageContaining("nodes");
    }

    /** A model whose calls add a node each may be called as often as nodes may be added. */
    @Test
    void callsThatAddNodesCountAsThese() {
        StoredProgram model = new StoredProgram("0", new Source.Text("y = x\nfor i in 0:1000: y = tanh(y)"), List.of("x"), Map.of(),
                Shapes.NONE);
        Program program = Program.of(new Source.Text("z = x\nfor i in 0:90: z = m(z)", Map.of("m", model)), NESTING);
        BuildLimits limits = new BuildLimits(100_000, 200, 100_000, 1000, 1000, Long.MAX_VALUE, Long.MAX_VALUE, _ -> {}, Checkpoint.NONE);
        assertThat(program.bind(Signature.of(new Transformation.Value(), Shapes.of("x")), limits).program().graph().size())
                .isEqualTo(90_001);
    }

    /** A model that calls another keeps the other's values under its name. */
    @Test
    void aModelMayCallAnother() {
        StoredProgram inner = stored(new Source.Text("W @ x"), "x:2", "W:2,2");
        Source.Text text = new Source.Text("sum(part(x) * v)", Map.of("part", inner));
        StoredForm form = StoredForm.of(Program.of(text, NESTING),
                new StoredInputs(List.of("x"), Set.of(), Set.of(), declared("x:2"), Shapes.of("v", 2, "part.W", 2, 2)), null, Set.of(),
                BuildLimits.GENEROUS);
        StoredProgram outer = new StoredProgram("outer", form.source(), form.inputs(), declared("x:2"),
                Shapes.of("v", 2, "part.W", 2, 2));
        assertThat(form.inputs()).containsExactly("x");
        Map<String, Tensor> values = Map.of("u", Tensor.vector(1, 2), "whole.v", Tensor.vector(3, 5), "whole.part.W",
                Tensor.matrix(new double[]{1, 10}, new double[]{100, 1000}));
        assertThat(Program.of(new Source.Text("whole(u)", Map.of("whole", outer)), NESTING).value().compile(Shapes.of("u", 2)).call(values)
                .value()).isEqualTo(Tensor.scalar(3 * 21 + 5 * 2100));
    }
}
