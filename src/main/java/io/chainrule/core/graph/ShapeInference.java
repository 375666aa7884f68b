package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Gives every node of a program its shape, or says everything that does not fit. */
public final class ShapeInference {
    private ShapeInference() {}

    /** The program with shapes, from those of its inputs by id; {@link ProblemException} with every node that fails by itself. */
    public static Program infer(Program program, Map<String, Shape> inputs) {
        Graph graph = program.graph();
        @Nullable
        Shape[] shapes = new Shape[graph.size()];
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < graph.size(); i++) {
            try {
                shapes[i] = graph.op(i) instanceof Leaf.Input input ? given(input, inputs) : shape(graph, i, shapes);
            } catch (ShapeException e) {
                problems.add(Problem.of(ProblemCode.SHAPE_MISMATCH, program.id(i) + ": " + message(graph, i, e))
                        .expected(e.expected(), e.actual()).node(program.id(i)).position(program.position(i)));
            } catch (ProblemException e) {
                for (Problem problem : e.problems()) {
                    problems.add(problem.position(program.position(i)));
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
        return program.withGraph(graph.withShapes(complete(shapes)));
    }

    private static Shape given(Leaf.Input input, Map<String, Shape> inputs) {
        Shape given = inputs.get(input.id());
        if (given == null) {
            throw new ProblemException(Problem.of(ProblemCode.MISSING_INPUT, "input '" + input.id() + "' has no value").node(input.id())
                    .hint(Nearest.name(input.id(), inputs.keySet())
                            .map(name -> "inputs has '" + name + "'; is that what '" + input.id() + "' means?")
                            .orElse("add \"" + input.id() + "\" to inputs")));
        }
        if (input.declared() != null && !input.declared().equals(given)) {
            throw new ShapeException(
                    "the value of input '" + input.id() + "' has shape " + given + ", its node declares " + input.declared(),
                    input.declared().toString(), given.toString());
        }
        return given;
    }

    private static @Nullable Shape shape(Graph graph, int node, @Nullable Shape[] shapes) {
        Shape[] operands = new Shape[graph.operandCount(node)];
        for (int k = 0; k < operands.length; k++) {
            Shape shape = shapes[graph.operand(node, k)];
            if (shape == null) {
                return null;
            }
            operands[k] = shape;
        }
        return graph.op(node).shape(operands);
    }

    private static String message(Graph graph, int node, ShapeException e) {
        return graph.isLeaf(node) ? String.valueOf(e.getMessage()) : graph.op(node).name() + ": " + e.getMessage();
    }

    private static Shape[] complete(@Nullable Shape[] shapes) {
        Shape[] result = new Shape[shapes.length];
        for (int i = 0; i < shapes.length; i++) {
            result[i] = Objects.requireNonNull(shapes[i]);
        }
        return result;
    }
}
