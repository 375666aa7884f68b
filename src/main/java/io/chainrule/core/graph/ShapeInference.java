package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Gives every node of a program its shape, or reports every node whose operands do not fit. */
public final class ShapeInference {
    private ShapeInference() {}

    /** The most axes of a value, as in NumPy 1. Limits on the number of elements would allow any number of axes of length 1. */
    public static final int MOST_AXES = 32;

    /**
     * Returns the program with shapes, inferred from those of its inputs by id. Throws {@link ProblemException} with every node whose
     * operands do not fit; nodes that only depend on such a node are left out.
     */
    public static NamedGraph infer(NamedGraph program, Map<String, Shape> inputs) {
        Problems problems = new Problems();
        NamedGraph inferred = infer(program, inputs, problems);
        problems.throwIfAny();
        return Objects.requireNonNull(inferred);
    }

    /** Adds shapes to the program; problems are added to {@code problems}, and null is returned if there were any. */
    public static @Nullable NamedGraph infer(NamedGraph program, Map<String, Shape> inputs, Problems problems) {
        @Nullable
        Shape[] shapes = shapes(program, inputs, false, problems);
        return Arrays.asList(shapes).contains(null) ? null : program.withGraph(program.graph().withShapes(complete(shapes)));
    }

    /** Adds the problems of nodes that depend only on inputs of known shapes to {@code problems}. */
    public static void check(NamedGraph program, Map<String, Shape> inputs, Problems problems) {
        shapes(program, inputs, true, problems);
    }

    private static @Nullable Shape[] shapes(NamedGraph program, Map<String, Shape> inputs, boolean mayBeUnknown, Problems problems) {
        Graph graph = program.graph();
        @Nullable
        Shape[] shapes = new Shape[graph.size()];
        for (int i = 0; i < graph.size(); i++) {
            try {
                shapes[i] = !(graph.op(i) instanceof Leaf.Input input)
                        ? shape(graph, i, shapes)
                        : mayBeUnknown && !inputs.containsKey(input.id()) ? input.declared() : given(input, inputs, problems);
            } catch (ShapeException e) {
                problems.add(problem(program, i, e));
            } catch (ProblemException e) {
                Problem.Position position = program.position(i);
                e.problems().forEach(problem -> problems.add(problem.position(position)));
            }
        }
        return shapes;
    }

    private static Problem problem(NamedGraph program, int node, ShapeException e) {
        String id = program.id(node);
        Problem problem = Problem.of(e.attribute() == null ? ProblemCode.SHAPE_MISMATCH : ProblemCode.BAD_ATTRIBUTE,
                id + ": " + message(program.graph(), node, e));
        return (e.attribute() == null ? problem : problem.attribute(e.attribute())).expected(e.expected(), e.actual()).node(id)
                .position(program.position(node));
    }

    private static @Nullable Shape given(Leaf.Input input, Map<String, Shape> inputs, Problems problems) {
        Shape given = inputs.get(input.id());
        if (given == null) {
            if (!problems.isFull()) {
                throw new ProblemException(Problem.of(ProblemCode.MISSING_INPUT, "input '" + input.id() + "' has no value").node(input.id())
                        .hint(MissingInput.hint(input.id(), inputs.keySet())));
            }
            return null;
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
        Shape shape = graph.op(node).shape(operands);
        if (shape.rank() > MOST_AXES) {
            throw new ShapeException("the result has " + shape.rank() + " axes", "at most " + MOST_AXES + " axes", shape.rank() + " axes");
        }
        return shape;
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
