package io.chainrule.core.picture;

import io.chainrule.core.language.Language;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Curves and contours of functions whose shape is known. */
class PlotTest {
    private static final PlotRange WIDE = new PlotRange(-4, 4);

    private static PlotFunction curve(DoubleUnaryOperator value, DoubleUnaryOperator slope) {
        return points -> new PlotFunction.Samples(Arrays.stream(points[0]).map(value).toArray(),
                new double[][]{Arrays.stream(points[0]).map(slope).toArray()});
    }

    private static List<String> marks(DoubleUnaryOperator value, DoubleUnaryOperator slope) {
        PlotFunction function = curve(value, slope);
        double[] xs = WIDE.points(Plot.CURVE_POINTS);
        PlotFunction.Samples found = function.at(xs);
        return PlotMarks.of(function, WIDE, xs, found, PlotRange.of(found.values())).stream()
                .map(mark -> mark.kind() + " " + Math.round(1e4 * mark.x()) / 1e4).toList();
    }

    @Test
    void kinksJumpsAndPolesAreFoundWhereTheyAre() {
        assertThat(marks(x -> Math.max(0, x - 0.3), x -> x > 0.3 ? 1 : 0)).containsExactly("KINK 0.3");
        assertThat(marks(Math::abs, Math::signum)).containsExactly("KINK 0.0");
        assertThat(marks(x -> Math.clamp(x, -1, 1.5), x -> x >= -1 && x <= 1.5 ? 1 : 0)).containsExactly("KINK -1.0", "KINK 1.5");
        assertThat(marks(x -> x > 1.25 ? 1 : 0, _ -> 0)).containsExactly("JUMP 1.25");
        assertThat(marks(x -> 1 / (x - 1.1), x -> -1 / ((x - 1.1) * (x - 1.1)))).containsExactly("POLE 1.1");
        assertThat(marks(x -> 1 / (x * x), x -> -2 / (x * x * x))).containsExactly("POLE 0.0");
        assertThat(marks(x -> -Math.log(Math.abs(x)), x -> -1 / x)).as("a pole that rises slowly").containsExactly("POLE 0.0");
        assertThat(marks(x -> Math.sqrt(Math.abs(x)), x -> 0.5 * Math.signum(x) / Math.sqrt(Math.abs(x)))).as("a cusp")
                .containsExactly("KINK 0.0");
        assertThat(marks(x -> Math.abs(Math.sin(3 * x)), x -> 3 * Math.cos(3 * x) * Math.signum(Math.sin(3 * x))))
                .containsExactly("KINK -3.1416", "KINK -2.0944", "KINK -1.0472", "KINK 0.0", "KINK 1.0472", "KINK 2.0944", "KINK 3.1416");
    }

    @Test
    void smoothFunctionsHaveNoMark() {
        assertThat(marks(Math::tanh, x -> 1 / (Math.cosh(x) * Math.cosh(x)))).isEmpty();
        assertThat(marks(x -> x * x * x, x -> 3 * x * x)).isEmpty();
        assertThat(marks(x -> Math.log1p(Math.exp(x)), x -> 1 / (1 + Math.exp(-x)))).isEmpty();
        assertThat(marks(x -> Math.sin(3 * x), x -> 3 * Math.cos(3 * x))).isEmpty();
        assertThat(marks(x -> Math.exp(170 * x), x -> 170 * Math.exp(170 * x))).as("a curve that towers").isEmpty();
        assertThat(marks(x -> 1e308 * x, _ -> 1e308)).as("a curve that leaves the numbers").isEmpty();
        assertThat(marks(Math::sqrt, x -> 0.5 / Math.sqrt(x))).as("a curve that ends").isEmpty();
        assertThat(marks(Math::cbrt, x -> 1 / (3 * Math.pow(Math.cbrt(x), 2)))).as("a curve that is vertical").isEmpty();
    }

    /** Names and numbers of a plot as a reader sees them: the texts, with their boxes from the baseline up. */
    private record Written(String text, Rectangle2D box) {
        static List<Written> all(Element svg) {
            NodeList found = svg.getElementsByTagName("text");
            return IntStream.range(0, found.getLength()).mapToObj(i -> of((Element) found.item(i))).toList();
        }

        private static Written of(Element text) {
            double size = Double.parseDouble(text.getAttribute("font-size"));
            double width = new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont((float) size)
                    .getStringBounds(text.getTextContent(), new FontRenderContext(null, true, true)).getWidth();
            double x = Double.parseDouble(text.getAttribute("x"))
                    - switch (text.getAttribute("text-anchor")) {
                        case "middle" -> width / 2;
                        case "end" -> width;
                        default -> 0;
                    };
            return new Written(text.getTextContent(),
                    new Rectangle2D.Double(x, Double.parseDouble(text.getAttribute("y")) - 0.75 * size, width, 0.75 * size));
        }
    }

    static Stream<Arguments> curves() {
        DoubleUnaryOperator none = _ -> 0;
        return Stream.of(Arguments.of("f", -4.0, 4.0, (DoubleUnaryOperator) Math::floor, none),
                Arguments.of("1/x", -4.0, 4.0, (DoubleUnaryOperator) x -> 1 / x, (DoubleUnaryOperator) x -> -1 / (x * x)),
                Arguments.of("a name that is very much longer than the picture is wide, by far", -1e-9, 1e-9,
                        (DoubleUnaryOperator) x -> 1e-9 * Math.sin(x), (DoubleUnaryOperator) x -> 1e-9 * Math.cos(x)),
                Arguments.of("f", 1e6, 1e6 + 4, (DoubleUnaryOperator) Math::sin, (DoubleUnaryOperator) Math::cos),
                Arguments.of("f", 1.0, 1 + 1e-10, (DoubleUnaryOperator) x -> x * x, (DoubleUnaryOperator) x -> 2 * x),
                Arguments.of("f", -4.0, 4.0, (DoubleUnaryOperator) x -> 100 + 1e-6 * Math.sin(x),
                        (DoubleUnaryOperator) x -> 1e-6 * Math.cos(x)),
                Arguments.of("f", -1e9, 1e9, (DoubleUnaryOperator) x -> x * x * x, (DoubleUnaryOperator) x -> 3 * x * x),
                Arguments.of("f", -4.0, 4.0, (DoubleUnaryOperator) x -> 1e308 * x, (DoubleUnaryOperator) _ -> 1e308),
                Arguments.of("f", -8e307, 8e307, (DoubleUnaryOperator) x -> x, (DoubleUnaryOperator) _ -> 1),
                Arguments.of("f", -700.0, 700.0, (DoubleUnaryOperator) Math::exp, (DoubleUnaryOperator) Math::exp),
                Arguments.of("f", -4.0, 4.0, (DoubleUnaryOperator) _ -> Double.NaN, (DoubleUnaryOperator) _ -> Double.NaN),
                Arguments.of("손실 함수의 값", -4.0, 4.0, (DoubleUnaryOperator) Math::abs, (DoubleUnaryOperator) Math::signum),
                Arguments.of("f", -4.0, 4.0, (DoubleUnaryOperator) _ -> 5, none));
    }

    @ParameterizedTest
    @MethodSource("curves")
    void textsOfACurveAreInThePictureAndApart(String label, double low, double high, DoubleUnaryOperator value, DoubleUnaryOperator slope) {
        areInThePictureAndApart(Plot.curve(curve(value, slope), label, "x", new PlotRange(low, high), Theme.LIGHT, Language.EN));
    }

    private static void areInThePictureAndApart(String svg) {
        assertThat(svg).doesNotContain("NaN", "Infinity", "∞");
        List<Written> texts = Written.all(Drawn.xml(svg));
        Rectangle2D sheet = new Rectangle2D.Double(0, 0, PlotFrame.WIDTH, PlotFrame.HEIGHT);
        for (int i = 0; i < texts.size(); i++) {
            Written text = texts.get(i);
            assertThat(sheet.contains(text.box)).as(text.text + " within the picture").isTrue();
            assertThat(texts.subList(i + 1, texts.size())).as(text.text).noneMatch(other -> other.box.intersects(text.box));
        }
    }

    @Test
    void textsOfAContourPlotAreInThePictureAndApart() {
        for (DoubleBinaryOperator function : List.<DoubleBinaryOperator>of((x, y) -> x * x + y * y, Math::atan2, Math::max, (_, _) -> 0,
                (x, y) -> Math.pow(x * x + y - 11, 2) + Math.pow(x + y * y - 7, 2), (x, _) -> x > 0 ? 1 : 0, (_, _) -> Double.NaN,
                (x, y) -> 1e308 * x * y, (x, y) -> 1 + 1e-9 * x * y)) {
            areInThePictureAndApart(Plot.contour(surface(function), "a name that is very much longer than the picture is wide, by far",
                    List.of("a name that is very much longer than the picture is wide", "another one that is as long, or nearly so"), WIDE,
                    WIDE, List.of(new double[]{10, 10}, new double[]{-1, 1}, new double[]{3.9, -3.9}), Theme.LIGHT, Language.EN));
        }
    }

    /** The function with its derivatives by central differences. */
    private static PlotFunction surface(DoubleBinaryOperator function) {
        double h = 1e-6;
        return points -> {
            double[] values = new double[points[0].length];
            double[][] slopes = new double[2][values.length];
            Arrays.setAll(values, i -> function.applyAsDouble(points[0][i], points[1][i]));
            Arrays.setAll(slopes[0], i -> (function.applyAsDouble(points[0][i] + h, points[1][i])
                    - function.applyAsDouble(points[0][i] - h, points[1][i])) / (2 * h));
            Arrays.setAll(slopes[1], i -> (function.applyAsDouble(points[0][i], points[1][i] + h)
                    - function.applyAsDouble(points[0][i], points[1][i] - h)) / (2 * h));
            return new PlotFunction.Samples(values, slopes);
        };
    }

    @Test
    void linesOfEqualValueAreNotDrawnWhereTheFunctionJumps() {
        Element svg = Drawn
                .xml(Plot.contour(surface(Math::atan2), "f", List.of("y", "x"), WIDE, WIDE, List.of(), Theme.LIGHT, Language.EN));
        // The angle jumps from π to -π where the first operand is 0 and the second is negative: in the lower half of the middle column.
        for (Element level : Drawn.all(svg, "path", "level")) {
            assertThat(level.getAttribute("d").split("[ML]", -1)).filteredOn(point -> !point.isEmpty()).noneMatch(point -> {
                String[] place = point.split(" ", -1);
                return Math.abs(Double.parseDouble(place[0]) - 304) < 2 && Double.parseDouble(place[1]) > 220;
            });
        }
    }

    @Test
    void aPathIsDrawnAsFarAsItIsInTheFrame() {
        Element svg = Drawn.xml(Plot.contour(surface((x, y) -> x + y), "f", List.of("x", "y"), WIDE, WIDE,
                List.of(new double[]{-8, 0}, new double[]{8, 0}, new double[]{8, 100}, new double[]{0, 0}), Theme.LIGHT, Language.EN));
        String d = Drawn.all(svg, "path", "path").getFirst().getAttribute("d");
        // From edge to edge along the axis; then from the upper edge, where x is 0.32, to the middle.
        assertThat(d).isEqualTo("M64 196L536.08 196M318.93 40L300.04 196".replace("536.08", right(svg)).replace("318.93", at(svg, 0.32))
                .replace("300.04", at(svg, 0)));
        assertThat(Drawn.all(svg, "circle", "mark")).as("the start is outside").hasSize(1);
    }

    private static Element frame(Element svg) {
        return Drawn.all(svg, "rect", "frame").getFirst();
    }

    private static String right(Element svg) {
        return Xml.number(64 + Double.parseDouble(frame(svg).getAttribute("width")));
    }

    private static String at(Element svg, double x) {
        return Xml.number(64 + Double.parseDouble(frame(svg).getAttribute("width")) * (x + 4) / 8);
    }

    @Test
    void aDerivativeThatWouldNotShowHasAnAxisOfItsOwn() {
        String far = Plot.curve(curve(x -> x * x * x, x -> 3 * x * x), "f", "x", new PlotRange(-1e3, 1e3), Theme.LIGHT, Language.EN);
        assertThat(far).contains("The derivative has an axis of its own, at the right.");
        Element svg = Drawn.xml(far);
        assertThat(Drawn.all(svg, "text", "tick").stream().filter(tick -> tick.getAttribute("class").contains("slope")))
                .extracting(Element::getTextContent).contains("0", "3000000");
        assertThat(Plot.curve(curve(Math::tanh, x -> 1 / Math.pow(Math.cosh(x), 2)), "f", "x", WIDE, Theme.LIGHT, Language.EN))
                .doesNotContain("axis of its own");
        assertThat(
                Plot.curve(curve(x -> x > 0 ? x : Math.expm1(x), x -> x > 0 ? 1 : Math.exp(x)), "elu(x)", "x", WIDE, Theme.LIGHT,
                        Language.EN))
                .doesNotContain("axis of its own");
    }

    @Test
    void aFunctionWithOneValueSaysSo() {
        assertThat(Plot.contour(surface((_, _) -> -0.0), "f", List.of("x", "y"), WIDE, WIDE, List.of(), Theme.LIGHT, Language.EN))
                .contains(">f is 0 everywhere here.<").doesNotContain("class=\"low\"", "class=\"high\"");
        assertThat(Plot.curve(curve(_ -> Double.NaN, _ -> Double.NaN), "f", "x", WIDE, Theme.LIGHT, Language.EN))
                .contains(">f has no finite value here.<");
    }

    @Test
    void namesAreTextAndNothingInAPictureIsFetchedOrRun() {
        String svg = Plot.curve(curve(x -> x, _ -> 1), "<script>f</script> & \"g\"", "x", WIDE, Theme.AUTO, Language.EN);
        assertThat(svg).contains("role=\"img\"", "<title>", "<desc>Solid:", "&lt;script&gt;f&lt;/script&gt; &amp; &quot;g&quot;",
                "stroke-dasharray", "prefers-color-scheme: dark").doesNotContain("<script", "href", "foreignObject", "url(");
        assertThat(Plot.curve(curve(x -> x, _ -> 1), "f", "x", WIDE, Theme.DARK, Language.EN)).contains(Palette.DARK.ground())
                .doesNotContain("<style");
    }

    @Test
    void linesOfEqualValueOfAPlaneAreStraightAndInPlace() {
        double[] axis = WIDE.points(9);
        double[] values = new double[81];
        Arrays.setAll(values, i -> axis[i % 9] + 2 * axis[i / 9]);
        PlotContour contour = PlotContour.of(axis, axis, values, 0.5, 0.5);
        assertThat(contour.runs()).hasSize(1);
        assertThat(contour.runs().getFirst()).hasSizeGreaterThan(8)
                .allSatisfy(point -> assertThat(point.x() + 2 * point.y()).isEqualTo(0.5, within(1e-12)));
    }

    /** Two walls of a curved valley, and the closed lines around its lowest point: none has islands beside it. */
    @Test
    void linesOfEqualValueAreWholeInANarrowValley() {
        Element svg = Drawn.xml(Plot.contour(surface((x, y) -> Math.pow(1 - x, 2) + 100 * Math.pow(y - x * x, 2)), "f", List.of("x", "y"),
                new PlotRange(-2, 2), new PlotRange(-1, 3), List.of(), Theme.LIGHT, Language.EN));
        assertThat(Drawn.all(svg, "path", "level")).hasSize(11).allSatisfy(
                level -> assertThat(level.getAttribute("d").split("M", -1).length - 1).as("stretches of the line").isLessThanOrEqualTo(3));
    }

    @ParameterizedTest
    @CsvSource({"-1.2e7, 1.2e7, -1e7 -5e6 0 5e6 1e7", "0, 3.1e-4, 0 5e-5 1e-4 1.5e-4 2e-4 2.5e-4 3e-4",
            "0, 6e6, 0 1000000 2000000 3000000 4000000 5000000 6000000", "0, 0.001, 0 0.0002 0.0004 0.0006 0.0008 0.001",
            "1e9, 1.000000006e9, 1000000000 1000000001 1000000002 1000000003 1000000004 1000000005 1000000006"})
    void numbersOfAnAxisAreWrittenAlike(double low, double high, String numbers) {
        PlotRange range = new PlotRange(low, high);
        assertThat(range.ticks().stream().map(range::text)).containsExactly(numbers.split(" ", -1));
    }

    @Test
    void aContourPlotTellsLevelsArrowsAndPath() {
        PlotFunction bowl = points -> {
            double[] values = new double[points[0].length];
            Arrays.setAll(values, i -> points[0][i] * points[0][i] + points[1][i] * points[1][i]);
            return new PlotFunction.Samples(values, new double[][]{Arrays.stream(points[0]).map(x -> 2 * x).toArray(),
                    Arrays.stream(points[1]).map(y -> 2 * y).toArray()});
        };
        String svg = Plot.contour(bowl, "f", List.of("x", "y"), WIDE, WIDE,
                List.of(new double[]{3, 3}, new double[]{1, 1}, new double[]{0, 0}), Theme.LIGHT, Language.EN);
        assertThat(svg).contains("A path goes from (3, 3) to (0, 0); steps: 2.", "class=\"path\"", ">start<", ">end<");
        // All but the middle of 9 by 9 points have a gradient.
        assertThat(svg.lines().filter(line -> line.contains("class=\"arrow\"")).collect(Collectors.toList())).hasSize(80);
    }

    @Test
    void rangesShowMostValuesAndTheirTicksAreRound() {
        assertThat(PlotRange.of(new double[]{1, 2, 3}).contains(0)).isTrue();
        assertThat(PlotRange.of(new double[]{Double.NaN, 5, 5}).contains(5)).isTrue();
        assertThat(new PlotRange(-4, 4).ticks()).containsExactly(-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0);
        assertThat(new PlotRange(0, 0.013).ticks()).hasSizeBetween(4, 8);
        PlotRange far = new PlotRange(1e6, 1e6 + 4);
        assertThat(far.ticks().stream().map(far::text)).contains("1000000", "1000001").doesNotHaveDuplicates();
        PlotRange narrow = new PlotRange(1, 1 + 1e-10);
        assertThat(narrow.ticks().stream().map(narrow::text)).contains("1", "1.00000000002").doesNotHaveDuplicates();
        assertThat(PlotRange.of(new double[]{-1e308, 1e308, Double.MAX_VALUE}).size()).isFinite();
        assertThat(PlotRange.isWideEnough(1, 1 + 1e-15)).isFalse();
    }
}
