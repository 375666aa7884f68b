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
            x * 3 / 6 | x: | x / 2
            3 * x / 4 | x: | 0.75 * x
            3 * x / 16 | x: | 0.1875 * x
            3 * x / 32 | x: | 3 * x / 32
            2 * x / 7 | x: | 2 * x / 7
            6 / (4 * x) | x: | 1.5 / x
            1 / (2 * x) | x: | 0.5 / x
            x / -2 | x: | -x / 2
            x / -1 | x: | -x
            0.5 * x / 0.25 | x: | 2 * x
            0.1 * x / 0.2 | x: | 0.5 * x
            x / 0 | x: | x / 0
            3 * x / 0 | x: | 3 * x / 0
            -x / -y | x: y: | x / y
            -1 / x | x: | -1 / x
            -x * y | x: y: | -x * y
            x * -y | x: y: | -x * y
            a + -x * y | a: x: y: | a - x * y
            a - x * -y | a: x: y: | a + x * y
            a - 2 * -x | a: x: | a + 2 * x
            sin(x) * y | x: y: | y * sin(x)
            sin(x) * y^2 | x: y: | y^2 * sin(x)
            sin(x)^2 * sin(x) | x: | sin(x)^3
            x^0.5 * x | x: | x^0.5 * x
            x^-1 * x | x: | x^-1 * x
            x^2 * x^3 / (y * y) | x: y: | x^5 / y^2
            x^0 | x: | 1
            x^1 | x: | x
            (1 / x)^2 | x: | 1 / x^2
            broadcast_to(x, shape=[3]) * broadcast_to(y, shape=[3]) | x: y: | broadcast_to(x * y, shape=[3])
            broadcast_to(x, shape=[3]) / broadcast_to(y, shape=[3]) | x: y: | broadcast_to(x / y, shape=[3])
            broadcast_to(2, shape=[3]) * x * broadcast_to(3, shape=[3]) | x:3 | 6 * x
            x / broadcast_to(2, shape=[3]) | x:3 | x / 2
            broadcast_to(y, shape=[3]) / x | x:3 y: | y / x
            x @ eye(n=3) | x:2,3 | x
            eye(n=2) @ x | x:2,3 | x
            A @ B | A:1,1 B:1,3 | B * reshape(A, shape=[])
            B @ A | A:1,1 B:3,1 | B * reshape(A, shape=[])
            reshape(x, shape=[3, 1]) @ reshape(y, shape=[1, 2]) | x:3 y:2 | outer(x, y)
            A @ B | A:3,1 B:1,2 | A @ B
            (2 * A) @ B | A:2,3 B:3,2 | 2 * (A @ B)
            A @ (B / 3) | A:2,3 B:3,2 | A @ B / 3
            (s * A) @ (B / t) | s: A:2,3 B:3,2 t: | s * (A @ B) / t
            diag(broadcast_to(1, shape=[3])) | x: | eye(n=3)
            diag(2 * x) | x:3 | 2 * diag(x)
            diag(s * x) | x:3 s: | s * diag(x)
            outer(s * x, y) | s: x:3 y:2 | s * outer(x, y)
            where(x == 0, 0, x * y) | x: y: | x * y
            where(x == 0, 0, y * x^2) | x: y: | where(x == 0, 0, x^2 * y)
            where(x == 1, 0, x * y) | x: y: | where(x == 1, 0, x * y)
            where(x > 0, 0, x * y) | x: y: | where(x > 0, 0, x * y)
            where(x == 0, 1, x * y) | x: y: | where(x == 0, 1, x * y)
            where(x, y, y) | x: y: | y
            where(0, x, y) | x: y: | y
            where(c, where(c, x, y) + 1, 0) | c: x: y: | where(c, x + 1, 0)
            where(c, 0, where(c, x, y) + 1) | c: x: y: | where(c, 0, y + 1)
            where(c, where(d, x, y) + 1, 0) | c: d: x: y: | where(c, where(d, x, y) + 1, 0)
            where(c, broadcast_to(x, shape=[3]), y) | c: x: y:3 | where(c, x, y)
            where(c, broadcast_to(x, shape=[3]), y) | c: x: y: | where(c, broadcast_to(x, shape=[3]), y)
            maximum(broadcast_to(x, shape=[3]), y) | x: y:3 | maximum(x, y)
            solve(A, reshape(b, shape=[3, 1])) | A:3,3 b:3 | reshape(solve(A, b), shape=[3, 1])
            1 / 0 | x: | 1 / 0
            log(0 * 2) | x: | log(0)
            logical_and(x, 0) | x:3 | zeros(shape=[3])
            0.5 * x | x: | 0.5 * x
            -0.25 * x | x: | -0.25 * x
            1.6e308 * x / 5 | x: | 3.2E307 * x
            9 * x / 4.5e307 | x: | 2.0E-307 * x
            e = exp(x - logsumexp(x))⏎e / sum(e) | x:3 | exp_1 = exp(x - logsumexp(x))⏎exp_1 / sum(exp_1)
            e = exp(where(c > 0, 0, x - logsumexp(x)))⏎e / sum(e) | c:3 x:3 | \
            exp_1 = exp(where(c > 0, 0, x - logsumexp(x)))⏎exp_1 / sum(exp_1)
            e = exp(where(where(isfinite(logsumexp(x)), y, x > 0), 0, x - logsumexp(x)))⏎e / sum(e) | x:3 y:3 | \
            exp_1 = exp(where(where(isfinite(logsumexp(x)), y, x > 0), 0, x - logsumexp(x)))⏎exp_1 / sum(exp_1)
            e = exp(where(where(isfinite(sum(x)), 0, x > 0), 0, x - logsumexp(x)))⏎e / sum(e) | x:3 | \
            exp_1 = exp(where(where(isfinite(sum(x)), 0, x > 0), 0, x - logsumexp(x)))⏎exp_1 / sum(exp_1)
            e = exp(where(where(isfinite(logsumexp(x)), 0, x > 0), y, x - logsumexp(x)))⏎e / sum(e) | x:3 y:3 | \
            exp_1 = exp(where(where(isfinite(logsumexp(x)), 0, x > 0), y, x - logsumexp(x)))⏎exp_1 / sum(exp_1)
            y = logsumexp(x, axis=0)⏎e = exp(where(where(isfinite(y), 0, x > 0), 0, x - y))⏎e / sum(e, axis=0) | x:3,3 | \
            softmax(x, axis=0)
            y = logsumexp(x, axis=0)⏎e = exp(where(where(isfinite(y), 0, x > 0), 0, x - y))⏎e / sum(e, axis=1, keepdims=true) | \
            x:3,3 | exp_1 = exp(where(where(isfinite(logsumexp(x, axis=[0])), 0, x > 0), 0, x - logsumexp(x, axis=[0])))⏎\
            exp_1 / sum(exp_1, axis=[1], keepdims=true)
            """)
    void writesShorter(String text, String shapes, String simple) {
        NamedGraph program = Derivatives.parse(text.replace('⏎', '\n'), Derivatives.shapes(shapes));
        Graph graph = Simplifier.simplify(program.graph(), program.output(), Integer.MAX_VALUE, Allowance.UNBOUNDED);
        assertThat(Derivatives.print(graph)).isEqualTo(simple.replace('⏎', '\n'));
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
