package io.chainrule.core.picture;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.language.Language;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** Pictures speak one language at a time. */
class PictureLanguageTest {
    private static final Pattern HANGUL = Pattern.compile("[가-힣]");

    /** Title, description, tooltips and what stands in clusters. */
    @Test
    void standInCircuits() {
        PictureOptions korean = new PictureOptions(Theme.LIGHT, 3, null, true, ClusterForm.ALL, WireWidth.PLAIN, Language.KO);
        Element svg = Drawn.svg(Drawn.outcome("q = sin(x * y) + x\nf = q * cos(q)", Drawn.scalars("x", 2, "y", 3)), korean);
        assertThat(svg.getAttribute("lang")).isEqualTo("ko").isEqualTo(svg.getAttribute("xml:lang"));
        assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).isEqualTo("f의 회로");
        assertThat(svg.getElementsByTagName("desc").item(0).getTextContent()).contains("x, input: 값 2, 기울기 ")
                .doesNotContainPattern("value|gradient|Values");
        assertThat(Drawn.all(svg, "g", "cluster")).extracting(node -> Drawn.text(node, "op")).containsExactly("노드 3개", "노드 2개");
        assertThat(Drawn.all(svg, "g", "node")).extracting(node -> node.getElementsByTagName("title").item(0).getTextContent())
                .allSatisfy(title -> assertThat(title).contains("\n값 ", "\n기울기 "));
    }

    @Test
    void standInPlots() {
        PlotRange range = new PlotRange(-4, 4);
        PlotFunction kink = points -> new PlotFunction.Samples(Arrays.stream(points[0]).map(Math::abs).toArray(),
                new double[][]{Arrays.stream(points[0]).map(Math::signum).toArray()});
        Map<Language, String> marks = Map.of(Language.EN, "kink", Language.KO, "꺾인 점");
        marks.forEach((language, mark) -> {
            Element svg = Drawn.xml(Plot.curve(kink, "f", "x", range, Theme.LIGHT, language));
            assertThat(svg.getAttribute("lang")).isEqualTo(language.tag());
            List<String> texts = Drawn.all(svg, "text", "label").stream().map(Element::getTextContent).toList();
            assertThat(texts).containsExactly(mark);
            for (String tag : List.of("title", "desc")) {
                assertThat(HANGUL.matcher(svg.getElementsByTagName(tag).item(0).getTextContent()).find())
                        .isEqualTo(language == Language.KO);
            }
        });
    }
}
