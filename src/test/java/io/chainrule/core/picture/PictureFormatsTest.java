package io.chainrule.core.picture;

import io.chainrule.core.language.Language;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;

/** The files of pictures, and that names in them are names whatever they hold. */
class PictureFormatsTest {
    private static final PictureOptions OPTIONS = options(Theme.LIGHT);

    private static PictureOptions options(Theme theme) {
        return new PictureOptions(theme, 3, null, true, ClusterForm.AUTO, WireWidth.PLAIN, Language.EN);
    }

    /** A graph whose nodes have these names: an input, and its double. */
    private static Outcome named(String input, String output) {
        Program program = Program.of(List.of(new NodeSpec(output, "mul", List.of(input, 2.0), Map.of())), output);
        CompiledFunction function = program.valueAndGradient().listing(new NodeSelection.All())
                .compile(Shapes.ofValues(Map.of(input, Tensor.scalar(3))));
        return function.call(Map.of(input, Tensor.scalar(3)));
    }

    private static String text(Outcome outcome, PictureFormat format) {
        return new String(Picture.of(outcome, OPTIONS).write(format, PictureLimits.NONE), StandardCharsets.UTF_8);
    }

    static Stream<String> names() {
        return Stream.of("x", "θ", "손실", "a b", "x\"]; URL=\"http://example.org", "\\N", "a\\", "x\"", "n0 -> n1", "}\n}", "x\ny",
                "x\r\nclick n0 alert",
                "click n0 \"javascript:alert(1)\"", "%%{init: {\"securityLevel\": \"loose\"}}%%", "`**bold**`", "#quot;", "&lt;b&gt;",
                "end", "subgraph s",
                "\\input{/etc/passwd}", "\\write18{ls}", "^^5cinput", "}\\end{tikzpicture}\\input{x}", "$x_1$", "100% _ # ~ ^ { }",
                "--- <> |",
                "<script>alert(1)</script>", "]]></title><script>", "' onload='x", "\u202Eevil\u202C", "\u2066x\u2069", "\u200Fx",
                "a\u0000b", "\uD800", "\uFFFE",
                "\u2028x", "<a href=\"http://example.org\">", "<foreignObject/>", "javascript:alert(1)", "very long ".repeat(30));
    }

    /** The document holds the same elements as that of a harmless name, and the name as text. */
    @ParameterizedTest
    @MethodSource("names")
    void svgHoldsNamesAsText(String name) {
        String harmless = text(named("x", "y"), PictureFormat.SVG);
        String written = text(named(name, name + "2"), PictureFormat.SVG);
        Element svg = Drawn.xml(written);
        assertThat(elements(svg)).isEqualTo(elements(Drawn.xml(harmless)));
        assertThat(attributes(svg)).isEqualTo(attributes(Drawn.xml(harmless)));
        Element input = Drawn.all(svg, "g", "input").getFirst();
        assertThat(input.getAttribute("data-node")).isEqualTo(Printable.of(name));
        assertThat(Drawn.text(input, "name")).isEqualTo(Printable.of(Circuit.shown(name)));
        assertThat(written).doesNotContain("<script", "<a ", "<foreignObject", "<image", "<use", "<!", "<?").doesNotContain("\u202E",
                "\u2066", "\u200F");
    }

    private static List<String> elements(Element svg) {
        var all = svg.getElementsByTagName("*");
        return IntStream.range(0, all.getLength()).mapToObj(i -> all.item(i).getNodeName()).toList();
    }

    private static List<String> attributes(Element svg) {
        var all = svg.getElementsByTagName("*");
        return IntStream.range(0, all.getLength()).mapToObj(i -> all.item(i).getAttributes())
                .flatMap(found -> IntStream.range(0, found.getLength()).mapToObj(k -> found.item(k).getNodeName())).toList();
    }

    /** Beside quoted strings there is nothing but what stands there for a harmless name. */
    @ParameterizedTest
    @MethodSource("names")
    void dotHoldsNamesInQuotes(String name) {
        Pattern quoted = Pattern.compile("\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\"");
        String written = text(named(name, name + "2"), PictureFormat.DOT);
        assertThat(quoted.matcher(written).replaceAll("Q"))
                .isEqualTo(quoted.matcher(text(named("x", "y"), PictureFormat.DOT)).replaceAll("Q"))
                .doesNotContain("URL", "href", "\"");
    }

    @ParameterizedTest
    @MethodSource("names")
    void mermaidHoldsNamesInQuotes(String name) {
        Pattern quoted = Pattern.compile("\"[^\"\\n]*\"");
        String written = text(named(name, name + "2"), PictureFormat.MERMAID);
        assertThat(quoted.matcher(written).replaceAll("Q"))
                .isEqualTo(quoted.matcher(text(named("x", "y"), PictureFormat.MERMAID)).replaceAll("Q")).doesNotContain("click");
        assertThat(written).doesNotContain("%%", "`", "<script", "<a", "{", "&").doesNotContainPattern("[\\\\$;'](?<!#\\d{1,3};)");
    }

    /** Every command and every brace is one that the writer uses. */
    @ParameterizedTest
    @MethodSource("names")
    void tikzHoldsNoCommandOfAName(String name) {
        String written = text(named(name, name + "2"), PictureFormat.TIKZ);
        assertThat(Pattern.compile("\\\\([a-zA-Z]+)").matcher(written).results().map(found -> found.group(1)).distinct()).isSubsetOf(
                "begin",
                "end", "definecolor", "draw", "node", "footnotesize", "textbackslash", "textasciicircum", "textasciitilde", "textless",
                "textgreater", "textbar", "textasteriskcentered", "symbol", "infty", "theta");
        assertThat(Pattern.compile("\\\\(begin|end)\\{tikzpicture}").matcher(written).results()).hasSize(2);
        assertThat(written).doesNotContain("^^", "\\input", "\\write");
        String bare = written.replaceAll("\\\\[{}%#$&_]", "");
        assertThat(bare).doesNotContain("%", "&", "~");
        int depth = 0;
        for (int i = 0; i < bare.length(); i++) {
            char character = bare.charAt(i);
            depth += character == '{' ? 1 : character == '}' ? -1 : 0;
            assertThat(depth).isNotNegative();
        }
        assertThat(depth).isZero();
    }

    static Stream<Arguments> escapes() {
        return Stream.of(
                Arguments.of("a\"b\\c&d\ne", "\"a\\\"b\\\\c&amp;d\\ne\"", "a#34;b#92;c#38;d e", "a\\symbol{34}b\\textbackslash{}c\\&d e"),
                Arguments.of("x_1^2", "\"x_1^2\"", "x_1#94;2", "x\\_1\\textasciicircum{}2"),
                Arguments.of("\u202Ex", "\"\uFFFDx\"", "\uFFFDx", "?x"),
                Arguments.of("θ₁′", "\"θ₁′\"", "θ₁′", "$\\theta$$_1$$'$"),
                Arguments.of("-2e-5", "\"-2e-5\"", "-2e-5", "{-}2e{-}5"));
    }

    @ParameterizedTest
    @MethodSource("escapes")
    void escapesInEachGrammar(String name, String dot, String mermaid, String tikz) {
        assertThat(DotText.quoted(name)).isEqualTo(dot);
        assertThat(MermaidText.escaped(name)).isEqualTo(mermaid);
        assertThat(TikzText.escaped(name)).isEqualTo(tikz);
    }

    /** Where Graphviz is installed, it draws every name as it is. */
    @Test
    void graphvizDrawsNamesAsTheyAre() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "dot"))), "Graphviz is not installed");
        // One graph for all names, so that the program starts once.
        List<String> names = names().filter(name -> !Printable.of(name).contains("\uFFFD")).toList();
        List<NodeSpec> nodes = new ArrayList<>();
        names.forEach(name -> nodes.add(new NodeSpec(name + "2", "mul", List.of(name, 2.0), Map.of())));
        nodes.add(new NodeSpec("all", "stack", names.stream().map(name -> (Object) (name + "2")).toList(), Map.of()));
        nodes.add(new NodeSpec("f", "sum", List.of("all"), Map.of()));
        Map<String, Tensor> inputs = names.stream().collect(Collectors.toMap(name -> name, _ -> Tensor.scalar(3)));
        Outcome outcome = Program.of(nodes, "f").valueAndGradient().listing(new NodeSelection.All()).compile(Shapes.ofValues(inputs))
                .call(inputs);
        Path file = Files.createTempFile("names", ".dot");
        try {
            Files.writeString(file, text(outcome, PictureFormat.DOT));
            Process dot = new ProcessBuilder("dot", "-Tsvg", file.toString()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            Element svg = Drawn.xml(new String(dot.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .replaceFirst("(?s)<!DOCTYPE.*?>", ""));
            assertThat(dot.waitFor()).isZero();
            var drawn = svg.getElementsByTagName("text");
            List<String> texts = IntStream.range(0, drawn.getLength()).mapToObj(i -> drawn.item(i).getTextContent().strip()).toList();
            assertThat(texts).containsAll(names.stream().flatMap(name -> Circuit.shown(name).lines()).map(String::strip).toList());
            assertThat(svg.getElementsByTagName("script").getLength()).isZero();
            assertThat(attributes(svg)).as("tooltips alone").filteredOn("xlink:href"::equals).isEmpty();
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void textFormatsHaveNodesWiresAndNumbers() {
        Outcome outcome = Drawn.outcome("q = x + y\nf = q * z", Drawn.scalars("x", -2, "y", 5, "z", -4));
        assertThat(text(outcome, PictureFormat.DOT)).contains("n2 [label=\"q\\n+\\n3\\n∂ -4\"", "n0 -> n2;", "n3 -> n4;");
        assertThat(text(outcome, PictureFormat.MERMAID)).startsWith("flowchart LR\n").contains("n2(\"q<br/>+<br/>3<br/>∂ -4\"):::gate",
                "n0 --> n2");
        assertThat(text(outcome, PictureFormat.TIKZ)).contains("{q};", "{{-}4};", "{3};").startsWith("\\begin{tikzpicture}")
                .endsWith("\\end{tikzpicture}\n");
    }

    /**
     * On the white paper of TeX a dark picture needs its ground; a corner is no rounder than its lines are long, and a dot marks a fork.
     */
    @Test
    void tikzIsDrawnAsTheSvgIs() {
        Outcome outcome = Drawn.outcome("p = x * y\nf = p + x", Drawn.scalars("x", 2, "y", 50));
        String light = text(outcome, PictureFormat.TIKZ);
        assertThat(light).contains("circle[radius=1.5pt]").doesNotContain("chainruleground");
        assertThat(new String(Picture.of(outcome, options(Theme.DARK)).write(PictureFormat.TIKZ, PictureLimits.NONE),
                StandardCharsets.UTF_8)).contains("\\definecolor{chainruleground}{HTML}{12161C}", "\\fill[chainruleground]");
        Pattern.compile("rounded corners=(\\S+)pt] (.*);").matcher(light).results().filter(wire -> wire.group(2).contains(" -- "))
                .forEach(wire -> {
                    List<double[]> way = Arrays.stream(wire.group(2).split(" -- ", -1))
                            .map(point -> Arrays.stream(point.replaceAll("[()]", "").split(", ", -1)).mapToDouble(Double::parseDouble)
                                    .toArray())
                            .toList();
                    for (int i = 1; i < way.size(); i++) {
                        double length = 0.75 * Math.hypot(way.get(i)[0] - way.get(i - 1)[0], way.get(i)[1] - way.get(i - 1)[1]);
                        assertThat(Double.parseDouble(wire.group(1))).as(wire.group()).isLessThanOrEqualTo(length / 2 + 0.01);
                    }
                });
    }

    @Test
    void tikzShowsTheNumbersOfSmallArraysAndTheCellsOfLargeOnes() {
        String small = text(Drawn.outcome("y = 2 * x\nf = sum(y^2)", Map.of("x", Tensor.vector(1.25, -3))), PictureFormat.TIKZ);
        assertThat(small).contains("text=chainrulevalue] at", "{1.25};", "{{-}6};", "{{-}24};");
        assertThat(Pattern.compile("fill=chainrule(warm|cold), fill opacity=[0-9.]+] \\(").matcher(small).results()).hasSizeGreaterThan(5);
        String large = text(Drawn.outcome("f = sum(x)", Map.of("x", Tensor.zeros(Shape.of(10, 10)))), PictureFormat.TIKZ);
        assertThat(Pattern.compile("\\) rectangle \\(").matcher(large).results()).hasSizeGreaterThan(200);
        assertThat(large).contains("{[10, 10]};").doesNotContain("\\scriptsize");
    }

    @Test
    void pngIsAsLargeAsThePictureTwice() throws IOException {
        Outcome outcome = Drawn.outcome(Drawn.NEURON, Drawn.NEURON_INPUTS);
        Element svg = Drawn.svg(outcome, OPTIONS);
        BufferedImage image = ImageIO
                .read(new ByteArrayInputStream(Picture.of(outcome, OPTIONS).write(PictureFormat.PNG, PictureLimits.NONE)));
        assertThat(image.getWidth()).isEqualTo((int) Math.floor(2 * Double.parseDouble(svg.getAttribute("width"))));
        assertThat(image.getRGB(1, 1)).isEqualTo(0xffffffff);
        List<Integer> colours = IntStream.range(0, image.getWidth() * image.getHeight())
                .mapToObj(i -> image.getRGB(i % image.getWidth(), i / image.getWidth())).distinct().toList();
        assertThat(colours).as("green values and red gradients")
                .contains(0xff000000 | Integer.parseInt(Palette.LIGHT.value().substring(1), 16))
                .anyMatch(colour -> (colour >> 16 & 255) > 150 && (colour & 255) < 60);
    }

    /** The library that draws has a limit of its own, which no picture within the limit on parts may reach. */
    @Test
    void pngShowsManyParts() throws IOException {
        Outcome outcome = Drawn.outcome("h = x\nfor i in range(550):\n  h = sin(h)\nf = h", Drawn.scalars("x", 1));
        PictureOptions all = new PictureOptions(Theme.DARK, 3, null, true, ClusterForm.NONE, WireWidth.PLAIN, Language.EN);
        PictureLimits limits = new PictureLimits(600, 8_000_000, _ -> {}, Checkpoint.NONE);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(Picture.of(outcome, all).write(PictureFormat.PNG, limits)));
        int ground = 0xff000000 | Integer.parseInt(Palette.DARK.ground().substring(1), 16);
        int right = image.getWidth() - 1;
        assertThat(IntStream.range(0, image.getHeight()).map(y -> image.getRGB(right, y)).distinct()).as("the edge")
                .containsExactly(ground);
        assertThat(IntStream.range(0, image.getHeight()).flatMap(y -> IntStream.range(right - 200, right).map(x -> image.getRGB(x, y)))
                .distinct().count()).as("the last part").isGreaterThan(3);
    }

    @Test
    void pngHasNoMorePixelsThanTheLimit() throws IOException {
        Picture picture = Picture.of(Drawn.outcome(Drawn.NEURON, Drawn.NEURON_INPUTS), OPTIONS);
        PictureLimits few = new PictureLimits(600, 400_000, _ -> {}, Checkpoint.NONE);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(picture.write(PictureFormat.PNG, few)));
        assertThat(image.getWidth() * image.getHeight()).isLessThanOrEqualTo(400_000).isGreaterThan(300_000);
        long units = ImageIO.read(new ByteArrayInputStream(picture.write(PictureFormat.PNG, PictureLimits.NONE))).getWidth() / 2;
        BufferedImage small = ImageIO.read(new ByteArrayInputStream(
                picture.write(PictureFormat.PNG, new PictureLimits(600, 150_000, _ -> {}, Checkpoint.NONE))));
        assertThat(small.getWidth() * small.getHeight()).isLessThanOrEqualTo(150_000);
        assertThat((double) small.getWidth() / units).as("pixels for each unit").isBetween(0.6, 1.0);
        assertThatThrownBy(() -> picture.write(PictureFormat.PNG, new PictureLimits(600, 10_000, _ -> {}, Checkpoint.NONE)))
                .isInstanceOfSatisfying(LimitException.class, e -> assertThat(e.limit()).isEqualTo("picture-pixels"));
        assertThatThrownBy(() -> picture.write(PictureFormat.SVG, new PictureLimits(5, 10_000, _ -> {}, Checkpoint.NONE)))
                .isInstanceOfSatisfying(LimitException.class, e -> assertThat(e.limit()).isEqualTo("picture-parts"));
    }
}
