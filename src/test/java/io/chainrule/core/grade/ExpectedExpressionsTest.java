package io.chainrule.core.grade;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.grade.Solutions.Solution;
import io.chainrule.core.grade.Solutions.Step;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a wrong line should say is right where it is pasted, and is what a person would write. */
class ExpectedExpressionsTest {
    /** Ops of derivatives, shapes that broadcasting gives anyway, numbers of Java, lists of one axis. */
    private static final String UNWRITTEN = "(?s).*(strong_mul|broadcast_to|full\\(|_transpose\\(|[0-9]E|axis=\\[-?[0-9]\\]).*";

    static Stream<Solution> solutions() {
        return Solutions.all().stream();
    }

    @ParameterizedTest
    @MethodSource("solutions")
    void everyBrokenLineIsToldWhatItShouldSay(Solution solution) {
        for (int broken = 0; broken < solution.steps().size(); broken++) {
            Random random = new Random(broken);
            Map<String, Tensor> inputs = solution.values(random);
            String name = solution.claim(solution.steps().get(broken).node(), 0);
            Grade wrong = Marks.of(text(solution, broken, "(%s) + 0.7"), inputs);
            Grade.Mark mark = Marks.line(wrong, name);
            assertThat(mark.verdict()).as(name).isEqualTo(Verdict.WRONG);
            String expected = mark.expectedExpression();
            assertThat(expected).as(name + " of " + solution.name()).isNotNull().doesNotMatch(UNWRITTEN);
            String mended = text(solution, broken, expected);
            assertThat(Marks.of(mended, inputs).passed()).as(mended).isTrue();
        }
    }

    /** The solution, the first way of each line, with one line in which {@code %s} stands for what it says. */
    private static String text(Solution solution, int broken, String form) {
        List<String> lines = new ArrayList<>(List.of(solution.forward()));
        for (int i = 0; i < solution.steps().size(); i++) {
            Step step = solution.steps().get(i);
            String name = solution.claim(step.node(), 0);
            String way = solution.text(step.ways().getFirst().replace(" += ", " + "), 0);
            lines.add(name + " = " + (i == broken ? form.replace("%s", way) : way));
        }
        return String.join("\n", lines);
    }
}
