package io.chainrule.core.grade;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** Marks the answers to a quiz, each by itself. */
final class Quiz {
    private final BackwardPass pass;
    private final Map<Integer, Tensor> given;
    private final Texts texts;
    private final Runner runner;
    private final BuildLimits limits;

    /** {@code given} are the values of the inputs, by node of a sheet. */
    Quiz(BackwardPass pass, Map<Integer, Tensor> given, Texts texts, Runner runner, BuildLimits limits) {
        this.pass = pass;
        this.given = given;
        this.texts = texts;
        this.runner = runner;
        this.limits = limits;
    }

    List<Grade.Mark> marks(Map<String, Tensor> answers) {
        if (answers.isEmpty()) {
            return List.of();
        }
        Sheet sheet = new Sheet(pass, limits);
        boolean hasKinks = IntStream.range(0, sheet.size())
                .anyMatch(node -> sheet.isForward(node) && sheet.node(node).op().kink(sheet.node(node)) != null);
        List<Integer> nodes = answers.keySet().stream().map(pass.program()::find).map(Objects::requireNonNull).toList();
        Map<Integer, Node> truths = sheet.truths(pass.output(), nodes);
        BitSet results = new BitSet();
        truths.values().forEach(truth -> results.set(truth.index()));
        Map<Integer, Tensor> values = new Runs(sheet.graph(), results, runner).at(given);
        List<Grade.Mark> marks = new ArrayList<>();
        answers.forEach((name, answer) -> {
            int node = Objects.requireNonNull(pass.program().find(name));
            Tensor truth = Objects.requireNonNull(values.get(Objects.requireNonNull(truths.get(node)).index()));
            boolean hasShape = answer.shape().equals(truth.shape());
            boolean isRight = hasShape && (Answers.isRight(answer, truth) || hasKinks && isSubgradient(name, node, answer));
            String text = !hasShape
                    ? texts.of("answer.shape", name, answer.shape().toString(), truth.shape().toString())
                    : texts.of(isRight ? "answer.right" : "answer.wrong", name);
            marks.add(new Grade.Mark(name, name, isRight ? Verdict.RIGHT : Verdict.WRONG, null, answer, null, null, text));
        });
        return marks;
    }

    private boolean isSubgradient(String name, int node, Tensor answer) {
        Claim claim = new Claim(new Line(name, name, node, true, 0), pass.output(), node, false);
        return Subgradients.contain(new Sheet(pass, limits), claim, Map.of(), given, answer, runner);
    }
}
