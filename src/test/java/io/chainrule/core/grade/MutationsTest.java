package io.chainrule.core.grade;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.grade.Solutions.Solution;
import io.chainrule.core.grade.Solutions.Step;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Right backward passes into which one mistake is written as text: it is found where it is, and called what it is. */
class MutationsTest {
    private static final int COUNT = 200;
    private static final Pattern FACTOR = Pattern.compile(" \\* ");

    /** A line with a mistake in it, and what that may be called. */
    private record Mutation(String line, Set<Mistake> names) {}

    /** A program with one mistake. */
    private record Case(String text, Map<String, Tensor> inputs, String line, Set<Mistake> names) {}

    @Test
    void of200MistakesMostAreFoundAndNamed() {
        List<Case> cases = cases();
        List<String> misplaced = new ArrayList<>();
        List<String> misnamed = new ArrayList<>();
        List<String> unmended = new ArrayList<>();
        for (Case one : cases) {
            Grade grade = Marks.of(one.text, one.inputs);
            long wrong = grade.lines().stream().filter(mark -> mark.verdict() == Verdict.WRONG).count();
            String told = one + "\n" + grade.lines().stream().map(Object::toString).collect(Collectors.joining("\n")) + "\n";
            if (!one.line.equals(grade.firstWrong()) || wrong != 1) {
                misplaced.add(told);
            } else {
                Grade.Mark mark = Marks.line(grade, one.line);
                if (!one.names.contains(mark.mistake())) {
                    misnamed.add(told);
                }
                if (!isMended(one, mark)) {
                    unmended.add(told);
                }
            }
        }
        assertThat(cases).hasSize(COUNT);
        assertThat(misplaced).hasSizeLessThanOrEqualTo(COUNT * 5 / 100);
        assertThat(misnamed).hasSizeLessThanOrEqualTo(COUNT * 15 / 100);
        assertThat(unmended).hasSizeLessThanOrEqualTo(COUNT * 5 / 100);
    }

    /** Whether the whole backward pass is right once the expected expression is pasted into its line. */
    private static boolean isMended(Case one, Grade.Mark mark) {
        if (mark.expectedExpression() == null) {
            return false;
        }
        List<String> lines = one.text.lines().collect(Collectors.toCollection(ArrayList::new));
        int last = -1;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(one.line + " ")) {
                last = i;
            }
        }
        lines.set(last, one.line + " = " + mark.expectedExpression());
        return Marks.of(String.join("\n", lines), one.inputs).passed();
    }

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        List<Solution> all = Solutions.all();
        for (int seed = 0; cases.size() < COUNT && seed < 20 * COUNT; seed++) {
            Random random = new Random(seed);
            Case made = made(all.get(seed % all.size()), random);
            if (made != null) {
                cases.add(made);
            }
        }
        return cases;
    }

    private static @Nullable Case made(Solution solution, Random random) {
        int style = random.nextInt(5);
        int place = random.nextInt(solution.steps().size());
        List<String> lines = new ArrayList<>(List.of(solution.forward()));
        List<String> right = new ArrayList<>(lines);
        Mutation mutation = null;
        for (int i = 0; i < solution.steps().size(); i++) {
            Step step = solution.steps().get(i);
            String name = solution.claim(step.node(), style);
            String way = step.ways().get(random.nextInt(step.ways().size()));
            if (i == place) {
                List<Mutation> possible = mutations(way, solution);
                if (possible.isEmpty()) {
                    return null;
                }
                mutation = possible.get(random.nextInt(possible.size()));
                lines.addAll(written(name, solution.text(mutation.line, style)));
            } else {
                lines.addAll(written(name, solution.text(way, style)));
            }
            right.addAll(written(name, solution.text(way, style)));
        }
        Map<String, Tensor> inputs = solution.values(random);
        String text = String.join("\n", lines);
        String name = solution.claim(solution.steps().get(place).node(), style);
        return mutation == null || isSame(text, String.join("\n", right), name, inputs)
                ? null
                : new Case(text, inputs, name, mutation.names);
    }

    /** Whether a change of the text has changed no number, or has made it no program. */
    private static boolean isSame(String text, String right, String name, Map<String, Tensor> inputs) {
        try {
            return Marks.of(text, inputs, Map.of(), Map.of()).lines().stream().filter(mark -> mark.name().equals(name))
                    .map(Grade.Mark::claimed).toList()
                    .equals(Marks.of(right, inputs).lines().stream().filter(mark -> mark.name().equals(name)).map(Grade.Mark::claimed)
                            .toList());
        } catch (ProblemException e) {
            return true;
        }
    }

    private static List<String> written(String name, String way) {
        String[] parts = way.split(" \\+= ", -1);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < parts.length; i++) {
            lines.add(name + (i == 0 ? " = " : " += ") + parts[i]);
        }
        return lines;
    }

    private static List<Mutation> mutations(String way, Solution solution) {
        List<Mutation> all = new ArrayList<>();
        all.add(new Mutation(way.contains(" += ") ? way.replaceFirst(" \\+= ", " += -1 * ") : "-(" + way + ")", Set.of(Mistake.SIGN)));
        if (way.contains(" += ")) {
            all.add(new Mutation(way.substring(way.indexOf(" += ") + 4), Set.of(Mistake.MISSING_PATH)));
            all.add(new Mutation(way.substring(0, way.lastIndexOf(" += ")), Set.of(Mistake.MISSING_PATH)));
            return all;
        }
        if (way.contains(" + ") && !way.contains("(")) {
            all.add(new Mutation(way.substring(0, way.indexOf(" + ")), Set.of(Mistake.MISSING_PATH, Mistake.MISSING_CONSTANT_FACTOR)));
        }
        if (way.matches("[^()+-]* \\* [^()+-]*")) {
            String[] factors = FACTOR.split(way, -1);
            for (int dropped = 0; dropped < factors.length; dropped++) {
                List<String> kept = new ArrayList<>(List.of(factors));
                String factor = kept.remove(dropped);
                boolean isNumber = factor.matches("-?[0-9.]+");
                all.add(new Mutation(String.join(" * ", kept),
                        isNumber ? Set.of(Mistake.MISSING_CONSTANT_FACTOR) : Set.of(Mistake.MISSING_FACTOR)));
            }
        }
        Matcher sum = Pattern.compile("sum\\((\\{\\w+}), axis=0\\)").matcher(way);
        if (sum.matches()) {
            all.add(new Mutation(sum.group(1), Set.of(Mistake.MISSING_SUM)));
        }
        if (way.contains(".T @")) {
            all.add(new Mutation(way.replaceFirst("\\.T @", " @"), Set.of(Mistake.TRANSPOSED)));
        }
        if (way.matches(".* @ \\w+\\.T")) {
            all.add(new Mutation(way.substring(0, way.length() - 2), Set.of(Mistake.TRANSPOSED)));
        }
        Matcher outer = Pattern.compile("(.*)outer\\((.*), (.*)\\)").matcher(way);
        if (outer.matches()) {
            all.add(new Mutation(outer.group(1) + "outer(" + outer.group(3) + ", " + outer.group(2) + ")",
                    Set.of(Mistake.TRANSPOSED, Mistake.SWAPPED_OPERANDS)));
        }
        if (way.contains(" > ")) {
            all.add(new Mutation(way.replace(" > ", " < "), Set.of(Mistake.WRONG_BRANCH)));
        }
        if (way.contains(" == m")) {
            all.add(new Mutation(way.replace(" == m", " != m"), Set.of(Mistake.WRONG_BRANCH)));
        }
        // What gates compute, and from what.
        Map<String, String> gates = Map.of("sigmoid neuron", "f u", "gates one by one", "b a", "staged", "sigx x",
                "shared weight over time",
                "h1 x1", "logistic regression", "p z", "domains", "b y");
        String[] gate = gates.getOrDefault(solution.name(), " ").split(" ", -1);
        if (!gate[0].isEmpty() && way.matches(".*(?<![\\w{])" + gate[0] + "(?![\\w}(]).*")) {
            all.add(new Mutation(way.replaceAll("(?<![\\w{])" + gate[0] + "(?![\\w}(])", gate[1]),
                    Set.of(Mistake.INPUT_FOR_OUTPUT, Mistake.WRONG_VALUE, Mistake.SWAPPED_OPERANDS)));
        }
        if (way.matches(".*\\b2 \\* .*")) {
            all.add(new Mutation(way.replaceFirst("\\b2 \\* ", ""), Set.of(Mistake.MISSING_CONSTANT_FACTOR)));
        }
        return all;
    }
}
