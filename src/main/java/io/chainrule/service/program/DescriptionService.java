package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.ProgramCost;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.expression.ExpressionPrinter;
import io.chainrule.core.expression.LatexPrinter;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.diagnostics.Diagnostics;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Programs as graphs; nothing is run. Throws as {@link GradientService}. */
@Service
public final class DescriptionService {
    private final Functions functions;

    public DescriptionService(Functions functions) {
        this.functions = functions;
    }

    /** The program itself and what its gradient would cost; {@code shapes} stand for values that are missing. */
    public Answer.Description describe(Query query, Map<String, Shape> shapes) {
        Signature signature = query.describing(new Transformation.Description(), shapes, Signature.Missing.DECLARED);
        try (Work<BoundProgram> work = functions.describe(query, signature)) {
            BoundProgram bound = work.bound();
            NamedGraph program = bound.program();
            ProgramCost cost = ProgramCost.of(bound, work.limits());
            List<Answer.InputView> inputs = program.inputs().stream()
                    .map(node -> new Answer.InputView(program.id(node), bound.inputShape(node))).toList();
            return new Answer.Description(inputs, program.outputId(), Answer.NodeView.of(bound.listed()),
                    ExpressionPrinter.write(program, bound.shapes().keySet()), LatexPrinter.print(program),
                    new Answer.Cost(cost.forward().flops(), cost.gradient().flops(), cost.gradient().bytes()), layers(bound, cost),
                    Diagnostics.ofInputs(work.bound()), work.summary());
        }
    }

    /** With the operations of the nodes inside each layer; null where the program is no network. */
    private static @Nullable List<Answer.LayerView> layers(BoundProgram bound, ProgramCost cost) {
        return bound.network() == null
                ? null
                : bound.network().layers().stream().map(layer -> new Answer.LayerView(layer.name(), layer.type(),
                        bound.answered(layer.outputShape()), layer.parameters(), cost.layerFlops().getOrDefault(layer.name(), 0L)))
                        .toList();
    }
}
