package io.chainrule.core.picture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;

/** Pictures speak one language at a time, and all languages say the same. */
class WordsTest {
    private static final Pattern ARGUMENT = Pattern.compile("\\{[0-9]}");
    private static final Pattern HANGUL = Pattern.compile("[가-힣]");

    @ParameterizedTest
    @EnumSource
    void haveTheSameKeysAndArguments(Words words) {
        assertThat(new TreeSet<>(words.messages().keySet())).isEqualTo(new TreeSet<>(Words.EN.messages().keySet()));
        for (String key : words.messages().keySet()) {
            assertThat(arguments(words, key)).as(key).isEqualTo(arguments(Words.EN, key));
            assertThat(words.messages().getString(key)).as("apostrophes are quotes there").doesNotContain("'");
        }
        assertThat(Words.of(words.tag())).isEqualTo(words);
    }

    private static Set<String> arguments(Words words, String key) {
        return ARGUMENT.matcher(words.messages().getString(key)).results().map(found -> found.group()).collect(Collectors.toSet());
    }

    @Test
    void takeNamesAsTheyAre() {
        assertThat(Words.KO.text("circuit.title", "{0} 'a' {1}")).isEqualTo("{0} 'a' {1}의 회로");
    }

    /** Title, description, tooltips and what stands in clusters. */
    @Test
    void standInCircuits() {
        PictureOptions korean = new PictureOptions(Theme.LIGHT, 3, null, true, ClusterForm.ALL, WireWidth.PLAIN, Words.KO);
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
        Map<Words, String> marks = Map.of(Words.EN, "kink", Words.KO, "꺾인 점");
        marks.forEach((words, mark) -> {
            Element svg = Drawn.xml(Plot.curve(kink, "f", "x", range, Theme.LIGHT, words));
            assertThat(svg.getAttribute("lang")).isEqualTo(words.tag());
            List<String> texts = Drawn.all(svg, "text", "label").stream().map(Element::getTextContent).toList();
            assertThat(texts).containsExactly(mark);
            for (String tag : List.of("title", "desc")) {
                assertThat(HANGUL.matcher(svg.getElementsByTagName(tag).item(0).getTextContent()).find()).isEqualTo(words == Words.KO);
            }
        });
    }
}
