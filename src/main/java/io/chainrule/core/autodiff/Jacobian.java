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
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Jacobians of some nodes with respect to others. The structure comes from the graph; columns (forward mode) or rows
 * (reverse mode) that share no entry are computed together, in one pass for each group; many passes run at once, as a
 * batch. The value of the program is computed once.
 */
public final class Jacobian {
    /** In which direction the derivative is carried. */
    public enum Mode {
        FORWARD, REVERSE
    }

    /** How many elements the largest value of a batch of passes may have, beyond a single pass. */
    private static final int BATCH_ELEMENTS = 1 << 17;
    private static final int BATCH_PASSES = 1024;

    private final List<Integer> of;
    private final Compression compression;
    private final List<Sweep> sweeps = new ArrayList<>();
    private final int[] image;
    private final int primalEnd;
    private final Plan plan;

    /** Passes for one seeded node; {@code seed} and {@code results} are nodes of the batched graph, −1 where nothing depends. */
    private record Sweep(List<int[]> groups, int batch, int seed, int end, int[] results) {
        long batches() {
            return (groups.size() + batch - 1L) / batch;
        }
    }

    private Jacobian(List<Integer> of, List<Integer> wrt, Compression compression, Graph primal, int maxNodes) {
        this.of = of;
        this.compression = compression;
        boolean forward = compression.mode() == Mode.FORWARD;
        List<Integer> seeded = forward ? wrt : of;
        List<Integer> others = forward ? of : wrt;
        GraphBuilder builder = GraphBuilder.extending(primal, maxNodes);
        BitSet results = bits(of);
        List<Integer> seeds = new ArrayList<>();
        List<int[]> derivatives = new ArrayList<>();
        Map<Integer, Integer> batches = new HashMap<>();
        // A sweep for each seeded node, so that a pass runs nothing that the others need.
        for (int s = 0; s < seeded.size(); s++) {
            Node seed = builder.input("seed", primal.shape(seeded.get(s)));
            Map<Integer, Node> start = Map.of(seeded.get(s), seed);
            int[] all = forward ? ForwardMode.tangents(primal, builder, start) : ReverseMode.cotangents(primal, builder, start, bits(wrt));
            int[] found = others.stream().mapToInt(node -> all[node]).toArray();
            IntStream.of(found).filter(node -> node >= 0).forEach(results::set);
            seeds.add(seed.index());
            derivatives.add(found);
            batches.put(seed.index(), batchSize(builder, seed.index(), compression.groups().get(s).size()));
        }
        Batching batching = Batching.of(builder.build(), results, batches, maxNodes);
        this.image = batching.image();
        int end = batching.graph().size();
        for (int s = seeds.size() - 1; s >= 0; s--) {
            int seed = image[seeds.get(s)];
            int[] found = IntStream.of(derivatives.get(s)).map(node -> node < 0 ? -1 : image[node]).toArray();
            sweeps.addFirst(new Sweep(compression.groups().get(s), batches.getOrDefault(seeds.get(s), 1), seed, end, found));
            end = seed >= 0 ? seed : end;
        }
        this.primalEnd = end;
        BitSet kept = bits(of.stream().map(node -> image[node]).toList());
        sweeps.forEach(sweep -> IntStream.of(sweep.results()).filter(node -> node >= 0).forEach(kept::set));
        this.plan = Plan.repeating(batching.graph(), kept, primalEnd);
    }

    private static int batchSize(GraphBuilder builder, int from, int groups) {
        long largest = 1;
        for (int i = from; i < builder.size(); i++) {
            largest = Math.max(largest, builder.shape(i).size());
        }
        return Math.clamp(BATCH_ELEMENTS / largest, 1, Math.clamp(groups, 1, BATCH_PASSES));
    }

    /** Plans Jacobians of a graph free of composite ops, as compressed. */
    public static Jacobian of(Graph graph, List<Integer> of, List<Integer> wrt, Compression compression, int maxNodes) {
        return new Jacobian(of, wrt, compression, graph, maxNodes);
    }

    public Mode mode() {
        return compression.mode();
    }

    /** How many products of the Jacobian with a vector are computed. */
    public long passes() {
        return compression.passes();
    }

    public CostModel cost() {
        return CostModel.of(plan, node -> {
            for (Sweep sweep : sweeps) {
                if (sweep.seed() >= 0 && node >= sweep.seed() && node < sweep.end()) {
                    return sweep.batches();
                }
            }
            return 1;
        });
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
     * @param jacobians {@code [of][wrt]}
     */
    public record Result(List<Tensor> values, List<List<SparseMatrix>> jacobians) {
    }

    /** Runs all passes; {@code inputs} holds the values of the input nodes. */
    public Result run(Map<Integer, Tensor> inputs, Checkpoint checkpoint) {
        Executor executor = new Executor(plan, checkpoint);
        inputs.forEach((node, value) -> {
            if (image[node] >= 0) {
                executor.place(image[node], value);
            }
        });
        executor.run(0, primalEnd);
        List<List<SparseMatrix>> jacobians = compression.structure().stream().map(row -> row.stream().map(SparseMatrix::of).toList()).toList();
        for (int s = 0; s < sweeps.size(); s++) {
            if (sweeps.get(s).seed() >= 0) {
                run(s, executor, jacobians);
            }
        }
        return new Result(of.stream().map(node -> executor.value(image[node])).toList(), jacobians);
    }

    private void run(int s, Executor executor, List<List<SparseMatrix>> jacobians) {
        Sweep sweep = sweeps.get(s);
        Tensor seed = Tensor.zeros(plan.graph().shape(sweep.seed()));
        int width = seed.length() / sweep.batch();
        for (int first = 0; first < sweep.groups().size(); first += sweep.batch()) {
            int count = Math.min(sweep.batch(), sweep.groups().size() - first);
            Arrays.fill(seed.data(), 0);
            for (int i = 0; i < count; i++) {
                for (int element : sweep.groups().get(first + i)) {
                    seed.data()[i * width + element] = 1;
                }
            }
            executor.place(sweep.seed(), seed);
            executor.run(sweep.seed(), sweep.end());
            for (int other = 0; other < sweep.results().length; other++) {
                if (sweep.results()[other] >= 0) {
                    double[] values = executor.value(sweep.results()[other]).data();
                    SparseMatrix matrix = mode() == Mode.FORWARD ? jacobians.get(other).get(s) : jacobians.get(s).get(other);
                    int height = values.length / sweep.batch();
                    for (int i = 0; i < count; i++) {
                        collect(matrix, sweep.groups().get(first + i), values, i * height, partners(s, other));
                    }
                }
            }
        }
    }

    /** The rows of each column, or in reverse mode the columns of each row. */
    private int[][] partners(int s, int other) {
        return mode() == Mode.FORWARD ? compression.transposed().get(other).get(s) : compression.structure().get(s).get(other);
    }

    /** Reads a group's entries out of one pass. */
    private void collect(SparseMatrix matrix, int[] group, double[] values, int from, int[][] partners) {
        for (int member : group) {
            for (int partner : partners[member]) {
                if (mode() == Mode.FORWARD) {
                    matrix.set(partner, member, values[from + partner]);
                } else {
                    matrix.set(member, partner, values[from + partner]);
                }
            }
        }
    }
}
