package io.chainrule.core.picture;

import io.chainrule.core.language.Language;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.network.Networks;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;

/** Nothing in a picture lies on something else, by the boxes that texts have in a font of this machine. */
class PlacementTest {
    private static final FontRenderContext PLAIN = new FontRenderContext(null, true, true);
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");

    static Stream<Drawn.Case> programs() {
        Tensor matrix = Tensor.matrix(new double[]{0.1, 0.5, 1e-7}, new double[]{-0.3, 0.8, 123456});
        return Stream.of(
                Stream.of(new Drawn.Case(Drawn.NEURON, Drawn.NEURON_INPUTS),
                        new Drawn.Case("q = x + y\nf = q * z", Drawn.scalars("x", -2, "y", 5, "z", -4)),
                        new Drawn.Case("f = sum(softmax(W @ x + b) * concatenate([b, b])[0:2])",
                                Map.of("W", matrix, "x", Tensor.vector(1, 2, 3), "b", Tensor.vector(-1, 1))),
                        new Drawn.Case("a_name_of_some_length = W @ x + 1\nanother_name_of_some_length = sin(a_name_of_some_length)\n"
                                + "f = sum(another_name_of_some_length)",
                                Map.of("W", matrix, "x", Tensor.vector(1, 2, 3))),
                        new Drawn.Case("f = sum(tanh(W @ x))",
                                Map.of("W", Tensor.zeros(Shape.of(40, 50)), "x",
                                        Tensor.zeros(Shape.of(50)))),
                        new Drawn.Case("f = stack([a, b, a * b, a - b, a / b, b / a, sin(a), 1, 2, 3])[3]", Drawn.scalars("a", 2, "b", 3))),
                Drawn.random(25, 5), Drawn.random(12, 12), Drawn.random(6, 24)).flatMap(cases -> cases);
    }

    @ParameterizedTest
    @MethodSource("programs")
    void liesOnNothingElse(Drawn.Case program) {
        Outcome outcome = Drawn.outcome(program.program(), program.inputs());
        for (Language language : Language.values()) {
            liesOnNothingElse(
                    Drawn.svg(outcome, new PictureOptions(Theme.LIGHT, 3, null, true, ClusterForm.NONE, WireWidth.PLAIN, language)));
        }
    }

    /** Nothing stops a phase of the layout before it ends, so each must be short where nearly as many wires cross layers as may. */
    @Test
    void asksOftenWhetherItMayGoOn() {
        Random random = new Random(1);
        StringBuilder program = new StringBuilder("v0 = a\n");
        for (int i = 1; i < 65; i++) {
            int last = i;
            program.append("v").append(i).append(" = sum(stack([").append(IntStream.range(0, 8)
                    .mapToObj(k -> "v" + (k == 0 ? last - 1 : random.nextInt(last))).collect(Collectors.joining(", "))).append("]))\n");
        }
        Circuit circuit = Circuit.of(Drawn.outcome(program.toString(), Drawn.scalars("a", 1)), PictureOptions.DEFAULT);
        assertThat(circuit.layersCrossed()).isBetween(10_000, 19_200);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        List<Long> times = new ArrayList<>(List.of(threads.getCurrentThreadCpuTime()));
        Drawing.of(circuit, Labels.of(PictureOptions.DEFAULT), new ElkLayering(), () -> times.add(threads.getCurrentThreadCpuTime()));
        assertThat(IntStream.range(1, times.size()).mapToLong(i -> times.get(i) - times.get(i - 1)).max().orElseThrow())
                .as("nanoseconds of the longest phase").isLessThan(4_000_000_000L);
    }

    /** A cluster has a note below it, beside the gradient. */
    @Test
    void clustersLieOnNothingElse() {
        NetworkSpec network = Networks.network(Shape.of(2), new LossSpec("mse", "y", Map.of()),
                Networks.layer("dense", "hidden", Map.of("units", 3, "activation", "tanh")),
                Networks.layer("dense", "out", Map.of("units", 1)));
        Map<String, Tensor> inputs = Map.of("x", Tensor.full(Shape.of(2, 2), 0.5), "y", Tensor.full(Shape.of(2, 1), 1), "hidden.weight",
                Tensor.full(Shape.of(2, 3), -0.123), "hidden.bias", Tensor.full(Shape.of(3), 0.1), "out.weight",
                Tensor.full(Shape.of(3, 1), 0.5), "out.bias", Tensor.full(Shape.of(1), 1));
        Outcome outcome = Program.of(network, false).valueAndGradient().listing(new NodeSelection.All()).compile(Shapes.ofValues(inputs))
                .call(inputs);
        Element svg = Drawn.svg(outcome, PictureOptions.DEFAULT);
        assertThat(Drawn.all(svg, "text", "note")).extracting(Element::getTextContent)
                .anyMatch(note -> note.startsWith("9 parameters, ‖∂‖ "));
        liesOnNothingElse(svg);
    }

    private static void liesOnNothingElse(Element svg) {
        List<Element> nodes = Drawn.all(svg, "g", "node");
        List<List<Rectangle2D>> boxes = nodes.stream().map(PlacementTest::boxes).toList();
        String[] size = svg.getAttribute("viewBox").split(" ", -1);
        Rectangle2D sheet = new Rectangle2D.Double(0, 0, Double.parseDouble(size[2]), Double.parseDouble(size[3]));
        for (int i = 0; i < boxes.size(); i++) {
            for (Rectangle2D box : boxes.get(i)) {
                assertThat(sheet.contains(box)).as("%s within the picture", nodes.get(i).getAttribute("data-node")).isTrue();
                for (int k = i + 1; k < boxes.size(); k++) {
                    assertThat(boxes.get(k)).as("%s and %s", nodes.get(i).getAttribute("data-node"), nodes.get(k).getAttribute("data-node"))
                            .noneMatch(box::intersects);
                }
                assertThat(boxes.get(i).stream().filter(other -> !other.equals(box))).as(nodes.get(i).getAttribute("data-node"))
                        .noneMatch(box::intersects);
            }
        }
        for (Element edge : Drawn.all(svg, "g", "edge")) {
            List<Line2D> lines = lines(((Element) edge.getElementsByTagName("path").item(0)).getAttribute("d"));
            for (int i = 0; i < boxes.size(); i++) {
                String name = nodes.get(i).getAttribute("data-node");
                boolean isEnd = name.equals(edge.getAttribute("data-from")) || name.equals(edge.getAttribute("data-to"));
                // A wire goes into its gates, and on no text, not even on those of its own nodes.
                List<Rectangle2D> free = isEnd ? texts(nodes.get(i)) : boxes.get(i);
                assertThat(free).as("%s under a wire from %s to %s", name, edge.getAttribute("data-from"),
                        edge.getAttribute("data-to")).noneMatch(box -> lines.stream().anyMatch(box::intersectsLine));
            }
        }
    }

    /** The gate without the symbol in it, the texts beside it, and the cells of arrays. */
    private static List<Rectangle2D> boxes(Element node) {
        List<Rectangle2D> boxes = new ArrayList<>();
        Drawn.all(node, "rect", "gate").forEach(gate -> boxes.add(new Rectangle2D.Double(number(gate, "x"), number(gate, "y"),
                number(gate, "width"), number(gate, "height"))));
        boxes.addAll(texts(node));
        Drawn.all(node, "g", "cells").forEach(cells -> {
            List<Double> xs = new ArrayList<>();
            List<Double> ys = new ArrayList<>();
            var paths = cells.getElementsByTagName("path");
            for (int i = 0; i < paths.getLength(); i++) {
                Pattern.compile("M(\\S+) ([^h]+)h([^v]+)v([^h]+)").matcher(((Element) paths.item(i)).getAttribute("d")).results()
                        .forEach(cell -> {
                            xs.add(Double.valueOf(cell.group(1)));
                            xs.add(Double.parseDouble(cell.group(1)) + Double.parseDouble(cell.group(3)));
                            ys.add(Double.valueOf(cell.group(2)));
                            ys.add(Double.parseDouble(cell.group(2)) + Double.parseDouble(cell.group(4)));
                        });
            }
            double left = xs.stream().mapToDouble(x -> x).min().orElseThrow();
            double top = ys.stream().mapToDouble(y -> y).min().orElseThrow();
            boxes.add(new Rectangle2D.Double(left, top, xs.stream().mapToDouble(x -> x).max().orElseThrow() - left,
                    ys.stream().mapToDouble(y -> y).max().orElseThrow() - top));
        });
        return boxes;
    }

    private static List<Rectangle2D> texts(Element node) {
        return Stream.of("name", "value", "gradient", "note").flatMap(style -> Drawn.all(node, "text", style).stream())
                .filter(text -> node.isSameNode(text.getParentNode()) && !text.getTextContent().isEmpty()).map(PlacementTest::box).toList();
    }

    /** The box of a line of text, from its baseline to the height of its capitals. */
    private static Rectangle2D box(Element text) {
        double size = number(text, "font-size");
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont((float) size);
        double width = font.getStringBounds(text.getTextContent(), PLAIN).getWidth();
        return new Rectangle2D.Double(number(text, "x") - width / 2, number(text, "y") - 0.75 * size, width, 0.75 * size);
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    private static List<Line2D> lines(String path) {
        List<Double> numbers = NUMBER.matcher(path).results().map(number -> Double.valueOf(number.group())).toList();
        List<Line2D> lines = new ArrayList<>();
        for (int i = 3; i < numbers.size(); i += 2) {
            lines.add(new Line2D.Double(numbers.get(i - 3), numbers.get(i - 2), numbers.get(i - 1), numbers.get(i)));
        }
        return lines;
    }
}
