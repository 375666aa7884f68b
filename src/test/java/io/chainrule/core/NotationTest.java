package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Programs as people write them, in NumPy, PyTorch, JAX, TensorFlow and in lectures, with numbers from those libraries, or by hand; and
 * programs that have no meaning, or two.
 */
class NotationTest {
    private static final double TOLERANCE = 1e-9;

    static Stream<String> kindsOfAccepted() throws IOException {
        return kinds("accepted");
    }

    static Stream<String> kindsOfRefused() throws IOException {
        return kinds("refused");
    }

    @ParameterizedTest
    @MethodSource("kindsOfAccepted")
    void meansWhatItMeansWhereItComesFrom(String kind) throws IOException {
        assertThat(programs("accepted").filter(program -> program.get("kind").asString().equals(kind)).map(NotationTest::difference)
                .filter(Objects::nonNull).toList()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("kindsOfRefused")
    void isRefusedWithAWayOut(String kind) throws IOException {
        assertThat(programs("refused").filter(program -> program.get("kind").asString().equals(kind)).map(NotationTest::acceptance)
                .filter(Objects::nonNull).toList()).isEmpty();
    }

    /** Functions of libraries, each applied to vectors, square, asymmetric and rank-3 arrays, along axes, and to pairs of these. */
    @ParameterizedTest
    @ValueSource(strings = {"values-numpy", "values-torch"})
    void functionsHaveTheValuesOfTheirLibrary(String file) throws IOException {
        JsonNode library = read(file);
        assertThat(library.get("calls").values().stream().map(call -> difference(program(call, library.get("inputs"))))
                .filter(Objects::nonNull).toList()).isEmpty();
    }

    /** A call with those of the inputs that it names. */
    private static JsonNode program(JsonNode call, JsonNode inputs) {
        String text = call.get("call").asString();
        Set<String> names = new HashSet<>(List.of(text.split("\\W+")));
        ObjectNode read = JsonMapper.shared().createObjectNode();
        inputs.properties().stream().filter(input -> names.contains(input.getKey()))
                .forEach(input -> read.set(input.getKey(), input.getValue()));
        return JsonMapper.shared().createObjectNode().put("expression", text).set("inputs", read).set("value",
                call.get("value"));
    }

    private static Stream<JsonNode> programs(String file) throws IOException {
        return read(file).values().stream();
    }

    private static JsonNode read(String file) throws IOException {
        try (InputStream in = Objects.requireNonNull(NotationTest.class.getResourceAsStream("/notation/" + file + ".json"))) {
            return JsonMapper.shared().readTree(in);
        }
    }

    private static Stream<String> kinds(String file) throws IOException {
        return programs(file).map(program -> program.get("kind").asString()).distinct();
    }

    /** Describes how a program differs from its numbers; null if it does not. */
    private static @Nullable String difference(JsonNode program) {
        String text = program.get("expression").asString();
        Map<String, Tensor> inputs = inputs(program);
        try {
            Program parsed = Program.parse(text).value().program();
            Tensor value = parsed.value().compile(Shapes.ofValues(inputs)).call(inputs).value();
            if (!isClose(value, tensor(program.get("value")))) {
                return text + " ⟶ " + value + " instead of " + program.get("value");
            }
            JsonNode gradients = program.get("gradients");
            if (gradients == null) {
                return null;
            }
            Outcome outcome = parsed.valueAndGradient(gradients.propertyNames().toArray(String[]::new)).compile(Shapes.ofValues(inputs))
                    .call(inputs);
            for (Map.Entry<String, JsonNode> gradient : gradients.properties()) {
                if (!isClose(outcome.gradient(gradient.getKey()), tensor(gradient.getValue()))) {
                    return text + " ⟶ gradient of " + gradient.getKey() + " " + outcome.gradient(gradient.getKey()) + " instead of "
                            + gradient.getValue();
                }
            }
            return null;
        } catch (ProblemException e) {
            return text + " ⟶ " + texts(e.problems());
        } catch (RuntimeException e) {
            return text + " ⟶ " + e + " " + List.of(e.getStackTrace()).subList(0, 3);
        }
    }

    /** Describes what is wrong with the refusal of a program; null if nothing is. */
    private static @Nullable String acceptance(JsonNode program) {
        String text = program.get("expression").asString();
        Map<String, Tensor> inputs = inputs(program);
        try {
            Tensor value = Program.parse(text).value().compile(Shapes.ofValues(inputs)).call(inputs).value();
            return text + " ⟶ " + value + ", but " + program.get("why").asString();
        } catch (ProblemException e) {
            String said = texts(e.problems());
            return said.contains(program.get("says").asString()) ? null : text + " ⟶ " + said + ", without " + program.get("says");
        } catch (RuntimeException e) {
            return text + " ⟶ " + e + " " + List.of(e.getStackTrace()).subList(0, 3);
        }
    }

    private static String texts(List<Problem> problems) {
        return problems.stream().map(problem -> problem.message() + " [" + problem.hint() + "] " + problem.expected())
                .collect(Collectors.joining("; "));
    }

    private static Map<String, Tensor> inputs(JsonNode program) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        program.get("inputs").properties().forEach(input -> inputs.put(input.getKey(), tensor(input.getValue())));
        return inputs;
    }

    private static Tensor tensor(JsonNode node) {
        List<Integer> dims = new ArrayList<>();
        for (JsonNode at = node; at != null && at.isArray(); at = at.get(0)) {
            dims.add(at.size());
        }
        List<Double> numbers = new ArrayList<>();
        collect(node, numbers);
        return Tensor.of(Shape.of(dims.stream().mapToInt(dim -> dim).toArray()),
                numbers.stream().mapToDouble(number -> number).toArray());
    }

    private static void collect(JsonNode node, List<Double> numbers) {
        if (node.isArray()) {
            node.forEach(item -> collect(item, numbers));
        } else {
            numbers.add(node.isNumber()
                    ? node.asDouble()
                    : node.isBoolean() ? node.asBoolean() ? 1.0 : 0.0 : Double.parseDouble(node.asString()));
        }
    }

    private static boolean isClose(Tensor actual, Tensor expected) {
        if (!actual.shape().equals(expected.shape())) {
            return false;
        }
        for (int i = 0; i < actual.length(); i++) {
            double a = actual.data()[i];
            double b = expected.data()[i];
            if (Double.compare(a, b) != 0 && a != b && !(Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b)))) {
                return false;
            }
        }
        return true;
    }
}
