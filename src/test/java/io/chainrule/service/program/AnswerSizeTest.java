package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.limits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.LocalJacobians;
import io.chainrule.core.NodeDescription;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.explain.Explainer;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProgramText;
import io.chainrule.core.language.Language;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.InputSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Each part of an answer beside the longest JSON that it can become: an estimate is not below it, and not far above. */
class AnswerSizeTest {
    private static final String NUMBER = "-2.2250738585072014E-308";
    private static final JsonMapper JSON = new JsonMapper();

    private static long estimate(boolean isBase64, Consumer<AnswerSize> parts) {
        AnswerSize size = new AnswerSize(isBase64);
        long before = size.bytes();
        parts.accept(size);
        return size.bytes() - before;
    }

    private static void assertNear(long estimate, String json, double factor, int more) {
        int written = json.getBytes(StandardCharsets.UTF_8).length;
        assertThat(estimate).as(json.substring(0, Math.min(200, json.length()))).isBetween((long) written,
                (long) (factor * written) + more);
    }

    private static void assertNear(Consumer<AnswerSize> parts, String json, double factor, int more) {
        assertNear(estimate(false, parts), json, factor, more);
    }

    private static Shape shape(String lengths) {
        return lengths.isEmpty()
                ? Shape.SCALAR
                : Shape.of(List.of(lengths.split(" ")).stream().map(Integer::valueOf).toList());
    }

    private static String nested(Shape shape, String number) {
        return shape.isScalar()
                ? number
                : IntStream.range(0, shape.dim(0)).mapToObj(_ -> nested(shape.without(0), number))
                        .collect(Collectors.joining(",", "[", "]"));
    }

    private static String object(Shape shape, int bytes) {
        return "{\"object_type\":\"array\",\"shape\":%s,\"dtype\":\"float64\",\"data\":{\"buffer\":\"%s\",\"encoding\":\"base64\"}}"
                .formatted(shape.toString().replace(" ", ""), "A".repeat((bytes + 2) / 3 * 4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "700", "3 4", "50 1", "1 50", "2 1 30", "20 3 1", "2 3 4 5", "0", "1000 0", "30 4 0"})
    void arrays(String lengths) {
        Shape shape = shape(lengths);
        assertNear(size -> size.array(shape), nested(shape, NUMBER) + ",", 1, 260);
        assertNear(size -> size.named("gradient", shape), "\"gradient\":" + nested(shape, NUMBER) + ",", 1, 260);
        if (!shape.isScalar()) {
            assertNear(estimate(true, size -> size.array(shape)), object(shape, Math.toIntExact(8 * shape.size())) + ",", 1, 70);
        }
    }

    /** They are answered as objects. */
    @Test
    void manyEmptyRowsTakeNoMoreThanSome() {
        assertThat(estimate(false, size -> size.array(Shape.of(2_000_000, 0)))).isBetween(150L, 10_000L);
        assertThat(estimate(false, size -> size.array(Shape.of(2_000_000, 500, 0)))).isBetween(150L, 12_000L);
    }

    @Test
    void severalArraysAddUp() {
        Map<String, Shape> shapes = Map.of("x", Shape.of(3), "y", Shape.of(2, 2));
        assertThat(estimate(false, size -> size.named(shapes)))
                .isEqualTo(estimate(false, size -> size.named("x", Shape.of(3)).named("y", Shape.of(2, 2))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "~", " ", "\"", "\\", "\u0001", "\u001f", "\u007f", "\u0800", "\uffee"})
    void texts(String character) {
        String text = character.repeat(300);
        assertNear(size -> size.texts(List.of(text)), JSON.writeValueAsString(text) + ",", 1, 4);
    }

    /** Its size may be more than an array can have. */
    @Test
    void matrices() {
        Shape three = Shape.of(3);
        assertNear(size -> size.matrix(three, Shape.of(2, 4)), nested(Shape.of(3, 2, 4), NUMBER), 1, 60);
        Shape large = Shape.of(1 << 20, 1 << 12);
        assertThat(estimate(true, size -> size.matrix(large, large))).isGreaterThan(Long.MAX_VALUE / 4);
    }

    @ParameterizedTest
    @CsvSource({"7, 7", "30 20, 600", "1000 1000, 1000", "2 3 4, 24"})
    void matricesInCoordinateForm(String lengths, int entries) {
        Shape shape = shape(lengths);
        String index = shape.toList().stream().map(length -> String.valueOf(length - 1)).collect(Collectors.joining(",", "[", "]"));
        String json = "\"x\":{\"shape\":%s,\"indices\":%s,\"values\":%s},".formatted(shape, Collections.nCopies(entries, index),
                nested(Shape.of(entries), NUMBER)).replace(" ", "");
        assertNear(size -> size.entries(List.of(shape), entries), json, 1.1, 320);
    }

    @Test
    void manyMatricesWithoutEntries() {
        Shape shape = shape("0" + " 2000000000".repeat(9));
        String json = "\"x\":{\"shape\":%s,\"indices\":[],\"values\":[]},".formatted(shape.toString().replace(" ", ""));
        assertNear(size -> size.entries(Collections.nCopies(100, shape), 0), json.repeat(100), 3, 0);
    }

    private static NodeDescription node(String id, Shape shape, Map<String, Object> attributes, @Nullable Tensor constant,
            Object... inputs) {
        return new NodeDescription(0, id, "softplus", List.of(inputs), attributes, shape, constant);
    }

    @Test
    void nodes() {
        NodeDescription node = node("größe", Shape.of(2, 3), Map.of("beta", "\"two\""), null, "operand", -2.2250738585072014E-308);
        String described = """
                {"id":"größe","op":"softplus","inputs":["operand",%s],"attributes":{"beta":"\\"two\\""},"shape":[2,3]},"""
                .formatted(NUMBER);
        assertNear(size -> size.nodes(List.of(node), 0), described, 1, 130);
        String answered = described.replace("]}", "],\"value\":" + nested(Shape.of(2, 3), NUMBER) + ",\"gradient\":"
                + nested(Shape.of(2, 3), NUMBER) + "}");
        assertNear(size -> size.nodes(List.of(node), 2), answered, 1, 140);
        assertThat(estimate(false, size -> size.nodes(List.of(node, node), 1)))
                .isEqualTo(2 * estimate(false, size -> size.nodes(List.of(node), 1)));
    }

    /** Whatever in it is long. */
    @Test
    void nodesWithLongNamesAndManyOperands() {
        Shape shape = shape("0" + " 2000000000".repeat(9));
        Object[] operands = IntStream.range(0, 200)
                .mapToObj(i -> i % 2 == 0 ? (Object) "o".repeat(50) : (Object) (-2.2250738585072014E-308))
                .toArray();
        NodeDescription node = node("i".repeat(500), shape, Map.of("a".repeat(300), "\"".repeat(100)), null, operands);
        String inputs = IntStream.range(0, 200).mapToObj(i -> i % 2 == 0 ? "\"" + "o".repeat(50) + "\"" : NUMBER)
                .collect(Collectors.joining(","));
        String json = "{\"id\":\"%s\",\"op\":\"softplus\",\"inputs\":[%s],\"attributes\":{\"%s\":\"%s\"},\"shape\":%s},".formatted(
                "i".repeat(500),
                inputs, "a".repeat(300), "\\\"".repeat(100), shape.toString().replace(" ", ""));
        assertNear(size -> size.nodes(List.of(node), 0), json, 1.02, 400);
    }

    @Test
    void ofConstantsTheValue() {
        NodeDescription constant = node("c", Shape.of(40), Map.of(), Tensor.vector(new double[40]));
        NodeDescription other = node("x", Shape.of(40), Map.of(), null);
        assertNear(size -> size.constants(List.of(constant, other)), nested(Shape.of(40), NUMBER), 1, 10);
    }

    @Test
    void programs() {
        ProgramText text = new ProgramText("a".repeat(100), Map.of("id that is no name", "renamed"));
        String formulas = "{\"expression\":\"%s\",\"latex\":\"%s\",\"mathml\":\"%s\",".formatted("a".repeat(100), "b".repeat(1000),
                "c".repeat(10_000));
        String json = formulas + "\"renamed_inputs\":{\"id that is no name\":\"renamed\"},\"output\":\"output_1\",\"shape\":[10,20]},";
        assertNear(size -> size.program(text, "b".repeat(1000), "c".repeat(10_000)), json, 1, 150);
        assertNear(size -> size.program(text, "b".repeat(1000), null), json.replaceAll("c+", ""), 1, 150);
        NodeDescription node = node("c", Shape.of(2), Map.of(), Tensor.vector(1, 2));
        assertThat(estimate(false, size -> size.program(text, "b", "c", List.of(node)))).isEqualTo(
                estimate(false, size -> size.program(text, "b", "c").nodes(List.of(node), 1)));
    }

    @Test
    void layersAndInputs() {
        Shape shape = shape("0" + " 2000000000".repeat(9));
        String json = "{\"name\":\"%s\",\"type\":\"conv_transpose2d\",\"output_shape\":%s,\"parameters\":1000000,\"flops\":20000000000},"
                .formatted("d".repeat(300), shape.toString().replace(" ", ""));
        assertNear(size -> size.part("d".repeat(300), shape), json, 1, 100);
    }

    private static String check(String name, int notes) {
        String note = "{\"kind\":\"undefined\",\"count\":1000000,\"index\":[1000000,1000000],\"message\":\"%s\"}"
                .formatted("m".repeat(250));
        return """
                {"wrt":"%s","by":"%s","max_relative_error":%s,"verdict":"suspect",\
                "worst":{"index":[1000000,1000000],"analytic":%s,"numeric":%s},"checked":1000000,"of":1000000,"notes":[%s]},\
                """.formatted(name, name, NUMBER, NUMBER, NUMBER, String.join(",", Collections.nCopies(notes, note)));
    }

    /** A result for each input, at order 2 for each pair; a result of one entry has one note at most, others have at most four. */
    @Test
    void checks() {
        List<String> ids = List.of("x", "longer");
        assertNear(size -> size.checks(Map.of("x", Shape.SCALAR), 1, ids), check("x", 1), 1.3, 0);
        assertNear(size -> size.checks(Map.of("x", Shape.of(1, 5)), 1, ids), check("x", 4), 1.3, 0);
        Map<String, Shape> three = Map.of("x", Shape.of(5), "y", Shape.of(5), "z", Shape.of(5));
        assertNear(size -> size.checks(three, 1, ids), check("x", 4).repeat(3), 1.3, 0);
        assertNear(size -> size.checks(three, 2, ids), check("x", 4).repeat(9), 1.3, 0);
        long longer = estimate(false, size -> size.checks(three, 1, List.of("x".repeat(1000))));
        assertThat(longer).as("messages name nodes").isGreaterThan(3 * (4 + 1) * 1000);
    }

    /** At order 2 an index has the axes of both inputs, and a result of one row may have a note for each column. */
    @Test
    void checksOfPairsOfInputsOfOtherShapes() {
        Shape deep = Shape.of(List.of(1, 1, 1, 1, 1, 1, 1, 5));
        String index = "[" + String.join(",", Collections.nCopies(16, "1000000")) + "]";
        String pairs = check("x", 4).repeat(4).replace("[1000000,1000000]", index);
        assertNear(size -> size.checks(Map.of("x", deep, "y", Shape.SCALAR), 2, List.of("x")), pairs, 1.3, 0);
        assertThat(estimate(false, size -> size.checks(Map.of("x", Shape.SCALAR, "y", Shape.of(5)), 1, List.of("x"))))
                .as("at order 1 each by itself").isLessThan(check("x", 1).length() * 2 + check("x", 4).length() * 2);
    }

    @Test
    void historiesOfTrainings() {
        String metrics = IntStream.range(0, 3)
                .mapToObj(i -> "\"accuracy_%d\":%s,\"validation_accuracy_%d\":%s".formatted(i, NUMBER, i, NUMBER))
                .collect(Collectors.joining(","));
        String entry = """
                {"step":100000,"epoch":100000,"loss":%s,"validation_loss":%s,"metrics":{%s},"gradient_norm":%s,"learning_rate":%s},\
                """.formatted(NUMBER, NUMBER, metrics, NUMBER, NUMBER);
        assertNear(size -> size.history(100, 3), entry.repeat(100), 2.2, 0);
        assertNear(size -> size.history(100, 0), entry.replace(metrics, "").repeat(100), 1.4, 0);
    }

    @Test
    void localJacobians() {
        Shape square = Shape.of(3, 3);
        LocalJacobians.Local jacobian = new LocalJacobians.Local("node", "operand", 1, square, null, Tensor.of(square, new double[9]),
                null);
        LocalJacobians.Local left = new LocalJacobians.Local("node", "operand", 1, Shape.of(1000, 1000), null, null, "1000000 entries");
        String json = "{\"node\":\"node\",\"wrt\":\"operand\",\"operand\":1,\"shape\":%s,\"structure\":\"diagonal\",%s},";
        assertNear(size -> size.localJacobians(List.of(jacobian)), json.formatted(square, "\"value\":" + nested(square, NUMBER)), 1, 120);
        assertNear(size -> size.localJacobians(List.of(left, left)),
                json.formatted("[1000,1000]", "\"omitted\":\"%s\"".formatted("m".repeat(100))).repeat(2), 1, 140);
    }

    @Test
    void localJacobiansWithLongNames() {
        Shape shape = shape("0" + " 2000000000".repeat(9));
        LocalJacobians.Local jacobian = new LocalJacobians.Local("n".repeat(300), "w".repeat(300), 1, shape, null, null, "left out");
        String json = "{\"node\":\"%s\",\"wrt\":\"%s\",\"operand\":1,\"shape\":%s,\"omitted\":\"%s\"},".formatted("n".repeat(300),
                "w".repeat(300), shape.toString().replace(" ", ""), "m".repeat(100));
        assertNear(size -> size.localJacobians(List.of(jacobian)), json, 1, 140);
    }

    @Test
    void partsAreAddedOneAfterTheOther() {
        Shape three = Shape.of(3);
        ProgramText text = new ProgramText("x", Map.of());
        long one = estimate(false, size -> size.texts(List.of("a")).part("a", three).history(2, 1).program(text, "x", null, List.of())
                .entries(List.of(three), 2).matrix(three, three).checks(Map.of("x", three), 1, List.of()).constants(List.of())
                .array(three));
        long each = estimate(false, size -> size.texts(List.of("a"))) + estimate(false, size -> size.part("a", three))
                + estimate(false, size -> size.history(2, 1)) + estimate(false, size -> size.program(text, "x", null))
                + estimate(false, size -> size.entries(List.of(three), 2)) + estimate(false, size -> size.matrix(three, three))
                + estimate(false, size -> size.checks(Map.of("x", three), 1, List.of())) + estimate(false, size -> size.array(three));
        assertThat(one).isBetween(each - 5, each + 5);
    }

    private static LimitException refused(Function<GradientService, Object> asked, String... limits) {
        return Objects.requireNonNull(catchThrowableOfType(LimitException.class, () -> asked.apply(TestService.with(limits))));
    }

    /** Of products the seeds' arrays are not answered, the nodes' and the inputs' are. */
    @Test
    void ofProductsTheValuesAndTheDerivatives() {
        Map<String, Tensor> cotangents = Map.of("y", Tensor.vector(new double[200]));
        long vjp = refused(service -> service.vjp(call("y = 2 * x", "x", new double[200]), cotangents), "answer-bytes", "1").asked();
        assertThat(vjp).as("y and the gradient by x").isBetween(2 * 200 * 25L, 2 * 200 * 25L + 400);
        Map<String, Tensor> tangents = Map.of("x", Tensor.vector(new double[200]));
        long jvp = refused(service -> service.jvp(call("y = 2 * x", "x", new double[200]), tangents, List.of("y")), "answer-bytes", "1")
                .asked();
        assertThat(jvp).as("y and its tangent").isBetween(2 * 200 * 25L, 2 * 200 * 25L + 400);
    }

    @Test
    void aRunThatCostsTooMuchIsRefusedFirst() {
        assertThat(
                refused(service -> service.evaluate(call("y = exp(x)", "x", new double[2000])), "answer-bytes", "1", "flops", "1").limit())
                .isEqualTo("flops");
    }

    @Test
    void ofNetworksTheParametersThatWereDrawn() {
        long small = network(10);
        assertThat(network(50) - small).as("weights and biases of 40 more units, and their values").isBetween(40 * 4 * 25L, 40 * 6 * 25L);
    }

    private static long network(int units) {
        LayerSpec dense = new LayerSpec("dense", "d", Map.of("units", units), List.of(), null);
        Query query = new Query(
                new Source.Network(new NetworkSpec(new InputSpec("x", Shape.of(3)), List.of(dense), null, 0, 0),
                        new InitializerSpec("zeros", Map.of()), false, 0),
                TestService.inputs("x", new double[][]{{1, 2, 3}}), null, null, new Signature.NodeSelection.None(), Signature.Batch.NONE);
        return refused(service -> service.evaluate(query), "answer-bytes", "1").asked();
    }

    private static long ledger(Explainer.Level level, @Nullable String node, String program, Object... inputs) {
        Limits none = limits("answer-bytes", "1");
        ExplanationService.Wish wish = new ExplanationService.Wish(level, Language.EN, node, null, null, Map.of());
        return catchThrowableOfType(LimitException.class, () -> TestService.explanations(none).explain(call(program, inputs), null, wish))
                .asked();
    }

    /** x is an operand of the product twice: its own gradient twice, and three arrays for each; and two arrays of the product. */
    @Test
    void ofALedgerAnArrayForEachGradientAndThreeForEachContribution() {
        String program = "z = sum(x * x)";
        long more = ledger(Explainer.Level.FULL, null, program, "x", new double[3000])
                - ledger(Explainer.Level.FULL, null, program, "x", new double[1000]);
        assertThat(more).isEqualTo((2 + 2 * 3 + 2) * 2000 * (NUMBER.length() + 1L));
        assertThat(ledger(Explainer.Level.SHORT, null, program, "x", new double[1000]))
                .isLessThan(ledger(Explainer.Level.FULL, null, program, "x", new double[1000]));
    }

    /** Sentences and formulas name them, and show the numbers of short arrays. */
    @Test
    void ofALedgerTheNamesOfNodes() {
        String program = "z = sum(exp(%s))";
        long longer = ledger(Explainer.Level.FULL, null, program.formatted("x".repeat(1001)), "x".repeat(1001), new double[100]);
        long shorter = ledger(Explainer.Level.FULL, null, program.formatted("x"), "x", new double[100]);
        assertThat(longer - shorter).isBetween(12 * 1000L, 40 * 1000L);
        long shown = ledger(Explainer.Level.FULL, null, program.formatted("x"), "x", new double[16]);
        long left = ledger(Explainer.Level.FULL, null, program.formatted("x"), "x", new double[17]);
        assertThat(shown).isGreaterThan(left);
    }

    @Test
    void ofPathsTheNamesOfAllNodesInEach() {
        String program = "%s = exp(x)\nz = 2 * %s";
        String name = "y".repeat(1001);
        long all = ledger(Explainer.Level.FULL, "x", program.formatted(name, name), "x", 1)
                - ledger(Explainer.Level.FULL, null, program.formatted(name, name), "x", 1);
        long ofShort = ledger(Explainer.Level.FULL, "x", program.formatted("y", "y"), "x", 1)
                - ledger(Explainer.Level.FULL, null, program.formatted("y", "y"), "x", 1);
        assertThat(all - ofShort).isEqualTo(2000L * Explainer.MOST_PATHS);
    }

    private static @Nullable LimitException refusal(AnswerSize size, long most) {
        return catchThrowableOfType(LimitException.class, () -> size.check(limits("answer-bytes", String.valueOf(most))));
    }

    @Test
    void aLimitIsAllowedAndNoByteMore() {
        AnswerSize size = new AnswerSize(false).named("x", Shape.of(3));
        assertThatCode(() -> size.check(limits("answer-bytes", String.valueOf(size.bytes())))).doesNotThrowAnyException();
        LimitException refused = Objects.requireNonNull(refusal(size, size.bytes() - 1));
        assertThat(refused.limit()).isEqualTo("answer-bytes");
        assertThat(refused.asked()).isEqualTo(size.bytes());
        assertThat(refused.allowed()).isEqualTo(size.bytes() - 1);
        assertThat(refused.hint()).isEqualTo("ask for less: \"arrays\": \"base64\"");
        assertThatCode(() -> size.checkSoFar(limits("answer-bytes", String.valueOf(size.bytes())))).doesNotThrowAnyException();
        LimitException soFar = catchThrowableOfType(LimitException.class,
                () -> size.checkSoFar(limits("answer-bytes", String.valueOf(size.bytes() - 1))));
        assertThat(soFar.isCounted()).isFalse();
        assertThat(soFar.hint()).isEqualTo("ask for less: \"arrays\": \"base64\", fewer names in \"wrt\"");
    }

    /** What the answer has tells what it could do without. */
    @Test
    void aRefusalSaysHowToAskForLess() {
        NodeDescription node = node("x", Shape.SCALAR, Map.of(), null);
        LocalJacobians.Local left = new LocalJacobians.Local("y", "x", 0, Shape.of(2, 2), null, null, "too many");
        Map<String, AnswerSize> sizes = Map.of("\"format\": \"coo\"", new AnswerSize(true).matrix(Shape.of(2), Shape.of(2)),
                "\"nodes\": \"none\" or a list of ids", new AnswerSize(true).nodes(List.of(node), 0),
                "\"jacobians\": \"none\"", new AnswerSize(true).localJacobians(List.of(left)),
                "fewer names in \"wrt\"", new AnswerSize(true).checks(Map.of("x", Shape.SCALAR), 1, List.of()));
        sizes.forEach((hint, size) -> assertThat(Objects.requireNonNull(refusal(size, 1)).hint()).isEqualTo("ask for less: " + hint));
        AnswerSize nothing = new AnswerSize(true).nodes(List.of(), 2).localJacobians(List.of()).array(Shape.of(2));
        assertThat(Objects.requireNonNull(refusal(nothing, 1)).hint()).isNull();
    }
}
