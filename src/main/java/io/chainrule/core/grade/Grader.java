package io.chainrule.core.grade;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Runner;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Marks a backward pass that a user wrote behind a forward pass, and answers to a quiz. */
public final class Grader {
    private final BoundProgram bound;
    private final Place place;
    private final Map<String, Tensor> inputs;
    private final Runner runner;
    private final BuildLimits limits;
    private final Texts texts;

    /**
     * @param bound a program that was bound for {@link io.chainrule.core.Transformation.Grade}
     * @param place where the request has the program
     * @param inputs the values of its inputs
     */
    public Grader(BoundProgram bound, Place place, Map<String, Tensor> inputs, Language language, Runner runner, BuildLimits limits) {
        this.bound = bound;
        this.place = place;
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
        BackwardPass pass = passed(new Readings(this::given, runner, limits)
                .likeliest(BackwardPass.of(bound, place, claims, bound.signature().output() != null,
                        limits.checkpoint())));
        checkAny(pass, answers);
        Sheet sheet = new Sheet(pass, limits);
        Map<Integer, Tensor> given = given(pass, sheet);
        NamedGraph program = pass.program();
        Map<Integer, Grade.Mark> marks = pass.claims().isEmpty()
                ? new TreeMap<>()
                : new TreeMap<>(new Marking(pass, sheet, given, texts, runner, limits).marks());
        for (Line line : pass.helpers()) {
            limits.checkpoint().check();
            if (line.isLast() || pass.claims().stream().noneMatch(claim -> claim.line().name().equals(line.name()))) {
                marks.put(line.node(), new Grade.Mark(line.id(), null, Verdict.NOT_A_CLAIM, null, null, null, null,
                        texts.of("not-a-claim", line.id())));
            }
        }
        List<Grade.Mark> lines = new ArrayList<>(marks.values());
        lines.addAll(new Quiz(pass, given, texts, runner, limits).marks(answers));
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

    private void checkAny(BackwardPass pass, Map<String, Tensor> answers) {
        Problems problems = new Problems();
        Set<String> known = Set.copyOf(pass.program().allIds());
        answers.keySet().stream().filter(node -> !known.contains(node))
                .forEach(node -> problems.add(() -> Problem.of(ProblemCode.UNKNOWN_NODE, "there is no node '" + node + "'").node(node)
                        .at(Place.setting("answers", node))
                        .hint(Nearest.hint(node, known).orElse(null))));
        if (pass.claims().isEmpty() && answers.isEmpty()) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, "no line claims to be a derivative, and there are no 'answers'")
                    .at(place).expected("a line such as dx = … for a node x of the forward pass", null)
                    .hint("name derivatives dx, df_dx, grad_x or x_grad, or tell what a line claims in 'claims'"));
        }
        problems.throwIfAny();
    }
}
