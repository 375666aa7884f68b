package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.Transformation;
import io.chainrule.core.grade.Grade;
import io.chainrule.core.grade.Grader;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.Map;
import org.springframework.stereotype.Service;

/** Marks backward passes that users wrote. Throws the same exceptions as {@link GradientService}. */
@Service
public final class GradeService {
    private final Functions functions;
    private final Limits limits;

    public GradeService(Functions functions, Limits limits) {
        this.functions = functions;
        this.limits = limits;
    }

    /**
     * Marks the lines of a program, and answers.
     *
     * @param claims what lines claim to be the gradient of, by name of the line
     * @param answers gradients that a person has worked out, by node
     */
    public Answer<Grade> grade(Query query, Map<String, String> claims, Map<String, Tensor> answers, Language language) {
        try (Work<BoundProgram> work = functions.describe(query, query.signature(new Transformation.Grade(claims)))) {
            BoundProgram bound = work.bound();
            Map<String, Tensor> inputs = bound.initialValues(query.values(), query.initializerSeed(), work.limits()).all();
            AnswerSize size = new AnswerSize(query.isBase64());
            for (int node = 0; node < bound.program().graph().size(); node++) {
                if (bound.program().isNamed(node)) {
                    Shape shape = bound.program().graph().shape(node);
                    size.part(bound.program().id(node), shape).array(shape).array(shape);
                }
            }
            answers.forEach((node, answer) -> size.part(node, answer.shape()).array(answer.shape()));
            size.check(limits);
            return Answer.of(new Grader(bound, query.source().place(), inputs, language, work.runner(), work.limits())
                    .grade(claims, answers), work);
        }
    }
}
