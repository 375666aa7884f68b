package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.ProgramCost;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.expression.ExpressionPrinter;
import io.chainrule.core.expression.LatexPrinter;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Describes programs as graphs; nothing is run. Throws the same exceptions as {@link GradientService}. */
@Service
public final class DescriptionService {
    private final Functions functions;

    public DescriptionService(Functions functions) {
        this.functions = functions;
    }

    /** The program itself, and what its gradient would cost; {@code shapes} replace values that are missing. */
    public Answer<Answer.Description> describe(Query query, Map<String, Shape> shapes) {
        Signature signature = query.describing(new Transformation.Description(), shapes, Signature.Missing.DECLARED);
        try (Work<BoundProgram> work = functions.describe(query, signature)) {
            BoundProgram bound = work.bound();
            ProgramCost cost = ProgramCost.of(bound, work.limits());
            return Answer.of(new Answer.Description(bound,
                    ExpressionPrinter.write(bound.program(), bound.shapes().keySet()), LatexPrinter.print(bound.program()),
                    new Answer.Cost(cost.forward().flops(), cost.gradient().flops(), cost.gradient().bytes()), layers(bound, cost)), work);
        }
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
