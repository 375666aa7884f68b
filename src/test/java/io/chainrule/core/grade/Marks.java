package io.chainrule.core.grade;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Program;
import io.chainrule.core.Runner;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.Place;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;

/** Marks programs in tests. */
final class Marks {
    private Marks() {}

    static Grade of(String program, Map<String, Tensor> inputs) {
        return of(program, inputs, Map.of(), Map.of());
    }

    static Grade of(String program, Map<String, Tensor> inputs, Map<String, String> claims, Map<String, Tensor> answers) {
        return in(Language.EN, program, inputs, claims, answers);
    }

    static Grade in(Language language, String program, Map<String, Tensor> inputs) {
        return in(language, program, inputs, Map.of(), Map.of());
    }

    static Grade within(BuildLimits limits, String program, Map<String, Tensor> inputs) {
        BoundProgram bound = bound(program, inputs, Map.of(), limits);
        return new Grader(bound, Place.setting("expression"), inputs, Language.EN, Runner.DIRECT, limits).grade(Map.of(), Map.of());
    }

    private static Grade in(Language language, String program, Map<String, Tensor> inputs, Map<String, String> claims,
            Map<String, Tensor> answers) {
        BoundProgram bound = bound(program, inputs, claims, BuildLimits.GENEROUS);
        return new Grader(bound, Place.setting("expression"), inputs, language, Runner.DIRECT, BuildLimits.GENEROUS).grade(claims, answers);
    }

    static BackwardPass pass(String program, Map<String, Tensor> inputs) {
        return BackwardPass.of(bound(program, inputs), Place.setting("expression"), Map.of(), false, Checkpoint.NONE).passes().getFirst();
    }

    static BoundProgram bound(String program, Map<String, Tensor> inputs) {
        return bound(program, inputs, Map.of(), BuildLimits.GENEROUS);
    }

    private static BoundProgram bound(String program, Map<String, Tensor> inputs, Map<String, String> claims, BuildLimits limits) {
        Signature signature = Signature.of(new Transformation.Grade(claims), Shapes.ofValues(inputs));
        return Program.parse(program).bind(signature, limits);
    }

    static Grade.Mark line(Grade grade, String name) {
        return grade.lines().stream().filter(mark -> mark.name().equals(name)).findFirst().orElseThrow();
    }
}
