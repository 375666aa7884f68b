package io.chainrule.core.expression;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Calls of models by the nodes of a list: adds the nodes of a model's program in place of a node. */
final class NodeCalls implements ModelNodes.Caller {
    private final GraphBuilder builder;
    private final KnownShapes shapes;
    private final Steps steps;
    private final Problems problems;
    private final Map<String, Integer> inputs = new LinkedHashMap<>();

    NodeCalls(GraphBuilder builder, Given given, Allowance allowance, Problems problems) {
        this.builder = builder;
        this.shapes = new KnownShapes(builder, given);
        this.steps = new Steps(allowance, builder::size);
        this.problems = problems;
    }

    /** Adds the nodes of a call whose operands, the arguments, have been placed. Returns the node of the output. */
    int add(int position, NodeSpec spec, ModelFunction model, int[] operands) {
        String name = Objects.requireNonNull(spec.op());
        Map<String, Integer> bound = new LinkedHashMap<>();
        Map<String, Shape> known = new HashMap<>();
        for (int k = 0; k < operands.length; k++) {
            String input = model.inputs().get(k);
            bound.put(input, operands[k]);
            Shape shape = shapes.of(operands[k]);
            if (shape != null) {
                known.put(input, shape);
            }
        }
        steps.repeat(0);
        try {
            int output = ModelNodes.add(model.graph(known, steps.ofCalled()), name, bound, this);
            return builder.op(output) instanceof Leaf.Literal(double value) ? leaf(new Leaf.Constant(Tensor.scalar(value))) : output;
        } catch (ProblemException e) {
            e.problems().forEach(problem -> problems.add(SpecReader
                    .problem(problem.code(), name + ": " + problem.ofModel().message(), position, spec)
                    .expected(problem.expected(), problem.actual()).hint(ModelNodes.hint(problem, bound.keySet(), known))));
            problems.throwIfAny();
            throw e;
        }
    }

    /** The node of an input, which is one node wherever it is read. */
    int input(Leaf.Input input) {
        return inputs.computeIfAbsent(input.id(), _ -> builder.add(input, new int[0]));
    }

    /** The inputs so far, by their ids. */
    Map<String, Integer> inputs() {
        return inputs;
    }

    @Override
    public int kept(String name) {
        return input(new Leaf.Input(name, null));
    }

    @Override
    public int literal(double value) {
        return builder.literalIndex(value);
    }

    @Override
    public int leaf(Leaf leaf) {
        return builder.add(leaf, new int[0]);
    }

    @Override
    public int operation(Op op, int... operands) {
        return builder.add(op, operands);
    }
}
