package io.chainrule.core.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Derivatives;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimplifierTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', useHeadersInDisplayName = true, textBlock = """
            program | shapes | simple
            x + 0 | x: | x
            1 * x | x: | x
            --x | x: | x
            x - (-y) | x: y: | x + y
            -x + y | x: y: | y - x
            x + x + x | x: | 3 * x
            2 * x * 3 | x: | 6 * x
            x * 2 / 4 | x: | x / 2
            x / 3 * 2 | x: | 2 * x / 3
            x * y * x | x: y: | x^2 * y
            x^2 * x | x: | x^3
            1 / (1 / x) | x: | x
            x / y / z | x: y: z: | x / (y * z)
            2 + 3 * 4 | x: | 14
            x.T.T | x:2,3 | x
            reshape(reshape(x, shape=[6]), shape=[3, 2]) | x:2,3 | reshape(x, shape=[3, 2])
            broadcast_to(2, shape=[3]) * x | x:3 | 2 * x
            broadcast_to(y, shape=[3]) + x | x:3 y: | y + x
            broadcast_to(y, shape=[2, 3]) + x | x:3 y: | broadcast_to(y, shape=[2, 3]) + x
            sum(broadcast_to(2, shape=[3])) | x: | 6
            x @ (2 * A) | x:3 A:3,3 | 2 * (x @ A)
            eye(n=3) @ x | x:3 | x
            where(1, x, y) | x: y: | x
            square(x) | x: | x^2
            x - x | x: | x - x
            x / x | x: | x / x
            x^3 / x | x: | x^3 / x
            0 * x | x: | 0 * x
            2 * x - 2 * x | x: | 2 * x - 2 * x
            sin(x) + unused * 0 | x: unused: | sin(x) + 0 * unused
            """)
    void writesShorter(String text, String shapes, String simple) {
        NamedGraph program = Derivatives.parse(text, Derivatives.shapes(shapes));
        Graph graph = Simplifier.simplify(program.graph(), program.output(), Integer.MAX_VALUE, Allowance.UNBOUNDED);
        assertThat(Derivatives.print(graph)).isEqualTo(simple);
    }

    /** Where a textbook's formula would be NaN. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', useHeadersInDisplayName = true, textBlock = """
            function | at | derivative
            where(x > 0, sqrt(x), 0) | 0 | 0
            where(x > 0, log(x) * x, 0) | 0 | 0
            where(x < 1, exp(x), x) | 1000 | 1
            sin(where(x > 0, sqrt(x), 0)) | 0 | 0
            where(x > 0, sqrt(x), 0)^2 | 0 | 0
            maximum(x, 0)^0.5 * where(x > 0, 1, 0) | -1 | 0
            relu(x) / sqrt(x) | 4 | 0.25
            abs(x) | 0 | 0
            (x - x) * 3 | 2 | 0
            """)
    void whatASelectionCutsOffStaysZero(String function, double at, double derivative) {
        NamedGraph program = Derivatives.parse(function, Map.of("x", Shape.SCALAR));
        Graph graph = Derivatives.of(program, "x").simplified();
        Tensor value = Derivatives.value(graph, graph.size() - 1, Map.of("x", Tensor.scalar(at)));
        assertThat(value.item()).as(Derivatives.print(graph)).isEqualTo(derivative);
    }

    @Test
    void namesOfSharedPartsAreNoOnesElse() {
        String text = Derivatives.print(
                Derivatives.of(Derivatives.parse("x / (1 + x^2) * add_1", Derivatives.shapes("x: add_1:")), "x").simplified());
        assertThat(text).isEqualTo("add_2 = 1 + x^2\nadd_1 / add_2 - 2 * x^2 * add_1 / add_2^2");
    }

    /** Every step reads the one before twice, so that the tree of the whole has 2^n leaves. */
    @Tag("long")
    @Test
    void textIsLinearInTheGraph() {
        int once = chained(500).length();
        assertThat(chained(1000).length()).isBetween(once, 23 * once / 10);
    }

    private static String chained(int steps) {
        StringBuilder text = new StringBuilder("h = x");
        for (int i = 0; i < steps; i++) {
            text.append("\nh").append(i).append(" = ").append(i == 0 ? "x" : "h" + (i - 1)).append(" * sin(")
                    .append(i == 0 ? "x" : "h" + (i - 1)).append(")");
        }
        return Derivatives.print(Derivatives.of(Derivatives.parse(text.toString(), Derivatives.shapes("x:")), "x").simplified());
    }
}
