package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.tensor.Shape;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The nodes of a model's program in place of a call. */
final class ModelNodes {
    private ModelNodes() {}

    /** The program that calls the model. */
    interface Caller {
        /** The node of an input whose value is kept with the model: {@code W} of the model {@code digits} is {@code digits.W}. */
        int kept(String name);

        int literal(double value);

        int leaf(Leaf leaf);

        int operation(Op op, int... operands);
    }

    /** Copies a model's nodes into the program that calls it; {@code bound} has an argument for each input. Returns the output's node. */
    static int add(NamedGraph model, String name, Map<String, Integer> bound, Caller caller) {
        Graph graph = model.graph();
        int[] placed = new int[graph.size()];
        for (int i = 0; i < placed.length; i++) {
            placed[i] = switch (graph.op(i)) {
                case Leaf.Input(String id, Shape _) when bound.containsKey(id) -> bound.get(id);
                case Leaf.Input(String id, Shape _) -> caller.kept(name + "." + id);
                case Leaf.Literal(double value) -> caller.literal(value);
                case Leaf leaf -> caller.leaf(leaf);
                default -> {
                    int[] operands = new int[graph.operandCount(i)];
                    for (int k = 0; k < operands.length; k++) {
                        operands[k] = placed[graph.operand(i, k)];
                    }
                    yield caller.operation(graph.op(i), operands);
                }
            };
        }
        return placed[model.output()];
    }

    /** What a caller is told to do about a problem of a model; {@code shapes} are those of arguments that are known. */
    static @Nullable String hint(Problem problem, Collection<String> inputs, Map<String, Shape> shapes) {
        return inputs.stream().filter(input -> !shapes.containsKey(input)).findFirst()
                .map(input -> "the shape of its '" + input + "' is not known; give the values of the inputs, or declare their shapes, "
                        + "those of a model that a training stores in its 'save_as'")
                .orElse(problem.hint());
    }
}
