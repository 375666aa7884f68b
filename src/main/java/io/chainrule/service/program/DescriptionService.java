package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.ProgramCost;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.print.FormulaPrinter;
import io.chainrule.core.graph.ProgramText;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Describes programs as graphs; nothing is run. Throws the same exceptions as {@link GradientService}. */
@Service
public final class DescriptionService {
    private final Functions functions;
    private final Limits limits;

    public DescriptionService(Functions functions, Limits limits) {
        this.functions = functions;
        this.limits = limits;
    }

    /** The program itself, and what its gradient would cost; {@code shapes} replace values that are missing. */
    public Answer<Answer.Description> describe(Query query, Map<String, Shape> shapes) {
        Signature signature = query.describing(new Transformation.Description(), shapes, Signature.Missing.DECLARED);
        try (Work<BoundProgram> work = functions.describe(query, signature)) {
            return functions.write(work, DescriptionService.class, () -> description(work, query));
        }
    }

    private Answer<Answer.Description> description(Work<BoundProgram> work, Query query) {
        BoundProgram bound = work.bound();
        ProgramCost cost = ProgramCost.of(bound, work.limits());
        ProgramText text = ExpressionPrinter.write(bound.program(), bound.shapes().keySet(), work.limits().checkpoint());
        FormulaPrinter.Both formula = FormulaPrinter.print(bound.program(), work.limits().checkpoint());
        List<Answer.LayerView> layers = layers(bound, cost);
        AnswerSize size = new AnswerSize(query.isBase64()).nodes(bound.listed(), 0).constants(bound.listed()).program(text,
                formula.latex(),
                formula.mathml());
        bound.program().inputs().forEach(input -> size.part(bound.program().id(input), bound.inputShape(input)));
        Objects.requireNonNullElse(layers, List.<Answer.LayerView>of()).forEach(layer -> size.part(layer.name(), layer.outputShape()));
        size.check(limits);
        return Answer.of(new Answer.Description(bound, text, formula.latex(), formula.mathml(),
                new Answer.Cost(cost.forward().flops(), cost.gradient().flops(), cost.gradient().bytes()), layers), work);
    }

    /** The layers of a network with the operations of their nodes; null if the program is not a network. */
    private static @Nullable List<Answer.LayerView> layers(BoundProgram bound, ProgramCost cost) {
        return bound.network() == null
                ? null
                : bound.network().layers().stream().map(layer -> new Answer.LayerView(layer.name(), layer.type(),
                        bound.answered(layer.outputShape()), layer.parameters(), cost.layerFlops().getOrDefault(layer.name(), 0L)))
                        .toList();
    }
}
