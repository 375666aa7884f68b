package io.chainrule.core.expression;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Op;
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
                            .expected(problem.expected(), problem.actual()).hint(ModelNodes.hint(problem, bound.keySet(), shapes))));
            return NodeWriter.BROKEN;
        }
    }

    private int written(NamedGraph model, String name, Map<String, Integer> bound, int token) {
        InlineFrame outer = writer.within(name, token);
        int output = ModelNodes.add(model, name, bound, new ModelNodes.Caller() {
            @Override
            public int kept(String input) {
                return scope.read(input, token);
            }

            @Override
            public int literal(double value) {
                return writer.literal(value, token);
            }

            @Override
            public int leaf(Leaf leaf) {
                return writer.leaf(leaf, token);
            }

            @Override
            public int operation(Op op, int... operands) {
                return writer.operation(op, token, operands);
            }
        });
        writer.returnTo(outer);
        return output;
    }
}
