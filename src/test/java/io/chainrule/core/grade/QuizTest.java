package io.chainrule.core.grade;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Place;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What it takes to mark answers. */
class QuizTest {
    /** Counts the operations of all runs. */
    private static final class Counting implements Runner {
        private long flops;

        @Override
        public Parallel parallel() {
            return Parallel.NONE;
        }

        @Override
        public <T> T run(CostModel cost, long answerBytes, Supplier<T> work) {
            flops += cost.flops();
            return work.get();
        }

        @Override
        public void repeat(CostModel cost, int times, Runnable each) {
            flops += times * cost.flops();
            for (int i = 0; i < times; i++) {
                each.run();
            }
        }
    }

    private static long flops(int steps) {
        StringBuilder program = new StringBuilder();
        Map<String, Tensor> inputs = new LinkedHashMap<>(Map.of("a0", Tensor.scalar(0.5)));
        for (int i = 1; i <= steps; i++) {
            program.append("a%d = tanh(a%d * w%d) + 0.1 * a%d\n".formatted(i, i - 1, i, i - 1));
            inputs.put("w" + i, Tensor.scalar(1));
        }
        Counting runner = new Counting();
        Grade grade = new Grader(Marks.bound(program.toString(), inputs), Place.setting("expression"), inputs, Language.EN, runner,
                BuildLimits.GENEROUS)
                .grade(Map.of(), Map.of("a0", Tensor.scalar(7)));
        assertThat(grade.output()).isEqualTo("a" + steps);
        assertThat(grade.lines().getFirst().verdict()).isEqualTo(Verdict.WRONG);
        return runner.flops;
    }

    @Test
    void theWorkGrowsWithTheProgramAndNotWithItsSquare() {
        assertThat(flops(400)).isLessThan(5 * flops(100));
    }
}
