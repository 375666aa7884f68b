package io.chainrule.core.expression;

import io.chainrule.core.print.ExpressionPrinter;
import static io.chainrule.core.expression.Programs.problems;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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

    /** A list is looked at for numbers once, however many others it stands in; what is never closed is looked for once a problem. */
    @Test
    void takesLinearTimeOverListsAndMistakes() {
        assertThat(Programs.parse("[".repeat(9_000) + "1, ".repeat(300_000) + "x" + "]".repeat(9_000)).graph().size()).isEqualTo(9_002);
        assertThat(problems("f(x $ (\n".repeat(300_000))).hasSizeLessThanOrEqualTo(100);
    }
}
