package io.chainrule.core.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

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
        return PlotMarks.of(function, WIDE, xs, found, PlotRange.of(found.values(), found.slopes()[0])).stream()
                .map(mark -> mark.kind() + " " + Math.round(1e4 * mark.x()) / 1e4).toList();
    }

    @Test
    void kinksJumpsAndPolesAreFoundWhereTheyAre() {
        assertThat(marks(x -> Math.max(0, x - 0.3), x -> x > 0.3 ? 1 : 0)).containsExactly("KINK 0.3");
        assertThat(marks(Math::abs, Math::signum)).containsExactly("KINK 0.0");
        assertThat(marks(x -> Math.clamp(x, -1, 1.5), x -> x >= -1 && x <= 1.5 ? 1 : 0)).containsExactly("KINK -1.0", "KINK 1.5");
        assertThat(marks(x -> x > 1.25 ? 1 : 0, _ -> 0)).containsExactly("JUMP 1.25");
        assertThat(marks(x -> 1 / (x - 1.1), x -> -1 / ((x - 1.1) * (x - 1.1)))).containsExactly("POLE 1.1");
    }

    @Test
    void smoothFunctionsHaveNoMark() {
        assertThat(marks(Math::tanh, x -> 1 / (Math.cosh(x) * Math.cosh(x)))).isEmpty();
        assertThat(marks(x -> x * x * x, x -> 3 * x * x)).isEmpty();
        assertThat(marks(x -> Math.log1p(Math.exp(x)), x -> 1 / (1 + Math.exp(-x)))).isEmpty();
        assertThat(marks(x -> Math.sin(3 * x), x -> 3 * Math.cos(3 * x))).isEmpty();
    }

    @Test
    void namesAreTextAndNothingInAPictureIsFetchedOrRun() {
        String svg = Plot.curve(curve(x -> x, _ -> 1), "<script>f</script> & \"g\"", "x", WIDE, Theme.AUTO);
        assertThat(svg).contains("role=\"img\"", "<title>", "<desc>Solid:", "&lt;script&gt;f&lt;/script&gt; &amp; &quot;g&quot;",
                "stroke-dasharray", "prefers-color-scheme: dark").doesNotContain("<script", "href", "foreignObject", "url(");
        assertThat(Plot.curve(curve(x -> x, _ -> 1), "f", "x", WIDE, Theme.DARK)).contains(Palette.DARK.ground()).doesNotContain("<style");
    }

    @Test
    void linesOfEqualValueOfAPlaneAreStraightAndInPlace() {
        double[] axis = WIDE.points(9);
        double[] values = new double[81];
        Arrays.setAll(values, i -> axis[i % 9] + 2 * axis[i / 9]);
        PlotContour contour = PlotContour.of(axis, axis, values, 0.5);
        assertThat(contour.pieces()).isNotEmpty().allSatisfy(piece -> {
            assertThat(piece[0] + 2 * piece[1]).isEqualTo(0.5, within(1e-12));
            assertThat(piece[2] + 2 * piece[3]).isEqualTo(0.5, within(1e-12));
        });
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
                List.of(new double[]{3, 3}, new double[]{1, 1}, new double[]{0, 0}), Theme.LIGHT);
        assertThat(svg).contains("A path goes from (3, 3) to (0, 0) in 2 steps.", "class=\"path\"", ">start<", ">end<");
        // All but the middle of 9 by 9 points have a gradient.
        assertThat(svg.lines().filter(line -> line.contains("class=\"arrow\"")).collect(Collectors.toList())).hasSize(80);
    }

    @Test
    void rangesShowMostValuesAndTheirTicksAreRound() {
        assertThat(PlotRange.of(new double[]{1, 2, 3}).contains(0)).isTrue();
        assertThat(PlotRange.of(new double[]{Double.NaN, 5, 5}).contains(5)).isTrue();
        assertThat(new PlotRange(-4, 4).ticks()).containsExactly(-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0);
        assertThat(new PlotRange(0, 0.013).ticks()).hasSizeBetween(4, 8);
    }
}
