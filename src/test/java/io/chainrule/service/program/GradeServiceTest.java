package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.functions;
import static io.chainrule.service.program.TestService.limits;
import static io.chainrule.service.program.TestService.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.grade.Grade;
import io.chainrule.core.grade.Verdict;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Query;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Marks of lines and of answers, and how long they may be. */
class GradeServiceTest {
    private static final Query LECTURE = call("q = x + y\nf = q * z\ndq = z\ndz = x", "x", -2, "y", 5, "z", -4);

    private static Grade grade(Query query, Map<String, String> claims, Map<String, Tensor> answers, String... limits) {
        return new GradeService(functions(limits), limits(limits)).grade(TestService.output(query, "f"), claims, answers, Language.EN)
                .result();
    }

    @Test
    void linesAndAnswersAreMarked() {
        Grade grade = grade(LECTURE, Map.of("dq", "q", "dz", "z"), Map.of("x", Tensor.scalar(-4), "y", Tensor.scalar(4)));
        assertThat(grade.passed()).isFalse();
        assertThat(grade.firstWrong()).isEqualTo("dz");
        assertThat(grade.lines()).filteredOn(mark -> mark.node() != null).extracting(mark -> mark.name() + " " + mark.verdict())
                .containsExactlyInAnyOrder("dq " + Verdict.RIGHT, "dz " + Verdict.WRONG, "x " + Verdict.RIGHT, "y " + Verdict.WRONG);
    }

    private static long asked(Query query, Map<String, Tensor> answers) {
        return catchThrowableOfType(LimitException.class, () -> grade(query, Map.of(), answers, "answer-bytes", "1")).asked();
    }

    /** A mark has its line's value and the gradient, an answer comes back. */
    @Test
    void theirLengthIsKnownBefore() {
        long few = asked(call("y = 2 * x\nf = sum(y)", "x", vector(1)), Map.of());
        long many = asked(call("y = 2 * x\nf = sum(y)", "x", new double[101]), Map.of());
        assertThat(many - few).as("two arrays for each of x and y").isEqualTo(2 * 2 * 100 * 25);
        Map<String, Tensor> answer = Map.of("x", Tensor.vector(new double[101]));
        assertThat(asked(call("y = 2 * x\nf = sum(y)", "x", new double[101]), answer) - many).isBetween(101 * 25L, 101 * 25 + 200L);
        assertThat(asked(call("y = 2 * x\nf = sum(sin(sin(sin(y))))", "x", new double[101]), Map.of())).as("nodes without a name have none")
                .isEqualTo(many);
    }
}
