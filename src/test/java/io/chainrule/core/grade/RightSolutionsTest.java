package io.chainrule.core.grade;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.grade.Solutions.Solution;
import io.chainrule.core.grade.Solutions.Step;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No right backward pass is called wrong, however it is written. */
class RightSolutionsTest {
    private static final int COUNT = 500;

    @Test
    void noneOf500IsCalledWrong() {
        List<Solution> all = Solutions.all();
        List<String> wrong = new ArrayList<>();
        IntStream.range(0, COUNT).forEach(seed -> {
            Random random = new Random(seed);
            Solution solution = all.get(seed % all.size());
            String text = written(solution, random);
            Map<String, Tensor> inputs = solution.values(random);
            Grade grade = Marks.of(text, inputs);
            assertThat(grade.lines()).as(text).filteredOn(mark -> mark.verdict() != Verdict.NOT_A_CLAIM)
                    .hasSize(solution.steps().size());
            grade.lines().stream().filter(mark -> mark.verdict() == Verdict.WRONG || mark.verdict() == Verdict.FOLLOWS)
                    .forEach(mark -> wrong.add(seed + ": " + mark + "\n" + text + "\n" + inputs));
        });
        assertThat(wrong).isEmpty();
    }

    static String written(Solution solution, Random random) {
        int style = random.nextInt(5);
        List<String> lines = new ArrayList<>(List.of(solution.forward()));
        for (Step step : solution.steps()) {
            String way = step.ways().get(random.nextInt(step.ways().size()));
            lines(solution.claim(step.node(), style), solution.text(way, style), random).forEach(lines::add);
        }
        return String.join("\n", lines);
    }

    /** The lines of a claim: with {@code +=} between them, or with a part of it on a line of its own. */
    private static Stream<String> lines(String name, String way, Random random) {
        String[] parts = way.split(" \\+= ", -1);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            String sign = i == 0 ? " = " : " += ";
            if (random.nextInt(4) == 0) {
                String helper = "part_" + name + "_" + i;
                lines.add(helper + " = " + part);
                part = helper;
            }
            lines.add(i > 0 && random.nextBoolean() ? name + " = " + name + " + (" + part + ")" : name + sign + part);
        }
        return lines.stream();
    }
}
