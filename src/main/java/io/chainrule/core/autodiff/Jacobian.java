package io.chainrule.core.autodiff;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Jacobians of some nodes with respect to others, compiled: immutable and free of values, so that many threads can run
 * one at once. The structure comes from the graph; columns (forward mode) or rows (reverse mode) that share no entry are
 * computed together, in one pass for each group; many passes run at once, as a batch. The value of the program is
 * computed once. Over samples, which inputs carry along a leading axis, all runs are batches once more.
 */
public final class Jacobian {
    /** In which direction the derivative is carried. */
    public enum Mode {
        FORWARD,
        REVERSE;

        Mode other() {
            return this == FORWARD ? REVERSE : FORWARD;
        }
    }

    /** The most elements of the largest value in a batch of passes; a batch of one pass may have more. */
    private static final int BATCH_ELEMENTS = 1 << 17;
    private static final int BATCH_PASSES = 1024;

    private final Compression compression;
    private final List<Integer> of;
    private final List<Integer> known;
    private final Elements rows;
    private final Elements columns;
    private final int batch;
    private final int[] image;
    /** Whether a node of the original has the samples' axis. */
    private final IntPredicate sampled;
    private final boolean isOverSamples;
    private final int samples;
    /** Nodes of the batched graph, −1 where nothing depends. */
    private final int[] seeds;
    /** Nodes of the derived graph before batching, −1 where they are zero. */
    private final int[] derivatives;
    /** Nodes before this one run once; the others run for each batch of passes. */
    private final int primalEnd;
    private final Plan plan;
    private final Graph derived;

    private Jacobian(List<Integer> of, List<Integer> wrt, List<Integer> known, Compression compression, Graph primal, int samples,
            Map<Integer, Integer> sampled, int mostAtOnce, Allowance allowance) {
        this.compression = compression;
        this.of = List.copyOf(of);
        this.known = List.copyOf(known);
        this.rows = Elements.of(primal, of);
        this.columns = Elements.of(primal, wrt);
        boolean forward = compression.mode() == Mode.FORWARD;
        GraphBuilder builder = GraphBuilder.extending(primal, allowance);
        List<Integer> seedNodes = new ArrayList<>();
        Map<Integer, Node> seeded = new HashMap<>();
        for (int node : forward ? wrt : of) {
            Node seed = builder.input("seed", primal.shape(node));
            seedNodes.add(seed.index());
            seeded.merge(node, seed, Maths::add);
        }
        int[] all = forward
                ? ForwardMode.tangents(primal, builder, seeded)
                : ReverseMode.cotangents(primal, builder, seeded, bits(wrt));
        int[] found = (forward ? of : wrt).stream().mapToInt(node -> all[node]).toArray();
        BitSet results = bits(of);
        known.forEach(results::set);
        IntStream.of(found).filter(node -> node >= 0).forEach(results::set);
        this.isOverSamples = samples != Batching.NONE;
        this.samples = isOverSamples ? samples : 1;
        this.batch = Math.min(batchSize(builder, primal.size()), mostAtOnce);
        Map<Integer, Integer> batched = new HashMap<>();
        seedNodes.forEach(seed -> batched.put(seed, batch));
        this.derived = builder.build();
        Batching passes = Batching.of(derived, results, batched, allowance);
        Batching batching = !isOverSamples ? passes : passes.again(results, sampled, allowance);
        this.sampled = !isOverSamples ? _ -> false : node -> batching.isBatched(passes.image()[node]);
        int[] batchedImage = !isOverSamples
                ? passes.image()
                : IntStream.of(passes.image()).map(node -> node < 0 ? -1 : batching.image()[node]).toArray();
        int firstSeed = seedNodes.stream().mapToInt(seed -> batchedImage[seed]).filter(seed -> seed >= 0).min()
                .orElse(batching.graph().size());
        boolean runsOnce = forward && compression.passes() > 0 && compression.passes() <= batch;
        EarliestOrder order = runsOnce ? EarliestOrder.of(batching.graph(), firstSeed, allowance) : null;
        Graph graph = order == null ? batching.graph() : order.graph();
        this.image = order == null ? batchedImage : IntStream.of(batchedImage).map(node -> node < 0 ? -1 : order.place()[node]).toArray();
        this.seeds = seedNodes.stream().mapToInt(seed -> image[seed]).toArray();
        this.derivatives = found;
        this.primalEnd = order == null ? firstSeed : 0;
        BitSet kept = bits(Stream.concat(of.stream(), known.stream()).map(node -> image[node]).toList());
        IntStream.of(derivatives).filter(node -> node >= 0).map(node -> image[node]).forEach(kept::set);
        this.plan = Plan.repeating(graph, kept, primalEnd);
    }

    /**
     * Jacobians of a graph free of composite ops, as compressed for the same nodes.
     *
     * @param samples how many there are; {@link Batching#NONE} for a program without
     * @param lengths of the leading axis by input that carries the samples
     * @param known further nodes whose values are wanted
     */
    public static Jacobian over(int samples, Map<Integer, Integer> lengths, Graph graph, List<Integer> of, List<Integer> wrt,
            List<Integer> known, Compression compression, Allowance allowance) {
        return new Jacobian(of, wrt, known, compression, graph, samples, lengths, BATCH_PASSES, allowance);
    }

    /**
     * The same, with a cost that {@code fits} if possible. If many passes at once take too much memory, they are run one
     * by one; if that takes too much, too, the other mode is tried, provided that the compression's mode was not asked for.
     * If nothing fits, the first way is returned.
     */
    public static Jacobian fitting(Predicate<CostModel> fits, int samples, Map<Integer, Integer> lengths, Graph graph, List<Integer> of,
            List<Integer> wrt, List<Integer> known, Compression compression, Allowance allowance) {
        Jacobian first = over(samples, lengths, graph, of, wrt, known, compression, allowance);
        if (fits.test(first.cost())) {
            return first;
        }
        if (first.batch > 1) {
            Jacobian single = new Jacobian(of, wrt, known, compression, graph, samples, lengths, 1, allowance);
            if (fits.test(single.cost())) {
                return single;
            }
        }
        if (!compression.isChosen()) {
            return first;
        }
        try {
            Jacobian other = over(samples, lengths, graph, of, wrt, known, compression.inOtherMode(), allowance);
            return fits.test(other.cost()) ? other : first;
        } catch (LimitException _) {
            return first;
        }
    }

    private int batchSize(GraphBuilder builder, int from) {
        long largest = Math.max(1, samples);
        for (int i = from; i < builder.size(); i++) {
            largest = Math.max(largest, Math.max(1, samples) * builder.shape(i).size());
        }
        return Math.clamp(BATCH_ELEMENTS / largest, 1, Math.clamp(compression.passes(), 1, BATCH_PASSES));
    }

    private static BitSet bits(List<Integer> nodes) {
        BitSet bits = new BitSet();
        nodes.forEach(bits::set);
        return bits;
    }

    public Mode mode() {
        return compression.mode();
    }

    /** How many products of the Jacobian with a vector are computed. */
    public long passes() {
        return compression.passes();
    }

    public CostModel cost() {
        long batches = (passes() + batch - 1) / batch;
        return CostModel.of(plan, node -> node < primalEnd ? 1 : batches);
    }

    /**
     * Values of the results and their Jacobians.
     *
     * @param values of the results, in their order; over samples with their axis
     * @param known values of the further nodes, alike
     * @param jacobians {@code [of][wrt]}; over samples the rows of the first, then those of the second, …
     */
    public record Result(List<Tensor> values, List<Tensor> known, List<List<SparseMatrix>> jacobians) {}

    /** Runs all passes; {@code inputs} holds the values of the input nodes. */
    public Result run(Map<Integer, Tensor> inputs, Checkpoint checkpoint) {
        Executor executor = new Executor(plan, checkpoint);
        inputs.forEach((node, value) -> {
            if (image[node] >= 0) {
                executor.place(image[node], value);
            }
        });
        run(executor::runOnce);
        List<SparseMatrix> wholes = IntStream.range(0, samples).mapToObj(_ -> SparseMatrix.of(compression.rows())).toList();
        List<Tensor> units = IntStream.of(seeds).mapToObj(seed -> seed < 0 ? Tensor.scalar(0) : Tensor.zeros(plan.graph().shape(seed)))
                .toList();
        for (int first = 0; first < passes(); first += batch) {
            seed(units, first, executor);
            run(executor::repeat);
            collect(first, executor, wholes);
        }
        return new Result(of.stream().map(node -> value(node, executor)).toList(),
                known.stream().map(node -> value(node, executor)).toList(),
                SparseMatrix.blocks(wholes, rows, columns));
    }

    private Tensor value(int node, Executor executor) {
        Tensor value = executor.value(image[node]);
        return isOverSamples && !sampled.test(node) ? value.repeated(samples) : value;
    }

    /** The graph of the values and their derivatives, of which {@link ProblemException#graphNode()} is a node. */
    public Graph derived() {
        return derived;
    }

    /** Batching may turn one op into several, of which the last is its image; a problem is reported for the op. */
    private void run(Runnable part) {
        try {
            part.run();
        } catch (ProblemException e) {
            throw e.at(IntStream.range(0, image.length).filter(i -> image[i] >= e.graphNode()).boxed()
                    .min(Comparator.comparingInt(i -> image[i])).orElse(-1));
        }
    }

    private Elements seeded() {
        return mode() == Mode.FORWARD ? columns : rows;
    }

    private Elements others() {
        return mode() == Mode.FORWARD ? rows : columns;
    }

    private List<int[]> groups(int first) {
        return compression.groups().subList(first, (int) Math.min(first + (long) batch, passes()));
    }

    /** Unit vectors, added up by group, one group a row of the batch. */
    private void seed(List<Tensor> units, int first, Executor executor) {
        units.forEach(unit -> Arrays.fill(unit.data(), 0));
        Elements elements = seeded();
        int row = 0;
        for (int[] group : groups(first)) {
            for (int member : group) {
                int node = elements.node(member);
                if (seeds[node] >= 0) {
                    units.get(node).data()[row * elements.length(node) + member - elements.offset(node)] = 1;
                }
            }
            row++;
        }
        for (int s = 0; s < seeds.length; s++) {
            if (seeds[s] >= 0) {
                executor.place(seeds[s], units.get(s));
            }
        }
    }

    private void collect(int first, Executor executor, List<SparseMatrix> wholes) {
        double[][] values = IntStream.of(derivatives).mapToObj(node -> node < 0 ? new double[0] : executor.value(image[node]).data())
                .toArray(double[][]::new);
        for (int sample = 0; sample < samples; sample++) {
            int before = sample * batch;
            collect(first, values, derivative -> sampled.test(derivatives[derivative]) ? before : 0, wholes.get(sample));
        }
    }

    /** {@code before} tells how many rows of a derivative's value belong to samples before the one that is collected. */
    private void collect(int first, double[][] values, IntUnaryOperator before, SparseMatrix whole) {
        Elements elements = others();
        int[][] partners = compression.partners();
        int row = 0;
        for (int[] group : groups(first)) {
            for (int member : group) {
                for (int partner : partners[member]) {
                    int node = elements.node(partner);
                    if (derivatives[node] >= 0) {
                        int at = (before.applyAsInt(node) + row) * elements.length(node) + partner - elements.offset(node);
                        double value = values[node][at];
                        whole.set(mode() == Mode.FORWARD ? partner : member, mode() == Mode.FORWARD ? member : partner, value);
                    }
                }
            }
            row++;
        }
    }
}
