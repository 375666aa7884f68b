package io.chainrule.core.picture;

import io.chainrule.core.language.Language;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Outcome;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;

/** Large programs are drawn by parts that can be taken in. */
class ClusteringTest {
    static Stream<Arguments> large() {
        Tensor matrix = Tensor.matrix(new double[]{0.5, 0.1}, new double[]{-0.2, 0.3});
        return Stream.of(
                Arguments.of("h = [0, 0]\nfor t in range(60):\n  h = tanh(W @ h + x[t])\nf = sum(h)",
                        Map.of("W", matrix, "x", Tensor.full(Shape.of(60, 2), 0.1))),
                Arguments.of("f = sum([x[i]*x[i+1] for i in range(300)])", Map.of("x", Tensor.full(Shape.of(301), 0.1))),
                Arguments.of(String.join("\n", IntStream.range(0, 2000).mapToObj(i -> "v" + i + " = x * " + i).toList())
                        + "\nf = v7 + v1999", Map.of("x", Tensor.scalar(2))));
    }

    @ParameterizedTest
    @MethodSource("large")
    void drawsPartsWithTheirTotals(String program, Map<String, Tensor> inputs) {
        Outcome outcome = Drawn.outcome(program, inputs);
        Element svg = Drawn.svg(outcome, PictureOptions.DEFAULT);
        List<Element> nodes = Drawn.all(svg, "g", "node");
        assertThat(nodes).hasSizeLessThanOrEqualTo(Clustering.MANY);
        List<Element> clusters = Drawn.all(svg, "g", "cluster");
        assertThat(clusters).isNotEmpty();
        long counted = clusters.stream().mapToLong(cluster -> Long.parseLong(Drawn.text(cluster, "op").replaceAll(" .*", ""))).sum();
        long single = nodes.stream().filter(node -> !node.getAttribute("class").contains("cluster")
                && !node.getAttribute("class").contains("literal")).count();
        assertThat(counted).isGreaterThan(100).isLessThanOrEqualTo(outcome.function().bound().nodeCount() - single);
        Element output = nodes.stream().filter(node -> node.getAttribute("data-node").equals("f")).findFirst().orElseThrow();
        assertThat(Drawn.text(output, "value")).isEqualTo(new NumberText(3).rounded(outcome.value().item()));
        assertThat(Drawn.text(output, "gradient")).isEqualTo("1");
    }

    /** Wires between clusters lead forward, so that the picture reads from left to right. */
    @ParameterizedTest
    @MethodSource("large")
    void makesNoCycle(String program, Map<String, Tensor> inputs) {
        Labels labels = Labels.of(PictureOptions.DEFAULT);
        Circuit clustered = Clustering.of(Circuit.of(Drawn.outcome(program, inputs), PictureOptions.DEFAULT), Map.of(), labels);
        assertThat(clustered.wires()).isNotEmpty().allMatch(wire -> wire.from() != wire.to());
        int[] depths = new int[clustered.parts().size()];
        for (int pass = 0; pass <= depths.length; pass++) {
            boolean isChanged = false;
            for (Wire wire : clustered.wires()) {
                isChanged |= depths[wire.to()] <= depths[wire.from()];
                depths[wire.to()] = Math.max(depths[wire.to()], depths[wire.from()] + 1);
            }
            if (!isChanged) {
                return;
            }
        }
        throw new AssertionError("a cycle");
    }

    /** Literals and nodes without a name are not what a reader looks for. */
    @Test
    void runsAreNamedAfterTheirStatements() {
        String program = String.join("\n",
                IntStream.range(0, 300).mapToObj(i -> "a" + i + " = 1 + " + (i == 0 ? "x" : "2 * a" + (i - 1))).toList());
        List<Element> clusters = Drawn.all(Drawn.svg(Drawn.outcome(program, Map.of("x", Tensor.scalar(0))), PictureOptions.DEFAULT), "g",
                "cluster");
        assertThat(clusters).isNotEmpty().allSatisfy(cluster -> assertThat(Drawn.text(cluster, "name")).matches("a\\d+ … a\\d+|a\\d+"));
    }

    /** In brackets the number would look like a shape. */
    @Test
    void anArrayOfOneElementIsDrawnAsItsNumber() {
        Element svg = Drawn.svg(Drawn.outcome("y = 3 * x\nf = sum(y)", Map.of("x", Tensor.vector(1))), PictureOptions.DEFAULT);
        Element y = Drawn.all(svg, "g", "node").stream().filter(node -> node.getAttribute("data-node").equals("y")).findFirst()
                .orElseThrow();
        assertThat(Drawn.text(y, "value")).isEqualTo("3");
        assertThat(Drawn.text(y, "gradient")).isEqualTo("1");
        assertThat(y.getTextContent()).contains("y = mul [1]");
    }

    @Test
    void smallProgramsAreDrawnByNodesUnlessAsked() {
        String program = "q = sin(x * y) + x\nf = q * cos(q)";
        Outcome outcome = Drawn.outcome(program, Drawn.scalars("x", 2, "y", 3));
        assertThat(Drawn.all(Drawn.svg(outcome, PictureOptions.DEFAULT), "g", "cluster")).isEmpty();
        Element all = Drawn.svg(outcome, new PictureOptions(Theme.LIGHT, 3, null, true, ClusterForm.ALL, WireWidth.PLAIN, Language.EN));
        assertThat(Drawn.all(all, "g", "node")).extracting(node -> node.getAttribute("data-node")).containsExactly("x", "y", "q", "f");
        assertThat(Drawn.all(all, "g", "cluster")).extracting(node -> Drawn.text(node, "op")).containsExactly("3 nodes", "2 nodes");
    }
}
