package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs of one graph at several points, for the values of some of its nodes. */
final class Runs {
    private final Graph graph;
    private final BitSet results;
    private final Plan plan;
    private final Runner runner;

    Runs(Graph graph, BitSet results, Runner runner) {
        this.graph = graph;
        this.results = results;
        this.plan = Plan.of(graph, results);
        this.runner = runner;
    }

    /**
     * The values of the results, by node.
     *
     * @param placed the values of inputs, by node
     * @throws ProblemException where an op meets values that it cannot use
     */
    Map<Integer, Tensor> at(Map<Integer, Tensor> placed) {
        return runner.run(CostModel.of(plan), 0, () -> {
            Executor executor = new Executor(plan, runner.parallel());
            placed.forEach((node, value) -> {
                if (plan.needed().get(node)) {
                    executor.place(node, value);
                }
            });
            executor.run();
            Map<Integer, Tensor> values = new HashMap<>();
            results.stream().forEach(node -> values.put(node, switch (graph.op(node)) {
                case Leaf.Constant(Tensor value) -> value;
                case Leaf.Literal(double value) -> Tensor.scalar(value);
                default -> executor.value(node).copy();
            }));
            return values;
        });
    }

    /** The same; null where an op meets values that it cannot use. */
    @Nullable
    Map<Integer, Tensor> attempt(Map<Integer, Tensor> placed) {
        try {
            return at(placed);
        } catch (ProblemException e) {
            return null;
        }
    }
}
