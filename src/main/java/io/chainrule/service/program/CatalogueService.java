package io.chainrule.service.program;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Program;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** The catalogue of ops, for clients to read. */
@Service
public final class CatalogueService {
    private final GradientService gradients;
    private final Limits limits;

    public CatalogueService(GradientService gradients, Limits limits) {
        this.gradients = gradients;
        this.limits = limits;
    }

    /** A program that uses the op, and its gradient. */
    public record OpExample(String expression, Map<String, Tensor> inputs, Answer<Answer.Gradient> answer) {}

    public Collection<OpDefinition> all() {
        return OpCatalogue.all();
    }

    public Optional<OpDefinition> find(String nameOrAlias) {
        return Optional.ofNullable(OpCatalogue.find(nameOrAlias));
    }

    /** Computes the op's example. */
    public OpExample example(OpDefinition op) {
        Query call = exampleCall(op);
        return new OpExample(op.example(), call.inputs(), gradients.gradient(call, null, Transformation.Locals.AUTO));
    }

    private static Query exampleCall(OpDefinition definition) {
        return new Query(new Source.Text(definition.example()), definition.exampleInputs(), null, null, new Signature.NodeSelection.All(),
                Signature.Batch.NONE);
    }

    /**
     * The circuit of primitive ops that the op stands for, as text, for the attributes and shapes of its example; null for a primitive op.
     */
    public @Nullable String circuit(OpDefinition op) {
        Signature signature = exampleCall(op).signature(new Transformation.Description());
        NamedGraph example = Program.parse(op.example()).bind(signature, BuildLimits.GENEROUS).program();
        for (int i = 0; i < example.graph().size(); i++) {
            if (example.graph().op(i).name().equals(op.name()) && example.graph().op(i).isGate()) {
                return ExpressionPrinter.print(Gates.open(alone(example.graph(), i, op.operands()), Allowance.nodes(limits.nodes())));
            }
        }
        return null;
    }

    /** The node as a program of its own, whose inputs are named like the op's operands. */
    private static NamedGraph alone(Graph graph, int node, List<String> operands) {
        List<String> names = IntStream.range(0, graph.operandCount(node)).mapToObj(
                k -> k < operands.size() ? operands.get(k) : operands.getLast() + "_" + (k - operands.size() + 2)).toList();
        return NamedGraph.ofOp(graph.op(node), names, List.of(graph.operandShapes(node)));
    }

    /** A hint naming the op with the most similar name. */
    public Optional<String> hint(String name) {
        return Nearest.hint(name, OpCatalogue.names());
    }
}
