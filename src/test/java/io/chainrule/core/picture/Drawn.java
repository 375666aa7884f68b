package io.chainrule.core.picture;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Programs that are drawn, and their pictures as XML. */
final class Drawn {
    static final String NEURON = "f = 1 / (1 + exp(-(w0*x0 + w1*x1 + w2)))";
    static final Map<String, Tensor> NEURON_INPUTS = scalars("w0", 2, "x0", -1, "w1", -3, "x1", -2, "w2", -3);

    private Drawn() {}

    static Map<String, Tensor> scalars(Object... namesAndNumbers) {
        Map<String, Tensor> inputs = new TreeMap<>();
        for (int i = 0; i < namesAndNumbers.length; i += 2) {
            inputs.put((String) namesAndNumbers[i], Tensor.scalar(((Number) namesAndNumbers[i + 1]).doubleValue()));
        }
        return inputs;
    }

    static Outcome outcome(String program, Map<String, Tensor> inputs) {
        CompiledFunction function = Program.parse(program).valueAndGradient().listing(new NodeSelection.All())
                .compile(Shapes.ofValues(inputs));
        return function.call(inputs);
    }

    static Drawing drawing(Outcome outcome) {
        return Drawing.of(Circuit.of(outcome, PictureOptions.DEFAULT), Labels.of(PictureOptions.DEFAULT), new ElkLayering(),
                Checkpoint.NONE);
    }

    static Element svg(Outcome outcome, PictureOptions options) {
        return xml(Picture.of(outcome, options).svg());
    }

    static Element xml(String text) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(new InputSource(new StringReader(text))).getDocumentElement();
        } catch (Exception e) {
            throw new AssertionError(text, e);
        }
    }

    static List<Element> all(Element root, String tag, String style) {
        NodeList found = root.getElementsByTagName(tag);
        return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i))
                .filter(element -> List.of(element.getAttribute("class").split(" ")).contains(style)).toList();
    }

    /** The text of the only element of this class that is a child. */
    static String text(Element node, String style) {
        List<Element> found = all(node, "text", style).stream().filter(text -> node.isSameNode(text.getParentNode())).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " texts of class " + style);
        }
        return found.getFirst().getTextContent();
    }

    /** Programs of this many statements over a few scalars and a vector. */
    static Stream<Case> random(int programs, int statements) {
        return IntStream.range(0, programs).mapToObj(seed -> random(new Random(1000L * statements + seed), statements));
    }

    record Case(String program, Map<String, Tensor> inputs) {
        @Override
        public String toString() {
            return program.replace("\n", "; ");
        }
    }

    private static Case random(Random random, int statements) {
        List<String> names = new ArrayList<>(List.of("a", "b", "c"));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < statements; i++) {
            String x = names.get(random.nextInt(names.size()));
            String y = names.get(random.nextInt(names.size()));
            String name = random.nextInt(4) == 0 ? "a_longer_name_" + i : "v" + i;
            text.append(name).append(" = ").append(switch (random.nextInt(6)) {
                case 0 -> x + " + " + y;
                case 1 -> x + " * tanh(" + y + ")";
                case 2 -> "sum(v * " + x + ") - " + y;
                case 3 -> "0.25 * " + x + "^2";
                case 4 -> "maximum(" + x + ", " + y + ")";
                default -> "mean(sigmoid(v + " + x + "))";
            }).append('\n');
            names.add(name);
        }
        text.append("f = ").append(String.join(" + ", names.subList(Math.max(0, names.size() - 3), names.size())));
        Map<String, Tensor> inputs = scalars("a", 0.5, "b", -1.25, "c", 2);
        inputs.put("v", Tensor.vector(random.doubles(3, -1, 1).toArray()));
        return new Case(text.toString(), inputs);
    }
}
