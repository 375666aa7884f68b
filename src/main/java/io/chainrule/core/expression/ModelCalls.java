package io.chainrule.core.expression;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls of models: adds the nodes of a model's program in place of a call. Inputs whose values are kept with the model become inputs of the
 * text: {@code W} of the model {@code digits} is {@code digits.W}, once for all calls.
 */
record ModelCalls(Map<String, ? extends ModelFunction> models, Functions functions, Scope scope, NodeWriter writer,
        Problems problems) {
    @Nullable
    ModelFunction find(String name) {
        return models.get(name);
    }

    /** Adds the nodes of a call whose arguments have been evaluated. */
    int finish(Call call, Call.Callee.OfModel callee, int[] arguments) {
        ModelFunction model = callee.model();
        Map<String, Integer> bound = functions.bound(call, "model " + callee.name(),
                model.inputs().stream().map(input -> new Statement.Parameter(input, null)).toList(), null, arguments);
        if (bound == null || writer.isPaused() || Arrays.stream(arguments).anyMatch(argument -> argument == NodeWriter.BROKEN)) {
            return NodeWriter.BROKEN;
        }
        Map<String, Shape> shapes = new HashMap<>();
        bound.forEach((input, node) -> {
            Shape shape = writer.shape(node);
            if (shape != null) {
                shapes.put(input, shape);
            }
        });
        try {
            return written(model.graph(shapes, writer.steps().ofCalled()), callee.name(), bound, call.token);
        } catch (ProblemException e) {
            e.problems().forEach(
                    problem -> problems.add(writer.problem(problem.code(), call.token, callee.name() + ": " + problem.ofModel().message())
                            .expected(problem.expected(), problem.actual()).hint(hint(problem, bound, shapes))));
            return NodeWriter.BROKEN;
        }
    }

    private static @Nullable String hint(Problem problem, Map<String, Integer> bound, Map<String, Shape> shapes) {
        return bound.keySet().stream().filter(input -> !shapes.containsKey(input)).findFirst()
                .map(input -> "the shape of its '" + input + "' is not known; give the values of the inputs, or declare their shapes, "
                        + "those of a model that a training stores in its 'save_as'")
                .orElse(problem.hint());
    }

    private int written(NamedGraph model, String name, Map<String, Integer> bound, int token) {
        Graph graph = model.graph();
        InlineFrame outer = writer.within(name, token);
        int[] placed = new int[graph.size()];
        for (int i = 0; i < placed.length; i++) {
            placed[i] = switch (graph.op(i)) {
                case Leaf.Input(String id, Shape _) when bound.containsKey(id) -> bound.get(id);
                case Leaf.Input(String id, Shape _) -> scope.read(name + "." + id, token);
                case Leaf.Literal(double value) -> writer.literal(value, token);
                case Leaf leaf -> writer.leaf(leaf, token);
                default -> {
                    int[] operands = new int[graph.operandCount(i)];
                    for (int k = 0; k < operands.length; k++) {
                        operands[k] = placed[graph.operand(i, k)];
                    }
                    yield writer.operation(graph.op(i), token, operands);
                }
            };
        }
        writer.returnTo(outer);
        return placed[model.output()];
    }
}
