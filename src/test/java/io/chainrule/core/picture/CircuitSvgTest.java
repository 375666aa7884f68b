package io.chainrule.core.picture;

import io.chainrule.core.language.Language;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.NodeDescription;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;

/** What a picture shows is what the run found. */
class CircuitSvgTest {
    private static final PictureOptions ALL_DIGITS = allDigits(null);

    private static PictureOptions allDigits(@Nullable Integer step) {
        return new PictureOptions(Theme.LIGHT, PictureOptions.MOST_DIGITS, step, true, ClusterForm.NONE, WireWidth.PLAIN, Language.EN);
    }

    static Stream<Drawn.Case> programs() {
        return Stream.concat(Stream.of(new Drawn.Case(Drawn.NEURON, Drawn.NEURON_INPUTS),
                new Drawn.Case("q = x + y\nf = q * z", Drawn.scalars("x", -2, "y", 5, "z", -4)),
                new Drawn.Case("f = x", Drawn.scalars("x", 2)),
                new Drawn.Case("f = maximum(x, y) * maximum(x, x) + 2 ^ 2 + 2", Drawn.scalars("x", 3, "y", 7)),
                new Drawn.Case("q = W @ x\nf = sum(q^2)",
                        Map.of("W", Tensor.matrix(new double[]{0.1, 0.5}, new double[]{-0.3, 0.8}), "x", Tensor.vector(0.2, 0.4))),
                new Drawn.Case("f = log(x) + sqrt(x) * y", Drawn.scalars("x", -1, "y", Double.POSITIVE_INFINITY))),
                Drawn.random(30, 6));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void hasEachNodeWithItsNumbers(Drawn.Case program) {
        Outcome outcome = Drawn.outcome(program.program(), program.inputs());
        Element svg = Drawn.svg(outcome, ALL_DIGITS);
        List<Element> nodes = Drawn.all(svg, "g", "node").stream().filter(node -> !node.getAttribute("class").contains("literal")).toList();
        List<NodeDescription> listed = outcome.function().bound().listed();
        assertThat(nodes).extracting(node -> node.getAttribute("data-node")).containsExactlyElementsOf(
                listed.stream().map(NodeDescription::id).toList());
        for (int i = 0; i < listed.size(); i++) {
            NodeDescription node = listed.get(i);
            Element drawn = nodes.get(i);
            assertThat(drawn.getAttribute("data-op")).isEqualTo(node.op());
            assertThat(Drawn.text(drawn, "name")).isEqualTo(node.id());
            assertNumbers(drawn, "value", outcome.value(node.node()));
            assertNumbers(drawn, "gradient", outcome.gradient(node.node()));
        }
    }

    /** With 17 digits a number reads back to the same double. */
    private static void assertNumbers(Element node, String style, Tensor expected) {
        if (expected.shape().isScalar()) {
            assertThat(number(Drawn.text(node, style))).isEqualTo(Double.valueOf(expected.item() + 0.0));
        } else {
            assertThat(Drawn.text(node, style)).isEqualTo(expected.shape().toString());
            List<Element> cells = Drawn.all(node, "text", "cell").stream().filter(cell -> cell.getAttribute("class").startsWith(style))
                    .toList();
            assertThat(cells).extracting(cell -> number(cell.getTextContent()))
                    .containsExactlyElementsOf(IntStream.range(0, expected.length()).mapToObj(i -> expected.data()[i] + 0.0).toList());
        }
    }

    private static double number(String text) {
        return Double.parseDouble(text.replace("∞", "Infinity"));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void hasAnEdgeForEachOperand(Drawn.Case program) {
        Outcome outcome = Drawn.outcome(program.program(), program.inputs());
        Element svg = Drawn.svg(outcome, ALL_DIGITS);
        Map<String, Element> nodes = new HashMap<>();
        Drawn.all(svg, "g", "node").forEach(node -> assertThat(nodes.put(node.getAttribute("data-node"), node)).isNull());
        List<String> edges = Drawn.all(svg, "g", "edge").stream().map(edge -> {
            assertThat(edge.getElementsByTagName("path").getLength()).isEqualTo(1);
            Element from = Objects.requireNonNull(nodes.get(edge.getAttribute("data-from")));
            boolean isLiteral = from.getAttribute("class").contains("literal");
            String read = isLiteral ? "number " + new BigDecimal(Drawn.text(from, "name")).doubleValue() : from.getAttribute("data-node");
            return read + " " + edge.getAttribute("data-to") + " " + edge.getAttribute("data-operand");
        }).toList();
        List<String> operands = new ArrayList<>();
        outcome.function().bound().listed().forEach(node -> IntStream.range(0, node.inputs().size()).forEach(k -> operands
                .add((node.inputs().get(k) instanceof Double number ? "number " + number : node.inputs().get(k)) + " " + node.id() + " "
                        + k)));
        assertThat(edges).containsExactlyInAnyOrderElementsOf(operands);
    }

    /** First one value after another, then one gradient after another, from the output back; and nothing moves. */
    @ParameterizedTest
    @MethodSource("programs")
    void showsWhatIsKnownAfterEachStep(Drawn.Case program) {
        Outcome outcome = Drawn.outcome(program.program(), program.inputs());
        List<NodeDescription> listed = outcome.function().bound().listed();
        List<String> gates = listed.stream().filter(node -> !node.inputs().isEmpty()).map(NodeDescription::id).toList();
        List<String> back = listed.reversed().stream().map(NodeDescription::id).toList();
        Element whole = Drawn.svg(outcome, ALL_DIGITS);
        int steps = gates.size() + back.size();
        assertThat(whole.getAttribute("data-steps")).isEqualTo(String.valueOf(steps));
        for (int step = 0; step <= steps; step++) {
            Element svg = Drawn.svg(outcome, allDigits(step));
            List<String> values = gates.subList(0, Math.min(step, gates.size()));
            List<String> gradients = back.subList(0, Math.max(0, step - gates.size()));
            assertThat(known(svg, "value").stream().filter(gates::contains)).containsExactlyElementsOf(values);
            assertThat(known(svg, "gradient")).containsExactlyInAnyOrderElementsOf(gradients);
            assertThat(svg.getAttribute("viewBox")).isEqualTo(whole.getAttribute("viewBox"));
        }
    }

    private static List<String> known(Element svg, String style) {
        return Drawn.all(svg, "g", "node").stream().filter(node -> !Drawn.text(node, style).isEmpty())
                .map(node -> node.getAttribute("data-node")).toList();
    }

    /** What goes back along the wires to the readers of a node is its gradient: of f = x * y + x by x they are y and 1. */
    @Test
    void drawsWiresTheWiderTheMoreTheyContribute() {
        Map<String, Tensor> inputs = Drawn.scalars("x", 2, "y", 5);
        Program program = Program.parse("p = x * y\nf = p + x");
        Signature signature = Signature.of(new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE, Transformation.Remarks.NONE,
                Transformation.Extra.CONTRIBUTIONS), Shapes.ofValues(inputs)).withNodes(new Signature.NodeSelection.All());
        Outcome outcome = CompiledFunction.of(program.bind(signature, BuildLimits.GENEROUS), BuildLimits.GENEROUS).call(inputs);
        Element svg = Drawn.svg(outcome,
                new PictureOptions(Theme.LIGHT, 3, null, true, ClusterForm.AUTO, WireWidth.CONTRIBUTION, Language.EN));
        Map<String, String> titles = new HashMap<>();
        Map<String, Double> widths = new HashMap<>();
        Drawn.all(svg, "g", "edge").forEach(edge -> {
            String wire = edge.getAttribute("data-from") + edge.getAttribute("data-to");
            titles.put(wire, edge.getElementsByTagName("title").item(0).getTextContent());
            widths.put(wire, Double.valueOf(((Element) edge.getElementsByTagName("path").item(0)).getAttribute("stroke-width")));
        });
        assertThat(titles)
                .isEqualTo(Map.of("xp", "contribution 5", "yp", "contribution 2", "pf", "contribution 1", "xf", "contribution 1"));
        assertThat(widths.get("xp")).isGreaterThan(widths.get("yp"));
        assertThat(widths.get("yp")).isGreaterThan(widths.get("pf"));
        assertThat(widths.get("xf")).isEqualTo(widths.get("pf"));
    }

    @Test
    void leavesGradientsOut() {
        PictureOptions quiz = new PictureOptions(Theme.LIGHT, 3, null, false, ClusterForm.AUTO, WireWidth.PLAIN, Language.EN);
        String svg = Picture.of(Drawn.outcome(Drawn.NEURON, Drawn.NEURON_INPUTS), quiz).svg();
        assertThat(known(Drawn.xml(svg), "gradient")).isEmpty();
        assertThat(svg).doesNotContain("0.197", "-0.393", "gradient -", "gradient 0");
    }

    @ParameterizedTest
    @CsvSource({"0.19661193324148185, 3, 0.197", "-12, 3, -12", "1234567, 3, 1.23e6", "123456, 3, 123000", "0.00001234, 2, 1.2e-5",
            "0.0001, 3, 0.0001", "NaN, 3, NaN", "-Infinity, 3, -∞", "1e300, 1, 1e300", "-0.0, 3, 0", "2.5, 1, 2",
            "123456789, 9, 123456789"})
    void roundsToSignificantDigits(double value, int digits, String text) {
        assertThat(new NumberText(digits).rounded(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @EnumSource(Theme.class)
    void isDrawnForALightOrADarkGround(Theme theme) {
        String svg = Picture.of(Drawn.outcome(Drawn.NEURON, Drawn.NEURON_INPUTS),
                new PictureOptions(theme, PictureOptions.DEFAULT_DIGITS, null, true, ClusterForm.AUTO, WireWidth.PLAIN, Language.EN)).svg();
        Palette used = theme == Theme.DARK ? Palette.DARK : Palette.LIGHT;
        assertThat(Drawn.all(Drawn.xml(svg), "text", "value")).extracting(text -> text.getAttribute("fill")).containsOnly(used.value());
        assertThat(svg.contains("<style>")).isEqualTo(theme == Theme.AUTO);
        assertThat(svg.contains("prefers-color-scheme: dark")).isEqualTo(theme == Theme.AUTO);
    }

    /** The contrast of WCAG 2.2, for text of this size. */
    @Test
    void hasLegibleColours() {
        for (Palette palette : List.of(Palette.LIGHT, Palette.DARK)) {
            for (String colour : List.of(palette.ink(), palette.faint(), palette.value(), palette.gradient())) {
                assertThat(contrast(colour, palette.ground())).as(colour).isGreaterThan(4.5);
            }
            assertThat(contrast(palette.ink(), palette.gate())).isGreaterThan(4.5);
            assertThat(contrast(palette.wire(), palette.ground())).isGreaterThan(3);
            for (String cell : List.of(palette.warm(), palette.cold())) {
                for (String number : List.of(palette.value(), palette.gradient())) {
                    assertThat(contrast(number, blended(cell, palette.ground()))).as(number + " in " + cell).isGreaterThan(4.5);
                }
            }
        }
    }

    /** The colour of the strongest cell with a number in it. */
    private static String blended(String cell, String ground) {
        return "#" + IntStream.of(1, 3, 5).mapToObj(i -> "%02x".formatted(Math.round(
                CircuitSvg.UNDER_NUMBERS * Integer.parseInt(cell.substring(i, i + 2), 16)
                        + (1 - CircuitSvg.UNDER_NUMBERS) * Integer.parseInt(ground.substring(i, i + 2), 16))))
                .collect(Collectors.joining());
    }

    private static double contrast(String a, String b) {
        double lighter = Math.max(luminance(a), luminance(b));
        double darker = Math.min(luminance(a), luminance(b));
        return (lighter + 0.05) / (darker + 0.05);
    }

    private static double luminance(String colour) {
        double[] weights = {0.2126, 0.7152, 0.0722};
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            double part = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
            sum += weights[i] * (part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4));
        }
        return sum;
    }

    @Test
    void isTheSameEachTime() {
        Outcome outcome = Drawn.outcome(Drawn.NEURON, Drawn.NEURON_INPUTS);
        String first = Picture.of(outcome, PictureOptions.DEFAULT).svg();
        assertThat(Picture.of(outcome, PictureOptions.DEFAULT).svg()).isEqualTo(first);
        assertThat(Picture.of(Drawn.outcome(Drawn.NEURON, Drawn.NEURON_INPUTS), PictureOptions.DEFAULT).svg()).isEqualTo(first);
    }

    @Test
    void isAccessible() {
        Element svg = Drawn.svg(Drawn.outcome(Drawn.NEURON, Drawn.NEURON_INPUTS), PictureOptions.DEFAULT);
        assertThat(svg.getAttribute("role")).isEqualTo("img");
        assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).contains("f");
        assertThat(svg.getElementsByTagName("desc").item(0).getTextContent()).contains("f, div: value 0.731, gradient 1.")
                .contains("w0, input: value 2, gradient -0.197.");
    }

    /** The rows of pairs of row and column are found without the numbers that name them. */
    @ParameterizedTest
    @CsvSource({"'d = 2 * X\nd[np.arange(2), y] -= 1\nf = sum(d^2)'", "'f = sum(X[np.arange(2), y])'",
            "'f = sum(X[[True, False]] * sum(y))'"})
    void hasNoGateThatNothingReads(String program) {
        Outcome outcome = Drawn.outcome(program,
                Map.of("X", Tensor.matrix(new double[]{1, 2, 3}, new double[]{4, 5, 6}), "y", Tensor.vector(2, 0)));
        Element svg = Drawn.svg(outcome, ALL_DIGITS);
        List<String> read = Drawn.all(svg, "g", "edge").stream().map(edge -> edge.getAttribute("data-from")).toList();
        List<String> drawn = Drawn.all(svg, "g", "node").stream().map(node -> node.getAttribute("data-node")).toList();
        assertThat(read).containsAll(drawn.stream().filter(id -> !id.equals("f")).toList());
        assertThat(outcome.function().bound().listed()).extracting(NodeDescription::id).isSubsetOf(drawn);
    }

    /** A mean of numbers of which one is none is none. */
    @ParameterizedTest
    @CsvSource({"10, 2", "60, 2"})
    void cellsWithoutANumberAreCrossedOutAndSoIsSaid(int length, int crosses) {
        Tensor x = Tensor.zeros(Shape.of(length, 10));
        x.data()[0] = Double.NaN;
        x.data()[1] = Double.POSITIVE_INFINITY;
        x.data()[x.length() - 1] = Double.NaN;
        Outcome outcome = Drawn.outcome("f = sum(x)", Map.of("x", x));
        for (Language language : Language.values()) {
            Element svg = Drawn.svg(outcome, new PictureOptions(Theme.LIGHT, 3, null, true, ClusterForm.AUTO, WireWidth.PLAIN, language));
            Element input = Drawn.all(svg, "g", "input").getFirst();
            String path = Drawn.all(input, "path", "undefined").getFirst().getAttribute("d");
            assertThat(path.chars().filter(sign -> sign == 'M')).hasSize(crosses);
            String count = String.valueOf(length * 10);
            assertThat(input.getElementsByTagName("title").item(0).getTextContent()).contains("\nNaN: ", "2", count);
        }
        assertThat(Drawn.all(Drawn.svg(Drawn.outcome("f = sum(x)", Map.of("x", Tensor.zeros(Shape.of(10, 10)))), PictureOptions.DEFAULT),
                "path", "undefined")).isEmpty();
    }
}
