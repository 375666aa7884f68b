package io.chainrule.core.autodiff;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
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
        FORWARD, REVERSE
    }

    private final Mode mode;
    private final List<Integer> of;
    private final List<Integer> wrt;
    private final List<Integer> seeds = new ArrayList<>();
    private final List<int[]> derivatives = new ArrayList<>();
    /** Where each seeded node's sweep ends in the derived graph; it begins where the one before ends. */
    private final List<Integer> ends = new ArrayList<>();
    private final int primalSize;
    private final Plan plan;

    private Jacobian(Mode mode, List<Integer> of, List<Integer> wrt, Graph primal, int maxNodes) {
        this.mode = mode;
        this.of = of;
        this.wrt = wrt;
        this.primalSize = primal.size();
        GraphBuilder builder = GraphBuilder.extending(primal, maxNodes);
        BitSet results = bits(of);
        // A sweep for each seeded node, so that a pass runs nothing that the others need.
        for (int seeded : seededNodes()) {
            Node seed = builder.input("seed", primal.shape(seeded));
            int[] all = mode == Mode.FORWARD
                    ? ForwardMode.tangents(primal, builder, Map.of(seeded, seed))
                    : ReverseMode.cotangents(primal, builder, Map.of(seeded, seed), bits(wrt));
            int[] found = otherNodes().stream().mapToInt(node -> all[node]).toArray();
            IntStream.of(found).filter(node -> node >= 0).forEach(results::set);
            seeds.add(seed.index());
            derivatives.add(found);
            ends.add(builder.size());
        }
        this.plan = Plan.repeating(builder.build(), results, primal.size());
    }

    /** For a graph free of composite ops. */
    public static Jacobian of(Graph graph, List<Integer> of, List<Integer> wrt, Mode mode, int maxNodes) {
        return new Jacobian(mode, of, wrt, graph, maxNodes);
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
        return CostModel.of(plan, node -> {
            int sweep = Collections.binarySearch(ends, node + 1);
            return node < primalSize ? 1 : plan.graph().shape(seeds.get(sweep >= 0 ? sweep : -sweep - 1)).size();
        });
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
        for (int s = 0; s < seeds.size(); s++) {
            Tensor unit = Tensor.zeros(graph.shape(seeds.get(s)));
            for (int element = 0; element < unit.length(); element++) {
                unit.data()[element] = 1;
                executor.place(seeds.get(s), unit);
                executor.run(seeds.get(s), ends.get(s));
                collect(executor, s, element, jacobians);
                unit.data()[element] = 0;
            }
        }
        return new Result(of.stream().map(executor::value).toList(), jacobians);
    }

    private void collect(Executor executor, int seed, int element, List<List<Tensor>> jacobians) {
        int[] found = derivatives.get(seed);
        for (int other = 0; other < found.length; other++) {
            if (found[other] < 0) {
                continue;
            }
            double[] values = executor.value(found[other]).data();
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
