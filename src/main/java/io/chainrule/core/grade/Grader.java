package io.chainrule.core.grade;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Marks a backward pass that a user wrote behind a forward pass, and answers to a quiz. */
public final class Grader {
    /** The points at which readings of a program are compared. */
    private static final int READING_POINTS = 4;

    private final BoundProgram bound;
    private final Map<String, Tensor> inputs;
    private final Runner runner;
    private final BuildLimits limits;
    private final Texts texts;

    /**
     * @param bound a program that was bound for {@link io.chainrule.core.Transformation.Grade}
     * @param inputs the values of its inputs
     */
    public Grader(BoundProgram bound, Map<String, Tensor> inputs, Language language, Runner runner, BuildLimits limits) {
        this.bound = bound;
        this.inputs = inputs;
        this.runner = runner;
        this.limits = limits;
        this.texts = new Texts(language);
    }

    /**
     * Marks the lines and the answers.
     *
     * @param claims what lines claim, node by name of the line; names such as {@code dx} need no entry
     * @param answers gradients that a person has worked out, by node; nothing is told of the true ones
     * @throws io.chainrule.core.graph.ProblemException for unknown names, an output that is missing or no scalar, and where nothing is
     *        claimed
     */
    public Grade grade(Map<String, String> claims, Map<String, Tensor> answers) {
        BackwardPass pass = passed(likeliest(BackwardPass.of(bound, claims, bound.signature().output() != null)));
        checkAny(pass, answers);
        Sheet sheet = new Sheet(pass, limits);
        Map<Integer, Tensor> given = given(pass, sheet);
        NamedGraph program = pass.program();
        Map<Integer, Grade.Mark> marks = new TreeMap<>(new Marking(pass, sheet, given, texts, runner, limits).marks());
        for (Line line : pass.helpers()) {
            if (line.isLast() || pass.claims().stream().noneMatch(claim -> claim.line().name().equals(line.name()))) {
                marks.put(line.node(), new Grade.Mark(line.id(), null, Verdict.NOT_A_CLAIM, null, null, null, null,
                        texts.of("not-a-claim", line.id())));
            }
        }
        List<Grade.Mark> lines = new ArrayList<>(marks.values());
        lines.addAll(new Quiz(pass, new Sheet(pass, limits), given, texts, runner).marks(answers));
        String first = lines.stream().filter(mark -> mark.verdict() == Verdict.WRONG).map(Grade.Mark::name).findFirst().orElse(null);
        return new Grade(program.id(pass.output()), first == null && lines.stream().noneMatch(mark -> mark.verdict() == Verdict.FOLLOWS),
                lines, first);
    }

    private Map<Integer, Tensor> given(BackwardPass pass, Sheet sheet) {
        Map<Integer, Tensor> given = new LinkedHashMap<>();
        pass.program().inputs()
                .forEach(input -> given.put(sheet.image(input), Objects.requireNonNull(inputs.get(pass.program().id(input)))));
        return given;
    }

    /** The reading of the program in which the most claims are right; the first of those that have equally many. */
    private BackwardPass likeliest(List<BackwardPass> passes) {
        BackwardPass best = passes.getFirst();
        long most = -1;
        for (int i = 0; i < passes.size() && passes.size() > 1; i++) {
            long right = right(passes.get(i));
            if (right > most) {
                best = passes.get(i);
                most = right;
            }
        }
        return best;
    }

    /** A name that is bound twice may pass a gate: its first value is then the gradient of the gate's result, and the last one is not. */
    private BackwardPass passed(BackwardPass pass) {
        BackwardPass read = pass;
        while (!read.passings().isEmpty()) {
            BackwardPass both = read.withPassings();
            Sheet sheet = new Sheet(both, limits);
            Marking marking = new Marking(both, sheet, given(both, sheet), texts, runner, limits);
            List<BackwardPass.Passing> chosen = read.passings().stream().filter(
                    passing -> marking.fits(passing.result()) && (passing.last().misfit() != null || !marking.fits(passing.last())))
                    .toList();
            if (chosen.isEmpty()) {
                return read;
            }
            // A later name may fit only in the reading of the ones that it is computed from.
            read = read.passed(chosen);
        }
        return read;
    }

    private long right(BackwardPass pass) {
        Sheet sheet = new Sheet(pass, limits);
        Map<Claim, Node> truths = sheet.truths(pass.claims());
        BitSet results = new BitSet();
        truths.forEach((claim, truth) -> {
            results.set(truth.index());
            results.set(sheet.image(claim.node()));
        });
        BitSet watched = new BitSet();
        truths.values().forEach(truth -> watched.set(truth.index()));
        Runs runs = new Runs(sheet.graph(), results, runner);
        List<Map<Integer, Tensor>> values = new Points(sheet.graph(), sheet.size(), given(pass, sheet), watched, runner).all().stream()
                .limit(READING_POINTS).map(runs::attempt).filter(Objects::nonNull).toList();
        return truths.entrySet().stream().filter(claim -> {
            int truth = claim.getValue().index();
            // A gradient of zero tells nothing: it is that of every line that does not depend on the node.
            List<Map<Integer, Tensor>> telling = values.stream()
                    .filter(found -> Closeness.largest(Objects.requireNonNull(found.get(truth)).data()) > 0).toList();
            return telling.stream()
                    .filter(found -> Closeness.isRight(Objects.requireNonNull(found.get(sheet.image(claim.getKey().node()))),
                            Objects.requireNonNull(found.get(truth)), null, null))
                    .count() * 2 > telling.size();
        }).count();
    }

    private void checkAny(BackwardPass pass, Map<String, Tensor> answers) {
        Problems problems = new Problems();
        Set<String> known = Set.copyOf(pass.program().allIds());
        answers.keySet().stream().filter(node -> !known.contains(node)).forEach(node -> problems.add(
                Problem.of(ProblemCode.UNKNOWN_NODE, "there is no node '" + node + "'").node(node).at(Place.setting("answers", node))
                        .hint(Nearest.hint(node, known).orElse(null))));
        if (pass.claims().isEmpty() && answers.isEmpty()) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, "no line claims to be a derivative, and there are no 'answers'")
                    .at(Place.setting("expression")).expected("a line such as dx = … for a node x of the forward pass", null)
                    .hint("name derivatives dx, df_dx, grad_x or x_grad, or tell what a line claims in 'claims'"));
        }
        problems.throwIfAny();
    }
}
