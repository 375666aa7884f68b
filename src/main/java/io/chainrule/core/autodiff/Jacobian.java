package io.chainrule.core.autodiff;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Jacobians of some nodes with respect to others: one derived graph, whose derivative part runs once per column
 * (forward mode, a unit tangent on each element of the operands) or per row (reverse mode, a unit cotangent on each
 * element of the results). The value of the program is computed once.
 */
public final class Jacobian {
    /** In which direction the derivative is carried. */
    public enum Mode {
        FORWARD,
        REVERSE
    }

    private final Mode mode;
    private final List<Integer> of;
    private final List<Integer> wrt;
    private final List<Integer> seeds = new ArrayList<>();
    private final int[] derivatives;
    private final int primalSize;
    private final Plan plan;

    private Jacobian(Mode mode, List<Integer> of, List<Integer> wrt, Graph primal, Allowance allowance) {
        this.mode = mode;
        this.of = of;
        this.wrt = wrt;
        this.primalSize = primal.size();
        GraphBuilder builder = GraphBuilder.extending(primal, allowance);
        Map<Integer, Node> seeded = new HashMap<>();
        for (int node : seededNodes()) {
            Node seed = builder.input("seed", primal.shape(node));
            seeds.add(seed.index());
            seeded.merge(node, seed, Maths::add);
        }
        int[] all = mode == Mode.FORWARD
                ? ForwardMode.tangents(primal, builder, seeded)
                : ReverseMode.cotangents(primal, builder, seeded, bits(wrt));
        this.derivatives = otherNodes().stream().mapToInt(node -> all[node]).toArray();
        BitSet results = bits(of);
        IntStream.of(derivatives).filter(node -> node >= 0).forEach(results::set);
        this.plan = Plan.repeating(builder.build(), results, primal.size());
    }

    /** For a graph free of composite ops. */
    public static Jacobian of(Graph graph, List<Integer> of, List<Integer> wrt, Mode mode, Allowance allowance) {
        return new Jacobian(mode, of, wrt, graph, allowance);
    }

    /** The mode with fewer passes; reverse where they are as many and one pass answers for more inputs than results. */
    public static Mode cheaper(Graph graph, List<Integer> of, List<Integer> wrt) {
        return elements(graph, wrt) < elements(graph, of) ? Mode.FORWARD : Mode.REVERSE;
    }

    public Mode mode() {
        return mode;
    }

    /** How often the derivative part runs. */
    public long passes() {
        return elements(plan.graph(), seededNodes());
    }

    public CostModel cost() {
        return CostModel.of(plan, node -> node < primalSize ? 1 : passes());
    }

    private static long elements(Graph graph, List<Integer> nodes) {
        return nodes.stream().mapToLong(node -> graph.shape(node).size()).sum();
    }

    private List<Integer> seededNodes() {
        return mode == Mode.FORWARD ? wrt : of;
    }

    private List<Integer> otherNodes() {
        return mode == Mode.FORWARD ? of : wrt;
    }

    private static BitSet bits(List<Integer> nodes) {
        BitSet bits = new BitSet();
        nodes.forEach(bits::set);
        return bits;
    }

    /**
     * Values of the results and their Jacobians.
     *
     * @param values of the results, in their order
     * @param jacobians {@code [of][wrt]}, each of shape(of) + shape(wrt)
     */
    public record Result(List<Tensor> values, List<List<Tensor>> jacobians) {}

    /** Runs all passes; {@code inputs} holds the values of the input nodes. */
    public Result run(Map<Integer, Tensor> inputs, Checkpoint checkpoint) {
        Graph graph = plan.graph();
        Executor executor = new Executor(plan, checkpoint);
        inputs.forEach(executor::place);
        executor.run(0, primalSize);
        List<List<Tensor>> jacobians = of.stream()
                .map(o -> wrt.stream().map(w -> Tensor.zeros(graph.shape(o).concat(graph.shape(w)))).toList()).toList();
        List<Tensor> units = seeds.stream().map(seed -> Tensor.zeros(graph.shape(seed))).toList();
        for (int s = 0; s < seeds.size(); s++) {
            executor.place(seeds.get(s), units.get(s));
        }
        for (int s = 0; s < seeds.size(); s++) {
            for (int element = 0; element < units.get(s).length(); element++) {
                units.get(s).data()[element] = 1;
                executor.place(seeds.get(s), units.get(s));
                executor.run(primalSize, graph.size());
                collect(executor, s, element, jacobians);
                units.get(s).data()[element] = 0;
            }
            executor.place(seeds.get(s), units.get(s));
        }
        return new Result(of.stream().map(executor::value).toList(), jacobians);
    }

    private void collect(Executor executor, int seed, int element, List<List<Tensor>> jacobians) {
        for (int other = 0; other < derivatives.length; other++) {
            if (derivatives[other] < 0) {
                continue;
            }
            double[] values = executor.value(derivatives[other]).data();
            if (mode == Mode.REVERSE) {
                System.arraycopy(values, 0, jacobians.get(seed).get(other).data(), element * values.length, values.length);
            } else {
                double[] jacobian = jacobians.get(other).get(seed).data();
                int columns = values.length == 0 ? 0 : jacobian.length / values.length;
                for (int row = 0; row < values.length; row++) {
                    jacobian[row * columns + element] = values[row];
                }
            }
        }
    }
}
