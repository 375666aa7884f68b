package io.chainrule.core.expression;

import io.chainrule.core.print.ExpressionPrinter;
import static io.chainrule.core.expression.Programs.problems;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts as long and as deep as somebody may send them. */
class ExpressionSizeTest {
    private static final int DEEP = 10_000;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            (         | x  | )
            -         | x  |
            exp(      | x  | )
            [         | x  | ]
            [         | 1  | ]
            ''        | x  | ^x
            maximum(1,| x  | )
            -(        | x  | )
            2^-(1 + 3 * | x | )
            """)
    void readsAndWritesWhatIsNestedTenThousandDeepAndRefusesMore(String before, String core, String after) {
        NamedGraph program = nested(before, core, after, DEEP);
        assertThat(ExpressionParser.parse(ExpressionPrinter.print(program), Set.of(), Programs.LIMITS).graph().size())
                .isEqualTo(program.graph().size());
        assertThatExceptionOfType(LimitException.class).isThrownBy(() -> nested(before, core, after, DEEP + 1)).satisfies(e -> {
            assertThat(e.limit()).isEqualTo("nesting");
            assertThat(e.asked()).isEqualTo(DEEP + 1);
            assertThat(e.allowed()).isEqualTo(DEEP);
        });
    }

    private static NamedGraph nested(String before, String core, String after, int depth) {
        return Programs.parse(before.repeat(depth) + core + (after == null ? "" : after).repeat(depth));
    }

    @Test
    void readsAndWritesAMillionNodes() {
        assertRoundTrip("x" + " + x * 2".repeat(500_000), 1_000_002);
        assertRoundTrip("h = x * 2\n" + "h = tanh(h)\n".repeat(100_000), 100_003);
        assertRoundTrip("[" + "1.5, ".repeat(1_000_000) + "2] * x", 3);
    }

    private static void assertRoundTrip(String text, int size) {
        NamedGraph program = Programs.parse(text);
        assertThat(program.graph().size()).isEqualTo(size);
        assertThat(Programs.parse(ExpressionPrinter.print(program)).graph().size()).isEqualTo(size);
    }

    @Test
    void countsNodesButNoLiterals() {
        String text = "1 * x + 2 * x + 3";
        ExpressionParser.parse(text, Set.of(), new ExpressionParser.Limits(5, 1));
        assertThatExceptionOfType(LimitException.class)
                .isThrownBy(() -> ExpressionParser.parse(text, Set.of(), new ExpressionParser.Limits(4, 1)))
                .satisfies(e -> assertThat(e.limit()).isEqualTo("nodes"));
    }

    /** Whoever limits the work is told of long programs before their nodes are there, within a factor of two. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            y = x\\nfor i in range(2000):\\n  y = sin(y) * 2 + x\\ny
            y = x\\nfor i in range(50):\\n  for j in 0:40\\n    y = sin(y) * i + x\\ny
            sum(sin(i * x) * x^2 for i in range(2000))
            sum(sin(i * x) * x^j for i in range(50) for j in range(40))
            f(a) = sin(a) * 2 + a\\ny = x\\nfor i in range(2000):\\n  y = f(y) + f(x)\\ny
            STRAIGHT
            """)
    void tellsOfLongProgramsBeforeTheyAreWritten(String text) {
        String program = text.equals("STRAIGHT") ? "y = sin(x) * 2 + x\n".repeat(2_000) + "y" : text.replace("\\n", "\n");
        long[] foreseen = new long[1];
        long[] early = new long[1];
        Allowance allowance = new Allowance("nodes", 100_000, _ -> early[0] = Math.max(early[0], foreseen[0] == 0 ? 1 : 0),
                nodes -> foreseen[0] = Math.max(foreseen[0], nodes));
        int size = Evaluator.evaluate(Parser.parse(program, 100), Given.named(Set.of("x")), allowance).program().graph().size();
        assertThat(early[0]).as("before the first step").isZero();
        assertThat((double) foreseen[0]).isBetween(size / 2.0, size * 2.0);
    }

    /** A list is looked at for numbers once, however many others it stands in; what is never closed is looked for once a problem. */
    @Test
    void takesLinearTimeOverListsAndMistakes() {
        assertThat(Programs.parse("[".repeat(9_000) + "1, ".repeat(300_000) + "x" + "]".repeat(9_000)).graph().size()).isEqualTo(9_002);
        assertThat(problems("f(x $ (\n".repeat(300_000))).hasSizeLessThanOrEqualTo(100);
    }
}
